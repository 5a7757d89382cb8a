/**
 * Keys for programs: `Authorization: Bearer koprade_…`. A key has a scope and a role, at most that of the account it belongs to now; it
 * never touches accounts. The secret is told once; the file has its hash.
 */
import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { isAtLeast, type Role, roles } from "../views.ts";
import { hashOf, newId, newSecret } from "./accounts-file.ts";
import type { Session } from "./auth.ts";

export const scopes = ["read", "commands"] as const;
/** `commands` may also read */
export type Scope = (typeof scopes)[number];
export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly scope: Scope;
  readonly madeMs: number;
  readonly expiresMs: number | null;
  readonly usedMs: number | null;
};
export const keysMost = 20;
/** the last use is kept to the minute, so that a busy key does not write all the time */
const usedStepMs = 60_000;

export type ApiKeys = {
  /** Undefined when the account has too many. */
  make(
    account: string,
    given: Pick<ApiKey, "name" | "role" | "scope" | "expiresMs">,
  ): { readonly key: ApiKey; readonly secret: string } | undefined;
  list(account: string): readonly ApiKey[];
  revoke(account: string, id: string): boolean;
  /** Who a bearer token speaks for, or undefined. */
  session(token: string): Session | undefined;
  /** Is the key with this id in use still? */
  alive(id: string): boolean;
};

const row = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  scope: z.enum(scopes),
  madeMs: z.number(),
  expiresMs: z.number().nullable(),
  usedMs: z.number().nullable(),
});
const owned = row.extend({ accountRole: z.enum(roles), member: z.number().nullable(), mail: z.string() });
const columns = "k.id, k.name, k.role, k.scope, k.made_ms AS madeMs, k.expires_ms AS expiresMs, k.used_ms AS usedMs";

export function createApiKeys(db: DatabaseSync, nowMs: () => number): ApiKeys {
  return {
    make(account, { name, role, scope, expiresMs }) {
      if (this.list(account).length >= keysMost) return undefined;
      const [id, secret] = [newId(), `koprade_${newSecret()}`];
      const madeMs = nowMs();
      db.prepare("INSERT INTO koprade_key (id, hash, account, name, role, scope, made_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)").run(
        id,
        hashOf(secret),
        account,
        name,
        role,
        scope,
        madeMs,
        expiresMs,
      );
      return { key: { id, name, role, scope, madeMs, expiresMs, usedMs: null }, secret };
    },
    list: (account) =>
      z
        .array(row)
        .parse(
          db.prepare(`SELECT ${columns} FROM koprade_key k WHERE account = ? AND revoked_ms IS NULL ORDER BY made_ms DESC`).all(account),
        ),
    revoke: (account, id) =>
      db.prepare("UPDATE koprade_key SET revoked_ms = ? WHERE account = ? AND id = ? AND revoked_ms IS NULL").run(nowMs(), account, id)
        .changes === 1,
    session(token) {
      if (!/^koprade_[\w-]{43}$/.test(token)) return undefined;
      const found = owned.safeParse(
        db
          .prepare(
            `SELECT ${columns}, u.role AS accountRole, u.member, u.email AS mail FROM koprade_key k JOIN user u ON u.id = k.account
             WHERE k.hash = ? AND k.revoked_ms IS NULL AND coalesce(k.expires_ms, ?2 + 1) > ?2`,
          )
          .get(hashOf(token), nowMs()),
      );
      if (!found.success) return undefined;
      const { id, name, role, scope, accountRole, member, mail, usedMs } = found.data;
      if (usedMs === null || nowMs() - usedMs >= usedStepMs) db.prepare("UPDATE koprade_key SET used_ms = ? WHERE id = ?").run(nowMs(), id);
      const least = isAtLeast(accountRole, role) ? role : accountRole;
      return { token: `key ${id}`, mail, actor: { id: `key-${id}`, name, role: least, member }, key: { id, scope } };
    },
    alive: (id) => {
      const sql = "SELECT 1 FROM koprade_key WHERE id = ?1 AND revoked_ms IS NULL AND coalesce(expires_ms, ?2 + 1) > ?2";
      return db.prepare(sql).get(id, nowMs()) !== undefined;
    },
  };
}
