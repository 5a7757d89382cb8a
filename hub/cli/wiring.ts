/** `koprade wiring`: is a door or machine wired as it should be? The record of that is what lets a machine be enabled at all. */
import type { CommissioningRow } from "../ledger/types-rows.ts";
import { changing, listing, reasonArg } from "./change.ts";
import { command, failed, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { test } from "./wiring-test.ts";
import { wiringWords } from "./wiring-words.ts";

const place = { type: "positional", required: true, description: "short name of the door or machine" } as const;

const list = listing({
  summary: "list what was tested, by whom, and what holds; a machine without a valid record is enabled for nobody",
  args: { all: { type: "boolean", description: "what no longer holds as well" } },
  examples: ["koprade wiring list", "koprade wiring list --all --json"],
  header: ["NUMBER", "PLACE", "STATE", "BY", "WHEN", "NOTE"],
  none: "No door or machine has been added yet.",
  rows(given, { ledger: { read } }): readonly (CommissioningRow | Untested)[] {
    const rows = read.commissionings();
    const kept = given.all === true ? rows : rows.filter(({ isValid }) => isValid);
    const without = read.resources().filter(({ id }) => !kept.some((row) => row.resource === id && row.isValid));
    return [...kept, ...without.map(({ id, kind }) => ({ resource: id, kind, isValid: false as const, outcome: "untested" as const }))];
  },
  line(row, { wall }) {
    if (row.outcome === "untested")
      return ["–", row.resource, row.kind === "machine" ? "not tested: enabled for nobody" : "not tested", "–", "–", ""];
    return [String(row.commissioning), row.resource, stateOf(row), row.by, wall(row.atMs), row.endedReason ?? row.reason];
  },
});
type Untested = { readonly resource: string; readonly kind: "door" | "machine"; readonly isValid: false; readonly outcome: "untested" };

export function stateOf(row: CommissioningRow): string {
  if (row.isValid) return row.basis === "tested" ? "tested" : "taken over, not tested";
  if (row.outcome !== "passed") return row.outcome;
  return `${row.basis === "tested" ? "tested" : "taken over"}, no longer valid`;
}

const show = command({
  summary: "show one record: every line of the test, and what the node was then",
  args: {
    number: { type: "positional", required: true, description: "number of the record, or a door's or machine's name for its newest" },
  },
  examples: ["koprade wiring show laser-1", "koprade wiring show 3 --json"],
  async run(given, context) {
    return withLedger(context, async ({ read }) => {
      const rows = read.commissionings();
      const row = rows.find((one) => String(one.commissioning) === given.number) ?? rows.find((one) => one.resource === given.number);
      if (row === undefined) throw failed(`There is no record "${given.number}"; see \`koprade wiring list --all\`.`);
      const { firmware, hardware, configVersion, wiring } = row.about;
      const about = [
        ["node", `${row.node}/${row.ch}`],
        ["firmware", firmware ?? "not known"],
        ["hardware", hardware ?? "not known"],
        ["settings", configVersion === undefined ? "not known" : `version ${configVersion}`],
        ["wiring", wiring ?? "not known"],
      ];
      const at = new Date(row.atMs).toISOString().slice(0, 16).replace("T", " ");
      const ended = row.endedMs === null ? [] : [`Ended by ${row.endedBy}: ${row.endedReason}.`];
      return {
        lines: [
          `${row.resource}: ${stateOf(row)}, ${at} UTC by ${row.by} (${row.reason}).`,
          ...ended,
          ...row.lines.map((line) => wiringWords.line(line)),
          ...about.map(([name, value]) => `  ${name}: ${value}`),
        ],
        json: row,
      };
    });
  },
});

const takeOver = changing({
  change: "takeOver",
  summary: "rely on a machine's wiring as it is, untested; recorded with your name",
  args: { place, reason: reasonArg },
  examples: ["koprade wiring take-over saw-1 --reason 'runs since 2019, tested by hand on 3 May'"],
  input: (given) => ({ resource: given.place, reason: given.reason }),
  says: (input) => `${input.resource} counts as taken over, not tested. Test it when you can: koprade wiring test ${input.resource}`,
});

const end = changing({
  change: "endCommissioning",
  summary: "end a record, because something at the machine is different now; nobody enables it until it is tested",
  args: { place, reason: reasonArg },
  examples: ["koprade wiring end laser-1 --reason 'new contactor'"],
  input: (given) => ({ resource: given.place, reason: given.reason }),
  says: (input) => `${input.resource} is no longer counted as tested: ${input.reason}.`,
});

export const wiring: Noun = {
  summary: "is it wired as it should be?",
  verbs: { test, list, show, "take-over": takeOver, end },
  byDefault: "list",
};
