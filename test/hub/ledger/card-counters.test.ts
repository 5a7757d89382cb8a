/** The highest count of every card that counts its taps, over all nodes. */
import { expect, it } from "vitest";
import { isFreshCounter, noteCounter } from "../../../hub/ledger/card-counters.ts";
import { applyConsequences } from "../../../hub/ledger/consequences.ts";
import type { StoredEvent } from "../../../hub/ledger/types.ts";
import { nowMs, openSpace } from "../../support/every-command.ts";
import { anEvent, anId, temporaryDir } from "../../support/ledger.ts";

const card = "a".repeat(32);
const folder = temporaryDir();
const { db, keys } = openSpace(folder.dir);
folder.remove();

it("rises, and knows a tap that asks twice from a second chip elsewhere", () => {
  expect(isFreshCounter(db, "door", { card, counter: 0 })).toBe(true);
  noteCounter(db, "door", { card, counter: 5 });
  noteCounter(db, "laser", { card, counter: 4 }); // an offline node brings it late
  expect(isFreshCounter(db, "door", { card, counter: 5 })).toBe(true);
  expect(isFreshCounter(db, "laser", { card, counter: 5 })).toBe(false);
  expect(isFreshCounter(db, "door", { card, counter: 4 })).toBe(false);
  expect(isFreshCounter(db, "laser", { card, counter: 6 })).toBe(true);
  expect(isFreshCounter(db, "laser", { card: "b".repeat(32), counter: 0 })).toBe(true);
});

it("is told by every decision on such a card; only the hub speaks for another node", () => {
  const decided = (node: string, counter: number, speaksFor?: string): StoredEvent => ({
    n: 1,
    ...anEvent(1, {
      kind: "access.decided",
      ...{ request: "enter", decision: anId(), outcome: "grant", reason: "GRANT", also: [], warnings: [], member: 1, where: "hub" },
      ...{ snapshot: null, tookMs: 1, proof: { card, counter, ...(speaksFor === undefined ? {} : { node: speaksFor }) } },
    }),
    node,
    evtMs: nowMs,
  });
  applyConsequences(db, keys, "hub", [decided("hub", 10, "laser")]);
  expect([isFreshCounter(db, "laser", { card, counter: 10 }), isFreshCounter(db, "hub", { card, counter: 10 })]).toEqual([true, false]);
  applyConsequences(db, keys, "door", [decided("door", 11, "laser")]);
  expect([isFreshCounter(db, "door", { card, counter: 11 }), isFreshCounter(db, "laser", { card, counter: 11 })]).toEqual([true, false]);
});
