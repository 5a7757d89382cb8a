/** What happens now and what was: live page, power, reasons, reports. For staff. */

import * as z from "zod";
import { slug } from "#contract";
import { type LiveView, languages } from "../views.ts";
import type { Auth } from "./auth.ts";
import { securityHeaders } from "./guards.ts";
import { notFound, Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";
import { sendFile } from "./send-file.ts";
import type { Stream } from "./stream.ts";

const dayMs = 86_400_000;
const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, "is not a month such as 2026-11");
const language = z.enum(languages).default("en");
const instant = z.coerce.number().int().min(0).max(8_640_000_000_000_000);

export function liveRoutes(given: {
  readonly views: LiveView;
  readonly auth: Auth;
  readonly stream: Stream;
  readonly nowMs: () => number;
}): readonly Route[] {
  return [...nowRoutes(given), ...questionRoutes(given), ...reportRoutes(given)];
}

function nowRoutes({ views, stream }: { readonly views: LiveView; readonly stream: Stream }): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/live",
      access: "staff",
      note: "Everything the live page shows, once.",
      handle: async () => views.snapshot(),
    }),
    route({
      method: "GET",
      url: "/api/live/stream",
      access: "staff",
      note: "The same, and every change as it happens (server-sent events: snapshot, change, beat every 5 s).",
      handle: async ({ request, reply }, session) => {
        const id = request.headers["last-event-id"];
        const opened = stream.open({
          response: reply.raw,
          token: session.token,
          lastEventId: Array.isArray(id) ? id[0] : id,
          headers: { ...securityHeaders },
        });
        if (!opened)
          throw new Problem(503, "too_many_pages", {
            detail: "Too many live pages are open.",
            fix: "Close one and reload.",
            retryAfterS: 10,
          });
        reply.hijack();
        return reply;
      },
    }),
    route({
      method: "GET",
      url: "/api/muster",
      access: "staff",
      note: "Who may be in the building; frozen while it is evacuated.",
      handle: async () => views.muster(),
    }),
  ];
}

function questionRoutes({ views, nowMs }: { readonly views: LiveView; readonly nowMs: () => number }): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/machines/:id/power",
      access: "staff",
      note: "Power of one machine, at most a week, at most 2,000 points.",
      params: z.object({ id: slug }),
      query: z.object({ from: instant.optional(), to: instant.optional() }),
      handle: async ({ params, query }) => {
        const to = query.to ?? nowMs();
        const from = query.from ?? to - 3_600_000;
        if (from >= to || to - from > 7 * dayMs)
          throw new Problem(400, "invalid", {
            detail: "from must lie before to, at most 7 days.",
            fix: "Ask for a shorter time.",
            where: "from",
          });
        const trace = await views.powerTrace(params.id, from, to);
        if (trace === undefined) throw notFound(`machine ${params.id}`);
        return trace;
      },
    }),
    route({
      method: "GET",
      url: "/api/decisions",
      access: "staff",
      note: "Why would this member be let in or refused there and then? Every rule with what it says.",
      query: z.object({ member: z.coerce.number().int().min(1).max(0xffff_ffff), at: slug, when: instant.optional() }),
      handle: async ({ query }) => {
        const why = await views.why({ member: query.member, at: query.at, whenMs: query.when ?? nowMs() });
        if (why === undefined) throw notFound(`member ${query.member}, or door or machine ${query.at}`);
        return why;
      },
    }),
  ];
}

function reportRoutes({ views }: { readonly views: LiveView }): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/reports/:month",
      access: "staff",
      note: "A month as tables.",
      params: z.object({ month }),
      query: z.object({ language }),
      handle: async ({ params, query }) => views.monthReport(params.month, query.language),
    }),
    route({
      method: "GET",
      url: "/api/reports/:month/file",
      access: "staff",
      note: "A month as a file: CSV, PDF or XLSX.",
      params: z.object({ month }),
      query: z.object({ language, format: z.enum(["csv", "pdf", "xlsx"]).default("csv") }),
      handle: async ({ params, query, reply }) => {
        const file = await views.monthFile(params.month, query.language, query.format);
        if (file === undefined) throw notFound(`${query.format} of ${params.month}`);
        return sendFile(reply, file);
      },
    }),
  ];
}
