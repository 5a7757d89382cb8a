/** A space in which every command has something to do: who is who in it, and one input for each that the console may give. */
import { createHash } from "node:crypto";
import { checksOf } from "../../hub/core/index.ts";
import { runCommand } from "../../hub/ledger/commands.ts";
import { Database } from "../../hub/ledger/database.ts";
import type { CommandInput, CommandName } from "../../hub/ledger/inputs.ts";
import { loadKeys, makeKeys, type SiteKeys } from "../../hub/ledger/keys.ts";
import { setMeta } from "../../hub/ledger/meta.ts";
import { migrate } from "../../hub/ledger/migrations.ts";

/** Wednesday noon in Riga. */
export const nowMs = Date.parse("2026-11-25T10:00:00Z");
const hour = 3_600_000;
const console_ = "cli:test";

/** A ledger in memory whose transactions can be told to leave nothing behind, so that every trial meets the same space. */
export class TrialDatabase extends Database {
  leavesNothing = false;
  /** looks at what a trial has written before it is taken back */
  onWritten: () => void = () => undefined;

  override transaction<Result>(work: () => Result): Result {
    if (!this.leavesNothing) return super.transaction(work);
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.onWritten();
      return result;
    } finally {
      this.exec("ROLLBACK");
    }
  }
}

export type People = Readonly<
  Record<
    "ada" | "bo" | "cid" | "desk" | "heldDesk" | "duty" | "offDuty" | "trainer" | "woodTrainer" | "maintainer" | "sawMaintainer",
    number
  >
>;
export type Space = { readonly db: TrialDatabase; readonly keys: SiteKeys; readonly people: People; readonly inputs: Inputs };
export type Inputs = { readonly [C in CommandName]: CommandInput<C> };

const card = (n: number) => ({ number: `em4100:0F0000000${n}` });
/** X25519 of RFC 7748 §6.1, Bob's */
export const newcomerKey = "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08";
const span = { fromMs: nowMs + 24 * hour, untilMs: nowMs + 26 * hour };
const machine = { node: "node-1", label: "Machine", riskClass: "B" as const, cutHazard: false };

export function openSpace(dir: string): Space {
  makeKeys(dir);
  const keys = loadKeys(dir);
  const db = new TrialDatabase(":memory:");
  migrate(db);
  setMeta(db, "tz", "Europe/Riga");
  const give = <C extends CommandName>(name: C, input: CommandInput<C>) => runCommand(db, keys, { name, input, actor: console_ }, nowMs);
  const people = furnish(give);
  const { bo } = people;
  for (const [source, closedMs] of [
    ["n/b/1", null],
    ["n/b/2", nowMs],
  ] as const)
    db.run(
      "INSERT INTO exceptions (source, member, resource, code, evt_ms, noticed_ms, closed_ms) VALUES (?, ?, 'front', 'HOLD_ACTIVE', ?, ?, ?)",
      source,
      bo,
      nowMs,
      nowMs,
      closedMs,
    );
  for (const n of [1, 2, 3]) openSession(db, sessionOf(n), people.ada);
  for (const n of [1, 2])
    runCommand(
      db,
      keys,
      {
        name: "askCorrection",
        input: { member: people.ada, session: sessionOf(n), toMs: nowMs - hour, reason: "forgot" },
        actor: `member:${people.ada}`,
      },
      nowMs,
    );
  return { db, keys, people, inputs: inputsFor(people) };
}

/** A session at the laser, from two hours ago until half an hour ago. */
const sessionOf = (n: number): string => `01JDGZZZZZ${"0".repeat(15)}${n}`;
function openSession(db: Database, session: string, member: number): void {
  const [startMs, endMs] = [nowMs - 2 * hour, nowMs - hour / 2];
  db.run(
    "INSERT INTO sessions (session, node, ch, member, start_ms, end_ms, record) VALUES (?, 'node-1', 'laser', ?, ?, ?, ?)",
    session,
    member,
    startMs,
    endMs,
    JSON.stringify({ session, node: "node-1", ch: "laser", member, startMs, endMs, endReason: "tap_out" }),
  );
}

type Give = <C extends CommandName>(name: C, input: CommandInput<C>) => ReturnType<typeof runCommand<C>>;

