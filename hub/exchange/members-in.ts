/**
 * A list of members from another system to rows the ledger takes: headers in four languages and as Fabman, Makeradmin and Wild Apricot
 * write them, one sentence per bad row with its line and the remedy. Card numbers stay inside the rows and stand in no sentence.
 */
import { localDate } from "#contract";
import type { CsvRecord } from "./csv.ts";

export type MemberRowIn = {
  readonly displayName: string;
  readonly externalRef?: string;
  readonly mail?: string;
  readonly locale?: "en" | "lv" | "sv" | "nb";
  readonly cards: string[];
  readonly courses: string[];
  readonly plan?: string;
  readonly from?: string;
  readonly validThrough?: string | null;
};
export type RowResult =
  | { readonly line: number; readonly name: string; readonly ok: true; readonly row: MemberRowIn }
  | { readonly line: number; readonly name: string; readonly ok: false; readonly sentence: string };
export type ImportPlan =
  | { readonly ok: true; readonly results: readonly RowResult[]; readonly ignored: readonly string[] }
  | { readonly ok: false; readonly sentence: string };

/** What the site already has, for checking. */
export type ImportSite = {
  /** a plan's or course's name by its name or label, in lower case */
  plan(text: string): string | undefined;
  course(text: string): string | undefined;
  /** the plan of rows that name none but have dates; null: such rows are refused */
  readonly usualPlan: string | null;
  /** a card as people and readers spell it, canonical or why not; the refusal never repeats the number */
  card(text: string): { readonly number: string } | { readonly refused: string };
  /** the member who holds a card, or null */
  holder(cardNumber: string): number | null;
  /** the member whom the ledger will know again by these; null: nobody; `problem`: it cannot be told */
  known(row: Pick<MemberRowIn, "displayName" | "externalRef" | "mail">): number | null | { readonly problem: string };
  /** the keyed hash that stands for the number while two rows are compared */
  keyOf(cardNumber: string): string;
};

type Field = "external" | "name" | "first" | "last" | "email" | "card" | "cardKind" | "plan" | "from" | "through" | "trainings" | "locale";
const headers: Readonly<Record<Field, readonly string[]>> = {
  external: [
    "external id",
    "externalid",
    "member number",
    "membernumber",
    "member id",
    "user id",
    "biedra nr",
    "biedra numurs",
    "medlemsnummer",
    "medlemsnr",
  ],
  cardKind: ["key type", "keytype", "card type", "kartes veids", "korttyp", "korttype"],
  name: [
    "name",
    "full name",
    "display name",
    "displayname",
    "member",
    "vārds uzvārds",
    "vārds, uzvārds",
    "biedrs",
    "namn",
    "medlem",
    "navn",
  ],
  first: ["first name", "firstname", "vārds", "förnamn", "fornavn"],
  last: ["last name", "lastname", "surname", "uzvārds", "efternamn", "etternavn"],
  email: ["email", "e-mail", "mail", "emailaddress", "email address", "e-pasts", "epasts", "e-post", "epost"],
  card: [
    "card",
    "card number",
    "card nr",
    "cardnumber",
    "key",
    "karte",
    "kartes nr",
    "kartes numurs",
    "kort",
    "kortnummer",
    "kort nr",
    "kortnr",
  ],
  plan: [
    "plan",
    "membership",
    "membership level",
    "membership plan",
    "plāns",
    "dalība",
    "abonements",
    "medlemskap",
    "abonnemang",
    "abonnement",
  ],
  from: [
    "from",
    "start",
    "start date",
    "member since",
    "no",
    "sākums",
    "derīgs no",
    "från",
    "från och med",
    "startdatum",
    "fra",
    "fra og med",
    "startdato",
  ],
  through: [
    "through",
    "until",
    "end",
    "end date",
    "valid through",
    "renewal due",
    "membership end date",
    "līdz",
    "derīgs līdz",
    "beigas",
    "till",
    "till och med",
    "t o m",
    "slutdatum",
    "til",
    "til og med",
    "sluttdato",
  ],
  trainings: [
    "trainings",
    "training",
    "courses",
    "apmācības",
    "apmācība",
    "kursi",
    "utbildningar",
    "utbildning",
    "kurser",
    "opplæring",
    "opplæringer",
    "kurs",
  ],
  locale: ["locale", "language", "valoda", "språk"],
};
/** National identity numbers are not ours to hold (experience.md §9.4). */
const forbidden = ["personas kods", "personnummer", "fødselsnummer", "isikukood", "personal code", "national id"];

