/** Acceptance scenarios of the house's own rules (domain.md §3.2, §3.6): bookings, capacity, company, shared machines, credit. */
import { describe, expect, it } from "vitest";
import type { ResourceFacts } from "#contract";
import { explainCode } from "#core";
import {
  afternoon,
  type Cast,
  doorFacts,
  ends,
  hour,
  laserFacts,
  members,
  minute,
  printerFacts,
  type Scene,
  sawFacts,
  scene,
  second,
  untrained,
} from "./scene.ts";

const refusal = async (s: Scene, who: Parameters<Scene["tap"]>[0], at: string) => {
  s.tap(who, at);
  await s.pass(4 * second);
  return s.advice(at);
};
const within = { "door-1": { zone: "hall" }, saw: { zone: "hall" }, laser: { zone: "hall" } };
/** Taps at the door and goes in. */
async function comeIn(s: Scene, who: "ada" | "bob" | "cem"): Promise<void> {
  s.tap(who, "door-1");
  await s.pass(second);
  expect(s.door("door-1").pull(), `${who} may come in`).toBe(true);
  await s.pass(2 * second);
  s.door("door-1").close();
  await s.pass(5 * second);
}

describe("bookings", () => {
  const span = { fromMs: afternoon + 20 * minute, untilMs: afternoon + hour };
  const booked: ResourceFacts = {
    ...sawFacts,
    booking: { mode: "optional", leadMs: 5 * minute, noShowMs: 15 * minute },
    bookings: [{ ...span, member: members.bob, checkedIn: false }],
  };
  it("warn who works there fifteen and five minutes ahead, end the session when idle, and cut nothing", async () => {
    const s = await scene({ from: afternoon, facts: [booked] });
    await s.toWork("ada", "saw");
    await s.until(span.fromMs + 2 * minute);
    expect(s.said("saw")).toEqual(expect.arrayContaining(["ends_in_15", "ends_in_5", "ends_now"]));
    expect([s.machine("saw").isPowered(), s.machine("saw").program().state().kind]).toEqual([true, "stopping"]);
    s.machine("saw").work(false);
    await s.pass(minute);
    expect(s.closed("saw")).toMatchObject([{ reason: "booking_end" }]);
    expect(await refusal(s, "ada", "saw")).toEqual({ code: "BOOKED_BY_OTHER", next: "Book a free time." });
    s.tap("bob", "saw");
    await s.pass(5 * second);
    expect(s.machine("saw").isPermitted()).toBe(true);
  });
  it("are given up a quarter of an hour after the machine was free for them", async () => {
    const s = await scene({ from: span.fromMs - 10 * minute, facts: [booked] });
    await s.toWork("cem", "saw");
    await s.until(span.fromMs + 4 * minute);
    s.machine("saw").pressStopInput();
    const freeMs = s.nowMs();
    await s.until(freeMs + 14 * minute);
    expect((await refusal(s, "ada", "saw")).code).toBe("BOOKED_BY_OTHER");
    await s.until(freeMs + 16 * minute);
    s.tap("ada", "saw");
    await s.pass(5 * second);
    expect(s.machine("saw").isPermitted()).toBe(true);
  });
  it("are asked for where the machine may only be used in a booked time", async () => {
    const s = await scene({ from: afternoon, facts: [{ ...booked, booking: { mode: "required", leadMs: 0, noShowMs: 15 * minute } }] });
    expect(await refusal(s, "ada", "saw")).toEqual({ code: "BOOKING_REQUIRED", next: "Book a time." });
  });
});

describe("capacity", () => {
  it("keeps the third out of a zone for two until one has left, and warns where it only warns", async () => {
    const full = { people: 2, mode: "deny" as const };
    const s = await scene({ from: afternoon, facts: [{ ...doorFacts, capacity: full, asks: ["occupancy"] }], zones: within });
    await comeIn(s, "ada");
    await comeIn(s, "bob");
    expect(await refusal(s, "cem", "door-1")).toEqual({ code: "ZONE_FULL", next: "Wait until somebody leaves." });
    expect(s.door("door-1").isUnlocked()).toBe(false);
    s.place({ id: "door-1", capacity: { ...full, mode: "warn" } });
    await s.pass(2 * second);
    s.tap("cem", "door-1");
    await s.pass(2 * second);
    expect(s.verdict("door-1")).toMatchObject({ outcome: "grant", where: "hub" });
  });
});

describe("lone working", () => {
  it("is forbidden until somebody else is known to be in, and stops nobody who has started", async () => {
    const s = await scene({
      from: afternoon,
      facts: [doorFacts, { ...sawFacts, loneWorking: "forbid", asks: ["occupancy"] }],
      zones: within,
    });
    await comeIn(s, "ada");
    expect(await refusal(s, "ada", "saw")).toEqual({ code: "LONE_WORKING", next: "Come when somebody else is in." });
    await comeIn(s, "bob");
    await s.toWork("ada", "saw");
    await s.pass(40 * minute);
    expect(s.machine("saw").isPowered()).toBe(true);
  });
});

