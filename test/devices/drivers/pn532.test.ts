/** The PN532 driver: its frames, and what a module that is asleep, dead or another chip does. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPn532, openPn532, type Pn532 } from "../../../devices/drivers/pn532.ts";
import { createPn532Parser, encodePn532 } from "../../../devices/drivers/pn532-frame.ts";
import { readPn532Targets } from "../../../devices/drivers/pn532-message.ts";
import { createPn532 as createSimulatedPn532, framed } from "../../../simulators/hardware/pn532.ts";
import { createTestLine, fromHex, type TestLine } from "../../support/driver-suite.ts";

const lookOnce = async (module: Pick<Pn532, "look">): Promise<readonly string[]> => {
  const seen = await module.look();
  return seen.kind === "done" ? seen.value.map(({ uid }) => uid.toHex()) : [];
};

/** A module at the far end of a test line. */
function connected(line: TestLine) {
  const module = createSimulatedPn532({ send: (bytes) => line.push(bytes) });
  const { write } = line;
  line.write = (bytes) => {
    module.receive(bytes);
    return write(bytes);
  };
  return module;
}

describe("a PN532", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  /** What is asked of it, with time that passes by itself. */
  const inTime = async <T>(answer: Promise<T>): Promise<T> => {
    await vi.advanceTimersByTimeAsync(5000);
    return answer;
  };
  const open = () => {
    const line = createTestLine();
    const far = connected(line);
    const near = createPn532(line, { ackMs: 60, answerMs: 200 });
    return { line, far, near: { look: () => inTime(near.look()), wake: () => inTime(near.wake()), check: () => inTime(near.check()) } };
  };

  it("is woken, and sees no card, one, and two", async () => {
    const { far, near } = open();
    expect(await near.look()).toEqual({ kind: "failed", why: "silent" });
    expect(await near.wake()).toEqual({ kind: "done", value: "1.6" });
    expect(await lookOnce(near)).toEqual([]);
    far.present({ uid: "04A23B1C5D6E80", selRes: 0x20, ats: "067577810280" }, { uid: "8A4CB512" });
    expect(await lookOnce(near)).toEqual(["04a23b1c5d6e80", "8a4cb512"]);
    expect(far.endlessSearches()).toBe(0);
  });

  it.each(["merged", "separate", "bytewise"] as const)("is heard when ACK and answer come %s", async (delivery) => {
    const { far, near } = open();
    far.setDelivery(delivery);
    far.present({ uid: "8A4CB512" });
    expect((await near.wake()).kind).toBe("done");
    expect(await lookOnce(near)).toEqual(["8a4cb512"]);
  });

  it.each(["any", "short", "zeros"] as const)("that hears %s wake-ups is woken", async (wakeUp) => {
    const { far, near } = open();
    far.setWakeUp(wakeUp);
    expect((await near.wake()).kind).toBe("done");
    far.brownOut();
    expect((await near.wake()).kind).toBe("done");
  });

  it("in which an earlier host left a search without end hears the next host", async () => {
    const { far, near } = open();
    await near.wake();
    far.searchForever();
    expect(await near.check()).toEqual({ kind: "failed", why: "silent" });
    far.searchForever();
    expect((await near.wake()).kind).toBe("done");
  });

  it("that sends AA AA … behind its answers is heard", async () => {
    const { far, near } = open();
    far.setTrailer(new Uint8Array(40).fill(0xaa));
    far.present({ uid: "04A23B1C5D6E80" });
    expect((await near.wake()).kind).toBe("done");
    expect([await lookOnce(near), await lookOnce(near)]).toEqual([["04a23b1c5d6e80"], ["04a23b1c5d6e80"]]);
  });

  it("that lost its power alone is found silent and can be woken again", async () => {
    const { far, near } = open();
    await near.wake();
    far.brownOut();
    expect(await near.check()).toEqual({ kind: "failed", why: "silent" });
    expect((await near.wake()).kind).toBe("done");
  });

  it("that misses a command is asked again", async () => {
    const { far, near, line } = open();
    await near.wake();
    far.ignoreCommands(2);
    const before = line.written.length;
    expect(await near.check()).toEqual({ kind: "done", value: "1.6" });
    expect(line.written.length - before).toBe(3);
  });

  it("fails with its reason: line lost, refused, another chip", async () => {
    const { line, near } = open();
    const lost = near.check();
    line.unplug();
    expect(await lost).toEqual({ kind: "failed", why: "line lost" });
    expect(await near.check()).toEqual({ kind: "failed", why: "line lost" });
    line.plugIn();
    const refused = near.check();
    line.push(fromHex("00 00 FF 01 FF 7F 81 00"));
    expect(await refused).toEqual({ kind: "failed", why: "refused" });
    const other = near.check();
    line.push(Uint8Array.from(framed([0xd5, 0x03, 0x33, 1, 6, 7])));
    expect(await other).toEqual({ kind: "failed", why: "not a PN532" });
  });
});

