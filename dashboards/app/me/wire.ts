/** What the pages of a member read from the hub, parsed once at the edge. */
import * as z from "zod";
import { machineStatus } from "../../shared/wire.ts";

const instant = z.number().nullable();
const training = z.object({
  course: z.string(),
  label: z.string(),
  state: z.enum(["valid", "expired", "suspended", "supervised", "missing"]).catch("missing"),
  validThrough: z.string().nullable(),
  machines: z.array(z.string()),
  needs: z.array(z.string()),
  teachers: z.array(z.string()),
  nextClass: z.object({ label: z.string(), fromMs: z.number(), freeSeats: z.number().nullable() }).nullable(),
});
const card = z.object({
  cardKey: z.string(),
  label: z.string(),
  status: z.enum(["active", "lost", "stolen", "returned", "revoked"]).catch("revoked"),
  sinceMs: z.number(),
  validThrough: z.string().nullable(),
});
const booking = z.object({ booking: z.number(), label: z.string(), fromMs: z.number(), untilMs: z.number(), state: z.string() });
const way = z.enum(["post", "mail", "push", "telegram", "matrix", "discord", "slack"]);
export type NoticeWay = z.infer<typeof way>;
const hours = z.object({ from: z.string(), until: z.string() });
const notices = z.object({
  latest: z.array(
    z.object({
      notice: z.number(),
      atMs: z.number(),
      title: z.string(),
      lines: z.array(z.string()),
      isUrgent: z.boolean(),
      isNew: z.boolean(),
      sent: z.tuple([z.number(), z.number()]),
    }),
  ),
  unseen: z.number(),
  channels: z.array(z.object({ channel: z.number(), way, address: z.string(), triedMs: instant, problem: z.string().nullable() })),
  ways: z.array(way),
  topics: z.array(z.object({ topic: z.string(), name: z.string(), isOnPage: z.boolean(), on: z.record(z.string(), z.boolean()) })),
  quiet: hours.nullable(),
  dailyAt: z.string().nullable(),
});
export const me = z.object({
  member: z.number(),
  name: z.string(),
  zone: z.string(),
  space: z.string(),
  plan: z.string().nullable(),
  validThrough: z.string().nullable(),
  isOpen: z.boolean().nullable(),
  changesMs: instant,
  next: z
    .object({ kind: z.enum(["booking", "class", "shift"]).catch("class"), label: z.string(), fromMs: z.number(), untilMs: z.number() })
    .nullable(),
  machines: z.array(z.object({ id: z.string(), label: z.string(), status: machineStatus, isTrained: z.boolean() })),
  trainings: z.array(training),
  cards: z.array(card),
  bookings: z.array(booking),
  balanceCents: z.number(),
  present: z.object({ count: z.number(), names: z.array(z.string()) }),
  sharing: z.object({ presence: z.enum(["nobody", "members", "alias"]).catch("nobody"), alias: z.string().nullable() }),
  notices,
  asksErasure: z.boolean(),
});
export const use = z.object({
  zone: z.string(),
  sessions: z.array(
    z.object({
      session: z.string(),
      label: z.string(),
      startedMs: z.number(),
      endedMs: instant,
      busyMs: z.number(),
      energyWh: z.number(),
      cents: z.number().nullable(),
      correction: z
        .object({
          toMs: z.number(),
          reason: z.string(),
          outcome: z.enum(["granted", "refused"]).nullable(),
          answer: z.string().nullable(),
        })
        .nullable(),
    }),
  ),
});
export const trail = z.array(z.object({ atMs: z.number(), who: z.string(), what: z.string(), reason: z.string().nullable() }));

export type Me = z.infer<typeof me>;
export type Training = Me["trainings"][number];
export type Card = Me["cards"][number];
export type Use = z.infer<typeof use>;
export type Session = Use["sessions"][number];
