/** What each message says: the bodies of the rows in topics.ts, one schema each, in the order of domain.md §5.3. */
import * as z from "zod";
import { nodeEvent } from "./events.ts";
import { code, lockoutKind } from "./facts.ts";
import { bootId, cardCounter, cardKey, memberRef, nonce, slug, ulid } from "./ids.ts";
import { instantMs, monoMs } from "./units.ts";

const channelKind = z.enum(["door", "interlock", "reader", "meter", "hmi", "io"]);
const snapshotId = z.object({ epoch: z.int().min(0), version: z.int().min(0) });
const lineText = z.string().max(160);

export const nodeState = z.object({ state: z.enum(["online", "disconnected", "lost"]) });

export const birth = z.object({
  model: z.string().max(60),
  fw: z.string().max(40),
  hw: z.string().max(60),
  channels: z.array(z.object({ ch: slug, kind: channelKind, can: z.array(z.string().max(24)).max(16) })).max(16),
  configVersion: z.int().min(0),
  lockVersion: z.int().min(0),
  snapshot: snapshotId.nullable(),
  outboxDepth: z.int().min(0),
  restart: z.enum(["start", "watchdog", "board", "power", "unknown"]),
  /** X25519 of this start, raw, base64url: new keys are encrypted to it */
  boxKey: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "an X25519 public key in base64url")
    .optional(),
});

/** What our firmware tells of itself; the optional facts are absent until it has been heard, and always with other firmware. */
const board = z.object({
  board: z.string().max(32),
  state: z.enum(["ready", "opening", "lost"]),
  firmware: z.string().max(40).optional(),
  /** why the board last started by itself; "external" is the reset button, or the opening of its port when there was nothing else */
  resetCause: z.enum(["power-on", "external", "brown-out", "watchdog", "unknown"]).optional(),
  /** starts since the firmware was first flashed; 16 bits, wraps */
  boots: z.int().min(0).max(65_535).optional(),
  /** starts within the last ten minutes that this node did not cause */
  recentStarts: z.int().min(0).max(65_535).optional(),
});
export const heartbeat = z.object({
  uptimeMs: monoMs,
  outboxDepth: z.int().min(0),
  clockErrorMs: z.number().nullable(),
  snapshotAgeMs: z.int().min(0).nullable(),
  boards: z.array(board).max(8),
  rssBytes: z.int().min(0),
  /** what is in force at the node now: its acknowledgement of what the hub has sent */
  holds: z.object({ config: z.int().min(0), lock: z.int().min(0), snapshot: snapshotId.nullable() }).optional(),
  /** why the node does not do, or not in full, what the configuration says; absent when it does */
  configTrouble: lineText.optional(),
  /** of the node's own radio; null when it is wired, absent where nobody can tell */
  signalDbm: z.number().min(-200).max(0).nullable().optional(),
});

/** Reported facts of one channel, in the words of the state machines of domain.md §4. */
export const reported = z.object({
  st: z.string().max(24),
  seq: z.int().min(0),
  sinceMono: monoMs,
  cause: z.string().max(60),
  relay: z.boolean().optional(),
  powered: z.boolean().nullable().optional(),
  busy: z.enum(["busy", "idle", "unknown"]).optional(),
  session: ulid.nullable().optional(),
  member: z.int().min(0).optional(),
  powerW: z.number().nullable().optional(),
  energyWh: z.number().nullable().optional(),
  open: z.boolean().nullable().optional(),
  locked: z.boolean().optional(),
  alarms: z.array(z.string().max(32)).max(8).optional(),
});

/** Meter samples at a fixed step: `powerW[i]` at `t0Mono + i × stepMs`; null where the meter said nothing. */
export const telemetry = z.object({
  t0Mono: monoMs,
  stepMs: z.int().min(100).max(600_000),
  powerW: z.array(z.number().min(-100_000).max(100_000).nullable()).min(1).max(120),
  voltageV: z.number().nullable().optional(),
  /** the meter's own counter at the last sample */
  energyWh: z.number().min(0).nullable(),
  /** the power is estimated and may be off by so many percent; absent when it was measured */
  uncertainPct: z.number().min(0).max(100).optional(),
});

