/** One table of a report. Unknown is written as unknown, never as zero. */
import { useWords } from "../../shared/language.tsx";
import type { MonthReport } from "../../shared/wire.ts";

type Table = MonthReport["tables"][number];

export function ReportTable({ table }: { readonly table: Table }) {
  const { t, number } = useWords();
  const written = (cell: string | number | null | undefined) => {
    if (cell === null || cell === undefined) return <span className="quiet">{t("report.unknown")}</span>;
    return typeof cell === "number" ? number(cell, 2) : cell;
  };
  return (
    <section className="part">
      <h2>{table.title}</h2>
      <p className="quiet">{table.note}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section className="wide" tabIndex={0} aria-label={table.title}>
        <table className="table">
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column.label} scope="col" className={column.numeric ? "numeric" : undefined}>
                  {column.label}
                  {column.unit !== null && <span className="quiet"> {column.unit}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.length === 0 && (
              <tr>
                <td colSpan={table.columns.length} className="quiet">
                  {t("report.none")}
                </td>
              </tr>
            )}
            {table.rows.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a finished report never move
              <tr key={i}>
                {table.columns.map((column, c) =>
                  c === 0 ? (
                    <th key={column.label} scope="row">
                      {written(row[c])}
                    </th>
                  ) : (
                    <td key={column.label} className={column.numeric ? "numeric" : undefined}>
                      {written(row[c])}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
          {table.total !== null && (
            <tfoot>
              <tr>
                {table.columns.map((column, c) => (
                  <td key={column.label} className={column.numeric ? "numeric" : undefined}>
                    {table.total?.[c] === null ? "" : written(table.total?.[c])}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </section>
    </section>
  );
}
