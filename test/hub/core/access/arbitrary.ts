/**
 * Any facts at all, with instants on whole minutes around the afternoon, so that a scan by minutes meets every one of them. The
 * usual value comes nine times in ten, and what is rarely there one time in four: single causes of a refusal are what matters.
 */
import fc from "fast-check";
import type { ResourceFacts, SubjectFacts } from "#contract";
import { denyCodes } from "#contract";
import type { DecisionInput, Subject } from "#core";
import { afternoon, daily, door, laser, onNode } from "./builders.ts";

const minute = 60_000;
const day = 86_400_000;
const instantMs = fc.integer({ min: -180, max: 180 }).map((minutes) => afternoon + minutes * minute);
const span = fc
  .tuple(instantMs, fc.integer({ min: 1, max: 120 }))
  .map(([fromMs, minutes]) => ({ fromMs, untilMs: fromMs + minutes * minute }));
const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 9 }, { arbitrary: fc.constantFrom(...others), weight: 1 });
const ends: fc.Arbitrary<number | null> = fc.oneof(
  { arbitrary: fc.constant(null), weight: 4 },
  { arbitrary: instantMs.filter((at) => at > afternoon), weight: 4 },
  { arbitrary: instantMs, weight: 1 },
);
const begins = mostly<number | null>(null, afternoon - day, afternoon + 10 * minute);

type Parts<T> = { readonly [K in keyof T]?: fc.Arbitrary<T[K] & {}> };
function seldom<T extends object>(parts: Parts<T>): fc.Arbitrary<T> {
  const maybe = Object.entries(parts as Record<string, fc.Arbitrary<unknown>>).map(([name, part]) =>
    fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, { arbitrary: part.map((value) => [[name, value]] as const), weight: 1 }),
  );
  return fc.tuple(...maybe).map((found) => Object.fromEntries(found.flat()) as T);
}
const together = <A extends object, B extends object>(always: fc.Arbitrary<A>, sometimes: fc.Arbitrary<B>): fc.Arbitrary<A & B> =>
  fc.tuple(always, sometimes).map(([a, b]) => ({ ...a, ...b }));

const competence: fc.Arbitrary<SubjectFacts["competence"]> = together(
  fc.record({
    level: mostly<SubjectFacts["competence"]["level"]>("competent", "trainee", "trainee", "none", "lapsed"),
    untilMs: ends,
  }),
  seldom<Pick<SubjectFacts["competence"], "endsAs">>({ endsAs: fc.constantFrom("expired", "lapsed") }),
);

const anyFacts: fc.Arbitrary<SubjectFacts> = together(
  fc.record({
    member: mostly<SubjectFacts["member"]>("active", "suspended"),
    credential: mostly<SubjectFacts["credential"]>("active", "lost", "stolen"),
    credentialFromMs: begins,
    credentialUntilMs: ends,
    hold: mostly(false, true),
    restricted: mostly(false, true),
    membership: fc.record({ state: mostly<"held" | "none">("held", "none"), fromMs: begins, untilMs: ends, graceUntilMs: ends }),
    inPlan: mostly(true, false),
    always: fc.boolean(),
    schedule: mostly<number | null>(null, 0, 1),
    waiver: mostly<SubjectFacts["waiver"]>("ok", "missing"),
    competence,
    roles: fc.subarray<SubjectFacts["roles"][number]>(["staff", "steward", "trainer", "maintainer", "responder"], { maxLength: 3 }),
  }),
  seldom<Omit<Partial<SubjectFacts>, keyof Required>>({
    holdUntilMs: instantMs,
    restrictedUntilMs: instantMs,
    hasPin: fc.boolean(),
    moreTime: fc.boolean(),
    guest: fc.record({ host: fc.constant(4), untilMs: instantMs, visitsLeft: fc.constantFrom(null, 0, 2) }),
    minor: fc.record({ ofAgeMs: ends, adultMs: instantMs, consent: mostly(true, false) }),
    events: fc.array(span, { maxLength: 2 }),
    unattendedMayFinish: fc.boolean(),
    accessories: fc.record({ rotary: competence }),
    overrides: instantMs.map((untilMs) => [{ codes: [...denyCodes], sinceMs: 0, untilMs, by: ["steward", "maintainer"] }]),
  }),
);
type Required = { [K in keyof SubjectFacts as undefined extends SubjectFacts[K] ? never : K]: SubjectFacts[K] };

