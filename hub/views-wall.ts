/**
 * What a screen on a wall shows: types only. No person is in it, not even as a number: no member, no name, no words that somebody wrote
 * about a machine. Times are UTC ms; null means unknown, never zero or free.
 */
import type { SiteMode } from "#contract";
import type { Language, MachineStatus, NodeStatus } from "./views.ts";

export const wallBoards = ["machines", "today", "printers", "month", "sign"] as const;
export type WallBoard = (typeof wallBoards)[number];

export type WallSite = {
  readonly name: string;
  readonly zone: string;
  readonly mode: SiteMode;
  readonly simulated: boolean;
  /** since when the hub hears no node, because the broker is away; null: it hears them */
  readonly deafSinceMs: number | null;
};

/** A unit of work as the machine's controller tells it. */
export type WallJob = { readonly state: "preparing" | "running" | "paused" | "complete" | "failed"; readonly sinceMs: number };
export type WallMachine = {
  readonly id: string;
  readonly label: string;
  readonly node: string;
  readonly status: MachineStatus;
  readonly sinceMs: number | null;
  /** its controller tells of jobs; null: of none */
  readonly job: WallJob | null;
};
export type WallNode = { readonly id: string; readonly status: NodeStatus; readonly seenMs: number | null };

export type WallClass = {
  readonly label: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly places: readonly string[];
  /** null: as many as come */
  readonly freeSeats: number | null;
};
export type WallBooking = { readonly machine: string; readonly label: string; readonly fromMs: number; readonly untilMs: number };
export type WallToday = {
  /** null: the space has no opening hours, so nobody can say */
  readonly isOpen: boolean | null;
  /** when that changes; null: not within this week */
  readonly changesMs: number | null;
  /** that end within the next 24 h, earliest first */
  readonly classes: readonly WallClass[];
  readonly bookings: readonly WallBooking[];
};

/** Heads fewer than five are `few`, as in the report. */
export type WallHeads = number | "few" | null;
export type WallMonth = {
  /** `2026-11` */
  readonly month: string;
  readonly busyHours: number | null;
  readonly people: WallHeads;
  readonly events: number | null;
  readonly volunteerHours: number | null;
  /** hours each machine worked, most first, at most eight */
  readonly machines: readonly { readonly label: string; readonly hours: number }[];
};

export type WallPicture = {
  readonly site: WallSite;
  readonly machines: readonly WallMachine[];
  readonly nodes: readonly WallNode[];
  readonly today: WallToday;
};
export type WallChange =
  | { readonly kind: "site"; readonly site: WallSite }
  | { readonly kind: "machine"; readonly machine: WallMachine }
  | { readonly kind: "node"; readonly node: WallNode }
  | { readonly kind: "today"; readonly today: WallToday }
  /** machines came or went: everything anew */
  | { readonly kind: "all"; readonly picture: WallPicture };

export type WallView = {
  snapshot(): WallPicture;
  /** `listen` never throws; the returned function ends it */
  subscribe(listen: (change: WallChange) => void): () => void;
  month(): WallMonth;
};

/** A screen whose link is good. */
export type Screen = {
  readonly name: string;
  readonly boards: readonly WallBoard[];
  readonly languages: readonly Language[];
  readonly view: WallView;
};
export type Screens = {
  /** undefined: there is no such screen, or its link has ended */
  wall(name: string, token: string): Screen | undefined;
  /** calls `listen` when links may have ended; the returned function ends it */
  onDoubt(listen: () => void): () => void;
};
