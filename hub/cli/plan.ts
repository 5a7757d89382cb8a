/** `koprade plan`: what kinds of membership there are and what they open. */
import { changing } from "./change.ts";
import { command, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { columns } from "./text.ts";
import { list as parts } from "./values.ts";

const add = command({
  summary: "add a membership plan, or replace one: what is not said is as for a new one",
  args: {
    plan: { type: "positional", required: true, description: "short name such as full or evening" },
    label: { type: "string", valueHint: "text", description: "name on screens (default the short name)" },
    covers: { type: "string", default: "everything", valueHint: "a,b", description: "doors and machines it opens" },
    always: { type: "boolean", description: "opening hours do not matter" },
    hours: { type: "string", valueHint: "schedule", description: "only within this schedule (koprade hours list)" },
    "stop-unattended": { type: "boolean", description: "an unattended job must not outlive membership or opening hours" },
  },
  examples: ["koprade plan add full --label 'Full member'", "koprade plan add student --covers front-door,printer-1"],
  async run(given, context) {
    const covers = given.covers === "everything" ? ("everything" as const) : parts(given.covers);
    return withLedger(context, async (ledger) => {
      const label = given.label ?? given.plan;
      const unattendedMayFinish = given["stop-unattended"] !== true;
      const input = { plan: given.plan, label, always: given.always === true, covers, schedule: given.hours ?? null, unattendedMayFinish };
      await ledger.change.addPlan(input, context.actor);
      return {
        lines: [`Plan ${given.plan} covers ${covers === "everything" ? covers : covers.join(", ")}.`],
        json: { plan: given.plan, label, covers },
      };
    });
  },
});

const list = command({
  summary: "list the membership plans",
  args: {},
  examples: ["koprade plan list"],
  async run(_given, context) {
    return withLedger(context, async (ledger) => {
      const rows = ledger.read.plans();
      if (rows.length === 0) return { lines: ["No plans. Add one with: koprade plan add full"], json: [] };
      const lines = columns(
        ["PLAN", "LABEL", "ALWAYS", "COVERS"],
        rows.map((row) => [
          row.plan,
          row.label,
          row.always ? "yes" : "no",
          row.covers === "everything" ? row.covers : row.covers.join(", "),
        ]),
      );
      return { lines, json: rows };
    });
  },
});

const remove = changing({
  change: "removePlan",
  summary: "remove a plan that nobody ever had",
  args: { plan: { type: "positional", required: true, description: "short name of the plan" } },
  examples: ["koprade plan remove ful"],
  input: (given) => ({ plan: given.plan }),
  says: (input) => `Plan ${input.plan} is removed.`,
});

export const plan: Noun = { summary: "kinds of membership", verbs: { add, remove, list } };
