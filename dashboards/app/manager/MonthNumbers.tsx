/** The month in short, then all its numbers by chapter. Each number leads to what stands behind it. */
import { useWords } from "../../shared/language.tsx";
import { Section } from "../now/Section.tsx";
import { cellText, NumberLink } from "./values.tsx";
import type { MonthDesk, NumberTable } from "./wire.ts";

/** Tables by their ids, in the order of the report; what no chapter names stands in the last one. */
const chapters = {
  machines: ["machines", "availability", "use", "purposes", "jobs", "bookings", "reliability", "care", "energy", "states", "busy_heat"],
  people: ["people", "days", "frequency", "recency", "heat"],
  training: ["training", "classes", "first_training", "cohorts"],
  programme: ["events", "programme", "groups", "backgrounds"],
  safety: ["incidents", "doors", "refusals"],
  money: ["money", "costs"],
  trust: ["trust", "nodes"],
} as const;
type Chapter = keyof typeof chapters;
const order = Object.keys(chapters) as Chapter[]; // the keys of a literal are exactly those
const chapterOf = (id: string): Chapter =>
  order.find((chapter) => chapters[chapter].some((one) => id === one || id.startsWith(`${one}_`))) ?? "trust";

export function MonthNumbers({ desk }: { readonly desk: MonthDesk }) {
  const { t } = useWords();
  const short = desk.tables.find(({ id }) => id === "numbers");
  const rest = desk.tables.filter(({ id }) => id !== "numbers");
  return (
    <>
      <Section title={t("month.short")} count={1} empty="">
        {short !== undefined && <Short desk={desk} table={short} />}
        <ul className="sentences">
          {desk.sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </Section>
      <Section title={t("month.numbers")} count={1} empty="">
        <p className="quiet">{t("month.numbers_long")}</p>
        {order.map((chapter) => {
          const tables = rest.filter(({ id }) => chapterOf(id) === chapter);
          if (tables.length === 0) return null;
          return (
            <details key={chapter} className="chapter">
              <summary>{t(`chapter.${chapter}`)}</summary>
              {tables.map((table) => (
                <NumberTableView key={table.id} desk={desk} table={table} />
              ))}
            </details>
          );
        })}
      </Section>
    </>
  );
}

/** Measure, unit, value, the month before, the change, a year before, the change: as the report has them. */
function Short({ desk, table }: { readonly desk: MonthDesk; readonly table: NumberTable }) {
  const words = useWords();
  const { t } = words;
  return (
    <ul className="tiles short">
      {table.rows.map(([label, unit, value, before, , yearBefore], i) => {
        const of = typeof unit === "string" && unit !== "" ? unit : null;
        const name = table.names[i]?.[2] ?? null;
        const shown = cellText(value, of, words);
        return (
          <li key={String(label)} className="card">
            <p className="quiet">{label}</p>
            <p className="figure">
              {name === null ? (
                shown
              ) : (
                <NumberLink month={desk.month} name={name}>
                  {shown}
                </NumberLink>
              )}
            </p>
            <Known desk={desk} name={name} />
            {before !== null && <p className="quiet">{t("month.before", { value: cellText(before, of, words) })}</p>}
            {yearBefore !== null && <p className="quiet">{t("month.year_before", { value: cellText(yearBefore, of, words) })}</p>}
          </li>
        );
      })}
    </ul>
  );
}

/** How much of it is known, where that is not all. */
function Known({ desk, name }: { readonly desk: MonthDesk; readonly name: string | null }) {
  const { t, number } = useWords();
  const coverage = name === null ? null : (desk.marks[name]?.coverage ?? null);
  if (coverage === null || coverage >= 1) return null;
  return <p className="quiet">{t("month.known", { percent: number(Math.floor(coverage * 1000) / 10, 1) })}</p>;
}

function NumberTableView({ desk, table }: { readonly desk: MonthDesk; readonly table: NumberTable }) {
  const { t } = useWords();
  const rows = [...table.rows, ...(table.total === null ? [] : [table.total])];
  return (
    <section className="part" aria-label={table.title}>
      <h3>{table.title}</h3>
      <p className="quiet">{table.note}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section className="wide" tabIndex={0} aria-label={table.title}>
        <table className="table">
          <thead>
            <tr>
              {table.columns.map(({ label, unit, numeric }) => (
                <th key={label} scope="col" className={numeric ? "numeric" : undefined}>
                  {label}
                  {unit !== null && <span className="quiet"> {unit}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.length === 0 && (
              <tr>
                <td colSpan={table.columns.length} className="quiet">
                  {t("report.none")}
                </td>
              </tr>
            )}
            {rows.map((row, r) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a month come whole and never move
              <tr key={r} className={r === table.rows.length ? "total" : undefined}>
                {table.columns.map(({ label, numeric }, c) =>
                  c === 0 ? (
                    <th key={label} scope="row">
                      {row[c]}
                    </th>
                  ) : (
                    <td key={label} className={numeric ? "numeric" : undefined}>
                      <NumberCell desk={desk} cell={row[c] ?? null} name={table.names[r]?.[c] ?? null} />
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function NumberCell({
  desk,
  cell,
  name,
}: {
  readonly desk: MonthDesk;
  readonly cell: string | number | null;
  readonly name: string | null;
}) {
  const words = useWords();
  const shown = cellText(cell, null, words);
  if (name === null) return shown;
  const isFlagged = desk.marks[name]?.mark === "flagged";
  return (
    <NumberLink month={desk.month} name={name}>
      {isFlagged ? `≥ ${shown}` : shown}
    </NumberLink>
  );
}
