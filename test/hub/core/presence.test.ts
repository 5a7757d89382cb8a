/** Where people are, from what doors and machines tell (domain.md D6). */
import { expect, it } from "vitest";
import type { EventBody } from "#contract";
import { isIn, type Place, type Stay, staysAfter } from "#core";

const entry: Place = { zone: "hall", fromZone: null };
const shop: Place = { zone: "wood", fromZone: "hall" };
const opened = (...who: number[]): EventBody => ({ kind: "door.opened", who, cause: "grant" });
const decided = (request: "enter" | "exit", outcome: "grant" | "deny", member = 7): EventBody => ({
  kind: "access.decided",
  decision: "01JDGC5F7W9ZK3T5V0QXN2B8M1",
  request,
  outcome,
  reason: "GRANT",
  also: [],
  warnings: [],
  member,
  where: "node",
  snapshot: null,
  tookMs: 0,
});
const started: EventBody = {
  kind: "mach.session_started",
  session: "01JDGC5F7W9ZK3T5V0QXN2B8M2",
  decision: "01JDGC5F7W9ZK3T5V0QXN2B8M1",
  member: 7,
  provisional: false,
};
function after(...events: readonly (readonly [evtMs: number, body: EventBody, place: Place])[]): ReadonlyMap<number, Stay> {
  const stays = new Map<number, Stay>();
  for (const [evtMs, body, place] of events)
    for (const [member, stay] of staysAfter({ evtMs, body }, place, (one) => stays.get(one))) stays.set(member, stay);
  return stays;
}

it("follows those who took their access, and those who start a machine", () => {
  expect([...after([1000, opened(7, 9, 0), entry])]).toEqual([
    [7, { zone: "hall", sinceMs: 1000, cameMs: 1000, isOut: false }],
    [9, { zone: "hall", sinceMs: 1000, cameMs: 1000, isOut: false }],
  ]);
  expect(after([1000, opened(7), entry], [2000, started, shop]).get(7)).toEqual({
    zone: "wood",
    sinceMs: 2000,
    cameMs: 1000,
    isOut: false,
  });
});
it("takes a granted exit for one: out of the space, or back into the zone the door leads from", () => {
  expect(after([1000, opened(7), entry], [2000, decided("exit", "grant"), entry]).get(7)).toMatchObject({ isOut: true, cameMs: 1000 });
  expect(after([1000, opened(7), shop], [2000, decided("exit", "grant"), shop]).get(7)).toMatchObject({ zone: "hall", isOut: false });
});
it("makes nothing of a decision alone, of a refusal, or of nobody", () => {
  expect(after([1000, decided("enter", "grant"), entry], [2000, decided("exit", "deny"), entry]).size).toBe(0);
  expect(after([1000, decided("exit", "grant", 0), entry]).size).toBe(0);
  expect(after([1000, { kind: "door.rex" }, entry]).size).toBe(0);
});
it("lets no late word of a node that was away undo what is known of a later time", () => {
  const left = [2000, decided("exit", "grant"), entry] as const;
  expect(after(left, [1000, opened(7), entry]).get(7)).toMatchObject({ isOut: true, sinceMs: 2000 });
  expect(after(left, [3000, opened(7), entry]).get(7)).toMatchObject({ isOut: false, sinceMs: 3000 });
});
it("forgets people after a while", () => {
  const stay: Stay = { zone: "hall", sinceMs: 1000, cameMs: 1000, isOut: false };
  expect([isIn(stay, 1009, 10), isIn(stay, 1010, 10), isIn({ ...stay, isOut: true }, 1001, 10)]).toEqual([true, false, false]);
});
