/** Who is told what: on a real ledger, each event sent twice. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EventBody } from "../../../hub/contract/index.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, anEvent, anId, realClock, temporaryDir } from "../../support/ledger.ts";

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
    { kind: "job_complete", facts: { label: "Printer", energyWh: 1600, heatingWh: 300, workWh: 1200 }, hasAddress: false, doneMs: null },
  ]);
  expect(ledger.read.noticesDue(nowMs), "without an address it waits for nobody").toEqual([]);
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

it("waits for its address, is tried later and later for a day, and is done when it has arrived", async () => {
  await ledger.change.setNoticeAddress({ member: ada, address: "https://ntfy.sh/ada" }, by);
  expect(JSON.stringify(ledger.read.audit(1)), "whoever knows the address reads along").not.toContain("ntfy.sh");
  const [due] = ledger.read.noticesDue(nowMs);
  expect(due).toMatchObject({ kind: "job_complete", address: "https://ntfy.sh/ada", locale: "lv" });
  const notice = due?.notice ?? 0;
  const waits: number[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    await ledger.noteDelivery(notice, "the server answered 503");
    const fromMs = nowMs;
    while (ledger.read.noticesDue(nowMs).length === 0 && nowMs < fromMs + 300 * minute) nowMs += minute;
    waits.push((nowMs - fromMs) / minute);
  }
  expect(waits).toEqual([1, 5, 30, 120, 120, 120]);
  await ledger.noteDelivery(notice, null);
  expect(told(ada)[0]).toMatchObject({ tries: 7, problem: null, doneMs: nowMs });
  expect(ledger.read.noticesDue(nowMs + 300 * minute)).toEqual([]);
});

it("is given up after a day, and an address can be taken away", async () => {
  const { notice } = await ledger.change.tryNotices({ member: ada }, by);
  nowMs += 23 * 60 * minute;
  await ledger.noteDelivery(notice, "no answer");
  expect(told(ada)[0]).toMatchObject({ doneMs: null });
  nowMs += 59 * minute;
  await ledger.noteDelivery(notice, "no answer");
  expect(told(ada)[0]).toMatchObject({ problem: "no answer", doneMs: nowMs });
  await ledger.change.tryNotices({ member: ada }, by);
  expect(ledger.read.noticesDue(nowMs)).toHaveLength(1);
  await ledger.change.setNoticeAddress({ member: ada, address: null }, by);
  expect(ledger.read.noticesDue(nowMs)).toEqual([]);
});

it.each(["ftp://x/y", "ntfy.sh/ada", "javascript:alert(1)", `https://x/${"y".repeat(300)}`])(
  "an address like %s is refused",
  async (address) => {
    await expect(ledger.change.setNoticeAddress({ member: ada, address }, by)).rejects.toThrow(/address/);
  },
);

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
