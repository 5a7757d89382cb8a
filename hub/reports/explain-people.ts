/** Rows behind the numbers about people (reports.md §4.2) and their training (§4.3). */
import {
  classWaits,
  firsts,
  intersect,
  type Metric,
  personDay,
  type Sign,
  type Span,
  sharedMs,
  type TrainingFacts,
  visitsOf,
  within,
} from "#core";
import { by, type ExplainedRow, instant, row, spansOf } from "./explain-rows.ts";
import type { MonthInput } from "./types.ts";

const dayMs = 86_400_000;
const trailingMs = 90 * dayMs;

/** @param id  such as V01 */
export function peopleRows(input: MonthInput, id: string): ExplainedRow[] {
  const { signs, seenBeforeMs, activeMembers } = input.people;
  const { period, days } = spansOf(input);
  const here = signs.filter(({ kind, member, fromMs }) => kind !== "exit" && member !== 0 && within(fromMs, days));
  const first = new Map<number, Sign>();
  for (const sign of [...here].sort((a, b) => a.fromMs - b.fromMs)) if (!first.has(sign.member)) first.set(sign.member, sign);
  const visits = visitsOf(signs).filter((visit) => sharedMs(visit, period) > 0 || within(visit.fromMs, period));
  const one = (sign: Sign): ExplainedRow => instant(sign.fromMs, sign.kind, { ...by(sign.member), amount: 1 });
  const before = (sign: Sign): number => seenBeforeMs.get(sign.member) ?? Number.NEGATIVE_INFINITY;
  switch (id) {
    case "V01":
      return [...new Map([...here].reverse().map((sign) => [`${sign.member} ${personDay(sign.fromMs, input.zone)}`, sign])).values()]
        .map(one)
        .sort(inTime);
    case "V02":
      return visits
        .filter(({ fromMs }) => within(fromMs, period))
        .map((visit) => row(visit, "visit", { ...by(visit.member), amount: 1 }))
        .sort(inTime);
    case "V03":
      return [...first.values()].map(one);
    case "V04.new":
      return [...first.values()].filter((sign) => before(sign) === Number.NEGATIVE_INFINITY).map(one);
    case "V04.returning":
      return [...first.values()].filter((sign) => before(sign) >= days.fromMs - trailingMs).map(one);
    case "V04.reactivated":
      return [...first.values()]
        .filter((sign) => before(sign) > Number.NEGATIVE_INFINITY && before(sign) < days.fromMs - trailingMs)
        .map(one);
    case "V05":
      return [...(activeMembers ?? [])].map((member) => {
        const seenMs = first.get(member)?.fromMs ?? seenBeforeMs.get(member) ?? null;
        const isHere = first.has(member) || (seenMs !== null && seenMs >= period.toMs - trailingMs);
        return row(seenMs === null ? null : { fromMs: seenMs, toMs: seenMs }, seenMs === null ? "never here" : "last seen", {
          member,
          amount: isHere ? 1 : 0,
          base: 1,
        });
      });
    case "V08.peak":
      return atPeak(visits, period).map((visit) => row(visit, "visit at the peak", { ...by(visit.member), amount: 1 }));
    case "V10":
      return visits.map((visit) => row(visit, "visit", { ...by(visit.member), amount: sharedMs(visit, period) })).sort(inTime);
    case "V13":
      return unseenRows(here, input.zone);
    default:
      return id.startsWith("V12") ? doorRows(input, id) : [];
  }
}

const inTime = (a: ExplainedRow, b: ExplainedRow): number => (a.fromMs ?? 0) - (b.fromMs ?? 0);

/** Whoever is there when most people are. */
function atPeak(visits: readonly (Span & { readonly member: number })[], period: Span) {
  let most: (typeof visits)[number][] = [];
  for (const { fromMs } of visits.flatMap((visit) => intersect([visit], [period]))) {
    const there = visits.filter((visit) => visit.fromMs <= fromMs && fromMs < visit.toMs);
    if (there.length > most.length) most = there;
  }
  return most;
}

