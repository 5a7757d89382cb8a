/**
 * What every permission command takes, as schemas: the CLI, the HTTP API and imports all speak these. A command that is not
 * here does not exist. Risk class, cut hazard and a door's fail mode have no default: a person chooses (domain.md D4).
 */
import * as z from "zod";
import { code, liveFact, localDate, lockoutKind, offlinePolicy, type SettingsOf, schedule, settingsProblem, slug } from "#contract";
import { accessDefaults, bookingDefaults, doorDefaults, leaseDefaults, type WiringOutcome, wiringChecks } from "#core";
import { cardNumber, chosenRef, externalRef, label, locale, mail, reason, ref, role } from "./inputs-common.ts";
import { type NodeResults, nodeInputs } from "./inputs-nodes.ts";
import { peopleInputs } from "./inputs-people.ts";
import { periodInputs } from "./inputs-periods.ts";
import { projectInputs } from "./inputs-projects.ts";
import { reportingInputs } from "./inputs-reporting.ts";
import { screenInputs } from "./inputs-screens.ts";
import { timeInputs } from "./inputs-time.ts";
import { webhookInputs } from "./inputs-webhooks.ts";

const durationMs = z.int().min(0).max(43_200_000);
const place = { node: slug, ch: slug };
const setting = z.union([z.number(), z.string().max(200), z.boolean()]);
/** Names and limits are the contract's (settings.ts); the types of the values, too. */
const settings = <T extends z.ZodType>(of: SettingsOf, value: T) =>
  z.record(z.string().max(40), value).superRefine((given, context) => {
    const problem = settingsProblem(of, given);
    if (problem !== null) context.addIssue(problem);
  });
