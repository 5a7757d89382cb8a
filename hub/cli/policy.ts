/** `koprade policy`: the rarer rules of a door or machine. Each option is one field; "none" takes it away again. */
import type { CommandInput } from "../ledger/inputs.ts";
import { siteOf } from "./change.ts";
import { badUsage, command, failed, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { listed } from "./parse.ts";
import { list as parts, wholeNumber } from "./values.ts";

type Change = CommandInput<"setMachine">["change"];
type Field = {
  /** only these have it */
  readonly only?: "door" | "machine";
  readonly hint: string;
  readonly says: string;
  /** the changed fields; throws CliError (2) */
  readonly read: (option: string, text: string) => Change;
};

const named = (field: keyof Change | "passage", says: string, only?: Field["only"]): Field => ({
  hint: "name",
  says,
  read: (_option, text) => ({ [field]: text === "none" ? null : text }),
  ...(only === undefined ? {} : { only }),
});
const yesNo = (field: keyof Change, says: string, only?: Field["only"]): Field => ({
  ...oneOf(field, ["yes", "no"], says, (text) => (text === "yes" ? true : null), only),
});
function oneOf(
  field: keyof Change,
  options: readonly string[],
  says: string,
  value: (text: string) => unknown = (text) => text,
  only?: Field["only"],
): Field {
  return {
    hint: options.join("|"),
    says,
    read(option, text) {
      if (text === "none") return { [field]: null };
      if (!options.includes(text)) throw badUsage(`${option} cannot be "${text}"; give ${listed([...options, "none"])}.`);
      return { [field]: value(text) };
    },
    ...(only === undefined ? {} : { only }),
  };
}
const numbered = (field: keyof Change, min: number, max: number, says: string, unit = 1, only?: Field["only"]): Field => ({
  hint: "number",
  says,
  read: (option, text) => ({ [field]: text === "none" ? null : wholeNumber(option, text, min, max) * unit }),
  ...(only === undefined ? {} : { only }),
});

const roles = ["staff", "steward", "trainer", "maintainer", "responder"] as const;
function overridableOf(option: string, text: string): Change {
  if (text === "none") return { overridableBy: null };
  const pairs = parts(text).map((part) => {
    const [code = "", by = ""] = part.split("=");
    const given = by.split("+").filter((each) => each !== "");
    const wrong = given.find((each) => !roles.some((role) => role === each));
    if (code === "" || wrong !== undefined)
      throw badUsage(`${option} cannot be "${part}"; give such as IN_USE=steward+staff, or IN_USE= for nobody.`);
    return [code, given] as const;
  });
  return { overridableBy: Object.fromEntries(pairs) } as Change;
}

const offline = { hint: "snapshot|staff|deny", says: "what its node may decide without the hub" };
/** In the order of the help. */
const fields: Readonly<Record<string, Field>> = {
  zone: named("zone", "the zone it stands in"),
  course: named("course", "course a member must have passed"),
  hours: named("hours", 'schedule in place of the opening hours, or "always"'),
  passage: named("passage", "schedule in which it stands unlocked, once somebody has come in", "door"),
  "two-person": named("twoPerson", 'schedule in which two people must tap, or "always"'),
  alone: oneOf("loneWorking", ["ok", "warn", "forbid"], "working alone, in place of what the zone says"),
  "steward-required": yesNo("stewardRequired", "only while a steward is on duty"),
  guests: oneOf("guests", ["with-host"], "guests may use it with their host", () => "with_host"),
  "minors-supervised": yesNo("minorsNeedSupervisor", "minors need a supervisor"),
  "check-in": yesNo("checkIn", "a member must have come in by a door today"),
  "min-credit": numbered("minCreditCents", 0, 1_000_000, "least credit on the account, in whole units of money", 100),
  assurance: numbered("assurance", 1, 3, "least proof: 1 card number, 2 number and PIN, 3 cryptographic card"),
  "anti-passback": yesNo("antiPassback", "warn when somebody comes in who is in already"),
  "warn-only": yesNo("warnOnly", "say refusals from membership on, but do not enforce them"),
  "always-enabled": yesNo("alwaysEnabled", "on for every card in good standing", "machine"),
  "overridable-by": { hint: "CODE=role+role,…", says: "who may override which refusal here", read: overridableOf },
  offline: { ...offline, read: oneOf("offline", ["snapshot", "staff", "deny"], offline.says).read },
  "offline-hours": numbered("offlineMaxAgeMs", 1, 744, "how old a snapshot its node may decide by", 3_600_000),
  disabled: oneOf("disabled", ["yes", "no"], "out of service", (text) => text === "yes"),
  "member-limit": numbered("memberLimit", 1, 100, "machines one member may answer for at a time", 1, "machine"),
  "supervisor-limit": numbered("supervisorLimit", 1, 20, "people one supervisor may watch over at a time", 1, "machine"),
  booking: oneOf("booking", ["optional", "required"], "may be booked, or must be", (mode) => ({ mode }), "machine"),
  group: named("exclusiveGroup", "of the machines with this word only one runs at a time", "machine"),
  circuit: named("circuit", "circuit it hangs on (koprade circuit list)", "machine"),
  watts: numbered("ratedW", 0, 1_000_000, "what it draws at most", 1, "machine"),
  check: oneOf("check", ["next-user", "checker"], "who accepts it after each use", (text) => text.replace("-", "_"), "machine"),
  restartable: oneOf("restartable", ["yes", "no"], "no: once off it must come to rest first", (text) => text === "yes", "machine"),
};
/** These must not be taken away: they always have a value. */
const always: ReadonlySet<string> = new Set(["offline", "offline-hours", "disabled"]);

const name = { type: "positional", required: true, description: "short name of the door or machine" } as const;
const args = {
  name,
  ...Object.fromEntries(
    Object.entries(fields).map(([option, { hint, says, only }]) => [
      option,
      { type: "string" as const, valueHint: hint, description: `${says}${only === undefined ? "" : ` (${only}s)`}` },
    ]),
  ),
};

const set = command({
  summary: "change rules of a door or machine; none takes one away",
  args,
  examples: [
    "koprade policy set laser-1 --two-person late --alone forbid --booking optional",
    "koprade policy set saw-1 --circuit feed-3 --watts 2200 --group dusty --zone wood-shop",
    "koprade policy set front-door --guests with-host --assurance none",
  ],
  async run(given, context) {
    const words = given as Readonly<Record<string, unknown>>;
    const chosen = Object.keys(fields).filter((option) => typeof words[option] === "string");
    if (chosen.length === 0) throw badUsage(`Say what to change: ${listed(Object.keys(fields).map((option) => `--${option}`))}.`);
    const change: Record<string, unknown> = {};
    for (const option of chosen) {
      const text = String(words[option]);
      if (text === "none" && always.has(option)) throw badUsage(`--${option} cannot be none: ${fields[option]?.says}.`);
      Object.assign(change, fields[option]?.read(`--${option}`, text));
    }
    return withLedger(context, async (ledger) => {
      const row = ledger.read.resource(String(words.name));
      if (row === undefined)
        throw failed(`There is no door or machine "${words.name}"; see \`koprade door list\` and \`koprade machine list\`.`);
      const wrong = chosen.find((option) => (fields[option]?.only ?? row.kind) !== row.kind);
      if (wrong !== undefined) throw badUsage(`--${wrong} is for ${fields[wrong]?.only}s; ${row.id} is a ${row.kind}.`);
      if (row.kind === "door")
        await ledger.change.setDoor({ door: row.id, change: change as CommandInput<"setDoor">["change"] }, context.actor);
      else await ledger.change.setMachine({ machine: row.id, change }, context.actor);
      return { lines: [`${row.id}: ${chosen.map((option) => `${option} ${words[option]}`).join(", ")}.`], json: { id: row.id, change } };
    });
  },
});

const show = command({
  summary: "show what a door or machine asks for, as its node knows it",
  args: { name },
  examples: ["koprade policy show laser-1"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const row = ledger.read.resource(given.name);
      if (row === undefined)
        throw failed(`There is no door or machine "${given.name}"; see \`koprade door list\` and \`koprade machine list\`.`);
      const facts = { ...row.facts, course: row.course, zone: row.zone };
      const lines = Object.entries(facts)
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([field, value]) => `${field}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
      return { lines, json: facts };
    });
  },
});

export const policy: Noun = { summary: "the rules of a door or machine", verbs: { set, show } };

const modes = ["normal", "evacuate", "lockdown"] as const;
/** `koprade mode`: evacuation and lockdown, at once and everywhere. */
export const mode = command({
  summary: "set the mode of the whole space: normal, evacuate or lockdown",
  args: {
    mode: { type: "positional", required: true, description: "normal, evacuate or lockdown" },
    reason: { type: "string", required: true, valueHint: "text", description: "why, for the record" },
  },
  examples: ["koprade mode evacuate --reason 'smoke in the wood shop'", "koprade mode normal --reason 'false alarm'"],
  async run(given, context) {
    const wanted = modes.find((each) => each === given.mode);
    if (wanted === undefined) throw badUsage(`<mode> cannot be "${given.mode}"; give ${listed(modes)}.`);
    return withLedger(context, async (ledger) => {
      await ledger.change.setMode({ mode: wanted, reason: given.reason }, context.actor);
      const since = siteOf(ledger, context);
      return {
        lines: [`The space is in mode ${wanted} since ${since.wall(since.nowMs)}. Leaving a mode switches nothing on.`],
        json: { mode: wanted },
      };
    });
  },
});