function unseenRows(here: readonly Sign[], zone: string): ExplainedRow[] {
  const dayOf = ({ member, fromMs }: Sign): string => `${member} ${personDay(fromMs, zone)}`;
  const entered = new Set(here.filter(({ kind }) => kind === "entry").map(dayOf));
  const users = new Map([...here].reverse().flatMap((sign) => (sign.kind === "session" ? [[dayOf(sign), sign] as const] : [])));
  return [...users]
    .map(([day, sign]) =>
      instant(sign.fromMs, entered.has(day) ? "session and entry" : "session without entry", {
        ...by(sign.member),
        amount: entered.has(day) ? 0 : 1,
        base: 1,
      }),
    )
    .sort(inTime);
}

function doorRows({ decisions, doors, incidents }: MonthInput, id: string): ExplainedRow[] {
  const places = new Set(doors.map((door) => door.id));
  const here = decisions.filter(({ at }) => places.has(at));
  const named = (atLabel: string, reason: string): string => `${atLabel}, ${reason}`;
  if (id === "V12")
    return here
      .filter(({ outcome }) => outcome === "deny" || outcome === "grant")
      .map(({ atMs, atLabel, outcome, reason, member }) =>
        instant(atMs, named(atLabel, reason), { ...by(member), amount: outcome === "deny" ? 1 : 0, base: 1 }),
      );
  if (id === "V12.unknown")
    return here
      .filter(({ reason }) => reason === "UNKNOWN_CREDENTIAL")
      .map(({ atMs, atLabel, reason }) => instant(atMs, named(atLabel, reason), { amount: 1 }));
  const kind = id === "V12.forced" ? "forced_open" : "held_open";
  return incidents
    .filter((one) => one.kind === kind && places.has(one.place))
    .map(({ atMs, label }) => instant(atMs, label, { amount: 1 }));
}

const soonMs = 28 * dayMs;

/** @param course  short name; null for what is over all courses */
export function trainingRows(input: MonthInput, metric: Metric, course: string | null): ExplainedRow[] {
  const { period } = spansOf(input);
  const { training } = input;
  if (course === null) {
    const passed = [...firsts(training.records, "competent")].flatMap(([member, atMs]) => {
      const joined = training.joinedMs.get(member);
      if (joined === undefined || !within(atMs, period)) return [];
      const waitedMs = Math.max(0, atMs - joined);
      const sums = metric.id === "T11.share" ? { amount: waitedMs <= soonMs ? 1 : 0, base: 1 } : { amount: waitedMs };
      return [row({ fromMs: joined, toMs: atMs }, `first pass ${Math.floor(waitedMs / dayMs)} days after joining`, { member, ...sums })];
    });
    return metric.id === "T11" ? passed.sort((a, b) => (a.amount ?? 0) - (b.amount ?? 0)) : passed;
  }
  const own = <T extends { readonly course: string }>(list: readonly T[]): T[] => list.filter((one) => one.course === course);
  const facts = {
    ...training,
    records: own(training.records),
    uses: own(training.uses),
    wishes: own(training.wishes),
    classes: own(training.classes),
  };
  return courseRows(facts, own(training.trainers), metric.id, period);
}

type Records = TrainingFacts["records"];
const each = (members: Iterable<number>, what: string): ExplainedRow[] =>
  [...new Set(members)].map((member) => row(null, what, { member, amount: 1 }));
const validAt = (records: Records, endMs: number): Records =>
  records.filter(
    ({ level, atMs, untilMs, revokedMs }) =>
      level === "competent" && atMs < endMs && (untilMs === null || untilMs >= endMs) && (revokedMs === null || revokedMs >= endMs),
  );

type Course = {
  readonly facts: TrainingFacts;
  readonly teaching: TrainingFacts["trainers"];
  readonly period: Span;
  readonly valid: Records;
  readonly holders: ReadonlySet<number>;
  /** signed off in the period */
  readonly signed: Records;
  /** classes that begin in it */
  readonly held: TrainingFacts["classes"];
};

function courseRows(facts: TrainingFacts, teaching: TrainingFacts["trainers"], id: string, period: Span): ExplainedRow[] {
  const valid = validAt(facts.records, period.toMs);
  const course: Course = {
    ...{ facts, teaching, period, valid },
    holders: new Set(valid.map(({ member }) => member)),
    signed: facts.records.filter(({ atMs }) => within(atMs, period)),
    held: facts.classes.filter(({ fromMs }) => within(fromMs, period)),
  };
  const [what, members] = membersOf(id, course) ?? [];
  return what === undefined || members === undefined ? otherRows(id, course) : each(members, what);
}

