/** The words of documents that are about more than a month: a funder's project, a year, the network. */
import type { Language } from "./types.ts";

const table = {
  project: ["Project report", "Projekta pārskats", "Projektrapport", "Prosjektrapport"],
  annual: ["Annual review", "Gada pārskats", "Årsöversikt", "Årsoversikt"],
  network: ["Figures for the network", "Skaitļi tīklam", "Siffror för nätverket", "Tall for nettverket"],
  number: ["Number", "Numurs", "Nummer", "Nummer"],
  funder: ["Funder", "Finansētājs", "Finansiär", "Finansiør"],
  programme: ["Programme", "Programma", "Program", "Program"],
  duration: ["Duration", "Ilgums", "Löptid", "Varighet"],
  about: ["The project", "Projekts", "Projektet", "Prosjektet"],
  aboutNote: [
    "As it was agreed with the funder.",
    "Kā saskaņots ar finansētāju.",
    "Som överenskommet med finansiären.",
    "Som avtalt med finansiøren.",
  ],
  item: ["Item", "Ziņa", "Uppgift", "Opplysning"],
  indicators: ["Indicators", "Rādītāji", "Indikatorer", "Indikatorer"],
  indicatorsNote: [
    "Automatic: from the log of doors and machines. Counted: by hand, at events. Manual: with evidence, below. Reached: of the way from the baseline to the target.",
    "Automātiski: no durvju un iekārtu žurnāla. Saskaitīts: ar roku pasākumos. Ievadīts: ar pierādījumu, skatīt zemāk. Sasniegts: daļa ceļa no sākuma vērtības līdz mērķim.",
    "Automatisk: ur loggen för dörrar och maskiner. Räknad: för hand vid evenemang. Manuell: med underlag, nedan. Uppnått: av vägen från utgångsvärdet till målet.",
    "Automatisk: fra loggen for dører og maskiner. Talt: for hånd ved arrangementer. Manuell: med dokumentasjon, nedenfor. Nådd: av veien fra utgangspunktet til målet.",
  ],
  indicator: ["Indicator", "Rādītājs", "Indikator", "Indikator"],
  unit: ["Unit", "Mērvienība", "Enhet", "Enhet"],
  baseline: ["Baseline", "Sākuma vērtība", "Utgångsvärde", "Utgangspunkt"],
  target: ["Target", "Mērķis", "Mål", "Mål"],
  actual: ["Actual", "Sasniegtā vērtība", "Utfall", "Resultat"],
  reached: ["Reached", "Sasniegts", "Uppnått", "Nådd"],
  source: ["Source", "Avots", "Källa", "Kilde"],
  source_auto: ["automatic", "automātiski", "automatisk", "automatisk"],
  source_counted: ["counted", "saskaitīts", "räknad", "talt"],
  source_manual: ["manual", "ievadīts", "manuell", "manuell"],
  assets: ["Machines of the project", "Projekta iekārtas", "Projektets maskiner", "Prosjektets maskiner"],
  assetsNote: [
    "What the project's money bought, and how it was used since it is there.",
    "Kas iegādāts par projekta līdzekļiem un kā tas lietots, kopš tas ir šeit.",
    "Vad projektets pengar köpte och hur det använts sedan dess.",
    "Hva prosjektets penger kjøpte, og hvordan det er brukt siden.",
  ],
  since: ["Since", "Kopš", "Sedan", "Siden"],
  evidence: ["Evidence", "Pierādījumi", "Underlag", "Dokumentasjon"],
  evidenceNote: [
    "What manual values rest on.",
    "Uz ko balstās ievadītās vērtības.",
    "Vad manuella värden vilar på.",
    "Hva manuelle verdier bygger på.",
  ],
  date: ["Date", "Datums", "Datum", "Dato"],
  value: ["Value", "Vērtība", "Värde", "Verdi"],
  months: ["Months", "Mēneši", "Månader", "Måneder"],
  monthsNote: [
    "Closed months count as they were closed, under their revision; “–”: not closed yet.",
    "Slēgtie mēneši skaitīti, kā tie slēgti, ar savu redakciju; “–”: vēl nav slēgts.",
    "Stängda månader räknas som de stängdes, med sin revision; ”–”: inte stängd än.",
    "Lukkede måneder telles slik de ble lukket, med sin revisjon; «–»: ikke lukket ennå.",
  ],
  month: ["Month", "Mēnesis", "Månad", "Måned"],
  revision: ["Revision", "Redakcija", "Revision", "Revisjon"],
  sumIndicators: [
    "Reached: {reached} of {all} indicators.",
    "Sasniegti rādītāji: {reached} no {all}.",
    "Uppnådda indikatorer: {reached} av {all}.",
    "Nådde indikatorer: {reached} av {all}.",
  ],
  chartIndicators: ["How far the project is", "Cik tālu ir projekts", "Hur långt projektet kommit", "Hvor langt prosjektet er"],
  yearNote: [
    "Sums of twelve months, against the twelve before. People counted once cannot be added over months and stand in the table of months only.",
    "Divpadsmit mēnešu summas pret iepriekšējiem divpadsmit. Vienreiz skaitītus cilvēkus pa mēnešiem nevar saskaitīt; tie ir tikai mēnešu tabulā.",
    "Summor av tolv månader mot de tolv före. Personer som räknas en gång kan inte summeras över månader och står bara i månadstabellen.",
    "Summer av tolv måneder mot de tolv før. Personer som telles én gang, kan ikke summeres over måneder og står bare i månedstabellen.",
  ],
  year: ["The year", "Gads", "Året", "Året"],
  before: ["Year before", "Pirms gada", "Året före", "Året før"],
  change: ["Change", "Izmaiņa", "Ändring", "Endring"],
  byMonth: ["Month by month", "Pa mēnešiem", "Månad för månad", "Måned for måned"],
  byMonthNote: [
    "“–”: not known. The column of people has no total.",
    "“–”: nav zināms. Cilvēku ailei nav kopsummas.",
    "”–”: inte känt. Personkolumnen har ingen summa.",
    "«–»: ikke kjent. Personkolonnen har ingen sum.",
  ],
  byMachine: ["Machines of the year", "Gada iekārtas", "Årets maskiner", "Årets maskiner"],
  byMachineNote: [
    "Busy hours of twelve months, against the twelve before.",
    "Divpadsmit mēnešu darba stundas pret iepriekšējiem divpadsmit.",
    "Tolv månaders arbetstimmar mot de tolv före.",
    "Tolv måneders arbeidstimer mot de tolv før.",
  ],
  chartYear: ["Person-days and busy hours", "Cilvēkdienas un darba stundas", "Persondagar och arbetstimmar", "Persondager og arbeidstimer"],
  sumYear: [
    "Most person-days: {month} ({days}). Most busy hours: {busy} ({hours} h).",
    "Visvairāk cilvēkdienu: {month} ({days}). Visvairāk darba stundu: {busy} ({hours} h).",
    "Flest persondagar: {month} ({days}). Flest arbetstimmar: {busy} ({hours} h).",
    "Flest persondager: {month} ({days}). Flest arbeidstimer: {busy} ({hours} h).",
  ],
  networkNote: [
    "To be laid beside those of other spaces under the same keys. Only additive measures may be summed. Counts of people below five are not given: “< 5”.",
    "Salikšanai blakus citu darbnīcu skaitļiem ar tām pašām atslēgām. Saskaitīt drīkst tikai summējamos. Cilvēku skaitu zem pieciem nedod: “< 5”.",
    "Att läggas bredvid andra verkstäders under samma nycklar. Bara additiva mått får summeras. Antal personer under fem anges inte: ”< 5”.",
    "Til å legges ved siden av andre verksteders under samme nøkler. Bare additive mål kan summeres. Antall personer under fem oppgis ikke: «< 5».",
  ],
  key: ["Key", "Atslēga", "Nyckel", "Nøkkel"],
  measure: ["Measure", "Rādītājs", "Mått", "Mål"],
  additive: ["Additive", "Summējams", "Additivt", "Additivt"],
  yes: ["yes", "jā", "ja", "ja"],
  no: ["no", "nē", "nej", "nei"],
} as const satisfies Readonly<Record<string, readonly [en: string, lv: string, sv: string, nb: string]>>;

export type DocumentWords = { readonly [K in keyof typeof table]: string };
const place: Readonly<Record<Language, 0 | 1 | 2 | 3>> = { en: 0, lv: 1, sv: 2, nb: 3 };

const inLanguage = (language: Language): DocumentWords =>
  // The keys of the result are those of the table.
  Object.fromEntries(Object.entries(table).map(([key, texts]) => [key, texts[place[language]]])) as DocumentWords;

export const documentWords: Readonly<Record<Language, DocumentWords>> = {
  en: inLanguage("en"),
  lv: inLanguage("lv"),
  sv: inLanguage("sv"),
  nb: inLanguage("nb"),
};
