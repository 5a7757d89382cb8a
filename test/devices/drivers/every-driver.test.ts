/** Every driver that hears bytes passes one suite. Their own rules, and recorded bytes, are in the files beside this one. */
import firmataIo from "firmata-io";
import { afterEach, vi } from "vitest";
import { createBoardExtension } from "../../../devices/drivers/board-extension.ts";
import { createBoardTransport } from "../../../devices/drivers/board-transport.ts";
import type { CardReaderPort } from "../../../devices/drivers/card-reader.ts";
import { listenToCse7766 } from "../../../devices/drivers/cse7766.ts";
import { modbusFrame } from "../../../devices/drivers/modbus-rtu.ts";
import { wiegandPort } from "../../../devices/drivers/open-reader.ts";
import { createOsdpParser, osdpLengthMax } from "../../../devices/drivers/osdp-frame.ts";
import { readOsdpMessage } from "../../../devices/drivers/osdp-message.ts";
import { osdpReads } from "../../../devices/drivers/osdp-reader.ts";
import { createPn532 } from "../../../devices/drivers/pn532.ts";
import { pn532Ack, pn532BufferMax } from "../../../devices/drivers/pn532-frame.ts";
import { createPzem } from "../../../devices/drivers/pzem004t.ts";
import { openRdm6300 } from "../../../devices/drivers/rdm6300.ts";
import { createSdm } from "../../../devices/drivers/sdm.ts";
import { openWedge } from "../../../devices/drivers/wedge-reader.ts";
import { event, keyEvents } from "../../../simulators/hardware/wedge.ts";
import { concat, fromHex, type OpenDriver, type TestLine, testDriver } from "../../support/driver-suite.ts";

afterEach(() => void vi.useRealTimers());

/** A driver that speaks when it hears: what it says during one round. */
function listening(line: TestLine, listen: (say: (what: string) => void, nowMs: () => number) => { bufferedBytes(): number }): OpenDriver {
  let atMs = 0;
  let said: string[] = [];
  const driver = listen(
    (what) => said.push(what),
    () => atMs,
  );
  return {
    async hear(reads) {
      said = [];
      for (const read of reads) {
        line.push(read);
        atMs += 1;
      }
      return [...new Set(said)];
    },
    async wait() {
      atMs += 1_000;
      line.push(new Uint8Array(0));
    },
    bufferedBytes: () => driver.bufferedBytes(),
  };
}

/** A driver that asks: the round is the answer to one question, which is given up in no real time. */
function asking(line: TestLine, ask: () => Promise<readonly string[]>, bufferedBytes: () => number): OpenDriver {
  vi.useFakeTimers();
  let mostBuffered = 0;
  return {
    async hear(reads) {
      const asked = ask();
      await Promise.resolve();
      for (const read of reads) {
        line.push(read);
        mostBuffered = Math.max(mostBuffered, bufferedBytes());
      }
      await vi.advanceTimersByTimeAsync(questionMs);
      return asked;
    },
    async wait() {},
    bufferedBytes: () => mostBuffered,
  };
}

/** longer than any of them waits here */
const questionMs = 60;
const thrice = (bytes: Uint8Array): Uint8Array => concat(bytes, bytes, bytes);
const tag = fromHex("02 30 30 30 34 31 34 43 44 37 45 41 33 03");

testDriver({
  name: "rdm6300",
  open: (line) =>
    listening(line, (say, nowMs) => {
      const reader = openRdm6300(line, { nowMs });
      reader.onFrame((heard) => heard.kind === "card" && say(heard.number));
      return reader;
    }),
  good: { bytes: thrice(tag), says: "em4100:000414CD7E" },
  other: { bytes: thrice(fromHex("02 31 46 30 30 36 34 34 42 42 36 38 36 03")), says: "em4100:1F00644BB6" },
  badChecksum: thrice(fromHex("02 30 30 30 34 31 34 43 44 37 45 41 34 03")),
  overlong: concat(tag.slice(0, 13), fromHex("30 30 30 30 30 30 30 30 30 30 30 30 03")),
  garbage: ["00", "FF FF FF", "03", "02", "02 30 30", "02 30 30 30 34 31 34 43 44 37 45", "0D 0A", "02 02 02 02"].map(fromHex),
  bufferedBytesMax: 15,
});

const mifare = fromHex("00 00 FF 0C F4 D5 4B 01 01 00 02 18 04 8A 4C B5 12 23 00");
const ntag = fromHex("00 00 FF 0F F1 D5 4B 01 01 00 44 00 07 04 7B CB 51 96 22 80 C0 00");

