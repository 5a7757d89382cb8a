/** Who is there: first run, sign in, sign out. The only routes that strangers may use. */
import type { FastifyReply } from "fastify";
import * as z from "zod";
import { type Commands, type LiveView, languages } from "../views.ts";
import type { Auth } from "./auth.ts";
import { passwordLengthMax, passwordLengthMin } from "./first-run.ts";
import { tooMany } from "./guards.ts";
import type { Limiter } from "./limiter.ts";
import { Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";
import type { Stream } from "./stream.ts";

const mail = z.email("is not a mail address").max(254);
const password = z.string().max(passwordLengthMax, `has more than ${passwordLengthMax} characters`);
const name = z.string().trim().min(1, "is empty").max(60, "has more than 60 characters");

const firstRunBody = z.strictObject({
  code: z.string().max(32),
  space: name,
  zone: z.string().max(60).refine(isZone, "is not a time zone such as Europe/Riga"),
  language: z.enum(languages),
  ownerName: name,
  mail,
  password: password.min(passwordLengthMin, `has fewer than ${passwordLengthMin} characters`),
});

type Given = {
  readonly auth: Auth;
  readonly views: LiveView;
  readonly commands: Commands;
  readonly stream: Stream;
  readonly tries: Limiter;
};

export function accountRoutes(given: Given): readonly Route[] {
  return [sessionRoute(given), firstRunRoute(given), ...signRoutes(given), healthRoute(given)];
}

async function signIn(auth: Auth, reply: FastifyReply, who: { readonly mail: string; readonly password: string }) {
  const done = await auth.signIn(who);
  if (done === undefined)
    throw new Problem(401, "wrong_password", {
      detail: "This address and password do not belong together.",
      fix: "Check both; an owner can set a new password in the terminal.",
    });
  void reply.header("set-cookie", [...done.setCookies]).header("cache-control", "no-store");
  return { state: "signed_in", name: done.session.actor.name, role: done.session.actor.role, member: done.session.actor.member };
}

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
      if (session === undefined) return { state: "signed_out", language: site.language, space: site.name };
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

const firstRunRoute = ({ auth, commands }: Given): Route =>
  route({
    method: "POST",
    url: "/api/first-run",
    access: "newcomer",
    note: "Makes the first owner, with the code from the terminal.",
    body: firstRunBody,
    handle: async ({ body, reply }) => {
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
      return signIn(auth, reply, body);
    },
  });

function signRoutes({ auth, stream, tries }: Given): readonly Route[] {
  return [
    route({
      method: "POST",
      url: "/api/login",
      access: "everyone",
      note: "Mail and password to a session cookie.",
      body: z.strictObject({ mail, password }),
      handle: async ({ body, request, reply }) => {
        const keys = [`from ${request.ip}`, `for ${body.mail.toLowerCase()}`];
        const waitMs = Math.max(...keys.map((key) => tries.take(key)));
        if (waitMs > 0) throw tooMany(waitMs, "Too many attempts to sign in.");
        const done = await signIn(auth, reply, body);
        for (const key of keys) tries.clear(key);
        return done;
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
