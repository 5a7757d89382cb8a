/** Rows behind the numbers about people (reports.md §4.2) and their training (§4.3). */
import { firsts, intersect, type Metric, personDay, type Sign, type Span, sharedMs, type TrainingFacts, visitsOf, within } from "#core";
import { by, type ExplainedRow, instant, row, spansOf } from "./explain-rows.ts";
import type { MonthInput } from "./types.ts";

const dayMs = 86_400_000;
const trailingMs = 90 * dayMs;

export function peopleRows(input: MonthInput, metric: Metric): ExplainedRow[] {
  const { signs, seenBeforeMs, activeMembers } = input.people;
  const { period, days } = spansOf(input);
  const here = signs.filter(({ kind, member, fromMs }) => kind !== "exit" && member !== 0 && within(fromMs, days));
  const first = new Map<number, Sign>();
  for (const sign of [...here].sort((a, b) => a.fromMs - b.fromMs)) if (!first.has(sign.member)) first.set(sign.member, sign);
  const visits = visitsOf(signs).filter((visit) => sharedMs(visit, period) > 0 || within(visit.fromMs, period));
  const one = (sign: Sign): ExplainedRow => instant(sign.fromMs, sign.kind, { ...by(sign.member), amount: 1 });
  const before = (sign: Sign): number => seenBeforeMs.get(sign.member) ?? Number.NEGATIVE_INFINITY;
  switch (metric.id) {
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
      return metric.id.startsWith("V12") ? doorRows(input, metric.id) : [];
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
    return [...firsts(training.records, "competent")].flatMap(([member, atMs]) => {
      const joined = training.joinedMs.get(member);
      if (joined === undefined || !within(atMs, period)) return [];
      const waitedMs = Math.max(0, atMs - joined);
      const sums = metric.id === "T11.share" ? { amount: waitedMs <= soonMs ? 1 : 0, base: 1 } : {};
      return [row({ fromMs: joined, toMs: atMs }, `first pass ${Math.floor(waitedMs / dayMs)} days after joining`, { member, ...sums })];
    });
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

function courseRows(facts: TrainingFacts, teaching: TrainingFacts["trainers"], id: string, period: Span): ExplainedRow[] {
  const { records, wishes, classes, activeMembers } = facts;
  const endMs = period.toMs;
  const valid = validAt(records, endMs);
  const holders = new Set(valid.map(({ member }) => member));
  const signed = records.filter(({ atMs }) => within(atMs, period));
  const held = classes.filter(({ fromMs }) => within(fromMs, period));
  const until = (member: number): number =>
    Math.max(...valid.filter((record) => record.member === member).map(({ untilMs }) => untilMs ?? Number.POSITIVE_INFINITY));
  switch (id) {
    case "T1":
      return each(
        [...(activeMembers ?? [])].filter((member) => !holders.has(member)),
        "member without it",
      );
    case "T2":
      return each(
        [
          ...wishes.filter(({ atMs }) => within(atMs, period)),
          ...classes.flatMap(({ enrolled }) => enrolled.filter(({ signedUpMs }) => signedUpMs !== null && within(signedUpMs, period))),
        ].map(({ member }) => member),
        "refused for want of it, or signed up",
      );
    case "T3":
      return each(
        held.flatMap(({ enrolled }) => enrolled.map(({ member }) => member)),
        "signed up",
      );
    case "T4":
      return each(
        signed.map(({ member }) => member),
        "signed off",
      );
    case "T5":
      return each(
        signed.filter(({ level }) => level === "competent").map(({ member }) => member),
        "passed",
      );
    case "T8":
      return each(
        signed
          .filter(
            ({ level, member, atMs }) =>
              level === "competent" && records.some((one) => one.level === "competent" && one.member === member && one.atMs < atMs),
          )
          .map(({ member }) => member),
        "passed again",
      );
    case "T14":
      return unusedRows(facts, period);
    case "T15.30":
    case "T15.60":
      return each(
        [...holders].filter((member) => until(member) < endMs + Number(id.slice(4)) * dayMs),
        "ends soon",
      );
    case "T16.sign_offs":
      return signed.map(({ member, atMs, level }) => instant(atMs, `signed off as ${level}`, { member, amount: 1 }));
    case "T16.load": {
      const trainers = new Set(signed.map(({ trainer }) => trainer));
      return [...trainers].map((trainer) =>
        row(null, "sign-offs by trainer", { ...by(trainer), amount: signed.filter((one) => one.trainer === trainer).length, base: 1 }),
      );
    }
    case "T16.trainers":
      return each(
        records.filter(({ atMs }) => atMs < endMs && atMs >= endMs - 365 * dayMs).map(({ trainer }) => trainer),
        "trainer",
      );
    case "T16.qualified":
      return each(
        teaching.map(({ member }) => member),
        "may teach it",
      );
    case "T17":
      return each(holders, "holds it");
    case "T17.share":
      return [...(activeMembers ?? [])].map((member) =>
        row(null, holders.has(member) ? "holds it" : "does not hold it", { member, amount: holders.has(member) ? 1 : 0, base: 1 }),
      );
    default:
      return id === "T12" || id.startsWith("T13") ? classRows(held, id) : [];
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

/** A row for each class; of the wait to it, the classes that were offered. */
function classRows(held: TrainingFacts["classes"], id: string): ExplainedRow[] {
  return held.flatMap(({ fromMs, seats, enrolled }) => {
    const came = enrolled.filter((one) => one.came).length;
    const what = `class, ${came} of ${enrolled.length} came, ${seats ?? "unknown"} seats`;
    if (id === "T13.fill") return seats === null ? [] : [instant(fromMs, what, { amount: came, base: seats })];
    return [instant(fromMs, what, id === "T13.no_show" ? { amount: enrolled.length - came, base: enrolled.length } : {})];
  });
}
