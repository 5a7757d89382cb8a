/** A board driver against a Firmata peer on a test line: start, read-back, inputs, reboot, silence, nonsense. */
import { describe, expect, it } from "vitest";
import { type Board, type BoardOptions, openBoard } from "../../../devices/drivers/board.ts";
import type { InputLevel } from "../../../devices/drivers/board-ports.ts";
import type { WriteOutcome } from "../../../devices/drivers/byte-line.ts";
import { createTestLine, type TestLine } from "../../support/driver-suite.ts";
import { createFirmataPeer, type FirmataPeer, peerFirmware, peerPinCount, peerVersion } from "./firmata-peer.ts";

const output = 0x01;

/** A peer at the far end of a test line. */
function createPeer(line: TestLine): FirmataPeer {
  const peer = createFirmataPeer((bytes) => line.push(bytes));
  line.write = async (bytes): Promise<WriteOutcome> => {
    if (line.state().kind === "lost") return { kind: "failed", why: "not open" };
    queueMicrotask(() => peer.receive(bytes));
    return { kind: "written" };
  };
  return peer;
}

async function withBoard(options: BoardOptions, test: (board: Board, peer: FirmataPeer, line: TestLine) => Promise<void>): Promise<void> {
  const line = createTestLine();
  const peer = createPeer(line);
  const board = openBoard(line, options);
  expect(await board.ready).toEqual({ kind: "ready", firmware: "T 2.5", pinCount: peerPinCount, watchdogMs: undefined });
  try {
    await test(board, peer, line);
  } finally {
    await board.close();
  }
}

const quick = { pollMs: 20, lostAfterMs: 60 };

