/**
 * Accounts of owners and staff: better-auth on its own SQLite file. Only its functions are used, none of its URLs are served:
 * the routes here are the whole surface. Passwords are scrypt hashes, sessions are random tokens in http-only cookies.
 */
import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { APIError, type BetterAuthOptions, betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import * as z from "zod";
import { type Actor, type Role, roles } from "../views.ts";
import { createFirstRunCode, type FirstRunCode } from "./first-run.ts";

export const passwordLengthMin = 10;
export const passwordLengthMax = 128;

export type Session = { readonly token: string; readonly actor: Actor; readonly mail: string };
export type SignedIn = { readonly session: Session; readonly setCookies: readonly string[] };
export type NewUser = { readonly mail: string; readonly password: string; readonly name: string; readonly role: Role };

export type Auth = {
  /** the code to print in the terminal; null as soon as there is an owner */
  readonly firstRun: FirstRunCode | null;
  hasOwner(): boolean;
  /** Makes an account. `taken` when the address has one already. The first owner also ends the first run. */
  createUser(given: NewUser): Promise<"made" | "taken">;
  /** undefined when address and password do not belong together */
  signIn(given: { readonly mail: string; readonly password: string }): Promise<SignedIn | undefined>;
  /** The cookies that end it in the browser; the session itself ends here. */
  signOut(cookie: string | undefined): Promise<readonly string[]>;
  session(cookie: string | undefined): Promise<Session | undefined>;
  /** Is this token still a session? */
  alive(token: string): Promise<boolean>;
  /** For the terminal: sets a password and ends all sessions of that account. False when there is no such account. */
  setPassword(given: { readonly mail: string; readonly password: string }): Promise<boolean>;
  close(): void;
};

/**
 * Opens (or makes) the accounts file.
 * @param path    of the SQLite file, `:memory:` in tests
 * @param secure  true when pages are served over TLS: cookies are then never sent without it
 */
export async function openAuth(given: { readonly path: string; readonly secure: boolean; readonly nowMs?: () => number }): Promise<Auth> {
  const { path, secure, nowMs = Date.now } = given;
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;");
  if (path !== ":memory:") chmodSync(path, 0o600);
  const options = optionsOf(db, secretOf(db), secure);
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const better = betterAuth(options);
  const ownerQuery = db.prepare("SELECT 1 FROM user WHERE role = 'owner' LIMIT 1");
  const userQuery = db.prepare("SELECT id FROM user WHERE email = ?");
  const sessionQuery = db.prepare("SELECT 1 FROM session WHERE token = ? AND expiresAt > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')");
  let ownerExists = ownerQuery.get() !== undefined;
  let firstRun = ownerExists ? null : createFirstRunCode(nowMs);

  const session: Auth["session"] = async (cookie) => {
    if (cookie === undefined || !cookie.includes("koprade.session_token")) return undefined;
    return sessionOf(await better.api.getSession({ headers: new Headers({ cookie }) }));
  };

  return {
    get firstRun() {
      return firstRun;
    },
    hasOwner: () => ownerExists,
    session,
    async createUser({ mail, password, name, role }) {
      // Without an owner, accounts are the remains of a first run that was cut short.
      if (!ownerExists) db.exec("DELETE FROM session; DELETE FROM account; DELETE FROM user;");
      if (userQuery.get(mail.toLowerCase()) !== undefined) return "taken";
      const made = await better.api.signUpEmail({ body: { email: mail, password, name } });
      db.prepare("UPDATE user SET role = ? WHERE id = ?").run(role, made.user.id);
      ownerExists = ownerExists || role === "owner";
      if (ownerExists) firstRun = null;
      return "made";
    },
    async signIn({ mail, password }) {
      try {
        const done = await better.api.signInEmail({ body: { email: mail, password }, returnHeaders: true });
        const setCookies = done.headers.getSetCookie();
        const made = await session(setCookies.map((cookie) => cookie.split(";")[0]).join("; "));
        return made === undefined ? undefined : { session: made, setCookies };
      } catch (error) {
        if (error instanceof APIError && error.statusCode < 500) return undefined;
        throw error;
      }
    },
    async signOut(cookie) {
      const done = await better.api.signOut({ headers: new Headers(cookie === undefined ? {} : { cookie }), returnHeaders: true });
      return done.headers.getSetCookie();
    },
    async alive(token) {
      const row = sessionQuery.get(token);
      return row !== undefined;
    },
    async setPassword({ mail, password }) {
      const row = z.object({ id: z.string() }).safeParse(userQuery.get(mail.toLowerCase()));
      if (!row.success) return false;
      const context = await better.$context;
      await context.internalAdapter.updatePassword(row.data.id, await context.password.hash(password));
      db.prepare("DELETE FROM session WHERE userId = ?").run(row.data.id);
      return true;
    },
    close() {
      db.close();
    },
  };
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
    user: { additionalFields: { role: { type: "string", input: false, required: true, defaultValue: "staff" } } },
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

const foundSession = z.object({
  session: z.object({ token: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.enum(roles) }),
});

function sessionOf(found: unknown): Session | undefined {
  const parsed = foundSession.safeParse(found);
  if (!parsed.success) return undefined;
  const { session, user } = parsed.data;
  return { token: session.token, mail: user.email, actor: { id: user.id, name: user.name, role: user.role } };
}
