/**
 * What counts under a short name in the ledger, as people call it: kinds of events, target groups, ages, and what was not stated.
 * A name that a space made up itself, such as a group of its own, stays as it was entered.
 */
import { notStated } from "#core";
import type { Language } from "./types.ts";
import { byLanguage, type InLanguages } from "./word-table.ts";

const kinds = {
  class: ["Class", "Nodarbība", "Kurstillfälle", "Kurs"],
  training: ["Training", "Apmācība", "Utbildning", "Opplæring"],
  open_evening: ["Open evening", "Atvērtais vakars", "Öppen kväll", "Åpen kveld"],
  school_visit: ["School visit", "Skolas apmeklējums", "Skolbesök", "Skolebesøk"],
  meetup: ["Meet-up", "Tikšanās", "Träff", "Treff"],
  exchange: ["Exchange", "Pieredzes apmaiņa", "Utbyte", "Utveksling"],
  fair: ["Fair", "Gadatirgus", "Mässa", "Messe"],
  other: ["Other", "Cits", "Annat", "Annet"],
} as const satisfies Readonly<Record<string, InLanguages>>;

/** reports.md §4.5: the groups that funders ask for. */
const groups = {
  pupil: ["Pupils", "Skolēni", "Elever", "Elever"],
  student: ["Students", "Studenti", "Studenter", "Studenter"],
  youth: ["Youth", "Jaunieši", "Ungdomar", "Ungdom"],
  "start-up": [
    "Start-ups and idea authors",
    "Jaunuzņēmumi un ideju autori",
    "Nystartade företag och idéskapare",
    "Oppstartsbedrifter og idéskapere",
  ],
  company: ["Companies", "Uzņēmumi", "Företag", "Bedrifter"],
  "existing-company": ["Existing companies", "Esošie uzņēmumi", "Befintliga företag", "Etablerte bedrifter"],
  educator: ["Educators and staff", "Pedagogi un darbinieki", "Pedagoger och personal", "Pedagoger og ansatte"],
  senior: ["Seniors", "Seniori", "Seniorer", "Seniorer"],
  adult: ["Adults", "Pieaugušie", "Vuxna", "Voksne"],
  "other-adult": ["Other adults", "Citi pieaugušie", "Övriga vuxna", "Andre voksne"],
  visitor: ["Visitors", "Viesi", "Besökare", "Besøkende"],
  "not-stated": ["Not stated", "Nav norādīts", "Inte angivet", "Ikke oppgitt"],
} as const satisfies Readonly<Record<string, InLanguages>>;

const kindWords = byLanguage<keyof typeof kinds>(kinds);
const groupWords = byLanguage<keyof typeof groups>(groups);
const lookedUp = (words: Readonly<Record<string, string>>, value: string): string =>
  Object.hasOwn(words, value) ? (words[value] ?? value) : value;

export const eventKindIn = (language: Language, kind: string): string => lookedUp(kindWords[language], kind);
export const targetGroupIn = (language: Language, target: string): string => lookedUp(groupWords[language], target);
/** Of other backgrounds what was stated stands as it is: a town or a school needs no translation. */
export const backgroundIn = (language: Language, what: string, value: string): string =>
  what === "target" || value === notStated ? targetGroupIn(language, value) : value;
