/**
 * What is going on in the building, for staff, in four lanes: what needs them, what is now (machines, doors, who is responsible, what was
 * refused and why, nodes), what comes soon, and who is on duty.
 */
import { useEffect, useMemo } from "react";
import { useAnnounce } from "../../shared/announcer.tsx";
import { useWords } from "../../shared/language.tsx";
import { useRead } from "../../shared/query.ts";
import { believable, useHubNow, useLive, useStaleSince } from "../../shared/use-live.ts";
import type { LiveChange } from "../../shared/wire.ts";
import type { PageProps } from "../pages.ts";
import { type NowLanes, nowLanes } from "../staff/wire.ts";
import { DoorTile } from "./DoorTile.tsx";
import { Feed } from "./Feed.tsx";
import { MachineTile } from "./MachineTile.tsx";
import { MusterList } from "./MusterList.tsx";
import { NeedsLane } from "./NeedsLane.tsx";
import { NodeList } from "./NodeList.tsx";
import { needRows } from "./needs.ts";
import { Section } from "./Section.tsx";
import { SessionTable } from "./SessionTable.tsx";
import { SimulatedBadge } from "./SimulatedBadge.tsx";
import { ShiftLane, SoonLane } from "./SoonLane.tsx";
import { useFeedAnnouncements } from "./use-feed-announcements.ts";

const noLanes: NowLanes = { needs: [], soon: [], shifts: [], roster: false };
/** Whatever is a line of the feed may be a reason to look; machines end jobs and get reported. */
const touchesLanes = ({ kind }: LiveChange): boolean => kind === "feed" || kind === "machine" || kind === "session_ended";

/** The hub's clock to the minute: what is old is left out, and nothing is drawn again for a second. */
const useMinute = (): number => Math.floor(useHubNow() / 60_000) * 60_000;

export function NowPage({ session }: PageProps) {
  const { t } = useWords();
  const { snapshot } = useLive();
  const stale = useStaleSince() !== undefined;
  useFeedAnnouncements(snapshot?.feed, useAnnounce());
  useEffect(() => {
    document.title = snapshot === undefined ? "Koprade" : `${t("now.title")} · ${snapshot.site.name}`;
  }, [snapshot, t]);
  const lanes = useRead("/api/now", nowLanes, touchesLanes).data ?? noLanes;
  const minuteMs = useMinute();
  const rows = useMemo(() => (snapshot === undefined ? [] : needRows(snapshot, lanes.needs, minuteMs)), [snapshot, lanes.needs, minuteMs]);
  if (snapshot === undefined) return <p className="empty">{t("page.loading")}</p>;
  const { doors, machines, sessions, nodes, feed, site } = snapshot;
  const badge = <SimulatedBadge role={session.role} simulated={site.simulated} />;
  /** Where something real is to be seen, the offer to simulate stands last. */
  const badgeFirst = site.simulated || machines.length + doors.length === 0;
  const nodeOf = (id: string) => nodes.find((node) => node.id === id);

  return (
    <div className="now" data-stale={stale || undefined}>
      <h1 className="visually-hidden">{t("now.title")}</h1>
      <div className="now-main">
        <NeedsLane rows={rows} zone={site.zone} stale={stale} />
        {site.mode === "evacuate" && <MusterList zone={site.zone} />}
        <Section title={t("now.machines")} count={machines.length} empty={t("now.machines_empty")}>
          <ul className="tiles">
            {machines.map((machine) => (
              <MachineTile
                key={machine.id}
                machine={machine}
                status={believable(machine.status, nodeOf(machine.node), stale)}
                stale={stale}
                zone={site.zone}
              />
            ))}
          </ul>
        </Section>
        <Section title={t("now.doors")} count={doors.length} empty={t("now.doors_empty")}>
          <ul className="tiles doors">
            {doors.map((door) => (
              <DoorTile key={door.id} door={door} gone={stale || nodeOf(door.node)?.status === "offline"} zone={site.zone} />
            ))}
          </ul>
        </Section>
        <Section title={t("now.sessions")} count={sessions.length} empty={t("now.sessions_empty")}>
          <SessionTable sessions={sessions} zone={site.zone} />
        </Section>
      </div>
      <div className="now-side">
        {badgeFirst && badge}
        <SoonLane soon={lanes.soon} zone={site.zone} />
        <ShiftLane lanes={lanes} zone={site.zone} />
        <Feed items={feed} zone={site.zone} />
        <Section title={t("now.nodes")} count={nodes.length} empty={t("now.nodes_empty")}>
          <NodeList nodes={nodes} stale={stale} zone={site.zone} />
        </Section>
        {!badgeFirst && badge}
      </div>
    </div>
  );
}
