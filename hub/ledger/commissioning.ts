/**
 * Commissioning records: who has tested the wiring of a door or machine, when, with which lines, firmware and settings. A machine
 * without a valid one is enabled for nobody (security.md R5). Valid is the last one that passed, or that took a machine over as it was,
 * until somebody ends it, a later test fails, the place hangs on another channel, or its node says that it is wired otherwise.
 */
import type { WiringLine } from "#core";
import { outcomeOf } from "#core";
import { appendAudit } from "./audit.ts";
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import { Refused } from "./refuse.ts";
import { missing } from "./rows.ts";
import type { CommissioningRow } from "./types-rows.ts";

type Resource = { readonly kind: "door" | "machine"; readonly node: string; readonly ch: string; readonly wiring: string | null };

export const commissioning: Pick<Handlers, "commission" | "takeOver" | "endCommissioning"> = {
  /** What a wiring test has found. One that failed also ends what held before; one left half done changes nothing. */
  commission(context, input) {
    const resource = theResource(context, input.resource);
    const outcome = outcomeOf(resource.kind, input.senses, input.lines);
    if (outcome !== "incomplete") endValid(context, input.resource, outcome === "passed" ? "tested again" : "a later test failed");
    const { firmware, hardware, configVersion, senses } = input;
    const about = { firmware, hardware, configVersion, senses, wiring: resource.wiring };
    const row = { basis: "tested", outcome, lines: input.lines, about, reason: input.reason } as const;
    return { commissioning: insert(context, input.resource, resource, row), outcome };
  },

  takeOver(context, input) {
    const resource = theResource(context, input.resource);
    endValid(context, input.resource, "taken over as it is");
    const about = { wiring: resource.wiring };
    const row = { basis: "taken_over", outcome: "passed", lines: [], about, reason: input.reason } as const;
    return { commissioning: insert(context, input.resource, resource, row) };
  },

  endCommissioning(context, input) {
    theResource(context, input.resource);
    if (endValid(context, input.resource, input.reason) === 0)
      throw new Refused("CONFLICT", `${input.resource} has no valid commissioning record.`, "`koprade wiring list` shows which have one.");
    return {};
  },
};

function theResource({ db }: CommandContext, id: string): Resource {
  const row = db.one<Resource>("SELECT r.kind, r.node, r.ch, n.wiring FROM resources r JOIN nodes n ON n.node = r.node WHERE r.id = ?", id);
  if (row === undefined) throw missing("door or machine", id);
  return row;
}

type NewRow = {
  readonly basis: "tested" | "taken_over";
  readonly outcome: "passed" | "failed" | "incomplete";
  readonly lines: readonly WiringLine[];
  readonly about: object;
  readonly reason: string;
};

function insert({ db, nowMs, actor }: CommandContext, id: string, { node, ch }: Resource, row: NewRow): number {
  return db.insert(
    `INSERT INTO commissionings (resource, node, ch, basis, outcome, lines, about, reason, at_ms, by_actor)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    node,
    ch,
    row.basis,
    row.outcome,
    JSON.stringify(row.lines),
    JSON.stringify(row.about),
    row.reason,
    nowMs,
    actor,
  );
}

/** Gives how many were valid. */
export function endValid({ db, nowMs, actor }: CommandContext, resource: string, why: string): number {
  return db.run(
    `UPDATE commissionings SET ended_ms = ?, ended_by = ?, ended_reason = ? WHERE resource = ? AND ended_ms IS NULL AND outcome = 'passed'`,
    nowMs,
    actor,
    why,
    resource,
  );
}

/** Ends what is valid at any place of this node, with an entry in the audit for each. True when anything was. */
export function endValidOfNode(context: CommandContext, node: string, why: string): boolean {
  const { db, nowMs, actor } = context;
  const places = db.all<{ id: string }>("SELECT id FROM resources WHERE node = ? ORDER BY id", node);
  const ended = places.filter(({ id }) => endValid(context, id, why) > 0);
  for (const { id } of ended)
    appendAudit(db, {
      ...{ atMs: nowMs, actor, action: "endCommissioning", target: `resource ${id}` },
      detail: JSON.stringify({ resource: id, reason: why }),
    });
  return ended.length > 0;
}

/** A node has started and says how it is wired. The first time is only noted: nobody has changed anything. True when records ended. */
export function noteWiring(context: CommandContext, node: string, wiring: string): boolean {
  const known = context.db.one<{ wiring: string | null }>("SELECT wiring FROM nodes WHERE node = ?", node);
  if (known === undefined || known.wiring === wiring) return false;
  context.db.run("UPDATE nodes SET wiring = ? WHERE node = ?", wiring, node);
  return known.wiring !== null && endValidOfNode(context, node, "its node is wired otherwise than when it was tested");
}

const rowSql = `SELECT c.commissioning, c.resource, c.node, c.ch, c.basis, c.outcome, c.lines, c.about, c.reason, c.at_ms AS atMs,
    c.by_actor AS by, c.ended_ms AS endedMs, c.ended_by AS endedBy, c.ended_reason AS endedReason,
    (c.ended_ms IS NULL AND c.outcome = 'passed' AND c.node = r.node AND c.ch = r.ch) AS isValid
  FROM commissionings c JOIN resources r ON r.id = c.resource`;
type Stored = Omit<CommissioningRow, "lines" | "about" | "isValid"> & {
  readonly lines: string;
  readonly about: string;
  readonly isValid: number;
};
const most = 10_000;

/** Newest first, of one place or of all. */
export function readCommissionings(db: Database, resource?: string): CommissioningRow[] {
  return db
    .all<Stored>(`${rowSql} WHERE ?1 IS NULL OR c.resource = ?1 ORDER BY c.commissioning DESC LIMIT ${most}`, resource ?? null)
    .map((row) => ({ ...row, lines: JSON.parse(row.lines), about: JSON.parse(row.about), isValid: row.isValid === 1 }));
}

/** The places that have a valid record. */
export function readCommissioned(db: Database): ReadonlySet<string> {
  const rows = db.all<{ resource: string }>(
    `SELECT c.resource FROM commissionings c JOIN resources r ON r.id = c.resource AND r.node = c.node AND r.ch = c.ch
     WHERE c.ended_ms IS NULL AND c.outcome = 'passed'`,
  );
  return new Set(rows.map(({ resource }) => resource));
}