/** null takes a setting away again */
const changedSettings = (of: SettingsOf) => settings(of, setting.nullable());
/** A rare part of a policy: absent where it does not apply, null takes it away again. */
const rare = <T extends z.ZodType>(type: T) => type.nullable().optional();
const policy = {
  /** without it: by kind and risk class (domain.md §3.6) */
  offline: offlinePolicy.optional(),
  offlineMaxAgeMs: z.int().min(60_000).max(2_678_400_000).optional(),
  unknownClock: z.enum(["deny", "floor"]).default("deny"),
  asks: z.array(liveFact).max(8).default([]),
  /** name of a schedule that replaces the site's opening hours here; "always" for none at all */
  hours: slug.nullable().default(null),
  disabled: z.boolean().default(false),
  /** the zone it stands in; a door's is the one behind it */
  zone: slug.nullable().default(null),
  assurance: rare(z.int().min(1).max(3)),
  guests: rare(z.literal("with_host")),
  minorsNeedSupervisor: rare(z.boolean()),
  minCreditCents: rare(z.int().min(0).max(100_000_000)),
  checkIn: rare(z.boolean()),
  /** "always", or the name of a schedule: then two people must tap */
  twoPerson: rare(slug),
  /** replaces what the zone says */
  loneWorking: rare(z.enum(["ok", "warn", "forbid"])),
  stewardRequired: rare(z.boolean()),
  memberLimit: rare(z.int().min(1).max(100)),
  supervisorLimit: rare(z.int().min(1).max(20)),
  antiPassback: rare(z.boolean()),
  takeoverIdleMs: rare(durationMs),
  warnOnly: rare(z.boolean()),
  alwaysEnabled: rare(z.boolean()),
  overridableBy: rare(z.partialRecord(code, z.array(role).max(5))),
};
const machineShape = {
  label,
  riskClass: z.enum(["A", "B", "C"]),
  cutHazard: z.boolean(),
  sharing: z.enum(["exclusive", "takeover_when_idle", "handover", "shared"]).default("exclusive"),
  attendance: z.enum(["attended", "unattended_ok", "unattended_after_start"]).default("attended"),
  /** course a member must have passed; null when anybody with a membership may use it */
  course: slug.nullable(),
  leaseMs: durationMs.default(leaseDefaults.other.leaseMs),
  idleMs: durationMs.default(leaseDefaults.other.idleMs),
  graceMs: z.int().min(0).max(600_000).default(leaseDefaults.other.graceMs),
  enableMs: z.int().min(1000).max(300_000).default(leaseDefaults.other.enableMs),
  minUsefulMs: durationMs.default(accessDefaults.minUsefulMs),
  booking: rare(
    z.strictObject({
      mode: z.enum(["optional", "required"]),
      leadMs: durationMs.default(bookingDefaults.leadMs),
      noShowMs: durationMs.default(bookingDefaults.noShowMs),
    }),
  ),
  exclusiveGroup: rare(slug),
  circuit: rare(slug),
  ratedW: rare(z.int().min(0).max(1_000_000)),
  check: rare(z.enum(["next_user", "checker"])),
  restartable: rare(z.boolean()),
  /** what replaces the constants of its node (domain.md §4.8) */
  settings: settings("machine", setting).default({}),
};
const doorShape = {
  label,
  failMode: z.enum(["safe", "secure"]),
  strikeMs: z.int().min(500).max(30_000).default(doorDefaults.strikeMs),
  shuntMs: z.int().min(1000).max(600_000).default(doorDefaults.shuntMs),
  /** instead, after a member who needs more time */
  extendedShuntMs: z.int().min(10_000).max(600_000).default(accessDefaults.extendedShuntMs),
  /** name of the schedule in which it stands unlocked */
  passage: rare(slug),
  course: slug.nullable().default(null),
  /** the zone in front of it; null: outside */
  fromZone: slug.nullable().default(null),
  settings: settings("door", setting).default({}),
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
  ...peopleInputs,
  ...timeInputs,
  ...webhookInputs,
  ...screenInputs,
  ...reportingInputs,
  ...periodInputs,
  ...projectInputs,
  ...nodeInputs,
  addSchedule: z.strictObject({ schedule: slug, hours: schedule }),
  setSite: z.strictObject({
    name: label.optional(),
    locale: locale.optional(),
    openingHours: slug.nullable().optional(),
    /** revision of the waiver everybody must have signed; null when none is asked for */
    waiverRevision: z.int().min(1).max(10_000).nullable().optional(),
    tz: z.string().max(60).optional(),
    /** younger people are minors */
    adultAge: z.int().min(1).max(30).optional(),
    /** with a roster a steward is on duty only during a shift */
    roster: z.boolean().optional(),
    /** what replaces the constants of doors, machines, nodes and hub (domain.md §4.8) */
    settings: changedSettings("site").optional(),
  }),
  setMode: z.strictObject({ mode: z.enum(["normal", "evacuate", "lockdown"]), reason }),
  addNode: z.strictObject({
    node: slug,
    kind: z.enum(["door", "machine", "mixed", "hosted"]),
    label: z.string().trim().max(60).default(""),
    /** user names of its foreign devices at their port; they end and come back with the node */
    accounts: z.array(slug).max(6).default([]),
  }),
  setNode: z.strictObject({ node: slug, status: z.enum(["pending", "active", "quarantined", "revoked"]) }),
  renewNodeSecret: z.strictObject({ node: slug }),
  renewCardKeys: z.strictObject({ reason }),
  addMachine: z.strictObject({ machine: slug, ...place, ...machineShape, ...policy }),
  setMachine: z.strictObject({
    machine: slug,
    change: changes({ ...place, ...machineShape, ...policy, settings: changedSettings("machine") }),
  }),
  addDoor: z.strictObject({ door: slug, ...place, ...doorShape, ...policy }),
  setDoor: z.strictObject({ door: slug, change: changes({ ...place, ...doorShape, ...policy, settings: changedSettings("door") }) }),
  /** what the members read in their language; a language left out has the usual sentence */
  setNextStep: z.strictObject({ resource: slug, code, text: z.partialRecord(locale, z.string().trim().min(1).max(160)) }),
  lockMachine: z.strictObject({
    machine: slug,
    kind: lockoutKind.default("maintenance"),
    mode: z.enum(["when_idle", "immediate"]).default("when_idle"),
    reason,
  }),
  /** who takes up what keeps a machine locked (reports.md M21): lockouts of one kind or of all, that nobody has taken up yet */
  assignLockout: z.strictObject({ machine: slug, member: ref, kind: lockoutKind.optional() }),
  unassignLockout: z.strictObject({ machine: slug, kind: lockoutKind.optional() }),
  unlockMachine: z.strictObject({ machine: slug, kind: lockoutKind.optional(), reason: reason.default("cleared") }),
  /** what a wiring test has found at a door or machine (security.md R5); `senses` is what its channel says it is wired to */
  commission: z.strictObject({
    resource: slug,
    lines: z
      .array(
        z.strictObject({
          check: z.enum(wiringChecks),
          ok: z.boolean().nullable(),
          by: z.enum(["node", "person"]),
          found: z.string().max(160),
        }),
      )
      .max(wiringChecks.length)
      .refine((lines) => new Set(lines.map(({ check }) => check)).size === lines.length, "each check once"),
    senses: z.array(z.string().max(24)).max(16),
    firmware: z.string().max(40).nullable(),
    hardware: z.string().max(60).nullable(),
    configVersion: z.int().min(0),
    reason: reason.default("wiring test"),
  }),
  /** relies on what worked before, untested */
  takeOver: z.strictObject({ resource: slug, reason }),
  endCommissioning: z.strictObject({ resource: slug, reason }),
  /** takes back what was added by mistake: refused when anything names it or has happened with it */
  removePlan: z.strictObject({ plan: slug }),
  removeCourse: z.strictObject({ course: slug }),
  removeSchedule: z.strictObject({ schedule: slug }),
  removeNode: z.strictObject({ node: slug }),
  removeMachine: z.strictObject({ machine: slug }),
  removeDoor: z.strictObject({ door: slug }),
  addZone: z.strictObject({
    zone: slug,
    label,
    parent: slug.nullable().default(null),
    people: z.int().min(1).max(100_000).nullable().default(null),
    capacity: z.enum(["off", "warn", "deny"]).default("off"),
    loneWorking: z.enum(["ok", "warn", "forbid"]).default("ok"),
  }),
  removeZone: z.strictObject({ zone: slug }),
  addCircuit: z.strictObject({ circuit: slug, label, budgetW: z.int().min(1).max(1_000_000) }),
  removeCircuit: z.strictObject({ circuit: slug }),
  /** a part of a machine with a course of its own; null: nobody needs one */
  addAccessory: z.strictObject({ machine: slug, accessory: slug, label, course: slug.nullable() }),
  removeAccessory: z.strictObject({ machine: slug, accessory: slug }),
  importMembers: z.strictObject({
    rows: z
      .array(
        z.strictObject({
          displayName: label,
          ref: chosenRef.optional(),
          externalRef: externalRef.optional(),
          mail: mail.optional(),
          locale: locale.optional(),
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
export type CommandResult = NodeResults & {
  addMember: { readonly member: number };
  eraseMember: { readonly periods: number };
  addGuest: { readonly member: number };
  assignCard: { readonly cardKey: string };
  blockCard: { readonly member: number; readonly cardKey: string };
  restoreCard: { readonly member: number };
  addCredit: { readonly entry: number; readonly balanceCents: number };
  undoCredit: { readonly entry: number; readonly balanceCents: number };
  reviseCourse: { readonly rev: number };
  withdrawRevision: { readonly rev: number };
  undoTraining: { readonly result: "passed" | "failed" | "supervised_only" };
  requestBooking: { readonly booking: number };
  addBooking: { readonly booking: number };
  addShift: { readonly shift: number };
  attend: { readonly attendance: number };
  addWish: { readonly wish: number };
  noteMaterial: { readonly material: number };
  assignLockout: { readonly taken: number };
  openCapture: { readonly capture: number; readonly untilMs: number };
  addOverride: { readonly override: number };
  addNoticeChannel: { readonly channel: number };
  tryNotices: { readonly notice: number };
  addWebhook: { readonly webhook: number /** the key under which what it is told is signed */; readonly secret: string };
  /** the only time the link's token is seen; the ledger keeps its hash */
  addScreen: { readonly screen: string; readonly token: string };
  renewScreen: { readonly screen: string; readonly token: string };
  grantTraining: { readonly validThrough: string | null };
  /** the only time the secret is seen; the ledger keeps its hash */
  addNode: { readonly node: string; readonly secret: string };
  renewNodeSecret: { readonly node: string; readonly secret: string };
  renewCardKeys: { readonly generation: number };
  lockMachine: { readonly lockout: number };
  unlockMachine: { readonly cleared: number; readonly stillLocked: readonly string[] };
  setMode: { readonly mode: "normal" | "evacuate" | "lockdown"; readonly version: number };
  commission: { readonly commissioning: number; readonly outcome: WiringOutcome };
  takeOver: { readonly commissioning: number };
  closeMonth: { readonly number: number; readonly revision: number };
  addHeadcount: { readonly headcount: number };
  planMaintenance: { readonly maintenance: number };
  addMoney: { readonly line: number };
  askCorrection: { readonly correction: number };
  grantCorrection: { readonly member: number };
  refuseCorrection: { readonly member: number };
  noteIndicator: { readonly note: number };
  /** row by row: who it is, and whether they were added, changed or known just so */
  importMembers: { readonly members: readonly number[]; readonly outcomes: readonly ("added" | "changed" | "same")[] };
};
export type ResultOf<C extends CommandName> = C extends keyof CommandResult ? CommandResult[C] : Record<never, never>;
