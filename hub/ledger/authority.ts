/**
 * Who may give which command. One table for pages, command line and imports; the check runs inside the command's transaction,
 * on what is recorded at that moment. The owner, the console (whoever may read the data folder) and the hub itself may give every
 * command. An actor is spelled `cli:NAME`, `hub:WHY`, `owner:ID`, `manager:ID`, `staff:ID` (accounts of the pages) or `member:NUMBER`;
 * any other is nobody and may do nothing.
 *
 *   manager, staff     accounts of the pages, and members with the role staff
 *   steward            a keyholder on duty: with a roster, during a shift
 *   keyholder          whoever has the role steward, for their own shifts
 *   trainer            of the course named; signs only in their own name
 *   maintainer         of the machine named
 *   self               the member whom it is about, or who answers as host
 *   author             in whose name the override was given
 */
import type { CommandContext } from "./commands.ts";
import { localToday } from "./dates.ts";
import type { CommandName } from "./inputs.ts";
import { readSite } from "./meta.ts";
import { isQualified } from "./qualifications.ts";
import { Refused } from "./refuse.ts";
import { keyOf } from "./rows.ts";

export const whos = ["manager", "staff", "steward", "keyholder", "trainer", "maintainer", "self", "author"] as const;
export type Who = (typeof whos)[number];

const ownerOnly: readonly Who[] = [];
const managers: readonly Who[] = ["manager"];
const office: readonly Who[] = ["manager", "staff"];
const duty: readonly Who[] = ["manager", "staff", "steward"];

export const authority: Readonly<Record<CommandName, readonly Who[]>> = {
  // people
  addMember: office,
  setMember: office,
  importMembers: managers,
  eraseMember: managers,
  setRoles: ownerOnly,
  assignCard: office,
  blockCard: [...duty, "self"],
  restoreCard: office,
  openCapture: office,
  setPin: [...office, "self"],
  clearPin: office,
  setDuressPin: [...office, "self"],
  clearDuressPin: office,
  addNoticeChannel: [...office, "self"],
  removeNoticeChannel: [...office, "self"],
  setNoticeTopic: [...office, "self"],
  setQuietHours: [...office, "self"],
  seeNotices: [...office, "self"],
  tryNotices: [...office, "self"],
  setSharing: [...office, "self"],
  askErasure: [...office, "self"],
  takeBackErasure: [...office, "self"],
  addPlan: managers,
  setMembership: office,
  endMembership: office,
  addHold: duty,
  clearHold: office,
  restrict: [...duty, "maintainer"],
  liftRestriction: office,
  signWaiver: duty,
  setGuardian: office,
  removeGuardian: office,
  addGuest: [...duty, "self"],
  setGuest: duty,
  endGuest: [...duty, "self"],
  addCredit: office,
  undoCredit: office,
  // training
  addCourse: managers,
  reviseCourse: managers,
  withdrawRevision: managers,
  grantTraining: [...office, "trainer"],
  revokeTraining: [...office, "trainer"],
  restoreTraining: [...office, "trainer"],
  suspendTraining: [...office, "trainer"],
  resumeTraining: [...office, "trainer"],
  undoTraining: [...office, "trainer"],
  addQualification: managers,
  endQualification: managers,
  // time
  requestBooking: [...duty, "self"],
  addBooking: duty,
  confirmBooking: duty,
  cancelBooking: [...duty, "self"],
  restoreBooking: duty,
  checkIn: [...duty, "self"],
  addClass: office,
  cancelClass: office,
  restoreClass: office,
  enrol: duty,
  withdraw: [...duty, "self"],
  attend: [...duty, "self"],
  undoAttendance: [...duty, "self"],
  addWish: [...duty, "self"],
  endWish: [...duty, "self"],
  addShift: [...office, "keyholder"],
  endShift: [...office, "keyholder"],
  addSchedule: managers,
  // the space and its things
  setSite: managers,
  setMode: duty,
  addNode: managers,
  setNode: managers,
  renewNodeSecret: managers,
  renewCardKeys: ownerOnly,
  openEnrolment: managers,
  closeEnrolment: managers,
  adoptNode: managers,
  rekeyNode: managers,
  confirmKeys: managers,
  replaceNode: managers,
  addMachine: managers,
  setMachine: managers,
  addDoor: managers,
  setDoor: managers,
  setNextStep: office,
  lockMachine: [...duty, "maintainer"],
  unlockMachine: [...office, "maintainer"],
  assignLockout: [...duty, "maintainer"],
  unassignLockout: [...duty, "maintainer"],
  commission: [...managers, "maintainer"],
  takeOver: managers,
  endCommissioning: [...office, "maintainer"],
  removePlan: managers,
  removeCourse: managers,
  removeSchedule: managers,
  removeNode: managers,
  removeMachine: managers,
  removeDoor: managers,
  addZone: managers,
  removeZone: managers,
  addCircuit: managers,
  removeCircuit: managers,
  addAccessory: managers,
  removeAccessory: managers,
  // reports
  draftMonth: managers,
  checkMonth: managers,
  closeMonth: managers,
  askCorrection: [...office, "self"],
  grantCorrection: managers,
  refuseCorrection: managers,
  setTargetGroup: office,
  addHeadcount: duty,
  setBackground: office,
  setRate: managers,
  planMaintenance: [...office, "maintainer"],
  cancelMaintenance: office,
  addMoney: managers,
  noteMaterial: duty,
  undoMaterial: office,
  undoHeadcount: office,
  undoMoney: managers,
  setProject: managers,
  removeProject: managers,
  fundAsset: managers,
  unfundAsset: managers,
  setIndicator: managers,
  removeIndicator: managers,
  noteIndicator: office,
  undoIndicatorNote: office,
  addWebhook: managers,
  setWebhook: managers,
  removeWebhook: managers,
  addScreen: managers,
  renewScreen: managers,
  removeScreen: managers,
  // for a while
  addOverride: [...duty, "maintainer"],
  endOverride: [...duty, "self", "author"],
  closeException: duty,
  reopenException: duty,
};

