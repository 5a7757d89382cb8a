/** The accounts as those who look after them see them, and the sessions of one. */
import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { type Role, roles } from "../views.ts";
import { hasUsers } from "./accounts-file.ts";

export type Account = {
  readonly id: string;
  readonly name: string;
  readonly mail: string;
  readonly role: Role;
  readonly member: number | null;
  readonly hasTotp: boolean;
  readonly passkeys: number;
  readonly madeMs: number;
  /** of a session that is open still; null: none is */
  readonly seenMs: number | null;
};
export type OpenSession = {
  readonly id: string;
  readonly madeMs: number;
  readonly seenMs: number;
  /** the browser, as it names itself */
  readonly agent: string;
};
export type Accounts = {
  /** by name, those after `after`; `name` and `id` of the last row say where the next page begins */
  list(query: { readonly after?: { readonly name: string; readonly id: string } | undefined; readonly limit: number }): readonly Account[];
  get(id: string): Account | undefined;
  byMail(mail: string): Account | undefined;
  byMember(member: number): Account | undefined;
  owners(): number;
  setRole(id: string, role: Role, member: number | null): void;
  /** With sessions, factors and keys. */
  remove(id: string): void;
  /** Takes away what is asked for besides the password, and the keys. */
  clearFactors(id: string): void;
  sessions(account: string): readonly (OpenSession & { readonly token: string })[];
  /** Ends one, or all but one; the tokens of those that ended. */
  endSessions(account: string, which: { readonly only: string } | { readonly butToken: string | null }): readonly string[];
};

const row = z.object({
  id: z.string(),
  name: z.string(),
  mail: z.string(),
  role: z.enum(roles),
  member: z.number().int().nullable(),
  hasTotp: z.number().transform((value) => value === 1),
  passkeys: z.number(),
  madeMs: z.number(),
  seenMs: z.number().nullable(),
});
const ms = (column: string): string => `CAST(unixepoch(${column}, 'subsec') * 1000 AS INTEGER)`;
const select = `SELECT u.id, u.name, u.email AS mail, u.role, u.member, coalesce(u.twoFactorEnabled, 0) AS hasTotp, ${ms("u.createdAt")} AS madeMs,
    (SELECT count(*) FROM koprade_passkey p WHERE p.account = u.id) AS passkeys,
    (SELECT max(${ms("s.updatedAt")}) FROM session s WHERE s.userId = u.id) AS seenMs
  FROM user u`;
const sessionRow = z.object({ id: z.string(), token: z.string(), madeMs: z.number(), seenMs: z.number(), agent: z.string() });
const tokenRows = z.array(z.object({ token: z.string() }));

export function createAccounts(db: DatabaseSync): Accounts {
  const one = (where: string, ...values: (string | number)[]): Account | undefined => {
    if (!hasUsers(db)) return undefined;
    const found = db.prepare(`${select} WHERE ${where}`).get(...values);
    return found === undefined ? undefined : row.parse(found);
  };
  return {
    list({ after, limit }) {
      if (!hasUsers(db)) return [];
      const from = after ?? { name: "", id: "" };
      return z
        .array(row)
        .parse(db.prepare(`${select} WHERE (u.name, u.id) > (?, ?) ORDER BY u.name, u.id LIMIT ?`).all(from.name, from.id, limit));
    },
    get: (id) => one("u.id = ?", id),
    byMail: (mail) => one("u.email = ?", mail.toLowerCase()),
    byMember: (member) => one("u.member = ?", member),
    owners: () => (hasUsers(db) ? Number(db.prepare("SELECT count(*) AS n FROM user WHERE role = 'owner'").get()?.["n"]) : 0),
    setRole(id, role, member) {
      db.prepare("UPDATE user SET role = ?, member = ? WHERE id = ?").run(role, member, id);
    },
    remove(id) {
      db.exec("BEGIN IMMEDIATE");
      try {
        for (const [table, column] of owned) db.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).run(id);
        db.exec("COMMIT");
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },
    clearFactors(id) {
      db.prepare("UPDATE user SET twoFactorEnabled = 0 WHERE id = ?").run(id);
      for (const [table, column] of factors) db.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).run(id);
    },
    sessions: (account) =>
      z.array(sessionRow).parse(
        db
          .prepare(
            `SELECT id, token, ${ms("createdAt")} AS madeMs, ${ms("updatedAt")} AS seenMs, substr(coalesce(userAgent, ''), 1, 200) AS agent
               FROM session WHERE userId = ? AND expiresAt > strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ORDER BY updatedAt DESC LIMIT 100`,
          )
          .all(account),
      ),
    endSessions(account, which) {
      const [column, sign, value] = "only" in which ? ["id", "=", which.only] : ["token", "IS NOT", which.butToken];
      return tokenRows
        .parse(db.prepare(`DELETE FROM session WHERE userId = ? AND ${column} ${sign} ? RETURNING token`).all(account, value))
        .map(({ token }) => token);
    },
  };
}

const factors = [
  ["koprade_key", "account"],
  ["koprade_passkey", "account"],
  ["koprade_invitation", "account"],
  ["twoFactor", "userId"],
] as const;
const owned = [...factors, ["session", "userId"], ["account", "userId"], ["user", "id"]] as const;
