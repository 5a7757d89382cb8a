/** Who is there: first run, sign in, sign out. The only routes that strangers may use. */
import * as z from "zod";
import { type Commands, type LiveView, languages, roles } from "../views.ts";
import type { SignedIn } from "./auth.ts";
import { passwordLengthMax, passwordLengthMin } from "./first-run.ts";
import { Problem } from "./problem.ts";
import { providerRoutes } from "./provider-routes.ts";
import { type Route, route } from "./route.ts";
import { agentOf, countTry, forgetTries, placeOf, type SignInGiven, sendCookies, welcome } from "./sign-in.ts";

export const mail = z.email("is not a mail address").max(254);
export const password = z.string().max(passwordLengthMax, `has more than ${passwordLengthMax} characters`);
export const newPassword = password.min(passwordLengthMin, `has fewer than ${passwordLengthMin} characters`);
export const name = z.string().trim().min(1, "is empty").max(60, "has more than 60 characters");

const firstRunBody = z.strictObject({
  code: z.string().max(32),
  space: name,
  zone: z.string().max(60).refine(isZone, "is not a time zone such as Europe/Riga"),
  language: z.enum(languages),
  ownerName: name,
  mail,
  password: newPassword,
});

const signedIn = z.object({ state: z.literal("signed_in"), name: z.string(), role: z.enum(roles), member: z.number().nullable() });
const halfSignedIn = z.object({ state: z.literal("second_step") });
const passkeyAnswer = z.looseObject({ id: z.string().max(1400) });

type Given = SignInGiven & { readonly views: LiveView; readonly commands: Commands };

export function accountRoutes(given: Given): readonly Route[] {
  return [
    sessionRoute(given),
    firstRunRoute(given),
    ...signRoutes(given),
    ...passkeyRoutes(given),
    ...providerRoutes(given),
    healthRoute(given),
  ];
}

const wrongPassword = (): Problem =>
  new Problem(401, "wrong_password", {
    detail: "This address and password do not belong together.",
    fix: "Check both; whoever looks after the accounts can give you a link for a new password.",
  });

const sessionRoute = ({ auth, views }: Given): Route =>
  route({
    method: "GET",
    url: "/api/session",
    access: "everyone",
    note: "Am I signed in, and has this space an owner?",
    handle: async ({ request, reply }) => {
      void reply.header("cache-control", "no-store");
      if (!auth.hasOwner()) return { state: "first_run", language: null, space: null };
      const { site } = views.snapshot();
      const session = await auth.session(request.headers.cookie);
      if (session === undefined)
        return { state: "signed_out", language: site.language, space: site.name, provider: auth.provider?.name ?? null };
      return {
        state: "signed_in",
        language: site.language,
        space: site.name,
        name: session.actor.name,
        role: session.actor.role,
        member: session.actor.member,
      };
    },
  });

const firstRunRoute = (given: Given): Route =>
  route({
    method: "POST",
    url: "/api/first-run",
    access: "newcomer",
    note: "Makes the first owner, with the code from the terminal.",
    body: firstRunBody,
    handle: async ({ body, request, reply }) => {
      const { auth, commands } = given;
      const { firstRun } = auth;
      if (firstRun === null) throw new Problem(409, "owner_exists", { detail: "This space already has an owner.", fix: "Sign in." });
      const found = firstRun.check(body.code);
      if (found === "wrong")
        throw new Problem(403, "wrong_code", {
          detail: "This is not the code in the terminal.",
          fix: "Copy it from the window where koprade was started.",
          where: "code",
        });
      if (found === "spent") {
        throw new Problem(403, "code_spent", {
          detail: "The code is no longer valid: 30 minutes have passed, or it was wrong five times.",
          fix: "Stop koprade and start it again: it prints a new one.",
          where: "code",
        });
      }
      await commands.createOwner({
        space: body.space,
        zone: body.zone,
        language: body.language,
        ownerName: body.ownerName,
        ownerMail: body.mail,
      });
      await auth.createUser({ mail: body.mail, password: body.password, name: body.ownerName, role: "owner" });
      firstRun.spend();
      const done = await auth.signIn({ ...body, ...agentOf(request) });
      if (done?.session === undefined) throw wrongPassword();
      return welcome(given, done, "password", { request, reply });
    },
  });

