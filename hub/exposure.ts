/**
 * How long a blocked card may still open what hangs on nodes that are away (domain.md §3.6): they hear of the block when they are
 * back, and until then their snapshot speaks, while it is young enough. A bound, never an estimate: nobody knows what is tried.
 */
import type { Ledger } from "./ledger/types.ts";

/** A node as a running hub sees it; `lastSeenMs` null: not since the hub began. */
export type NodeSeen = { readonly id: string; readonly status: string; readonly lastSeenMs: number | null };

export type Exposure = {
  /** places of nodes that are there: they refuse the card within 2 s */
  readonly closed: readonly string[];
  /** places of nodes that are away and may let it pass; until `untilMs`, or, when null, until their snapshot is too old */
  readonly open: readonly {
    readonly place: string;
    readonly node: string;
    readonly lastSeenMs: number | null;
    readonly untilMs: number | null;
  }[];
};

/** @param nodes  null: no hub runs, so every node is as if away */
export function exposureOf(
  { ledger }: { readonly ledger: Pick<Ledger, "permissions" | "read"> },
  member: number,
  nodes: readonly NodeSeen[] | null,
  nowMs: number,
): Exposure {
  const seen = new Map((nodes ?? []).map((node) => [node.id, node]));
  const closed: string[] = [];
  const open: Exposure["open"][number][] = [];
  for (const { id, node, facts } of ledger.read.resources()) {
    const status = seen.get(node)?.status;
    if (status === "online" || status === "syncing") {
      closed.push(id);
      continue;
    }
    const roles = ledger.permissions.memberFacts(member, id, nowMs)?.subject?.facts.roles ?? [];
    const isStaff = roles.some((role) => role === "staff" || role === "steward" || role === "maintainer");
    if (facts.offline === "deny" || (facts.offline === "staff" && !isStaff)) continue;
    const lastSeenMs = seen.get(node)?.lastSeenMs ?? null;
    const untilMs = lastSeenMs === null ? null : lastSeenMs + facts.offlineMaxAgeMs * (isStaff ? 2 : 1); // R90
    if (untilMs === null || untilMs > nowMs) open.push({ place: id, node, lastSeenMs, untilMs });
  }
  return { closed, open };
}
