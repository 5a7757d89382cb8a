/** An OSDP reader and its panel: the driver suite, the secure channel, and everybody who holds the wires. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOsdpParser, encodeOsdp } from "../../../devices/drivers/osdp-frame.ts";
import { osdpCode } from "../../../devices/drivers/osdp-message.ts";
import { createOsdpPanel } from "../../../devices/drivers/osdp-panel.ts";
import { openOsdpReader, osdpReads } from "../../../devices/drivers/osdp-reader.ts";
import { osdpDefaultKey } from "../../../devices/drivers/osdp-secure.ts";
import { createOsdpReader, type OsdpReaderGiven } from "../../../simulators/hardware/osdp.ts";
import { concat, createTestLine, type TestLine } from "../../support/driver-suite.ts";

const key = Uint8Array.from({ length: 16 }, (_, i) => i * 7 + 1);
const w26 = "10001100010001000011011000"; // facility 24, card 34924
const w26Says = { kind: "card", number: "w26:024/34924", usable: true };

function connected(line: TestLine, given: Partial<OsdpReaderGiven> = {}) {
  const far = createOsdpReader({ key, answerMs: 5, send: (bytes) => line.push(bytes), ...given });
  const { write } = line;
  line.write = (bytes) => {
    if (line.state().kind === "open") far.receive(bytes);
    return write(bytes);
  };
  return far;
}

describe("an OSDP reader", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  async function start(given: Partial<OsdpReaderGiven> = {}) {
    const line = createTestLine();
    const far = connected(line, given);
    const reader = openOsdpReader(line, { address: 0, key });
    const heard: unknown[] = [];
    reader.onRead((read) => heard.push(read));
    reader.onState((state, why) => heard.push([state, why]));
    reader.onTrouble?.((trouble, isOn) => heard.push([trouble, isOn]));
    await pass(300);
    return { line, far, reader, heard, news: () => heard.splice(0) };
  }

  it("is greeted, proves itself, and hands on cards and keys", async () => {
    const { far, news } = await start();
    expect(far.isSecure()).toBe(true);
    expect(news()).toEqual([["ready", ""]]);
    far.present(w26);
    far.type("12#");
    await pass(300);
    expect(news()).toEqual([w26Says, ...["1", "2", "#"].map((each) => ({ kind: "key", key: each }))]);
  });

  it("answers people with its lamp and its buzzer, each once", async () => {
    const { far, reader } = await start();
    const before = far.acted.length;
    far.loseAnswers(2);
    reader.lamp?.show("on");
    reader.beeper?.beep("granted");
    await pass(1500);
    expect(far.acted.slice(before).map(({ code, data }) => [code, data.toHex()])).toEqual([
      [0x69, "0000000000000000000101000200"],
      [0x6a, "0002010101"],
    ]);
    far.restart();
    await pass(2500);
    expect(far.acted.at(-1)).toMatchObject({ code: 0x69 });
    expect(far.acted.slice(before)).toHaveLength(3);
  });

  it("whose answers are lost or garbled is asked the same with the same number, and a card comes once", async () => {
    const { far, news, line } = await start();
    news();
    for (const trouble of [() => far.loseAnswers(3), () => far.garbleAnswers(3)]) {
      line.written.length = 0;
      far.present(w26);
      trouble();
      await pass(2000);
      expect(news()).toEqual([w26Says]);
      const frames = line.written.map((frame) => frame.toHex());
      const repeated = frames.filter((frame, i) => frame === frames[i - 1]);
      expect(repeated).toHaveLength(3);
    }
    expect(far.isSecure()).toBe(true);
  });

  it("is heard past a false start that promises two thousand bytes", async () => {
    const { far, news, line } = await start();
    news();
    const { push } = line;
    line.push = (bytes) => push(Uint8Array.of(0x53, 0x80, 0x00, 0x08, 0x00, 0x40, ...bytes));
    far.present(w26);
    await pass(150);
    line.push = push;
    await pass(1500);
    expect(news()).toEqual([w26Says]);
    expect(far.isSecure()).toBe(true);
  });

  it("that is busy is waited for", async () => {
    const { far, news } = await start();
    news();
    far.present(w26);
    far.beBusy(5);
    await pass(1200);
    expect(news()).toEqual([w26Says]);
  });

  it("that restarts gets a new channel at once, and nobody hears of it", async () => {
    const { far, news } = await start();
    news();
    far.restart();
    await pass(1500);
    expect(far.isSecure()).toBe(true);
    far.present(w26);
    await pass(300);
    expect(news()).toEqual([w26Says]);
  });

  it("is believed nothing unsigned: a card in plain text is no card, and the channel is made anew", async () => {
    const { far, news } = await start();
    news();
    far.present(w26);
    far.answerPlain(1);
    await pass(1500);
    expect(news()).toEqual([]);
    expect(far.isSecure()).toBe(true);
  });

  it("cannot be imitated with its own recorded answers", async () => {
    const { far, news, line } = await start();
    const recorded: Uint8Array[] = [];
    const { push } = line;
    line.push = (bytes) => {
      recorded.push(bytes);
      push(bytes);
    };
    far.present(w26);
    await pass(300);
    expect(news().at(-1)).toEqual(w26Says);
    far.setDeaf(true);
    line.push = push;
    for (let i = 0; i < 200; i += 1) {
      await pass(37);
      for (const answer of recorded) push(answer);
    }
    expect(news().filter((each) => JSON.stringify(each).includes("card"))).toEqual([]);
  });

  it("is missed although somebody on its wires says in its name that all is well", async () => {
    const { far, news, line } = await start();
    news();
    far.setDeaf(true);
    const { write } = line;
    line.write = (bytes) => {
      const sequence = (bytes[4] ?? 0) & 3;
      const forged = { address: 0, isReply: true, sequence, code: 0x40, data: new Uint8Array(0), securityBlock: Uint8Array.of(2, 0x16) };
      setTimeout(() => line.push(encodeOsdp({ ...forged, mac: () => new Uint8Array(4) })), 5);
      return write(bytes);
    };
    await pass(15_000);
    expect(news()).toMatchObject([["lost", expect.any(String)]]);
  });

  it("whose answers come twice is heard once: the second has an old number", async () => {
    const line = createTestLine();
    const far = connected(line, {
      send(bytes) {
        line.push(bytes);
        setTimeout(() => line.push(bytes), 7);
      },
    });
    const reader = openOsdpReader(line, { address: 0, key });
    const heard: unknown[] = [];
    reader.onRead((read) => heard.push(read));
    reader.onState((state, why) => heard.push([state, why]));
    far.present(w26);
    await pass(800);
    expect(heard).toEqual([["ready", ""], w26Says]);
  });

  it("is lost after eight seconds of silence, and ready again when it answers", async () => {
    const { far, news } = await start();
    news();
    far.setDeaf(true);
    await pass(7500);
    expect(news()).toEqual([]);
    await pass(2500);
    expect(news()).toEqual([["lost", "the reader does not answer; check its power, A and B, its address and its baud rate"]]);
    far.setDeaf(false);
    await pass(8000);
    expect(news()).toEqual([["ready", ""]]);
  });

  it("is lost with its line, and ready with a new channel after the replug", async () => {
    const { line, news } = await start();
    news();
    line.unplug();
    expect(news()).toEqual([["lost", "unplugged"]]);
    await pass(3000);
    line.plugIn();
    await pass(1500);
    expect(news()).toEqual([["ready", ""]]);
  });

  it("with an open case is lost and reads no card, until it is closed; a failed supply is told", async () => {
    const { far, news } = await start();
    news();
    far.setTamper(true);
    far.present(w26);
    await pass(500);
    expect(news()).toEqual([
      ["tamper", true],
      ["lost", "its case is open (tamper contact)"],
    ]);
    far.setTamper(false);
    far.setPower(true);
    await pass(500);
    expect(news()).toEqual([
      ["tamper", false],
      ["ready", ""],
      ["power", true],
    ]);
  });

  it.each([
    [
      "with the key of the standard",
      { key: osdpDefaultKey },
      "the reader still has the key that is printed in the standard; give it its own with `koprade reader key`",
    ],
    ["with another key", { key: key.map((byte) => byte ^ 1) }, "the reader has another key than this node"],
    ["at another address", { address: 5 }, "the reader does not answer; check its power, A and B, its address and its baud rate"],
  ])("%s is lost from the start, and the reason is said", async (_, given, why) => {
    const { far, news, line } = await start(given);
    await pass(12_000);
    expect(news()).toEqual([["lost", why]]);
    expect(far.isSecure()).toBe(false);
    // Who has not proved itself gets no proof of ours.
    expect(line.written.filter((frame) => frame[8] === osdpCode.serverCryptogram)).toEqual([]);
  });

  it("closes while it waits, and lets go of its line", async () => {
    const { reader, line } = await start();
    const closing = reader.close();
    await pass(3000);
    await closing;
    const before = line.written.length;
    await pass(3000);
    expect(line.written.length).toBe(before);
  });
});

describe("a panel", () => {
  it("refuses the key of the standard, except to install", () => {
    const line = createTestLine();
    expect(() => createOsdpPanel(line, { address: 0, key: osdpDefaultKey })).toThrow("the default key of the standard is no key");
    expect(() => createOsdpPanel(line, { address: 0, key: osdpDefaultKey, isInstalling: true })).not.toThrow();
  });

  it("asks nothing before it has a channel", async () => {
    const line = createTestLine();
    expect(await createOsdpPanel(line, { address: 0, key }).ask(0x60)).toEqual({ kind: "failed", why: "channel over" });
    expect(line.written).toEqual([]);
  });
});

describe("an OSDP parser", () => {
  it("finds the frame inside what a false start has swallowed, when the line falls silent", () => {
    const frame = encodeOsdp({ address: 0, isReply: true, sequence: 1, code: osdpCode.ack, data: new Uint8Array(0) });
    const parser = createOsdpParser();
    expect(parser.feed(concat(Uint8Array.of(0x53, 0x80, 0x00, 0x08, 0x00), frame), 0)).toEqual([]);
    expect(parser.feed(new Uint8Array(0), 150).filter(({ kind }) => kind === "frame")).toMatchObject([{ code: osdpCode.ack }]);
    expect(parser.bufferedBytes()).toBe(0);
  });
});

describe("what an OSDP reader says", () => {
  it.each([
    ["1000110001000100001101100", [{ kind: "unreadable" }]],
    [w26, [w26Says]],
    ["10001100010001000011011001", [{ kind: "unreadable" }]], // a parity bit wrong
    ["10001010010011001011010100010010", [{ kind: "card", number: "iso14443a:8A4CB512", usable: true }]],
    ["00001000001001001010100100110111", [{ kind: "card", number: "iso14443a:0824A937", usable: false }]],
  ])("of the bits %s", (bits, reads) => expect(osdpReads({ kind: "raw", reader: 0, format: 1, bits })).toEqual(reads));

  it("of keys, in both spellings, and of what has no agreed meaning", () => {
    const keys = (codes: readonly number[]) => osdpReads({ kind: "keys", reader: 0, keys: Uint8Array.from(codes) });
    expect(keys([0x31, 0x7f, 0x0d, 9, 0x41]).map((read) => read.kind === "key" && read.key)).toEqual(["1", "*", "#", "9"]);
    expect(keys([])).toEqual([]);
    expect(osdpReads({ kind: "formatted", reader: 0, isReverse: false, characters: Uint8Array.of(0x31) })).toEqual([
      { kind: "unreadable" },
    ]);
    expect(osdpReads({ kind: "plain" })).toEqual([]);
  });
});
