/**
 * What machines were used for, hour by hour, and the versions of the thresholds it was told by. New thresholds begin a new
 * version; what an older one has said stays. Of an hour the newest version that covers it counts.
 */
import type { DatabaseSync } from "node:sqlite";
import { type ClassState, classify, newClassState, type PowerClasses, settle, tellSure } from "#core/power-class.ts";
import { hourMs } from "./energy.ts";
import { type Use, usesInto } from "./fold.ts";
import { dayMs, eachStretch, storedRuns } from "./runs.ts";

/** `toHour` null: what comes is classified by it. `classes` null: by nothing, its use is unknown. */
export type ClassVersion = {
  readonly version: number;
  readonly fromHour: number;
  readonly toHour: number | null;
  readonly classes: PowerClasses | null;
};
/** Work that began before the time asked for is looked for this far back. */
const lookBackMs = dayMs;

export const hourOf = (atMs: number): number => Math.floor(atMs / hourMs);

export function versionsOf(db: DatabaseSync, machine: number): ClassVersion[] {
  return db
    .prepare("SELECT version, from_hour, to_hour, thresholds FROM classes WHERE machine = ? ORDER BY version")
    .all(machine)
    .map((row) => ({
      version: Number(row.version),
      fromHour: Number(row.from_hour),
      toHour: typeof row.to_hour === "number" ? row.to_hour : null,
      classes: typeof row.thresholds === "string" ? (JSON.parse(row.thresholds) as PowerClasses) : null,
    }));
}

/** The version that counts for each hour of a time, as stretches of hours without overlap. */
export function versionSpans(
  versions: readonly ClassVersion[],
  fromHour: number,
  toHour: number,
): { readonly version: number | null; readonly fromHour: number; readonly toHour: number }[] {
  const edges = new Set([fromHour, toHour]);
  for (const one of versions) {
    for (const edge of [one.fromHour, one.toHour ?? toHour]) if (edge > fromHour && edge < toHour) edges.add(edge);
  }
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((from, i) => {
    const covering = versions.findLast((one) => one.fromHour <= from && (one.toHour === null || from < one.toHour));
    return {
      version: covering === undefined || covering.classes === null ? null : covering.version,
      fromHour: from,
      toHour: sorted[i + 1] ?? toHour,
    };
  });
}

/** Classifies the hours `[fromHour, toHour)` of a machine by its stored runs. Without an end up to the last run, with what is then in doubt. */
export function usesOf(
  db: DatabaseSync,
  machine: number,
  classes: PowerClasses,
  fromHour: number,
  toHour: number | null,
): { readonly uses: Map<number, Use>; readonly state: ClassState | null } {
  const toMs = toHour === null ? Number.MAX_SAFE_INTEGER : toHour * hourMs;
  // Some time on either side: work that is under way at an edge is told as it would be in one go.
  const runs = storedRuns(db, machine, fromHour * hourMs - lookBackMs, toHour === null ? lastRunMs(db, machine) + 1 : toMs + lookBackMs);
  const uses = new Map<number, Use>();
  let state: ClassState | null = null;
  const sink = usesInto(uses);
  eachStretch(runs, (fromMs, untilMs, powerW) => {
    state ??= newClassState(fromMs);
    classify(state, classes, fromMs, untilMs, powerW, sink);
  });
  if (state !== null) (toHour === null ? tellSure : settle)(state, sink);
  for (const slotMs of uses.keys()) if (slotMs < fromHour * hourMs || slotMs >= toMs) uses.delete(slotMs);
  return { uses, state };
}

function lastRunMs(db: DatabaseSync, machine: number): number {
  const row = db.prepare("SELECT last_ms FROM machines WHERE id = ?").get(machine);
  return Number(row?.last_ms ?? 0);
}

/** Begins a version; inside a transaction of the caller. Gives its number, and the state from which what comes goes on. */
export function addVersion(
  db: DatabaseSync,
  machine: number,
  made: { readonly classes: PowerClasses | null; readonly fromHour: number; readonly toHour: number | null; readonly madeMs: number },
): { readonly version: number; readonly state: ClassState | null } {
  const version = (versionsOf(db, machine).at(-1)?.version ?? 0) + 1;
  const { classes, toHour, madeMs } = made;
  // The first one is as good for what came before anybody had said anything.
  const fromHour = version === 1 && toHour === null ? 0 : made.fromHour;
  if (toHour === null)
    db.prepare("UPDATE classes SET to_hour = ?, state = NULL WHERE machine = ? AND to_hour IS NULL").run(fromHour, machine);
  const { uses, state } = classes === null ? { uses: new Map<number, Use>(), state: null } : usesOf(db, machine, classes, fromHour, toHour);
  db.prepare("INSERT INTO classes (machine, version, from_hour, to_hour, made_ms, thresholds, state) VALUES (?, ?, ?, ?, ?, ?, ?)").run(
    machine,
    version,
    fromHour,
    toHour,
    madeMs,
    classes === null ? null : JSON.stringify(classes),
    state === null || toHour !== null ? null : JSON.stringify(state),
  );
  const add = db.prepare("INSERT INTO use_hours (machine, hour, version, busy_ms, idle_ms, starts) VALUES (?, ?, ?, ?, ?, ?)");
  for (const [slotMs, use] of uses) add.run(machine, hourOf(slotMs), version, use.busyMs, use.idleMs, use.starts);
  return { version, state };
}

/** Tells past hours anew by other thresholds, as a version of its own. Null when there are none of the machine in that time. */
export function retellHours(
  db: DatabaseSync,
  machine: number,
  asked: { readonly classes: PowerClasses; readonly fromMs: number; readonly toMs: number; readonly nowMs: number },
): { readonly version: number; readonly hours: number } | null {
  const { classes, nowMs } = asked;
  db.exec("BEGIN IMMEDIATE");
  try {
    const kept = db
      .prepare("SELECT min(hour) AS first, count(*) AS hours FROM hour_sums WHERE machine = ? AND hour >= ? AND hour < ?")
      .get(machine, hourOf(asked.fromMs), hourOf(asked.toMs));
    const hours = Number(kept?.hours);
    const made =
      hours === 0 ? null : addVersion(db, machine, { classes, fromHour: Number(kept?.first), toHour: hourOf(asked.toMs), madeMs: nowMs });
    db.exec("COMMIT");
    return made === null ? null : { version: made.version, hours };
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
