/** `koprade machine`: what is behind an interlock. Risk and cut hazard have no default: a person chooses them. */
import type { ResourceRow } from "../ledger/types.ts";
import { templateNames, templateOf } from "../machine-templates.ts";
import { changing, memberArg } from "./change.ts";
import { badUsage, command, failed, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { learn } from "./learn-power.ts";
import { cancelMaintenance, planMaintenance } from "./report-dated.ts";
import { templateLines } from "./templates.ts";
import { columns } from "./text.ts";
import { list as parts, wholeNumber } from "./values.ts";

export const place = {
  node: { type: "string", required: true, valueHint: "node", description: "node that switches it (koprade node list)" },
  ch: { type: "string", valueHint: "channel", description: "name of the node's channel (default the name of the thing)" },
  label: { type: "string", valueHint: "text", description: "name on screens (default the short name)" },
  set: { type: "string", valueHint: "name=value,…", description: "settings for the node, such as onW=180,offW=95" },
} as const;

const add = command({
  summary: "add a machine",
  args: {
    machine: { type: "positional", required: true, description: "short name such as laser-1" },
    ...place,
    risk: { type: "enum", options: ["A", "B", "C"], required: true, description: "risk class: A can maim, B can injure, C is harmless" },
    "cut-hazard": {
      type: "enum",
      options: ["yes", "no"],
      required: true,
      description: "does switching off while it works make it more dangerous?",
    },
    course: { type: "string", required: true, valueHint: "course", description: "course a member must have passed, or none" },
    template: { type: "enum", options: [...templateNames], description: "proposes thresholds and times, never the risk" },
    sharing: {
      type: "enum",
      options: ["exclusive", "takeover_when_idle", "handover", "shared"],
      default: "exclusive",
      description: "what a second member's tap does",
    },
    attendance: {
      type: "enum",
      options: ["attended", "unattended_ok", "unattended_after_start"],
      description: "may it work alone? (default attended)",
    },
    "idle-min": { type: "string", valueHint: "minutes", description: "switch off after so long without work" },
  },
  examples: [
    "koprade machine add laser-1 --node laser-node --risk B --cut-hazard no --course laser-basics --template laser --label 'Laser 1'",
    "koprade machine add saw-1 --node saw-node --risk A --cut-hazard yes --course saw --template saw",
  ],
  async run(given, context) {
    const template = given.template === undefined ? undefined : templateOf(given.template);
    const idleMs = given["idle-min"] === undefined ? template?.idleMs : wholeNumber("--idle-min", given["idle-min"], 0, 720) * 60_000;
    const attendance = given.attendance ?? template?.attendance;
    const settings = { ...template?.settings, ...settingsOf(given.set) };
    return withLedger(context, async (ledger) => {
      const input = {
        machine: given.machine,
        node: given.node,
        ch: given.ch ?? given.machine,
        label: given.label ?? given.machine,
        riskClass: given.risk,
        cutHazard: given["cut-hazard"] === "yes",
        course: given.course === "none" ? null : given.course,
        sharing: given.sharing,
        settings,
        ...(attendance === undefined ? {} : { attendance }),
        ...(idleMs === undefined ? {} : { idleMs }),
        ...(template === undefined ? {} : { leaseMs: template.leaseMs, enableMs: template.enableMs, graceMs: template.graceMs }),
      };
      await ledger.change.addMachine(input, context.actor);
      const chosen = `Added ${input.label} (${input.machine}) at ${input.node}/${input.ch}: risk ${input.riskClass}, cut hazard ${given["cut-hazard"]}, course ${given.course}.`;
      return {
        lines: [
          chosen,
          ...(template === undefined
            ? []
            : templateLines({ ...template, ...(attendance === undefined ? {} : { attendance }), idleMs: idleMs ?? template.idleMs })),
        ],
        json: input,
      };
    });
  },
});

/** `a=1,b=yes` as settings: numbers, yes and no, text. */
export function settingsOf(text: string | undefined): Record<string, number | string | boolean> {
  const pairs = parts(text).map((part): [string, number | string | boolean] => {
    const [, name, value] = /^([A-Za-z][A-Za-z0-9]{0,39})=(.{1,200})$/.exec(part) ?? [];
    if (name === undefined || value === undefined)
      throw badUsage(`--set cannot be "${part}"; give name=value pairs such as onW=180,offW=95.`);
    if (value === "yes" || value === "no") return [name, value === "yes"];
    return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
  });
  return Object.fromEntries(pairs);
}

/** `onW=180,offW=`: a setting without a value goes back to what holds without it. */
export function changedSettingsOf(text: string): Record<string, number | string | boolean | null> {
  const [gone, set] = [parts(text).filter((part) => part.endsWith("=")), parts(text).filter((part) => !part.endsWith("="))];
  return { ...settingsOf(set.join(",")), ...Object.fromEntries(gone.map((part) => [part.slice(0, -1), null])) };
}

const list = command({
  summary: "list the machines and what locks them",
  args: {},
  examples: ["koprade machine list"],
  async run(_given, context) {
    return withLedger(context, async (ledger) => {
      const machines = ledger.read.resources().filter((row) => row.kind === "machine");
      if (machines.length === 0) return { lines: ["No machines. Add one with: koprade machine add"], json: [] };
      const locks = ledger.read.lockouts();
      const locked = (row: ResourceRow) => locks.filter((lock) => lock.machine === row.id);
      const lines = columns(
        ["MACHINE", "LABEL", "NODE", "RISK", "COURSE", "LOCKED"],
        machines.map((row) => [
          row.id,
          row.label,
          `${row.node}/${row.ch}`,
          row.facts.riskClass ?? "–",
          row.course ?? "none",
          locked(row)
            .map((lock) => `${lock.kind}: ${lock.reason}`)
            .join("; ") || "no",
        ]),
      );
      return {
        lines,
        json: machines.map((row) => ({
          id: row.id,
          label: row.label,
          node: row.node,
          ch: row.ch,
          riskClass: row.facts.riskClass,
          cutHazard: row.facts.cutHazard,
          course: row.course,
          lockouts: locked(row),
        })),
      };
    });
  },
});

const name = { type: "positional", required: true, description: "short name of the machine" } as const;
const kinds = ["maintenance", "oops", "fault", "tamper", "check"] as const;

const lock = command({
  summary: "lock a machine out; who works on it may finish unless --now",
  args: {
    machine: name,
    reason: { type: "string", required: true, valueHint: "text", description: "why, as people will read it at the machine" },
    kind: { type: "enum", options: [...kinds], default: "maintenance", description: "what it is about" },
    now: { type: "boolean", description: "switch off at once, even while it works" },
  },
  examples: ["koprade machine lock laser-1 --reason 'lens cracked, new one on Friday' --kind fault"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const mode = given.now === true ? "immediate" : "when_idle";
      const { lockout } = await ledger.change.lockMachine(
        { machine: given.machine, kind: given.kind, mode, reason: given.reason },
        context.actor,
      );
      const when = mode === "immediate" ? "at once" : "as soon as it is idle";
      return {
        lines: [`${given.machine} is locked out ${when} (${given.kind}: ${given.reason}).`],
        json: { machine: given.machine, lockout, mode },
      };
    });
  },
});