type Caller =
  | { readonly kind: "all" }
  | { readonly kind: "account"; readonly who: "manager" | "staff" }
  | { readonly kind: "member"; readonly member: number };

/** Who an actor is, or undefined for anything that is not spelled as one. */
export function callerOf(actor: string): Caller | undefined {
  const [, member] = /^member:(\d{1,10})$/.exec(actor) ?? [];
  if (member !== undefined) return { kind: "member", member: Number(member) };
  const [, kind] = /^(cli|hub|owner|manager|staff):[\w.@-]{1,32}$/.exec(actor) ?? [];
  if (kind === "manager" || kind === "staff") return { kind: "account", who: kind };
  return kind === undefined ? undefined : { kind: "all" };
}

/** @throws Refused FORBIDDEN, which says who may */
export function needAuthority(context: CommandContext, name: CommandName, input: unknown): void {
  const caller = callerOf(context.actor);
  if (caller === undefined) {
    const fix = "Name the actor as cli:NAME, owner:ID, manager:ID, staff:ID or member:NUMBER.";
    throw new Refused("FORBIDDEN", `"${context.actor}" is nobody who gives commands.`, fix);
  }
  const allowed = authority[name];
  if (caller.kind === "all" || (caller.kind === "account" && allowed.includes(caller.who))) return;
  if (caller.kind === "member" && isActive(context, caller.member)) {
    const given = input as Given;
    if (allowed.some((who) => holds(context, who, caller.member, given))) return;
  }
  throw new Refused(
    "FORBIDDEN",
    `${context.actor} may not give the command ${name}.`,
    `Ask ${["the owner", ...allowed.map((who) => words[who])].join(", ")}.`,
  );
}

const words: Readonly<Record<Who, string>> = {
  manager: "a manager",
  staff: "staff",
  steward: "a steward on duty",
  keyholder: "the steward whose shift it is",
  trainer: "a trainer of the course",
  maintainer: "a maintainer of the machine",
  self: "the member themselves",
  author: "whoever gave it",
};