/** Numbers that count members once each: what they are, and which. */
function membersOf(id: string, { facts, teaching, period, valid, holders, signed, held }: Course): [string, Iterable<number>] | null {
  const { records, wishes, classes, activeMembers } = facts;
  const endMs = period.toMs;
  const passed = (list: Records) => list.filter(({ level }) => level === "competent");
  const members = (list: readonly { readonly member: number }[]): number[] => list.map(({ member }) => member);
  switch (id) {
    case "T1":
      return ["member without it", [...(activeMembers ?? [])].filter((member) => !holders.has(member))];
    case "T2": {
      const signUps = classes.flatMap(({ enrolled }) => enrolled);
      const asked = signUps.filter(({ signedUpMs }) => signedUpMs !== null && within(signedUpMs, period));
      return [
        "refused for want of it, wished for it, or signed up",
        members([...wishes.filter(({ atMs }) => within(atMs, period)), ...asked]),
      ];
    }
    case "T3":
      return ["signed up", held.flatMap(({ enrolled }) => members(enrolled))];
    case "T4":
      return ["signed off", members(signed)];
    case "T5":
      return ["passed", members(passed(signed))];
    case "T8": {
      const before = ({ member, atMs }: Records[number]) => passed(records).some((one) => one.member === member && one.atMs < atMs);
      return ["passed again", members(passed(signed).filter(before))];
    }
    case "T15.30":
    case "T15.60": {
      const ends = (member: number): number =>
        Math.max(...valid.filter((record) => record.member === member).map(({ untilMs }) => untilMs ?? Number.POSITIVE_INFINITY));
      return ["ends soon", [...holders].filter((member) => ends(member) < endMs + Number(id.slice(4)) * dayMs)];
    }
    case "T16.trainers":
      return ["trainer", records.filter(({ atMs }) => atMs < endMs && atMs >= endMs - 365 * dayMs).map(({ trainer }) => trainer)];
    case "T16.qualified":
      return ["may teach it", members(teaching)];
    case "T17":
      return ["holds it", holders];
    default:
      return null;
  }
}

/** Numbers that are shares, sums of sign-offs, or waits. */
function otherRows(id: string, { facts, period, holders, signed, held }: Course): ExplainedRow[] {
  switch (id) {
    case "T12":
      return classWaits(facts, period)
        .map((wait) => row(wait, "asked, then a class was offered", { ...by(wait.member), amount: wait.toMs - wait.fromMs }))
        .sort((a, b) => (a.amount ?? 0) - (b.amount ?? 0));
    case "T14":
      return unusedRows(facts, period);
    case "T16.sign_offs":
      return signed.map(({ member, atMs, level }) => instant(atMs, `signed off as ${level}`, { member, amount: 1 }));
    case "T16.load":
      return [...Map.groupBy(signed, ({ trainer }) => trainer)].map(([trainer, own]) =>
        row(null, "sign-offs by trainer", { ...by(trainer), amount: own.length, base: 1 }),
      );
    case "T17.share":
      return [...(facts.activeMembers ?? [])].map((member) =>
        row(null, holders.has(member) ? "holds it" : "does not hold it", { member, amount: holders.has(member) ? 1 : 0, base: 1 }),
      );
    default:
      return id.startsWith("T13") ? classRows(held, id) : [];
  }
}

function unusedRows({ records, uses }: TrainingFacts, period: Span): ExplainedRow[] {
  return [...firsts(records, "competent")]
    .filter(([, atMs]) => within(atMs + trailingMs, period))
    .map(([member, atMs]) => {
      const used = uses.some((use) => use.member === member && use.atMs >= atMs && use.atMs < atMs + trailingMs);
      return row({ fromMs: atMs, toMs: atMs + trailingMs }, used ? "passed and used" : "passed, never used", {
        member,
        amount: used ? 0 : 1,
        base: 1,
      });
    });
}

/** A row for each class. */
function classRows(held: TrainingFacts["classes"], id: string): ExplainedRow[] {
  return held.flatMap(({ fromMs, seats, enrolled }) => {
    const came = enrolled.filter((one) => one.came).length;
    const what = `class, ${came} of ${enrolled.length} came, ${seats ?? "unknown"} seats`;
    if (id === "T13.fill") return seats === null ? [] : [instant(fromMs, what, { amount: came, base: seats })];
    return [instant(fromMs, what, { amount: enrolled.length - came, base: enrolled.length })];
  });
}
