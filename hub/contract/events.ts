/**
 * What a node reports as having happened: the outbox's language. `boot` and `seq` name an event for ever; the same pair is
 * the same event however often it arrives. Additive changes only.
 */
import * as z from "zod";
import { code, warningCode } from "./facts.ts";
import { bootId, cardCounter, cardKey, memberRef, slug, ulid, wiringId } from "./ids.ts";
import { clockQuality, instantMs, monoMs } from "./units.ts";

const who = z.array(memberRef).max(20);
const energyWh = z.number().min(0).max(10_000_000);
const powerW = z.number().min(-100_000).max(100_000);

const decided = z.object({
  kind: z.literal("access.decided"),
  request: z.enum(["enter", "exit", "start", "extend", "stop", "handover", "maintain", "teach", "remote_unlock"]),
  decision: ulid,
  outcome: z.enum(["grant", "deny", "pending", "noop"]),
  reason: code,
  also: z.array(code).max(40),
  warnings: z.array(warningCode).max(10),
  member: memberRef,
  where: z.enum(["hub", "node"]),
  /** basis of the decision: the snapshot's epoch, version and age */
  snapshot: z.object({ epoch: z.int(), version: z.int(), ageMs: z.int() }).nullable(),
  tookMs: z.number().min(0),
  /** refusals that an override or a warn-only policy let pass */
  waived: z.array(code).max(40).optional(),
  /** others who tapped with this member: supervisor, second person, host */
  with: who.optional(),
  /** which of the member's cards, where a node granted alone: it may have been blocked meanwhile (domain.md S18) */
  card: cardKey.optional(),
  /** of a card whose chip counts its taps: it opens by each count once. `node`, where the hub decided, is the one that asked */
  proof: z.object({ card: cardKey, counter: cardCounter, node: slug.optional() }).optional(),
});

const door = [
  z.object({ kind: z.literal("door.granted"), who, decision: ulid }),
  z.object({ kind: z.literal("door.opened"), who, cause: z.enum(["grant", "rex", "passage", "release", "late", "unknown"]) }),
  z.object({ kind: z.literal("door.opened_again"), who }),
  z.object({ kind: z.literal("door.closed"), openMs: z.int().min(0) }),
  z.object({ kind: z.literal("door.granted_not_used"), who }),
  z.object({ kind: z.literal("door.forced_open") }),
  z.object({ kind: z.literal("door.forced_cleared"), totalMs: z.int().min(0) }),
  z.object({ kind: z.literal("door.held_open"), since: z.enum(["opening", "boot"]) }),
  z.object({ kind: z.literal("door.held_open_cleared"), totalMs: z.int().min(0) }),
  z.object({ kind: z.literal("door.rex") }),
  z.object({ kind: z.literal("door.jam") }),
  z.object({ kind: z.literal("door.tamper") }),
] as const;

export const endReason = z.enum([
  "tap_out",
  "stop_button",
  "not_used",
  "idle_timeout",
  "lease_expired",
  "permission_ended",
  "booking_end",
  "closing",
  "taken_over",
  "handed_over",
  "lockout",
  "oops",
  "safety_stop",
  "emergency",
  "power_lost",
  "device_reboot",
  "job_complete",
  "job_failed",
  "forced",
  "offline_recovered",
  "duplicate",
]);
export type EndReason = z.infer<typeof endReason>;

/** A unit of work as the machine's controller knows it (domain.md §4.5). */
export const jobState = z.enum([
  "none",
  "queued",
  "preparing",
  "running",
  "paused",
  "complete",
  "cancelled",
  "error",
  "interrupted",
  "unknown",
]);
export type JobState = z.infer<typeof jobState>;