const wall = {
  screen: "entrance",
  boards: ["machines" as const],
  languages: ["lv" as const],
  untilMs: span.untilMs,
};

function furnish(give: Give): People {
  const add = (displayName: string): number => (give("addMember", { displayName }) as { member: number }).member;
  const [ada, bo, cid] = [add("Ada"), add("Bo"), add("Cid")];
  const [desk, heldDesk, duty, offDuty] = [add("Desk"), add("Held"), add("Duty"), add("Off")];
  const [trainer, woodTrainer, maintainer, sawMaintainer] = [add("Tia"), add("Wim"), add("Max"), add("Sam")];
  give("addNoticeChannel", { member: ada, way: "mail", address: "ada@example.org" });
  for (const member of [desk, heldDesk]) give("setRoles", { member, roles: ["staff"] });
  for (const member of [duty, offDuty]) give("setRoles", { member, roles: ["steward"] });
  give("setSite", { roster: true });
  give("addShift", { member: duty, fromMs: nowMs - hour, untilMs: nowMs + hour });
  give("addShift", { member: offDuty, ...span });
  for (const course of ["laser", "wood", "empty"]) give("addCourse", { course, label: course });
  give("reviseCourse", { course: "empty", supersedes: "keep" });
  give("addQualification", { member: trainer, role: "trainer", scope: "laser" });
  give("addQualification", { member: woodTrainer, role: "trainer", scope: "wood" });
  give("addPlan", { plan: "full", label: "Full" });
  give("addZone", { zone: "attic", label: "Attic" });
  give("addCircuit", { circuit: "feed-9", label: "Feed", budgetW: 3600 });
  give("addNode", { node: "node-1", kind: "mixed" });
  give("addDoor", { door: "front", node: "node-1", ch: "door", label: "Front", failMode: "safe" });
  give("addMachine", { ...machine, machine: "laser-1", ch: "laser", course: "laser" });
  give("addMachine", { ...machine, machine: "saw-1", ch: "saw", course: "wood" });
  give("addPlan", { plan: "spare", label: "Spare" });
  give("addCourse", { course: "spare", label: "Spare" });
  give("addSchedule", { schedule: "spare", hours: { intervals: [], special: [] } });
  give("openEnrolment", {});
  give("addNode", { node: "stand-in", kind: "mixed" });
  give("rekeyNode", { node: "stand-in", boxKey: newcomerKey, ca: null });
  give("addNode", { node: "spare", kind: "door" });
  give("setNode", { node: "spare", status: "revoked" });
  give("addMachine", { ...machine, machine: "spare", ch: "spare", course: null });
  give("addDoor", { door: "side", node: "node-1", ch: "side", label: "Side", failMode: "safe" });
  give("addAccessory", { machine: "laser-1", accessory: "rotary", label: "Rotary", course: null });
  give("addQualification", { member: maintainer, role: "maintainer", scope: "laser-1" });
  give("addQualification", { member: sawMaintainer, role: "maintainer", scope: "saw-1" });
  give("takeOver", { resource: "laser-1", reason: "always here" });
  give("lockMachine", { machine: "laser-1", reason: "mirror" });
  give("lockMachine", { machine: "laser-1", kind: "tamper", reason: "lid" });
  give("assignLockout", { machine: "laser-1", member: maintainer, kind: "tamper" });
  give("assignCard", { member: ada, card: card(1) });
  give("assignCard", { member: ada, card: card(2) });
  give("blockCard", { card: card(2), status: "lost", reason: "bus" });
  give("setMembership", { member: ada, plan: "full", from: "2026-01-01" });
  give("addHold", { member: bo, reason: "talk to us" });
  give("addHold", { member: heldDesk, reason: "talk to us" });
  give("restrict", { member: ada, place: "front", reason: "talk to us" });
  give("setGuardian", { member: bo, guardian: cid, consent: true });
  give("addGuest", { displayName: "Jo", host: ada, untilMs: span.untilMs });
  give("addCredit", { member: ada, cents: 500, reason: "cash" });
  give("setPin", { member: ada, pin: "1234" });
  give("setPin", { member: bo, pin: "1234" });
  give("setDuressPin", { member: bo, pin: "8765" });
  const training = { course: "laser", signedOffBy: trainer };
  for (const member of [ada, bo, cid]) give("grantTraining", { ...training, member });
  give("revokeTraining", { member: bo, course: "laser", reason: "seen" });
  give("suspendTraining", { member: cid, course: "laser", reason: "seen" });
  for (const url of ["https://example.org/a", "https://example.org/b"]) give("addWebhook", { url, kinds: ["mach.oops"] });
  give("addScreen", wall);
  give("askErasure", { member: ada, reason: "moving" });
  const booking = { machine: "laser-1", member: ada };
  const later = (days: number) => ({ fromMs: span.fromMs + days * 24 * hour, untilMs: span.untilMs + days * 24 * hour });
  give("addBooking", { ...booking, ...later(0) });
  give("requestBooking", { ...booking, ...later(1) });
  give("addBooking", { ...booking, ...later(2) });
  give("cancelBooking", { booking: 3 });
  for (const [i, name] of ["night", "gone"].entries()) give("addClass", { class: name, label: name, places: ["saw-1"], ...later(3 + i) });
  give("cancelClass", { class: "gone" });
  give("enrol", { class: "night", member: ada });
  for (const name of ["now", "fair"])
    give("addClass", { class: name, label: name, places: ["front"], fromMs: nowMs, untilMs: nowMs + hour, kind: "meetup" });
  give("attend", { class: "now", member: ada });
  give("addWish", { member: ada, course: "wood" });
  give("noteMaterial", { machine: "laser-1", on: "2026-11-24", grams: 40, label: "PLA" });
  give("addBooking", { machine: "saw-1", member: ada, fromMs: nowMs - hour / 12, untilMs: nowMs + hour });
  give("planMaintenance", { machine: "saw-1", ...later(1), reason: "belt" });
  give("addHeadcount", { on: "2026-11-24", kind: "meetup", people: 3, minutes: 60 });
  give("addMoney", { on: "2026-11-24", kind: "cost", source: "energy", cents: 100, label: "Bulbs" });
  give("draftMonth", { month: "2026-09", ...figuresOf("2026-09") });
  for (const project of ["tools", "spare"])
    give("setProject", { project, label: project, funder: "LEADER", from: "2026-01-01", through: "2026-12-31" });
  give("fundAsset", { project: "tools", machine: "laser-1", from: "2026-01-01" });
  give("setIndicator", { project: "tools", indicator: "jobs", definition: { source: "manual", label: "Jobs", target: 3 } });
  give("noteIndicator", { project: "tools", indicator: "jobs", on: "2026-11-24", value: 1, evidence: "contract" });
  give("addOverride", {
    member: ada,
    resource: "laser-1",
    by: duty,
    codes: ["IN_USE"],
    untilMs: nowMs + hour,
    reason: "class",
  });
  return { ada, bo, cid, desk, heldDesk, duty, offDuty, trainer, woodTrainer, maintainer, sawMaintainer };
}

