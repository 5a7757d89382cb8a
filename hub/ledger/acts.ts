/**
 * What people do beside giving commands, in the same chain of entries: changes of accounts, and looking at a member's page. Who looked and
 * why also stands in a table of its own, since the member may read it and it goes with them when they are erased.
 */
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { Refused } from "./refuse.ts";

export type Act = {
  /** as in authority.ts: `manager:ID`, `cli:NAME` … */
  readonly actor: string;
  readonly action: string;
  /** what it is about, such as `account x7…`; never a name or an address */
  readonly target: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
};
export type LookUp = {
  readonly actor: string;
  readonly member: number;
  /** the page or list that was opened, such as `/api/people/:id` */
  readonly what: string;
  readonly reason: string;
};
export type LookUpRow = Omit<LookUp, "member"> & { readonly n: number; readonly atMs: number };

export function noteAct(db: Database, { actor, action, target, detail }: Act, nowMs: number): void {
  appendAudit(db, {
    atMs: nowMs,
    actor: actor.slice(0, 40),
    action,
    target: target.slice(0, 80),
    detail: JSON.stringify(detail).slice(0, 4000),
  });
}

/** @throws Refused NOT_FOUND */
export function noteLookUp(db: Database, { actor, member, what, reason }: LookUp, nowMs: number): void {
  if (db.one("SELECT 1 FROM members WHERE member = ?", member) === undefined)
    throw new Refused("NOT_FOUND", `There is no member ${member}.`);
  db.run(
    "INSERT INTO lookups (at_ms, actor, member, what, reason) VALUES (?, ?, ?, ?, ?)",
    nowMs,
    actor.slice(0, 40),
    member,
    what,
    reason,
  );
  noteAct(db, { actor, action: "lookUp", target: `member ${member}`, detail: { what } }, nowMs);
}

/** Newest first, those before `before`. */
export function readLookUps(db: Database, member: number, before: number, limit: number): LookUpRow[] {
  return db.all<LookUpRow>(
    "SELECT n, at_ms AS atMs, actor, what, reason FROM lookups WHERE member = ? AND n < ? ORDER BY n DESC LIMIT ?",
    member,
    before,
    limit,
  );
}
