/** Revisions of a month, the newest first, each with what it says otherwise than the one before; and what the log says otherwise today. */
import { timeOf } from "../../shared/format.ts";
import { useWords, type Words } from "../../shared/language.tsx";
import { useHubNow } from "../../shared/use-live.ts";
import { Section } from "../now/Section.tsx";
import { cellText, NumberLink } from "./values.tsx";
import type { MonthDesk, MonthDifference, MonthRevision } from "./wire.ts";

export function MonthHistory({ desk }: { readonly desk: MonthDesk }) {
  const { t } = useWords();
  const { month, revisions, since } = desk;
  return (
    <>
      {since.length > 0 && (
        <Section title={t("month.since_closed")} count={1} empty="">
          <DifferenceTable month={month} changed={since} />
        </Section>
      )}
      <Section title={t("month.history")} count={revisions.length} empty={t("month.history_none")}>
        <ol className="rows" data-testid="revisions" reversed>
          {revisions.toReversed().map((revision) => (
            <Revision key={revision.number} desk={desk} revision={revision} />
          ))}
        </ol>
      </Section>
    </>
  );
}

function Revision({ desk, revision: one }: { readonly desk: MonthDesk; readonly revision: MonthRevision }) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  return (
    <li className="row">
      <div className="row-text">
        <p>
          <strong>{t("month.no", { number: one.number, revision: one.revision })}</strong>{" "}
          <span className="quiet">
            {timeOf(one.closedMs, desk.zone, words, { nowMs })} · {byWhom(one.closedBy, words)}
          </span>
        </p>
        {one.reason !== "" && <p>{one.reason}</p>}
        <code className="line">SHA-256 {one.hash}</code>
        {!one.whole && <p className="warn">{t("month.broken")}</p>}
        {one.changed.length > 0 && (
          <details>
            <summary className="quiet">
              {t("month.differs")} ({one.changed.length})
            </summary>
            <DifferenceTable month={desk.month} changed={one.changed} />
          </details>
        )}
      </div>
    </li>
  );
}

/** An account of the pages by its role: whose it is stands with the accounts. */
function byWhom(actor: string, { t, knows }: Words): string {
  const role = `role.${actor.split(":")[0]}`;
  return knows(role) ? t(role) : actor;
}

export function DifferenceTable({ month, changed }: { readonly month: string; readonly changed: readonly MonthDifference[] }) {
  const words = useWords();
  const { t } = words;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="wide" tabIndex={0} aria-label={t("month.differs")}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("month.number")}</th>
            <th scope="col" className="numeric">
              {t("month.was")}
            </th>
            <th scope="col" className="numeric">
              {t("month.is")}
            </th>
          </tr>
        </thead>
        <tbody>
          {changed.map(({ of, unit, before, after }) => (
            <tr key={of}>
              <th scope="row">
                {isNumber(of) ? (
                  <NumberLink month={month} name={of}>
                    {of}
                  </NumberLink>
                ) : (
                  of
                )}
              </th>
              <td className="numeric">{cellText(before, unit, words)}</td>
              <td className="numeric">{cellText(after, unit, words)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Metrics can be explained; days, groups and single refusals are counted as they stand. */
const isNumber = (of: string): boolean => /^[A-Z]\d\d/.test(of);