export function planImport(records: readonly CsvRecord[], site: ImportSite): ImportPlan {
  const [head, ...rows] = records;
  if (head === undefined) return { ok: false, sentence: "The file is empty; its first line names the columns, such as name,card,plan." };
  if (rows.length === 0) return { ok: false, sentence: "The file has column names but no rows." };
  if (rows.length > 20_000) return { ok: false, sentence: `The file has ${rows.length} rows; at most 20,000 go in at once. Split it.` };
  const names = head.cells.map(normalised);
  const bad = names.find((name) => forbidden.includes(name));
  if (bad !== undefined)
    return { ok: false, sentence: `The column "${bad}" holds national identity numbers, which koprade does not keep; remove the column.` };
  const columns = columnsOf(names);
  if (columns.has("name") === false && columns.has("first") === false) {
    return {
      ok: false,
      sentence: `Line ${head.line}: no column is called "name" (or vārds, namn, navn); the first line names the columns.`,
    };
  }
  const twice = names.find((name, i) => name !== "" && names.indexOf(name) !== i);
  if (twice !== undefined) return { ok: false, sentence: `Line ${head.line}: two columns are called "${twice}"; rename one.` };
  const known = new Set(columns.values());
  const ignored = head.cells.filter((_, i) => !known.has(i));
  const seen: Seen = { cards: new Map(), people: new Map() };
  return { ok: true, ignored, results: rows.map((row) => readRow(row, names.length, columns, site, seen)) };
}

/** On which line a card or a person has stood before. */
type Seen = { readonly cards: Map<string, number>; readonly people: Map<string, number> };

function normalised(text: string): string {
  return text.normalize("NFC").toLowerCase().replace(/[.:_]/g, " ").replace(/\s+/g, " ").trim();
}

function columnsOf(names: readonly string[]): Map<Field, number> {
  const found = new Map<Field, number>();
  for (const field of Object.keys(headers) as Field[]) {
    const index = names.findIndex((name) => headers[field].includes(name));
    if (index !== -1) found.set(field, index);
  }
  return found;
}

function readRow(record: CsvRecord, width: number, columns: ReadonlyMap<Field, number>, site: ImportSite, seen: Seen): RowResult {
  const cell = (field: Field): string => {
    const index = columns.get(field);
    return index === undefined ? "" : (record.cells[index] ?? "").trim();
  };
  const name = (cell("name") === "" ? `${cell("first")} ${cell("last")}` : cell("name")).replace(/\s+/g, " ").trim();
  const problem = (sentence: string): RowResult => ({ line: record.line, name, ok: false, sentence: `Line ${record.line}: ${sentence}` });
  if (record.cells.length > width)
    return problem(`has ${record.cells.length} cells for ${width} columns; put quotes around text with a separator in it.`);
  if (name === "") return problem("has no name; fill it in or delete the line.");
  if (name.length > 60) return problem("the name is longer than 60 characters; shorten it.");
  const from = dateOf(cell("from"));
  const through = dateOf(cell("through"));
  if (from === undefined) return problem(`"${cell("from")}" is no date; write 2026-12-31 or 31.12.2026.`);
  if (through === undefined) return problem(`"${cell("through")}" is no date; write 2026-12-31 or 31.12.2026.`);
  if (from !== null && through !== null && through < from) return problem("the membership ends before it begins; check both dates.");
  const dated = from !== null || through !== null;
  const plan = cell("plan") === "" ? (dated ? site.usualPlan : null) : site.plan(cell("plan").toLowerCase());
  if (plan === undefined) return problem(`there is no plan "${cell("plan")}"; make it with \`koprade plan add\`, or correct the name.`);
  if (plan === null && dated) return problem("has membership dates but no plan; name the plan, clear the dates, or give --plan.");
  const courses: string[] = [];
  for (const text of cell("trainings")
    .split(/[;,|]/)
    .map((part) => part.trim())
    .filter((part) => part !== "")) {
    const course = site.course(text.toLowerCase());
    if (course === undefined) return problem(`there is no course "${text}"; make it with \`koprade course add\`, or correct the name.`);
    courses.push(course);
  }
  const locale = localeOf(cell("locale"));
  if (locale === undefined) return problem(`"${cell("locale")}" is no language of koprade; write en, lv, sv or nb.`);
  const who = whoOf(cell("external"), cell("email"), record.line, seen);
  if ("sentence" in who) return problem(who.sentence);
  const known = site.known({ displayName: name, ...who.row });
  if (typeof known === "object" && known !== null) return problem(known.problem);
  const cards = cardsOf({ text: cell("card"), kind: cell("cardKind"), line: record.line, known }, site, seen);
  if ("sentence" in cards) return problem(cards.sentence);
  const membership = plan === null ? {} : { plan, ...(from === null ? {} : { from }), validThrough: through };
  const row = { displayName: name, ...who.row, ...locale, cards: cards.numbers, courses: [...new Set(courses)], ...membership };
  return { line: record.line, name, ok: true, row };
}

