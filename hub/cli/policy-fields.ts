/** The options of `koprade policy set`: each is one field of a door or machine, in the words and units of people. */
import { code, liveFact } from "#contract";
import type { CommandInput } from "../ledger/inputs.ts";
import { badUsage } from "./command.ts";
import { changedSettingsOf } from "./machine.ts";
import { listed } from "./parse.ts";
import { list as parts, wholeNumber } from "./values.ts";

/** What an option changes, as the ledger has it. A part of `booking` leaves its other parts alone. */
export type Change = Readonly<Record<string, unknown>>;
type Target = keyof CommandInput<"setMachine">["change"] | keyof CommandInput<"setDoor">["change"];
type Kind = {
  /** only these have it */
  readonly only?: "door" | "machine";
  /** it always has a value, so that "none" cannot take it away */
  readonly always?: true;
};
export type Field = Kind & {
  readonly hint: string;
  readonly says: string;
  /** the changed fields; throws CliError (2) */
  readonly read: (option: string, text: string) => Change;
};

const machine = { only: "machine" } as const;
const door = { only: "door" } as const;
const always = { always: true } as const;
const machineAlways = { ...machine, ...always };

const named = (field: Target, says: string, kind: Kind = {}, hint = "name"): Field => ({
  hint,
  says,
  read: (_option, text) => ({ [field]: text === "none" ? null : text }),
  ...kind,
});
const numbered = (field: Target, min: number, max: number, says: string, kind: Kind = {}, unit = 1): Field => ({
  hint: "number",
  says,
  read: (option, text) => ({ [field]: text === "none" ? null : wholeNumber(option, text, min, max) * unit }),
  ...kind,
});
const seconds = (field: Target, min: number, max: number, says: string, kind: Kind): Field =>
  numbered(field, min, max, says, { ...kind, ...always }, 1000);
const minutes = (field: Target, says: string): Field => numbered(field, 0, 720, says, { ...machine, ...always }, 60_000);

type Value = (text: string) => unknown;
const same: Value = (text) => text;
const isYes: Value = (text) => text === "yes";
/** a hyphen for people, an underscore in the ledger */
const underscored: Value = (text) => text.replaceAll("-", "_");

function oneOf(field: Target, options: readonly string[], says: string, kind: Kind = {}, value = same): Field {
  return {
    hint: options.join("|"),
    says,
    read(option, text) {
      if (text === "none") return { [field]: null };
      if (!options.includes(text))
        throw badUsage(`${option} cannot be "${text}"; give ${listed(kind.always === true ? options : [...options, "none"])}.`);
      return { [field]: value(text) };
    },
    ...kind,
  };
}
const yesNo = (field: Target, says: string, kind: Kind = {}): Field =>
  oneOf(field, ["yes", "no"], says, kind, (text) => (text === "yes" ? true : null));
const bookingMinutes = (part: "leadMs" | "noShowMs", says: string): Field => ({
  ...machine,
  ...always,
  hint: "number",
  says,
  read: (option, text) => ({ booking: { [part]: wholeNumber(option, text, 0, 720) * 60_000 } }),
});

const roles = ["staff", "steward", "trainer", "maintainer", "responder"] as const;
function overridableOf(option: string, text: string): Change {
  if (text === "none") return { overridableBy: null };
  const pairs = parts(text).map((part) => {
    const [refusal = "", by = ""] = part.split("=");
    const given = by.split("+").filter((each) => each !== "");
    const wrong = given.find((each) => !roles.some((role) => role === each));
    if (!code.safeParse(refusal).success || wrong !== undefined)
      throw badUsage(`${option} cannot be "${part}"; give such as IN_USE=steward+staff, or IN_USE= for nobody.`);
    return [refusal, given] as const;
  });
  return { overridableBy: Object.fromEntries(pairs) };
}

function asksOf(option: string, text: string): Change {
  if (text === "none") return { asks: [] };
  const asks = parts(text).map(underscored);
  const wrong = asks.find((ask) => !liveFact.safeParse(ask).success);
  if (wrong !== undefined || asks.length === 0)
    throw badUsage(`${option} cannot be "${wrong ?? text}"; give some of ${liveFact.options.join(", ").replaceAll("_", "-")}, or none.`);
  return { asks };
}

