/** Commands about the site and its things: nodes, doors, machines, schedules, lockouts, mode. Each runs inside one transaction. */
import type { SQLInputValue } from "node:sqlite";
import { isReservedName } from "#contract";
import { offlineMaxAgeMs } from "#core";
import { tellWaiting } from "./attendance.ts";
import type { CommandContext, Handlers } from "./commands.ts";
import { endValid } from "./commissioning.ts";
import { isTimeZone } from "./dates.ts";
import { noteAccounts, setStatus } from "./foreign-accounts.ts";
import type { ParsedInput } from "./inputs.ts";
import { newSecret, secretHash } from "./keys.ts";
import { getMeta, numberMeta, setMeta, storedSettings } from "./meta.ts";
import { endWithReport } from "./overrides.ts";
import { leavePlace } from "./places-of.ts";
import { Refused } from "./refuse.ts";
import { exists, missing, need, needMachine, needMember } from "./rows.ts";

/** Lockouts of one kind, given twice; of all when it is null. */
const ofKind = "(? IS NULL OR kind = ?)";

/** A key's version on a card is one byte, and 0 is the factory's. */
const cardGenerations = 255;

export const equipment: Pick<
  Handlers,
  | "addSchedule"
  | "setSite"
  | "setMode"
  | "addNode"
  | "setNode"
  | "renewNodeSecret"
  | "renewCardKeys"
  | "addMachine"
  | "setMachine"
  | "addDoor"
  | "setDoor"
  | "setNextStep"
  | "lockMachine"
  | "unlockMachine"
  | "assignLockout"
  | "unassignLockout"
