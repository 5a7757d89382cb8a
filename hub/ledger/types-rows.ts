/** Rows that people keep and look through: trainings, holds, guests, credit, bookings, shifts, zones; and how to ask for them. */
import type { Code, EventKind } from "#contract";
import type { Locale, NoticeFacts, NoticeKind, NoticeTopic, NoticeWay, WiringLine, WiringOutcome } from "#core";
import type { CorrectionRow } from "./corrections.ts";
import type { TableOut } from "./everything.ts";
import type { ProjectRow } from "./projects.ts";
import type { SpaceFacts } from "./space-facts.ts";

export type { CorrectionRow, ProjectRow };

export type TrainingRow = {
  readonly member: number;
  readonly course: string;
  readonly rev: number;
  readonly result: "passed" | "failed" | "supervised_only";
  readonly signedOffBy: number;
  readonly on: string;
  readonly validThrough: string | null;
  readonly suspendedMs: number | null;
  readonly revokedMs: number | null;
};
/** A membership with its first and last day; `validThrough` null: without an end. */
export type MembershipRow = {
  readonly member: number;
  readonly plan: string;
  readonly from: string;
  readonly validThrough: string | null;
  readonly graceDays: number;
};
/** A course as its newest revision has it. */
export type CourseRow = {
  readonly course: string;
  readonly label: string;
  readonly rev: number;
  readonly effective: string;
  readonly validityMonths: number | null;
  readonly currencyDays: number | null;
  readonly minAge: number | null;
  readonly prerequisites: readonly string[];
};
export type QualificationRow = {
  readonly member: number;
  readonly role: "trainer" | "maintainer";
  /** the course or machine; null: all of them */
  readonly scope: string | null;
  readonly from: string | null;
  readonly through: string | null;
};
/** A hold (`place` null) or a restriction that nobody has cleared. */
export type BlockRow = {
  readonly member: number;
  readonly place: string | null;
  readonly reason: string;
  readonly atMs: number;
  readonly by: string;
  readonly through: string | null;
};
export type GuestRow = {
  readonly member: number;
  readonly displayName: string;
  readonly host: number;
  readonly untilMs: number;
  readonly visits: number | null;
  /** days on which they have come */
  readonly came: number;
};
/** What a member was told, and what became of it on each way. `doneMs` null: not delivered yet; `problem`: why the last attempt failed. */
export type NoticeRow = {
  readonly notice: number;
  readonly member: number;
  readonly kind: NoticeKind;
  readonly facts: NoticeFacts;
  readonly atMs: number;
  /** listed on the member's own page */
  readonly isShown: boolean;
  readonly deliveries: readonly {
    readonly channel: number;
    readonly way: NoticeWay;
    readonly tries: number;
    readonly doneMs: number | null;
    readonly problem: string | null;
  }[];
};
/** A way to reach a member. `triedMs` null: nothing was sent there yet; `problem`: why the last attempt failed. */
export type NoticeChannelRow = {
  readonly channel: number;
  readonly member: number;
  readonly way: NoticeWay;
  readonly address: string;
  readonly triedMs: number | null;
  readonly problem: string | null;
};
/** What a member wants of a topic: on their own page and, by number of the channel, elsewhere. */
export type NoticeWish = {
  readonly topic: NoticeTopic;
  readonly isShown: boolean;
  readonly channels: Readonly<Record<number, boolean>>;
};
/** How a member wants to be told. `unseen`: how many they have not looked at yet; `seen`: the last one that they have. */
export type NoticeSettings = {
  readonly quiet: { readonly from: string; readonly until: string } | null;
  readonly dailyAt: string | null;
  readonly unseen: number;
  readonly seen: number;
  readonly topics: readonly NoticeWish[];
};
/** One message to be sent now: a notice, or several that have waited together. */
export type NoticeDue = {
  readonly channel: number;
  readonly way: NoticeWay;
  readonly address: string;
  /** of a browser's subscription (RFC 8291): its public key and its secret, base64url */
  readonly pushKeys: { readonly p256dh: string; readonly auth: string } | null;
  readonly locale: Locale;
  readonly notices: readonly { readonly notice: number; readonly kind: NoticeKind; readonly facts: NoticeFacts; readonly atMs: number }[];
};
/** What became of a message. `isGone`: nobody will ever read what is sent there again. */
export type NoticeOutcome = {
  readonly channel: number;
  readonly notices: readonly number[];
  readonly problem: string | null;
  readonly isGone?: boolean;
};
/** What the hub itself has noticed, for these members or for all staff. */
export type NoticeToTell = {
  readonly kind: NoticeKind;
  readonly facts: NoticeFacts;
  /** once for each */
  readonly source: string;
  readonly to: readonly number[] | "staff";
};
/** A program that is told what happens. `told`: the last entry of the log it has; `toldMs` null: it was told nothing yet. */
export type WebhookRow = {
  readonly webhook: number;
  readonly url: string;
  readonly kinds: readonly EventKind[];
  readonly isPaused: boolean;
  readonly told: number;
  readonly tries: number;
  readonly nextMs: number;
  readonly toldMs: number | null;
  readonly problem: string | null;
};
export type WebhookDue = Pick<WebhookRow, "webhook" | "url" | "kinds" | "told"> & { readonly secret: string };
export type GuardianRow = { readonly member: number; readonly guardian: number; readonly consentMs: number | null };
export type CreditRow = {
  readonly entry: number;
  readonly cents: number;
  readonly reason: string;
  readonly atMs: number;
  readonly by: string;
  readonly reverses: number | null;
};
export type BookingRow = {
  readonly booking: number;
  readonly machine: string;
  readonly member: number | null;
  readonly class: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly state: "requested" | "confirmed" | "checked_in" | "done" | "no_show" | "cancelled";
};
export type ClassRow = {
  readonly class: string;
  readonly label: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly places: readonly string[];
  readonly isCancelled: boolean;
  /** null: as many as come */
  readonly seats: number | null;
  /** what is taught */
  readonly course: string | null;
  readonly enrolled: readonly number[];
  readonly kind: string;
  /** who has signed in, without what was taken back; member null: guests only */
  readonly present: readonly { readonly attendance: number; readonly member: number | null; readonly guests: number }[];
  readonly guests: number;
};
/** One that is open. */
export type WishRow = {
  readonly wish: number;
  readonly member: number;
  readonly course: string | null;
  readonly machine: string | null;
  readonly atMs: number;
};
export type ShiftRow = {
  readonly shift: number;
  readonly member: number;
  readonly zone: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
};
export type ZoneRow = {
  readonly zone: string;
  readonly label: string;
  readonly parent: string | null;
  readonly people: number | null;
  readonly capacity: "off" | "warn" | "deny";
  readonly loneWorking: "ok" | "warn" | "forbid";
};
export type CircuitRow = { readonly circuit: string; readonly label: string; readonly budgetW: number };
export type AccessoryRow = { readonly machine: string; readonly accessory: string; readonly label: string; readonly course: string | null };

