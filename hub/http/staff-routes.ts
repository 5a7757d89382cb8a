/** What the pages of staff read beside the live picture, and the orders that only a running hub can carry out. */
import * as z from "zod";
import { slug } from "#contract";
import type { CommandOutcome } from "../views.ts";
import { energySpans, logGroups, type StaffOrders, type StaffReads } from "../views-staff.ts";
import { notFound } from "./problem.ts";
import { type Route, route } from "./route.ts";

const id = z.object({ id: slug });
const memberNumber = z.coerce.number().int().min(1).max(0xffff_ffff);
const rowNumber = z.coerce.number().int().min(1);
const label = z.string().trim().max(60).default("");

export type StaffGiven = { readonly reads: StaffReads; readonly orders: StaffOrders };

export function staffRoutes({ reads, orders }: StaffGiven): readonly Route[] {
  return [...placeReads(reads), ...peopleReads(reads), ...recordReads(reads), ...orderRoutes(orders)];
}

/** @throws Problem 404 when there is nothing */
function there<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw notFound(what);
  return found;
}

function placeReads(reads: StaffReads): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/now",
      access: "staff",
      note: "Who waits for staff, what comes within a day, who is on duty.",
      handle: async () => reads.lanes(),
    }),
    route({
      method: "GET",
      url: "/api/machines",
      access: "staff",
      note: "Every machine with its place, course and risk class.",
      handle: async () => reads.machines(),
    }),
    route({
      method: "GET",
      url: "/api/machines/:id",
      access: "staff",
      note: "One machine: today and last week, bookings, who may teach and maintain it, care, four weeks of use.",
      params: id,
      handle: async ({ params }) => there(reads.machine(params.id), `machine ${params.id}`),
    }),
    route({
      method: "GET",
      url: "/api/doors/:id",
      access: "staff",
      note: "One door: where it leads, how it fails, what happened there.",
      params: id,
      handle: async ({ params }) => there(reads.door(params.id), `door ${params.id}`),
    }),
    route({
      method: "GET",
      url: "/api/nodes",
      access: "staff",
      note: "Every node with what hangs on it and how its wiring was tested; newcomers while the window is open.",
      handle: async () => reads.nodes(),
    }),
  ];
}

function peopleReads(reads: StaffReads): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/people",
      access: "staff",
      note: "Members by name or number, 50 at a time.",
      query: z.object({
        q: z.string().max(60).default(""),
        show: z.enum(["all", "active", "hold", "ending", "no_training", "left"]).default("all"),
        after: z
          .string()
          .regex(/^\d{1,10}$/, "is no number of a member")
          .optional(),
      }),
      handle: async ({ query }) => reads.people({ text: query.q, show: query.show, after: query.after }),
    }),
    route({
      method: "GET",
      url: "/api/people/:member",
      access: "staff",
      note: "One member: cards, trainings, memberships, holds, visits, sessions. Who looks says why.",
      params: z.object({ member: memberNumber }),
      sees: ({ params }) => params.member,
      handle: async ({ params }) => there(reads.person(params.member), `member ${params.member}`),
    }),
    route({
      method: "GET",
      url: "/api/choices",
      access: "staff",
      note: "Plans, courses and readers, to choose from.",
      handle: async () => reads.choices(),
    }),
    route({
      method: "GET",
      url: "/api/captures/:capture",
      access: "staff",
      note: "Whether the reader that waits for a new card has got one.",
      params: z.object({ capture: rowNumber }),
      handle: async ({ params }) => there(reads.capture(params.capture), `capture ${params.capture}`),
    }),
    route({
      method: "GET",
      url: "/api/trainings",
      access: "staff",
      note: "Courses with their teachers, who waits for one, whose training ends within 30 days, classes to come.",
      handle: async () => reads.trainings(),
    }),
  ];
}

function recordReads(reads: StaffReads): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/log",
      access: "staff",
      note: "What happened, newest first, 50 lines at a time.",
      query: z.object({
        group: z.enum(logGroups).default("all"),
        place: slug.optional(),
        member: memberNumber.optional(),
        before: z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional(),
      }),
      handle: async ({ query }) => reads.log({ group: query.group, place: query.place, member: query.member, beforeMs: query.before }),
    }),
    route({
      method: "GET",
      url: "/api/energy",
      access: "staff",
      note: "Energy by machine today, in the last 7 or 30 days: worked, idle, while the space was closed.",
      query: z.object({ span: z.enum(energySpans).default("today") }),
      handle: async ({ query }) => reads.energy(query.span),
    }),
  ];
}

function orderRoutes(orders: StaffOrders): readonly Route[] {
  return [
    route({
      method: "POST",
      url: "/api/doors/:id/order",
      access: "staff",
      once: true,
      note: "Silences a door's alarm, locks it now, or lets it leave a jam: nothing that opens it.",
      params: id,
      body: z.strictObject({ order: z.enum(["acknowledge", "relock", "reset"]) }),
      handle: async ({ params, body }, { actor }) =>
        heard(`door ${params.id}`, await orders.orderDoor({ door: params.id, order: body.order, actor })),
    }),
    route({
      method: "POST",
      url: "/api/nodes/:id/identify",
      access: "staff",
      once: true,
      note: "Lets a node blink and beep, so that a person finds it.",
      params: id,
      body: z.strictObject({}),
      handle: async ({ params }, { actor }) => heard(`node ${params.id}`, await orders.identify({ node: params.id, actor })),
    }),
    route({
      method: "POST",
      url: "/api/newcomers/:fp/adopt",
      access: "manager",
      once: true,
      note: "Lets a newcomer in whose words a person has compared.",
      params: z.object({ fp: z.string().regex(/^[A-Za-z0-9_-]{4,64}$/, "is no newcomer's name") }),
      body: z.strictObject({ node: slug, label, kind: z.enum(["door", "machine", "mixed"]) }),
      handle: async ({ params, body }, { actor }) => heard(`newcomer ${params.fp}`, await orders.adopt({ fp: params.fp, ...body, actor })),
    }),
  ];
}

function heard(what: string, outcome: CommandOutcome): CommandOutcome {
  if (outcome.status === "missing") throw notFound(what);
  return outcome;
}
