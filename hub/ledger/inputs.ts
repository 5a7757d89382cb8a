/**
 * What every permission command takes, as schemas: the CLI, the HTTP API and imports all speak these. A command that is not
 * here does not exist. Risk class, cut hazard and a door's fail mode have no default: a person chooses (domain.md D4).
 */
import * as z from "zod";
import { cardKey, localDate, lockoutKind, offlinePolicy, schedule, slug } from "#contract";

const label = z.string().trim().min(1).max(60);
const reason = z.string().trim().min(1).max(160);
const ref = z.int().min(1).max(0xffff_ffff);
const durationMs = z.int().min(0).max(43_200_000);
/** Canonical card number as the reader core spells it, e.g. `em4100:0A1B2C3D4E` (domain.md §2.3). Hashed at once, kept nowhere. */
export const cardNumber = z.string().regex(/^[a-z0-9]{2,12}:[0-9A-F/]{2,40}$/, "a card number such as em4100:0A1B2C3D4E");
export const role = z.enum(["staff", "steward", "trainer", "maintainer", "responder"]);
const card = z.union([z.object({ number: cardNumber }), z.object({ cardKey })]);

const place = { node: slug, ch: slug };
const policy = {
  offline: offlinePolicy.default("snapshot"),
  offlineMaxAgeMs: z.int().min(60_000).max(2_678_400_000).default(604_800_000),
  unknownClock: z.enum(["deny", "floor"]).default("deny"),
  asks: z
    .array(z.enum(["credit", "occupancy", "handover", "booking"]))
    .max(4)
    .default([]),
  /** name of a schedule that replaces the site's opening hours here; "always" for none at all */
  hours: slug.nullable().default(null),
  disabled: z.boolean().default(false),
};
const machineShape = {
  label,
  riskClass: z.enum(["A", "B", "C"]),
  cutHazard: z.boolean(),
  sharing: z.enum(["exclusive", "takeover_when_idle", "handover", "shared"]).default("exclusive"),
  attendance: z.enum(["attended", "unattended_ok", "unattended_after_start"]).default("attended"),
  /** course a member must have passed; null when anybody with a membership may use it */
  course: slug.nullable(),
  leaseMs: durationMs.default(14_400_000),
  idleMs: durationMs.default(900_000),
  graceMs: z.int().min(0).max(600_000).default(30_000),
  enableMs: z.int().min(1000).max(300_000).default(120_000),
  minUsefulMs: durationMs.default(120_000),
  /** further settings the node needs: thresholds, meter address (domain.md §4.8) */
  settings: z.record(z.string().max(40), z.union([z.number(), z.string().max(200), z.boolean()])).default({}),
};
const doorShape = {
  label,
  failMode: z.enum(["safe", "secure"]),
  strikeMs: z.int().min(500).max(30_000).default(5000),
  shuntMs: z.int().min(1000).max(600_000).default(30_000),
  course: slug.nullable().default(null),
  settings: z.record(z.string().max(40), z.union([z.number(), z.string().max(200), z.boolean()])).default({}),
};
/** An update names only what changes: defaults of the shape must not slip in. */
const changes = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(
    Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, withoutDefault(field as z.ZodType).optional()])) as unknown as {
      [K in keyof S]: z.ZodOptional<z.ZodType<z.output<S[K]>>>;
    },
  );
const withoutDefault = (field: z.ZodType): z.ZodType => (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field);

