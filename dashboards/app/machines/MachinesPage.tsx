/** Every machine, to be found by name, state or course; as tiles to look at, or as a list to read down. */
import { NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";
import type { MessageKey } from "../../locales/shape.ts";
import { powerOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { machineMarks, StatusMark } from "../../shared/status-mark.tsx";
import { believable, useHubNow, useLive, useStaleSince } from "../../shared/use-live.ts";
import type { Machine, MachineStatus } from "../../shared/wire.ts";
import { MachineTile } from "../now/MachineTile.tsx";
import type { PageProps } from "../pages.ts";
import { newMachinePath } from "../paths.ts";
import { type MachineInfo, machineList } from "../staff/wire.ts";

const groups = {
  all: () => true,
  free: (status) => status === "free" || status === "reserved",
  used: (status) => ["busy", "idle", "grace", "run_on"].includes(status),
  down: (status) => ["emergency", "fault", "tamper", "locked_out", "out_of_order", "needs_check"].includes(status),
  unknown: (status) => status === "unknown",
} as const satisfies Record<string, (status: MachineStatus) => boolean>;
type Group = keyof typeof groups;
const groupWords: Readonly<Record<Group, MessageKey>> = {
  all: "machines.all",
  free: "machine.free",
  used: "machines.used",
  down: "machines.down",
  unknown: "machine.unknown",
};
const groupNames = Object.keys(groups) as Group[];

type Shown = { readonly machine: Machine; readonly status: MachineStatus; readonly info: MachineInfo | undefined };

export function MachinesPage({ session }: PageProps) {
  const words = useWords();
  const { t, language } = words;
  const { snapshot } = useLive();
  const stale = useStaleSince() !== undefined;
  const { data: infos = [], problem } = useRead("/api/machines", machineList);
  const [text, setText] = useState("");
  const [group, setGroup] = useState<Group>("all");
  const [course, setCourse] = useState("");
  const [view, setView] = useState("tiles");
  if (snapshot === undefined) return <p className="empty">{t("page.loading")}</p>;
  const { compare } = new Intl.Collator(language, { numeric: true });
  const all = snapshot.machines.map(
    (machine): Shown => ({
      machine,
      status: believable(
        machine.status,
        snapshot.nodes.find(({ id }) => id === machine.node),
        stale,
      ),
      info: infos.find(({ id }) => id === machine.id),
    }),
  );
  const wanted = text.trim().toLocaleLowerCase(language);
  const shown = all
    .filter(({ machine, status, info }) => {
      const named = `${machine.label} ${info?.zone?.label ?? ""}`.toLocaleLowerCase(language).includes(wanted);
      return named && groups[group](status) && (course === "" || info?.course?.id === course);
    })
    .sort((a, b) => compare(a.machine.label, b.machine.label));
  const courses = [...new Map(infos.flatMap((info) => (info.course === null ? [] : [[info.course.id, info.course.label]]))).entries()];

  return (
    <div className="page" data-stale={stale || undefined}>
      <PageHead title={t("now.machines")}>
        {(session.role === "owner" || session.role === "manager") && (
          <PageLink to={newMachinePath} className="act">
            {t("machine_new.title")}
          </PageLink>
        )}
      </PageHead>
      <ProblemAlert problem={problem} />
      <search className="filters">
        <TextInput label={t("filter.find")} value={text} maxLength={60} onChange={(event) => setText(event.currentTarget.value)} />
        <NativeSelect
          label={t("filter.state")}
          value={group}
          data={groupNames.map((value) => ({ value, label: t(groupWords[value]) }))}
          onChange={({ currentTarget: { value } }) => setGroup(groupNames.find((one) => one === value) ?? "all")}
        />
        {courses.length > 0 && (
          <NativeSelect
            label={t("filter.course")}
            value={course}
            data={[{ value: "", label: t("machines.all") }, ...courses.map(([value, label]) => ({ value, label }))]}
            onChange={(event) => setCourse(event.currentTarget.value)}
          />
        )}
        <SegmentedControl
          aria-label={t("filter.view")}
          value={view}
          onChange={setView}
          data={[
            { value: "tiles", label: t("filter.tiles") },
            { value: "list", label: t("filter.list") },
          ]}
        />
      </search>
      {all.length === 0 && <p className="empty">{t("now.machines_empty")}</p>}
      {all.length > 0 && shown.length === 0 && <p className="empty">{t("filter.nothing")}</p>}
      {shown.length > 0 && view === "tiles" && (
        <ul className="tiles" aria-label={t("now.machines")}>
          {shown.map(({ machine, status }) => (
            <MachineTile key={machine.id} machine={machine} status={status} stale={stale} zone={snapshot.site.zone} />
          ))}
        </ul>
      )}
      {shown.length > 0 && view === "list" && <MachineTable shown={shown} zone={snapshot.site.zone} />}
    </div>
  );
}

function MachineTable({ shown, zone }: { readonly shown: readonly Shown[]; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  return (
    <table className="table stack">
      <thead>
        <tr>
          <th scope="col">{t("session.machine")}</th>
          <th scope="col">{t("filter.state")}</th>
          <th scope="col">{t("session.since")}</th>
          <th scope="col">{t("session.who")}</th>
          <th scope="col" className="numeric">
            {t("machine.power")}
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ machine, status, info }) => (
          <tr key={machine.id}>
            <th scope="row">
              <PageLink to={`/machines/${machine.id}`}>{machine.label}</PageLink>
              {info?.zone !== undefined && info.zone !== null && <span className="quiet"> {info.zone.label}</span>}
            </th>
            <td>
              <StatusMark mark={machineMarks[status]} small />
            </td>
            <td data-label={t("session.since")}>
              {machine.sinceMs === null || status === "unknown" ? "–" : timeOf(machine.sinceMs, zone, words, { nowMs })}
            </td>
            <td data-label={t("session.who")}>{(status === "unknown" ? null : machine.who?.name) ?? "–"}</td>
            <td className="numeric" data-label={t("machine.power")}>
              {machine.powerW === null || status === "unknown" ? "?" : powerOf(machine.powerW, words)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
