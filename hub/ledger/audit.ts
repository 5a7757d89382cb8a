/**
 * The chain of who changed what: every entry carries the hash of the one before, so an edit, a deletion or a new order shows
 * (security.md R57). Names and card numbers do not stand here: names live in one table only, numbers nowhere.
 */
import { createHash } from "node:crypto";
import type { Database } from "./database.ts";
import type { AuditRow } from "./types.ts";

export type AuditEntry = {
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: string;
};

const columns = "n, at_ms AS atMs, actor, action, target, detail, hash";

export function appendAudit(db: Database, entry: AuditEntry): void {
  const last = db.one<{ n: number; hash: string }>("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1");
  const n = (last?.n ?? 0) + 1;
  db.run(
    "INSERT INTO audit (n, at_ms, actor, action, target, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
    n,
    entry.atMs,
    entry.actor,
    entry.action,
    entry.target,
    entry.detail,
    chain(last?.hash ?? "", { n, ...entry }),
  );
}

export function readAudit(db: Database, limit: number): AuditRow[] {
  return db.all<AuditRow>(`SELECT ${columns} FROM audit ORDER BY n DESC LIMIT ?`, limit);
}

/** The last entry of this action about this target: its number is the version of what it set. */
export function lastOf(db: Database, target: string, action: string): AuditRow | undefined {
  return db.one<AuditRow>(`SELECT ${columns} FROM audit WHERE target = ? AND action = ? ORDER BY n DESC LIMIT 1`, target, action);
}

/** Number of the first entry that does not follow from the one before, or null when the chain is whole. */
export function brokenAudit(db: Database): number | null {
  let previous = "";
  let expected = 1;
  for (const row of db.prepare(`SELECT ${columns} FROM audit ORDER BY n`).iterate()) {
    const entry = row as unknown as AuditRow;
    if (entry.n !== expected || entry.hash !== chain(previous, entry)) return entry.n;
    previous = entry.hash;
    expected += 1;
  }
  return null;
}

function chain(previous: string, entry: AuditEntry & { readonly n: number }): string {
  const text = JSON.stringify([previous, entry.n, entry.atMs, entry.actor, entry.action, entry.target, entry.detail]);
  return createHash("sha256").update(text).digest("hex");
}
