/** `koprade project show`: what a project promised and reached, and how its machines are used. */
import { projectFigures } from "../reports/project.ts";
import { shownCell } from "../reports/show.ts";
import { command, failed } from "./command.ts";
import { monthGiven, withBook } from "./report-close.ts";
import { columns } from "./text.ts";

const hourMs = 3_600_000;

export const showProject = command({
  summary: "show what a project promised and reached, each with its source, and how its machines are used",
  args: {
    project: { type: "positional", required: true, description: "short name such as leader-2026" },
    through: { type: "string", valueHint: "month", description: "the last month that counts (default this one)" },
  },
  examples: ["koprade project show leader-2026", "koprade project show leader-2026 --through 2026-11 --json"],
  async run(given, context) {
    return withBook(context, async (book, nowMs) => {
      const { tz } = book.ledger.read.site();
      const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(tz).toPlainDate().toPlainYearMonth().toString();
      const through = given.through === undefined ? today : monthGiven(given.through);
      const made = projectFigures(book, given.project, through, nowMs);
      if (made === undefined) throw failed(`There is no project "${given.project}"; see \`koprade project list\`.`);
      const cell = (value: number | null, unit: string): string => shownCell(value, { unit }, "en");
      return {
        lines: [
          `${made.label} (${made.funder}), ${made.from} – ${made.through}, counted through ${through}`,
          "",
          ...columns(
            ["INDICATOR", "BASELINE", "TARGET", "ACTUAL", "%", "SOURCE"],
            made.indicators.map((row) => [
              row.label,
              cell(row.baseline, ""),
              cell(row.target, ""),
              `${cell(row.actual, "")} ${row.unit}`.trim(),
              cell(row.share === null ? null : row.share * 100, ""),
              row.source === "manual" ? `manual: ${row.evidence.at(-1)?.evidence ?? "–"}` : row.source,
            ]),
          ),
          "",
          ...columns(
            ["MACHINE", "SINCE", "HOURS", "UTILISATION %", "USERS"],
            made.assets.map((row) => {
              const of = (id: string): number | null => row.metrics.find((metric) => metric.id === id)?.value ?? null;
              const [busyMs, share] = [of("M01"), of("M09")];
              return [
                row.label,
                row.from,
                cell(busyMs === null ? null : busyMs / hourMs, "h"),
                cell(share === null ? null : share * 100, "%"),
                cell(of("M16"), ""),
              ];
            }),
          ),
        ],
        json: made,
      };
    });
  },
});
