/** The safety log as a table: what happened, one by one. */
import { shownInstant } from "./show.ts";
import { dated, hours, number, text } from "./tables.ts";
import type { Language, MonthFigures, ReportTable } from "./types.ts";
import { words } from "./words.ts";
import { incidentDetailIn, incidentIn } from "./words-values.ts";

/** None for months closed before incidents were kept one by one. */
export function incidentTables({ incidents, zone }: MonthFigures, language: Language): ReportTable[] {
  if (incidents === undefined) return [];
  const w = words[language];
  return [
    {
      id: "incidents",
      title: w.incidents,
      note: w.incidentsNote,
      columns: [
        dated("at", w.when, "instant"),
        text("place", w.place),
        text("incident", w.incident),
        text("cause", w.cause),
        number("lasted_h", w.lasted, "h"),
      ],
      rows: incidents.map(({ atMs, untilMs, label, kind, detail }) => [
        shownInstant(atMs, zone),
        label,
        incidentIn(language, kind),
        incidentDetailIn(language, detail),
        untilMs === null ? null : hours(untilMs - atMs),
      ]),
      total: null,
    },
  ];
}
