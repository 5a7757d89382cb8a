/**
 * Opening hours and local dates of a time zone around its clock changes, against an oracle that asks the wall clock of every single
 * minute what day and time it is, and looks that up in the hours as a person would (domain.md §3.4).
 */
import type { Schedule } from "#contract";
import { dateEndMs, dateStartMs, isOpen, localDateAt, nextChangeMs } from "#core";
import type { Dice } from "../../simulators/random.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const beforeMs = 20 * hourMs;
const windowMs = 56 * hourMs;

/** Instants of a zone's clock changes in some years, by the zone's own rules. */
export function transitionsOf(tz: string, fromYear: number, toYear: number): number[] {
  const found: number[] = [];
  let at: Temporal.ZonedDateTime | null = Temporal.ZonedDateTime.from(`${fromYear}-01-01T00:00[${tz}]`);
  for (;;) {
    at = at.getTimeZoneTransition("next");
    if (at === null || at.year >= toYear) return found;
    found.push(at.epochMilliseconds);
  }
}

/** Anything a space may have: some days, nights that run into the next day, hours around the change itself, special days. */
export function randomHours(random: Dice, aroundMs: number, tz: string): Schedule {
  const local = Temporal.Instant.fromEpochMilliseconds(aroundMs).toZonedDateTimeISO(tz);
  const near = (): number => (local.hour * 60 + local.minute + 1440 + random.int(-150, 150)) % 1440;
  const minute = (): number => (random.chance(0.5) ? near() : random.int(0, 1439));
  const interval = () => ({ startMin: minute(), endMin: random.chance(0.1) ? 1440 : minute() });
  const intervals = Array.from({ length: random.int(1, 5) }, () => ({ weekday: random.int(1, 7), ...interval() }));
  const date = local.toPlainDate().add({ days: random.int(-1, 1) });
  const special = { date: date.toString(), reason: "special", open: Array.from({ length: random.int(0, 2) }, interval) };
  return { intervals, special: random.chance(0.3) ? [special] : [] };
}

/** What the wall clock shows: its date, and minutes since its midnight. */
type Wall = { readonly date: Temporal.PlainDate; readonly minuteOfDay: number };

/** Asked afresh for every minute; the date is kept while it stays the same. */
function wallsOf(tz: string, minutes: readonly number[]): Wall[] {
  let date: Temporal.PlainDate | undefined;
  return minutes.map((at) => {
    const wall = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(tz);
    if (date?.day !== wall.day) date = wall.toPlainDate();
    return { date, minuteOfDay: wall.hour * 60 + wall.minute };
  });
}

/** Is it open at each of them: the hours of the date, and of the date before where they run into the next day. */
function openByTheClock(hours: Schedule, walls: readonly Wall[]): boolean[] {
  const of = (date: Temporal.PlainDate) =>
    hours.special.find((day) => day.date === date.toString())?.open ?? hours.intervals.filter(({ weekday }) => weekday === date.dayOfWeek);
  let asked: Temporal.PlainDate | undefined;
  let today: ReturnType<typeof of> = [];
  let overnight: ReturnType<typeof of> = [];
  return walls.map(({ date, minuteOfDay }) => {
    if (date !== asked) {
      asked = date;
      today = of(date);
      overnight = of(date.subtract({ days: 1 })).filter(({ startMin, endMin }) => endMin <= startMin);
    }
    return (
      today.some(({ startMin, endMin }) => minuteOfDay >= startMin && (endMin <= startMin || minuteOfDay < endMin)) ||
      overnight.some(({ endMin }) => minuteOfDay < endMin)
    );
  });
}

/** Every minute of two days around an instant; the first contradiction in a sentence, or null. */
export function contradiction(tz: string, aroundMs: number, hours: Schedule, random: Dice): string | null {
  const startMs = Math.floor((aroundMs - beforeMs) / minuteMs) * minuteMs;
  const minutes = Array.from({ length: windowMs / minuteMs }, (_, i) => startMs + i * minuteMs);
  const walls = wallsOf(tz, minutes);
  const truth = openByTheClock(hours, walls);
  const said = (what: string, at: number): string =>
    `${tz} ${Temporal.Instant.fromEpochMilliseconds(at)} ${JSON.stringify(hours)}: ${what}`;
  for (const [i, at] of minutes.entries()) if (isOpen(hours, tz, at) !== truth[i]) return said(`isOpen ${!truth[i]}`, at);
  for (let tries = 0; tries < 8; tries += 1) {
    const i = random.int(0, minutes.length - 2);
    const at = (minutes[i] ?? 0) + random.int(0, minuteMs - 1);
    const after = truth.findIndex((open, k) => k > i && open !== truth[i]);
    const next = nextChangeMs(structuredClone(hours), tz, at);
    if (after >= 0 ? next !== minutes[after] : next !== null && next <= (minutes.at(-1) ?? 0)) return said(`nextChange ${next}`, at);
  }
  return datesContradict(tz, minutes, walls);
}

/** A date begins with the first minute that bears it, and the day before ends there; also where the clock goes back over midnight. */
function datesContradict(tz: string, minutes: readonly number[], walls: readonly Wall[]): string | null {
  let latest = walls[0]?.date;
  for (const [i, at] of minutes.entries()) {
    const date = walls[i]?.date;
    if (date === undefined || latest === undefined || date === latest || Temporal.PlainDate.compare(date, latest) <= 0) continue;
    if (dateStartMs(tz, `${date}`) !== at) return `${tz} ${date} begins at ${dateStartMs(tz, `${date}`)}, not at ${at}`;
    const isNext = date.equals(latest.add({ days: 1 }));
    if (isNext && dateEndMs(tz, `${latest}`) !== at) return `${tz} ${latest} ends at ${dateEndMs(tz, `${latest}`)}, not at ${at}`;
    if (localDateAt(tz, at) !== `${date}`) return `${tz} ${at} lies on ${localDateAt(tz, at)}, not on ${date}`;
    latest = date;
  }
  return null;
}
