/** Reports in four languages: the words by language, reasons in a few of them, and how values are put into sentences. */
import type { Code } from "#contract";
import { explainCode } from "#core";
import type { Language } from "./types.ts";
import { en, type Words } from "./words-en.ts";
import { lv } from "./words-lv.ts";
import { nb } from "./words-nb.ts";
import { sv } from "./words-sv.ts";

export const words: Readonly<Record<Language, Words>> = { en, lv, sv, nb };

/** `fill("{n} of {m}", { n: 1, m: 2 })` is "1 of 2". */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** A reason in a few words, those that stand on the readers' displays (core/access). */
export function reasonIn(language: Language, code: Code): string {
  return explainCode(code, language).short[1];
}
