/** Sessions and runs as the log tells them (domain.md §4.5): pure, the same from any order of arrival. */
import type { EndReason, NodeEvent } from "#contract";

/** An event as it lies in the log: with its node and the UTC time the hub believes. */
export type StoredEvent = NodeEvent & { readonly node: string; readonly evtMs: number };

export type RunRecord = {
  readonly run: string;
  readonly node: string;
  readonly ch: string;
  readonly session: string | null;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly energyWh: number;
  readonly peakW: number;
  readonly uncertainMs: number;
};
export type SessionRecord = {
  readonly session: string;
  readonly node: string;
  readonly ch: string;
  readonly member: number;
  readonly decision: string;
  readonly phase: "attended" | "unattended" | "ending" | "closed";
  readonly provisional: boolean;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly endReason: EndReason | null;
  readonly busyMs: number;
  readonly energyWh: number;
};
/** Sessions and runs by id; `lastMs` is the latest evidence per node, where a session ends that nobody closed. */
export type Sessions = {
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  readonly runs: ReadonlyMap<string, RunRecord>;
  readonly lastMs: ReadonlyMap<string, number>;
};

/** Total order of the log: time, then node, boot and sequence. */
export function inLogOrder(_a: StoredEvent, _b: StoredEvent): number {
  throw new Error("being written");
}
export const noSessions: Sessions = { sessions: new Map(), runs: new Map(), lastMs: new Map() };
/** One more event in order. Events of no concern return the same object. */
export function applySession(_state: Sessions, _event: StoredEvent): Sessions {
  throw new Error("being written");
}
/** All of them, in any order, duplicates allowed. */
export function foldSessions(_events: Iterable<StoredEvent>): Sessions {
  throw new Error("being written");
}
