/** Times in the space's own zone, watts and kilowatt-hours (which `Intl` does not know) in the reader's language. */
import type { Words } from "./language.tsx";

/** `18:04`, with seconds for the banner; the date too when it is another day than `nowMs`. */
export function timeOf(
  atMs: number,
  zone: string,
  { language }: Words,
  given: { readonly nowMs?: number; readonly seconds?: boolean } = {},
): string {
  const time = new Intl.DateTimeFormat(language, {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(given.seconds === true ? { second: "2-digit" } : {}),
  });
  if (given.nowMs === undefined) return time.format(atMs);
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  if (day.format(atMs) === day.format(given.nowMs)) return time.format(atMs);
  const date = new Intl.DateTimeFormat(language, { timeZone: zone, day: "numeric", month: "short" });
  return `${date.format(atMs)} ${time.format(atMs)}`;
}

/** `25 min`, `3 h 05 min`, `2 d`: short enough for a tile. */
export function spanOf(spanMs: number, words: Words): string {
  const minutes = Math.max(0, Math.floor(spanMs / 60_000));
  if (minutes < 60) return unit(minutes, "minute", words);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? unit(hours, "hour", words) : unit(Math.floor(hours / 24), "day", words);
}

function unit(value: number, name: "minute" | "hour" | "day", { language }: Words): string {
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
}

export function powerOf(powerW: number, words: Pick<Words, "number">): string {
  return Math.abs(powerW) >= 10_000 ? `${words.number(powerW / 1000, 1)} kW` : `${words.number(powerW)} W`;
}

/** `640 Wh`, `1.25 kWh`, `48.3 kWh`: a small day's work is no zero. */
export function energyOf(energyWh: number, words: Pick<Words, "number">): string {
  if (Math.abs(Math.round(energyWh)) < 1000) return `${words.number(energyWh)} Wh`;
  return `${words.number(energyWh / 1000, energyWh < 10_000 ? 2 : 1)} kWh`;
}

/** `30 Nov` in the space's zone; `day` may also be a local date such as `2026-11-30` with the zone UTC. With the year when it is another. */
export function dayOf(day: number | string, zone: string, { language }: Words): string {
  const at = new Date(day);
  const year = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric" });
  const isThisYear = year.format(at) === year.format(Date.now());
  return new Intl.DateTimeFormat(language, {
    timeZone: zone,
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
  }).format(at);
}

/** `0.5 h`, `12 h`: for sums over days. */
export function hoursOf(spanMs: number, words: Pick<Words, "number">): string {
  const hours = spanMs / 3_600_000;
  return `${words.number(hours, hours < 10 ? 1 : 0)} h`;
}
