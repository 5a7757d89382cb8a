/** The month of a makerspace as tables in one language: pure, from figures to cells. Each table says in its note how it counts. */
import { doorTable, machineTables, methodTable, refusalTable } from "./tables.ts";
import { groupTables } from "./tables-groups.ts";
import { moneyTables, peopleTables, trainingTables, trustTable } from "./tables-people.ts";
import type { Doubt, Language, MonthFigures, MonthReport, Seal } from "./types.ts";
import { fill, words } from "./words.ts";
import type { Words } from "./words-en.ts";

/** @param head  when it was made, and under which number it was closed: a closed month shows when that was */
export function monthReport(
  figures: MonthFigures,
  head: { readonly madeMs: number; readonly seal: Seal | null },
  language: Language,
): MonthReport {
  const w = words[language];
  return {
    month: figures.month,
    siteName: figures.siteName,
    zone: figures.zone,
    madeMs: head.seal?.closedMs ?? head.madeMs,
    simulated: figures.simulated,
    language,
    running: figures.untilMs !== null,
    seal: head.seal,
    quality: figures.doubts.map((doubt) => sentence(doubt, language, w)),
    tables: [
      ...machineTables(figures, w),
      ...peopleTables(figures, w),
      ...groupTables(figures, w),
      ...trainingTables(figures, w),
      doorTable(figures, w),
      refusalTable(figures, language),
      ...moneyTables(figures, w),
      trustTable(figures, w),
      methodTable(figures, w),
    ],
  };
}

function sentence({ doubt, values }: Doubt, language: Language, w: Words): string {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  const shown = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "number" && name !== "n" ? number.format(value) : value,
  ]);
  return fill(w[doubt as keyof Words] ?? doubt, Object.fromEntries(shown));
}
