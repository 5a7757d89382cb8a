/** What happens at a machine or door and changes what is recorded: on a real ledger, each event sent twice. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EventBody } from "../../../hub/contract/index.ts";
import { settleBookings } from "../../../hub/ledger/bookings.ts";
import { Database } from "../../../hub/ledger/database.ts";
import { ledgerPath } from "../../../hub/ledger/ledger.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, anEvent, anId, realClock, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
const at = (text: string): number => Date.parse(text);
let nowMs = at("2026-11-25T10:00:00Z");
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
let [ada, tia, bob] = [0, 0, 0];

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" }, { ...realClock, nowMs: () => nowMs });
  const { change } = ledger;
  await change.addCourse({ course: "laser", label: "Laser" }, by);
  await change.addNode({ node: "node-1", kind: "mixed" }, by);
  const machine = { node: "node-1", label: "Laser", riskClass: "B" as const, cutHazard: false, course: "laser" };
  await change.addMachine({ ...machine, machine: "laser-1", ch: "laser", check: "next_user" }, by);
  await change.addDoor({ door: "front-door", node: "node-1", ch: "door", label: "Front", failMode: "safe" }, by);
  for (const name of ["Ada", "Tia", "Bob"]) await change.addMember({ displayName: name }, by);
  [ada, tia, bob] = [1, 2, 3];
  await change.addQualification({ member: tia, role: "trainer", scope: "laser", from: "2026-11-25", through: "2026-11-30" }, by);
  await change.addQualification({ member: tia, role: "maintainer", scope: "laser-1", from: "2026-01-01" }, by);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

let seq = 0;
/** Something happens now, and its node sends it twice. */
async function happens(body: EventBody, ch = "laser"): Promise<void> {
  seq += 1;
  const event = { ...anEvent(seq, body), ch, evtMs: nowMs, atMs: nowMs };
  await ledger.append("node-1", [event]);
  await ledger.append("node-1", [event]);
}
const competence = (member: number): string | undefined =>
  ledger.permissions.memberFacts(member, "laser-1", nowMs)?.subject?.facts.competence.level;
const lockouts = (): string[] => ledger.read.lockouts("laser-1").map(({ kind }) => kind);
const last = () => ledger.read.audit(1)[0];
const minutes = (count: number): void => {
  nowMs += count * 60_000;
};
const session = anId();
const signedOff = (member: number, trainer: number, undone = false): EventBody => ({
  kind: "mach.signed_off",
  session,
  member,
  trainer,
  undone,
});

it("a sign-off at the machine becomes one training record, and is undone within ten minutes only", async () => {
  await happens(signedOff(ada, tia));
  expect(competence(ada)).toBe("competent");
  expect(ledger.read.trainings(ada)).toHaveLength(1);
  expect(last()).toMatchObject({ actor: `member:${tia}`, action: "grantTraining", target: `member ${ada}` });
  minutes(9);
  await happens(signedOff(ada, tia, true));
  expect(competence(ada)).toBe("none");
  await happens(signedOff(ada, tia));
  minutes(11);
  await happens(signedOff(ada, tia, true));
  expect(competence(ada)).toBe("competent");
  expect(last()).toMatchObject({ action: "signOffRefused" });
  await ledger.change.setMachine({ machine: "laser-1", change: { settings: { undoMs: 20 * 60_000 } } }, by);
  await happens(signedOff(ada, tia, true));
  expect(competence(ada), "the machine may set a longer time").toBe("none");
  await ledger.change.setMachine({ machine: "laser-1", change: { settings: { undoMs: null } } }, by);
});

it("a sign-off by nobody's trainer, by oneself, or after the qualification has ended is an incident and no record", async () => {
  for (const [member, trainer] of [
    [bob, ada],
    [tia, tia],
  ] as const) {
    await happens(signedOff(member, trainer));
    expect(competence(member)).toBe("none");
    expect(last()).toMatchObject({ action: "signOffRefused", actor: `member:${trainer}` });
  }
  const before = nowMs;
  nowMs = at("2026-11-30T22:00:00Z"); // midnight in Riga after the last day
  await happens(signedOff(bob, tia));
  expect(ledger.read.trainings(bob)).toEqual([]);
  nowMs = before;
});

it("a tap at a booked machine checks the booking in, not earlier than a quarter of an hour before", async () => {
  const span = { fromMs: nowMs + 20 * 60_000, untilMs: nowMs + 80 * 60_000 };
  await ledger.change.addBooking({ machine: "laser-1", member: ada, ...span }, by);
  const state = () => ledger.read.bookings(nowMs)[0]?.state;
  const start = (member: number): EventBody => ({
    kind: "mach.session_started",
    session: anId(),
    decision: anId(),
    member,
    provisional: false,
  });
  await happens(start(ada));
  expect(state()).toBe("confirmed");
  minutes(6);
  await happens(start(bob));
  expect(state()).toBe("confirmed");
  await happens(start(ada));
  expect(state()).toBe("checked_in");
});

