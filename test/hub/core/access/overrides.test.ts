/** What may be let pass, by whom (domain.md §3.5 and the last column of §3.2), and what nobody lets pass. */
import { describe, expect, it } from "vitest";
import type { Code, ResourceFacts, SubjectFacts } from "#contract";
import { denyCodes } from "#contract";
import type { DecisionInput } from "#core";
import { decide, mayOverride, neverOverridable } from "#core";
import { afternoon, asking, beside, door, laser } from "./builders.ts";
import { causes, noShow } from "./causes.ts";
import { answers } from "./rows.ts";

type Role = SubjectFacts["roles"][number];
const everyRole: readonly Role[] = ["staff", "steward", "trainer", "maintainer", "responder"];

/** The last column of the table, for the refusals of which it names a role. */
const table: Readonly<Partial<Record<Code, Role>>> = {
  CREDENTIAL_NOT_YET_VALID: "steward",
  CREDENTIAL_EXPIRED: "steward",
  MEMBERSHIP_NONE: "steward",
  MEMBERSHIP_NOT_STARTED: "steward",
  MEMBERSHIP_EXPIRED: "steward",
  INSUFFICIENT_CREDIT: "steward",
  NOT_CHECKED_IN: "steward",
  CLOCK_UNTRUSTED: "maintainer",
  OUTSIDE_OPENING_HOURS: "steward",
  HOLIDAY_CLOSED: "steward",
  OUTSIDE_SCHEDULE: "steward",
  OUT_OF_ORDER: "maintainer",
  IN_USE: "steward",
  AWAIT_HANDOVER: "steward",
  BOOKED_BY_OTHER: "steward",
  BOOKING_REQUIRED: "steward",
  NEEDS_CHECK: "steward",
  ZONE_FULL: "steward",
  MEMBER_LIMIT: "steward",
};
/** Never overridable: R00–R04, R20, R30–R32, R34, R40, R41, R43, R44, R60 not commissioned, R62 fault and tamper, R63, R67, R70, R71, R73, R80. */
const never =
  /^(DEVICE_|RESOURCE_UNKNOWN|DUPLICATE|REQUEST|TOO_MANY|EMERGENCY|UNKNOWN|ENROLMENT|CREDENTIAL_UNUSABLE|CREDENTIAL_REVOKED|FACTOR|MEMBER_SUSP|HOLD|RESTRICTED|NOT_IN_PLAN|WAIVER|NOT_COMM|ANCILLARY|EXCLUSIVE|POWER|TRAINING|AWAIT_S|MINOR|CONSENT|SECOND|INTERNAL)/;

const by = (roles: readonly Role[], changes: Partial<SubjectFacts> = {}) => beside(9, { roles: [...roles], ...changes });
/** What the author may set aside there, set aside for who asks. */
function overriding(
  input: DecisionInput,
  author = by(everyRole),
  codes: readonly Code[] = denyCodes,
  untilMs = afternoon + 86_400_000,
  sinceMs = afternoon - 3_600_000,
): DecisionInput {
  const { clock, resource, subject } = input;
  const around = { nowMs: clock.quality === "unknown" ? null : clock.nowMs, atLeastMs: clock.nowMs ?? clock.floorMs, resource };
  const given = { codes: codes.filter((code) => mayOverride(around, author, code)), sinceMs, untilMs };
  const overrides = [{ ...given, by: [...author.facts.roles] }];
  return subject === null ? input : { ...input, subject: { ...subject, facts: { ...subject.facts, overrides } } };
}
const changed = (input: DecisionInput, changes: Partial<ResourceFacts>): DecisionInput => ({
  ...input,
  resource: input.resource === null ? null : { ...input.resource, ...changes },
});

