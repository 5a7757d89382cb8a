/** What people do with their own account: password, authenticator app, passkeys, sessions, keys for programs. Never for such keys. */
import * as z from "zod";
import { isAtLeast, type Records, type Role, roles } from "../views.ts";
import { name, newPassword, password } from "./account-routes.ts";
import { type ApiKeys, keysMost, scopes } from "./api-keys.ts";
import type { Session } from "./auth.ts";
import { pageOf, pageOfArray, pageQuery } from "./paging.ts";
import { passkeysMost } from "./passkeys.ts";
import { notFound, Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";
import { countTry, forgetTries, placeOf, type SignInGiven, sendCookies } from "./sign-in.ts";

const done = z.object({ done: z.literal(true) });
const ok = { done: true } as const;
const id = z.string().min(1).max(1400);
const code = z.string().regex(/^\d{6}$/, "is not six digits");
const dayMs = 86_400_000;

export function myAccountRoutes(given: SignInGiven): readonly Route[] {
  return [
    myAccount(given),
    ...passwordRoutes(given),
    ...totpRoutes(given),
    ...passkeyRoutes(given),
    ...sessionRoutes(given),
    ...keyRoutes(given),
  ];
}

/** A change of one's own account, in the audit; it is done already, so that nobody is left without it by a disk that is full. */
const noted = (records: Records, { actor }: Session, action: string, detail: Parameters<Records["act"]>[0]["detail"] = {}): Promise<void> =>
  records.act({ actor, action, target: `account ${actor.id}`, detail });

const wrongPresent = (): Problem =>
  new Problem(403, "wrong_present_password", {
    detail: "This is not your present password.",
    fix: "Type it again.",
    where: "password",
  });

const myAccount = ({ auth }: SignInGiven): Route =>
  route({
    method: "GET",
    url: "/api/account",
    access: "member",
    keys: "never",
    note: "My own account.",
    answer: z.object({
      name: z.string(),
      mail: z.string(),
      role: z.enum(roles),
      member: z.number().nullable(),
      hasTotp: z.boolean(),
      passkeys: z.array(z.object({ id: z.string(), name: z.string(), madeMs: z.number(), usedMs: z.number().nullable() })),
    }),
    handle: async (_input, { actor, mail }) => ({
      name: actor.name,
      mail,
      role: actor.role,
      member: actor.member,
      hasTotp: auth.accounts.get(actor.id)?.hasTotp ?? false,
      passkeys: auth.passkeys.list(actor.id),
    }),
  });

const passwordRoutes = (given: SignInGiven): readonly Route[] => [
  route({
    method: "POST",
    url: "/api/account/password",
    access: "member",
    note: "A new password. All other sessions end.",
    body: z.strictObject({ password, next: newPassword }),
    answer: done,
    handle: async ({ body, request, reply }, session) => {
      const { auth, stream, records } = given;
      countTry(given, request, session.actor.id);
      const before = auth.accounts.sessions(session.actor.id);
      const cookies = await auth.factors.changePassword(request.headers.cookie ?? "", { present: body.password, next: body.next });
      if (cookies === undefined) throw wrongPresent();
      forgetTries(given, request, session.actor.id);
      for (const { token } of before) stream.end(token);
      sendCookies(reply, cookies);
      await noted(records, session, "changePassword");
      return ok;
    },
  }),
];

const totpRoutes = (given: SignInGiven): readonly Route[] => {
  const { auth, records } = given;
  return [
    route({
      method: "POST",
      url: "/api/account/totp",
      access: "member",
      note: "A secret for an authenticator app, and recovery codes, told once. In use when a code has come back.",
      body: z.strictObject({ password }),
      answer: z.object({ uri: z.string(), recoveryCodes: z.array(z.string()) }),
      handle: async ({ body, request, reply }, session) => {
        countTry(given, request, session.actor.id);
        const made = await auth.factors.startTotp(request.headers.cookie ?? "", body.password);
        if (made === "wrong_password") throw wrongPresent();
        if (made === "in_use")
          throw new Problem(409, "totp_in_use", { detail: "An app is in use already.", fix: "Take it away first, then set up another." });
        forgetTries(given, request, session.actor.id);
        void reply.header("cache-control", "no-store");
        return made;
      },
    }),
    route({
      method: "POST",
      url: "/api/account/totp/confirm",
      access: "member",
      note: "The first code of the app: from now on one is asked for at every sign-in by password.",
      body: z.strictObject({ code }),
      answer: done,
      handle: async ({ body, request, reply }, session) => {
        countTry(given, request, session.actor.id);
        const cookies = await auth.factors.confirmTotp(request.headers.cookie ?? "", body.code);
        if (cookies === undefined)
          throw new Problem(403, "wrong_totp", {
            detail: "This code is not right, used already, or came too late.",
            fix: "Check the clock of the phone and type the next one.",
            where: "code",
          });
        forgetTries(given, request, session.actor.id);
        given.stream.end(session.token);
        sendCookies(reply, cookies);
        await noted(records, session, "addTotp");
        return ok;
      },
    }),
    route({
      method: "POST",
      url: "/api/account/totp/remove",
      access: "member",
      note: "No code is asked for any more.",
      body: z.strictObject({ password }),
      answer: done,
      handle: async ({ body, request, reply }, session) => {
        countTry(given, request, session.actor.id);
        const cookies = await auth.factors.endTotp(request.headers.cookie ?? "", body.password);
        if (cookies === undefined) throw wrongPresent();
        forgetTries(given, request, session.actor.id);
        given.stream.end(session.token);
        sendCookies(reply, cookies);
        await noted(records, session, "removeTotp");
        return ok;
      },
    }),
    route({
      method: "POST",
      url: "/api/account/totp/recovery-codes",
      access: "member",
      note: "New recovery codes; the old ones are worth nothing from now on.",
      body: z.strictObject({ password }),
      answer: z.object({ recoveryCodes: z.array(z.string()) }),
      handle: async ({ body, request, reply }, session) => {
        countTry(given, request, session.actor.id);
        const recoveryCodes = await auth.factors.newRecoveryCodes(request.headers.cookie ?? "", body.password);
        if (recoveryCodes === undefined) throw wrongPresent();
        forgetTries(given, request, session.actor.id);
        void reply.header("cache-control", "no-store");
        await noted(records, session, "newRecoveryCodes");
        return { recoveryCodes };
      },
    }),
  ];
};

const passkeyRoutes = (given: SignInGiven): readonly Route[] => {
  const { auth, records } = given;
  return [
    route({
      method: "POST",
      url: "/api/account/passkeys/options",
      access: "member",
      note: "What the browser needs to make a passkey; with the password, so that a page left open gives nobody a way in.",
      body: z.strictObject({ password }),
      handle: async ({ body, request, reply }, session) => {
        countTry(given, request, session.actor.id);
        if (!(await auth.factors.isPassword(request.headers.cookie ?? "", body.password))) throw wrongPresent();
        forgetTries(given, request, session.actor.id);
        void reply.header("cache-control", "no-store");
        return auth.passkeys.offer({ account: session.actor.id, mail: session.mail, name: session.actor.name }, placeOf(request));
      },
    }),
    route({
      method: "POST",
      url: "/api/account/passkeys",
      access: "member",
      note: "The passkey that the browser made.",
      body: z.strictObject({ name, response: z.looseObject({ id }) }),
      answer: done,
      handle: async ({ body, request }, session) => {
        const made = await auth.passkeys.add(session.actor.id, body.name, body.response, placeOf(request));
        if (made === "too_many")
          throw new Problem(409, "too_many_passkeys", {
            detail: `An account has at most ${passkeysMost} passkeys.`,
            fix: "Remove one that is not used any more.",
          });
        if (made === "refused")
          throw new Problem(400, "passkey_refused", { detail: "The browser's passkey does not fit what was asked.", fix: "Begin again." });
        await noted(records, session, "addPasskey");
        return ok;
      },
    }),
    route({
      method: "POST",
      url: "/api/account/passkeys/remove",
      access: "member",
      note: "Takes a passkey away.",
      body: z.strictObject({ id }),
      answer: done,
      handle: async ({ body }, session) => {
        if (!auth.passkeys.remove(session.actor.id, body.id)) throw notFound("such passkey");
        await noted(records, session, "removePasskey");
        return ok;
      },
    }),
  ];
};

const sessionRoutes = ({ auth, stream, records }: SignInGiven): readonly Route[] => [
  route({
    method: "GET",
    url: "/api/account/sessions",
    access: "member",
    keys: "never",
    note: "Where this account is signed in.",
    query: pageQuery,
    answer: pageOf(z.object({ id: z.string(), madeMs: z.number(), seenMs: z.number(), agent: z.string(), here: z.boolean() })),
    handle: async ({ query }, session) => {
      const rows = auth.accounts.sessions(session.actor.id).map(({ token, ...row }) => ({ ...row, here: token === session.token }));
      return pageOfArray(query, rows, (row) => row.id);
    },
  }),
  route({
    method: "POST",
    url: "/api/account/sessions/end",
    access: "member",
    note: "Signs out one of them, or all but this one.",
    body: z.union([z.strictObject({ id }), z.strictObject({ others: z.literal(true) })]),
    answer: z.object({ ended: z.number() }),
    handle: async ({ body }, session) => {
      const which = "id" in body ? { only: body.id } : { butToken: session.token };
      const tokens = auth.accounts.endSessions(session.actor.id, which);
      for (const token of tokens) stream.end(token);
      if (tokens.length > 0) await noted(records, session, "endSessions", { ended: tokens.length });
      return { ended: tokens.length };
    },
  }),
];

const keyShape = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  scope: z.enum(scopes),
  madeMs: z.number(),
  expiresMs: z.number().nullable(),
  usedMs: z.number().nullable(),
});