testDriver({
  name: "pn532",
  open(line) {
    const module = createPn532(line, { ackMs: 3, answerMs: 12 });
    const look = async (): Promise<readonly string[]> => {
      const seen = await module.look();
      return seen.kind === "done" ? seen.value.map(({ uid }) => uid.toHex()) : [];
    };
    return asking(line, look, () => module.bufferedBytes());
  },
  good: { bytes: concat(pn532Ack, mifare), says: "8a4cb512" },
  other: { bytes: concat(pn532Ack, ntag), says: "047bcb51962280" },
  badChecksum: concat(pn532Ack, mifare.slice(0, -2), fromHex("24 00")),
  overlong: fromHex("00 00 FF FF FF 7F FF 82 D5 4B 01 01 00 02 18 04"),
  garbage: ["00", "FF FF", "AA AA AA AA", "55 55 00 00", "00 00 FF 05", "98 80 98 80 1E 66", "00 00 FF"].map(fromHex),
  bufferedBytesMax: pn532BufferMax,
});

testDriver({
  name: "wedge",
  open(line) {
    vi.useFakeTimers();
    const opened = listening(line, (say) => {
      const reader = openWedge(line, { format: "8H10D" });
      reader.onRead(cardsTo(say));
      return reader;
    });
    return { ...opened, wait: async () => void vi.advanceTimersByTime(150) };
  },
  good: { bytes: keyEvents("0040856634\n"), says: "em32:026F6C3A" },
  other: { bytes: keyEvents("0014916441\n", { keypad: true }), says: "em32:00E39B59" },
  badChecksum: keyEvents("4294967296\n"),
  hasNoChecksum: true,
  overlong: keyEvents("1".repeat(60)),
  // Linux hands on whole events only: what lies between cards is other events, and people.
  garbage: [event(500, 1, 30, 0), event(500, 0, 0, 0), event(500, 4, 4, 458_756), event(500, 17, 1, 1), keyEvents("hello", { startMs: 0 })],
  bufferedBytesMax: 23 + 24,
});

/** A word as our firmware hands it on, seven bits a byte. */
function wordMessage(word: string): Uint8Array {
  const sevens = (word.match(/.{1,7}/g) ?? []).map((part) => Number.parseInt(part.padEnd(7, "0"), 2));
  return Uint8Array.of(0xf0, 0x01, 0x08, word.length, ...sevens, 0xf7);
}

testDriver({
  name: "wiegand behind a board",
  open(line) {
    const words: ((word: string) => void)[] = [];
    let io: InstanceType<typeof firmataIo.Firmata> | undefined;
    /** A board that can no longer be trusted is opened anew, as its supervisor does. */
    const connect = (): void => {
      const transport = createBoardTransport(line, () => {
        transport.detach();
        io = undefined;
      });
      io = new firmataIo.Firmata(transport, { reportVersionTimeout: 1 });
      clearTimeout(io.reportVersionTimeoutId);
      const ask = Uint8Array.of(0xf0, 0x01, 0x07, 2, 3, 0xf7);
      const extension = createBoardExtension(io, () => queueMicrotask(() => transport.emit("data", ask)));
      transport.emit("data", Uint8Array.of(0xf9, 2, 5));
      void extension.watchWiegand(2, 3, (word) => {
        for (const say of words) say(word);
      });
    };
    const opened = listening(line, (say) => {
      const port = wiegandPort({
        wiegand: () => ({
          onWord(listener) {
            words.push(listener);
            return () => undefined;
          },
        }),
        onState: () => undefined,
      });
      port.onRead(cardsTo(say));
      return { bufferedBytes: () => io?.buffer.length ?? 0 };
    });
    return {
      ...opened,
      async hear(reads) {
        if (io === undefined) connect();
        await new Promise(setImmediate);
        return opened.hear(reads);
      },
    };
  },
  good: { bytes: wordMessage("10001100010001000011011000"), says: "w26:024/34924" },
  other: { bytes: wordMessage("0000001000110101100101000000100101"), says: "w34:046B2812" },
  badChecksum: wordMessage("00001100010001000011011000"),
  overlong: concat(wordMessage("10001100010001000011011000").slice(0, -1), new Uint8Array(3_000).fill(0x11)),
  garbage: ["00", "90 00 00", "F0 01 F7", "F0 71 41 00 F7", "11 22 33", "F0 01 08"].map(fromHex),
  bufferedBytesMax: 2_048,
  // firmata-io takes what follows half a message for its rest, however late it comes
  resyncMessages: 2,
});