/** Figures of a month without anything in it, as a report seals them. */
export function figuresOf(month: string, change: object = {}): { readonly hash: string; readonly figures: string } {
  const lists = ["doubts", "machines", "all", "groups", "events", "doors", "refusals", "training", "money", "trust"];
  const figures = JSON.stringify({
    ...{ schema: "koprade-month-figures/1", month, siteName: "", zone: "Europe/Riga", simulated: false, untilMs: null },
    ...Object.fromEntries(lists.map((list) => [list, []])),
    people: { metrics: [], days: [] },
    ...change,
  });
  return { hash: createHash("sha256").update(figures).digest("hex"), figures };
}

/** Every line of a machine's wiring test, each as it should be. */
export const wellWired = checksOf("machine", []).map((check) => ({ check, ok: true, by: "person" as const, found: "as it should be" }));

function inputsFor({ ada, bo, cid, offDuty, trainer, maintainer }: People): Inputs {
  const reason = "for the record";
  const guest = 12;
  const training = { member: ada, course: "laser", reason };
  const booking = { machine: "saw-1", member: ada, ...span };
  const date = "2026-11-25";
  return {
    addMember: { displayName: "New" },
    setMember: { member: ada, locale: "lv" },
    importMembers: { rows: [{ displayName: "New", plan: "full" }] },
    eraseMember: { member: cid, reason },
    setRoles: { member: ada, roles: ["steward"] },
    assignCard: { member: ada, card: card(3) },
    blockCard: { card: card(1), status: "stolen", reason },
    restoreCard: { card: card(2), reason },
    openCapture: { member: ada, resource: "front" },
    setPin: { member: ada, pin: "5678" },
    clearPin: { member: ada },
    setDuressPin: { member: ada, pin: "8765" },
    clearDuressPin: { member: bo },
    addNoticeChannel: { member: ada, way: "post", address: "https://ntfy.sh/ada" },
    removeNoticeChannel: { member: ada, channel: 1 },
    setNoticeTopic: { member: ada, topic: "bookings", channel: null, wanted: false },
    setQuietHours: { member: ada, hours: { from: "22:00", until: "07:00" } },
    seeNotices: { member: ada, through: 1 },
    tryNotices: { member: ada },
    addWebhook: { url: "https://example.org/c", kinds: ["mach.oops"] },
    setWebhook: { webhook: 1, paused: true },
    removeWebhook: { webhook: 2 },
    addScreen: { screen: "desk", boards: ["kiosk"], reader: "front", languages: ["lv"], untilMs: span.untilMs },
    renewScreen: { screen: "entrance", untilMs: span.untilMs + hour },
    removeScreen: { screen: "entrance" },
    setSharing: { member: ada, presence: "alias", alias: "Fox" },
    askErasure: { member: ada, reason },
    takeBackErasure: { member: ada },
    addPlan: { plan: "half", label: "Half" },
    setMembership: { member: ada, plan: "full", from: "2027-01-01" },
    endMembership: { member: ada, lastDay: "2026-12-31" },
    addHold: { member: ada, reason },
    clearHold: { member: bo },
    restrict: { member: ada, place: "laser-1", reason },
    liftRestriction: { member: ada, place: "front" },
    signWaiver: { member: ada, revision: 1 },
    setGuardian: { member: ada, guardian: bo, consent: true },
    removeGuardian: { member: bo, guardian: cid },
    addGuest: { displayName: "Jil", host: ada, untilMs: span.untilMs },
    setGuest: { member: guest, visits: 3 },
    endGuest: { member: guest },
    addCredit: { member: ada, cents: 100, reason },
    undoCredit: { entry: 1, reason },
    addCourse: { course: "metal", label: "Metal" },
    reviseCourse: { course: "wood", supersedes: "keep" },
    withdrawRevision: { course: "empty" },
    grantTraining: { member: ada, course: "laser", signedOffBy: trainer },
    revokeTraining: training,
    restoreTraining: { ...training, member: bo },
    suspendTraining: training,
    resumeTraining: { ...training, member: cid },
    undoTraining: { member: ada, course: "laser" },
    addQualification: { member: ada, role: "trainer", scope: "wood" },
    endQualification: { member: maintainer, role: "maintainer", scope: "laser-1" },
    requestBooking: booking,
    addBooking: booking,
    confirmBooking: { booking: 2 },
    cancelBooking: { booking: 1 },
    restoreBooking: { booking: 3 },
    checkIn: { booking: 6 },
    addClass: { class: "new", label: "New", places: ["saw-1"], ...span },
    cancelClass: { class: "night" },
    restoreClass: { class: "gone" },
    enrol: { class: "night", member: bo },
    withdraw: { class: "night", member: ada },
    attend: { class: "fair", member: ada, guests: 2 },
    undoAttendance: { attendance: 1 },
    addWish: { member: ada, course: "laser" },
    endWish: { wish: 1 },
    addShift: { member: offDuty, ...span },
    endShift: { shift: 2 },
    addSchedule: { schedule: "late", hours: { intervals: [], special: [] } },
    setSite: { name: "Darbnīca" },
    setMode: { mode: "lockdown", reason },
    addNode: { node: "node-2", kind: "door" },
    setNode: { node: "node-1", status: "quarantined" },
    renewNodeSecret: { node: "node-1" },
    renewCardKeys: { reason: "a node was stolen" },
    openEnrolment: { forMs: 300_000 },
    closeEnrolment: {},
    adoptNode: { node: "node-3", kind: "door", publicKey: newcomerKey, ca: null, bind: [{ resource: "side", ch: "door" }] },
    rekeyNode: { node: "node-1", boxKey: newcomerKey, ca: null },
    confirmKeys: { node: "stand-in" },
    replaceNode: { node: "node-1", by: "stand-in" },
    addMachine: { ...machine, machine: "mill-1", ch: "mill", course: null },
    setMachine: { machine: "laser-1", change: { label: "Laser" } },
    addDoor: { door: "back", node: "node-1", ch: "back", label: "Back", failMode: "safe" },
    setDoor: { door: "front", change: { label: "Front door" } },
    setNextStep: { resource: "front", code: "HOLD_ACTIVE", text: { en: "Talk to us" } },
    lockMachine: { machine: "laser-1", kind: "oops", reason },
    assignLockout: { machine: "laser-1", member: maintainer, kind: "maintenance" },
    unassignLockout: { machine: "laser-1", kind: "tamper" },
    unlockMachine: { machine: "laser-1" },
    commission: { resource: "laser-1", lines: wellWired, senses: ["permit"], firmware: "1.0", hardware: null, configVersion: 1 },
    takeOver: { resource: "saw-1", reason },
    endCommissioning: { resource: "laser-1", reason },
    addZone: { zone: "yard", label: "Yard" },
    removePlan: { plan: "spare" },
    removeCourse: { course: "spare" },
    removeSchedule: { schedule: "spare" },
    removeNode: { node: "spare" },
    removeMachine: { machine: "spare" },
    removeDoor: { door: "side" },
    removeZone: { zone: "attic" },
    addCircuit: { circuit: "feed-1", label: "Feed", budgetW: 1000 },
    removeCircuit: { circuit: "feed-9" },
    addAccessory: { machine: "laser-1", accessory: "tray", label: "Tray", course: null },
    removeAccessory: { machine: "laser-1", accessory: "rotary" },
    closeMonth: { month: "2026-10", revision: 1, ...figuresOf("2026-10") },
    setTargetGroup: { member: ada, target: "students" },
    addHeadcount: { on: date, kind: "meetup", people: 12, minutes: 60 },
    setBackground: { member: ada, what: "municipality", stated: "Valmiera" },
    setRate: { rate: "machine_hour", of: "laser-1", value: 600 },
    planMaintenance: { machine: "laser-1", fromMs: span.fromMs + 24 * hour, untilMs: span.untilMs + 24 * hour, reason },
    cancelMaintenance: { maintenance: 1 },
    undoHeadcount: { headcount: 1, reason },
    undoMoney: { line: 1, reason },
    noteMaterial: { machine: "laser-1", on: date, grams: 420, label: "PLA" },
    undoMaterial: { material: 1, reason },
    draftMonth: { month: "2026-10", ...figuresOf("2026-10") },
    checkMonth: { month: "2026-09" },
    askCorrection: { member: ada, session: sessionOf(3), toMs: nowMs - hour, reason },
    grantCorrection: { correction: 1, reason },
    refuseCorrection: { correction: 2, reason },
    setProject: { project: "new", label: "New", funder: "LEADER", from: "2026-01-01", through: "2026-12-31" },
    removeProject: { project: "spare" },
    fundAsset: { project: "tools", machine: "saw-1", from: date },
    unfundAsset: { project: "tools", machine: "laser-1" },
    setIndicator: { project: "tools", indicator: "people", definition: { source: "auto", label: "People", target: 50, metric: "V03" } },
    removeIndicator: { project: "tools", indicator: "jobs" },
    noteIndicator: { project: "tools", indicator: "jobs", on: date, value: 2, evidence: "contract" },
    undoIndicatorNote: { note: 1, reason },
    addMoney: { on: date, kind: "income", source: "private", cents: 100, label: "Gift" },
    addOverride: { member: ada, resource: "laser-1", by: maintainer, codes: ["OUT_OF_ORDER"], untilMs: nowMs + hour, reason },
    endOverride: { override: 1 },
    closeException: { exception: 1, reason },
    reopenException: { exception: 2 },
  };
}