const unlock = command({
  summary: "clear a machine's lockouts; this does not switch it on",
  args: {
    machine: name,
    kind: { type: "enum", options: [...kinds], description: "only lockouts of this kind (default all)" },
    reason: { type: "string", default: "cleared", valueHint: "text", description: "what was done, for the record" },
  },
  examples: ["koprade machine unlock laser-1 --reason 'new lens, tested'"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const row = ledger.read.resource(given.machine);
      if (row !== undefined && row.kind !== "machine")
        throw failed(`${given.machine} is a door; use \`koprade door unlock ${given.machine}\`.`);
      const input = { machine: given.machine, reason: given.reason, ...(given.kind === undefined ? {} : { kind: given.kind }) };
      const { cleared, stillLocked } = await ledger.change.unlockMachine(input, context.actor);
      const rest = stillLocked.length === 0 ? "It is free again." : `It stays locked for: ${stillLocked.join(", ")}.`;
      return {
        lines: [`Cleared ${cleared} of ${given.machine}'s lockouts. ${rest}`],
        json: { machine: given.machine, cleared, stillLocked },
      };
    });
  },
});

const remove = changing({
  change: "removeMachine",
  summary: "remove a machine that was added by mistake and never used",
  args: { machine: name },
  examples: ["koprade machine remove lasr-1"],
  input: (given) => ({ machine: given.machine }),
  says: (input) => `${input.machine} is removed.`,
});

const kindOf = <Kind extends string>(kind: Kind | undefined): { kind?: Kind } => (kind === undefined ? {} : { kind });
const assign = changing({
  change: "assignLockout",
  summary: "say who looks after what keeps a machine locked",
  args: {
    machine: name,
    member: memberArg,
    kind: { type: "enum", options: [...kinds], description: "only lockouts of this kind (default all)" },
  },
  examples: ["koprade machine assign laser-1 --member 'Max Liepa'"],
  input: (given, site) => ({ machine: given.machine, member: site.member("--member", given.member), ...kindOf(given.kind) }),
  says: (input, _result, site) => `${site.name(input.member)} looks after ${input.machine}.`,
});
const unassign = changing({
  change: "unassignLockout",
  summary: "say that nobody looks after it any more",
  args: { machine: name, kind: { type: "enum", options: [...kinds], description: "only lockouts of this kind (default all)" } },
  examples: ["koprade machine unassign laser-1"],
  input: (given) => ({ machine: given.machine, ...kindOf(given.kind) }),
  says: (input) => `Nobody looks after ${input.machine}.`,
});

const planned = { "plan-maintenance": planMaintenance, "cancel-maintenance": cancelMaintenance };

export const machine: Noun = {
  summary: "what is behind an interlock",
  verbs: { add, list, lock, unlock, assign, unassign, "learn-power": learn, remove, ...planned },
};
