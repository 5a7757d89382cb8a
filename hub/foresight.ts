/**
 * What would be decided then: `koprade why` for one member at one instant, `koprade who` for everybody in every hour of a week. Facts
 * are compiled as of that instant, so that what ends or begins by then has ended or begun. What cannot be known ahead is taken as
 * favourable: others are in, nothing else runs, the PIN is right. Nothing is recorded and nothing opens.
 */
import type { Schedule, SubjectFacts } from "#contract";
import { answerChangesAtMs, type DecisionInput, decide, favourableLive, type LiveFacts, type Subject, traceOf } from "#core";
import type { EveryFacts, Ledger } from "./ledger/types.ts";
import type { Why } from "./views.ts";

type Site = { readonly ledger: Pick<Ledger, "permissions" | "read"> };
type Place = { readonly resource: NonNullable<DecisionInput["resource"]>; readonly schedules: readonly Schedule[] };

function inputOf(
  place: Place,
  subject: Subject | null,
  whenMs: number,
  live: Partial<LiveFacts>,
  mode: DecisionInput["mode"],
): DecisionInput {
  return {
    question: {
      kind: place.resource.kind === "door" ? "enter" : "start",
      ageMs: 0,
      usable: true,
      ...(subject?.facts.hasPin === true ? { pin: "right" } : {}),
    },
    clock: { nowMs: whenMs, floorMs: whenMs, quality: "synced" },
    subject,
    resource: place.resource,
    schedules: place.schedules,
    live: { ...favourableLive(whenMs), ...live },
    mode,
    nodeAuthorised: true,
    where: { place: "hub" },
  };
}

/** The decision this member would get there then, with every rule; lockouts, mode and credit are as they are now. */
export function whyOf({ ledger }: Site, member: number, at: string, whenMs: number): Why | undefined {
  const facts = ledger.permissions.memberFacts(member, at, whenMs);
  if (facts === undefined) return undefined;
  const live = {
    lockouts: facts.lockouts,
    revoked: facts.revoked,
    ...(facts.check === undefined ? {} : { check: facts.check }),
    creditCents: ledger.read.credit(member).balanceCents,
  };
  const input = inputOf(facts, facts.subject, whenMs, live, ledger.read.site().mode);
  const { outcome, reason, also, waived, warnings } = decide(input);
  return { outcome, reason, also, waived, warnings, trace: traceOf(input) };
}

/** What a member may do in an hour: use it, use it with somebody beside them, or nothing. */
export type HourAnswer = "alone" | "with_others" | "no";
export type WeekOf = {
  readonly at: string;
  /** UTC ms of each hour of the week, Monday first; an hour that does not exist stands for the one after it */
  readonly hoursMs: readonly number[];
  readonly members: readonly { readonly member: number; readonly answers: readonly HourAnswer[] }[];
};

/** Who may use which door or machine when, in the week that begins on a Monday, as if nothing were locked out. */
export function weeksOf({ ledger }: Site, names: readonly string[], monday: Temporal.PlainDate): WeekOf[] {
  const { tz } = ledger.read.site();
  const days = Array.from({ length: 7 }, (_, day) => hoursOf(monday.add({ days: day }), tz));
  const answers = new Map<string, Map<number, HourAnswer[]>>(names.map((name) => [name, new Map()]));
  for (const hoursMs of days) {
    for (const place of ledger.permissions.everyFacts(names, hoursMs[0] ?? 0)) {
      const of = answers.get(place.resource.id);
      for (const [member, found] of dayOf(ledger, place, hoursMs)) {
        const all = of?.get(member);
        if (all === undefined) of?.set(member, [...found]);
        else all.push(...found);
      }
    }
  }
  const hoursMs = days.flat();
  return [...answers].map(([at, of]) => ({ at, hoursMs, members: [...of].map(([member, found]) => ({ member, answers: found })) }));
}

const hoursOf = (day: Temporal.PlainDate, tz: string): number[] =>
  Array.from({ length: 24 }, (_, hour) => day.toPlainDateTime({ hour }).toZonedDateTime(tz).epochMilliseconds);

/** Members of equal standing are answered alike, but where the policy names members or asks for what is on an account. */
function* dayOf(
  ledger: Site["ledger"],
  place: EveryFacts,
  hoursMs: readonly number[],
): Generator<readonly [number, readonly HourAnswer[]]> {
  const { resource } = place;
  const named = new Set([...(resource.bookings ?? []), ...(resource.duty ?? [])].map((row) => row.member));
  const known = new Map<SubjectFacts, readonly HourAnswer[]>();
  for (const [member, facts] of place.members) {
    const isOwn = named.has(member) || resource.minCreditCents !== undefined;
    const creditCents = resource.minCreditCents === undefined ? 0 : ledger.read.credit(member).balanceCents;
    const found = (isOwn ? undefined : known.get(facts)) ?? hoursAt(place, { member, facts }, hoursMs, creditCents);
    if (!isOwn) known.set(facts, found);
    yield [member, found];
  }
}

/** The answer at each full hour; between the instants at which it changes it is not asked for again. */
function hoursAt(place: Place, subject: Subject, hoursMs: readonly number[], creditCents: number): readonly HourAnswer[] {
  let answer: HourAnswer = "no";
  let untilMs = Number.NEGATIVE_INFINITY;
  return hoursMs.map((whenMs) => {
    if (whenMs < untilMs) return answer;
    const input = inputOf(place, subject, whenMs, { creditCents }, "normal");
    const { outcome } = decide(input);
    answer = outcome === "grant" ? "alone" : outcome === "pending" ? "with_others" : "no";
    untilMs = answerChangesAtMs(input) ?? Number.POSITIVE_INFINITY;
    return answer;
  });
}