testDriver({
  name: "osdp",
  open: (line) =>
    listening(line, (say, nowMs) => {
      const parser = createOsdpParser();
      line.onState((state) => state.kind === "lost" && parser.reset());
      line.onBytes((bytes) => {
        for (const heard of parser.feed(bytes, nowMs())) {
          if (heard.kind !== "frame") continue;
          for (const read of osdpReads(readOsdpMessage(heard.isReply, heard.code, heard.data)))
            say(read.kind === "card" ? read.number : read.kind);
        }
      });
      return parser;
    }),
  good: { bytes: fromHex("53 80 10 00 05 50 00 01 1A 00 8C 44 36 00 F5 9E"), says: "w26:024/34924" },
  other: { bytes: fromHex("53 80 10 00 05 50 00 00 20 00 8A 4C B5 12 9A 7D"), says: "iso14443a:8A4CB512" },
  badChecksum: fromHex("53 80 10 00 05 50 00 01 1A 00 8C 44 36 00 F4 9E"),
  overlong: fromHex("53 80 FF FF 04 50 00 00"),
  garbage: ["00", "FF FF FF", "53", "53 80", "53 80 10 00", "AA 55"].map(fromHex),
  bufferedBytesMax: osdpLengthMax,
});

const answer = fromHex("01 04 14 08 2C 07 49 00 00 0E F5 00 00 4A E6 00 03 01 F4 00 62 00 00 1B DD");

testDriver({
  name: "pzem004t",
  open(line) {
    const pzem = createPzem(line, { address: 1, timeoutMs: 8 });
    const read = async () => {
      const outcome = await pzem.read();
      return outcome.kind === "reading" ? [`${outcome.powerW} W ${outcome.energyWh} Wh`] : [];
    };
    return asking(line, read, () => pzem.bufferedBytes());
  },
  good: { bytes: answer, says: "382.9 W 215782 Wh" },
  other: {
    bytes: fromHex("01 04 14 08 2E 07 37 00 00 0E CE 00 00 4A E6 00 03 01 F4 00 62 00 00 78 A6"),
    says: "379 W 215782 Wh",
  },
  badChecksum: answer.with(4, 0x2d),
  overlong: concat(answer.slice(0, 23), fromHex("00 00 00 00 00 00 00 00 00")),
  garbage: ["00", "FF FF", "01", "01 04", "01 04 14", "02 04 14 00 00"].map(fromHex),
  bufferedBytesMax: 256,
});

/** The answer to one question of an SDM: one floating-point number. */
function sdmAnswer(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value);
  return modbusFrame(1, [0x04, 4, ...bytes]);
}

testDriver({
  name: "sdm",
  open(line) {
    // The suite answers the question for the power; energy and voltage are answered as a meter does.
    let first = 0;
    let asked = 0;
    const { write } = line;
    line.write = (bytes) => {
      asked += 1;
      if (asked - first > 1) queueMicrotask(() => line.push(sdmAnswer(asked)));
      return write(bytes);
    };
    const sdm = createSdm(line, { address: 1, model: "sdm120", timeoutMs: 8, pauseMs: 0 });
    const read = async () => {
      first = asked;
      const heard = await sdm.read();
      return heard.kind === "reading" ? [`${heard.powerW} W`] : [];
    };
    return asking(line, read, () => sdm.bufferedBytes());
  },
  good: { bytes: sdmAnswer(100), says: "100 W" },
  other: { bytes: sdmAnswer(-250), says: "-250 W" },
  badChecksum: concat(sdmAnswer(100).slice(0, 8), Uint8Array.of(0)),
  overlong: concat(sdmAnswer(100).slice(0, 7), new Uint8Array(12)),
  garbage: ["00", "FF FF", "01", "01 04", "01 04 04", "02 04 04 00 00"].map(fromHex),
  bufferedBytesMax: 256,
});

const plug = fromHex("55 5A 02 EC 70 00 03 5A 00 40 B5 00 6B B3 52 0F D0 00 A2 AA F2 6F F5 A1");

testDriver({
  name: "cse7766",
  open: (line) =>
    listening(line, (say, nowMs) => listenToCse7766(line, (heard) => heard.kind === "reading" && say(`${heard.pulses} pulses`), nowMs)),
  good: { bytes: plug, says: "28661 pulses" },
  other: { bytes: plug.with(21, 0x70).with(23, 0xa2), says: "28917 pulses" },
  badChecksum: plug.with(23, 0xa2),
  overlong: concat(plug.slice(0, 23), plug.slice(2, 20)),
  garbage: ["00", "FF FF FF", "55", "55 5A", "F2 5A 02 EC", "5A 5A", "AA 55"].map(fromHex),
  bufferedBytesMax: 23,
});

function cardsTo(say: (what: string) => void): Parameters<CardReaderPort["onRead"]>[0] {
  return (read) => read.kind === "card" && read.usable && say(read.number);
}
