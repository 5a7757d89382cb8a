/** Which documents of a month, a year or a project are asked for, and how they come out of the book. */
import { type Book, earlierOf, type Month, yearOf } from "../reports/book.ts";
import { networkReport } from "../reports/document-network.ts";
import { projectReport } from "../reports/document-project.ts";
import { annualReport } from "../reports/document-year.ts";
import { monthReport } from "../reports/month.ts";
import { isOfMonth, packNames } from "../reports/packs.ts";
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
  readonly machines: string | undefined;
  readonly language: Language;
};

/** @throws CliError for machines and projects that are not there */
export function documentsOf(book: Book & ProjectBook, { figures, seal }: Month, wanted: Wanted, madeMs: number): MonthReport[] {
  const { month } = figures;
  const { documents, language } = wanted;
  const machines = machinesGiven(wanted.machines, { figures, seal });
  const earlier = documents.some((name) => name === "full" || name === "page") ? earlierOf(book, month, madeMs) : undefined;
  const head = { madeMs, seal, machines, ...(earlier === undefined ? {} : { earlier }) };
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

/** Ids of machines of the month; null for all of them. */
function machinesGiven(given: string | undefined, { figures }: Month): readonly string[] | null {
  if (given === undefined) return null;
  const ids = figures.machines.map(({ id }) => id);
  return list(given).map((id) => {
    if (!ids.includes(id)) throw badUsage(`--machine cannot be "${id}"; ${figures.month} has ${ids.length === 0 ? "none" : listed(ids)}.`);
    return id;
  });
}