export const gesture = z.enum(["tap", "hold", "double", "insert", "button", "remote"]);
export const requestKind = z.enum(["enter", "exit", "start", "extend", "stop", "handover", "maintain", "teach", "remote_unlock"]);
export const accessRequest = z.object({
  nonce,
  ch: slug,
  kind: requestKind,
  presented: z
    .array(z.object({ cardKey, ageMs: z.int().min(0) }))
    .min(1)
    .max(3),
  gesture,
  snapshot: snapshotId.nullable(),
  /** the person has seen that a check is due and accepts the machine as it is */
  acknowledged: z.boolean().optional(),
  /** what the reader could prove of the card (absent: 1): 1 its number, 3 a cryptographic answer */
  assurance: z.union([z.literal(1), z.literal(3)]).optional(),
  /** of a card whose chip counts its taps */
  counter: cardCounter.optional(),
  /** typed at the reader; only the hub can check it */
  pin: z
    .string()
    .regex(/^\d{4,8}$/, "four to eight digits")
    .optional(),
});

export const permit = z.object({
  leaseMs: z.int().min(0).max(43_200_000),
  idleMs: z.int().min(0).max(43_200_000),
  graceMs: z.int().min(0).max(600_000),
  enableMs: z.int().min(1000).max(300_000),
  strikeMs: z.int().min(0).max(30_000),
  shuntMs: z.int().min(0).max(600_000),
  attended: z.boolean(),
  holdPolicy: z.enum(["until_idle", "fixed", "indefinite"]),
  /** who watches over the operator; their tap-out ends both. Absent: nobody needs to */
  supervisor: memberRef.optional(),
  /** the second person of the two-person rule. Absent: none needed */
  buddy: memberRef.optional(),
  /** whether each accessory may be switched on with the machine */
  accessories: z.record(slug, z.boolean()).optional(),
});
export const accessResponse = z.object({
  nonce,
  decision: ulid,
  outcome: z.enum(["grant", "deny", "pending", "noop"]),
  reason: code,
  also: z.array(code).max(40),
  member: z.int().min(0),
  /** what to show: a message key and its parameters, never a name unless policy allows it */
  display: z.object({ key: z.string().max(60), params: z.record(z.string(), lineText) }),
  permit: permit.nullable(),
  pendingMs: z.int().min(0).nullable(),
  boot: bootId,
  conn: z.int().min(0),
});

/** Permissive commands take two steps (`prepare`, then `commit` with the node's challenge); the rest act at once. */
export const command = z.object({
  op: z.enum([
    "prepare",
    "commit",
    "stop_at_idle",
    "stop_now",
    "relock",
    "acknowledge",
    "reset",
    "capture",
    "identify",
    "reload",
    "resend",
  ]),
  ch: slug,
  /** what a `prepare` asks for */
  permissive: z.enum(["door.unlock", "door.passage_on", "interlock.enable"]).optional(),
  challenge: nonce.optional(),
  issuedMs: instantMs,
  ttlMs: z.int().min(0).max(10_000),
  boot: bootId,
  conn: z.int().min(0),
  /** who asked: a member number or a role; never a name */
  actor: z.string().max(40),
  permit: permit.nullable().optional(),
});

export const ackCodes = [
  "WRONG_CONNECTION",
  "WRONG_BOOT",
  "NONCE_UNKNOWN",
  "NONCE_EXPIRED",
  "CHALLENGE_EXPIRED",
  "TTL_EXPIRED",
  "BAD_MAC",
  "UNKNOWN_OP",
  "BAD_ARGS",
  "INHIBITED",
  "ALREADY",
  "SNAPSHOT_BAD_SIG",
  "SNAPSHOT_BASE_MISMATCH",
  "SNAPSHOT_ROLLBACK",
] as const;
export const acknowledgement = z.object({
  of: ulid,
  status: z.enum(["challenge", "accepted", "applied", "verified", "rejected", "expired", "duplicate", "superseded"]),
  code: z.enum(ackCodes).nullable(),
  challenge: nonce.nullable(),
});

export const eventBatch = z.object({ events: z.array(nodeEvent).min(1).max(40) });
/** Everything of `boot` up to and including `upTo` is durable at the hub; the node may forget it. */
export const eventAck = z.object({ boot: bootId, upTo: z.int().min(0) });

