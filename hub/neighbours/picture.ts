/** What neighbours may know of the space: numbers, states and labels, never a person. `hub/neighbours.ts` makes it of a running space. */
import type { DoorLive, MachineLive, NodeLive } from "../views.ts";

export type PublicDoor = Pick<DoorLive, "id" | "label" | "status">;
export type PublicMachine = Pick<MachineLive, "id" | "label" | "status" | "powerW" | "energyTodayWh">;
export type PublicNode = Pick<NodeLive, "id" | "status" | "lastSeenMs" | "outboxDepth" | "snapshotAgeMs">;
export type Picture = {
  readonly name: string;
  /** IANA zone */
  readonly zone: string;
  readonly nowMs: number;
  /** null: the space has no opening hours, so nobody can say */
  readonly isOpen: boolean | null;
  /** UTC ms since which `isOpen` is what it is; null: not known */
  readonly openSinceMs: number | null;
  /** best effort (domain.md D6) */
  readonly people: number;
  readonly members: number;
  readonly doors: readonly PublicDoor[];
  readonly machines: readonly PublicMachine[];
  readonly nodes: readonly PublicNode[];
};
