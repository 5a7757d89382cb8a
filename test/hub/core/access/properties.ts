/** What holds of `decide` for any facts: an answer, the same each time, never more for less right, nothing overridden that may not be, and the instant it ends. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Code, SubjectFacts } from "#contract";
import type { Decision, DecisionInput } from "#core";
import { answerChangesAtMs, decide, traceOf } from "#core";
import { neverOverridable } from "../../../../hub/core/access/overrides.ts";
import { anyInput } from "./arbitrary.ts";

const minute = 60_000;
/** further ahead `decide` may name an instant that is early (64 flips without a change) */
const aWeek = 7 * 24 * 60 * minute;

/** Each takes something away from the person, or from who stands beside them. */
const revocations: readonly ((input: DecisionInput) => DecisionInput)[] = [
  ...(
    [
      (f) => ({ ...f, member: "suspended" }),
      (f) => ({ ...f, credential: f.credential === "active" ? "lost" : f.credential }),
      (f) => ({ ...f, credential: "stolen" }),
      (f) => ({ ...f, hold: true, holdUntilMs: Number.MAX_SAFE_INTEGER }),
      (f) => ({ ...f, restricted: true, restrictedUntilMs: Number.MAX_SAFE_INTEGER }),
      (f) => ({ ...f, inPlan: false }),
      (f) => ({ ...f, waiver: "missing" }),
      (f) => ({ ...f, roles: [] }),
      (f) => ({ ...f, membership: { ...f.membership, state: "none" } }),
      (f) => ({ ...f, credentialUntilMs: 0 }),
      (f) => ({ ...f, competence: { level: "none", untilMs: null } }),
      (f) => ({ ...f, competence: { ...f.competence, level: f.competence.level === "competent" ? "trainee" : "none" } }),
      (f) => ({ ...f, always: false }),
      (f) => ({ ...f, events: [] }),
      (f) => ({ ...f, hasPin: false }),
      (f) => ({ ...f, accessories: { rotary: { level: "none", untilMs: null } } }),
      (f) => ({ ...f, unattendedMayFinish: false }),
      (f) => ({ ...f, overrides: [] }),
    ] satisfies ((facts: SubjectFacts) => SubjectFacts)[]
  ).map((take) => (input: DecisionInput): DecisionInput => {
    return input.subject === null ? input : { ...input, subject: { ...input.subject, facts: take(input.subject.facts) } };
  }),
  (input) => ({ ...input, companions: [] }),
  (input) => ({ ...input, live: { ...input.live, revoked: true } }),
  (input) => ({
    ...input,
    ...(input.resource === null
      ? {}
      : { resource: { ...input.resource, bookings: (input.resource.bookings ?? []).filter(({ member }) => member !== 7) } }),
  }),
];

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}

const answer = ({ outcome, reason, also, waived, warnings, obligations }: Decision) => ({
  outcome,
  reason,
  also,
  waived,
  warnings,
  with: [obligations?.supervisor, obligations?.buddy, obligations?.accessories],
});

/** Seeded, so that what fails fails again, and what has passed passes. */
const seed = Number(process.env.ACCESS_SEED ?? 1);

/** The same question asked later: what counts from a beginning has grown older. */
function asked(input: DecisionInput, passedMs: number): DecisionInput {
  const { clock, live, where } = input;
  const session = live.session === null ? null : { ...live.session, idleForMs: live.session.idleForMs + passedMs };
  const aged =
    where.place === "hub" || where.snapshot === null
      ? where
      : { ...where, snapshot: { ...where.snapshot, ageMs: where.snapshot.ageMs + passedMs } };
  return {
    ...input,
    clock: { ...clock, nowMs: (clock.nowMs ?? 0) + passedMs },
    live: { ...live, session, nowMono: live.nowMono + passedMs },
    where: aged,
  };
}

