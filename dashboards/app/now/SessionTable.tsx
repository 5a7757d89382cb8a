/** Who is responsible for which machine, since when and until when. */
import type { MessageKey } from "../../locales/shape.ts";
import { spanOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { useHubNow } from "../../shared/use-live.ts";
import type { Session } from "../../shared/wire.ts";

const phaseWords: Readonly<Record<Session["phase"], MessageKey>> = {
  enabled: "phase.enabled",
  idle: "phase.idle",
  busy: "phase.busy",
  grace: "phase.grace",
  unattended: "phase.unattended",
};

export function SessionTable({ sessions, zone }: { readonly sessions: readonly Session[]; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  const someEnd = sessions.some(({ leaseUntilMs }) => leaseUntilMs !== null);
  return (
    <table className="table sessions">
      <thead>
        <tr>
          <th scope="col">{t("session.machine")}</th>
          <th scope="col">{t("session.who")}</th>
          <th scope="col">{t("session.phase")}</th>
          <th scope="col">{t("session.since")}</th>
          {someEnd && <th scope="col">{t("session.until")}</th>}
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <tr key={session.id}>
            <th scope="row">{session.machineLabel}</th>
            <td>{session.who.name}</td>
            <td>{t(phaseWords[session.phase])}</td>
            <td>
              {timeOf(session.startedMs, zone, words, { nowMs })}{" "}
              <span className="quiet">({spanOf(nowMs - session.startedMs, words)})</span>
            </td>
            {someEnd && (
              <td data-label={session.leaseUntilMs === null ? undefined : t("session.until")}>
                {session.leaseUntilMs === null ? "–" : timeOf(session.leaseUntilMs, zone, words, { nowMs })}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