describe("every refusal", () => {
  it.each(denyCodes)("%s has a cause, and nothing else refuses with it", (code) => {
    const { reason, also } = decide(causes[code]);
    expect([reason, also]).toEqual([code, []]);
  });
  it.each(denyCodes)("%s is overridden by those whom the table names, and nobody else", (code) => {
    for (const role of everyRole) {
      const lets = table[code] === role ? `grant GRANT_OVERRIDE; waived ${code}` : answers(causes[code]);
      expect([role, answers(overriding(causes[code], by([role])))]).toEqual([role, lets]);
    }
  });
  it.each(denyCodes)("%s is overridden by whom a policy names, unless nobody may", (code) => {
    const lenient = changed(causes[code], { overridableBy: Object.fromEntries(denyCodes.map((each) => [each, ["responder"]])) });
    const isLet = !never.test(code) && lenient.resource !== null && lenient.subject !== null; // it is given for a member
    expect(answers(overriding(lenient, by(["responder"])))).toBe(isLet ? `grant GRANT_OVERRIDE; waived ${code}` : answers(causes[code]));
    expect(answers(overriding(lenient, by(["steward", "maintainer"])))).toBe(answers(causes[code]));
  });
});

describe("an override", () => {
  const closed = causes.OUTSIDE_OPENING_HOURS;
  const refused = answers(closed);
  it("covers what it names, and only that", () => {
    expect(answers(overriding(closed, by(["steward"]), ["HOLIDAY_CLOSED"]))).toBe(refused);
    expect(answers(overriding(closed, by(["steward"]), ["HOLIDAY_CLOSED", "OUTSIDE_OPENING_HOURS"]))).toBe(
      "grant GRANT_OVERRIDE; waived OUTSIDE_OPENING_HOURS",
    );
  });
  it("lets pass all that refuses, or nothing", () => {
    const locked = { ...closed, live: { ...closed.live, lockouts: ["oops"] as const } };
    expect(answers(overriding(locked, by(["steward"])))).toBe("deny OUT_OF_ORDER; also OUTSIDE_OPENING_HOURS");
    expect(answers(overriding(locked, by(["steward", "maintainer"])))).toBe(
      "grant GRANT_OVERRIDE; waived OUTSIDE_OPENING_HOURS, OUT_OF_ORDER",
    );
  });
  it("is worth nothing from somebody who is not in force", () => {
    for (const changes of [
      { member: "suspended" },
      { credential: "stolen" },
      { hold: true },
      { restricted: true },
      { credentialUntilMs: afternoon },
      { credentialFromMs: afternoon + 1 },
    ] as const)
      expect(answers(overriding(closed, by(["steward"], changes)))).toBe(refused);
  });
  it("of a steward counts on duty only, where there is a roster", () => {
    const shift = (member: number) => [{ member, fromMs: afternoon, untilMs: afternoon + 1 }];
    expect(decide(overriding(changed(closed, { duty: shift(9) }), by(["steward"]))).reason).toBe("GRANT_OVERRIDE");
    expect(answers(overriding(changed(closed, { duty: shift(8) }), by(["steward"])))).toBe(refused);
    const unknown = changed(causes.CLOCK_UNTRUSTED, { duty: shift(9), overridableBy: { CLOCK_UNTRUSTED: ["steward"] } });
    expect(answers(overriding(unknown, by(["steward"])))).toBe("deny CLOCK_UNTRUSTED");
    expect(decide(overriding(changed(causes.CLOCK_UNTRUSTED, { duty: [] }), by(["maintainer"]))).reason).toBe("GRANT_OVERRIDE");
  });
  it("of a membership lets somebody in, not onto a machine", () => {
    for (const code of ["MEMBERSHIP_NONE", "MEMBERSHIP_NOT_STARTED", "MEMBERSHIP_EXPIRED"] as const) {
      const { subject } = causes[code];
      expect(decide(overriding({ ...asking(door), subject }, by(["steward"]))).reason).toBe("GRANT_OVERRIDE");
      expect(decide(overriding({ ...asking(laser), subject }, by(["steward"]))).reason).toBe(code);
    }
  });
  it("of a booking waits for everybody who has booked: until their no-show, not for who has come", () => {
    const booking = (fromMs: number, forMs: number, checkedIn = false) => ({ member: 3, fromMs, untilMs: fromMs + forMs, checkedIn });
    const at = (atMs: number, ...bookings: ReturnType<typeof booking>[]) =>
      decide(overriding(asking({ ...noShow, bookings }, { at: atMs }), by(["steward"]))).reason;
    const missed = booking(afternoon - 900_000, 1_800_000);
    expect([at(afternoon - 1, missed), at(afternoon, missed)]).toEqual(["BOOKED_BY_OTHER", "GRANT_OVERRIDE"]);
    expect(at(afternoon, booking(afternoon - 900_000, 1_800_000, true))).toBe("BOOKED_BY_OTHER");
    const next = (inMs: number) => at(afternoon, missed, booking(afternoon + inMs, 60_000));
    expect([next(300_000), next(300_001)]).toEqual(["BOOKED_BY_OTHER", "GRANT_OVERRIDE"]);
    expect(at(afternoon, booking(afternoon - 960_000, 60_000, true), missed)).toBe("GRANT_OVERRIDE");
    expect(at(afternoon, booking(afternoon - 960_000, 960_000, true), missed)).toBe("GRANT_OVERRIDE");
  });
  it("ends by itself, and the answer is looked at again then", () => {
    const late = afternoon + 300_000;
    expect(decide(overriding(closed, by(everyRole), denyCodes, late))).toMatchObject({ outcome: "grant", reevaluateAtMs: late });
    expect(answers(overriding(closed, by(everyRole), denyCodes, afternoon))).toBe(refused);
  });
  it("of an untrusted clock holds until the floor has passed its end; no other holds without the time", () => {
    const unknown = causes.CLOCK_UNTRUSTED;
    const { floorMs } = unknown.clock;
    expect(decide(overriding(unknown, by(everyRole), denyCodes, floorMs + 1)).reason).toBe("GRANT_OVERRIDE");
    expect(decide(overriding(unknown, by(everyRole), denyCodes, floorMs)).reason).toBe("CLOCK_UNTRUSTED");
    const busy = { ...unknown, live: { ...unknown.live, session: { member: 3, phase: "busy" as const, idleForMs: 0 } } };
    expect(decide(overriding(busy)).reason).toBe("IN_USE");
  });
  it("is worth what the policy gives its author's roles now, not what it gave them then", () => {
    const given = overriding(closed, by(["steward"]));
    expect(decide(given).reason).toBe("GRANT_OVERRIDE");
    expect(answers(changed(given, { overridableBy: { OUTSIDE_OPENING_HOURS: ["maintainer"] } }))).toBe(refused);
    expect(answers(changed(given, { overridableBy: { OUTSIDE_OPENING_HOURS: [] } }))).toBe(refused);
    const { subject } = given;
    const demoted = (roles: Role[]) =>
      subject && {
        ...subject,
        facts: { ...subject.facts, overrides: subject.facts.overrides?.map((one) => ({ ...one, by: roles })) ?? [] },
      };
    expect(answers({ ...given, subject: demoted([]) })).toBe(refused);
    expect(answers({ ...given, subject: demoted(["staff", "maintainer"]) })).toBe(refused);
  });
  it("of a broken machine is for what was known then: a later report stands, and anything but a report does not matter", () => {
    const broken = overriding(causes.OUT_OF_ORDER, by(["maintainer"]), denyCodes, afternoon + 1, afternoon - 1000);
    const reported = (input: DecisionInput, oopsMs: number) => answers({ ...input, live: { ...input.live, oopsMs } });
    expect(reported(broken, afternoon - 1001)).toBe("grant GRANT_OVERRIDE; waived OUT_OF_ORDER");
    expect([reported(broken, afternoon - 1000), reported(broken, afternoon)]).toEqual(["deny OUT_OF_ORDER", "deny OUT_OF_ORDER"]);
    expect(reported(overriding(closed), afternoon)).toBe("grant GRANT_OVERRIDE; waived OUTSIDE_OPENING_HOURS");
  });
  it("is over where its session has ended, whatever the snapshot says; another one is not", () => {
    const given = overriding(closed, by(["steward"]), denyCodes, afternoon + 1, 77);
    const over = (...overridesOver: number[]) => answers({ ...given, live: { ...given.live, overridesOver } });
    expect([over(77), over(5, 77)]).toEqual([refused, refused]);
    expect([over(), over(76, 78)]).toEqual(Array(2).fill("grant GRANT_OVERRIDE; waived OUTSIDE_OPENING_HOURS"));
  });
  it("is on record only where it was needed", () => {
    expect(answers(overriding(asking(laser)))).toBe("grant GRANT");
    expect(decide(overriding(closed)).obligations).toEqual(decide(asking(laser)).obligations);
  });
});