const machine = [
  z.object({
    kind: z.literal("mach.session_started"),
    session: ulid,
    decision: ulid,
    member: memberRef,
    provisional: z.boolean(),
    /** absent: none needed */
    supervisor: memberRef.optional(),
    buddy: memberRef.optional(),
  }),
  /** the second person or the supervisor has left, or another one has taken their place */
  z.object({ kind: z.literal("mach.companion"), session: ulid, role: z.enum(["supervisor", "buddy"]), member: memberRef }),
  /** a supervisor or a second person is missed: the session ends unless somebody takes the place in time */
  z.object({ kind: z.literal("mach.companion_missed"), session: ulid, role: z.enum(["supervisor", "buddy"]) }),
  /** a trainer has signed off the operator with two cards at the machine; `undone` takes that back within ten minutes */
  z.object({ kind: z.literal("mach.signed_off"), session: ulid, member: memberRef, trainer: memberRef, undone: z.boolean() }),
  /** the next user or a checker has accepted the machine, or sent it back */
  z.object({ kind: z.literal("mach.checked"), member: memberRef, accepted: z.boolean() }),
  z.object({ kind: z.literal("mach.reset"), member: memberRef }),
  z.object({ kind: z.literal("mach.session_closed"), session: ulid, reason: endReason, busyMs: z.int().min(0), energyWh }),
  z.object({ kind: z.literal("mach.session_unattended"), session: ulid }),
  z.object({ kind: z.literal("mach.session_attended"), session: ulid }),
  z.object({ kind: z.literal("mach.powered"), on: z.boolean() }),
  z.object({ kind: z.literal("mach.run_started"), run: ulid, session: ulid.nullable(), startMono: monoMs }),
  z.object({
    kind: z.literal("mach.run_ended"),
    run: ulid,
    session: ulid.nullable(),
    endMono: monoMs,
    energyWh,
    peakW: powerW,
    uncertainMs: z.int().min(0),
  }),
  z.object({ kind: z.literal("mach.grace"), session: ulid, cause: z.enum(["tap_out", "idle_timeout", "permission_ended"]) }),
  z.object({ kind: z.literal("mach.resumed"), session: ulid }),
  z.object({ kind: z.literal("mach.relay_off"), session: ulid.nullable(), reason: endReason }),
  z.object({ kind: z.literal("mach.bad_poweroff"), session: ulid }),
  z.object({ kind: z.literal("mach.current_while_off"), powerW }),
  z.object({ kind: z.literal("mach.verify_failed") }),
  z.object({ kind: z.literal("mach.manual_bypass"), on: z.boolean(), cause: z.enum(["bypass", "unowned_power"]) }),
  z.object({ kind: z.literal("mach.oops") }),
  z.object({ kind: z.literal("mach.safety_input") }),
  z.object({ kind: z.literal("mach.meter_lost") }),
  z.object({ kind: z.literal("mach.meter_back"), resetWh: energyWh.nullable() }),
  /** its meter's counter did what no counter does; so much more of the energy nobody can be sure of, Wh */
  z.object({
    kind: z.literal("mach.meter_doubt"),
    why: z.enum(["fell", "jumped", "unit_changed", "stuck", "was_wrong"]),
    doubtWh: energyWh,
  }),
  z.object({ kind: z.literal("mach.fault"), cause: z.string().max(80) }),
  /** it worked for ten minutes and nobody answers for it: no session, no job (S37) */
  z.object({ kind: z.literal("mach.unattributed_use"), powerW, energyWh }),
  /** the machine's controller said so; `none`: nothing is loaded. `energyWh` is the session's until then, where a meter tells */
  z.object({ kind: z.literal("mach.job"), session: ulid.nullable(), state: jobState, energyWh: energyWh.optional() }),
] as const;

const node = [
  /** an unknown card tapped while a capture window was open: the enrolment path (domain.md R30) */
  z.object({ kind: z.literal("card.captured"), cardKey }),
  /** it says that it is ours and could not prove it; a copied number above all. `why` as drivers/card-proof.ts has it.
   * `node`: where it was shown, when the hub has found it */
  z.object({ kind: z.literal("card.suspect"), cardKey, why: z.string().max(40), node: slug.optional() }),
  /** The member typed the PIN that means: I am made to. The hub alone knows, and no reader shows it. `node`: whose reader it was */
  z.object({ kind: z.literal("access.duress"), decision: ulid, member: memberRef, node: slug }),
  z.object({
    kind: z.literal("node.boot"),
    restart: z.enum(["start", "watchdog", "board", "power", "unknown"]),
    fw: z.string().max(40),
    /** fingerprint of what its file says is wired where; absent: nothing of it is in a file */
    wiring: wiringId.optional(),
  }),
  /** the outbox overflowed or lost rows: seqs `from` to `to` of `ofBoot` will never come */
  z.object({ kind: z.literal("node.gap"), ofBoot: bootId, from: z.int(), to: z.int() }),
  z.object({ kind: z.literal("node.board"), board: z.string().max(32), state: z.enum(["ready", "lost"]) }),
  z.object({ kind: z.literal("node.reader"), reader: z.string().max(32), state: z.enum(["ready", "lost"]) }),
  z.object({
    kind: z.literal("node.snapshot"),
    epoch: z.int(),
    version: z.int(),
    outcome: z.enum(["applied", "bad_signature", "rollback", "incomplete", "foreign"]),
  }),
  z.object({ kind: z.literal("node.clock"), quality: clockQuality, stepMs: z.int() }),
] as const;

/** One body per kind. */
export const eventBody = z.discriminatedUnion("kind", [decided, ...door, ...machine, ...node]);
export type EventBody = z.infer<typeof eventBody>;
export type EventKind = EventBody["kind"];
export const eventKinds: readonly EventKind[] = eventBody.options.map(({ shape }) => shape.kind.value);

/** Name and time of an event beside its body. `atMono` is on the clock of `boot`; `atMs` the node's best UTC then, or null. */
export const eventHead = z.object({
  boot: bootId,
  seq: z.int().min(1),
  /** channel, or "node" for the node itself */
  ch: slug,
  atMono: monoMs,
  atMs: instantMs.nullable(),
  tq: clockQuality,
});
export const nodeEvent = z.object({ ...eventHead.shape, body: eventBody });
export type NodeEvent = z.infer<typeof nodeEvent>;
