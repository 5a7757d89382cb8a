/** What a member sees of themselves. Each question is about the member record of the account that asks; no other can be named. */
import * as z from "zod";
import { languages } from "../views.ts";
import type { MeView } from "../views-me.ts";
import type { Session } from "./auth.ts";
import { Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";

const language = z.object({ language: z.enum(languages).default("en") });

export function meRoutes(views: MeView): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/me",
      access: "member",
      note: "My next thing, what is open and free, my trainings, cards, bookings and choices.",
      query: language,
      handle: async ({ query }, session) => own(session, (member) => views.me(member, query.language)),
    }),
    route({
      method: "GET",
      url: "/api/me/use",
      access: "member",
      note: "My sessions of the last thirteen months, with energy, cost and corrections.",
      handle: async (_input, session) => own(session, (member) => views.use(member)),
    }),
    route({
      method: "GET",
      url: "/api/me/use/file",
      access: "member",
      note: "The same as CSV.",
      handle: async ({ reply }, session) => {
        void reply.header("content-disposition", 'attachment; filename="my-use.csv"').type("text/csv; charset=utf-8");
        return own(session, (member) => views.useCsv(member));
      },
    }),
    route({
      method: "GET",
      url: "/api/me/push-key",
      access: "member",
      note: "With which a browser subscribes to my notices (RFC 8292 §3.2).",
      handle: async () => ({ key: await views.pushKey() }),
    }),
    route({
      method: "GET",
      url: "/api/me/trail",
      access: "member",
      note: "Who saw or changed what the space has on me, by role.",
      handle: async (_input, session) => own(session, (member) => views.trail(member)),
    }),
    route({
      method: "GET",
      url: "/api/me/file",
      access: "member",
      note: "Everything the space has on me, as JSON.",
      query: language,
      handle: async ({ query, reply }, session) => {
        void reply.header("content-disposition", 'attachment; filename="my-data.json"').type("application/json; charset=utf-8");
        return JSON.stringify(
          own(session, (member) => views.everything(member, query.language)),
          null,
          2,
        );
      },
    }),
  ];
}

function own<T>({ actor }: Session, ask: (member: number) => T | undefined): T {
  const found = actor.member === null ? undefined : ask(actor.member);
  if (found !== undefined) return found;
  throw new Problem(404, "no_member", {
    detail: "This account belongs to no member of the space.",
    fix: "Ask a manager to link it to your member record.",
  });
}