describe("a board", () => {
  it("writes an output, reports it applied when the board reads it back, and leaves it off at the end", async () => {
    const levels: number[] = [];
    let after: readonly number[] = [];
    await withBoard({}, async (board, peer) => {
      const strike = await board.output({ pin: 7, activeLow: false, type: "hold" });
      levels.push(peer.levels[7] ?? -1);
      expect(await strike.write(true)).toEqual({ kind: "applied" });
      levels.push(peer.levels[7] ?? -1);
      await strike.write(false);
      levels.push(peer.levels[7] ?? -1);
      await strike.write(true);
      after = peer.levels;
    });
    expect(levels).toEqual([0, 1, 0]);
    expect(after[7]).toBe(0);
  });

  it("turns an active-low output over, and its neighbours stay", async () => {
    await withBoard({}, async (board, peer) => {
      const low = await board.output({ pin: 4, activeLow: true, type: "hold" });
      const high = await board.output({ pin: 5, activeLow: false, type: "hold" });
      await high.write(true);
      expect([peer.levels[4], peer.levels[5]]).toEqual([1, 1]);
      await low.write(true);
      expect([peer.levels[4], peer.levels[5]]).toEqual([0, 1]);
    });
  });

  it("finds a latching output that is still on and leaves it so, while its neighbour is written", async () => {
    const line = createTestLine();
    const peer = createPeer(line);
    peer.modes[9] = output;
    peer.levels[9] = 1;
    const board = openBoard(line);
    await board.ready;
    const hold = await board.output({ pin: 10, activeLow: false, type: "hold" });
    const latch = await board.output({ pin: 9, activeLow: false, type: "latch" });
    expect(latch.isOn()).toBe(true);
    await hold.write(true);
    expect([peer.levels[9], peer.levels[10]]).toEqual([1, 1]);
    await board.close();
    expect([peer.levels[9], peer.levels[10]]).toEqual([1, 0]);
  });

  it("ends a pulse by itself, and says when the board did not do as told", async () => {
    await withBoard({}, async (board, peer) => {
      const strike = await board.output({ pin: 7, activeLow: false, type: "hold" });
      await strike.pulse(30);
      expect(peer.levels[7]).toBe(1);
      await expect.poll(() => peer.levels[7]).toBe(0);
      peer.ignoresWrites = true;
      expect(await strike.write(true)).toEqual({ kind: "failed", why: "not applied" });
    });
  });

  it("keeps two commands in a row apart", async () => {
    await withBoard({}, async (board) => {
      const relay = await board.output({ pin: 7, activeLow: false, type: "hold" });
      expect(await Promise.all([relay.write(true), relay.write(false), relay.write(true)])).toEqual(new Array(3).fill({ kind: "applied" }));
    });
  });

  it("reports an input once it has settled, and as unknown when the board is lost", async () => {
    const heard: InputLevel[] = [];
    await withBoard(quick, async (board, peer) => {
      const contact = board.input({ pin: 3, pullup: true, debounceMs: 20 });
      contact.onChange((level) => heard.push(level));
      expect(contact.level()).toBeUndefined();
      for (const bits of [8, 0, 8, 0, 8]) peer.say([0x90, bits, 0]);
      await expect.poll(() => contact.level()).toBe("high");
      peer.say([0x90, 0, 0]);
      await expect.poll(() => contact.level()).toBe("low");
      peer.isSilent = true;
      await expect.poll(() => heard.length).toBe(3);
    });
    expect(heard).toEqual(["high", "low", undefined]);
  });

  it.each([
    ["it reports a version nobody asked for (READY × unexpected REPORT_VERSION)", peerVersion, "restarted"],
    ["it reports its firmware again", peerFirmware, "restarted"],
    ["it sends a message without an end", [0xf0, ...new Array<number>(3_000).fill(1)], "without an end"],
    ["it names a pin that it does not have", [0xf0, 0x6e, 99, 1, 1, 0xf7], "cannot be understood"],
  ])("is lost when %s", async (_, bytes, why) => {
    await withBoard({}, async (board, peer) => {
      const lost = new Promise<string>((resolve) => board.onLost(resolve));
      peer.say(bytes);
      expect(await lost).toContain(why);
      expect(await board.ready).toMatchObject({ kind: "ready" });
    });
  });

  it("READY × polls answered → READY; silent for longer than a board may be, or unplugged → LOST", async () => {
    await withBoard(quick, async (board, peer) => {
      let why: string | undefined;
      board.onLost((reason) => {
        why = reason;
      });
      const relay = await board.output({ pin: 7, activeLow: false, type: "hold" });
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(why).toBeUndefined();
      peer.isSilent = true;
      await expect.poll(() => why).toContain("silent");
      expect(await relay.write(true)).toEqual({ kind: "failed", why: "board lost" });
    });
    await withBoard({}, async (board, _, line) => {
      const lost = new Promise<string>((resolve) => board.onLost(resolve));
      line.unplug();
      expect(await lost).toContain("line lost");
    });
  });

  it("OPENING × no version in time → LOST", async () => {
    const line = createTestLine();
    createPeer(line).isSilent = true;
    expect(await openBoard(line, { versionTimeoutMs: 40 }).ready).toMatchObject({
      kind: "lost",
      why: expect.stringContaining("no Firmata"),
    });
  });

  it("OPENING × no capabilities in time → LOST", async () => {
    const line = createTestLine();
    createPeer(line).withholds = 0x6b;
    const opened = openBoard(line, { capabilitiesTimeoutMs: 40 });
    expect(await opened.ready).toMatchObject({ kind: "lost", why: "the board did not tell what its pins can do" });
  });

  it("SAFE_INIT × pins written off, inputs read → READY: what a board was left with is off before anybody is told of it", async () => {
    const line = createTestLine();
    const peer = createPeer(line);
    peer.modes[7] = output;
    peer.levels[7] = 1;
    const board = openBoard(line);
    await board.ready;
    const strike = await board.output({ pin: 7, activeLow: false, type: "hold" });
    expect([peer.levels[7], strike.isOn()]).toEqual([0, false]);
    const contact = board.input({ pin: 3, pullup: true, debounceMs: 5 });
    expect(contact.level()).toBeUndefined();
    peer.say([0x90, 8, 0]); // what StandardFirmata tells when it is asked to report a port
    await expect.poll(() => contact.level()).toBe("high");
    await board.close();
  });

  it("refuses a pin that the board does not have", async () => {
    await withBoard({}, async (board) => {
      await expect(board.output({ pin: 40, activeLow: false, type: "hold" })).rejects.toThrow("no pin 40");
      await expect(board.output({ pin: 1, activeLow: false, type: "hold" })).rejects.toThrow("cannot be an output");
      expect(() => board.input({ pin: 0, pullup: true, debounceMs: 1 })).toThrow("cannot be an input");
    });
  });
});