/** Rules that a warn-only machine only says, and an always-enabled one does not ask: who may use it, and when. */
const aboutUse =
  /^(MEMBERSHIP|NOT_IN|WAIVER|INSUFF|NOT_CHECKED|CLOCK|OUTSIDE|HOLIDAY|TIME|BOOK|NEEDS|TRAINING|AWAIT_SUP|STEWARD|ZONE|MEMBER_LIMIT)/;

describe("what nobody may set aside", () => {
  it("is anything at a place of which nothing is known", () => {
    const overrides = [{ codes: [...denyCodes], sinceMs: 0, untilMs: afternoon + 86_400_000, by: [...everyRole] }];
    const nothing = { where: { place: "node", snapshot: null, hubReachable: false } } as const;
    expect(answers(asking(null, { who: { overrides }, rest: nothing }))).toMatch(/^deny /);
  });
  it.each(denyCodes.filter((code) => neverOverridable.has(code)))("%s stands, though a snapshot says it is set aside", (code) => {
    const input = causes[code];
    const { subject } = input;
    const overrides = [{ codes: [...neverOverridable], sinceMs: 0, untilMs: afternoon + 86_400_000, by: [...everyRole] }];
    const told = subject === null ? input : { ...input, subject: { ...subject, facts: { ...subject.facts, overrides } } };
    expect(answers(told)).toBe(answers(input));
    const lenient = { overridableBy: { [code]: [...everyRole] } };
    expect(answers(changed(told, lenient))).toBe(answers(changed(input, lenient))); // nor by a policy that names it
  });
});

