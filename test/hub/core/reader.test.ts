/** Raw reads to gestures (domain.md §4.6). */
import { describe, expect, it } from "vitest";
import type { ReaderConfig, ReaderEvent } from "#core";
import { initialReader, nextDeadlineMono, readerDefaults, stepReader } from "#core";

/** Plays reads, waking up in between as the shell does; a gesture reads "tap A 1500". */
function play(events: readonly ReaderEvent[], untilMs: number, changes: Partial<ReaderConfig> = {}): readonly string[] {
  const config = { ...readerDefaults, ...changes };
  let state = initialReader(0);
  const seen: string[] = [];
  const feed = (event: ReaderEvent): void => {
    const [next, gestures] = stepReader(state, event, config);
    state = next;
    seen.push(
      ...gestures.map((gesture) =>
        "card" in gesture ? `${gesture.kind} ${gesture.card} ${gesture.atMono}` : `${gesture.kind} ${gesture.atMono}`,
      ),
    );
  };
  for (const event of [...events, { kind: "tick", nowMono: untilMs } as const]) {
    for (let at = nextDeadlineMono(state); at !== null && at < event.nowMono; at = nextDeadlineMono(state))
      feed({ kind: "tick", nowMono: at });
    feed(event);
  }
  return seen;
}
/** A card in the field, read every 65 ms as an RDM6300 does. */
const near = (card: string, fromMs: number, toMs: number): readonly ReaderEvent[] =>
  Array.from({ length: Math.ceil((toMs - fromMs) / 65) }, (_, i) => ({ kind: "read", card, nowMono: fromMs + i * 65 }));
const inOrder = (...lists: readonly (readonly ReaderEvent[])[]): readonly ReaderEvent[] =>
  lists.flat().sort((a, b) => a.nowMono - b.nowMono);

const bad = (fromMs: number): readonly ReaderEvent[] =>
  Array.from({ length: 20 }, (_, i): ReaderEvent => ({ kind: "unreadable", nowMono: fromMs + i * 65 }));
const both = Array.from({ length: 20 }, (_, i): ReaderEvent => ({ kind: "collision", nowMono: 3000 + i * 65 }));

const rules: readonly (readonly [rule: string, events: readonly ReaderEvent[], gestures: readonly string[]])[] = [
  ["presence ends after lostMs without a read", inOrder(near("A", 2000, 2200), near("A", 2450, 2700)), ["tap A 2000"]],
  ["one request per presence", near("A", 2000, 4500), ["tap A 2000"]],
  ["the same card again only after ≥ 1 s absence", inOrder(near("A", 2000, 2200), near("A", 3100, 3300)), ["tap A 2000"]],
  ["a different card is accepted at once", inOrder(near("A", 2000, 2400), near("B", 2500, 2700)), ["tap A 2000", "tap B 2500"]],
  ["two cards at once: one card at a time, no request", both, ["one_at_a_time 3000"]],
  ["a read error never reuses the previous card", inOrder(near("A", 2000, 2100), bad(4000)), ["tap A 2000"]],
  ["TAP on presence start, acted on at once", near("A", 2000, 2050), ["tap A 2000"]],
  ["HOLD: the same presence ≥ 3 s", near("A", 2000, 5100), ["tap A 2000", "hold A 5055"]],
  ["maintenance confirm: the same presence ≥ 10 s", near("A", 2000, 15_000), ["tap A 2000", "hold A 5055", "confirm A 12010"]],
  [
    "DOUBLE: a second presence within 2 s, never delaying TAP",
    inOrder(near("A", 2000, 2100), near("A", 3200, 3400)),
    ["tap A 2000", "tap A 3200", "double A 3200"],
  ],
  ["present before boot: no request", near("A", 100, 8000), []],
];

describe("the reader's rules", () => {
  it.each(rules)("%s", (_rule, events, gestures) => expect(play(events, 20_000)).toEqual(gestures));
  it("INSERT: removal debounced 1 s", () =>
    expect(play(inOrder(near("A", 2000, 2400), near("A", 3000, 3400)), 12_000, { insert: true })).toEqual([
      "tap A 2000",
      "removed A 3390",
    ]));
});

describe("the reader", () => {
  it("makes one tap of one presence, at its first read", () => expect(play(near("A", 2000, 2600), 9000)).toEqual(["tap A 2000"]));
  it("bridges missed reads of less than 350 ms", () =>
    expect(play(inOrder(near("A", 2000, 2200), near("A", 2450, 2700)), 9000)).toEqual(["tap A 2000"]));
  it("takes the same card again only after a second's absence", () => {
    expect(play(inOrder(near("A", 2000, 2200), near("A", 3100, 3300)), 9000)).toEqual(["tap A 2000"]);
    expect(play(inOrder(near("A", 2000, 2200), near("A", 5000, 5200)), 9000)).toEqual(["tap A 2000", "tap A 5000"]);
  });
  it("takes another card at once", () =>
    expect(play(inOrder(near("A", 2000, 2400), near("B", 2500, 2700)), 9000)).toEqual(["tap A 2000", "tap B 2500"]));
  it("calls three seconds a hold, once", () => expect(play(near("A", 2000, 9000), 12_000)).toEqual(["tap A 2000", "hold A 5055"]));
  it("does not call 2.9 s a hold", () => expect(play(near("A", 2000, 4900), 12_000)).toEqual(["tap A 2000"]));
  it("calls a second presence within two seconds a double, without delaying the tap", () => {
    expect(play(inOrder(near("A", 2000, 2100), near("A", 3200, 3400)), 9000)).toEqual(["tap A 2000", "tap A 3200", "double A 3200"]);
  });
  it("ignores a card that lay there before the start until it was taken away", () => {
    expect(play(near("A", 100, 8000), 12_000)).toEqual([]);
    expect(play(inOrder(near("A", 100, 3000), near("A", 6000, 6200)), 12_000)).toEqual(["tap A 6000"]);
  });
  it("never makes a card out of rubbish", () => {
    expect(play(inOrder(near("A", 2000, 2100), bad(3000)), 9000)).toEqual(["tap A 2000"]);
  });
  it("asks for one card at a time, once while they are both there", () => {
    expect(play(both, 9000)).toEqual(["one_at_a_time 3000"]);
  });
  it("takes a card that stays in its holder for no confirmation", () =>
    expect(play(near("A", 2000, 30_000), 29_000, { insert: true })).toEqual(["tap A 2000", "hold A 5055"]));
  it("reports the removal from an insert reader after a second, and not a bounce", () => {
    const insert = { insert: true };
    expect(play(near("A", 2000, 8000), 12_000, insert).at(-1)).toMatch(/^removed A 79/);
    expect(play(inOrder(near("A", 2000, 4000), near("A", 4800, 6000)), 6100, insert).filter((word) => word.startsWith("removed"))).toEqual(
      [],
    );
  });
});
