/** The boxes on the walls: which are there, what waits in them, and what is wrong. */
import { spanOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { type Mark, nodeMarks, StatusMark } from "../../shared/status-mark.tsx";
import { useHubNow } from "../../shared/use-live.ts";
import type { Node } from "../../shared/wire.ts";

/** A node that is there with something wrong is not simply fine. */
function markOf(node: Node, stale: boolean): Mark {
  if (stale) return { letter: "?", tone: "none", word: "machine.unknown" };
  const mark = nodeMarks[node.status];
  return node.trouble !== null && mark.tone === "ok" ? { ...mark, letter: "!", tone: "wait" } : mark;
}

/** Permissions older than this are worth a word. */
const permissionsOldMs = 3_600_000;

export function NodeList({ nodes, stale, zone }: { readonly nodes: readonly Node[]; readonly stale: boolean; readonly zone: string }) {
  const words = useWords();
  const { t, plural } = words;
  const nowMs = useHubNow();
  const factsOf = (node: Node): string[] => [
    ...(node.trouble === null ? [] : [node.trouble]),
    ...(node.outboxDepth === null || node.outboxDepth === 0 ? [] : [plural("plural.waiting", node.outboxDepth)]),
    ...(node.clock === "synced" || node.status === "offline"
      ? []
      : [t(node.clock === "holdover" ? "node.clock_holdover" : "node.clock_unknown")]),
    ...(node.snapshotAgeMs === null || node.snapshotAgeMs < permissionsOldMs
      ? []
      : [t("node.permissions", { age: spanOf(node.snapshotAgeMs, words) })]),
    ...(node.lastSeenMs === null || node.status === "online"
      ? []
      : [t("node.seen", { time: timeOf(node.lastSeenMs, zone, words, { nowMs }) })]),
  ];
  return (
    <ul className="nodes">
      {nodes.map((node) => (
        <li key={node.id} data-testid={`node-${node.id}`} data-status={node.status}>
          <span className="node-name">{node.label}</span>
          <StatusMark mark={markOf(node, stale)} small />
          {factsOf(node).length > 0 && <p className="quiet">{factsOf(node).join(" · ")}</p>}
        </li>
      ))}
    </ul>
  );
}
