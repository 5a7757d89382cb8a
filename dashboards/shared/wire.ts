/**
 * What the page reads from the hub, parsed once at the edge. The hub may be newer than an open page: unknown statuses become
 * `unknown`, unknown reasons stay as their code. A test proves that everything the hub sends fits these shapes.
 */
import * as z from "zod";

const person = z.object({ member: z.number(), name: z.string() }).nullable();
const watts = z.number().nullable();
const instant = z.number().nullable();
export const languages = ["en", "lv", "sv", "nb"] as const;
export type Language = (typeof languages)[number];
/** Most powerful first: each may do what those after it may. A role this page does not know may do least. */
export const roles = ["owner", "manager", "staff", "member"] as const;
export type Role = (typeof roles)[number];
const role = z.enum(roles).catch("member");
const language = z.enum(languages).catch("en");

export const machineStatus = z
  .enum([
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
  ])
  .catch("unknown");
export const doorStatus = z.enum(["forced", "held", "unknown", "open", "unlocked", "passage", "secure"]).catch("unknown");
export const nodeStatus = z.enum(["pending", "offline", "suspect", "syncing", "online", "quarantined", "revoked"]).catch("offline");

const door = z.object({ id: z.string(), label: z.string(), node: z.string(), status: doorStatus, sinceMs: instant, who: person });
const machine = z.object({
  id: z.string(),
  label: z.string(),
  node: z.string(),
  status: machineStatus,
  sinceMs: instant,
  who: person,
  note: z.string().nullable(),
  powerW: watts,
  powerAtMs: instant,
  powerUncertainPct: z.number().nullable().default(null),
  energyTodayWh: z.number().nullable(),
  idleW: watts,
  busyW: watts,
});
const session = z.object({
  id: z.string(),
  machine: z.string(),
  machineLabel: z.string(),
  who: z.object({ member: z.number(), name: z.string() }),
  startedMs: z.number(),
  phase: z.enum(["enabled", "idle", "busy", "grace", "unattended"]).catch("enabled"),
  leaseUntilMs: instant,
});
const node = z.object({
  id: z.string(),
  label: z.string(),
  status: nodeStatus,
  sinceMs: instant,
  lastSeenMs: instant,
  outboxDepth: z.number().nullable(),
  snapshotAgeMs: z.number().nullable(),
  clock: z.enum(["synced", "holdover", "unknown"]).catch("unknown"),
  trouble: z.string().nullable(),
});
const feedItem = z.object({
  id: z.string(),
  atMs: z.number(),
  kind: z.enum(["granted", "refused", "ended", "alarm", "exception", "opened", "locked", "cleared", "duress"]).catch("alarm"),
  where: z.string(),
  whereLabel: z.string(),
  who: person,
  reason: z.string().nullable(),
  also: z.array(z.string()),
  nextStep: z.record(z.string(), z.string()),
});
const site = z.object({
  id: z.string(),
  name: z.string(),
  zone: z.string(),
  language,
  mode: z.enum(["normal", "evacuate", "lockdown"]),
  simulated: z.boolean(),
});

export const liveSnapshot = z.object({
  site,
  doors: z.array(door),
  machines: z.array(machine),
  sessions: z.array(session),
  nodes: z.array(node),
  feed: z.array(feedItem),
});
export const liveChange = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("site"), site }),
  z.object({ kind: z.literal("door"), door }),
  z.object({ kind: z.literal("machine"), machine }),
  z.object({ kind: z.literal("session"), session }),
  z.object({ kind: z.literal("session_ended"), id: z.string() }),
  z.object({ kind: z.literal("node"), node }),
  z.object({ kind: z.literal("feed"), item: feedItem }),
]);
export const beat = z.object({ hubMs: z.number() });

export const sessionState = z.discriminatedUnion("state", [
  z.object({ state: z.literal("first_run") }),
  z.object({ state: z.literal("signed_out"), language, space: z.string(), provider: z.string().nullable() }),
  z.object({ state: z.literal("signed_in"), language, space: z.string(), name: z.string(), role, member: z.number().nullable() }),
]);
export const signedIn = z.object({ state: z.literal("signed_in"), name: z.string(), role });
export const outcome = z.object({ status: z.enum(["applied", "verified", "unconfirmed", "rejected"]), sentence: z.string().optional() });
export const muster = z.object({
  asOfMs: z.number(),
  isFrozen: z.boolean(),
  people: z.array(
    z.object({ member: z.number(), name: z.string(), zone: z.string().nullable(), sinceMs: z.number(), outMs: z.number().nullable() }),
  ),
});
export const powerTrace = z.object({
  machine: z.string(),
  label: z.string(),
  idleW: watts,
  busyW: watts,
  points: z.array(z.object({ atMs: z.number(), powerW: watts })),
});
export const simulation = z.object({
  available: z.boolean(),
  running: z.boolean(),
  cards: z.array(z.object({ card: z.string(), label: z.string() })),
  readers: z.array(z.object({ reader: z.string(), label: z.string() })),
});
const cell = z.union([z.string(), z.number(), z.null()]);
export const monthReport = z.object({
  month: z.string(),
  siteName: z.string(),
  zone: z.string(),
  madeMs: z.number(),
  simulated: z.boolean(),
  quality: z.array(z.string()),
  sentences: z.array(z.string()),
  charts: z.array(z.object({ id: z.string(), title: z.string(), summary: z.string(), table: z.string(), svg: z.string() })),
  tables: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      note: z.string(),
      columns: z.array(z.object({ label: z.string(), unit: z.string().nullable(), numeric: z.boolean() })),
      rows: z.array(z.array(cell)),
      total: z.array(cell).nullable(),
    }),
  ),
});
export const anything = z.unknown();

export type LiveSnapshot = z.infer<typeof liveSnapshot>;
export type LiveChange = z.infer<typeof liveChange>;
export type Door = z.infer<typeof door>;
export type Machine = z.infer<typeof machine>;
export type MachineStatus = Machine["status"];
export type Session = z.infer<typeof session>;
export type Node = z.infer<typeof node>;
export type FeedItem = z.infer<typeof feedItem>;
export type SessionState = z.infer<typeof sessionState>;
export type PowerTrace = z.infer<typeof powerTrace>;
export type Simulation = z.infer<typeof simulation>;
export type MonthReport = z.infer<typeof monthReport>;
export type Outcome = z.infer<typeof outcome>;
