/**
 * Accounts of owners, managers, staff and members: better-auth on its own SQLite file. Only its functions are used, none of its URLs are
 * served: the routes here are the whole surface. Passwords are scrypt hashes, sessions are random tokens in http-only cookies.
 */
import * as z from "zod";
import { type Actor, type Role, roles } from "../views.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { hasUsers, openFile, ownerIn } from "./accounts-file.ts";
import { type ApiKeys, createApiKeys, type Scope } from "./api-keys.ts";
import type { Provider } from "./better.ts";
import { createFactors, type Factors } from "./factors.ts";
import { createFirstRunCode, type FirstRunCode } from "./first-run.ts";
import { createInvitations, type Invitations } from "./invitations.ts";
import { createPasskeys, type Passkeys } from "./passkeys.ts";
import { createProviderSignIn, type ProviderSignIn } from "./provider.ts";

export type Session = {
  readonly token: string;
  readonly actor: Actor;
  readonly mail: string;
  /** not a person at a page but a program with this key; null: a person */
  readonly key: { readonly id: string; readonly scope: Scope } | null;
};
export type SignedIn = { readonly session: Session; readonly setCookies: readonly string[] };
/** The password is right, and the account wants a code besides: the cookies say whose turn it is. */
export type HalfSignedIn = { readonly session: undefined; readonly setCookies: readonly string[] };
export type NewUser = {
  readonly mail: string;
  readonly password: string;
  readonly name: string;
  readonly role: Role;
  readonly member?: number | null;
};
/** What the browser says of itself at sign-in, for the list of sessions. */
export type Browser = { readonly agent?: string | undefined };

export type Auth = {
  /** the code to print in the terminal; null as soon as there is an owner */
  readonly firstRun: FirstRunCode | null;
  hasOwner(): boolean;
  /** Makes an account. `taken` when the address has one already. The first owner also ends the first run. */
  createUser(given: NewUser): Promise<"made" | "taken">;
  /** undefined when address and password do not belong together */
  signIn(given: { readonly mail: string; readonly password: string } & Browser): Promise<SignedIn | HalfSignedIn | undefined>;
  /** For whoever has proved who they are in another way: passkey, invitation, card and PIN. Undefined when there is no such account. */
  signInAs(account: string, browser?: Browser): Promise<SignedIn | undefined>;
  /** The cookies that end it in the browser; the session itself ends here. */
  signOut(cookie: string | undefined): Promise<readonly string[]>;
  session(cookie: string | undefined): Promise<Session | undefined>;
  /** Is this token still a session, or this key still one? */
  alive(token: string): Promise<boolean>;
  /** Sets a password and ends all sessions of that account. False when there is no such account. */
  setPassword(given: { readonly mail: string; readonly password: string }): Promise<boolean>;
  /** Resolves when the tables of better-auth are there: before accounts are read without anybody being signed in. */
  ready(): Promise<void>;
  /** where people of this space may sign in instead; null: there is none */
  readonly provider: ProviderSignIn | null;
  readonly accounts: Accounts;
  readonly invitations: Invitations;
  readonly keys: ApiKeys;
  readonly passkeys: Passkeys;
  readonly factors: Factors;
  close(): void;
};

/**
 * Opens (or makes) the accounts file.
 * @param path      of the SQLite file, `:memory:` in tests
 * @param secure    true when pages are served over TLS: cookies are then never sent without it
 * @param provider  where people of this space may sign in instead
 */
