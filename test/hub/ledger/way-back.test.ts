/**
 * People err: for every command there is a way back, after which everything holds that held before, in the ledger and at the nodes;
 * or a reason why there is none. What was done and taken back stays in the record; it holds no more.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommand } from "../../../hub/ledger/commands.ts";
import { windowUntilMs } from "../../../hub/ledger/enrolment.ts";
import { type CommandInput, type CommandName, inputs } from "../../../hub/ledger/inputs.ts";
import { readSite } from "../../../hub/ledger/meta.ts";
import { configContent, restrictionsContent } from "../../../hub/ledger/node-tables.ts";
import { readSiteFacts } from "../../../hub/ledger/site-facts.ts";
import { compileContent, readChannels } from "../../../hub/ledger/snapshots.ts";
import { packedBytes, readStandings, type Standings } from "../../../hub/ledger/standings.ts";
import { nowMs, openSpace, type Space } from "../../support/every-command.ts";
import { temporaryDir } from "../../support/ledger.ts";

const folder = temporaryDir();
let space: Space;
beforeAll(() => {
  space = openSpace(folder.dir);
  give("setSite", { name: "Lab" });
});
afterAll(() => folder.remove());

/** A millisecond later with every command. */
let atMs = nowMs;
type Answer = Readonly<Record<string, number>>;
const give = <C extends CommandName>(name: C, input: CommandInput<C>): Answer =>
  runCommand(space.db, space.keys, { name, input, actor: "cli:test" }, ++atMs) as unknown as Answer;

/** The same command with its own input, changed where named. */
const again = <C extends CommandName>(name: C, change: Partial<CommandInput<C>> = {}): Answer =>
  give(name, { ...(space.inputs[name] as object), ...change } as CommandInput<C>);
const who = (name: keyof Space["people"]): number => space.people[name];
const left = (member: number | undefined): Answer => give("setMember", { member: member ?? 0, status: "left" });
const hour = 3_600_000;
const why = { reason: "mistake" };
const span = { fromMs: nowMs + 24 * hour, untilMs: nowMs + 26 * hour };
const laser = () => ({ member: who("ada"), course: "laser", ...why });
const none = { intervals: [], special: [] };
const machine = { node: "node-1", riskClass: "B" as const, cutHazard: false };
const dayLater = { fromMs: span.fromMs + 24 * hour, untilMs: span.untilMs + 24 * hour };

