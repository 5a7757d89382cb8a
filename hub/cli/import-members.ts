/**
 * A list of members from another system to rows the ledger takes: headers in four languages, one sentence per bad row with its
 * line and the remedy. Card numbers stay inside the rows and stand in no sentence.
 */
import type { CommandInput } from "../ledger/inputs.ts";
import type { CsvRecord } from "./csv.ts";
import { cardNumberOf, isDate } from "./values.ts";

export type MemberRowInput = CommandInput<"importMembers">["rows"][number];
export type RowResult =
  | { readonly line: number; readonly name: string; readonly ok: true; readonly row: MemberRowInput }
  | { readonly line: number; readonly name: string; readonly ok: false; readonly sentence: string };
export type ImportPlan =
  | { readonly ok: true; readonly results: readonly RowResult[]; readonly ignored: readonly string[] }
  | { readonly ok: false; readonly sentence: string };

/** What the site already has, for checking. */
export type ImportSite = {
  /** a plan's or course's name by its name or label, in lower case */
  plan(text: string): string | undefined;
  course(text: string): string | undefined;
  /** the member who holds a card, or null */
  holder(cardNumber: string): number | null;
  /** the keyed hash that stands for the number while two rows are compared */
  keyOf(cardNumber: string): string;
};

type Field = "name" | "first" | "last" | "email" | "card" | "plan" | "from" | "through" | "trainings" | "locale";
const headers: Readonly<Record<Field, readonly string[]>> = {
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
  const ignored = head.cells.filter((_, i) => !known.has(i) || i === columns.get("email"));
  const seen = new Map<string, number>();
  return { ok: true, ignored, results: rows.map((row) => readRow(row, names.length, columns, site, seen)) };
}

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

function readRow(
  record: CsvRecord,
  width: number,
  columns: ReadonlyMap<Field, number>,
  site: ImportSite,
  seen: Map<string, number>,
): RowResult {
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
  const plan = cell("plan") === "" ? null : site.plan(cell("plan").toLowerCase());
  if (plan === undefined) return problem(`there is no plan "${cell("plan")}"; make it with \`koprade plan add\`, or correct the name.`);
  if (plan === null && (from !== null || through !== null))
    return problem("has membership dates but no plan; name the plan or clear the dates.");
  const courses: string[] = [];
  for (const text of cell("trainings")
    .split(/[;,|]/)
    .map((part) => part.trim())
    .filter((part) => part !== "")) {
    const course = site.course(text.toLowerCase());
    if (course === undefined) return problem(`there is no course "${text}"; make it with \`koprade course add\`, or correct the name.`);
    courses.push(course);
  }
  const locale = (["en", "lv", "sv", "nb"] as const).find((language) => language === (cell("locale").toLowerCase() || "en"));
  if (locale === undefined) return problem(`"${cell("locale")}" is no language of koprade; write en, lv, sv or nb.`);
  const cards = cardsOf(cell("card"), record.line, site, seen);
  if ("sentence" in cards) return problem(cards.sentence);
  const membership = plan === null ? {} : { plan, ...(from === null ? {} : { from }), validThrough: through };
  return {
    line: record.line,
    name,
    ok: true,
    row: { displayName: name, locale, cards: cards.numbers, courses: [...new Set(courses)], ...membership },
  };
}

/** Several cards stand apart by `|`, `;` or `,`. */
function cardsOf(text: string, line: number, site: ImportSite, seen: Map<string, number>): { numbers: string[] } | { sentence: string } {
  const numbers: string[] = [];
  for (const part of text.split(/[|;,]/).filter((each) => each.trim() !== "")) {
    const read = cardNumberOf(part);
    if ("refused" in read) return { sentence: `the card number ${read.refused}.` };
    const key = site.keyOf(read.number);
    const earlier = seen.get(key);
    if (earlier !== undefined) return { sentence: `has the same card as line ${earlier}; one card belongs to one person.` };
    const holder = site.holder(read.number);
    if (holder !== null)
      return { sentence: `the card belongs to member ${holder} already; remove the row, or block the card there as returned.` };
    seen.set(key, line);
    numbers.push(read.number);
  }
  return numbers.length > 5 ? { sentence: "has more than five cards; keep five." } : { numbers };
}

/** `2026-12-31` or `31.12.2026`; null for nothing, undefined for anything else (12/11/2026 could be two days). */
function dateOf(text: string): string | null | undefined {
  if (text === "") return null;
  const dotted = /^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\.?$/.exec(text);
  const date = dotted === null ? text : `${dotted[3]}-${dotted[2]?.padStart(2, "0")}-${dotted[1]?.padStart(2, "0")}`;
  return /^\d{4}-\d{2}-\d{2}$/.test(date) && isDate(date) ? date : undefined;
}
