/** Words as rows: a key and its text in each language, side by side, so that a translator sees all of them at once. */
import { type Language, languages } from "./types.ts";

export type InLanguages = readonly [en: string, lv: string, sv: string, nb: string];
type Table<Key extends string> = Readonly<Record<Key, InLanguages>>;
export type ByLanguage<Key extends string> = Readonly<Record<Language, Readonly<Record<Key, string>>>>;

/** Rows turned into one object of texts for each language. */
export function byLanguage<Key extends string>(table: Table<Key>): ByLanguage<Key> {
  const inLanguage = (language: Language) =>
    Object.fromEntries(Object.entries<InLanguages>(table).map(([key, texts]) => [key, textIn(texts, language)]));
  // The keys of each object are those of the table.
  return Object.fromEntries(languages.map((language) => [language, inLanguage(language)])) as ByLanguage<Key>;
}

export const textIn = (texts: InLanguages, language: Language): string => texts[languages.indexOf(language)] ?? texts[0];
