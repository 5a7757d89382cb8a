/** What a screen reads from the hub, parsed once at the edge. The hub may be newer than a page that has hung for months. */
import * as z from "zod/mini";

const instant = z.nullable(z.number());
const languages = ["en", "lv", "sv", "nb"] as const;
export type Language = (typeof languages)[number];
export const boards = ["machines", "today", "printers", "month", "sign"] as const;
export type Board = (typeof boards)[number];

const status = z.catch(
  z.enum([
    "emergency",
    "fault",
    "tamper",
    "locked_out",
    "out_of_order",
    "unknown",
    "busy",
    "idle",
    "grace",
    "run_on",
    "needs_check",
    "reserved",
    "free",
  ]),
  "unknown",
);
const nodeStatus = z.catch(z.enum(["pending", "offline", "suspect", "syncing", "online", "quarantined", "revoked"]), "offline");
const jobState = z.catch(z.enum(["preparing", "running", "paused", "complete", "failed"]), "failed");

const site = z.object({
  name: z.string(),
  zone: z.string(),
  mode: z.catch(z.enum(["normal", "evacuate", "lockdown"]), "normal"),
  simulated: z.boolean(),
  deafSinceMs: instant,
});
const machine = z.object({
  id: z.string(),
  label: z.string(),
  node: z.string(),
  status,
  sinceMs: instant,
  job: z.nullable(z.object({ state: jobState, sinceMs: z.number() })),
});
const node = z.object({ id: z.string(), status: nodeStatus, seenMs: instant });
const today = z.object({
  isOpen: z.nullable(z.boolean()),
  changesMs: instant,
  classes: z.array(
    z.object({
      label: z.string(),
      fromMs: z.number(),
      untilMs: z.number(),
      places: z.array(z.string()),
      freeSeats: z.nullable(z.number()),
    }),
  ),
  bookings: z.array(z.object({ machine: z.string(), label: z.string(), fromMs: z.number(), untilMs: z.number() })),
});
export const picture = z.object({ site, machines: z.array(machine), nodes: z.array(node), today });
export const screen = z.object({
  screen: z.object({ name: z.string(), boards: z.array(z.enum(boards)), languages: z.array(z.enum(languages)) }),
});
export const change = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("site"), site }),
  z.object({ kind: z.literal("machine"), machine }),
  z.object({ kind: z.literal("node"), node }),
  z.object({ kind: z.literal("today"), today }),
  z.object({ kind: z.literal("all"), picture }),
]);
export const beat = z.object({ hubMs: z.number() });
export const month = z.object({
  month: z.string(),
  busyHours: z.nullable(z.number()),
  people: z.nullable(z.union([z.number(), z.literal("few")])),
  events: z.nullable(z.number()),
  volunteerHours: z.nullable(z.number()),
  machines: z.array(z.object({ label: z.string(), hours: z.number() })),
});

export type Picture = z.infer<typeof picture>;
export type Machine = z.infer<typeof machine>;
export type Node = z.infer<typeof node>;
export type Today = z.infer<typeof today>;
export type Month = z.infer<typeof month>;
export type Change = z.infer<typeof change>;
export type Screen = z.infer<typeof screen>["screen"];
export type Status = z.infer<typeof status>;