const keyRoutes = ({ auth, stream, records }: SignInGiven): readonly Route[] => [
  route({
    method: "GET",
    url: "/api/account/keys",
    access: "manager",
    keys: "never",
    note: "My keys for programs, without their secrets.",
    query: pageQuery,
    answer: pageOf(keyShape),
    handle: async ({ query }, { actor }) => pageOfArray(query, auth.keys.list(actor.id), (row) => row.id),
  }),
  route({
    method: "POST",
    url: "/api/account/keys",
    access: "manager",
    note: "A key for a program. Its secret is told this once.",
    body: z.strictObject({
      name,
      role: z.enum(roles).default("staff"),
      scope: z.enum(scopes).default("read"),
      days: z.int().min(1).max(3660).nullable().default(365),
    }),
    answer: z.object({ key: keyShape, secret: z.string() }),
    handle: async ({ body, reply }, session) => {
      const made = newKey(auth.keys, session, body);
      void reply.header("cache-control", "no-store");
      const { id: of, role, scope } = made.key;
      await noted(records, session, "addKey", { key: of, role, scope });
      return made;
    },
  }),
  route({
    method: "POST",
    url: "/api/account/keys/revoke",
    access: "manager",
    note: "A key that is worth nothing from now on.",
    body: z.strictObject({ id }),
    answer: done,
    handle: async ({ body }, session) => {
      if (!auth.keys.revoke(session.actor.id, body.id)) throw notFound("such key");
      stream.end(`key ${body.id}`);
      await noted(records, session, "revokeKey", { key: body.id });
      return ok;
    },
  }),
];

function newKey(
  keys: ApiKeys,
  { actor }: Session,
  { role, scope, days, name: called }: { role: Role; scope: "read" | "commands"; days: number | null; name: string },
): NonNullable<ReturnType<ApiKeys["make"]>> {
  if (!isAtLeast(actor.role, role))
    throw new Problem(403, "not_allowed", {
      detail: "A key cannot do more than you.",
      fix: "Choose your own role or a lower one.",
      where: "role",
    });
  const expiresMs = days === null ? null : Date.now() + days * dayMs;
  const made = keys.make(actor.id, { name: called, role, scope, expiresMs });
  if (made !== undefined) return made;
  throw new Problem(409, "too_many_keys", {
    detail: `An account has at most ${keysMost} keys.`,
    fix: "Revoke one that is not used any more.",
  });
}
