/** One door: its state, the orders it takes, where it leads and how it fails, and what happened there. */
import { Button } from "@mantine/core";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { nodeMarks, StatusMark } from "../../shared/status-mark.tsx";
import { useCommand } from "../../shared/use-command.ts";
import { useLive, useStaleSince } from "../../shared/use-live.ts";
import type { LiveChange } from "../../shared/wire.ts";
import { LogLines } from "../log/LogLines.tsx";
import { CommandNote } from "../now/CommandNote.tsx";
import { DoorTile } from "../now/DoorTile.tsx";
import { Section } from "../now/Section.tsx";
import type { PageProps } from "../pages.ts";
import { type DoorDetail, doorDetail } from "../staff/wire.ts";

const touchesDoors = ({ kind }: LiveChange): boolean => kind === "door" || kind === "feed";
const orders = ["acknowledge", "relock", "reset"] as const;

export function DoorPage({ params }: PageProps) {
  const { t } = useWords();
  const id = params["id"] ?? "";
  const { snapshot } = useLive();
  const stale = useStaleSince() !== undefined;
  const { data: detail, problem } = useRead(`/api/doors/${encodeURIComponent(id)}`, doorDetail, touchesDoors);
  const zone = snapshot?.site.zone ?? "UTC";
  const live = snapshot?.doors.find((one) => one.id === id);
  const node = snapshot?.nodes.find((one) => one.id === live?.node);
  const order = useCommand();
  const up = { to: "/doors", label: t("now.doors") };
  if (detail === undefined || detail.id !== id)
    return (
      <div className="page">
        <PageHead title={live?.label ?? id} up={up} />
        {problem === null ? <p className="empty">{t("page.loading")}</p> : <ProblemAlert problem={problem} />}
      </div>
    );
  const gone = stale || node?.status === "offline";
  return (
    <div className="page" data-stale={stale || undefined}>
      <PageHead title={detail.label} up={up} />
      <ProblemAlert problem={problem} />
      <div className="halves">
        <div className="now-main">
          {live !== undefined && (
            <ul className="tiles doors" aria-label={t("filter.state")}>
              <DoorTile door={live} gone={gone} zone={zone} />
            </ul>
          )}
          <div className="state-act">
            {orders.map((one) => (
              <Button
                key={one}
                size="sm"
                variant="default"
                disabled={gone}
                loading={order.state.kind === "sent"}
                onClick={() => order.send(`/api/doors/${id}/order`, { order: one })}
              >
                {t(`order.${one}`)}
              </Button>
            ))}
          </div>
          <CommandNote state={order.state} sent={t("give.sent")} done={t("give.done")} unconfirmed={t("door.unconfirmed_long")} />
          <Section title={t("door.events")} count={detail.events.length} empty={t("door.events_none")}>
            <LogLines lines={detail.events} zone={zone} hide="where" />
          </Section>
        </div>
        <div className="now-side">
          <DoorFacts detail={detail} />
          {node !== undefined && (
            <Section title={t("door.health")} count={1} empty="">
              <p className="card">
                <PageLink to="/nodes">{node.label}</PageLink> <StatusMark mark={nodeMarks[node.status]} small />
                {node.trouble !== null && <span className="quiet"> {node.trouble}</span>}
              </p>
            </Section>
          )}
        </div>
      </div>
    </div>
  );
}

function DoorFacts({ detail }: { readonly detail: DoorDetail }) {
  const { t, number } = useWords();
  const { leadsFrom, leadsTo, failMode, course, strikeMs } = detail;
  return (
    <Section title={t("door.facts")} count={1} empty="">
      <dl className="facts">
        <div>
          <dt>{t("door.leads")}</dt>
          <dd>
            {leadsFrom?.label ?? t("door.outside")} → {leadsTo?.label ?? t("door.inside")}
          </dd>
        </div>
        {failMode !== null && (
          <div>
            <dt>{t("door.fails")}</dt>
            <dd>{t(`door.fails_${failMode}`)}</dd>
          </div>
        )}
        {strikeMs !== null && (
          <div>
            <dt>{t("door.strike")}</dt>
            <dd>{number(strikeMs / 1000, 1)} s</dd>
          </div>
        )}
        {course !== null && (
          <div>
            <dt>{t("filter.course")}</dt>
            <dd>{course.label}</dd>
          </div>
        )}
      </dl>
    </Section>
  );
}
