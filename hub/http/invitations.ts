/**
 * One-time links: for a new account with a role, or for a new password of one that is there. Whoever has the link may use it once
 * within its time; the file has only its hash.
 */
import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { type Role, roles } from "../views.ts";
import { hashOf, newId, newSecret } from "./accounts-file.ts";

const openMost = 500;
export const invitationLifeMs = 7 * 86_400_000;

export type Invitation = {
  readonly id: string;
  readonly role: Role;
  /** the member record the account will belong to */
  readonly member: number | null;
  readonly name: string;
  /** not for a new account but for a new password of this one */
  readonly account: string | null;
  /** actor in the audit */
  readonly by: string;
  readonly madeMs: number;
  readonly expiresMs: number;
};
export type NewInvitation = Pick<Invitation, "role" | "member" | "name" | "by"> & {
  readonly account?: string | null;
  readonly lifeMs?: number;
};
export type Invitations = {
  /** The token is for the link alone and told once. Undefined when too many are open. */
  make(given: NewInvitation): { readonly id: string; readonly token: string; readonly expiresMs: number } | undefined;
  look(token: string): Invitation | undefined;
  /** Uses it up: of two who come at once, one gets it. */
  take(token: string): Invitation | undefined;
  /** newest first, those made before */
  list(query: { readonly before?: number; readonly limit: number }): readonly Invitation[];
  get(id: string): Invitation | undefined;
  revoke(id: string): boolean;
};

const row = z.object({
  id: z.string(),
  role: z.enum(roles),
  member: z.number().int().nullable(),
  name: z.string(),
  account: z.string().nullable(),
  by: z.string(),
  madeMs: z.number(),
  expiresMs: z.number(),
});
const columns = "id, role, member, name, account, by, made_ms AS madeMs, expires_ms AS expiresMs";

export function createInvitations(db: DatabaseSync, nowMs: () => number): Invitations {
  const one = (found: unknown): Invitation | undefined => (found === undefined ? undefined : row.parse(found));
  return {
    make({ role, member, name, by, account = null, lifeMs = invitationLifeMs }) {
      db.prepare("DELETE FROM koprade_invitation WHERE expires_ms <= ?").run(nowMs());
      if (Number(db.prepare("SELECT count(*) AS n FROM koprade_invitation").get()?.["n"]) >= openMost) return undefined;
      const [id, token, expiresMs] = [newId(), newSecret(), nowMs() + lifeMs];
      db.prepare(
        "INSERT INTO koprade_invitation (id, hash, role, member, name, account, by, made_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ).run(id, hashOf(token), role, member, name, account, by, nowMs(), expiresMs);
      return { id, token, expiresMs };
    },
    look: (token) =>
      one(db.prepare(`SELECT ${columns} FROM koprade_invitation WHERE hash = ? AND expires_ms > ?`).get(hashOf(token), nowMs())),
    take: (token) =>
      one(db.prepare(`DELETE FROM koprade_invitation WHERE hash = ? AND expires_ms > ? RETURNING ${columns}`).get(hashOf(token), nowMs())),
    list: ({ before = Number.MAX_SAFE_INTEGER, limit }) =>
      z
        .array(row)
        .parse(
          db
            .prepare(`SELECT ${columns} FROM koprade_invitation WHERE expires_ms > ? AND made_ms < ? ORDER BY made_ms DESC, id LIMIT ?`)
            .all(nowMs(), before, limit),
        ),
    get: (id) => one(db.prepare(`SELECT ${columns} FROM koprade_invitation WHERE id = ?`).get(id)),
    revoke: (id) => db.prepare("DELETE FROM koprade_invitation WHERE id = ?").run(id).changes === 1,
  };
}
