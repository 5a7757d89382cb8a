/** Passwords, codes of an authenticator app (RFC 6238) and recovery codes: asked of better-auth in the name of whoever the cookie says. */
import type { Better, HalfSignedIn, Session, SignedIn } from "./auth.ts";

/** A code counts for its 30 s and those before and after; it is used up for all of them (RFC 6238 §5.2). */
const codeLifeMs = 90_000;
const usedMost = 2000;

export type Factors = {
  /** New cookies: all sessions but this one end, and this one is a new one. Undefined: the present password is another. */
  changePassword(cookie: string, given: { readonly present: string; readonly next: string }): Promise<readonly string[] | undefined>;
  isPassword(cookie: string, password: string): Promise<boolean>;
  /** A secret for the app, not in use before a code has come back. */
  startTotp(
    cookie: string,
    password: string,
  ): Promise<{ readonly uri: string; readonly recoveryCodes: readonly string[] } | "wrong_password" | "in_use">;
  /** New cookies when the code is right; from then on it is asked for. */
  confirmTotp(cookie: string, code: string): Promise<readonly string[] | undefined>;
  endTotp(cookie: string, password: string): Promise<readonly string[] | undefined>;
  newRecoveryCodes(cookie: string, password: string): Promise<readonly string[] | undefined>;
  /** The second step of signing in: a code of the app or a recovery code, with the cookies of the first. */
  secondStep(cookie: string, code: string): Promise<SignedIn | undefined>;
};

export function createFactors(given: {
  readonly better: () => Promise<Better>;
  readonly signedIn: (headers: Headers) => Promise<SignedIn | HalfSignedIn>;
  readonly session: (cookie: string) => Promise<Session | undefined>;
  readonly endSession: (token: string) => void;
  readonly nowMs: () => number;
}): Factors {
  const { better, nowMs } = given;
  const used = new Map<string, number>();
  const isFresh = (account: string, code: string): boolean => {
    const name = `${account} ${code}`;
    const untilMs = used.get(name);
    used.delete(name);
    used.set(name, nowMs() + codeLifeMs);
    if (used.size > usedMost) used.delete(used.keys().next().value ?? "");
    return untilMs === undefined || untilMs <= nowMs();
  };

  const isPassword: Factors["isPassword"] = async (cookie, password) => {
    const { api } = await better();
    return (await orRefused(api.verifyPassword({ body: { password }, headers: new Headers({ cookie }) }))) !== undefined;
  };

  return {
    async changePassword(cookie, { present, next }) {
      const { api } = await better();
      const body = { currentPassword: present, newPassword: next, revokeOtherSessions: true };
      const done = await orRefused(api.changePassword({ body, headers: new Headers({ cookie }), returnHeaders: true }));
      return done?.headers.getSetCookie();
    },
    isPassword,
    async startTotp(cookie, password) {
      const { api } = await better();
      const headers = new Headers({ cookie });
      if (!(await isPassword(cookie, password))) return "wrong_password";
      const made = await orRefused(api.enableTwoFactor({ body: { password, method: "totp" }, headers }));
      if (made === undefined || made.method !== "totp") return "in_use";
      return { uri: made.totpURI, recoveryCodes: made.backupCodes };
    },
    async confirmTotp(cookie, code) {
      const { api } = await better();
      const session = await given.session(cookie);
      if (session === undefined || !isFresh(session.actor.id, code)) return undefined;
      const done = await orRefused(api.verifyTOTP({ body: { code }, headers: new Headers({ cookie }), returnHeaders: true }));
      return done?.headers.getSetCookie();
    },
    async endTotp(cookie, password) {
      const { api } = await better();
      const done = await orRefused(api.disableTwoFactor({ body: { password }, headers: new Headers({ cookie }), returnHeaders: true }));
      return done?.headers.getSetCookie();
    },
    async newRecoveryCodes(cookie, password) {
      const { api } = await better();
      return (await orRefused(api.generateBackupCodes({ body: { password }, headers: new Headers({ cookie }) })))?.backupCodes;
    },
    async secondStep(cookie, code) {
      const { api } = await better();
      // Without the session cookie: this step makes a session, it never goes on with one.
      const half = cookie
        .split("; ")
        .filter((part) => part.includes("koprade.two_factor="))
        .join("; ");
      if (half === "") return undefined;
      const asked = { body: { code }, headers: new Headers({ cookie: half }), returnHeaders: true } as const;
      const isTotp = /^\d{6}$/.test(code);
      const done = await orRefused<{ readonly headers: Headers }>(isTotp ? api.verifyTOTP(asked) : api.verifyBackupCode(asked));
      if (done === undefined) return undefined;
      const found = await given.signedIn(done.headers);
      if (found.session === undefined) return undefined;
      if (!isTotp || isFresh(found.session.actor.id, code)) return found;
      given.endSession(found.session.token);
      return undefined;
    },
  };
}

/** Undefined where better-auth says no; its failures go on as failures. */
async function orRefused<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if ((await import("./better.ts")).isRefusal(error)) return undefined;
    throw error;
  }
}
