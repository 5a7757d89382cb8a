/** Inputs of the commands about people: what binds them, what they have learned, what is on their account. */
import * as z from "zod";
import { instantMs, localDate, slug } from "#contract";
import { card, chosenRef, externalRef, label, locale, mail, reason, ref, role, rowId } from "./inputs-common.ts";
import { noticeInputs } from "./inputs-notices.ts";

const course = {
  /** how long a passed training counts; null: for ever */
  validityMonths: z.int().min(1).max(120).nullable().default(null),
  /** competence lapses after so many days without a session on a machine of this course */
  currencyDays: z.int().min(1).max(3660).nullable().default(null),
  minAge: z.int().min(1).max(99).nullable().default(null),
  /** courses a member must be competent in, now and at sign-off */
  prerequisites: z.array(slug).max(10).default([]),
};

const pinDigits = z.string().regex(/^\d{4,8}$/, "four to eight digits");

export const peopleInputs = {
  addMember: z.strictObject({ displayName: label, locale: locale.default("en"), ref: chosenRef.optional() }),
  setMember: z.strictObject({
    member: ref,
    displayName: label.optional(),
    locale: locale.optional(),
    status: z.enum(["active", "suspended", "banned", "left"]).optional(),
    /** null: not known, which counts as of full age */
    birthDate: localDate.nullable().optional(),
    externalRef: externalRef.nullable().optional(),
    mail: mail.nullable().optional(),
    /** doors may stand open longer after them */
    moreTime: z.boolean().optional(),
  }),
  /** `trainer` means of every course and `maintainer` of every machine; addQualification names a single one */
  /** for good: nobody can bring them back */
  eraseMember: z.strictObject({ member: ref, reason }),
  setRoles: z.strictObject({ member: ref, roles: z.array(role).max(5) }),
  assignCard: z.strictObject({
    member: ref,
    card,
    label: z.string().trim().max(60).default("card"),
    validFrom: localDate.nullable().default(null),
    validThrough: localDate.nullable().default(null),
  }),
  blockCard: z.strictObject({ card, status: z.enum(["lost", "stolen", "returned", "revoked"]), reason }),
  restoreCard: z.strictObject({ card, reason }),
  addPlan: z.strictObject({
    plan: slug,
    label,
    /** ignores opening hours */
    always: z.boolean().default(false),
    /** what the plan covers: door and machine names, or everything */
    covers: z.union([z.literal("everything"), z.array(slug).max(500)]).default("everything"),
    schedule: slug.nullable().default(null),
    /** an unattended job may finish after membership or opening hours have ended (domain.md §3.6) */
    unattendedMayFinish: z.boolean().default(true),
  }),
  setMembership: z.strictObject({
    member: ref,
    plan: slug,
    from: localDate,
    validThrough: localDate.nullable().default(null),
    graceDays: z.int().min(0).max(366).default(0),
  }),
  endMembership: z.strictObject({ member: ref, lastDay: localDate }),

  addHold: z.strictObject({ member: ref, reason, through: localDate.nullable().default(null) }),
  clearHold: z.strictObject({ member: ref }),
  /** a door, a machine or a zone with everything in it */
  restrict: z.strictObject({ member: ref, place: slug, reason, through: localDate.nullable().default(null) }),
  liftRestriction: z.strictObject({ member: ref, place: slug }),
  /** null takes a signature back that was entered by mistake */
  signWaiver: z.strictObject({ member: ref, revision: z.int().min(1).max(10_000).nullable() }),
  setGuardian: z.strictObject({ member: ref, guardian: ref, consent: z.boolean() }),
  removeGuardian: z.strictObject({ member: ref, guardian: ref }),
  addGuest: z.strictObject({
    displayName: label,
    locale: locale.default("en"),
    host: ref,
    untilMs: instantMs,
    /** days on which the guest may come; null: as often as they like until the end */
    visits: z.int().min(1).max(366).nullable().default(null),
  }),
  setGuest: z.strictObject({
    member: ref,
    host: ref.optional(),
    untilMs: instantMs.optional(),
    visits: z.int().min(1).max(366).nullable().optional(),
  }),
  /** the host answers for them no longer, from now on */
  endGuest: z.strictObject({ member: ref }),
  addCredit: z.strictObject({ member: ref, cents: z.int().min(-100_000_000).max(100_000_000), reason }),
  /** a second entry that takes the first one back */
  undoCredit: z.strictObject({ entry: rowId, reason }),
  setPin: z.strictObject({ member: ref, pin: pinDigits }),
  setDuressPin: z.strictObject({ member: ref, pin: pinDigits }),
  clearPin: z.strictObject({ member: ref }),
  clearDuressPin: z.strictObject({ member: ref }),
  ...noticeInputs,

  /** a new course, or other words and numbers for its present revision */
  addCourse: z.strictObject({ course: slug, label, ...course }),
  /** the course as it is taught from a day on; what earlier trainings are worth then, `supersedes` says (domain.md §2.2 rule 7) */
  reviseCourse: z
    .strictObject({
      course: slug,
      effective: localDate.optional(),
      supersedes: z.enum(["keep", "require_by", "require_now"]),
      requireBy: localDate.nullable().default(null),
      ...course,
    })
    .refine((given) => given.supersedes !== "require_by" || given.requireBy !== null, {
      path: ["requireBy"],
      message: "the last day on which earlier trainings count",
    }),
  /** takes the newest revision back; nobody may have been trained in it yet */
  withdrawRevision: z.strictObject({ course: slug }),
  grantTraining: z.strictObject({
    member: ref,
    course: slug,
    signedOffBy: ref,
    /** `failed` is kept as evidence: it gives nothing and takes nothing away */
    result: z.enum(["passed", "failed", "supervised_only"]).default("passed"),
    on: localDate.optional(),
    validThrough: localDate.nullable().optional(),
  }),
  revokeTraining: z.strictObject({ member: ref, course: slug, reason }),
  /** brings back what was revoked last */
  restoreTraining: z.strictObject({ member: ref, course: slug, reason }),
  suspendTraining: z.strictObject({ member: ref, course: slug, reason }),
  resumeTraining: z.strictObject({ member: ref, course: slug, reason }),
  /** takes back the last sign-off, within ten minutes of it */
  undoTraining: z.strictObject({ member: ref, course: slug }),
  addQualification: z.strictObject({
    member: ref,
    role: z.enum(["trainer", "maintainer"]),
    /** the course or machine; null: all of them */
    scope: slug.nullable(),
    from: localDate.optional(),
    through: localDate.nullable().default(null),
  }),
  /** `lastDay` is inclusive; without it the qualification ends now */
  endQualification: z.strictObject({
    member: ref,
    role: z.enum(["trainer", "maintainer"]),
    scope: slug.nullable(),
    lastDay: localDate.optional(),
  }),
} as const;
