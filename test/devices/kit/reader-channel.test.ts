import { expect, test } from "vitest";
import { readerDefaults } from "#core";
import { type CardRead, type CardReader, listenToReader } from "../../../devices/kit/reader-channel.ts";
import { createRuntime } from "../../../devices/kit/runtime.ts";
import { keptLog, virtualClock } from "./world.ts";

/** A reader on a cable, and what it makes of the cards. */
function onACable() {
  const clock = virtualClock();
  const runtime = createRuntime({ clock, log: keptLog() });
  const reads: ((read: CardRead) => void)[] = [];
  const states: ((state: "ready" | "lost", why: string) => void)[] = [];
  const reader: CardReader = { onRead: (to) => void reads.push(to), onState: (to) => void states.push(to), close: () => {} };
  const taps: string[] = [];
  const proofs: unknown[] = [];
  const suspects: string[] = [];
  const checked: number[] = [];
  listenToReader({
    name: "r",
    reader,
    key: new Uint8Array(32),
    clock,
    runtime,
    config: () => readerDefaults,
    onKey: () => undefined,
    onChecking: () => void checked.push(clock.nowMs()),
    onSuspect: (_card, why) => void suspects.push(why),
    onGesture(gesture) {
      if (gesture.kind !== "tap") return;
      taps.push(gesture.cardKey);
      proofs.push([gesture.assurance, gesture.counter]);
    },
  });
  clock.advance(5000);
  return {
    clock,
    taps,
    proofs,
    suspects,
    checked,
    shows(read: CardRead) {
      for (const listener of reads) listener(read);
      clock.advance(10_000);
    },
    state: (to: "ready" | "lost") => states.forEach((listener) => void listener(to, "unplugged")),
    /** the card lies there: a frame every 65 ms */
    lies(number: string, ms: number) {
      for (let at = 0; at < ms; at += 65) {
        for (const listener of reads) listener({ kind: "card", number });
        clock.advance(65);
      }
    },
  };
}

test("a card that still lies there when its reader comes back is no new tap; taken away and laid down again it is one", () => {
  const reader = onACable();
  reader.lies("em4100:0F00184E31", 3000);
  expect(reader.taps).toHaveLength(1);
  reader.state("lost");
  reader.clock.advance(10_000);
  reader.state("ready");
  reader.clock.advance(200);
  reader.lies("em4100:0F00184E31", 30_000);
  expect(reader.taps).toHaveLength(1);
  reader.clock.advance(2000);
  reader.lies("em4100:0F00184E31", 500);
  expect(reader.taps).toHaveLength(2);
});

test("a proof is of the chip that gave it: the same number shown by another proves nothing, and is told", () => {
  const reader = onACable();
  const card = { kind: "card", number: "iso14443a:04A23B1C5D6E80" } as const;
  reader.shows({ ...card, assurance: 3, counter: 7 });
  reader.shows({ ...card, suspect: "wrong key" });
  reader.shows({ ...card, assurance: 3 });
  reader.shows(card);
  expect(new Set(reader.taps).size).toBe(1);
  expect(reader.proofs).toEqual([
    [3, 7],
    [undefined, undefined],
    [3, undefined],
    [undefined, undefined],
  ]);
  expect(reader.suspects).toEqual(["wrong key"]);
});

test("a card that is still being asked is told at once, and is no tap until it has answered", () => {
  const reader = onACable();
  reader.shows({ kind: "checking" });
  expect([reader.checked.length, reader.taps]).toEqual([1, []]);
  reader.shows({ kind: "card", number: "iso14443a:04A23B1C5D6E80", assurance: 3 });
  expect([reader.checked.length, reader.taps.length]).toEqual([1, 1]);
});
