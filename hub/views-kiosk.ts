/**
 * What the tablet at the desk shows and does: types only. Nobody's name is ever on it: who does something says who they are for that one
 * thing, and nothing of it stays. Times are UTC ms.
 */
import type { SiteMode } from "#contract";
import type { Language } from "./views.ts";

export type KioskPicture = {
  readonly site: { readonly name: string; readonly zone: string; readonly mode: SiteMode; readonly simulated: boolean };
  /** that a problem can be reported of, by name */
  readonly machines: readonly { readonly id: string; readonly label: string }[];
  /** by name, the reader beside it; null: it takes no cards */
  readonly reader: string | null;
};
export type KioskCard = {
  readonly state: "waiting" | "done" | "refused" | "over";
  readonly untilMs: number;
};

/** A kiosk whose link is good. */
export type Kiosk = {
  readonly name: string;
  readonly languages: readonly Language[];
  picture(): KioskPicture;
  /** Locks the machine until somebody has looked, and calls staff. False: there is no such machine. */
  report(machine: string, reason: string): Promise<boolean>;
  /** The next card at its reader becomes this member's. Undefined: there is no such member. Rejects with HubError where it takes no cards. */
  awaitCard(member: number): Promise<{ readonly capture: number; readonly untilMs: number } | undefined>;
  /** undefined: it waits for no such card */
  card(capture: number): KioskCard | undefined;
};
export type Kiosks = {
  /** undefined: there is no such kiosk, or its link has ended */
  kiosk(name: string, token: string): Kiosk | undefined;
};
