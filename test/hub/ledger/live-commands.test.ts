/** What people set in motion for a while, on a real ledger with a chosen clock: captures, overrides, and what nodes allowed alone. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EventBody, hour, minute, second } from "../../../hub/contract/index.ts";
import { weeksOf, whyOf } from "../../../hub/foresight.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, anEvent, anId, bootOf, realClock, takeOverAll, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
let nowMs = Date.parse("2026-11-25T10:00:00Z"); // Wednesday noon in Riga
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
let change: Ledger["change"];
let ada: number;
let sten: number;
let seq = 0;

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" }, { ...realClock, nowMs: () => nowMs });
  change = ledger.change;
  await change.addPlan({ plan: "full", label: "Full" }, by);
  await change.addNode({ node: "node-1", kind: "mixed" }, by);
  await change.addDoor({ door: "front", node: "node-1", ch: "door", label: "Front", failMode: "safe" }, by);
  const saw = { machine: "saw", node: "node-1", ch: "saw", label: "Saw", riskClass: "C" as const, cutHazard: false, course: null };
  await change.addMachine(saw, by);
  await takeOverAll(ledger);
  [ada, sten] = [await member("Ada"), await member("Sten")];
  await change.setRoles({ member: sten, roles: ["steward"] }, by);
});
afterAll(() => ledger.close().then(() => folder.remove()));

async function member(displayName: string): Promise<number> {
  const { member: made } = await change.addMember({ displayName }, by);
  await change.setMembership({ member: made, plan: "full", from: "2026-01-01" }, by);
  return made;
}
const keyOf = (n: number): string => n.toString(16).padStart(32, "0");
async function happens(ch: string, body: EventBody, evtMs = nowMs): Promise<void> {
  seq += 1;
  await ledger.append("node-1", [anEvent(seq, body, { boot: bootOf(1), ch, evtMs, atMs: evtMs, recvMs: nowMs })]);
}
const captured = (n: number, ch = "door") => happens(ch, { kind: "card.captured", cardKey: keyOf(n) });
const newest = () => ledger.read.audit(1)[0];
const refusal = (sentence: string, code = "CONFLICT") => ({ code, message: expect.stringContaining(sentence) });

describe("a reader that waits", () => {
  const open = (resource: string | null = null) => change.openCapture({ member: ada, resource, label: "blue tag" }, "staff:7");

  it("gives the first card that comes in time, in the name of who asked, and no second one", async () => {
    const { capture, untilMs } = await open();
    expect(untilMs - nowMs).toBe(30 * second);
    nowMs += 30 * second;
    await captured(1);
    expect(ledger.read.capture(capture)).toMatchObject({ cardKey: keyOf(1), refused: null });
    expect(ledger.read.cards(ada)).toMatchObject([{ cardKey: keyOf(1), label: "blue tag", status: "active" }]);
    expect(newest()).toMatchObject({ actor: "staff:7", action: "assignCard", target: `member ${ada}` });
    await captured(2);
    expect(ledger.read.card(keyOf(2))).toBeUndefined();
    expect(newest()).toMatchObject({ actor: "node:node-1", action: "captureRefused" });
  });

  it("waits at its own place only, for half a minute, and for the last who asked", async () => {
    const first = await open("front");
    await captured(3, "saw");
    expect(ledger.read.card(keyOf(3))).toBeUndefined();
    const second_ = await change.openCapture({ member: sten, resource: "front" }, by);
    expect(ledger.read.capture(first.capture)?.refused).toContain("another");
    await captured(3);
    expect(ledger.read.card(keyOf(3))?.member).toBe(sten);
    expect(ledger.read.capture(second_.capture)?.cardKey).toBe(keyOf(3));
    const late = await open();
    nowMs += 34 * second;
    await captured(4);
    expect(ledger.read.capture(late.capture)).toMatchObject({ cardKey: null, refused: null });
    expect(ledger.read.card(keyOf(4))).toBeUndefined();
  });

  it("gives nobody a card that is another's", async () => {
    const { capture } = await open();
    await captured(3);
    expect(ledger.read.capture(capture)?.refused).toContain(`belongs to member ${sten}`);
    expect(ledger.read.card(keyOf(3))?.member).toBe(sten);
    await expect(change.openCapture({ member: 99, resource: null }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(change.openCapture({ member: ada, resource: "no-door" }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a card that comes late, or comes again", () => {
  const open = (resource: string | null = null) => change.openCapture({ member: ada, resource, label: "tag" }, by);

  it("is nobody's when its node tells of it long after", async () => {
    nowMs += hour;
    const { capture } = await open();
    const readMs = nowMs + second;
    nowMs += 20 * hour;
    await happens("door", { kind: "card.captured", cardKey: keyOf(21) }, readMs);
    expect(ledger.read.capture(capture)).toMatchObject({ cardKey: null, refused: null });
    expect([ledger.read.card(keyOf(21)), newest()?.action]).toEqual([undefined, "captureRefused"]);
  });

  it("was meant for the one before, when it was read before this one began", async () => {
    nowMs += hour;
    await open("front");
    nowMs += 10 * second;
    const readMs = nowMs - second;
    const next = await change.openCapture({ member: sten, resource: "front" }, by);
    await happens("door", { kind: "card.captured", cardKey: keyOf(22) }, readMs);
    expect(ledger.read.capture(next.capture)).toMatchObject({ cardKey: null, refused: null });
    expect(ledger.read.card(keyOf(22))).toBeUndefined();
    await happens("door", { kind: "card.captured", cardKey: keyOf(23) });
    expect(ledger.read.card(keyOf(23))?.member).toBe(sten);
  });

  it("stays stolen, whoever taps it, and is anew what it was only when it was given back", async () => {
    const card = { cardKey: keyOf(24) };
    await change.assignCard({ member: ada, card }, by);
    for (const status of ["lost", "stolen"] as const) {
      await change.blockCard({ card, status, reason: "gone" }, by);
      nowMs += hour;
      const { capture } = await open();
      await captured(24);
      expect(ledger.read.capture(capture)?.refused).toContain(`belongs to member ${ada} (${status})`);
      expect(ledger.read.card(keyOf(24))).toMatchObject({ member: ada, status });
    }
    await change.blockCard({ card, status: "returned", reason: "at the desk" }, by);
    nowMs += hour;
    await change.openCapture({ member: sten, resource: null }, by);
    await captured(24);
    expect(ledger.read.card(keyOf(24))).toMatchObject({ member: sten, status: "active" });
    await change.blockCard({ card, status: "returned", reason: "at the desk" }, by);
    nowMs = Date.parse("2026-11-25T12:00:00Z"); // the Wednesday again
  });
});

describe("an override", () => {
  const give = (more: Partial<Parameters<typeof change.addOverride>[0]> = {}, actor = by) =>
    change.addOverride(
      { member: ada, resource: "saw", by: sten, codes: ["OUTSIDE_OPENING_HOURS"], untilMs: nowMs + 2 * hour, reason: "class", ...more },
      actor,
    );
  const answer = (resource = "saw", atMs = nowMs) => whyOf({ ledger }, ada, resource, atMs)?.reason;

  it("holds for its member, its place and its time, and can be ended", async () => {
    await change.addSchedule({ schedule: "mornings", hours: { intervals: [{ weekday: 3, startMin: 480, endMin: 600 }], special: [] } }, by);
    await change.setSite({ openingHours: "mornings" }, by);
    expect(answer()).toBe("OUTSIDE_OPENING_HOURS");
    const { override } = await give();
    expect(answer()).toBe("GRANT_OVERRIDE");
    expect([answer("front"), answer("saw", nowMs + 2 * hour)]).toEqual(["OUTSIDE_OPENING_HOURS", "OUTSIDE_OPENING_HOURS"]);
    expect(ledger.read.overrides(nowMs)).toMatchObject([{ override, by: sten, reason: "class", codes: ["OUTSIDE_OPENING_HOURS"] }]);
    const week = weeksOf({ ledger }, ["saw"], Temporal.PlainDate.from("2026-11-23"))[0];
    expect(week?.members.find((row) => row.member === sten)?.answers[2 * 24 + 12]).toBe("no");
    await change.endOverride({ override }, by);
    expect(answer()).toBe("OUTSIDE_OPENING_HOURS");
    await expect(change.endOverride({ override }, by)).rejects.toMatchObject(refusal("is over already"));
  });

  it("needs somebody with the right to it, by name, for others, within a day", async () => {
    await expect(give({ by: ada })).rejects.toMatchObject(refusal("themselves"));
    await expect(give({ codes: ["OUT_OF_ORDER"] })).rejects.toMatchObject(refusal(`Member ${sten} may not override OUT_OF_ORDER at saw`));
    await expect(give({ codes: ["HOLD_ACTIVE"] })).rejects.toMatchObject(refusal("by nobody"));
    await expect(give({ untilMs: nowMs })).rejects.toMatchObject(refusal("over already", "BAD_INPUT"));
    await expect(give({ untilMs: nowMs + 25 * hour })).rejects.toMatchObject(refusal("24 hours", "BAD_INPUT"));
    const tia = await member("Tia");
    await change.setRoles({ member: tia, roles: ["steward"] }, by);
    await expect(give({}, `member:${tia}`)).rejects.toMatchObject(refusal("own name", "FORBIDDEN"));
    const { override } = await give({ by: tia }, `member:${tia}`);
    await change.addHold({ member: tia, reason: "talk to us" }, by);
    expect(answer()).toBe("OUTSIDE_OPENING_HOURS"); // its author is kept out meanwhile
    await change.clearHold({ member: tia }, by);
    expect(answer()).toBe("GRANT_OVERRIDE");
    await change.endOverride({ override }, `member:${ada}`);
  });

  it("ends with the session, not with one in which the machine was not used, and stays for who comes back later", async () => {
    const session = (evtMs: number) => ({ session: anId(), evtMs });
    const play = async ({ session: id, evtMs }: ReturnType<typeof session>, reason: "tap_out" | "not_used") => {
      await happens("saw", { kind: "mach.session_started", session: id, decision: anId(), member: ada, provisional: false }, evtMs);
      await happens("saw", { kind: "mach.session_closed", session: id, reason, busyMs: 1, energyWh: 1 }, evtMs + 1);
    };
    await give();
    await play(session(nowMs - 60_000), "tap_out"); // began before it
    await play(session(nowMs + 10), "not_used");
    expect(answer()).toBe("GRANT_OVERRIDE");
    await play(session(nowMs + 20), "tap_out");
    nowMs += 100;
    expect(answer()).toBe("OUTSIDE_OPENING_HOURS");
    expect(newest()).toMatchObject({ actor: "node:node-1", action: "endOverride", target: `member ${ada}` });
  });

  it("ends with its author's role, for good, and counts as the policy has it now", async () => {
    const uma = await member("Uma");
    await change.setRoles({ member: uma, roles: ["steward"] }, by);
    const { override } = await give({ by: uma });
    const policy = (roles: ("maintainer" | "steward")[] | null) =>
      change.setMachine({ machine: "saw", change: { overridableBy: roles === null ? null : { OUTSIDE_OPENING_HOURS: roles } } }, by);
    await policy(["maintainer"]);
    expect(answer()).toBe("OUTSIDE_OPENING_HOURS");
    await policy(null);
    expect(answer()).toBe("GRANT_OVERRIDE");
    await change.setRoles({ member: uma, roles: ["steward", "trainer"] }, by);
    expect(answer()).toBe("GRANT_OVERRIDE");
    await change.setRoles({ member: uma, roles: ["trainer"] }, by);
    expect(answer()).toBe("OUTSIDE_OPENING_HOURS");
    expect(ledger.read.audit(2).map(({ actor, action, detail }) => [actor, action, detail])).toMatchObject([
      [by, "setRoles", expect.anything()],
      [by, "endOverride", JSON.stringify({ override, resource: "saw" })],
    ]);
    await change.setRoles({ member: uma, roles: ["steward"] }, by);
    expect([answer(), ledger.read.overrides(nowMs)]).toEqual(["OUTSIDE_OPENING_HOURS", []]);
    await give({ by: uma });
    await change.setMember({ member: uma, status: "left" }, by);
    await change.setMember({ member: uma, status: "active" }, by);
    expect(answer()).toBe("OUTSIDE_OPENING_HOURS");
  });

  it("of a maintainer ends with the last day of their qualification", async () => {
    const max = await member("Max");
    const night = { overridableBy: { OUTSIDE_OPENING_HOURS: ["maintainer" as const] } };
    await change.setMachine({ machine: "saw", change: night }, by);
    await change.addQualification({ member: max, role: "maintainer", scope: "saw", from: "2026-11-25", through: "2026-11-25" }, by);
    await give({ by: max, untilMs: nowMs + 24 * hour });
    expect(answer()).toBe("GRANT_OVERRIDE");
    const before = nowMs;
    nowMs = Date.parse("2026-11-25T22:00:00Z"); // midnight in Riga
    expect(answer()).toBe("OUTSIDE_OPENING_HOURS");
    nowMs = before;
    await change.endQualification({ member: max, role: "maintainer", scope: "saw" }, by);
    expect([answer(), ledger.read.overrides(nowMs)]).toEqual(["OUTSIDE_OPENING_HOURS", []]);
    await change.setMachine({ machine: "saw", change: { overridableBy: null } }, by);
    await change.setSite({ openingHours: null }, by);
  });

  it("of a broken machine ends with the next report, from the machine or the desk", async () => {
    const max = await member("Mio");
    await change.addQualification({ member: max, role: "maintainer", scope: "saw" }, by);
    const broken = () => give({ by: max, codes: ["OUT_OF_ORDER"] });
    await happens("saw", { kind: "mach.oops" });
    await broken();
    const { override: other } = await give();
    expect(answer()).toBe("GRANT_OVERRIDE");
    await happens("saw", { kind: "mach.oops" }, nowMs - hour); // told late: nobody knew of it
    expect(newest()).toMatchObject({ actor: "node:node-1", action: "endOverride", target: `member ${ada}` });
    expect([answer(), ledger.read.overrides(nowMs).map((row) => row.override)]).toEqual(["OUT_OF_ORDER", [other]]);
    await broken();
    await change.lockMachine({ machine: "saw", kind: "fault", reason: "smoke" }, by);
    expect(ledger.read.overrides(nowMs).length).toBe(2);
    await change.lockMachine({ machine: "saw", kind: "oops", reason: "again" }, by);
    expect(ledger.read.overrides(nowMs).length).toBe(1);
    await change.endOverride({ override: other }, by);
    await change.unlockMachine({ machine: "saw" }, by);
  });
});

describe("what a node allowed alone", () => {
  const decided = (more: object = {}): EventBody => ({
    ...{ kind: "access.decided", request: "enter", decision: anId(), outcome: "grant", reason: "GRANT_DEGRADED", also: [], warnings: [] },
    ...{ member: ada, where: "node", snapshot: { epoch: 1, version: 1, ageMs: 0 }, tookMs: 1, card: keyOf(1) },
    ...more,
  });
  const open = () => ledger.read.exceptions({});

  it("S18: is an exception when the card was blocked by then; the lost card's other uses, and her new card, are none", async () => {
    await change.assignCard({ member: ada, card: { cardKey: keyOf(9) } }, by);
    const lostMs = nowMs;
    await change.blockCard({ card: { cardKey: keyOf(1) }, status: "lost", reason: "on the bus" }, by);
    nowMs += 20 * minute;
    await happens("door", decided(), lostMs - minute); // before it was lost
    await happens("door", decided({ card: keyOf(9) }), lostMs + 5 * minute);
    await happens("door", decided({ outcome: "deny" }), lostMs + 5 * minute);
    await happens("door", decided({ where: "hub" }), lostMs + 5 * minute);
    await happens("door", decided(), nowMs - second); // told in time: within the two seconds of D1
    expect(open()).toEqual([]);
    await happens("door", decided(), lostMs + 5 * minute);
    expect(open()).toMatchObject([
      { member: ada, resource: "front", code: "CREDENTIAL_REVOKED", evtMs: lostMs + 5 * minute, noticedMs: nowMs, closedMs: null },
    ]);
    expect(newest()).toMatchObject({ actor: "node:node-1", action: "OFFLINE_EXCEPTION", target: `member ${ada}` });
  });

  it("is one exception however often it is told; somebody closes it, and may open it again", async () => {
    const number = { exception: open()[0]?.exception ?? 0 };
    const again = anEvent(seq, decided(), { boot: bootOf(1), ch: "door", evtMs: nowMs - minute, recvMs: nowMs });
    await ledger.append("node-1", [again]);
    expect(open().length).toBe(1);
    await change.setRoles({ member: ada, roles: ["steward"] }, by);
    const own = refusal("of their own", "FORBIDDEN");
    await expect(change.closeException({ ...number, reason: "fine" }, `member:${ada}`)).rejects.toMatchObject(own);
    await change.setRoles({ member: ada, roles: [] }, by);
    await change.closeException({ ...number, reason: "asked her" }, "member:2");
    expect([open().length, ledger.read.exceptions({ all: true }).length]).toEqual([0, 1]);
    await expect(change.closeException({ ...number, reason: "again" }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await change.reopenException(number, by);
    expect(open().length).toBe(1);
    await change.closeException({ ...number, reason: "asked her" }, by);
  });

  it("counts holds and lockouts from when they were made, and claims nothing about what cannot be told any more", async () => {
    const bo = await member("Bo");
    const before = nowMs;
    await change.addHold({ member: bo, reason: "talk to us" }, by);
    await change.lockMachine({ machine: "saw", reason: "blade" }, by);
    nowMs += 10 * minute;
    await happens("door", decided({ member: bo }), before - minute);
    await happens("saw", decided({ member: ada, request: "start", card: keyOf(9) }), before - minute);
    expect(open()).toEqual([]);
    await happens("door", decided({ member: bo }), before + minute);
    await happens("saw", decided({ member: ada, request: "start", card: keyOf(9) }), before + minute);
    expect(open().map(({ code }) => code)).toEqual(["HOLD_ACTIVE", "LOCKED_OUT"]);
    const cid = await member("Cid");
    nowMs += minute;
    await change.endMembership({ member: cid, lastDay: "2026-11-24" }, by);
    const endedMs = nowMs;
    nowMs += 10 * minute;
    await happens("door", decided({ member: cid }), endedMs - minute); // it ran then, as far as anybody can tell
    await happens("door", decided({ member: cid }), endedMs + minute);
    expect(
      open()
        .map(({ member: whose, code }) => [whose, code])
        .slice(2),
    ).toEqual([[cid, "MEMBERSHIP_EXPIRED"]]);
    await captured(30); // for nobody, which is audited
    nowMs += minute;
    await happens("door", decided({ member: cid }), endedMs + 2 * minute);
    await happens("door", decided({ member: cid }), endedMs + 3 * minute);
    expect(open().length).toBe(5);
  });

  it("knows what was over by the time the node told: holds, restrictions, lockouts, a suspension, a card lost and found or given on", async () => {
    nowMs += hour;
    const [dan, eva] = [await member("Dan"), await member("Eva")];
    const card = { cardKey: keyOf(40) };
    await change.assignCard({ member: dan, card }, by);
    const known = open().length;
    const causes: readonly [code: string, place: "door" | "saw", begin: () => Promise<unknown>, end: () => Promise<unknown>][] = [
      ["HOLD_ACTIVE", "door", () => change.addHold({ member: dan, reason: "talk" }, by), () => change.clearHold({ member: dan }, by)],
      [
        "RESTRICTED_HERE",
        "door",
        () => change.restrict({ member: dan, place: "front", reason: "talk" }, by),
        () => change.liftRestriction({ member: dan, place: "front" }, by),
      ],
      [
        "LOCKED_OUT",
        "saw",
        () => change.lockMachine({ machine: "saw", reason: "belt" }, by),
        () => change.unlockMachine({ machine: "saw", kind: "maintenance" }, by),
      ],
      [
        "MEMBER_SUSPENDED",
        "door",
        () => change.setMember({ member: dan, status: "suspended" }, by),
        () => change.setMember({ member: dan, status: "active" }, by),
      ],
      [
        "CREDENTIAL_REVOKED",
        "door",
        () => change.blockCard({ card, status: "lost", reason: "bus" }, by),
        () => change.restoreCard({ card, reason: "found" }, by),
      ],
      [
        "CREDENTIAL_REVOKED",
        "door",
        () => change.blockCard({ card, status: "returned", reason: "left" }, by),
        () => change.assignCard({ member: eva, card }, by),
      ],
    ];
    if (ledger.read.lockouts("saw").length > 0) await change.unlockMachine({ machine: "saw" }, by);
    for (const [, place, begin, end] of causes) {
      nowMs += 10 * minute;
      await begin();
      const beganMs = nowMs;
      nowMs += 10 * minute;
      await end();
      nowMs += 10 * minute;
      const use = decided({ member: dan, card: keyOf(40), request: place === "door" ? "enter" : "start" });
      for (const atMs of [beganMs - minute, beganMs + minute, beganMs + 11 * minute]) await happens(place, use, atMs);
    }
    expect(
      open()
        .slice(known)
        .map(({ member: whose, code, evtMs }) => [whose, code, (nowMs - evtMs) % (30 * minute)]),
    ).toEqual([...causes.map(([code]) => [dan, code, 19 * minute]), [dan, "CREDENTIAL_REVOKED", 9 * minute]]); // by then it was Eva's
  });

  it("tells of the cause that held, though another that came later would decide today", async () => {
    const fay = await member("Fay");
    await change.addHold({ member: fay, reason: "talk" }, by);
    const heldMs = nowMs;
    nowMs += 10 * minute;
    await change.setMember({ member: fay, status: "suspended" }, by);
    nowMs += 10 * minute;
    await happens("door", decided({ member: fay, card: keyOf(41) }), heldMs + minute);
    await happens("door", decided({ member: fay, card: keyOf(41) }), heldMs + 11 * minute);
    expect(open().slice(-2)).toMatchObject([
      { member: fay, code: "HOLD_ACTIVE" },
      { member: fay, code: "MEMBER_SUSPENDED" },
    ]);
  });
});
