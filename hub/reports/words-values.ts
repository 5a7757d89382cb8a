/**
 * What counts under a short name in the ledger, as people call it: kinds of events, target groups, ages, and what was not stated.
 * A name that a space made up itself, such as a group of its own, stays as it was entered.
 */
import { notStated } from "#core";
import type { Incident, Language } from "./types.ts";
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

const incidents = {
  trip: ["Safety stop", "Drošības apstāšanās", "Säkerhetsstopp", "Sikkerhetsstopp"],
  fault: ["Fault", "Kļūme", "Fel", "Feil"],
  lockout: ["Locked", "Bloķēta", "Spärrad", "Sperret"],
  forced_stop: ["Session ended by force", "Sesija beigta piespiedu kārtā", "Pass avslutat med tvång", "Økt avsluttet med tvang"],
  bad_poweroff: ["Switched off at work", "Izslēgta darba laikā", "Avstängd under arbete", "Slått av under arbeid"],
  power_while_off: ["Power while off", "Jauda, kad izslēgta", "Effekt fast avstängd", "Effekt mens avslått"],
  bypass: ["Bypass", "Apvads", "Förbikoppling", "Forbikobling"],
  verify_failed: ["Switch did not obey", "Slēdzis neklausīja", "Brytaren lydde inte", "Bryteren adlød ikke"],
  unattributed: ["Worked for nobody", "Strādāja nevienam", "Arbetade för ingen", "Arbeidet for ingen"],
  forced_open: ["Forced open", "Uzlauztas", "Uppbruten", "Brutt opp"],
  held_open: ["Held open", "Turētas vaļā", "Hölls öppen", "Holdt åpen"],
  jam: ["Jammed", "Iesprūdušas", "Fastnat", "Satt fast"],
  tamper: ["Tampered with", "Mēģināts uzlauzt ierīci", "Manipulerad", "Manipulert"],
} as const satisfies Readonly<Record<Incident["kind"], InLanguages>>;

/** Why a machine is locked, and by what a machine was bypassed; a fault stands in the words of its node. */
const details = {
  maintenance: ["maintenance", "apkope", "underhåll", "vedlikehold"],
  oops: ["reported broken", "paziņots par bojājumu", "anmäld trasig", "meldt ødelagt"],
  fault: ["fault", "kļūme", "fel", "feil"],
  tamper: ["tampering", "manipulācija", "manipulation", "manipulering"],
  check: ["waits for a check", "gaida pārbaudi", "väntar på kontroll", "venter på kontroll"],
  bypass: ["bypass", "apvads", "förbikoppling", "forbikobling"],
  unowned_power: ["power without a session", "jauda bez sesijas", "effekt utan pass", "effekt uten økt"],
} as const satisfies Readonly<Record<string, InLanguages>>;

const incidentWords = byLanguage<keyof typeof incidents>(incidents);
const detailWords = byLanguage<keyof typeof details>(details);
const kindWords = byLanguage<keyof typeof kinds>(kinds);
const groupWords = byLanguage<keyof typeof groups>(groups);
const lookedUp = (words: Readonly<Record<string, string>>, value: string): string =>
  Object.hasOwn(words, value) ? (words[value] ?? value) : value;

export const eventKindIn = (language: Language, kind: string): string => lookedUp(kindWords[language], kind);
export const incidentIn = (language: Language, kind: Incident["kind"]): string => lookedUp(incidentWords[language], kind);
export const incidentDetailIn = (language: Language, detail: string): string => lookedUp(detailWords[language], detail);
export const targetGroupIn = (language: Language, target: string): string => lookedUp(groupWords[language], target);
/** Of other backgrounds what was stated stands as it is: a town or a school needs no translation. */
export const backgroundIn = (language: Language, what: string, value: string): string =>
  what === "target" || value === notStated ? targetGroupIn(language, value) : value;
