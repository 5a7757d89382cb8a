/**
 * The tablet at the desk: whoever has its link may report a problem; whoever proves at it who they are may give themselves a card. Signing
 * in there makes no session: no cookie is set, nothing opens but the reader beside it, and no name comes back.
 */
import * as z from "zod";
import { slug } from "#contract";
import type { Kiosk, Kiosks } from "../views-kiosk.ts";
import { mail, password } from "./account-routes.ts";
import { cookiesOf } from "./auth.ts";
import { tooMany } from "./guards.ts";
import { createLimiter } from "./limiter.ts";
import { notFound, Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";
import { agentOf, countTry, forgetTries, type SignInGiven } from "./sign-in.ts";

const params = z.object({ name: slug });
const query = z.object({ token: z.string().min(16).max(64) });
/** Two hands report no more; a machine that is reported stands still. */
const reportsMost = { most: 5, windowMs: 60_000 };

type Given = SignInGiven & { readonly kiosks: Kiosks; readonly nowMs: () => number };

export function kioskRoutes(given: Given): readonly Route[] {
  const { kiosks, nowMs } = given;
  const reports = createLimiter({ ...reportsMost, nowMs });
  const kioskOf = (name: string, token: string): Kiosk => {
    const found = kiosks.kiosk(name, token);
    if (found !== undefined) return found;
    throw new Problem(403, "link_ended", {
      detail: "This link opens nothing, or no longer.",
      fix: `Make another one: koprade screen renew ${name}`,
      where: "token",
    });
  };
  return [
    route({
      method: "GET",
      url: "/api/kiosk/:name",
      access: "everyone",
      note: "What the tablet at the desk offers; needs its token. No person is in it.",
      params,
      query,
      handle: async ({ params: { name }, query: { token }, reply }) => {
        const kiosk = kioskOf(name, token);
        void reply.header("cache-control", "no-store");
        return { languages: kiosk.languages, hubMs: nowMs(), ...kiosk.picture() };
      },
    }),
    route({
      method: "POST",
      url: "/api/kiosk/:name/report",
      access: "everyone",
      note: "A problem with a machine, told at the desk: it is locked until staff have looked.",
      params,
      query,
      body: z.strictObject({
        machine: slug,
        reason: z.string().trim().min(3, "has fewer than 3 characters").max(160, "has more than 160 characters"),
      }),
      answer: z.object({ done: z.literal(true) }),
      handle: async ({ params: { name }, query: { token }, body }) => {
        const kiosk = kioskOf(name, token);
        const waitMs = reports.take(name);
        if (waitMs > 0) throw tooMany(waitMs, "Too many reports from this tablet.");
        if (!(await kiosk.report(body.machine, body.reason))) throw notFound(`machine ${body.machine}`);
        return { done: true };
      },
    }),
    cardRoute(given, kioskOf),
    route({
      method: "GET",
      url: "/api/kiosk/:name/card/:capture",
      access: "everyone",
      note: "Whether the reader beside the tablet has got the card it waits for.",
      params: z.object({ name: slug, capture: z.coerce.number().int().min(1) }),
      query,
      handle: async ({ params: { name, capture }, query: { token }, reply }) => {
        void reply.header("cache-control", "no-store");
        const found = kioskOf(name, token).card(capture);
        if (found === undefined) throw notFound("such card that this tablet waits for");
        return found;
      },
    }),
  ];
}

const cardRoute = (given: Given, kioskOf: (name: string, token: string) => Kiosk): Route =>
  route({
    method: "POST",
    url: "/api/kiosk/:name/card",
    access: "everyone",
    note: "Mail and password of an account: the next card at the reader beside the tablet becomes its member's. Makes no session.",
    params,
    query,
    body: z.strictObject({ mail, password }),
    answer: z.object({ capture: z.number(), untilMs: z.number() }),
    handle: async ({ params: { name }, query: { token }, body, request }) => {
      const { auth } = given;
      const kiosk = kioskOf(name, token);
      const account = body.mail.toLowerCase();
      countTry(given, request, account);
      const done = await auth.signIn({ ...body, ...agentOf(request) });
      if (done === undefined)
        throw new Problem(401, "wrong_password", {
          detail: "This address and password do not belong together.",
          fix: "Check both, or ask at the desk.",
        });
      forgetTries(given, request, account);
      const member = done.session?.actor.member;
      // A tablet that everybody touches keeps nobody signed in, not even for this.
      await auth.signOut(cookiesOf(done.setCookies));
      if (done.session === undefined)
        throw new Problem(403, "needs_code", {
          detail: "This account asks for a code besides the password.",
          fix: "Ask at the desk: staff can give you the card.",
        });
      const asked = member === null || member === undefined ? undefined : await kiosk.awaitCard(member);
      if (asked !== undefined) return asked;
      throw new Problem(404, "no_member", {
        detail: "This account belongs to no member of the space.",
        fix: "Ask at the desk to have it linked.",
      });
    },
  });