describe("a PN532 as a reader", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["8A4CB512", { kind: "card", number: "iso14443a:8A4CB512", usable: true }],
    ["04A23B1C5D6E80", { kind: "card", number: "iso14443a:04A23B1C5D6E80", usable: true }],
    ["0411223344556677889A", { kind: "card", number: "iso14443a:0411223344556677889A", usable: true }],
    ["0824A937", { kind: "card", number: "iso14443a:0824A937", usable: false }], // another at the next tap
    ["8804A23B", { kind: "card", number: "iso14443a:8804A23B", usable: false }], // the first level of a longer one
    ["DEADBEEF", { kind: "card", number: "iso14443a:DEADBEEF", usable: false }],
  ])("reads the UID %s", async (uid, read) => {
    const line = createTestLine();
    const far = connected(line);
    const reader = openPn532(line);
    const reads: unknown[] = [];
    reader.onRead((heard) => reads.push(heard));
    far.present({ uid });
    await vi.advanceTimersByTimeAsync(400);
    expect(reads[0]).toEqual(read);
    const closing = reader.close();
    await vi.advanceTimersByTimeAsync(1000);
    await closing;
  });

  it("is lost when its module dies on a line that stays, and ready again", async () => {
    const line = createTestLine();
    const far = connected(line);
    const reader = openPn532(line);
    const states: unknown[] = [];
    reader.onState((state, why) => states.push([state, why]));
    await vi.advanceTimersByTimeAsync(1000);
    far.brownOut();
    await vi.advanceTimersByTimeAsync(8000);
    line.unplug();
    await vi.advanceTimersByTimeAsync(1000);
    line.plugIn();
    await vi.advanceTimersByTimeAsync(1000);
    expect(states).toEqual([
      ["ready", ""],
      ["lost", "the module does not answer; check its power and that its switches stand on HSU"],
      ["ready", ""],
      ["lost", "unplugged"],
      ["ready", ""],
    ]);
    const closing = reader.close();
    await vi.advanceTimersByTimeAsync(1000);
    await closing;
  });
});

describe("PN532 frames", () => {
  it("of any length are taken apart as they were made", () => {
    for (const length of [0, 1, 200, 253, 254, 263]) {
      const data = Uint8Array.from({ length }, (_, i) => i);
      const frame = encodePn532(0x41, data, 0xd5);
      expect([...frame]).toEqual(framed([0xd5, 0x41, ...data]));
      expect(createPn532Parser().feed(frame, 0)).toEqual([
        { kind: "data", tfi: 0xd5, command: 0x41, data, length: length + 2, isExtended: length + 2 > 255 },
      ]);
    }
    expect(() => encodePn532(0x40, new Uint8Array(264))).toThrow(RangeError);
  });

  it.each([
    ["01 01 00 02 18 04 8A 4C B5", 1],
    ["01 01 00 02 18 05 8A 4C B5 12 00", 1],
    ["02 01 00 02 18 04 8A 4C B5 12", 2],
    ["03", 3],
    ["", 0],
    ["00 00", 0],
  ])("a list of cards that is cut or too long is refused: %s", (data, count) =>
    expect(readPn532Targets(data === "" ? new Uint8Array(0) : fromHex(data))).toEqual({ kind: "malformed", count }),
  );
});
