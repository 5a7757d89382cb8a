/** Power of one machine over hours: a sentence first, then the line with its thresholds, then the numbers behind a button. */
import { SegmentedControl, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { get } from "../../shared/api.ts";
import { powerOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useLive } from "../../shared/use-live.ts";
import { type PowerTrace, powerTrace } from "../../shared/wire.ts";
import { Trace } from "./Trace.tsx";

const hourMs = 3_600_000;
const tableRows = 24;
/** While it is looked at, the line goes on. */
const askEveryMs = 5000;

export function PowerPanel({ machine, zone }: { readonly machine: string; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const { offsetMs } = useLive();
  const [hours, setHours] = useState(1);
  const [found, setFound] = useState<{ readonly trace: PowerTrace; readonly fromMs: number; readonly toMs: number }>();
  const [problem, setProblem] = useState<unknown>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock's offset changes with every beat and must not fetch again
  useEffect(() => {
    let wanted = true;
    const ask = (): void => {
      const toMs = Math.round(Date.now() + offsetMs);
      const fromMs = toMs - hours * hourMs;
      get(`/api/machines/${machine}/power?from=${fromMs}&to=${toMs}`, powerTrace).then(
        (trace) => {
          if (!wanted) return;
          setFound({ trace, fromMs, toMs });
          setProblem(undefined);
        },
        (error: unknown) => wanted && setProblem(error),
      );
    };
    ask();
    const timer = setInterval(ask, askEveryMs);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [machine, hours]);
  const readings = found?.trace.points.flatMap(({ powerW }) => (powerW === null ? [] : [powerW])) ?? [];

  return (
    <Stack>
      <SegmentedControl
        aria-label={t("power.hours")}
        value={String(hours)}
        onChange={(value) => setHours(Number(value))}
        data={[1, 6, 24].map((value) => ({ value: String(value), label: `${value} h` }))}
      />
      <ProblemAlert problem={problem} />
      {found !== undefined && readings.length === 0 && <Text>{t("power.no_data")}</Text>}
      {found !== undefined && readings.length > 0 && (
        <>
          <Text>{t("power.summary", { now: powerOf(readings.at(-1) ?? 0, words), peak: powerOf(Math.max(...readings), words) })}</Text>
          <Trace
            points={found.trace.points}
            fromMs={found.fromMs}
            toMs={found.toMs}
            idleW={found.trace.idleW}
            busyW={found.trace.busyW}
            height={180}
          />
          <div className="axis">
            {[0, 0.25, 0.5, 0.75, 1].map((part) => (
              <span key={part}>{timeOf(found.fromMs + part * (found.toMs - found.fromMs), zone, words)}</span>
            ))}
          </div>
          <Text fz="sm" c="dimmed">
            {[
              found.trace.idleW === null ? "" : t("power.idle", { power: powerOf(found.trace.idleW, words) }),
              found.trace.busyW === null ? "" : t("power.busy", { power: powerOf(found.trace.busyW, words) }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </Text>
          <Numbers trace={found.trace} zone={zone} />
        </>
      )}
    </Stack>
  );
}

function Numbers({ trace, zone }: { readonly trace: PowerTrace; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const step = Math.max(1, Math.floor(trace.points.length / tableRows));
  return (
    <details>
      <summary>{t("power.table")}</summary>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("power.time")}</th>
            <th scope="col" className="numeric">
              {t("machine.power")}
            </th>
          </tr>
        </thead>
        <tbody>
          {trace.points
            .filter((_, i) => i % step === 0)
            .map(({ atMs, powerW }) => (
              <tr key={atMs}>
                <td>{timeOf(atMs, zone, words)}</td>
                <td className="numeric">{powerW === null ? "?" : powerOf(powerW, words)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </details>
  );
}
