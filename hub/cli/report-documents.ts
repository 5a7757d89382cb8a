/** Which documents of a month, a year or a project are asked for, and how they come out of the book. */
import { type Book, earlierOf, type Month, yearOf } from "../reports/book.ts";
import { networkReport } from "../reports/document-network.ts";
import { projectReport } from "../reports/document-project.ts";
import { annualReport } from "../reports/document-year.ts";
import { monthReport } from "../reports/month.ts";
import { type Only, tablesOfSome } from "../reports/only.ts";
import { contentOf, isOfMonth, packNames } from "../reports/packs.ts";
import { type ProjectBook, projectFigures } from "../reports/project.ts";
import type { Language, MonthReport } from "../reports/types.ts";
import { badUsage, failed } from "./command.ts";
import { listed } from "./parse.ts";
import { list } from "./values.ts";

/** What `--pack` takes; a funder's document is asked for by its project. */
export const documentNames = [...packNames, "annual", "network"] as const;
export type DocumentName = (typeof documentNames)[number];

/** @throws CliError (2) for what is no document */
export function documentsGiven(pack: string | undefined, project: string | undefined): readonly DocumentName[] {
  const names = list(pack);
  if (names.length === 0) return project === undefined ? ["full"] : [];
  return [...new Set(names)].map((name) => {
    const found = documentNames.find((each) => each === name);
    if (found === undefined) throw badUsage(`--pack cannot be "${name}"; give some of ${listed(documentNames)}, with commas.`);
    return found;
  });
}

export type Wanted = {
  readonly documents: readonly DocumentName[];
  readonly project: string | undefined;
  readonly only: Only | null;
  readonly language: Language;
};

/** @throws CliError for machines and projects that are not there */
export function documentsOf(book: Book & ProjectBook, { figures, seal }: Month, wanted: Wanted, madeMs: number): MonthReport[] {
  const { month } = figures;
  const { documents, language, only } = wanted;
  if (only !== null) needPart(documents);
  const earlier = documents.some((name) => name === "full" || name === "page") ? earlierOf(book, month, madeMs) : undefined;
  const head = { madeMs, seal, only, ...(earlier === undefined ? {} : { earlier }) };
  const made = documents.map((name) => {
    if (isOfMonth(name)) return monthReport(figures, { ...head, pack: name }, language);
    if (name === "network") return networkReport(figures, { madeMs: seal?.closedMs ?? madeMs, seal }, language);
    const before = Temporal.PlainYearMonth.from(month).subtract({ months: 12 }).toString();
    const [year, yearBefore] = [yearOf(book, month, madeMs), yearOf(book, before, madeMs)];
    if (year.every((one) => one === null)) throw failed(`Nothing is known of the twelve months up to ${month}.`);
    return annualReport(year, yearBefore, { madeMs, seal: null }, language);
  });
  if (wanted.project === undefined) return made;
  const project = projectFigures(book, wanted.project, month, madeMs);
  if (project === undefined) throw failed(`There is no project "${wanted.project}"; see \`koprade project list\`.`);
  return [...made, projectReport(project, { madeMs }, language)];
}

/** Tables that no document is for. */
const besides: ReadonlySet<string> = new Set(["method", "doors", "refusals"]);

/** @throws CliError (2) for a document that has nothing to say of some machines alone */
function needPart(documents: readonly DocumentName[]): void {
  for (const name of documents) {
    const own = isOfMonth(name) ? (contentOf(name).tables ?? ["machines"]) : [];
    if (!own.some((table) => tablesOfSome.has(table) && !besides.has(table)))
      throw badUsage(
        `--pack ${name} is about the whole space; leave --machine, --zone and --of-project away, or ask for machines or safety.`,
      );
  }
}