> = {
  addSchedule({ db }, input) {
    db.run(
      "INSERT INTO schedules (schedule, hours) VALUES (?, ?) ON CONFLICT (schedule) DO UPDATE SET hours = excluded.hours",
      input.schedule,
      JSON.stringify(input.hours),
    );
    return {};
  },

  setSite(context, input) {
    if (input.tz !== undefined && !isTimeZone(input.tz)) {
      throw new Refused("BAD_INPUT", `tz: "${input.tz}" is no time zone.`, "Give an IANA name such as Europe/Riga.");
    }
    if (typeof input.openingHours === "string") need(context, "schedules", input.openingHours);
    if (input.tz !== undefined) setMeta(context.db, "tz", input.tz);
    if (input.name !== undefined) setMeta(context.db, "name", input.name);
    if (input.locale !== undefined) setMeta(context.db, "locale", input.locale);
    if (input.openingHours !== undefined) setMeta(context.db, "opening_hours", input.openingHours);
    if (input.adultAge !== undefined) setMeta(context.db, "adult_age", input.adultAge);
    if (input.roster !== undefined) setMeta(context.db, "roster", input.roster ? "yes" : null);
    if (input.waiverRevision !== undefined) setMeta(context.db, "waiver_revision", input.waiverRevision);
    if (input.settings !== undefined) setMeta(context.db, "settings", JSON.stringify(merged(storedSettings(context.db), input.settings)));
    return {};
  },

  setMode({ db, nowMs }, input) {
    const version = numberMeta(db, "permission_version") + 1;
    // said once more, an evacuation began when it began: what is frozen at its beginning stays (S11)
    if (getMeta(db, "mode") !== input.mode) setMeta(db, "mode_since_ms", nowMs);
    setMeta(db, "mode", input.mode);
    setMeta(db, "mode_version", version);
    return { mode: input.mode, version };
  },

  addNode(context, input) {
    if (isReservedName(input.node)) {
      throw new Refused(
        "BAD_INPUT",
        `A node cannot be called ${input.node}: the broker takes that for another role.`,
        "Choose a name that begins neither with display- nor with enrol-.",
      );
    }
    if (exists(context, "nodes", input.node)) {
      throw new Refused("ALREADY_EXISTS", `Node ${input.node} exists already.`, "Choose another name, or give it a new secret.");
    }
    const secret = newSecret();
    context.db.run(
      "INSERT INTO nodes (node, kind, label, status, secret_hash, added_ms, accounts) VALUES (?, ?, ?, 'active', ?, ?, ?)",
      input.node,
      input.kind,
      input.label,
      secretHash(secret),
      context.nowMs,
      JSON.stringify(input.accounts),
    );
    noteAccounts(context, input.node, true);
    return { node: input.node, secret };
  },

  setNode(context, input) {
    need(context, "nodes", input.node);
    setStatus(context, input.node, input.status);
    return {};
  },

  renewNodeSecret(context, input) {
    need(context, "nodes", input.node);
    const secret = newSecret();
    context.db.run(
      "UPDATE nodes SET secret_hash = ?, next_hash = NULL, next_serial = NULL, next_box = NULL WHERE node = ?",
      secretHash(secret),
      input.node,
    );
    return { node: input.node, secret };
  },

  renewCardKeys({ db }) {
    const generation = numberMeta(db, "card_generation", 1) + 1;
    if (generation > cardGenerations)
      throw new Refused("CONFLICT", `Cards tell ${cardGenerations} generations of keys apart, and all are used up.`);
    setMeta(db, "card_generation", generation);
    return { generation };
  },

  addMachine(context, input) {
    const { machine, node, ch, label, course, riskClass, cutHazard, settings, zone, ...policy } = input;
    addResource(context, {
      id: machine,
      kind: "machine",
      node,
      ch,
      label,
      course,
      riskClass,
      cutHazard: cutHazard ? 1 : 0,
      failMode: null,
      zone,
      fromZone: null,
      settings,
      policy: { ...offlineByRisk[riskClass], ...withoutAbsent(policy) },
    });
    return {};
  },

  setMachine(context, input) {
    setResource(context, "machine", input.machine, input.change);
    return {};
  },

  addDoor(context, input) {
    const { door, node, ch, label, course, failMode, settings, zone, fromZone, ...given } = input;
    const policy = { ...offlineByRisk.door, ...withoutAbsent(given) };
    const none = { riskClass: null, cutHazard: null };
    addResource(context, { id: door, kind: "door", node, ch, label, course, ...none, failMode, zone, fromZone, settings, policy });
    return {};
  },

  setDoor(context, input) {
    setResource(context, "door", input.door, input.change);
    return {};
  },

  setNextStep(context, input) {
    const row = context.db.one<{ steps: string }>("SELECT next_step AS steps FROM resources WHERE id = ?", input.resource);
    if (row === undefined) throw missing("door or machine", input.resource);
    const { [input.code]: _old, ...others } = JSON.parse(row.steps) as Record<string, unknown>;
    const steps = Object.keys(input.text).length === 0 ? others : { ...others, [input.code]: input.text };
    context.db.run("UPDATE resources SET next_step = ? WHERE id = ?", JSON.stringify(steps), input.resource);
    return {};
  },

  lockMachine(context, input) {
    needMachine(context, input.machine);
    const lockout = context.db.insert(
      "INSERT INTO lockouts (machine, kind, mode, reason, at_ms, by_actor) VALUES (?, ?, ?, ?, ?, ?)",
      input.machine,
      input.kind,
      input.mode,
      input.reason,
      context.nowMs,
      context.actor,
    );
    if (input.kind === "oops") endWithReport(context, input.machine);
    return { lockout };
  },

  /** Clears one kind of lockout, or all; a machine with another one left stays locked (domain.md §2.2 rule 1). */
  /** Somebody looks after it: from the report to this moment is what M21 counts. */
  assignLockout(context, { machine, member, kind = null }) {
    needMachine(context, machine);
    needMember(context, member);
    const sql = `UPDATE lockouts SET taken_ms = ?, taken_by = ? WHERE machine = ? AND cleared_ms IS NULL AND taken_ms IS NULL AND ${ofKind}`;
    const taken = context.db.run(sql, context.nowMs, member, machine, kind, kind);
    if (taken === 0)
      throw new Refused("CONFLICT", `Nothing keeps ${machine} locked that nobody looks after.`, "`koprade machine list` shows what does.");
    return { taken };
  },

  unassignLockout(context, { machine, kind = null }) {
    needMachine(context, machine);
    const sql = `UPDATE lockouts SET taken_ms = NULL, taken_by = NULL
      WHERE machine = ? AND cleared_ms IS NULL AND taken_ms IS NOT NULL AND ${ofKind}`;
    if (context.db.run(sql, machine, kind, kind) === 0) throw new Refused("CONFLICT", `Nobody looks after such a lockout of ${machine}.`);
    return {};
  },

  unlockMachine(context, input) {
    needMachine(context, input.machine);
    const { db } = context;
    const kind = input.kind ?? null;
    const cleared = db.run(
      `UPDATE lockouts SET cleared_ms = ?, cleared_by = ?, cleared_reason = ? WHERE machine = ? AND cleared_ms IS NULL AND ${ofKind}`,
      context.nowMs,
      context.actor,
      input.reason,
      input.machine,
      kind,
      kind,
    );
    if (cleared === 0)
      throw new Refused("CONFLICT", `${input.machine} has no such lockout.`, "`koprade machine list` shows what locks a machine.");
    db.run(
      "DELETE FROM checks WHERE machine = ?1 AND NOT EXISTS (SELECT 1 FROM lockouts WHERE machine = ?1 AND kind = 'check' AND cleared_ms IS NULL)",
      input.machine,
    );
    tellWaiting(context, input.machine);
    const left = db.all<{ kind: string }>(
      "SELECT DISTINCT kind FROM lockouts WHERE machine = ? AND cleared_ms IS NULL ORDER BY kind",
      input.machine,
    );
    return { cleared, stillLocked: left.map((row) => row.kind) };
  },
};

