/** better-auth on our SQLite file. Loaded when somebody signs in, not before: it costs 20 MB and 140 ms that a hub without pages keeps. */
import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { APIError, type BetterAuthOptions, betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import * as z from "zod";
import { passwordLengthMax, passwordLengthMin } from "./first-run.ts";

/** Makes or updates the tables, then opens the accounts. */
export async function openBetter(db: DatabaseSync, secure: boolean) {
  const options = optionsOf(db, secretOf(db), secure);
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  return betterAuth(options);
}

/** Wrong password, unknown address: an answer, not a failure. */
export function isRefusal(error: unknown): boolean {
  return error instanceof APIError && error.statusCode < 500;
}

function optionsOf(database: DatabaseSync, secret: string, secure: boolean) {
  return {
    database,
    secret,
    // Never used to make an address: none of better-auth's URLs or mails are.
    baseURL: "http://localhost",
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true, autoSignIn: false, minPasswordLength: passwordLengthMin, maxPasswordLength: passwordLengthMax },
    session: { expiresIn: 7 * 86_400, updateAge: 86_400 },
    user: {
      additionalFields: {
        // An account that was cut short while it was made can do nothing: it belongs to no member.
        role: { type: "string", input: false, required: true, defaultValue: "member" },
        member: { type: "number", input: false, required: false },
      },
    },
    advanced: {
      cookiePrefix: "koprade",
      useSecureCookies: secure,
      defaultCookieAttributes: { httpOnly: true, sameSite: "strict", secure, path: "/" },
    },
  } satisfies BetterAuthOptions;
}

/** The key that signs cookies: made once, kept beside the accounts it protects. */
function secretOf(db: DatabaseSync): string {
  db.exec("CREATE TABLE IF NOT EXISTS koprade_secret (id INTEGER PRIMARY KEY CHECK (id = 1), secret TEXT NOT NULL) STRICT");
  db.prepare("INSERT OR IGNORE INTO koprade_secret (id, secret) VALUES (1, ?)").run(randomBytes(32).toString("base64"));
  return z.object({ secret: z.string() }).parse(db.prepare("SELECT secret FROM koprade_secret").get()).secret;
}