export const inputs = {
  addMember: z.strictObject({ displayName: label, locale: z.enum(["en", "lv", "sv", "nb"]).default("en"), ref: ref.optional() }),
  setMember: z.strictObject({
    member: ref,
    displayName: label.optional(),
    locale: z.enum(["en", "lv", "sv", "nb"]).optional(),
    status: z.enum(["active", "suspended", "banned", "left"]).optional(),
  }),
  setRoles: z.strictObject({ member: ref, roles: z.array(role).max(5) }),
  assignCard: z.strictObject({
    member: ref,
    card,
    label: z.string().trim().max(60).default("card"),
    validFrom: localDate.nullable().default(null),
    validThrough: localDate.nullable().default(null),
  }),
  blockCard: z.strictObject({ card, status: z.enum(["lost", "stolen", "returned", "revoked"]), reason }),
  addPlan: z.strictObject({
    plan: slug,
    label,
    /** ignores opening hours */
    always: z.boolean().default(false),
    /** what the plan covers: door and machine names, or everything */
    covers: z.union([z.literal("everything"), z.array(slug).max(500)]).default("everything"),
    schedule: slug.nullable().default(null),
  }),
  setMembership: z.strictObject({
    member: ref,
    plan: slug,
    from: localDate,
    validThrough: localDate.nullable().default(null),
    graceDays: z.int().min(0).max(366).default(0),
  }),
  endMembership: z.strictObject({ member: ref, lastDay: localDate }),
  addCourse: z.strictObject({ course: slug, label, validityMonths: z.int().min(1).max(120).nullable().default(null) }),
  grantTraining: z.strictObject({
    member: ref,
    course: slug,
    signedOffBy: ref,
    level: z.enum(["trainee", "competent"]).default("competent"),
    on: localDate.optional(),
    validThrough: localDate.nullable().optional(),
  }),
  revokeTraining: z.strictObject({ member: ref, course: slug, reason }),
  addHold: z.strictObject({ member: ref, reason }),
  clearHold: z.strictObject({ member: ref }),
  restrict: z.strictObject({ member: ref, resource: slug, restricted: z.boolean() }),
  signWaiver: z.strictObject({ member: ref, revision: z.int().min(1).max(10_000) }),
  addSchedule: z.strictObject({ schedule: slug, hours: schedule }),
  setSite: z.strictObject({
    name: label.optional(),
    locale: z.enum(["en", "lv", "sv", "nb"]).optional(),
    openingHours: slug.nullable().optional(),
    /** revision of the waiver everybody must have signed; null when none is asked for */
    waiverRevision: z.int().min(1).max(10_000).nullable().optional(),
    tz: z.string().max(60).optional(),
  }),
  setMode: z.strictObject({ mode: z.enum(["normal", "evacuate", "lockdown"]), reason }),
  addNode: z.strictObject({
    node: slug,
    kind: z.enum(["door", "machine", "mixed", "hosted"]),
    label: z.string().trim().max(60).default(""),
  }),
  setNode: z.strictObject({ node: slug, status: z.enum(["pending", "active", "quarantined", "revoked"]) }),
  renewNodeSecret: z.strictObject({ node: slug }),
  addMachine: z.strictObject({ machine: slug, ...place, ...machineShape, ...policy }),
  setMachine: z.strictObject({ machine: slug, change: changes({ ...place, ...machineShape, ...policy }) }),
  addDoor: z.strictObject({ door: slug, ...place, ...doorShape, ...policy }),
  setDoor: z.strictObject({ door: slug, change: changes({ ...place, ...doorShape, ...policy }) }),
  setNextStep: z.strictObject({ resource: slug, code: z.string().max(40), text: z.record(z.string().max(8), z.string().max(160)) }),
  lockMachine: z.strictObject({
    machine: slug,
    kind: lockoutKind.default("maintenance"),
    mode: z.enum(["when_idle", "immediate"]).default("when_idle"),
    reason,
  }),
  unlockMachine: z.strictObject({ machine: slug, kind: lockoutKind.optional(), reason: reason.default("cleared") }),
  importMembers: z.strictObject({
    rows: z
      .array(
        z.strictObject({
          displayName: label,
          locale: z.enum(["en", "lv", "sv", "nb"]).default("en"),
          cards: z.array(cardNumber).max(5).default([]),
          plan: slug.nullable().default(null),
          from: localDate.optional(),
          validThrough: localDate.nullable().default(null),
          graceDays: z.int().min(0).max(366).default(0),
          courses: z.array(slug).max(50).default([]),
        }),
      )
      .min(1)
      .max(20_000),
    /** who vouches for the trainings in the list; needed when any row names a course */
    signedOffBy: ref.optional(),
  }),
} as const;

export type CommandName = keyof typeof inputs;
/** What the caller writes: fields with a default may be left out. */
export type CommandInput<C extends CommandName> = z.input<(typeof inputs)[C]>;
export type ParsedInput<C extends CommandName> = z.output<(typeof inputs)[C]>;

/** What a command answers beside having happened. */
export type CommandResult = {
  addMember: { readonly member: number };
  assignCard: { readonly cardKey: string };
  blockCard: { readonly member: number; readonly cardKey: string };
  grantTraining: { readonly validThrough: string | null };
  /** the only time the secret is seen; the ledger keeps its hash */
  addNode: { readonly node: string; readonly secret: string };
  renewNodeSecret: { readonly node: string; readonly secret: string };
  lockMachine: { readonly lockout: number };
  unlockMachine: { readonly cleared: number; readonly stillLocked: readonly string[] };
  setMode: { readonly mode: "normal" | "evacuate" | "lockdown"; readonly version: number };
  importMembers: { readonly members: readonly number[] };
};
export type ResultOf<C extends CommandName> = C extends keyof CommandResult ? CommandResult[C] : Record<never, never>;
