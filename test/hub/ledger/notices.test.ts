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
