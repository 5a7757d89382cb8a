/** A number taken apart, over its month, at an address of its own: definition, parts, coverage, method and the rows behind it. */
import { Modal } from "@mantine/core";
import { workMostMs } from "../../shared/api.ts";
import { timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { go } from "../../shared/route.ts";
import { cellText } from "./values.tsx";
import { type NumberTable, type NumberView, numberView } from "./wire.ts";

type PanelProps = { readonly month: string; readonly name: string; readonly tables: readonly NumberTable[] };

export function NumberPanel({ month, name, tables }: PanelProps) {
  const { t, language } = useWords();
  const question = `/api/months/${month}/number?name=${encodeURIComponent(name)}&language=${language}`;
  const { data, problem } = useRead(question, numberView, undefined, undefined, workMostMs);
  const found = data?.name === name && data.month === month ? data : undefined;
  return (
    <Modal
      opened
      onClose={() => go(`/months/${month}`)}
      title={titleOf(name, tables)}
      size="xl"
      lockScroll={false}
      closeButtonProps={{ "aria-label": t("power.close") }}
      transitionProps={{ duration: 0 }}
    >
      <ProblemAlert problem={problem} />
      {found === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {found !== undefined && <Parts number={found} />}
    </Modal>
  );
}

/** Where the number stands in the tables: `Machines · Laser 1 · Working`. */
function titleOf(name: string, tables: readonly NumberTable[]): string {
  for (const table of tables) {
    for (const [r, names] of table.names.entries()) {
      const c = names.indexOf(name);
      if (c < 0) continue;
      const row = table.rows[r] ?? table.total;
      const column = table.columns[c]?.label;
      return [table.title, row?.[0], ...(table.columns.length > 2 && table.id !== "numbers" ? [column] : [])].join(" · ");
    }
  }
  return name;
}

function Parts({ number: one }: { readonly number: NumberView }) {
  const words = useWords();
  const { t, number, knows } = words;
  const mark = `mark.${one.mark}`;
  const facts: readonly (readonly [string, string])[] = [
    [t("number.value"), cellText(one.value, one.unit, words)],
    [t("number.numerator"), cellText(one.numerator, one.numeratorUnit, words)],
    [t("number.denominator"), cellText(one.denominator, one.denominatorUnit, words)],
    [t("number.coverage"), one.coverage === null ? "–" : `${number(one.coverage * 100, 2)} %`],
    [t("number.n"), number(one.n)],
    [t("number.method"), `${one.name.split("/")[0]} · ${one.methodVersion}`],
    [t("number.from"), one.revision === null ? t("number.from_draft") : t("number.from_revision", { revision: one.revision })],
  ];
  return (
    <div className="number-panel">
      <p>
        <span className="quiet">{t("number.definition")}</span> <code>{one.formula}</code>
      </p>
      <dl className="facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {one.mark !== null && knows(mark) && <p className="quiet">{t(mark)}</p>}
      <h3>{t("number.rows")}</h3>
      {one.rows.length === 0 ? <p className="empty">{t("number.rows_none")}</p> : <Rows number={one} />}
      {one.isCut && <p className="quiet">{t("number.cut", { command: `koprade report explain ${one.month}/${one.name} --json` })}</p>}
    </div>
  );
}

function Rows({ number: { rows, zone, numeratorUnit, denominatorUnit } }: { readonly number: NumberView }) {
  const words = useWords();
  const { t } = words;
  const at = (ms: number): string => timeOf(ms, zone, words, { nowMs: 0 });
  const hasBase = rows.some(({ base }) => base !== null);
  const hasWho = rows.some(({ who }) => who !== null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="wide" tabIndex={0} aria-label={t("number.rows")}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("number.when")}</th>
            <th scope="col">{t("number.what")}</th>
            {hasWho && <th scope="col">{t("session.who")}</th>}
            <th scope="col" className="numeric">
              {t("number.adds")}
            </th>
            {hasBase && (
              <th scope="col" className="numeric">
                {t("number.of")}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ fromMs, toMs, what, who, amount, base }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a number come whole and never move
            <tr key={i}>
              <td>
                {fromMs === null ? "–" : at(fromMs)}
                {fromMs !== null && toMs !== null && toMs !== fromMs && ` – ${at(toMs)}`}
              </td>
              <td>{what}</td>
              {hasWho && <td>{who !== null && <PageLink to={`/people/${who.member}`}>{who.name}</PageLink>}</td>}
              <td className="numeric">{cellText(amount, numeratorUnit, words)}</td>
              {hasBase && <td className="numeric">{cellText(base, denominatorUnit, words)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
