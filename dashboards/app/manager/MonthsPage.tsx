/** Months of the space with where each stands on its way to being closed. */
import { timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useHubNow } from "../../shared/use-live.ts";
import { monthName } from "./values.tsx";
import { monthList } from "./wire.ts";

export function MonthsPage() {
  const words = useWords();
  const { t } = words;
  const { data, problem } = useRead("/api/months", monthList);
  const nowMs = useHubNow();
  return (
    <div className="page">
      <PageHead title={t("nav.months")} />
      <ProblemAlert problem={problem} />
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data?.months.length === 0 && <p className="empty">{t("months.none")}</p>}
      {data !== undefined && data.months.length > 0 && (
        <table className="table stack">
          <thead>
            <tr>
              <th scope="col">{t("months.month")}</th>
              <th scope="col">{t("months.state")}</th>
              <th scope="col" className="numeric">
                {t("months.revisions")}
              </th>
              <th scope="col">{t("months.since")}</th>
            </tr>
          </thead>
          <tbody>
            {data.months.map(({ month, state, revisions, atMs }) => (
              <tr key={month}>
                <th scope="row">
                  <PageLink to={`/months/${month}`}>{monthName(month, words)}</PageLink>
                </th>
                <td data-label={t("months.state")}>{t(`month.${state}`)}</td>
                <td className="numeric" data-label={t("months.revisions")}>
                  {revisions}
                </td>
                <td data-label={t("months.since")}>{atMs === null ? "–" : timeOf(atMs, data.zone, words, { nowMs })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