export const channelConfig = z.object({
  ch: slug,
  resource: slug,
  settings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
});
export const nodeConfig = z.object({
  version: z.int().min(0),
  channels: z.array(channelConfig).max(16),
  /** of the node itself (settings.ts); absent where the space has none */
  settings: z.record(z.string(), z.number()).optional(),
  /** the space's language, for displays whose node has none of its own */
  language: z.enum(["en", "lv", "sv", "nb"]).optional(),
});

/** Restrictive facts only. They win over every snapshot and take effect at once. */
export const restrictions = z.object({
  version: z.int().min(0),
  lockouts: z.array(z.object({ ch: slug, kind: lockoutKind, mode: z.enum(["when_idle", "immediate"]), reason: lineText })).max(64),
  revoked: z.array(cardKey).max(400),
});

export const snapshotManifest = z.object({
  epoch: z.int().min(0),
  version: z.int().min(0),
  issuedMs: instantMs,
  notAfterMs: instantMs,
  hash: z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal"),
  sizeBytes: z.int().min(1).max(16_000_000),
  chunks: z.int().min(1).max(1024),
  /** Ed25519 over `manifestBytes`, base64url */
  sig: z.string().length(86),
});
export const snapshotRequest = z.object({ epoch: z.int().min(0), version: z.int().min(0), from: z.int().min(0) });

export const hubState = z.object({ state: z.enum(["online", "offline"]), epoch: z.int().min(0) });
export const hubTime = z.object({ hubMs: instantMs, quality: z.enum(["synced", "holdover", "unknown"]) });
export const siteMode = z.object({ mode: z.enum(["normal", "evacuate", "lockdown"]), version: z.int().min(0) });

const fingerprint = z.string().regex(/^[0-9a-f]{16}$/, "16 lower-case hexadecimal digits");
export const enrolHello = z.object({
  fp: fingerprint,
  /** X25519, raw, base64url; `fp` is of its hash */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "an X25519 public key in base64url"),
  /** of this start of the node: an offer answers exactly one */
  nonce,
  model: z.string().max(60),
  fw: z.string().max(40),
  serial: z.string().max(60),
  /** the name its file proposes */
  wants: slug.nullable(),
  channels: birth.shape.channels,
});
/** Encrypted to the X25519 key of a node; opaque on the bus (enrolment.ts). */
export const keyBox = z.object({
  ephemeralKey: z.string().length(43),
  iv: z.string().length(16),
  cipher: z.string().max(9000),
});
/** `boxKey`: to which it is encrypted; a node that has started again meanwhile has another one */
export const nodeKeys = keyBox.extend({ boxKey: z.string().length(43) });
export const enrolOffer = keyBox.extend({
  nonce,
  /** the hub's Ed25519 public key, SPKI, base64url; what counts is whether the words in the node's file are of it */
  hub: z.string().length(59),
  sig: z.string().length(86),
});

/** What anybody may see of a machine: no person, ever. */
export const machinePublic = z.object({
  machine: slug,
  label: z.string().max(60),
  status: z.string().max(24),
  sinceMs: instantMs,
  powerW: z.number().nullable(),
});

export type AccessRequest = z.infer<typeof accessRequest>;
export type AccessResponse = z.infer<typeof accessResponse>;
export type Permit = z.infer<typeof permit>;
export type Command = z.infer<typeof command>;
export type Acknowledgement = z.infer<typeof acknowledgement>;
export type Restrictions = z.infer<typeof restrictions>;
export type SnapshotManifest = z.infer<typeof snapshotManifest>;
export type Reported = z.infer<typeof reported>;
export type Telemetry = z.infer<typeof telemetry>;
export type Birth = z.infer<typeof birth>;
export type Heartbeat = z.infer<typeof heartbeat>;
export type NodeConfig = z.infer<typeof nodeConfig>;
export type EnrolHello = z.infer<typeof enrolHello>;
export type EnrolOffer = z.infer<typeof enrolOffer>;
export type NodeKeysMessage = z.infer<typeof nodeKeys>;
export type KeyBox = z.infer<typeof keyBox>;
export type SiteMode = z.infer<typeof siteMode>["mode"];