/** A reader waits for a new card, has got it, or got one that cannot be given. */
export type CaptureRow = {
  readonly capture: number;
  readonly member: number;
  readonly untilMs: number;
  readonly cardKey: string | null;
  /** why nothing came of it */
  readonly refused: string | null;
};
export type OverrideRow = {
  readonly override: number;
  readonly member: number;
  readonly resource: string;
  /** in whose name */
  readonly by: number;
  readonly codes: readonly Code[];
  readonly reason: string;
  readonly atMs: number;
  readonly untilMs: number;
};
/** A use that a node allowed alone and that the facts of that moment refuse. */
export type ExceptionRow = {
  readonly exception: number;
  readonly member: number;
  readonly resource: string;
  readonly code: Code;
  readonly evtMs: number;
  readonly noticedMs: number;
  readonly closedMs: number | null;
};

/** What a wiring test found, or that a machine was taken over untested; `about` is what the node was then. */
export type CommissioningRow = {
  readonly commissioning: number;
  readonly resource: string;
  readonly node: string;
  readonly ch: string;
  readonly basis: "tested" | "taken_over";
  readonly outcome: WiringOutcome;
  readonly lines: readonly WiringLine[];
  readonly about: {
    readonly firmware?: string | null;
    readonly hardware?: string | null;
    readonly configVersion?: number;
    readonly senses?: readonly string[];
    /** fingerprint of the wiring in the node's file; null: the node has not told */
    readonly wiring?: string | null;
  };
  readonly reason: string;
  readonly atMs: number;
  readonly by: string;
  readonly endedMs: number | null;
  readonly endedBy: string | null;
  readonly endedReason: string | null;
  readonly isValid: boolean;
};

export type RowReads = {
  /** newest first, of one member or of all */
  notices(query: { readonly member?: number; readonly limit: number }): NoticeRow[];
  /** whom a row of an imported list is about; null: nobody yet. `problem`: a sentence, when it cannot be told */
  knownAs(row: {
    readonly displayName: string;
    readonly externalRef?: string;
    readonly mail?: string;
  }): number | null | { readonly problem: string };
  /** what the space is, in the words of the commands that make it so */
  spaceFacts(): SpaceFacts;
  /** every table, without secrets, for those who take everything along */
  everyTable(): TableOut[];
  webhooks(): WebhookRow[];
  /** those that may be told at this time */
  webhooksDue(nowMs: number): WebhookDue[];
  /** corrections of sessions, newest first; `open`: without an answer */
  corrections(query?: { readonly member?: number; readonly open?: boolean }): CorrectionRow[];
  /** projects of funders with what they paid for and promised */
  projects(): ProjectRow[];
  /** of one member, or of all */
  noticeChannels(member?: number): NoticeChannelRow[];
  noticeSettings(member: number): NoticeSettings;
  /** messages to be sent at this time, urgent ones first */
  noticesDue(nowMs: number): NoticeDue[];
  /** earliest first */
  memberships(member: number): MembershipRow[];
  trainings(member: number): TrainingRow[];
  courses(): CourseRow[];
  qualifications(): QualificationRow[];
  /** uncleared holds and restrictions, of one member or of all */
  blocks(member?: number): BlockRow[];
  guests(): GuestRow[];
  guardians(member: number): GuardianRow[];
  /** newest first, with the balance */
  credit(member: number): { readonly balanceCents: number; readonly entries: readonly CreditRow[] };
  /** that end after `fromMs`, earliest first */
  bookings(fromMs: number): BookingRow[];
  classes(fromMs: number): ClassRow[];
  wishes(): WishRow[];
  shifts(fromMs: number): ShiftRow[];
  zones(): ZoneRow[];
  circuits(): CircuitRow[];
  accessories(): AccessoryRow[];
  capture(capture: number): CaptureRow | undefined;
  /** newest first, of one place or of all */
  commissionings(resource?: string): CommissioningRow[];
  /** in force at the instant, latest last */
  overrides(atMs: number): OverrideRow[];
  /** after this number, in order; the newest 1,000 of those that nobody has closed, or of all */
  exceptions(query: { readonly after?: number; readonly all?: boolean }): ExceptionRow[];
  /** a check that is due, and who used the machine before it */
  checkOf(machine: string): { readonly rejected: boolean; readonly lastMember: number } | null;
  /** when each channel's last closed session ended */
  lastEnds(): { readonly node: string; readonly ch: string; readonly endMs: number }[];
};
