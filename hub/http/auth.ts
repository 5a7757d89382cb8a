/**
 * Accounts of owners, managers, staff and members: better-auth on its own SQLite file. Only its functions are used, none of its URLs are served:
 * the routes here are the whole surface. Passwords are scrypt hashes, sessions are random tokens in http-only cookies.
 */
import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { openError } from "../errors.ts";
import { type Actor, type Role, roles } from "../views.ts";
import { createFirstRunCode, type FirstRunCode } from "./first-run.ts";

export type Session = { readonly token: string; readonly actor: Actor; readonly mail: string };
export type SignedIn = { readonly session: Session; readonly setCookies: readonly string[] };
export type NewUser = {
  readonly mail: string;
  readonly password: string;
  readonly name: string;
  readonly role: Role;
  readonly member?: number | null;
};

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
  const db = openFile(path);
  const better = onDemand(async () => (await import("./better.ts")).openBetter(db, secure));
  let ownerExists = ownerIn(db);
  let firstRun = ownerExists ? null : createFirstRunCode(nowMs);
  const idOf = (mail: string): string | undefined => {
    const row = z.object({ id: z.string() }).safeParse(db.prepare("SELECT id FROM user WHERE email = ?").get(mail.toLowerCase()));
    return row.success ? row.data.id : undefined;
  };

  const session: Auth["session"] = async (cookie) => {
    if (cookie === undefined || !cookie.includes("koprade.session_token")) return undefined;
    return sessionOf(await (await better()).api.getSession({ headers: new Headers({ cookie }) }));
  };

  return {
    get firstRun() {
      return firstRun;
    },
    hasOwner: () => ownerExists,
    session,
    async createUser({ mail, password, name, role, member = null }) {
      const { api } = await better();
      // Without an owner, accounts are the remains of a first run that was cut short.
      if (!ownerExists) db.exec("DELETE FROM session; DELETE FROM account; DELETE FROM user;");
      if (idOf(mail) !== undefined) return "taken";
      const made = await api.signUpEmail({ body: { email: mail, password, name } });
      db.prepare("UPDATE user SET role = ?, member = ? WHERE id = ?").run(role, member, made.user.id);
      ownerExists = ownerExists || role === "owner";
      if (ownerExists) firstRun = null;
      return "made";
    },
    async signIn({ mail, password }) {
      const { api } = await better();
      try {
        const done = await api.signInEmail({ body: { email: mail, password }, returnHeaders: true });
        const setCookies = done.headers.getSetCookie();
        const made = await session(setCookies.map((cookie) => cookie.split(";")[0]).join("; "));
        return made === undefined ? undefined : { session: made, setCookies };
      } catch (error) {
        if ((await import("./better.ts")).isRefusal(error)) return undefined;
        throw error;
      }
    },
    async signOut(cookie) {
      const done = await (await better()).api.signOut({
        headers: new Headers(cookie === undefined ? {} : { cookie }),
        returnHeaders: true,
      });
      return done.headers.getSetCookie();
    },
    async alive(token) {
      await better();
      return db.prepare(aliveSql).get(token) !== undefined;
    },
    async setPassword({ mail, password }) {
      const context = await (await better()).$context;
      const id = idOf(mail);
      if (id === undefined) return false;
      await context.internalAdapter.updatePassword(id, await context.password.hash(password));
      db.prepare("DELETE FROM session WHERE userId = ?").run(id);
      return true;
    },
    close() {
      db.close();
    },
  };
}

const aliveSql = "SELECT 1 FROM session WHERE token = ? AND expiresAt > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

/** @throws HubError DATA_FOLDER, ACCOUNTS_UNREADABLE */
function openFile(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;");
    if (path !== ":memory:") chmodSync(path, 0o600);
    return db;
  } catch (error) {
    throw openError(error, path, "ACCOUNTS_UNREADABLE");
  }
}

/** Is there an owner? Asked at every start, also of a file that has no tables yet. */
function ownerIn(db: DatabaseSync): boolean {
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'user'").get() === undefined) return false;
  return db.prepare("SELECT 1 FROM user WHERE role = 'owner' LIMIT 1").get() !== undefined;
}

/** Runs `open` when it is first needed, once; again only after it failed. */
function onDemand<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

const foundSession = z.object({
  session: z.object({ token: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.enum(roles), member: z.number().int().nullish() }),
});

function sessionOf(found: unknown): Session | undefined {
  const parsed = foundSession.safeParse(found);
  if (!parsed.success) return undefined;
  const { session, user } = parsed.data;
  return { token: session.token, mail: user.email, actor: { id: user.id, name: user.name, role: user.role, member: user.member ?? null } };
}
