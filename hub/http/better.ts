/** better-auth on our SQLite file. Loaded when somebody signs in, not before: it costs 20 MB and 140 ms that a hub without pages keeps. */
import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { APIError, type BetterAuthOptions, type BetterAuthPlugin, betterAuth } from "better-auth";
import { createAuthEndpoint } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { getMigrations } from "better-auth/db/migration";
import { genericOAuth } from "better-auth/plugins/generic-oauth";
import { twoFactor } from "better-auth/plugins/two-factor";
import * as z from "zod";
import { passwordLengthMax, passwordLengthMin } from "./first-run.ts";

/** A sign-in provider of the space (koprade.yaml: oidc). */
export type Provider = {
  readonly name: string;
  /** its discovery document is at `/.well-known/openid-configuration` under it */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** where browsers reach this hub: the provider sends people back there */
  readonly hubUrl: string;
};
export const providerId = "space";

/** Makes or updates the tables, then opens the accounts. */
export async function openBetter(db: DatabaseSync, given: { readonly secure: boolean; readonly provider: Provider | null }) {
  const options = optionsOf(db, secretOf(db), given);
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  return betterAuth(options);
}

/** Wrong password, unknown address: an answer, not a failure. */
export function isRefusal(error: unknown): boolean {
  return error instanceof APIError && error.statusCode < 500;
}

/** Who has not been here for so long signs in again. */
export const signInLifeMs = 7 * 86_400_000;

/** A session for whoever has proved who they are in another way than by password: passkey, invitation. No URL leads here. */
const sessionsFor = {
  id: "koprade-sessions",
  endpoints: {
    startSession: createAuthEndpoint.serverOnly({ method: "POST", body: z.object({ userId: z.string() }) }, async (context) => {
      const { internalAdapter } = context.context;
      const user = await internalAdapter.findUserById(context.body.userId);
      if (user === null) throw new APIError("UNAUTHORIZED");
      const session = await internalAdapter.createSession(user.id);
      await setSessionCookie(context, { session, user });
      return { token: session.token };
    }),
  },
} satisfies BetterAuthPlugin;

function optionsOf(
  database: DatabaseSync,
  secret: string,
  { secure, provider }: { readonly secure: boolean; readonly provider: Provider | null },
) {
  const cookie = { httpOnly: true, sameSite: "strict", secure, path: "/" } as const;
  return {
    appName: "Koprade",
    database,
    secret,
    // Makes no address but the one a provider sends people back to: none of better-auth's URLs or mails are served.
    baseURL: provider?.hubUrl ?? "http://localhost",
    basePath: "/api/sign-in",
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true, autoSignIn: false, minPasswordLength: passwordLengthMin, maxPasswordLength: passwordLengthMax },
    session: { expiresIn: signInLifeMs / 1000, updateAge: 86_400 },
    user: {
      additionalFields: {
        // An account that was cut short while it was made can do nothing: it belongs to no member.
        role: { type: "string", input: false, required: true, defaultValue: "member" },
        member: { type: "number", input: false, required: false },
      },
    },
    // Only accounts that are here already: a provider makes none, it vouches for the address of one.
    account: { accountLinking: { enabled: true, trustedProviders: [], requireLocalEmailVerified: false } },
    plugins: [
      twoFactor({ issuer: "Koprade", accountLockout: { maxFailedAttempts: 10, durationSeconds: 900 } }),
      sessionsFor,
      ...(provider === null ? [] : [genericOAuth({ config: [providerConfig(provider)] })]),
    ],
    advanced: {
      cookiePrefix: "koprade",
      useSecureCookies: secure,
      defaultCookieAttributes: cookie,
      // People come back from the provider by a link from another site, and this one must come along.
      cookies: { state: { attributes: { ...cookie, sameSite: "lax" } }, oauth_state: { attributes: { ...cookie, sameSite: "lax" } } },
    },
  } satisfies BetterAuthOptions;
}

const providerConfig = ({ issuer, clientId, clientSecret }: Provider) => ({
  providerId,
  clientId,
  ...(clientSecret === undefined ? {} : { clientSecret }),
  discoveryUrl: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
  scopes: ["openid", "email", "profile"],
  pkce: true,
  disableSignUp: true,
  requireIdTokenVerification: true,
});

/** The key that signs cookies: made once, kept beside the accounts it protects. */
function secretOf(db: DatabaseSync): string {
  db.exec("CREATE TABLE IF NOT EXISTS koprade_secret (id INTEGER PRIMARY KEY CHECK (id = 1), secret TEXT NOT NULL) STRICT");
  db.prepare("INSERT OR IGNORE INTO koprade_secret (id, secret) VALUES (1, ?)").run(randomBytes(32).toString("base64"));
  return z.object({ secret: z.string() }).parse(db.prepare("SELECT secret FROM koprade_secret").get()).secret;
}