/** How each is taken back, or why it is not. `answer` is what the ledger said to the command. */
const ways: Readonly<Record<CommandName, string | ((answer: Answer) => unknown)>> = {
  addMember: ({ member }) => left(member),
  setMember: () => give("setMember", { member: who("ada"), locale: "en" }),
  importMembers: (answer) => left((answer.members as unknown as number[])[0]),
  eraseMember: "whoever asks to be forgotten is; a way back would be a memory",
  setRoles: () => give("setRoles", { member: who("ada"), roles: [] }),
  assignCard: () => give("blockCard", { card: { number: "em4100:0F00000003" }, status: "returned", ...why }),
  blockCard: () => give("restoreCard", { card: { number: "em4100:0F00000001" }, ...why }),
  restoreCard: () => give("blockCard", { card: { number: "em4100:0F00000002" }, status: "lost", ...why }),
  openCapture: "the reader waits for thirty seconds, and then no longer",
  setPin: () => again("setPin", { pin: "1234" }),
  clearPin: () => again("setPin", { pin: "1234" }),
  setDuressPin: () => give("clearDuressPin", { member: who("ada") }),
  clearDuressPin: () => again("setDuressPin", { member: who("bo") }),
  addNoticeChannel: ({ channel = 0 }) => give("removeNoticeChannel", { member: who("ada"), channel }),
  removeNoticeChannel: () => give("addNoticeChannel", { member: who("ada"), way: "mail", address: "ada@example.org" }),
  setNoticeTopic: () => again("setNoticeTopic", { wanted: null }),
  setQuietHours: () => give("setQuietHours", { member: who("ada"), hours: null }),
  seeNotices: "what somebody has seen cannot be unseen",
  addWebhook: ({ webhook = 0 }) => give("removeWebhook", { webhook }),
  setWebhook: () => again("setWebhook", { paused: false }),
  removeWebhook: () => give("addWebhook", { url: "https://example.org/b", kinds: ["mach.oops"] }),
  addScreen: () => give("removeScreen", { screen: "desk" }),
  renewScreen: "the old link is void on purpose; another can be made at any time",
  removeScreen: () => give("addScreen", { screen: "entrance", boards: ["machines"], languages: ["lv"], untilMs: 1 + nowMs + 24 * hour }),
  setSharing: () => give("setSharing", { member: who("ada"), presence: "nobody" }),
  askErasure: () => give("askErasure", { member: who("ada"), reason: "moving" }),
  takeBackErasure: () => give("askErasure", { member: who("ada"), reason: "moving" }),
  tryNotices: "a notice that was sent cannot be called back",
  addPlan: () => give("removePlan", { plan: "half" }),
  setMembership: () => again("setMembership", { from: "2026-01-01" }),
  endMembership: () => again("setMembership", { from: "2026-01-01" }),
  addHold: () => again("clearHold", { member: who("ada") }),
  clearHold: () => give("addHold", { member: who("bo"), reason: "talk to us" }),
  restrict: () => again("liftRestriction", { place: "laser-1" }),
  liftRestriction: () => again("restrict", { place: "front", reason: "talk to us" }),
  signWaiver: () => again("signWaiver", { revision: null }),
  setGuardian: () => again("removeGuardian", { member: who("ada"), guardian: who("bo") }),
  removeGuardian: () => again("setGuardian", { member: who("bo"), guardian: who("cid") }),
  addGuest({ member = 0 }) {
    give("endGuest", { member });
    left(member);
  },
  setGuest: () => again("setGuest", { visits: null }),
  endGuest: () => give("setGuest", { member: 12, untilMs: span.untilMs }),
  addCredit: ({ entry = 0 }) => give("undoCredit", { entry, ...why }),
  undoCredit: () => again("addCredit", { cents: 500 }),
  addCourse: () => give("removeCourse", { course: "metal" }),
  reviseCourse: () => again("withdrawRevision", { course: "wood" }),
  withdrawRevision: () => again("reviseCourse", { course: "empty" }),
  grantTraining: () => again("undoTraining"),
  revokeTraining: () => give("restoreTraining", laser()),
  restoreTraining: () => again("revokeTraining", { member: who("bo") }),
  suspendTraining: () => give("resumeTraining", laser()),
  resumeTraining: () => again("suspendTraining", { member: who("cid") }),
  undoTraining: () => again("grantTraining"),
  addQualification: () => again("endQualification", { member: who("ada"), role: "trainer", scope: "wood" }),
  endQualification: () => again("addQualification", { member: who("maintainer"), role: "maintainer", scope: "laser-1" }),
  requestBooking: ({ booking = 0 }) => give("cancelBooking", { booking }),
  addBooking: ({ booking = 0 }) => give("cancelBooking", { booking }),
  confirmBooking() {
    give("cancelBooking", { booking: 2 });
    give("requestBooking", { machine: "laser-1", member: who("ada"), ...dayLater });
  },
  cancelBooking: () => again("restoreBooking", space.inputs.cancelBooking),
  restoreBooking: () => again("cancelBooking", space.inputs.restoreBooking),
  checkIn() {
    again("cancelBooking", space.inputs.checkIn);
    again("restoreBooking", space.inputs.checkIn);
  },
  addClass: () => give("cancelClass", { class: "new" }),
  cancelClass: () => give("restoreClass", { class: "night" }),
  restoreClass: () => give("cancelClass", { class: "gone" }),
  enrol: () => again("withdraw", { member: who("bo") }),
  withdraw: () => again("enrol", { member: who("ada") }),
  attend: ({ attendance = 0 }) => give("undoAttendance", { attendance }),
  undoAttendance: () => give("attend", { class: "now", member: who("ada") }),
  addWish: ({ wish = 0 }) => give("endWish", { wish }),
  endWish: () => give("addWish", { member: who("ada"), course: "wood" }),
  addShift: ({ shift = 0 }) => give("endShift", { shift }),
  endShift: () => again("addShift"),
  addSchedule: () => give("removeSchedule", { schedule: "late" }),
  setSite: () => again("setSite", { name: "Lab" }),
  setMode: () => again("setMode", { mode: "normal" }),
  addNode() {
    give("setNode", { node: "node-2", status: "revoked" });
    give("removeNode", { node: "node-2" });
  },
  setNode: () => again("setNode", { status: "active" }),
  renewNodeSecret: "the old secret is void on purpose; another can be made at any time",
  renewCardKeys: "the old keys are void on purpose; the next can be made at any time",
  openEnrolment: () => give("openEnrolment", {}),
  closeEnrolment: () => give("openEnrolment", {}),
  adoptNode() {
    give("setDoor", { door: "side", change: { node: "node-1", ch: "side" } });
    give("setNode", { node: "node-3", status: "revoked" });
    give("removeNode", { node: "node-3" });
  },
  rekeyNode: "the old keys hold until the node has come with the new ones; it can be given others at any time",
  confirmKeys: "the old keys are void on purpose; the node can be given others at any time",
  replaceNode() {
    give("setNode", { node: "node-1", status: "active" });
    give("replaceNode", { node: "stand-in", by: "node-1" });
    give("setNode", { node: "stand-in", status: "active" });
    give("takeOver", { resource: "laser-1", ...why }); // its wires are other ones: its test was void
  },
  addMachine: () => give("removeMachine", { machine: "mill-1" }),
  setMachine: () => again("setMachine", { change: { label: "Machine" } }),
  addDoor: () => give("removeDoor", { door: "back" }),
  setDoor: () => again("setDoor", { change: { label: "Front" } }),
  setNextStep: () => again("setNextStep", { text: {} }),
  lockMachine: () => again("unlockMachine", { kind: "oops" }),
  assignLockout: () => again("unassignLockout", { kind: "maintenance" }),
  unassignLockout: () => again("assignLockout", { kind: "tamper" }),
  unlockMachine() {
    again("lockMachine", { kind: "maintenance", reason: "mirror" });
    again("lockMachine", { kind: "tamper", reason: "lid" });
    again("assignLockout", { kind: "tamper" });
  },
  commission: () => give("takeOver", { resource: "laser-1", reason: "always here" }),
  takeOver: () => give("endCommissioning", { resource: "saw-1", ...why }),
  endCommissioning: () => give("takeOver", { resource: "laser-1", reason: "always here" }),
  removePlan: () => give("addPlan", { plan: "spare", label: "Spare" }),
  removeCourse: () => give("addCourse", { course: "spare", label: "Spare" }),
  removeSchedule: () => give("addSchedule", { schedule: "spare", hours: none }),
  removeNode() {
    give("addNode", { node: "spare", kind: "door" });
    give("setNode", { node: "spare", status: "revoked" });
  },
  removeMachine: () => give("addMachine", { ...machine, machine: "spare", ch: "spare", label: "Machine", course: null }),
  removeDoor: () => give("addDoor", { door: "side", node: "node-1", ch: "side", label: "Side", failMode: "safe" }),
  addZone: () => give("removeZone", { zone: "yard" }),
  removeZone: () => give("addZone", { zone: "attic", label: "Attic" }),
  addCircuit: () => give("removeCircuit", { circuit: "feed-1" }),
  removeCircuit: () => give("addCircuit", { circuit: "feed-9", label: "Feed", budgetW: 3600 }),
  addAccessory: () => again("removeAccessory", { accessory: "tray" }),
  removeAccessory: () => again("addAccessory", { accessory: "rotary", label: "Rotary" }),
  draftMonth: "a draft is what was known then; closing the month takes what is known now",
  checkMonth: () => again("checkMonth", { checked: false }),
  askCorrection: "it waits for its answer, and a refusal takes it away",
  grantCorrection: "an answer stands; the member may ask again, and the last one granted holds",
  refuseCorrection: "an answer stands; the member may ask again",
  setProject: () => give("removeProject", { project: "new" }),
  removeProject: () =>
    give("setProject", { project: "spare", label: "spare", funder: "LEADER", from: "2026-01-01", through: "2026-12-31" }),
  fundAsset: () => again("unfundAsset", { machine: "saw-1" }),
  unfundAsset: () => again("fundAsset", { machine: "laser-1", from: "2026-01-01" }),
  setIndicator: () => again("removeIndicator", { indicator: "people" }),
  removeIndicator: () => again("setIndicator", { indicator: "jobs", definition: { source: "manual", label: "Jobs", target: 3 } }),
  noteIndicator: ({ note = 0 }) => give("undoIndicatorNote", { note, ...why }),
  undoIndicatorNote: () => again("noteIndicator", { on: "2026-11-24", value: 1, evidence: "contract" }),
  closeMonth: "a closed month is what it was closed as; its next revision says what was wrong",
  setTargetGroup: () => again("setTargetGroup", { target: "not-stated" }),
  setBackground: () => again("setBackground", { stated: "not-stated" }),
  setRate: () => again("setRate", { value: null }),
  planMaintenance: ({ maintenance = 0 }) => give("cancelMaintenance", { maintenance }),
  cancelMaintenance: () => again("planMaintenance", { machine: "saw-1", reason: "belt" }),
  addHeadcount: ({ headcount = 0 }) => give("undoHeadcount", { headcount, ...why }),
  undoHeadcount: () => again("addHeadcount", { on: "2026-11-24", people: 3 }),
  noteMaterial: ({ material = 0 }) => give("undoMaterial", { material, ...why }),
  undoMaterial: () => give("noteMaterial", { machine: "laser-1", on: "2026-11-24", grams: 40, label: "PLA" }),
  addMoney: ({ line = 0 }) => give("undoMoney", { line, ...why }),
  undoMoney: () => give("addMoney", { on: "2026-11-24", kind: "cost", source: "energy", cents: 100, label: "Bulbs" }),
  addOverride: ({ override = 0 }) => give("endOverride", { override }),
  endOverride: () => give("addOverride", { ...space.inputs.addOverride, by: who("duty"), codes: ["IN_USE"], reason: "class" }),
  closeException: () => give("reopenException", { exception: 1 }),
  reopenException: () => give("closeException", { exception: 2, ...why }),
};

