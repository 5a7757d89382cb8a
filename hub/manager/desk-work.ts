/** What the desk does: one question about a month, a document or a project, answered from ledger and series. Pure but for reading. */
import { documentsGiven, documentsOf } from "../cli/report-documents.ts";
import { HubError } from "../errors.ts";
import type { PlainError } from "../ledger/refuse.ts";
import type { Reads } from "../ledger/types.ts";
import { draftOf, earlierOf, monthOf, revisionOf } from "../reports/book.ts";
import { monthReport } from "../reports/month.ts";
import { type ProjectFigures, projectFigures } from "../reports/project.ts";
import { formats, reportFile, withPictures } from "../reports/render.ts";
import { differences, figuresText, hashOf, sealedFigures } from "../reports/seal.ts";
import type { MonthSources } from "../reports/sources.ts";
import type { Language } from "../reports/types.ts";
import type { MonthReport, ReportFile } from "../views.ts";
import type { MonthDesk, MonthFile } from "../views-manager.ts";
import { type MoneyFigures, moneyFigures } from "./money.ts";
import { monthDesk } from "./month-desk.ts";
import { type NumberFound, numberOf } from "./number.ts";

export type DeskBook = { readonly ledger: { readonly read: Reads }; readonly series: MonthSources["series"] };

/** `nowMs`: when it was asked, by the hub's clock. */
export type DeskRequest = { readonly nowMs: number } & (
  | { readonly kind: "month"; readonly month: string; readonly language: Language }
  | { readonly kind: "number"; readonly month: string; readonly name: string; readonly language: Language }
  | { readonly kind: "figures"; readonly month: string }
  | { readonly kind: "report"; readonly month: string; readonly language: Language }
  | ({ readonly kind: "file" } & MonthFile)
  | { readonly kind: "money"; readonly month: string; readonly language: Language }
  | { readonly kind: "project"; readonly project: string; readonly through: string }
);
/** What would be closed, and whether it says anything else than the last revision. */
export type Figures = { readonly text: string; readonly hash: string; readonly isOver: boolean; readonly isChanged: boolean };
type Results = {
  readonly month: MonthDesk;
  readonly number: NumberFound | null;
  readonly figures: Figures;
  readonly report: MonthReport;
  readonly file: ReportFile;
  readonly money: MoneyFigures;
  readonly project: ProjectFigures | null;
};
export type DeskResult<R extends DeskRequest> = Results[R["kind"]];
export type DeskAnswer = { readonly ok: true; readonly value: Results[keyof Results] } | { readonly ok: false; readonly error: PlainError };

/** Throws HubError and CliError. */
export async function deskWork(book: DeskBook, request: DeskRequest): Promise<Results[keyof Results]> {
  const { nowMs } = request;
  switch (request.kind) {
    case "month":
      return monthDesk(book, request.month, request.language, nowMs);
    case "number":
      return numberOf(book, request, nowMs);
    case "figures":
      return figuresOf(book, request.month, nowMs);
    case "report": {
      const { figures, seal } = monthOf(book, request.month, nowMs);
      return withPictures(monthReport(figures, { madeMs: nowMs, seal, earlier: earlierOf(book, request.month, nowMs) }, request.language));
    }
    case "file":
      return fileOf(book, request, nowMs);
    case "money":
      return moneyFigures(book, request.month, request.language, nowMs);
    case "project":
      return projectFigures(book, request.project, request.through, nowMs) ?? null;
  }
}

function figuresOf(book: DeskBook, month: string, nowMs: number): Figures {
  const figures = draftOf(book, month, nowMs);
  const text = figuresText(figures);
  const last = book.ledger.read.usage.closedMonths(month).at(-1);
  const isChanged = last === undefined || differences(sealedFigures(last), figures).length > 0;
  return { text, hash: hashOf(text), isOver: figures.untilMs === null, isChanged };
}

/** The same documents as `koprade report --pack` makes. */
async function fileOf(book: DeskBook, asked: MonthFile, nowMs: number): Promise<ReportFile> {
  const { month, revision, document, project, language } = asked;
  const format = formats.find((one) => one === asked.format);
  if (format === undefined) throw new HubError("NOT_FOUND", `format ${asked.format}`);
  const isOfProject = document === "project";
  const sealed = book.ledger.read.usage.closedMonths(month).find((one) => one.revision === revision);
  if (revision !== null && sealed === undefined) throw new HubError("NOT_FOUND", `revision ${revision} of ${month}`);
  const found = sealed === undefined ? monthOf(book, month, nowMs) : revisionOf(sealed);
  const [made] = documentsOf(
    book,
    found,
    {
      documents: isOfProject ? [] : documentsGiven(document, undefined),
      project: isOfProject ? (project ?? "") : undefined,
      only: null,
      language,
    },
    nowMs,
  );
  if (made === undefined) throw new HubError("NOT_FOUND", `document ${document}`);
  return reportFile(made, format);
}