function localeOf(text: string): Pick<MemberRowIn, "locale"> | undefined {
  if (text === "") return {};
  const wanted = text.toLowerCase() === "no" ? "nb" : text.toLowerCase();
  const locale = (["en", "lv", "sv", "nb"] as const).find((language) => language === wanted);
  return locale === undefined ? undefined : { locale };
}

/** By what they will be known again; the same twice in one list is a mistake, but a family may share an address when each has a number. */
function whoOf(
  externalRef: string,
  mail: string,
  line: number,
  { people }: Seen,
): { row: Pick<MemberRowIn, "externalRef" | "mail"> } | { sentence: string } {
  if (externalRef.length > 60) return { sentence: "the number is longer than 60 characters; shorten it." };
  if (mail !== "" && !/^[^\s@"<>]{1,64}@[^\s@"<>.]+(\.[^\s@"<>.]+)+$/.test(mail))
    return { sentence: `"${mail}" is no mail address; correct or clear it.` };
  const key = externalRef === "" ? (mail === "" ? null : `mail ${mail.toLowerCase()}`) : `number ${externalRef}`;
  const earlier = key === null ? undefined : people.get(key);
  if (earlier !== undefined)
    return { sentence: `has the same ${externalRef === "" ? "mail address" : "number"} as line ${earlier}; keep one of them.` };
  if (key !== null) people.set(key, line);
  return { row: { ...(externalRef === "" ? {} : { externalRef }), ...(mail === "" ? {} : { mail }) } };
}

/** Several cards stand apart by `|`, `;` or `,`. */
function cardsOf(
  given: { readonly text: string; readonly kind: string; readonly line: number; readonly known: number | null },
  site: ImportSite,
  seen: Seen,
): { numbers: string[] } | { sentence: string } {
  const numbers: string[] = [];
  const kind = kinds[given.kind.toLowerCase().replaceAll(/[^a-z0-9]/g, "")] ?? "";
  for (const part of given.text.split(/[|;,]/).filter((each) => each.trim() !== "")) {
    const read = site.card(kind === "" || part.includes(":") ? part : `${kind}:${part.trim()}`);
    if ("refused" in read) return { sentence: `the card number ${read.refused}.` };
    const key = site.keyOf(read.number);
    const earlier = seen.cards.get(key);
    if (earlier !== undefined) return { sentence: `has the same card as line ${earlier}; one card belongs to one person.` };
    const holder = site.holder(read.number);
    if (holder !== null && holder !== given.known)
      return { sentence: `the card belongs to member ${holder} already; remove the row, or block the card there as returned.` };
    seen.cards.set(key, given.line);
    numbers.push(read.number);
  }
  return numbers.length > 5 ? { sentence: "has more than five cards; keep five." } : { numbers };
}

/** Key types as Fabman names them. */
const kinds: Readonly<Record<string, string>> = {
  em4102: "em4100",
  em4100: "em4100",
  nfca: "iso14443a",
  mifare: "iso14443a",
  iso14443a: "iso14443a",
};

/** `2026-12-31` or `31.12.2026`; null for nothing, undefined for anything else (12/11/2026 could be two days). */
function dateOf(text: string): string | null | undefined {
  if (text === "") return null;
  const [day = ""] = /^\d{4}-\d{2}-\d{2}(?=T)/.exec(text) ?? [text];
  const dotted = /^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\.?$/.exec(text);
  const date = dotted === null ? day : `${dotted[3]}-${dotted[2]?.padStart(2, "0")}-${dotted[1]?.padStart(2, "0")}`;
  return localDate.safeParse(date).success ? date : undefined;
}