function signRoutes(given: Given): readonly Route[] {
  const { auth, stream } = given;
  return [
    route({
      method: "POST",
      url: "/api/login",
      access: "everyone",
      note: "Mail and password to a session cookie; or to `second_step`, when the account wants a code besides.",
      body: z.strictObject({ mail, password }),
      answer: z.union([signedIn, halfSignedIn]),
      handle: async ({ body, request, reply }) => {
        const account = body.mail.toLowerCase();
        countTry(given, request, account);
        const done = await auth.signIn({ ...body, ...agentOf(request) });
        if (done === undefined) throw wrongPassword();
        forgetTries(given, request, account);
        if (done.session !== undefined) return welcome(given, done, "password", { request, reply });
        sendCookies(reply, done.setCookies);
        return { state: "second_step" };
      },
    }),
    route({
      method: "POST",
      url: "/api/login/code",
      access: "everyone",
      note: "The second step: a code of the authenticator app, or a recovery code, each good for once.",
      body: z.strictObject({ code: z.string().trim().min(6, "has fewer than 6 characters").max(32, "has more than 32 characters") }),
      answer: signedIn,
      handle: async ({ body, request, reply }) => {
        countTry(given, request);
        const done: SignedIn | undefined = await auth.factors.secondStep(request.headers.cookie ?? "", body.code);
        if (done === undefined)
          throw new Problem(401, "wrong_totp", {
            detail: "This code is not right, used already, or came too late.",
            fix: "Take the next one; after several wrong ones begin with the password again.",
            where: "code",
          });
        forgetTries(given, request);
        return welcome(given, done, "code", { request, reply });
      },
    }),
    route({
      method: "POST",
      url: "/api/logout",
      access: "everyone",
      note: "Ends the session and its live pages.",
      handle: async ({ request, reply }) => {
        const session = await auth.session(request.headers.cookie);
        if (session !== undefined) stream.end(session.token);
        void reply.header("set-cookie", [...(await auth.signOut(request.headers.cookie))]);
        return { state: "signed_out" };
      },
    }),
  ];
}

function passkeyRoutes(given: Given): readonly Route[] {
  const { auth } = given;
  return [
    route({
      method: "POST",
      url: "/api/login/passkey/options",
      access: "everyone",
      note: "What the browser needs to sign in with a passkey (WebAuthn): asks for any that this host has.",
      body: z.strictObject({}),
      handle: async ({ request, reply }) => {
        countTry(given, request);
        void reply.header("cache-control", "no-store");
        return auth.passkeys.ask(placeOf(request));
      },
    }),
    route({
      method: "POST",
      url: "/api/login/passkey",
      access: "everyone",
      note: "The browser's answer to that, to a session cookie.",
      body: z.strictObject({ response: passkeyAnswer }),
      answer: signedIn,
      handle: async ({ body, request, reply }) => {
        countTry(given, request);
        const account = await auth.passkeys.check(body.response, placeOf(request));
        const done = account === undefined ? undefined : await auth.signInAs(account, agentOf(request));
        if (done === undefined)
          throw new Problem(401, "wrong_passkey", {
            detail: "This passkey is not one of an account here.",
            fix: "Sign in with mail and password, then add it to your account.",
          });
        forgetTries(given, request);
        return welcome(given, done, "passkey", { request, reply });
      },
    }),
  ];
}

const healthRoute = ({ auth, views }: Given): Route =>
  route({
    method: "GET",
    url: "/api/health",
    access: "everyone",
    note: "200 while the hub answers; details are for those who are signed in.",
    handle: async ({ request, reply }) => {
      void reply.header("cache-control", "no-store");
      const session = await auth.session(request.headers.cookie);
      const troubles = views.troubles();
      return session === undefined ? { ok: troubles.length === 0 } : { ok: troubles.length === 0, troubles };
    },
  });

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