/** What the inputs of commands carry that says whom or what they are about. */
type Given = {
  readonly member?: number | null;
  readonly host?: number;
  readonly card?: { readonly number: string } | { readonly cardKey: string };
  readonly booking?: number;
  readonly shift?: number;
  readonly attendance?: number;
  readonly wish?: number;
  readonly course?: string;
  readonly machine?: string;
  readonly place?: string;
  readonly resource?: string | null;
  readonly override?: number;
  readonly signedOffBy?: number;
};

function isActive({ db }: CommandContext, member: number): boolean {
  const row = db.one<{ blocked: number }>(
    `SELECT EXISTS (SELECT 1 FROM blocks b WHERE b.member = m.member AND place IS NULL AND cleared_ms IS NULL) AS blocked
     FROM members m WHERE member = ? AND status = 'active'`,
    member,
  );
  return row?.blocked === 0;
}

function holds(context: CommandContext, who: Who, member: number, given: Given): boolean {
  const { db, nowMs, tz } = context;
  const has = (role: string): boolean =>
    db.one("SELECT 1 FROM members, json_each(roles) WHERE member = ? AND value = ?", member, role) !== undefined;
  const skilled = (role: "trainer" | "maintainer", scope: string | undefined): boolean =>
    scope !== undefined && isQualified(db, member, role, scope, localToday(tz, nowMs));
  switch (who) {
    case "manager":
      return false; // an account of the pages, not a role of a member
    case "staff":
      return has("staff");
    case "steward":
      return has("steward") && (!readSite(db).roster || isOnShift(context, member));
    case "keyholder":
      return has("steward") && (given.member ?? ownerOf(context, "shifts", "shift", given.shift)) === member;
    case "trainer":
      return skilled("trainer", given.course) && given.member !== member && (given.signedOffBy ?? member) === member;
    case "maintainer":
      return skilled("maintainer", given.machine ?? given.place ?? given.resource ?? undefined);
    case "self":
      return subjectOf(context, given) === member;
    case "author":
      return ownerOf(context, "overrides", "override", given.override, "by_member") === member;
  }
}

function isOnShift({ db, nowMs }: CommandContext, member: number): boolean {
  return db.one("SELECT 1 FROM shifts WHERE member = ?1 AND from_ms <= ?2 AND until_ms > ?2", member, nowMs) !== undefined;
}

/** The member whom a command is about: named, the host, the holder of the card, whose booking it is. A guest's host is theirs too. */
function subjectOf(context: CommandContext, given: Given): number | undefined {
  if (given.host !== undefined) return given.host;
  if (given.member !== undefined && given.member !== null) {
    const guest = context.db.one<{ host: number }>("SELECT host FROM guests WHERE member = ?", given.member);
    return guest?.host ?? given.member;
  }
  if (given.card !== undefined) {
    const held = context.db.one<{ member: number }>("SELECT member FROM cards WHERE card_key = ?", keyOf(context, given.card));
    return held?.member;
  }
  if (given.override !== undefined) return ownerOf(context, "overrides", "override", given.override);
  if (given.attendance !== undefined) return ownerOf(context, "attendances", "attendance", given.attendance);
  if (given.wish !== undefined) return ownerOf(context, "wishes", "wish", given.wish);
  return ownerOf(context, "bookings", "booking", given.booking);
}

function ownerOf(
  { db }: CommandContext,
  table: "bookings" | "shifts" | "overrides" | "attendances" | "wishes",
  column: "booking" | "shift" | "override" | "attendance" | "wish",
  id: number | undefined,
  whose: "member" | "by_member" = "member",
): number | undefined {
  return id === undefined
    ? undefined
    : (db.one<{ member: number | null }>(`SELECT ${whose} AS member FROM ${table} WHERE ${column} = ?`, id)?.member ?? undefined);
}
