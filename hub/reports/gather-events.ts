/** The events of a month: counted by heart, signed in at, or both. One that was counted and signed in at is one event. */
import { localDateAt, type Span } from "#core";
import type { LedgerReads } from "./sources.ts";
import type { MonthInput } from "./types.ts";

/** @param dates  first and last local date; @param month  the same as instants */
export function eventsIn(
  { usage }: Pick<LedgerReads, "usage">,
  dates: { readonly from: string; readonly through: string },
  month: Span,
  zone: string,
): MonthInput["headcounts"] {
  const there = usage.attendances(month.fromMs, month.toMs);
  const counted = usage.headcounts(dates.from, dates.through);
  const known = new Set(counted.map((one) => one.class));
  // A class may be counted in two rows, such as one for each group: who signed in stands with the first.
  const left = new Map(there.map((one) => [one.class, one]));
  return [
    ...counted.map(({ class: name, ...row }) => {
      const own = name === null ? undefined : left.get(name);
      if (own === undefined) return row;
      left.delete(own.class);
      return { ...row, seats: row.seats ?? own.seats, people: Math.max(row.people, own.members.length), signedIn: own.members };
    }),
    ...there
      .filter((one) => !known.has(one.class))
      .map(({ kind, fromMs, toMs, seats, members, guests }) => ({
        ...{ kind, people: members.length + guests, minutes: Math.round((toMs - fromMs) / 60_000), on: localDateAt(zone, fromMs) },
        ...{ target: "not-stated", municipality: "", ageBand: "", school: "", machine: null, seats },
        ...{ firstTimers: null, volunteerLed: null, ratings: null, signedIn: members },
      })),
  ];
}
