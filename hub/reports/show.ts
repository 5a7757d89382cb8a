/** How cells and instants are spelled for people, in the language of the reader and the time of the space. */

import type { ReportCell } from "../views.ts";
import { isOfMonth } from "./packs.ts";
import type { Language, MonthReport, ReportColumn } from "./types.ts";
import { fill, words } from "./words.ts";

const locales: Readonly<Record<Language, string>> = { en: "en-GB", lv: "lv-LV", sv: "sv-SE", nb: "nb-NO" };

/** Decimals by unit, so that the numbers of a column line up. */
const decimals: Readonly<Record<string, number>> = { h: 2, "%": 2, kWh: 3, "kWh/h": 3, kg: 3 };

/** Unknown is a dash: never an empty cell, never a zero. */
export function shownCell(cell: ReportCell, column: Pick<ReportColumn, "unit" | "digits"> | undefined, language: Language): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return cell;
  const digits = column?.digits ?? decimals[column?.unit ?? ""] ?? 0;
  return formatOf(language, digits)
    .format(cell)
    .replace(/[\u00a0\u202f]/g, " ");
}

const formats = new Map<string, Intl.NumberFormat>();

/** Making a format costs a hundred times what using it does, and a report has thousands of cells. */
function formatOf(language: Language, digits: number): Intl.NumberFormat {
  const key = `${language} ${digits}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locales[language], { minimumFractionDigits: digits, maximumFractionDigits: Math.max(digits, 2) });
  formats.set(key, made);
  return made;
}

/** `2026-11-30 23:59`, the same in every language so that it sorts. */
export function shownInstant(atMs: number, zone: string): string {
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
  return `${at.toPlainDate().toString()} ${at.toPlainTime().toString({ smallestUnit: "minute" })}`;
}

/** `March 2026` as the language writes it, with a capital. */
export function monthIn(month: string, language: Language): string {
  const name = new Intl.DateTimeFormat(locales[language], { year: "numeric", month: "long", timeZone: "UTC" }).format(
    Date.parse(`${month}-15`),
  );
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

/** A month so many after another one, negative: before. */
export const monthBeside = (month: string, by: number, language: Language): string =>
  monthIn(Temporal.PlainYearMonth.from(month).add({ months: by }).toString(), language);

/** A column with the unit that a cell names. */
export const columnOf = (unit: ReportCell | undefined): Pick<ReportColumn, "unit"> => ({
  unit: typeof unit === "string" && unit !== "" ? unit : null,
});

/** What a document is called: on its first line, in its foot and in a list of files. */
export const shownTitle = ({ siteName, title, period }: MonthReport): string => `${siteName} · ${title} · ${period}`;

/** The lines under the title: what this is, of when, under which number it is closed, and whether it happened at all. */
export function shownHead(report: MonthReport): readonly string[] {
  const w = words[report.language];
  return [
    ...(report.simulated ? [w.simulated] : []),
    ...(report.seal === null
      ? isOfMonth(report.pack) || report.pack === "network"
        ? [w.draft]
        : []
      : [fill(w.sealed, { number: report.seal.number, revision: report.seal.revision, hash: report.seal.hash.slice(0, 16) })]),
    ...(report.running ? [fill(w.running, { until: shownInstant(report.madeMs, report.zone) })] : []),
    `${fill(w.made, { at: shownInstant(report.madeMs, report.zone) })} · ${report.zone}`,
  ];
}
