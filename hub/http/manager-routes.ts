/** What the pages of managers read beside those of staff, and the commands that carry a month's figures. */
import * as z from "zod";
import { languages } from "../views.ts";
import type { ManagerOrders, ManagerReads } from "../views-manager.ts";
import { notFound } from "./problem.ts";
import { type Route, route } from "./route.ts";
import { sendFile } from "./send-file.ts";

const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, "is no month such as 2026-11");
const language = z.enum(languages).default("en");
const hash = z.string().regex(/^[0-9a-f]{64}$/, "is no SHA-256");
const word = z.string().regex(/^[a-z0-9-]{1,63}$/, "is no short name");

export type ManagerGiven = { readonly reads: ManagerReads; readonly orders: ManagerOrders };

export function managerRoutes({ reads, orders }: ManagerGiven): readonly Route[] {
  return [...monthReads(reads), ...otherReads(reads), ...monthOrders(orders)];
}

function monthReads(reads: ManagerReads): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/months",
      access: "manager",
      note: "Months with where each stands: running, open, draft, checked, closed, revised.",
      handle: async () => reads.months(),
    }),
    route({
      method: "GET",
      url: "/api/months/:month",
      access: "manager",
      note: "One month: what is doubtful and what mends it, its numbers with their coverage, its revisions with what differs.",
      params: z.object({ month }),
      query: z.object({ language }),
      handle: async ({ params, query }) => reads.month(params.month, query.language),
    }),
    route({
      method: "GET",
      url: "/api/months/:month/number",
      access: "manager",
      note: "One number of a month taken apart: definition, numerator, denominator, coverage, method version, and the rows behind it.",
      params: z.object({ month }),
      query: z.object({ name: z.string().regex(/^[\w.]{1,40}(\/[\w-]{1,63})?$/, "is no number such as M09/laser-1"), language }),
      handle: async ({ params, query }) => {
        const found = await reads.number(params.month, query.name, query.language);
        if (found === undefined) throw notFound(`number ${query.name} in ${params.month}`);
        return found;
      },
    }),
    route({
      method: "GET",
      url: "/api/months/:month/file",
      access: "manager",
      note: "A document of a month, as `koprade report --pack` makes it; of a project with document=project.",
      params: z.object({ month }),
      query: z.object({
        language,
        document: word.default("full"),
        format: word.default("pdf"),
        project: word.optional(),
        revision: z.coerce.number().int().min(1).max(1000).optional(),
      }),
      handle: async ({ params, query, reply }) => {
        const { document, format, project = null, revision = null } = query;
        return sendFile(reply, await reads.file({ month: params.month, revision, document, project, format, language: query.language }));
      },
    }),
  ];
}

function otherReads(reads: ManagerReads): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/projects",
      access: "manager",
      note: "Projects of funders with their time and how many indicators each has.",
      handle: async () => reads.projects(),
    }),
    route({
      method: "GET",
      url: "/api/projects/:project",
      access: "manager",
      note: "One project: what it promised and what was reached by now, each with its source, and the machines that it bought.",
      params: z.object({ project: word }),
      handle: async ({ params }) => {
        const found = await reads.project(params.project);
        if (found === undefined) throw notFound(`project ${params.project}`);
        return found;
      },
    }),
    route({
      method: "GET",
      url: "/api/months/:month/money",
      access: "manager",
      note: "The sustainability sheet of a month with the lines and rates behind it.",
      params: z.object({ month }),
      query: z.object({ language }),
      handle: async ({ params, query }) => reads.money(params.month, query.language),
    }),
    route({
      method: "GET",
      url: "/api/corrections",
      access: "manager",
      note: "Other ends of sessions that members asked for, the newest first, at most 200.",
      query: z.object({ show: z.enum(["open", "all"]).default("open") }),
      handle: async ({ query }) => reads.corrections(query.show === "open"),
    }),
    route({
      method: "GET",
      url: "/api/roles",
      access: "manager",
      note: "Members with a role of the space, trainers and maintainers with what each is for.",
      handle: async () => reads.roles(),
    }),
    route({
      method: "GET",
      url: "/api/retention",
      access: "manager",
      note: "What is kept how long, what is let go of next, and who asks to be forgotten.",
      handle: async () => reads.retention(),
    }),
  ];
}

function monthOrders(orders: ManagerOrders): readonly Route[] {
  return [
    route({
      method: "POST",
      url: "/api/months/:month/draft",
      access: "manager",
      once: true,
      note: "Makes the draft of a month that is over, as the hub does on the 1st at 06:00.",
      params: z.object({ month }),
      body: z.strictObject({}),
      handle: async ({ params }, { actor }) => orders.draft({ month: params.month, actor }),
    }),
    route({
      method: "POST",
      url: "/api/months/:month/close",
      access: "manager",
      once: true,
      note: "Closes a month with the figures of this hash; other ones are not closed.",
      params: z.object({ month }),
      body: z.strictObject({ hash }),
      handle: async ({ params, body }, { actor }) => orders.close({ month: params.month, hash: body.hash, actor }),
    }),
    route({
      method: "POST",
      url: "/api/months/:month/revise",
      access: "manager",
      once: true,
      note: "Makes a new revision of a closed month, of the figures of this hash.",
      params: z.object({ month }),
      body: z.strictObject({
        hash,
        reason: z.string().trim().min(3, "has fewer than 3 characters").max(160, "has more than 160 characters"),
      }),
      handle: async ({ params, body }, { actor }) => orders.revise({ month: params.month, ...body, actor }),
    }),
  ];
}