describe("check-in and credit", () => {
  it("send whoever has not come in by the door back to it", async () => {
    const s = await scene({ from: afternoon, facts: [doorFacts, { ...sawFacts, checkIn: true, asks: ["check_in"] }], zones: within });
    expect(await refusal(s, "ada", "saw")).toEqual({ code: "NOT_CHECKED_IN", next: "Tap at the entrance first." });
    await comeIn(s, "ada");
    s.tap("ada", "saw");
    await s.pass(4 * second);
    expect(s.machine("saw").isPermitted()).toBe(true);
  });
  it("refuse an empty account, but nobody because the hub is away", async () => {
    const s = await scene({ from: afternoon, facts: [{ ...sawFacts, minCreditCents: 100, asks: ["credit"] }] });
    expect(await refusal(s, "ada", "saw")).toEqual({ code: "INSUFFICIENT_CREDIT", next: "Top it up." });
    s.killHub();
    await s.pass(20 * second);
    s.tap("ada", "saw");
    await s.pass(10 * second);
    expect(s.machine("saw").isPermitted()).toBe(true);
  });
});

describe("one machine, two people", () => {
  it("in use by another is told so, and nothing else happens", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts] });
    await s.toWork("ada", "saw");
    expect(await refusal(s, "bob", "saw")).toEqual({ code: "IN_USE", next: "Wait until it is free." });
    expect([s.machine("saw").isPowered(), s.closed("saw")]).toEqual([true, []]);
  });
  it("is handed over by the owner's own tap: two sessions that touch, power untouched", async () => {
    const s = await scene({ from: afternoon, facts: [{ ...sawFacts, sharing: "handover" }] });
    await s.toWork("ada", "saw");
    expect(await refusal(s, "bob", "saw")).toEqual({ code: "AWAIT_HANDOVER", next: "Let that member tap to hand it over." });
    s.tap("ada", "saw");
    await s.pass(4 * second);
    expect([s.verdict("saw").reason, s.machine("saw").isPowered()]).toEqual(["GRANT_HANDOVER", true]);
    await s.pass(minute);
    s.tap("bob", "saw");
    s.machine("saw").work(false);
    await s.pass(3 * minute);
    const [first, second_] = s.sessions("saw");
    expect([first?.endReason, second_?.member, second_?.startMs]).toEqual(["handed_over", members.bob, first?.endMs]);
  });
  it("left in grace may be taken over where the policy says so", async () => {
    const s = await scene({ from: afternoon, facts: [{ ...sawFacts, sharing: "takeover_when_idle" }] });
    await s.toWork("ada", "saw");
    s.machine("saw").work(false);
    await s.pass(30 * second);
    s.tap("ada", "saw");
    await s.pass(10 * second);
    s.tap("bob", "saw");
    await s.pass(4 * second);
    expect([s.verdict("saw").reason, s.closed("saw")]).toMatchObject(["GRANT_TAKEOVER", [{ reason: "taken_over" }]]);
  });
});

describe("one member, two machines", () => {
  it("of the dangerous kind are one too many; a print that runs by itself is none", async () => {
    const danger: ResourceFacts = { ...sawFacts, riskClass: "A", asks: ["member_limit"] };
    const s = await scene({ from: afternoon, facts: [{ ...laserFacts, offline: "snapshot" }, danger, printerFacts] });
    await s.toWork("ada", "printer");
    s.tap("ada", "printer");
    await s.pass(5 * second);
    await s.toWork("ada", "laser");
    expect(await refusal(s, "ada", "saw")).toEqual({ code: "MEMBER_LIMIT", next: "Finish there first." });
  });
});

describe("what may not run together", () => {
  it("is refused while the other machine of its group or of its circuit runs", async () => {
    const dusty = { exclusiveGroup: "dusty", asks: ["group" as const] };
    const feed = (ratedW: number) => ({ feed: { circuit: "feed-1", ratedW, budgetW: 3600 }, asks: ["group" as const] });
    const group = await scene({
      from: afternoon,
      facts: [
        { ...sawFacts, ...dusty },
        { ...printerFacts, ...dusty },
      ],
    });
    await group.toWork("ada", "saw");
    expect((await refusal(group, "bob", "printer")).code).toBe("EXCLUSIVE_CONFLICT");
    const circuit = await scene({
      from: afternoon,
      facts: [
        { ...sawFacts, ...feed(2200) },
        { ...printerFacts, ...feed(1500) },
      ],
    });
    await circuit.toWork("ada", "saw");
    expect(await refusal(circuit, "bob", "printer")).toEqual({ code: "POWER_BUDGET", next: "Wait until another machine is off." });
    circuit.machine("saw").pressStopInput();
    await circuit.pass(minute);
    circuit.tap("bob", "printer");
    await circuit.pass(5 * second);
    expect(circuit.machine("printer").isPermitted()).toBe(true);
  });
});