const subject = (member: number): fc.Arbitrary<Subject> => anyFacts.map((facts) => ({ member, facts }));

const others: ResourceFacts["overridableBy"] = Object.fromEntries(denyCodes.map((code) => [code, ["steward", "maintainer", "staff"]]));
const usual = fc.record({
  riskClass: fc.constantFrom<ResourceFacts["riskClass"]>("A", "B", "C"),
  sharing: fc.constantFrom<ResourceFacts["sharing"]>("exclusive", "takeover_when_idle", "handover", "shared"),
  attendance: fc.constantFrom<ResourceFacts["attendance"]>("attended", "unattended_ok"),
  requiresTraining: fc.boolean(),
  unknownClock: fc.constantFrom<ResourceFacts["unknownClock"]>("deny", "floor"),
  offline: mostly<ResourceFacts["offline"]>("snapshot", "staff", "deny"),
  openingHours: fc.constantFrom(null, daily(13 * 60 + 30, 15 * 60 + 15)),
  asks: mostly<ResourceFacts["asks"]>([], ["credit"]),
});
const booked = fc.record({
  booking: fc.record({
    mode: fc.constantFrom<"optional" | "required">("optional", "required"),
    leadMs: fc.constant(5 * minute),
    noShowMs: fc.constant(15 * minute),
  }),
  bookings: fc.array(
    fc.tuple(span, fc.constantFrom(0, 3, 7), fc.boolean()).map(([when, member, checkedIn]) => ({ ...when, member, checkedIn })),
    { minLength: 1, maxLength: 3 },
  ),
});
const policy = seldom<Partial<ResourceFacts>>({
  assurance: fc.constantFrom(1, 2, 3),
  guests: fc.constant("with_host"),
  minorsNeedSupervisor: fc.boolean(),
  minCreditCents: fc.constant(500),
  checkIn: fc.boolean(),
  exclusiveGroup: fc.constant("dusty"),
  feed: fc.constant({ circuit: "f1", ratedW: 2000, budgetW: 3600 }),
  check: fc.constantFrom("next_user", "checker"),
  restartable: fc.boolean(),
  accessories: fc.constant([{ accessory: "rotary", label: "Rotary axis" }]),
  twoPerson: fc.constantFrom<NonNullable<ResourceFacts["twoPerson"]>>("always", daily(14 * 60 + 30, 15 * 60)),
  loneWorking: fc.constantFrom("warn", "forbid"),
  stewardRequired: fc.boolean(),
  duty: fc.array(
    fc.tuple(span, fc.constantFrom(3, 4, 9)).map(([when, member]) => ({ ...when, member })),
    { maxLength: 3 },
  ),
  capacity: fc.record({ people: fc.constant(2), mode: fc.constantFrom("warn", "deny") }),
  memberLimit: fc.constant(2),
  antiPassback: fc.boolean(),
  warnOnly: fc.boolean(),
  alwaysEnabled: fc.boolean(),
  overridableBy: fc.constant(others),
});
const someResource: fc.Arbitrary<ResourceFacts> = fc
  .tuple(fc.constantFrom(laser, laser, door), usual, policy, fc.oneof(fc.constant({}), fc.constant({}), booked))
  .map(([base, ...rest]) => Object.assign({}, base, ...rest));