export async function openAuth(given: {
  readonly path: string;
  readonly secure: boolean;
  readonly nowMs?: () => number;
  readonly provider?: Provider | null;
}): Promise<Auth> {
  const { path, secure, nowMs = Date.now, provider = null } = given;
  const db = openFile(path);
  const better = onDemand(async () => (await import("./better.ts")).openBetter(db, { secure, provider }));
  let ownerExists = ownerIn(db);
  let firstRun = ownerExists ? null : createFirstRunCode(nowMs);
  const [accounts, keys] = [createAccounts(db), createApiKeys(db, nowMs)];

  const session: Auth["session"] = async (cookie) => {
    if (cookie === undefined || !cookie.includes("koprade.session_token")) return undefined;
    return sessionOf(await (await better()).api.getSession({ headers: new Headers({ cookie }) }));
  };
  /** What better-auth answered to a sign-in: a session, or half of one. */
  const signedIn = async (headers: Headers): Promise<SignedIn | HalfSignedIn> => {
    const setCookies = headers.getSetCookie();
    return { session: await session(cookiesOf(setCookies)), setCookies } as SignedIn | HalfSignedIn;
  };

  return {
    get firstRun() {
      return firstRun;
    },
    hasOwner: () => ownerExists,
    session,
    accounts,
    keys,
    provider: provider === null ? null : createProviderSignIn({ provider, better, signedIn }),
    invitations: createInvitations(db, nowMs),
    passkeys: createPasskeys(db, nowMs),
    factors: createFactors({ better, signedIn, session, nowMs, endSession: (token) => endToken(token) }),
    async ready() {
      await better();
    },
    async createUser({ mail, password, name, role, member = null }) {
      const { api } = await better();
      // Without an owner, accounts are the remains of a first run that was cut short.
      if (!ownerExists) db.exec("DELETE FROM session; DELETE FROM account; DELETE FROM user;");
      if (accounts.byMail(mail) !== undefined) return "taken";
      const made = await api.signUpEmail({ body: { email: mail, password, name } });
      accounts.setRole(made.user.id, role, member);
      ownerExists = ownerExists || role === "owner";
      if (ownerExists) firstRun = null;
      return "made";
    },
    async signIn({ mail, password, agent }) {
      const { api } = await better();
      try {
        const headers = headersOf({ agent });
        const done = await api.signInEmail({ body: { email: mail, password }, headers, returnHeaders: true });
        return await signedIn(done.headers);
      } catch (error) {
        if ((await import("./better.ts")).isRefusal(error)) return undefined;
        throw error;
      }
    },
    async signInAs(account, browser = {}) {
      const { api } = await better();
      if (accounts.get(account) === undefined) return undefined;
      const done = await api.startSession({ body: { userId: account }, headers: headersOf(browser), returnHeaders: true });
      const found = await signedIn(done.headers);
      return found.session === undefined ? undefined : found;
    },
    async signOut(cookie) {
      const done = await (await better()).api.signOut({
        headers: new Headers(cookie === undefined ? {} : { cookie }),
        returnHeaders: true,
      });
      return done.headers.getSetCookie();
    },
    async alive(token) {
      const key = /^key (.+)$/.exec(token)?.[1];
      if (key !== undefined) return keys.alive(key);
      await better();
      return db.prepare(aliveSql).get(token) !== undefined;
    },
    async setPassword({ mail, password }) {
      const context = await (await better()).$context;
      const account = accounts.byMail(mail);
      if (account === undefined) return false;
      await context.internalAdapter.updatePassword(account.id, await context.password.hash(password));
      accounts.endSessions(account.id, { butToken: null });
      return true;
    },
    close() {
      db.close();
    },
  };

  function endToken(token: string): void {
    if (hasUsers(db)) db.prepare("DELETE FROM session WHERE token = ?").run(token);
  }
}

const aliveSql = "SELECT 1 FROM session WHERE token = ? AND expiresAt > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

export type Better = Awaited<ReturnType<typeof import("./better.ts")["openBetter"]>>;

/** As a browser would send them back. */
export const cookiesOf = (setCookies: readonly string[]): string => setCookies.map((cookie) => cookie.split(";")[0]).join("; ");
const headersOf = ({ agent }: Browser): Headers => new Headers(agent === undefined ? {} : { "user-agent": agent.slice(0, 200) });

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
  const actor = { id: user.id, name: user.name, role: user.role, member: user.member ?? null };
  return { token: session.token, mail: user.email, actor, key: null };
}