it("one of the roles that the policy names is enough to give an override", () => {
  const input = changed(causes.OUTSIDE_OPENING_HOURS, { overridableBy: { OUTSIDE_OPENING_HOURS: ["maintainer", "staff"] } });
  expect(answers(overriding(input, by(["staff"])))).toMatch(/waived OUTSIDE_OPENING_HOURS$/);
});

describe("a lenient policy", () => {
  it.each(denyCodes)("says %s or holds to it", (code) => {
    const isSaid = aboutUse.test(code);
    expect(answers(changed(causes[code], { warnOnly: true }))).toBe(
      isSaid ? `grant GRANT_WARN_ONLY; waived ${code}` : answers(causes[code]),
    );
    expect(answers(changed(causes[code], { alwaysEnabled: true }))).toBe(isSaid ? "grant GRANT_ALWAYS_ENABLED" : answers(causes[code]));
    expect(answers(changed(causes[code], { warnOnly: false, alwaysEnabled: false }))).toBe(answers(causes[code]));
  });
  it("says each refusal once, beside what somebody has overridden", () => {
    const input = changed(causes.OUT_OF_ORDER, { warnOnly: true, openingHours: { intervals: [], special: [] } });
    expect(answers(overriding(input))).toBe("grant GRANT_OVERRIDE; waived OUTSIDE_OPENING_HOURS, OUT_OF_ORDER");
    const enabled = changed(input, { warnOnly: false, alwaysEnabled: true });
    expect(answers(overriding(enabled))).toBe("grant GRANT_OVERRIDE; waived OUT_OF_ORDER");
  });
  it("holds to what watches over minors and guests", () => {
    const minor = { ofAgeMs: null, adultMs: afternoon + 1, consent: true };
    const watched = { ...laser, minorsNeedSupervisor: true, warnOnly: true, alwaysEnabled: true };
    expect(answers(asking(watched, { who: { minor } }))).toBe("pending AWAIT_SUPERVISOR");
  });
  it("says who may use it, not who may teach or mend there", () => {
    for (const policy of [{ warnOnly: true }, { alwaysEnabled: true }])
      for (const kind of ["teach", "maintain"] as const)
        expect(answers(asking({ ...laser, ...policy }, { kind, who: { competence: { level: "none", untilMs: null } } }))).toBe(
          "deny TRAINING_MISSING",
        );
  });
  it("says who may use it, not who may open it from afar", () => {
    for (const policy of [{ warnOnly: true }, { alwaysEnabled: true }])
      expect(answers(asking({ ...door, ...policy }, { kind: "remote_unlock" }))).toBe("deny STEWARD_REQUIRED");
  });
  it("never says an error, which holds everything", () => {
    expect(answers(changed(causes.INTERNAL_ERROR, { warnOnly: true }))).toBe("deny INTERNAL_ERROR");
  });
});