describe("membership ends while she is in", () => {
  it("refuses entry, lets her out, and stops the saw when it is idle", async () => {
    const endMs = afternoon + 10 * minute;
    const s = await scene({ from: afternoon, facts: [doorFacts, sawFacts], cast: { ada: ends(endMs) } });
    await s.toWork("ada", "saw");
    await s.until(endMs + minute);
    expect([s.machine("saw").isPowered(), s.machine("saw").program().state().kind]).toEqual([true, "stopping"]);
    expect(await refusal(s, "ada", "door-1")).toEqual({ code: "MEMBERSHIP_EXPIRED", next: "Renew it." });
    s.door("door-1").pressExit();
    expect(s.door("door-1").pull()).toBe(true);
    s.machine("saw").work(false);
    await s.pass(minute);
    expect(s.closed("saw")).toMatchObject([{ reason: "permission_ended" }]);
  });
});

describe("what the house says of a tap at the saw", () => {
  const lesson = { fromMs: afternoon - 15 * minute, untilMs: afternoon + hour };
  const roster = [{ member: members.tia, fromMs: afternoon - hour, untilMs: afternoon + hour }];
  const outsider = { inPlan: false };
  type Line = readonly [sentence: string, facts: Partial<ResourceFacts>, ada: NonNullable<Cast["ada"]>, reason: string, next: string];
  it.each<Line>([
    ["the untrained in a class", {}, { ...untrained, events: [lesson] }, "GRANT_EVENT", ""],
    [
      "the untrained after the class",
      {},
      { ...untrained, events: [{ fromMs: 1, untilMs: afternoon - second }] },
      "TRAINING_MISSING",
      "Book the introduction.",
    ],
    ["whom a rule of the house only warns", { warnOnly: true }, outsider, "GRANT_WARN_ONLY", "Have it put in order."],
    ["whom the plan does not cover", {}, outsider, "NOT_IN_PLAN", "Choose one that does."],
    ["who is restricted, which no warning replaces", { warnOnly: true }, { restricted: true }, "RESTRICTED_HERE", "Talk to the staff."],
    ["anybody where it is always on", { alwaysEnabled: true }, untrained, "GRANT_ALWAYS_ENABLED", ""],
    ["who needs a steward, with nobody on duty", { stewardRequired: true, duty: [] }, {}, "STEWARD_REQUIRED", "Ask the staff."],
    ["who needs a steward, with one on duty", { stewardRequired: true, duty: roster }, {}, "GRANT", ""],
    ["anybody when it is out of service", { disabled: true }, {}, "RESOURCE_DISABLED", "Use another one."],
    ["who signed old rules", {}, { waiver: "outdated" }, "WAIVER_OUTDATED", "Sign the new ones."],
    ["who is suspended", {}, { member: "suspended" }, "MEMBER_SUSPENDED", "Talk to the staff."],
    ["who may use all but this one", {}, { restricted: true }, "RESTRICTED_HERE", "Talk to the staff."],
    ["whose hold ended a moment ago", {}, { hold: true, holdUntilMs: afternoon - 1000 }, "GRANT", ""],
    ["who has not used it for long", {}, { competence: { level: "lapsed", untilMs: null } }, "TRAINING_LAPSED", "Book a refresher."],
    [
      "whose membership begins tomorrow",
      {},
      { membership: { state: "held", fromMs: afternoon + hour, untilMs: null, graceUntilMs: null } },
      "MEMBERSHIP_NOT_STARTED",
      "Come back on its first day.",
    ],
    ["who comes a minute before closing", {}, ends(afternoon + minute), "TIME_TOO_SHORT", "Come back another time."],
  ])("%s", async (_sentence, facts, ada, reason, next) => {
    const s = await scene({ from: afternoon, facts: [{ ...sawFacts, ...facts }], cast: { ada } });
    s.tap("ada", "saw");
    await s.pass(5 * second);
    expect([s.verdict("saw").reason, explainCode(s.verdict("saw").reason, "en").next]).toEqual([reason, next]);
    expect(s.machine("saw").isPermitted()).toBe(reason.startsWith("GRANT"));
  });
  it("a lockdown keeps all but responders out, and nobody in", async () => {
    const s = await scene({ from: afternoon, facts: [doorFacts, sawFacts], cast: { cem: { roles: ["responder"] } } });
    await s.toWork("ada", "saw");
    s.site.change({ mode: "lockdown" });
    await s.pass(2 * second);
    expect(await refusal(s, "bob", "door-1")).toEqual({ code: "LOCKDOWN", next: "Stay where you are safe." });
    s.door("door-1").pressExit();
    expect(s.door("door-1").pull()).toBe(true);
    await s.pass(second);
    s.door("door-1").close();
    s.tap("cem", "door-1");
    await s.pass(second);
    expect([s.door("door-1").isUnlocked(), s.machine("saw").isPowered()]).toEqual([true, true]);
  });
});