/** What holds, without numbers of rows, instants of the record and what is over. */
const tables = (): Readonly<Record<string, string>> => ({
  members:
    "SELECT member, display_name, locale, status, roles, birth_date, waiver, pin IS NULL AS noPin, duress_pin IS NULL AS noDuress FROM members WHERE status <> 'left'",
  memberships:
    "SELECT s.member, plan, from_date, valid_through, grace_days FROM memberships s JOIN members m USING (member) WHERE m.status <> 'left'",
  screens: "SELECT screen, boards, languages, reader FROM screens",
  sharing: "SELECT member, presence, alias FROM sharing",
  erasures: "SELECT member, reason FROM erasure_requests",
  webhooks: "SELECT url, kinds, paused FROM webhooks",
  channels: "SELECT member, way, address FROM notice_channels",
  choices: "SELECT member, topic, wanted FROM notice_choices",
  quiet: "SELECT member, quiet_from, quiet_until, daily_at FROM notice_settings WHERE quiet_from IS NOT NULL OR daily_at IS NOT NULL",
  guests: `SELECT member, host, until_ms, visits FROM guests WHERE until_ms > ${atMs}`,
  guardians: "SELECT member, guardian, consent_ms IS NULL AS noConsent FROM guardians",
  cards: "SELECT card_key, member, label, status, valid_from, valid_through FROM cards WHERE status <> 'returned'",
  blocks: "SELECT member, place, reason, through FROM blocks WHERE cleared_ms IS NULL",
  credit: "SELECT member, sum(cents) AS cents FROM credit GROUP BY member HAVING sum(cents) <> 0",
  plans: "SELECT * FROM plans",
  schedules: "SELECT * FROM schedules",
  courses: "SELECT * FROM courses JOIN revisions USING (course)",
  records: "SELECT member, course, rev, result, valid_through, suspended_ms IS NULL AS counts FROM records WHERE revoked_ms IS NULL",
  qualifications: "SELECT member, role, scope FROM qualifications WHERE coalesce(through, '9') >= '2026-11-25'",
  bookings: "SELECT machine, member, class, from_ms, until_ms, state FROM bookings WHERE state <> 'cancelled'",
  classes: "SELECT class, label, from_ms, until_ms, places FROM classes WHERE cancelled_ms IS NULL",
  attendances: "SELECT class, member, guests FROM attendances WHERE undone_ms IS NULL",
  wishes: "SELECT member, course, machine FROM wishes WHERE ended_ms IS NULL",
  materials: "SELECT on_date, machine, grams, label FROM materials WHERE undone_ms IS NULL",
  taken: "SELECT machine, taken_by FROM lockouts WHERE taken_ms IS NOT NULL AND cleared_ms IS NULL",
  enrolments: "SELECT class, member FROM enrolments",
  shifts: `SELECT member, zone, from_ms, until_ms FROM shifts WHERE until_ms > ${atMs}`,
  nodes: "SELECT node, kind, label, status FROM nodes",
  resources: "SELECT * FROM resources",
  zones: "SELECT * FROM zones",
  circuits: "SELECT * FROM circuits",
  accessories: "SELECT * FROM accessories",
  lockouts: "SELECT machine, kind, mode, reason FROM lockouts WHERE cleared_ms IS NULL",
  commissionings: "SELECT resource, basis FROM commissionings WHERE ended_ms IS NULL AND outcome = 'passed'",
  overrides: "SELECT member, resource, by_member, codes, until_ms FROM overrides WHERE ended_ms IS NULL",
  exceptions: "SELECT exception FROM exceptions WHERE closed_ms IS NULL",
  groups: "SELECT member, target FROM member_groups WHERE target <> 'not-stated'",
  backgrounds: "SELECT member, what, value FROM backgrounds WHERE value <> 'not-stated'",
  rates: "SELECT rate, name, value FROM rates WHERE value IS NOT NULL",
  maintenance: "SELECT machine, from_ms, until_ms, reason FROM planned_maintenance WHERE cancelled_ms IS NULL",
  headcounts: "SELECT on_date, kind, people, minutes, target FROM headcounts WHERE undone_ms IS NULL",
  drafts: "SELECT month, checked_ms IS NULL AS unchecked FROM month_drafts",
  projects: "SELECT * FROM projects",
  assets: "SELECT * FROM project_assets",
  indicators: `SELECT project, indicator, definition FROM indicators i WHERE definition IS NOT NULL
    AND id = (SELECT max(id) FROM indicators x WHERE x.project = i.project AND x.indicator = i.indicator)`,
  notes: "SELECT indicator, on_date, value, evidence FROM indicator_notes WHERE undone_ms IS NULL",
  money: "SELECT on_date, kind, source, cents, label FROM money_lines WHERE undone_ms IS NULL",
});

