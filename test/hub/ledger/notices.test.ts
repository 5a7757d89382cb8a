/** Who is told what: on a real ledger, each event sent twice. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EventBody } from "../../../hub/contract/index.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { noticed } from "../../../hub/notice-watch.ts";
import type { SessionLive } from "../../../hub/views.ts";
import { aLedger, anEvent, anId, realClock, temporaryDir } from "../../support/ledger.ts";
import { aNode } from "../../support/views.ts";

const by = "cli:test";
const minute = 60_000;
let nowMs = Date.parse("2026-11-25T10:00:00Z");
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
const [ada, max, sam, ida] = [1, 2, 3, 4] as const;

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" }, { ...realClock, nowMs: () => nowMs });
  const { change } = ledger;
  await change.addNode({ node: "node-1", kind: "mixed" }, by);
  const machine = { node: "node-1", riskClass: "B" as const, cutHazard: false, course: null };
  await change.addMachine({ ...machine, machine: "printer-1", ch: "printer", label: "Printer" }, by);
  await change.addMachine({ ...machine, machine: "saw-1", ch: "saw", label: "Saw" }, by);
  for (const name of ["Ada", "Max", "Sam", "Ida"]) await change.addMember({ displayName: name, locale: "lv" }, by);
  await change.addQualification({ member: max, role: "maintainer", scope: "printer-1" }, by);
  await change.addQualification({ member: sam, role: "maintainer", scope: "saw-1" }, by);
  await change.addQualification({ member: ida, role: "maintainer", scope: null }, by);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

let seq = 0;
async function happens(body: EventBody): Promise<void> {
  seq += 1;
  const event = { ...anEvent(seq, body), ch: "printer", evtMs: nowMs, atMs: nowMs };
  await ledger.append("node-1", [event]);
  await ledger.append("node-1", [event]);
}
const told = (member: number) => ledger.read.notices({ member, limit: 10 });
async function job(member: number, isLeft: boolean, reason: "job_complete" | "tap_out"): Promise<void> {
  const session = anId();
  await happens({ kind: "mach.session_started", session, decision: anId(), member, provisional: false });
  await happens({ kind: "mach.job", session, state: "preparing", energyWh: 0 });
  await happens({ kind: "mach.job", session, state: "running", energyWh: 300 });
  if (isLeft) await happens({ kind: "mach.session_unattended", session });
  await happens({ kind: "mach.job", session, state: "complete", energyWh: 1500 });
  await happens({ kind: "mach.session_closed", session, reason, busyMs: 1000, energyWh: 1600 });
}

it("S34 the owner of a job that was left is notified once of its end, with what it took; who stood there is not", async () => {
  await job(ada, true, "job_complete");
  await job(ada, false, "tap_out");
  expect(told(ada)).toMatchObject([
    { kind: "job_complete", facts: { label: "Printer", energyWh: 1600, heatingWh: 300, workWh: 1200 }, isShown: true, deliveries: [] },
  ]);
  expect(ledger.read.noticesDue(nowMs), "without a channel it waits for nobody").toEqual([]);
});

it("an override is told to those who maintain the machine, without names, and not to whoever gave it (domain.md §3.5)", async () => {
  const given = { member: ada, resource: "printer-1", codes: ["OUT_OF_ORDER" as const], untilMs: nowMs + 60 * minute, reason: "class" };
  await ledger.change.addOverride({ ...given, by: ida }, by);
  expect([told(max), told(sam), told(ida)].map((rows) => rows.map(({ kind }) => kind))).toEqual([["override_given"], [], []]);
  expect(told(max)[0]?.facts).toEqual({ label: "Printer", untilMs: given.untilMs });
});

it("tells staff of a silent alarm, once, and never the telephone of whoever raised it", async () => {
  await ledger.change.setRoles({ member: sam, roles: ["steward"] }, by);
  await ledger.change.setRoles({ member: ida, roles: ["staff"] }, by);
  const event = { kind: "access.duress" as const, decision: anId(), member: ida, node: "node-1" };
  const hub = { node: "hub", ch: "printer", evtMs: nowMs, recvMs: nowMs, atMs: nowMs };
  for (let time = 0; time < 2; time += 1) await ledger.append("hub", [anEvent(77, event, hub)]);
  const heard = [max, sam, ida, ada].map((member) => told(member).filter(({ kind }) => kind === "duress").length);
  expect(heard).toEqual([0, 1, 0, 0]);
  expect(told(sam)[0]?.facts).toEqual({ label: "Printer" });
  expect(ledger.read.audit(1)).toMatchObject([{ action: "duress", target: `member ${ida}` }]);
});

const add = async (member: number, address: string): Promise<number> =>
  (await ledger.change.addNoticeChannel({ member, way: "post", address }, by)).channel;
const due = () => ledger.read.noticesDue(nowMs);
const kindsDue = () => due().map(({ channel, notices }) => [channel, ...notices.map(({ kind }) => kind)]);
let [phone, desk] = [0, 0];

it("goes to every channel of its member, is tried later and later for a day on each, and is done there when it has arrived", async () => {
  [phone, desk] = [await add(ada, "https://ntfy.sh/ada"), await add(ada, "https://ntfy.sh/ada-desk")];
  expect(JSON.stringify(ledger.read.audit(2)), "whoever knows the address reads along").not.toContain("ntfy.sh");
  expect(due(), "what was told before is on their page").toEqual([]);
  await job(ada, true, "job_complete");
  expect(due()).toMatchObject([
    { channel: phone, way: "post", address: "https://ntfy.sh/ada", locale: "lv", notices: [{ kind: "job_complete" }] },
    { channel: desk },
  ]);
  const notices = [due()[0]?.notices[0]?.notice ?? 0];
  await ledger.noteDelivery({ channel: desk, notices, problem: null });
  const waits: number[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    await ledger.noteDelivery({ channel: phone, notices, problem: "the server answered 503" });
    const fromMs = nowMs;
    while (due().length === 0 && nowMs < fromMs + 300 * minute) nowMs += minute;
    waits.push((nowMs - fromMs) / minute);
  }
  expect(waits).toEqual([1, 5, 30, 120, 120, 120]);
  expect(ledger.read.noticeChannels(ada)).toMatchObject([{ problem: "the server answered 503" }, { problem: null }]);
  await ledger.noteDelivery({ channel: phone, notices, problem: null });
  expect(told(ada)[0]?.deliveries).toMatchObject([{ tries: 7, problem: null, doneMs: nowMs }, { tries: 1 }]);
  expect(ledger.read.noticesDue(nowMs + 300 * minute)).toEqual([]);
});

it("is given up after a day, or at once where nobody reads any more; and a channel can be taken away", async () => {
  const { notice } = await ledger.change.tryNotices({ member: ada, channel: phone }, by);
  expect(kindsDue(), "tried on that one only").toEqual([[phone, "test"]]);
  nowMs += 23 * 60 * minute;
  await ledger.noteDelivery({ channel: phone, notices: [notice], problem: "no answer" });
  expect(told(ada)[0]?.deliveries).toMatchObject([{ doneMs: null }]);
  nowMs += 59 * minute;
  await ledger.noteDelivery({ channel: phone, notices: [notice], problem: "no answer" });
  expect(told(ada)[0]?.deliveries).toMatchObject([{ problem: "no answer", doneMs: nowMs }]);
  const again = await ledger.change.tryNotices({ member: ada }, by);
  await ledger.noteDelivery({ channel: desk, notices: [again.notice], problem: "the server answered 410", isGone: true });
  expect(kindsDue()).toEqual([[phone, "test"]]);
  await ledger.change.removeNoticeChannel({ member: ada, channel: desk }, by);
  await expect(ledger.change.removeNoticeChannel({ member: max, channel: phone }, by), "not theirs").rejects.toThrow(
    /no channel of this member/,
  );
  await ledger.noteDelivery({ channel: phone, notices: [again.notice], problem: null });
  expect(due()).toEqual([]);
});

it("keeps quiet hours, in which only what is urgent comes; what has waited comes in one afterwards", async () => {
  nowMs = Date.parse("2026-12-01T20:30:00Z"); // 22:30 in Riga
  await ledger.change.setQuietHours({ member: ada, hours: { from: "22:00", until: "07:00" } }, by);
  await job(ada, true, "job_complete");
  await job(ada, true, "job_complete");
  expect(due()).toEqual([]);
  await ledger.noteNotices([{ kind: "alone_late", facts: { label: "Saw" }, source: "alone/1", to: [ada] }]);
  expect(kindsDue()).toEqual([[phone, "alone_late"]]);
  nowMs = Date.parse("2026-12-02T04:59:00Z");
  expect(kindsDue()).toEqual([[phone, "alone_late"]]);
  nowMs = Date.parse("2026-12-02T05:00:00Z");
  expect(kindsDue()).toEqual([
    [phone, "alone_late"],
    [phone, "job_complete", "job_complete"],
  ]);
  for (const { channel, notices } of due())
    await ledger.noteDelivery({ channel, notices: notices.map(({ notice }) => notice), problem: null });
  expect(due()).toEqual([]);
});

it("waits for the time of the day at which a member wants everything in one", async () => {
  await ledger.change.setQuietHours({ member: ada, hours: null, dailyAt: "18:00" }, by);
  await job(ada, true, "job_complete");
  nowMs = Date.parse("2026-12-02T15:59:00Z");
  expect(due()).toEqual([]);
  nowMs += minute;
  expect(kindsDue()).toEqual([[phone, "job_complete"]]);
  await ledger.noteDelivery({ channel: phone, notices: due()[0]?.notices.map(({ notice }) => notice) ?? [], problem: null });
  await ledger.change.setQuietHours({ member: ada, hours: null }, by);
});

it("leaves out what a member does not want there, and is not written at all when they want it nowhere", async () => {
  const topic = { member: ada, topic: "jobs" as const };
  await ledger.change.setNoticeTopic({ ...topic, channel: phone, wanted: false }, by);
  await job(ada, true, "job_complete");
  expect([due(), told(ada)[0]?.deliveries]).toEqual([[], []]);
  const before = told(ada)[0]?.notice;
  await ledger.change.setNoticeTopic({ ...topic, channel: null, wanted: false }, by);
  await job(ada, true, "job_complete");
  expect(told(ada)[0]?.notice).toBe(before);
  expect(ledger.read.noticeSettings(ada).topics.find((one) => one.topic === "jobs")).toEqual({
    topic: "jobs",
    isShown: false,
    channels: { [phone]: false },
  });
  for (const channel of [phone, null]) await ledger.change.setNoticeTopic({ ...topic, channel, wanted: null }, by);
  await expect(ledger.change.setNoticeTopic({ member: ada, topic: "duress" as never, channel: null, wanted: false }, by)).rejects.toThrow(
    /topic/,
  );
});

it("shows a member the topics that are for them", () => {
  const topics = (member: number) => ledger.read.noticeSettings(member).topics.map(({ topic }) => topic);
  expect(topics(ada)).not.toContain("doors");
  expect(topics(max)).toEqual(expect.arrayContaining(["overrides", "faults", "power"]));
  expect(topics(sam)).toEqual(expect.arrayContaining(["doors", "months", "nodes", "alone"]));
});

it("sends no more than ten messages a minute to one channel, urgent ones first", async () => {
  nowMs += 60 * minute;
  await job(ada, true, "job_complete");
  for (let n = 0; n < 12; n += 1)
    await ledger.noteNotices([{ kind: "alone_late", facts: { label: "Saw" }, source: `flood/${n}`, to: [ada] }]);
  expect(kindsDue()).toEqual(Array.from({ length: 10 }, () => [phone, "alone_late"]));
  for (const { channel, notices } of due())
    await ledger.noteDelivery({ channel, notices: notices.map(({ notice }) => notice), problem: null });
  expect(due()).toEqual([]);
  nowMs += minute;
  expect(kindsDue()).toEqual([
    [phone, "alone_late"],
    [phone, "alone_late"],
    [phone, "job_complete"],
  ]);
  for (const { channel, notices } of due())
    await ledger.noteDelivery({ channel, notices: notices.map(({ notice }) => notice), problem: null });
});

it("counts what a member has not looked at yet", async () => {
  const { unseen } = ledger.read.noticeSettings(ada);
  expect(unseen).toBeGreaterThan(5);
  const [newest] = told(ada);
  await ledger.change.seeNotices({ member: ada, through: (newest?.notice ?? 0) + 1000 }, by);
  expect(ledger.read.noticeSettings(ada)).toMatchObject({ unseen: 0, seen: newest?.notice });
});

const aSession = (given: Pick<SessionLive, "id" | "machineLabel" | "who" | "startedMs" | "leaseUntilMs">): SessionLive => ({
  ...given,
  machine: "saw-1",
  phase: "busy",
});

it("the running hub tells of a node that is gone, a time that ends and a machine that was left on, each once", async () => {
  const live = {
    nodes: () => [
      aNode({ id: "node-1", label: "Cellar", status: "offline", lastSeenMs: nowMs - 3 * minute }),
      aNode({ id: "node-2", status: "offline", lastSeenMs: nowMs - 2 * minute }),
      aNode({ id: "node-3", status: "online", lastSeenMs: nowMs - 9 * minute }),
    ],
    sessions: () => [
      aSession({
        id: "s1",
        machineLabel: "Printer",
        who: { member: ada, name: "Ada" },
        startedMs: nowMs - 90 * minute,
        leaseUntilMs: nowMs + 4 * minute,
      }),
      aSession({
        id: "s2",
        machineLabel: "Saw",
        who: { member: max, name: "Max" },
        startedMs: nowMs - 60 * minute,
        leaseUntilMs: nowMs + 6 * minute,
      }),
    ],
  };
  const exit = {
    kind: "access.decided" as const,
    request: "exit" as const,
    decision: anId(),
    outcome: "grant" as const,
    reason: "GRANT" as const,
  };
  const how = { also: [], warnings: [], member: max, where: "node" as const, snapshot: null, tookMs: 1 };
  await happens({ ...exit, ...how });
  const found = noticed({ ledger, hub: { live, peopleIn: () => 1 } }, nowMs);
  expect(found.map(({ kind, to }) => [kind, to])).toEqual([
    ["auto_off", [ada]],
    ["left_on", [max]],
    ["node_offline", "staff"],
  ]);
  for (let time = 0; time < 2; time += 1) await ledger.noteNotices(found);
  expect(told(max).filter(({ kind }) => kind === "left_on")).toHaveLength(1);
  expect(told(sam)[0]).toMatchObject({ kind: "node_offline", facts: { label: "Cellar", untilMs: nowMs - 3 * minute } });
});

it("tells staff of a door that is forced, of power that nobody began and of a machine that locks itself; its maintainers too", async () => {
  await happens({ kind: "door.forced_open" });
  await happens({ kind: "mach.current_while_off", powerW: 900 });
  const kinds = (member: number) => told(member).map(({ kind }) => kind);
  expect(kinds(sam).slice(0, 3)).toEqual(["machine_faulty", "power_unowned", "door_forced"]);
  expect(kinds(max).slice(0, 2)).toEqual(["machine_faulty", "power_unowned"]);
  await ledger.change.unlockMachine({ machine: "printer-1" }, by);
});

it("tells staff after the third refusal, and a member when a blocked card of theirs is tried", async () => {
  const deny = { kind: "access.decided" as const, request: "enter" as const, outcome: "deny" as const, also: [], warnings: [] };
  const how = { where: "node" as const, snapshot: null, tookMs: 1, member: max };
  const denied = () => told(sam).filter(({ kind }) => kind === "denied_often").length;
  for (const wanted of [0, 0, 1, 1]) {
    await happens({ ...deny, ...how, decision: anId(), reason: "CREDENTIAL_REVOKED" });
    expect(denied()).toBe(wanted);
  }
  expect(told(max).filter(({ kind }) => kind === "card_used")).toHaveLength(1);
});

it.each([
  ["post", "ftp://x/y"],
  ["post", "ntfy.sh/ada"],
  ["post", "javascript:alert(1)"],
  ["post", `https://x/${"y".repeat(300)}`],
  ["mail", "ada@example.org\r\nBcc: bo@example.org"],
  ["mail", "Ada <ada@example.org>, bo@example.org"],
  ["telegram", "../getMe"],
  ["matrix", "!a/../b:x"],
  ["discord", "file:///etc/passwd"],
] as const)("an address on %s like %s is refused", async (way, address) => {
  await expect(ledger.change.addNoticeChannel({ member: ada, way, address }, by)).rejects.toThrow(/address/);
});

it("whoever wished to hear of it is told once that a machine is free, by the end of a session or of a lockout (reports.md M24)", async () => {
  const { change } = ledger;
  const free = (member: number) => told(member).filter(({ kind }) => kind === "machine_free");
  const wish = (member: number) => change.addWish({ member, machine: "printer-1" }, `member:${member}`);
  await expect(wish(max)).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("printer-1 is free now") });
  const session = anId();
  await happens({ kind: "mach.session_started", session, decision: anId(), member: ada, provisional: false });
  await wish(max);
  await expect(wish(max)).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("on record already") });
  await expect(change.addWish({ member: ida, machine: "printer-1" }, `member:${max}`)).rejects.toMatchObject({ code: "FORBIDDEN" });
  nowMs += minute;
  await change.lockMachine({ machine: "printer-1", kind: "oops", reason: "smoke" }, by);
  await wish(sam);
  await happens({ kind: "mach.session_closed", session, reason: "tap_out", busyMs: 0, energyWh: 0 });
  expect([free(max), free(sam)], "it is locked").toEqual([[], []]);
  nowMs += minute;
  await change.unlockMachine({ machine: "printer-1" }, by);
  for (const member of [max, sam]) expect(free(member)).toMatchObject([{ facts: { label: "Printer" } }]);
  expect(ledger.read.wishes()).toEqual([]);
  await change.lockMachine({ machine: "printer-1", kind: "oops", reason: "smoke" }, by);
  await change.unlockMachine({ machine: "printer-1" }, by);
  expect(free(max), "once").toHaveLength(1);
});

it("a member signs in where they are, once, and guests are a count (reports.md E02)", async () => {
  const { change } = ledger;
  const hour = 60 * minute;
  await change.addDoor({ door: "front", node: "node-1", ch: "door", label: "Front", failMode: "safe" }, by);
  const open = { class: "open", label: "Open", places: ["front"], kind: "open_evening" as const };
  await change.addClass({ ...open, fromMs: nowMs + 3 * hour, untilMs: nowMs + 5 * hour }, by);
  const attend = (member: number | null, guests = 0, actor = `member:${max}`) => change.attend({ class: "open", member, guests }, actor);
  await expect(attend(max)).rejects.toMatchObject({ message: expect.stringContaining("open is not now") });
  nowMs += 3 * hour;
  const { attendance } = await attend(max);
  await expect(attend(max)).rejects.toMatchObject({ message: expect.stringContaining("is signed in at open already") });
  await expect(attend(sam)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(attend(null, 0, by)).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("how many guests") });
  await attend(null, 4, by);
  await change.undoAttendance({ attendance }, `member:${max}`);
  await expect(change.undoAttendance({ attendance }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await attend(max, 1);
  const [row] = ledger.read.classes(nowMs).filter((one) => one.class === "open");
  expect(row).toMatchObject({
    guests: 5,
    kind: "open_evening",
    present: [
      { member: null, guests: 4 },
      { member: max, guests: 1 },
    ],
  });
  await change.cancelClass({ class: "open" }, by);
  await expect(attend(ida, 0, by)).rejects.toMatchObject({ message: expect.stringContaining("is cancelled") });
});
