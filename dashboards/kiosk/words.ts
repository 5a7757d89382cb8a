/** The words of the tablet, in the language of whoever stands before it. */
import { kiosk as en } from "../locales/kiosk-en.ts";
import { kiosk as lv } from "../locales/kiosk-lv.ts";
import { kiosk as nb } from "../locales/kiosk-nb.ts";
import { kiosk as sv } from "../locales/kiosk-sv.ts";
import type { KioskWords } from "../locales/shape-wall.ts";
import { KioskProblem, type Language } from "./hub.ts";

export type Key = keyof KioskWords;
export type Say = (key: Key, params?: Readonly<Record<string, string | number>>) => string;
const words: Readonly<Record<Language, KioskWords>> = { en, lv, sv, nb };
export const languageNames: Readonly<Record<Language, string>> = { en: "English", lv: "Latviešu", sv: "Svenska", nb: "Norsk" };

export const sayIn =
  (language: Language): Say =>
  (key, params = {}) =>
    words[language][key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));

export function problemText(problem: unknown, say: Say): string {
  const code = problem instanceof KioskProblem ? problem.code : "other";
  if (code === "unreachable") return say("away");
  const key = `problem.${code}`;
  return say(Object.hasOwn(en, key) ? (key as Key) : "problem.other");
}
