/** The parts of a machine's page beside its state: bookings and people, care, use over weeks, its sessions. */
import { dayOf, energyOf, hoursOf, spanOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { useHubNow } from "../../shared/use-live.ts";
import { endWord } from "../log/words.ts";
import { Section } from "../now/Section.tsx";
import type { MachineDetail } from "../staff/wire.ts";

type PartProps = { readonly detail: MachineDetail; readonly zone: string };
const sessionsShown = 12;

export function MachineArranged({ detail, zone }: PartProps) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  const { bookings, course, teachers, maintainers } = detail;
  const people = (list: MachineDetail["teachers"], none: string) =>
    list.length === 0
      ? none
      : list.map(({ member, name }, i) => (
          <span key={member}>
            {i > 0 && ", "}
            <PageLink to={`/people/${member}`}>{name}</PageLink>
          </span>
        ));
  return (
    <>
      <Section title={t("machine.bookings")} count={bookings.length} empty={t("machine.bookings_none")}>
        <ul className="rows">
          {bookings.map(({ booking, who, label, fromMs, untilMs, state }) => (
            <li key={booking} className="row">
              <div className="row-text">
                <p>
                  <strong>{label ?? who?.name ?? "–"}</strong>
                  {state === "requested" && <span className="quiet"> {t("machine.requested")}</span>}
                </p>
              </div>
              <time dateTime={new Date(fromMs).toISOString()}>
                {timeOf(fromMs, zone, words, { nowMs })}–{timeOf(untilMs, zone, words)}
              </time>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={t("machine.training")} count={1} empty="">
        <dl className="facts">
          <div>
            <dt>{t("filter.course")}</dt>
            <dd>{course === null ? t("machine.no_course") : <PageLink to="/trainings">{course.label}</PageLink>}</dd>
          </div>
          {course !== null && (
            <div>
              <dt>{t("machine.teachers")}</dt>
              <dd>{people(teachers, t("machine.teachers_none"))}</dd>
            </div>
          )}
          <div>
            <dt>{t("machine.maintainers")}</dt>
            <dd>{people(maintainers, t("machine.maintainers_none"))}</dd>
          </div>
        </dl>
      </Section>
    </>
  );
}

export function MachineCare({ detail: { care, commissioned }, zone }: PartProps) {
  const words = useWords();
  const { t } = words;
  const due = care.dueMs !== null && care.busyMs >= care.dueMs;
  return (
    <Section title={t("care.title")} count={1} empty="">
      <dl className="facts">
        <div>
          <dt>{t("care.last")}</dt>
          <dd>{care.lastMs === null ? t("care.never") : dayOf(care.lastMs, zone, words)}</dd>
        </div>
        <div>
          <dt>{t("care.worked")}</dt>
          <dd>
            {hoursOf(care.busyMs, words)}
            {care.dueMs !== null && ` / ${hoursOf(care.dueMs, words)}`}
            {due && <strong className="warn"> {t("care.due")}</strong>}
          </dd>
        </div>
        <div>
          <dt>{t("care.wiring")}</dt>
          <dd>
            {commissioned === null || !commissioned.isValid
              ? t("wiring.none")
              : `${t(`wiring.${commissioned.basis}`)}, ${dayOf(commissioned.atMs, zone, words)}`}
          </dd>
        </div>
      </dl>
    </Section>
  );
}

export function MachineHistory({ detail: { history } }: Pick<PartProps, "detail">) {
  const words = useWords();
  const { t, plural } = words;
  const sessions = history.reduce((sum, day) => sum + day.sessions, 0);
  const busyMs = history.reduce((sum, day) => sum + (day.busyMs ?? 0), 0);
  const mostMs = Math.max(1, ...history.map((day) => day.busyMs ?? 0));
  return (
    <Section title={t("history.title")} count={history.length} empty={t("history.none")}>
      <p>
        {plural("plural.sessions", sessions)} · {t("history.worked", { hours: hoursOf(busyMs, words) })}
      </p>
      <div className="bars" aria-hidden="true">
        {history.toReversed().map(({ date, busyMs: dayMs }) => (
          <svg key={date} viewBox="0 0 10 40" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect className="lane-used" x="1" width="8" y={40 - ((dayMs ?? 0) / mostMs) * 38} height={((dayMs ?? 0) / mostMs) * 38 + 2} />
          </svg>
        ))}
      </div>
      <details>
        <summary>{t("power.table")}</summary>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("history.day")}</th>
              <th scope="col" className="numeric">
                {t("history.sessions")}
              </th>
              <th scope="col" className="numeric">
                {t("phase.busy")}
              </th>
              <th scope="col" className="numeric">
                {t("history.energy")}
              </th>
            </tr>
          </thead>
          <tbody>
            {history.map((day) => (
              <tr key={day.date}>
                <th scope="row">{dayOf(day.date, "UTC", words)}</th>
                <td className="numeric">{day.sessions}</td>
                <td className="numeric">{day.busyMs === null ? "?" : hoursOf(day.busyMs, words)}</td>
                <td className="numeric">{day.energyWh === null ? "?" : energyOf(day.energyWh, words)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </Section>
  );
}

/** The newest sessions, as the table beside the lane. */
export function MachineSessions({ detail: { sessions }, zone }: PartProps) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  if (sessions.length === 0) return <p className="empty">{t("machine.sessions_none")}</p>;
  return (
    <table className="table stack">
      <thead>
        <tr>
          <th scope="col">{t("session.who")}</th>
          <th scope="col">{t("session.since")}</th>
          <th scope="col" className="numeric">
            {t("machine.lasted")}
          </th>
          <th scope="col" className="numeric">
            {t("phase.busy")}
          </th>
          <th scope="col">{t("machine.end")}</th>
        </tr>
      </thead>
      <tbody>
        {sessions.slice(0, sessionsShown).map(({ session, who, startedMs, endedMs, busyMs, end }) => (
          <tr key={session}>
            <th scope="row">{who === null ? "–" : <PageLink to={`/people/${who.member}`}>{who.name}</PageLink>}</th>
            <td>{timeOf(startedMs, zone, words, { nowMs })}</td>
            <td className="numeric" data-label={t("machine.lasted")}>
              {spanOf((endedMs ?? nowMs) - startedMs, words)}
            </td>
            <td className="numeric" data-label={t("phase.busy")}>
              {spanOf(busyMs, words)}
            </td>
            <td data-label={t("machine.end")}>{endedMs === null ? t("machine.running") : endWord(end, words)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