function holds(): Readonly<Record<string, unknown>> {
  const { db } = space;
  const { modeVersion: _mode, permissionVersion: _version, modeSinceMs: _since, ...site } = readSite(db);
  const facts = readSiteFacts(db, atMs);
  const standings = readStandings(db, atMs);
  const rows = Object.entries(tables()).map(([name, sql]) => [
    name,
    db
      .all<object>(sql)
      .map((row) => JSON.stringify(row))
      .sort(),
  ]);
  const nodes = [...readChannels(db)].map(([node, channels]) => {
    const content = compileContent(node, channels, standings, facts, 1);
    const profile = (of: number): unknown => timeless(content.profiles[content.profileOf[of] ?? 0]);
    const { lockouts } = restrictionsContent(db, node);
    return [
      node,
      { channels: content.channels, cards: cardsOf(standings, profile), lockouts: lockouts.length, config: configContent(db, node) },
    ];
  });
  const untilMs = windowUntilMs(db, atMs);
  const windowMin = untilMs === null ? null : Math.round((untilMs - atMs) / 60_000);
  return { ...Object.fromEntries(rows), site, windowMin, told: Object.fromEntries(nodes) };
}

/** An override that is set aside anew begins anew. */
const timeless = (facts: unknown): unknown => JSON.parse(JSON.stringify(facts, (key, value) => (key === "sinceMs" ? 0 : value)));

/** What each card means at the node's channels. A card that was given back means nothing. */
function cardsOf({ cards, count, classes }: Standings, profile: (of: number) => unknown): Record<string, unknown> {
  const view = new DataView(cards.buffer, cards.byteOffset, cards.byteLength);
  const met = Array.from({ length: count }, (_, i) => {
    const at = i * packedBytes;
    return { key: cards.subarray(at, at + 16).toHex(), member: view.getUint32(at + 16), of: view.getUint32(at + 20) };
  });
  const held = met.filter(({ of }) => classes[of]?.card.status !== "returned");
  return Object.fromEntries(held.map(({ key, member, of }) => [key, { member, profile: profile(of) }]));
}

it("has a way for every command", () => {
  expect(Object.keys(ways).sort()).toEqual(Object.keys(inputs).sort());
});

it.each(Object.entries(ways).flatMap(([name, way]) => (typeof way === "string" ? [] : [[name as CommandName, way] as const])))(
  "%s, and back",
  (name, way) => {
    const before = holds();
    const answer = again(name);
    // one PIN looks like another: they are kept as salted hashes
    if (name !== "setPin") expect(holds(), "the command changed nothing that anybody sees").not.toEqual(before);
    way(answer);
    expect(holds()).toEqual(before);
  },
);