/** Each with the runs that take a tenth of a second or two; a system test multiplies them. */
export const properties: readonly { readonly sentence: string; readonly runs: number; readonly holds: (runs: number) => void }[] = [
  {
    sentence: "answers the same each time, touches nothing, and carries a permit exactly with a grant to enter or use",
    runs: 200,
    holds(numRuns) {
      fc.assert(
        fc.property(anyInput, (input) => {
          const decision = decide(frozen(input));
          expect(decide(input)).toEqual(decision);
          const opens = decision.outcome === "grant" && !["exit", "stop"].includes(input.question.kind) && input.resource !== null;
          expect(decision.obligations !== null).toBe(opens);
          if (decision.outcome === "grant") expect([decision.reason.startsWith("GRANT"), decision.also]).toEqual([true, []]);
          else if (decision.outcome !== "ask") expect(decision.reason.startsWith("GRANT")).toBe(false);
          expect(decision.also).not.toContain(decision.reason);
          expect(traceOf(input).length).toBeGreaterThan(55);
        }),
        { numRuns, seed },
      );
    },
  },
  {
    sentence: "never grants because something was taken away",
    runs: 800,
    holds(numRuns) {
      const granted = { grant: 2, ask: 1, pending: 1, noop: 0, deny: 0 } as const;
      fc.assert(
        fc.property(anyInput, fc.constantFrom(...revocations), (input, revoke) => {
          if (decide(input).outcome === "grant") return;
          expect(granted[decide(revoke(input)).outcome]).toBeLessThan(2);
        }),
        { numRuns, seed },
      );
    },
  },
  {
    sentence: "lets pass by an override nothing that nobody may override, and by a policy nothing that protects",
    runs: 400,
    holds(numRuns) {
      const protects = (code: Code) =>
        /EMERGENCY|LOCKDOWN|UNKNOWN|REVOKED|HOLD|RESTRICTED|LOCKED|ORDER|FAULT|TAMPER|ANCILLARY|IN_USE|GROUP|BUDGET|MINOR|CONSENT|SECOND|LONE/.test(
          code,
        );
      fc.assert(
        fc.property(anyInput, (given) => {
          const { overrides = [], ...facts } = given.subject?.facts ?? {};
          const input = given.subject === null ? given : { ...given, subject: { ...given.subject, facts: facts as SubjectFacts } };
          const lenient = input.resource?.warnOnly === true || input.resource?.alwaysEnabled === true;
          const alone = decide(input);
          expect(alone.waived.filter(protects)).toEqual([]);
          if (lenient || overrides.length === 0) return;
          const { outcome, reason, waived } = decide(given);
          if (outcome !== "grant") {
            expect(waived).toEqual([]);
            return;
          }
          expect(waived.filter((code) => neverOverridable.has(code))).toEqual([]);
          expect(waived.length > 0).toBe(reason === "GRANT_OVERRIDE");
          expect(new Set(waived)).toEqual(new Set(reason === "GRANT_OVERRIDE" ? [alone.reason, ...alone.also] : []));
        }),
        { numRuns, seed },
      );
    },
  },
  {
    sentence: "names to the millisecond the instant at which the answer to the same question changes",
    runs: 50,
    holds(numRuns) {
      fc.assert(
        fc.property(anyInput, (input) => {
          const { nowMs, floorMs, quality } = input.clock;
          if (nowMs === null || nowMs < floorMs || quality === "unknown") return;
          const now = answer(decide(input));
          const isSame = (passedMs: number) => JSON.stringify(answer(decide(asked(input, passedMs)))) === JSON.stringify(now);
          const changesAtMs = answerChangesAtMs(input);
          const afterMs = (changesAtMs ?? Number.POSITIVE_INFINITY) - nowMs;
          for (let passedMs = minute; passedMs < Math.min(afterMs, 240 * minute); passedMs += minute) expect(isSame(passedMs)).toBe(true);
          if (afterMs < aWeek) expect([isSame(afterMs - 1), isSame(afterMs)]).toEqual([true, false]);
        }),
        { numRuns, seed },
      );
    },
  },
  {
    sentence: "looks again at a session it has granted when its extension is answered otherwise, and at the lease's end",
    runs: 300,
    holds(numRuns) {
      fc.assert(
        fc.property(anyInput, (input) => {
          const decision = decide(input);
          if (decision.outcome !== "grant" || !["start", "handover", "teach"].includes(input.question.kind) || input.subject === null)
            return;
          const going: DecisionInput = {
            ...input,
            question: { ...input.question, kind: "extend" },
            live: { ...input.live, session: { member: 7, phase: "enabled", idleForMs: 0 } },
          };
          const { nowMs, quality } = input.clock;
          const never = Number.POSITIVE_INFINITY;
          const leaseMs = decision.obligations?.leaseMs ?? 0; // 0: no lease
          const againMs = Math.min(answerChangesAtMs(going) ?? never, leaseMs > 0 ? (nowMs ?? 0) + leaseMs : never);
          expect(decision.reevaluateAtMs).toBe(nowMs === null || quality === "unknown" || againMs === never ? null : againMs);
        }),
        { numRuns, seed },
      );
    },
  },
];
