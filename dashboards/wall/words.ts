/** The words, times and numbers of a wall in one of its languages, which change while somebody looks. */
import type { StatusWords, WallWords } from "../locales/shape-wall.ts";
import { status as statusEn } from "../locales/status-en.ts";
import { status as statusLv } from "../locales/status-lv.ts";
import { status as statusNb } from "../locales/status-nb.ts";
import { status as statusSv } from "../locales/status-sv.ts";
import { wall as en } from "../locales/wall-en.ts";
import { wall as lv } from "../locales/wall-lv.ts";
import { wall as nb } from "../locales/wall-nb.ts";
import { wall as sv } from "../locales/wall-sv.ts";
import type { Language, Status } from "./wire.ts";

export type Key = keyof WallWords;
export type Words = {
  readonly language: Language;
  t(key: Key, params?: Readonly<Record<string, string | number>>): string;
  status(status: Status): string;
  /** `18:04`; the weekday too when it is another day than `nowMs` */
  time(atMs: number, nowMs: number): string;
  /** `18:04:11` */
  seconds(atMs: number): string;
  /** `5 s`, `12 min`, `3 h`: rough enough to be still for a while */
  age(ageMs: number): string;
  number(value: number): string;
  /** `November 2026` of `2026-11` */
  month(month: string): string;
};

const walls: Readonly<Record<Language, WallWords>> = { en, lv, sv, nb };
const statuses: Readonly<Record<Language, StatusWords>> = { en: statusEn, lv: statusLv, sv: statusSv, nb: statusNb };

export function wordsOf(language: Language, zone: string): Words {
  const [messages, names] = [walls[language], statuses[language]];
  const clock = { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const [time, seconds] = [new Intl.DateTimeFormat(language, clock), new Intl.DateTimeFormat(language, { ...clock, second: "2-digit" })];
  const weekday = new Intl.DateTimeFormat(language, { timeZone: zone, weekday: "short" });
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const months = new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" });
  const t: Words["t"] = (key, params = {}) =>
    messages[key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
  return {
    language,
    t,
    status: (status) => names[`machine.${status}`],
    time: (atMs, nowMs) => (day.format(atMs) === day.format(nowMs) ? time.format(atMs) : `${weekday.format(atMs)} ${time.format(atMs)}`),
    seconds: (atMs) => seconds.format(atMs),
    age(ageMs) {
      const s = Math.max(0, Math.floor(ageMs / 5000) * 5);
      if (s < 60) return t("s", { count: s });
      if (s < 3600) return t("min", { count: Math.floor(s / 60) });
      return s < 172_800 ? t("h", { count: Math.floor(s / 3600) }) : t("d", { count: Math.floor(s / 86_400) });
    },
    number: (value) => number.format(value),
    month: (month) => months.format(Date.parse(`${month}-01T00:00Z`)),
  };
}
