/** Local dates of the site as instants. Last days are inclusive and end where the next day begins (domain.md §3.4). */

/** First instant of a local date; where midnight does not exist, the first one that does. */
export function dayStartMs(tz: string, date: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: tz }).epochMilliseconds;
}

/** First instant after a local date and `extraDays` more: when something valid through that date ends. */
export function dayEndMs(tz: string, date: string, extraDays = 0): number {
  return Temporal.PlainDate.from(date)
    .add({ days: extraDays + 1 })
    .toZonedDateTime({ timeZone: tz }).epochMilliseconds;
}

export function localToday(tz: string, nowMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(tz).toPlainDate().toString();
}

export const addMonths = (date: string, months: number): string => Temporal.PlainDate.from(date).add({ months }).toString();
export const addDays = (date: string, days: number): string => Temporal.PlainDate.from(date).add({ days }).toString();

/** The day somebody reaches an age. Born on 29 February, they do on 1 March of a common year (domain.md §3.4). */
export function birthdayOf(birthDate: string, age: number): string {
  const born = Temporal.PlainDate.from(birthDate);
  const day = born.add({ years: age });
  return (day.day === born.day ? day : day.add({ days: 1 })).toString();
}

export function isTimeZone(tz: string): boolean {
  try {
    Temporal.Now.zonedDateTimeISO(tz);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Remembers conversions: a site has few distinct dates and very many members. */
export class DayCache {
  private readonly tz: string;
  private readonly starts = new Map<string, number>();
  private readonly ends = new Map<string, number>();

  constructor(tz: string) {
    this.tz = tz;
  }

  startMs(date: string | null): number | null {
    if (date === null) return null;
    const known = this.starts.get(date);
    if (known !== undefined) return known;
    const made = dayStartMs(this.tz, date);
    this.starts.set(date, made);
    return made;
  }

  endMs(date: string | null, extraDays = 0): number | null {
    if (date === null) return null;
    const key = `${date}+${extraDays}`;
    const known = this.ends.get(key);
    if (known !== undefined) return known;
    const made = dayEndMs(this.tz, date, extraDays);
    this.ends.set(key, made);
    return made;
  }
}