it("a use leaves a check due; a rejection is remembered with the last user, and acceptance clears both", async () => {
  const used = anId();
  const close = (reason: "tap_out" | "not_used"): EventBody => ({
    kind: "mach.session_closed",
    session: used,
    reason,
    busyMs: 1,
    energyWh: 1,
  });
  await happens({ kind: "mach.session_started", session: used, decision: anId(), member: ada, provisional: false });
  await happens(close("not_used"));
  expect(lockouts()).toEqual([]);
  await happens(close("tap_out"));
  expect(lockouts()).toEqual(["check"]);
  expect(ledger.read.checkOf("laser-1")).toEqual({ rejected: false, lastMember: ada });
  await happens({ kind: "mach.checked", member: bob, accepted: false });
  expect(ledger.read.checkOf("laser-1")).toEqual({ rejected: true, lastMember: ada });
  expect(ledger.permissions.restrictions("node-1").lockouts).toMatchObject([{ ch: "laser", kind: "check" }]);
  await happens({ kind: "mach.checked", member: bob, accepted: true });
  expect([lockouts(), ledger.read.checkOf("laser-1")]).toEqual([[], null]);
  await happens(close("tap_out"));
  await ledger.change.unlockMachine({ machine: "laser-1", kind: "check" }, by);
  expect(ledger.read.checkOf("laser-1")).toBe(null);
});

it("somebody's report locks the machine until its maintainer resets it", async () => {
  await happens({ kind: "mach.oops" });
  expect(lockouts()).toEqual(["oops"]);
  await happens({ kind: "mach.reset", member: bob });
  expect(lockouts()).toEqual(["oops"]);
  await happens({ kind: "mach.reset", member: tia });
  expect(lockouts()).toEqual([]);
});

it("a fault that the node found locks the machine until the desk clears it; the maintainer's reset at the machine is the other half", async () => {
  for (const body of [
    { kind: "mach.fault", cause: "overheated" },
    { kind: "mach.verify_failed" },
    { kind: "mach.current_while_off", powerW: 300 },
  ] as const) {
    await happens(body);
    expect(lockouts()).toEqual(["fault"]);
    await happens({ kind: "mach.reset", member: tia });
    expect(lockouts()).toEqual(["fault"]);
    await ledger.change.unlockMachine({ machine: "laser-1", kind: "fault" }, by);
    expect(lockouts()).toEqual([]);
  }
});

it("a guest's days are counted, whatever the number of doors; today's counts from tomorrow", async () => {
  const { member } = await ledger.change.addGuest({ displayName: "Jo", host: ada, untilMs: nowMs + 9e8, visits: 2 }, by);
  const left = () => ledger.permissions.memberFacts(member, "front-door", nowMs)?.subject?.facts.guest?.visitsLeft;
  for (const cause of ["grant", "grant"] as const) await happens({ kind: "door.opened", who: [member], cause }, "door");
  expect(left()).toBe(2);
  minutes(24 * 60);
  expect(left()).toBe(1);
  await happens({ kind: "door.opened", who: [ada, member], cause: "grant" }, "door");
  minutes(24 * 60);
  expect(left()).toBe(0);
  expect(ledger.read.guests()).toMatchObject([{ member, came: 2 }]);
});

it("a booking is released when nobody has come a quarter of an hour after its start, or after the machine became free", async () => {
  const db = new Database(ledgerPath(folder.dir));
  const book = async (inMinutes: number) => {
    const fromMs = nowMs + inMinutes * 60_000;
    return (await ledger.change.addBooking({ machine: "laser-1", member: ada, fromMs, untilMs: fromMs + 60 * 60_000 }, by)).booking;
  };
  const state = (booking: number) => ledger.read.bookings(0).find((row) => row.booking === booking)?.state;
  const settle = (): boolean => db.transaction(() => settleBookings(db, nowMs));
  const used = anId();
  await happens({ kind: "mach.session_started", session: used, decision: anId(), member: bob, provisional: false });
  const first = await book(0);
  minutes(20); // the machine is in use: the time of grace has not begun
  settle();
  expect(state(first)).toBe("confirmed");
  await happens({ kind: "mach.session_closed", session: used, reason: "tap_out", busyMs: 1, energyWh: 1 });
  minutes(14);
  expect(settle()).toBe(false);
  minutes(1);
  expect(settle()).toBe(true);
  expect(state(first)).toBe("no_show");
  const second = await book(0);
  await ledger.change.checkIn({ booking: second }, by);
  minutes(30);
  settle();
  expect(state(second)).toBe("checked_in");
  minutes(30);
  settle();
  expect(state(second)).toBe("done");
  db.close();
});
