/**
 * The space for Prometheus (text format 0.0.4, prometheus.io/docs/instrumenting/exposition_formats): base units, and labels with few
 * values; no member has one. What is not known has no line, so that a graph shows a gap and not a zero.
 */
import type { Picture } from "./picture.ts";

/** Upper bounds of the buckets of how long a decision took, seconds. */
export const decisionBucketsS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5] as const;
export type Decisions = {
  /** since this start, by `point`, `result` and `reason` */
  readonly counts: ReadonlyMap<
    string,
    { readonly point: string; readonly result: string; readonly reason: string; readonly count: number }
  >;
  /** as many as there are buckets, and one for all above */
  readonly durations: readonly number[];
  readonly durationSumS: number;
};

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

export function metricsText(picture: Picture, decisions: Decisions, version: string): string {
  const { machines, nodes, people, isOpen } = picture;
  const present = <T>(rows: readonly T[], labels: (row: T) => Labels, value: (row: T) => number | null): Sample[] =>
    rows.flatMap((row) => {
      const found = value(row);
      return found === null ? [] : [[labels(row), found] as const];
    });
  const machine = ({ id }: { readonly id: string }) => ({ machine: id });
  const node = ({ id }: { readonly id: string }) => ({ node: id });
  return [
    family("koprade_build_info", "gauge", "The program that runs.", [[{ version }, 1]]),
    family(
      "koprade_access_decisions_total",
      "counter",
      "Decisions since the hub started.",
      [...decisions.counts.values()].map(({ count, ...labels }) => [labels, count] as const),
    ),
    durations(decisions),
    family(
      "koprade_machine_state",
      "gauge",
      "1 for the state a machine is in.",
      present(
        machines,
        ({ id, status }) => ({ machine: id, state: status }),
        () => 1,
      ),
    ),
    family(
      "koprade_machine_power_watts",
      "gauge",
      "What a machine draws now.",
      present(machines, machine, ({ powerW }) => powerW),
    ),
    family(
      "koprade_machine_energy_today_joules",
      "gauge",
      "What a machine has drawn since midnight of the space.",
      present(machines, machine, ({ energyTodayWh }) => (energyTodayWh === null ? null : energyTodayWh * 3600)),
    ),
    family(
      "koprade_door_state",
      "gauge",
      "1 for the state a door is in.",
      present(
        picture.doors,
        ({ id, status }) => ({ door: id, state: status }),
        () => 1,
      ),
    ),
    family(
      "koprade_node_up",
      "gauge",
      "Whether a node is there.",
      present(nodes, node, ({ status }) => (status === "online" ? 1 : 0)),
    ),
    family(
      "koprade_node_last_seen_timestamp_seconds",
      "gauge",
      "When a node was heard last.",
      present(nodes, node, ({ lastSeenMs }) => (lastSeenMs === null ? null : lastSeenMs / 1000)),
    ),
    family(
      "koprade_outbox_depth",
      "gauge",
      "Events that wait at a node.",
      present(nodes, node, ({ outboxDepth }) => outboxDepth),
    ),
    family(
      "koprade_snapshot_age_seconds",
      "gauge",
      "Age of the permissions a node decides from.",
      present(nodes, node, ({ snapshotAgeMs }) => (snapshotAgeMs === null ? null : snapshotAgeMs / 1000)),
    ),
    family("koprade_people_present", "gauge", "People known to be in; best effort.", [[{}, people]]),
    family("koprade_space_open", "gauge", "Whether the space is open by its hours.", isOpen === null ? [] : [[{}, isOpen ? 1 : 0]]),
  ].join("");
}

function family(name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`);
  return lines.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

/** A histogram: each bucket counts everything up to its bound. */
function durations({ durations: counts, durationSumS }: Decisions): string {
  const name = "koprade_decision_duration_seconds";
  let sum = 0;
  const buckets = counts.map((count, i) => {
    sum += count;
    return `${name}_bucket{le="${decisionBucketsS[i] ?? "+Inf"}"} ${sum}\n`;
  });
  return `# HELP ${name} How long decisions took.\n# TYPE ${name} histogram\n${buckets.join("")}${name}_sum ${durationSumS}\n${name}_count ${sum}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/["\\\n]/g, escapes)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
const escapes = (letter: string): string => (letter === "\n" ? "\\n" : `\\${letter}`);
