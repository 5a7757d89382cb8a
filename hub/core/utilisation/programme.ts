/** Events and programme (reports.md §4.4) from what was counted at them by heart, and volunteers' time. */
import { notStated } from "./groups.ts";
import { type Metric, ratio, total } from "./metric.ts";
import { type Span, within } from "./spans.ts";

export type Counted = {
  readonly kind: string;
  readonly people: number;
  readonly minutes: number;
  readonly target: string;
  readonly municipality: string;
  /** empty in these too: not said */
  readonly ageBand: string;
  readonly school: string;
  readonly machine: string | null;
  /** null in all of these: not counted */
  readonly seats: number | null;
  readonly firstTimers: number | null;
  readonly volunteerLed: boolean | null;
  /** answers on a scale of 1 to 5: how many, and their sum */
  readonly ratings: { readonly n: number; readonly sum: number } | null;
  /** members who signed in there, each once, among the people; absent: nobody could or did */
  readonly signedIn?: readonly number[];
};
/** Those of them whom nobody knows (V11). */
export const unregistered = ({ people, signedIn = [] }: Pick<Counted, "people" | "signedIn">): number =>
  Math.max(0, people - signedIn.length);
export type Programme = {
  readonly counted: readonly Counted[];
  /** hours of people who came on their own (V10), and of machines: of classes and trainings, and all (M01); null: unknown */
  readonly individualMs: number | null;
  readonly taughtBusyMs: number | null;
  readonly busyMs: number | null;
};

const minuteMs = 60_000;

/** E01–E08. What was not counted of an event has no part in its number: coverage tells the share of events it was counted at. */
export function programmeMetrics({ counted, individualMs, taughtBusyMs, busyMs }: Programme): Metric[] {
  const sum = (list: readonly Counted[], of: (one: Counted) => number): number => list.reduce((all, one) => all + of(one), 0);
  const part = (list: readonly Counted[]): number | null => (counted.length === 0 ? null : list.length / counted.length);
  const seated = counted.filter(({ seats }) => seats !== null);
  const asked = counted.filter(({ ratings }) => ratings !== null);
  const led = counted.filter(({ volunteerLed }) => volunteerLed !== null);
  const newcomers = counted.filter(({ firstTimers }) => firstTimers !== null);
  const eventMs = sum(counted, ({ people, minutes }) => people * minutes * minuteMs);
  const people = sum(counted, (one) => one.people);
  const share = (id: string, of: number, by: number, list: readonly Counted[]): Metric =>
    ratio({ id, unit: "share", of, by, n: list.length, coverage: part(list) });
  return [
    total({ id: "E01", unit: "count", sum: counted.length, n: counted.length }),
    total({ id: "E02", unit: "count", sum: people, n: counted.length }),
    uniqueVisitors(counted, people),
    total({ id: "E03", unit: "ms", sum: eventMs, n: counted.length }),
    share(
      "E04",
      sum(seated, (one) => one.people),
      sum(seated, ({ seats }) => seats ?? 0),
      seated,
    ),
    share(
      "E05",
      sum(newcomers, ({ firstTimers }) => firstTimers ?? 0),
      sum(newcomers, (one) => one.people),
      newcomers,
    ),
    ratio({
      id: "E06",
      unit: "count",
      of: sum(asked, ({ ratings }) => ratings?.sum ?? 0),
      by: sum(asked, ({ ratings }) => ratings?.n ?? 0),
      n: sum(asked, ({ ratings }) => ratings?.n ?? 0),
    }),
    ratio({ id: "E07", unit: "share", of: eventMs, by: individualMs === null ? 0 : eventMs + individualMs, n: counted.length }),
    ratio({ id: "E07.machines", unit: "share", of: taughtBusyMs ?? 0, by: taughtBusyMs === null ? 0 : (busyMs ?? 0), n: counted.length }),
    share("E08", led.filter(({ volunteerLed }) => volunteerLed === true).length, led.length, led),
  ];
}

/** E02: who signed in is known, once however often they came; who came without is counted, and how many different people those were, nobody can say. */
function uniqueVisitors(counted: readonly Counted[], people: number): Metric {
  const signedIn = counted.flatMap((one) => one.signedIn ?? []);
  const sum = signedIn.length === 0 ? null : new Set(signedIn).size;
  return total({ id: "E02.unique", unit: "count", sum, n: signedIn.length, coverage: people === 0 ? null : signedIn.length / people });
}

/** Somebody whose first day here was that of a class they had signed up for. */
export type Newcomer = {
  readonly firstMs: number;
  /** first instant of the first membership; null: none so far */
  readonly joinedMs: number | null;
};
/** First-timers who were counted by heart: nobody can follow them. */
export type UnknownNewcomers = { readonly atMs: number; readonly people: number };

const dayMs = 86_400_000;
const joinDays = [30, 60, 90] as const;

/**
 * E05: who joins after a first class. Each counts in the period in which their 30, 60 or 90 days are over, so that nobody is left out for
 * having come late in it. Whoever was a member before they came has nothing to join.
 */
export function joinMetrics(newcomers: readonly Newcomer[], unknown: readonly UnknownNewcomers[], period: Span): Metric[] {
  return joinDays.map((days): Metric => {
    const isDue = (atMs: number): boolean => within(atMs + days * dayMs, period);
    const due = newcomers.filter(({ firstMs }) => isDue(firstMs));
    const joined = due.filter(({ firstMs, joinedMs }) => joinedMs !== null && joinedMs < firstMs + days * dayMs);
    const lost = unknown.reduce((sum, { atMs, people }) => (isDue(atMs) ? sum + people : sum), 0);
    const coverage = due.length + lost === 0 ? null : due.length / (due.length + lost);
    return ratio({ id: `E05.join${days}`, unit: "share", of: joined.length, by: due.length, n: due.length, coverage });
  });
}

/** V11 by what was said of the people who came without a card. */
export type CountedRows = {
  readonly what: "municipality" | "age_band" | "school";
  readonly rows: readonly { readonly value: string; readonly people: number }[];
};

/** V11: people counted by heart, by where they came from, how old they were, and their school; nothing of what was never said. */
export function countedRows(counted: readonly Counted[]): CountedRows[] {
  const by = {
    municipality: (one: Counted) => one.municipality,
    age_band: (one: Counted) => one.ageBand,
    school: (one: Counted) => one.school,
  };
  return (["municipality", "age_band", "school"] as const).flatMap((what): CountedRows[] => {
    if (counted.every((one) => by[what](one) === "")) return [];
    const people = new Map<string, number>();
    for (const one of counted) {
      const value = by[what](one) === "" ? notStated : by[what](one);
      people.set(value, (people.get(value) ?? 0) + unregistered(one));
    }
    return [{ what, rows: [...people].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, n]) => ({ value, people: n })) }];
  });
}

export type VolunteerHours = {
  readonly role: string;
  readonly ms: number /** as in force on the day; null: none set */;
  readonly centsPerHour: number | null;
};

/** F05: hours × the rate of their role and day; unknown as soon as one has no rate. */
export function volunteerMetrics(hours: readonly VolunteerHours[]): Metric[] {
  const ms = hours.reduce((sum, one) => sum + one.ms, 0);
  const cents = hours.reduce<number | null>(
    (sum, one) => (sum === null || one.centsPerHour === null ? null : sum + (one.ms / 3_600_000) * one.centsPerHour),
    0,
  );
  return [
    total({ id: "F05.hours", unit: "ms", sum: ms, n: hours.length }),
    total({ id: "F05", unit: "cents", sum: hours.length === 0 ? null : cents, n: hours.length }),
  ];
}