/** In the order of the help. */
export const fields: Readonly<Record<string, Field>> = {
  label: named("label", "name on screens", always, "text"),
  node: named("node", "node that switches it (koprade node list)", always),
  ch: named("ch", "name of the node's channel", always),
  zone: named("zone", "the zone it stands in; a door's is the one behind it"),
  "from-zone": named("fromZone", "the zone in front of it; none: outside", door),
  course: named("course", "course a member must have passed"),
  hours: named("hours", 'schedule in place of the opening hours, or "always"'),
  passage: named("passage", "schedule in which it stands unlocked, once somebody has come in", door),
  "two-person": named("twoPerson", 'schedule in which two people must tap, or "always"'),
  alone: oneOf("loneWorking", ["ok", "warn", "forbid"], "working alone, in place of what the zone says"),
  "steward-required": yesNo("stewardRequired", "only while a steward is on duty"),
  guests: oneOf("guests", ["with-host"], "guests may use it with their host", {}, underscored),
  "minors-supervised": yesNo("minorsNeedSupervisor", "minors need a supervisor"),
  "check-in": yesNo("checkIn", "a member must have come in by a door today"),
  "min-credit": numbered("minCreditCents", 0, 1_000_000, "least credit on the account, in whole units of money", {}, 100),
  assurance: numbered("assurance", 1, 3, "least proof: 1 card number, 2 number and PIN, 3 cryptographic card"),
  "anti-passback": yesNo("antiPassback", "warn when somebody comes in who is in already"),
  "warn-only": yesNo("warnOnly", "say refusals from membership on, but do not enforce them"),
  "always-enabled": yesNo("alwaysEnabled", "on for every card in good standing"),
  "overridable-by": { hint: "CODE=role+role,…", says: "who may override which refusal here", read: overridableOf },
  offline: oneOf("offline", ["snapshot", "staff", "deny"], "what its node may decide without the hub", always),
  "offline-hours": numbered("offlineMaxAgeMs", 1, 744, "how old a snapshot its node may decide by", always, 3_600_000),
  "unknown-clock": oneOf("unknownClock", ["deny", "floor"], "a node unsure of the time denies, or goes by the last time it knew", always),
  asks: { hint: "fact,…", says: "what its node asks the hub about at each tap, such as credit,occupancy", read: asksOf },
  disabled: oneOf("disabled", ["yes", "no"], "out of service", always, isYes),
  "fail-mode": oneOf("failMode", ["safe", "secure"], "without power: safe stands open, secure stays locked", { ...door, ...always }),
  "strike-s": seconds("strikeMs", 1, 30, "how long the lock is released", door),
  "held-s": seconds("shuntMs", 10, 600, "open longer than this counts as held open", door),
  "held-longer-s": seconds("extendedShuntMs", 10, 600, "the same after a member who needs more time", door),
  risk: oneOf("riskClass", ["A", "B", "C"], "risk class: A can maim, B can injure, C is harmless", machineAlways),
  "cut-hazard": oneOf("cutHazard", ["yes", "no"], "is switching off while it works more dangerous?", machineAlways, isYes),
  sharing: oneOf("sharing", ["exclusive", "takeover_when_idle", "handover", "shared"], "what a second member's tap does", machineAlways),
  attendance: oneOf("attendance", ["attended", "unattended_ok", "unattended_after_start"], "may it work alone?", machineAlways),
  "takeover-min": numbered("takeoverIdleMs", 0, 720, "how long it must be idle before another may take it over", {}, 60_000),
  "lease-min": minutes("leaseMs", "session without another tap; 0: without an end"),
  "idle-min": minutes("idleMs", "switch off after so long without work"),
  "grace-s": seconds("graceMs", 0, 600, "warning before it switches off", machine),
  "enable-s": seconds("enableMs", 1, 300, "how long it waits for the first work after a tap", machine),
  "min-useful-s": seconds("minUsefulMs", 0, 43_200, "refuse when less time than this is left", machine),
  "member-limit": numbered("memberLimit", 1, 100, "machines one member may answer for at a time"),
  "supervisor-limit": numbered("supervisorLimit", 1, 20, "people one supervisor may watch over at a time"),
  booking: oneOf("booking", ["optional", "required"], "may be booked, or must be", machine, (mode) => ({ mode })),
  "booking-lead-min": bookingMinutes("leadMs", "how long before it begins a booking keeps others off"),
  "booking-no-show-min": bookingMinutes("noShowMs", "a booking lapses so long after it began without its member"),
  group: named("exclusiveGroup", "of the machines with this word only one runs at a time", machine),
  circuit: named("circuit", "circuit it hangs on (koprade circuit list)", machine),
  watts: numbered("ratedW", 0, 1_000_000, "what it draws at most", machine),
  check: oneOf("check", ["next-user", "checker"], "who accepts it after each use", machine, underscored),
  restartable: oneOf("restartable", ["yes", "no"], "no: once off it must come to rest first", machine, isYes),
  set: {
    hint: "name=value,…",
    says: "settings for its node, such as onW=180; without a value, one goes away",
    ...always,
    read: (_option, text) => ({ settings: changedSettingsOf(text) }),
  },
};
