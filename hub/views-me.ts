/**
 * What a member sees of themselves: types only. Of other people only who teaches, and who has chosen to be seen. Times are UTC ms, dates
 * `YYYY-MM-DD` in the space's zone, energy in watt-hours, money in cents; null means unknown or none, as said.
 */
import type { Language, MachineStatus } from "./views.ts";

export type MyTraining = {
  readonly course: string;
  readonly label: string;
  readonly state: "valid" | "expired" | "suspended" | "supervised" | "missing";
  /** last day; null: without an end, or there is none */
  readonly validThrough: string | null;
  /** labels of the machines that ask for it */
  readonly machines: readonly string[];
  /** labels of the courses that must come first and are missing */
  readonly needs: readonly string[];
  readonly teachers: readonly string[];
  readonly nextClass: { readonly label: string; readonly fromMs: number; readonly freeSeats: number | null } | null;
};
export type MyCard = {
  readonly cardKey: string;
  readonly label: string;
  readonly status: "active" | "lost" | "stolen" | "returned" | "revoked";
  readonly sinceMs: number;
  readonly validThrough: string | null;
};
export type MyCorrection = {
  readonly toMs: number;
  readonly reason: string;
  readonly outcome: "granted" | "refused" | null;
  readonly answer: string | null;
};
export type MySession = {
  readonly session: string;
  readonly label: string;
  readonly startedMs: number;
  /** null: it is open */
  readonly endedMs: number | null;
  readonly busyMs: number;
  readonly energyWh: number;
  /** null: nobody has said what an hour costs */
  readonly cents: number | null;
  readonly correction: MyCorrection | null;
};
export type MyBooking = {
  readonly booking: number;
  readonly label: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly state: string;
};
/** `lines`: what to do next, and why it came. `sent`: on how many ways it has left, of how many. */
export type MyNotice = {
  readonly notice: number;
  readonly atMs: number;
  readonly title: string;
  readonly lines: readonly string[];
  readonly isUrgent: boolean;
  readonly isNew: boolean;
  readonly sent: readonly [done: number, of: number];
};
export type NoticeWay = "post" | "mail" | "push" | "telegram" | "matrix" | "discord" | "slack";
/** A way to reach them. `triedMs` null: nothing was sent there yet; `problem`: why the last attempt failed. */
export type MyChannel = {
  readonly channel: number;
  readonly way: NoticeWay;
  readonly address: string;
  readonly triedMs: number | null;
  readonly problem: string | null;
};
export type MyNotices = {
  readonly latest: readonly MyNotice[];
  readonly unseen: number;
  readonly channels: readonly MyChannel[];
  /** ways on which this space can send */
  readonly ways: readonly NoticeWay[];
  /** `isOnPage` and `on` (by number of the channel): whether it is told there */
  readonly topics: readonly {
    readonly topic: string;
    readonly name: string;
    readonly isOnPage: boolean;
    readonly on: Readonly<Record<string, boolean>>;
  }[];
  /** `HH:MM` of the space */
  readonly quiet: { readonly from: string; readonly until: string } | null;
  readonly dailyAt: string | null;
};
export type MyNext = {
  readonly kind: "booking" | "class" | "shift";
  readonly label: string;
  readonly fromMs: number;
  readonly untilMs: number;
};

export type Me = {
  readonly member: number;
  readonly name: string;
  readonly zone: string;
  readonly space: string;
  readonly plan: string | null;
  readonly validThrough: string | null;
  /** null: the space has no opening hours */
  readonly isOpen: boolean | null;
  readonly changesMs: number | null;
  readonly next: MyNext | null;
  readonly machines: readonly {
    readonly id: string;
    readonly label: string;
    readonly status: MachineStatus;
    /** the training it asks for is there, or it asks for none */
    readonly isTrained: boolean;
  }[];
  readonly trainings: readonly MyTraining[];
  readonly cards: readonly MyCard[];
  readonly bookings: readonly MyBooking[];
  readonly balanceCents: number;
  /** who is here and has chosen to be seen; the rest is a number */
  readonly present: { readonly count: number; readonly names: readonly string[] };
  readonly sharing: { readonly presence: "nobody" | "members" | "alias"; readonly alias: string | null };
  readonly notices: MyNotices;
  readonly asksErasure: boolean;
};
export type MyUse = { readonly sessions: readonly MySession[]; readonly zone: string };
/** Who looked at or changed what the space has on a member. */
/** `reason`: why somebody looked at their page; null: it was a change */
export type MyTrail = readonly { readonly atMs: number; readonly who: string; readonly what: string; readonly reason: string | null }[];

/** Each strictly about the member named; undefined: there is no such member. */
export type MeView = {
  me(member: number, language: Language): Me | undefined;
  /** newest first, of the last thirteen months */
  use(member: number): MyUse | undefined;
  /** with which a browser subscribes to notices of this space */
  pushKey(): Promise<string>;
  trail(member: number): MyTrail | undefined;
  /** everything the space has on them */
  everything(member: number, language: Language): object | undefined;
  useCsv(member: number): string | undefined;
};
