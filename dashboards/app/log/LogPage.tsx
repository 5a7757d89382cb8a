/** One timeline of everything, newest first, in plain words; older lines are one press away. */
import { Button, NativeSelect } from "@mantine/core";
import { useEffect, useState } from "react";
import { get } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useLive, useStaleSince } from "../../shared/use-live.ts";
import type { LiveChange } from "../../shared/wire.ts";
import { type LogLine, logPart } from "../staff/wire.ts";
import { LogLines } from "./LogLines.tsx";

const groups = ["all", "refused", "access", "sessions", "alarms", "nodes"] as const;
const touchesLog = ({ kind }: LiveChange): boolean => kind !== "site";

export function LogPage() {
  const { t } = useWords();
  const { snapshot } = useLive();
  const stale = useStaleSince() !== undefined;
  const [group, setGroup] = useState<(typeof groups)[number]>("all");
  const [place, setPlace] = useState("");
  const [older, setOlder] = useState<{ readonly rows: readonly LogLine[]; readonly next: string | null }>();
  const [trouble, setTrouble] = useState<unknown>();
  const question = `/api/log?group=${group}${place === "" ? "" : `&place=${encodeURIComponent(place)}`}`;
  const { data, problem, isPrevious } = useRead(question, logPart, touchesLog);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question has other older lines
  useEffect(() => setOlder(undefined), [question]);
  const places = [...(snapshot?.doors ?? []), ...(snapshot?.machines ?? [])];
  const next = older === undefined ? data?.next : older.next;
  const lines = isPrevious ? [] : [...(data?.rows ?? []), ...withoutKnown(older?.rows ?? [], data?.rows ?? [])];
  const more = (): void => {
    get(`${question}&before=${next}`, logPart).then(
      (found) => {
        setOlder({ rows: [...(older?.rows ?? []), ...found.rows], next: found.next });
        setTrouble(undefined);
      },
      (error: unknown) => setTrouble(error),
    );
  };
  return (
    <div className="page" data-stale={stale || undefined}>
      <PageHead title={t("nav.log")} />
      <ProblemAlert problem={trouble ?? problem} />
      <search className="filters">
        <NativeSelect
          label={t("log.show")}
          value={group}
          data={groups.map((value) => ({ value, label: t(`log.group_${value}`) }))}
          onChange={({ currentTarget: { value } }) => setGroup(groups.find((one) => one === value) ?? "all")}
        />
        <NativeSelect
          label={t("log.place")}
          value={place}
          data={[{ value: "", label: t("machines.all") }, ...places.map(({ id, label }) => ({ value: id, label }))]}
          onChange={(event) => setPlace(event.currentTarget.value)}
        />
      </search>
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data !== undefined && !isPrevious && lines.length === 0 && <p className="empty">{t("log.none")}</p>}
      <div className="log" data-testid="log">
        <LogLines lines={lines} zone={snapshot?.site.zone ?? "UTC"} />
      </div>
      {next !== null && next !== undefined && (
        <Button variant="default" className="start" onClick={more}>
          {t("log.older")}
        </Button>
      )}
    </div>
  );
}

/** A line that has moved into the newest part meanwhile is not shown twice. */
function withoutKnown(rows: readonly LogLine[], known: readonly LogLine[]): LogLine[] {
  const ids = new Set(known.map(({ id }) => id));
  return rows.filter(({ id }) => !ids.has(id));
}