/** What a node may do alone (domain.md §3.6): the more a machine can hurt, the less. */
const offlineByRisk = {
  door: { offline: "snapshot", offlineMaxAgeMs: offlineMaxAgeMs.door },
  C: { offline: "snapshot", offlineMaxAgeMs: offlineMaxAgeMs.C },
  B: { offline: "snapshot", offlineMaxAgeMs: offlineMaxAgeMs.B },
  A: { offline: "staff", offlineMaxAgeMs: offlineMaxAgeMs.A },
} as const;

const withoutAbsent = (given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

type NewResource = {
  readonly id: string;
  readonly kind: "door" | "machine";
  readonly node: string;
  readonly ch: string;
  readonly label: string;
  readonly course: string | null;
  readonly riskClass: "A" | "B" | "C" | null;
  readonly cutHazard: number | null;
  readonly failMode: "safe" | "secure" | null;
  readonly zone: string | null;
  readonly fromZone: string | null;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly policy: Readonly<Record<string, unknown>>;
};

function addResource(context: CommandContext, given: NewResource): void {
  if (exists(context, "resources", given.id)) {
    throw new Refused("ALREADY_EXISTS", `${given.id} exists already.`, "Doors and machines share their names; choose another one.");
  }
  if (exists(context, "zones", given.id))
    throw new Refused("ALREADY_EXISTS", `${given.id} is a zone.`, "A restriction names a place: choose another name.");
  checkPlace(context, given.id, given);
  checkPolicy(context, { ...given.policy, zone: given.zone, fromZone: given.fromZone });
  context.db.run(
    `INSERT INTO resources (id, kind, node, ch, label, course, risk_class, cut_hazard, fail_mode, zone, from_zone, policy, settings)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    given.id,
    given.kind,
    given.node,
    given.ch,
    given.label,
    given.course,
    given.riskClass,
    given.cutHazard,
    given.failMode,
    given.zone,
    given.fromZone,
    JSON.stringify(given.policy),
    JSON.stringify(given.settings),
  );
}

export type Change = ParsedInput<"setMachine">["change"] | ParsedInput<"setDoor">["change"];
const columnOf: Readonly<Record<string, string>> = {
  label: "label",
  course: "course",
  riskClass: "risk_class",
  cutHazard: "cut_hazard",
  failMode: "fail_mode",
  zone: "zone",
  fromZone: "from_zone",
};

/** Writes what the change names: columns of their own, the rest into the policy; settings are merged key by key. */
export function setResource(context: CommandContext, kind: "door" | "machine", id: string, change: Change): void {
  const { db } = context;
  const row = db.one<{ node: string; ch: string; riskClass: "A" | "B" | "C" | null; policy: string; settings: string }>(
    "SELECT node, ch, risk_class AS riskClass, policy, settings FROM resources WHERE id = ? AND kind = ?",
    id,
    kind,
  );
  if (row === undefined) throw missing(kind, id);
  checkPolicy(context, change);
  checkPlace(context, id, { node: change.node ?? row.node, ch: change.ch ?? row.ch, course: change.course ?? null, hours: change.hours });
  const policy: Record<string, unknown> = JSON.parse(row.policy);
  if ("riskClass" in change && change.riskClass !== undefined && row.riskClass !== null && change.riskClass < row.riskClass) {
    // What the class said goes with it: a machine that turns out to be more dangerous does less alone.
    for (const field of ["offline", "offlineMaxAgeMs"] as const)
      if (policy[field] === offlineByRisk[row.riskClass][field]) policy[field] = offlineByRisk[change.riskClass][field];
  }
  const now = { node: change.node ?? row.node, ch: change.ch ?? row.ch };
  leavePlace(context, id, now);
  // Both at once: the new channel's name may be taken at the old node, or the old one's at the new.
  db.run("UPDATE resources SET node = ?, ch = ? WHERE id = ?", now.node, now.ch, id);
  for (const [field, value] of Object.entries(change)) {
    if (value === undefined || field === "settings" || field === "node" || field === "ch") continue;
    const column = columnOf[field];
    if (column === undefined) policy[field] = value;
    else
      db.run(`UPDATE resources SET ${column} = ? WHERE id = ?`, typeof value === "boolean" ? Number(value) : (value as SQLInputValue), id);
  }
  if ((change.node ?? row.node) !== row.node || (change.ch ?? row.ch) !== row.ch) endValid(context, id, "it hangs on another channel now");
  const settings = merged(JSON.parse(row.settings) as Record<string, unknown>, change.settings ?? {});
  db.run("UPDATE resources SET policy = ?, settings = ? WHERE id = ?", JSON.stringify(policy), JSON.stringify(settings), id);
}

/** Key by key; null takes a setting away. */
function merged(before: Readonly<Record<string, unknown>>, change: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null));
}

/** What a policy names must be there. */
function checkPolicy(context: CommandContext, policy: Readonly<Record<string, unknown>>): void {
  const { zone, fromZone, circuit, twoPerson, passage } = policy;
  if (typeof zone === "string") need(context, "zones", zone);
  if (typeof fromZone === "string") need(context, "zones", fromZone);
  if (typeof circuit === "string") need(context, "circuits", circuit);
  if (typeof twoPerson === "string" && twoPerson !== "always") need(context, "schedules", twoPerson);
  if (typeof passage === "string") need(context, "schedules", passage);
}

type Place = {
  readonly node: string;
  readonly ch: string;
  readonly course: string | null;
  readonly hours?: string | null | undefined;
  readonly policy?: Readonly<Record<string, unknown>>;
};

function checkPlace(context: CommandContext, id: string, place: Place): void {
  need(context, "nodes", place.node);
  if (place.course !== null) need(context, "courses", place.course);
  const hours = place.hours ?? place.policy?.hours;
  if (typeof hours === "string" && hours !== "always") need(context, "schedules", hours);
  const other = context.db.one<{ id: string }>("SELECT id FROM resources WHERE node = ? AND ch = ? AND id <> ?", place.node, place.ch, id);
  if (other !== undefined) {
    throw new Refused(
      "CONFLICT",
      `Channel ${place.ch} of ${place.node} serves ${other.id} already.`,
      "Use another channel, or move that one first.",
    );
  }
}