type Live = DecisionInput["live"];
const live: fc.Arbitrary<Live> = together(
  fc.record({
    lockouts: mostly<Live["lockouts"]>([], ["check"], ["oops"], ["maintenance"], ["fault"]),
    online: mostly<boolean | null>(null, true, false),
    session: mostly<Live["session"]>(
      null,
      { member: 3, phase: "idle", idleForMs: 60_000 },
      { member: 3, phase: "grace", idleForMs: 0 },
      { member: 7, phase: "busy", idleForMs: 0 },
      { member: 7, phase: "unattended", idleForMs: 0 },
    ),
    ancillariesReady: mostly(true, false),
    readerPenaltyUntilMono: mostly<number | null>(null, 120_000),
    nowMono: fc.constant(0),
    revoked: mostly(false, true),
  }),
  seldom<Partial<Live>>({
    capturing: fc.boolean(),
    resting: fc.boolean(),
    freeSinceMs: fc.integer({ min: -60, max: 0 }).map((minutes) => afternoon + minutes * minute),
    check: fc.record({ rejected: fc.boolean(), lastMember: fc.constantFrom(3, 7) }),
    creditCents: fc.constantFrom(0, 1000),
    checkedIn: fc.boolean(),
    memberSessions: fc.constantFrom({ all: 0, attendedA: 0 }, { all: 2, attendedA: 1 }),
    supervised: fc.constantFrom(0, 1, 6),
    groupBusy: fc.boolean(),
    circuitLoadW: fc.constantFrom(0, 3000),
    occupancy: fc.constantFrom(1, 2),
    othersPresent: fc.constantFrom(0, 3),
    memberInside: fc.boolean(),
    hostPresent: fc.boolean(),
  }),
);

const loose: fc.Arbitrary<DecisionInput> = together(
  fc.record({
    question: together(
      fc.record({
        kind: fc.constantFrom<DecisionInput["question"]["kind"]>(
          ...(["start", "start", "start", "enter", "extend", "handover", "maintain", "teach", "remote_unlock", "exit", "stop"] as const),
        ),
        ageMs: mostly(0, 10_000, 10_001),
        usable: mostly(true, false),
      }),
      seldom<Partial<DecisionInput["question"]>>({
        assurance: fc.constantFrom(1, 3),
        pin: fc.constantFrom("right", "wrong", "unchecked"),
        acknowledged: fc.boolean(),
        duplicate: mostly(false, true),
      }),
    ),
    clock: fc.record({
      nowMs: mostly<number | null>(afternoon, null),
      floorMs: fc.constantFrom(0, afternoon),
      quality: mostly<DecisionInput["clock"]["quality"]>("synced", "holdover", "unknown"),
    }),
    subject: fc.option(subject(7), { nil: null, freq: 12 }),
    resource: fc.option(someResource, { nil: null, freq: 12 }),
    schedules: fc.constant([daily(13 * 60, 15 * 60)]),
    live,
    mode: mostly<DecisionInput["mode"]>("normal", "evacuate", "lockdown"),
    nodeAuthorised: mostly(true, false),
    where: fc.constantFrom<DecisionInput["where"][]>(
      { place: "hub" },
      { place: "hub" },
      onNode(1000, true),
      onNode(1000, false),
      onNode(2 * day - 3_600_000, false),
      { place: "node", snapshot: null, hubReachable: false },
    ),
  }),
  seldom<Pick<DecisionInput, "companions" | "strangers">>({
    companions: fc
      .tuple(fc.subarray([3, 4, 7], { minLength: 1 }), anyFacts)
      .map(([members, facts]) => members.map((member) => ({ member, facts }))),
    strangers: fc.boolean(),
  }),
);

/** Doors are entered and machines used, nine times in ten. */
export const anyInput: fc.Arbitrary<DecisionInput> = fc.tuple(loose, mostly(true, false)).map(([input, fits]) => {
  const { kind } = input.question;
  if (!fits || input.resource === null || kind === "exit" || kind === "stop") return input;
  const entered = kind === "enter" || kind === "remote_unlock";
  if (input.resource.kind === "door") return entered ? input : { ...input, question: { ...input.question, kind: "enter" } };
  return entered ? { ...input, question: { ...input.question, kind: "start" } } : input;
});
