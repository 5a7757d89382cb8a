/** The parsers of readers, cards, boards and meters as the fuzzer talks to them, each with what its wire really carries. */
import firmataIo from "firmata-io";
import { decodeHello } from "../../devices/drivers/board-extension.ts";
import { readFromWorker, readToWorker } from "../../devices/drivers/board-messages.ts";
import { createBoardTransport } from "../../devices/drivers/board-transport.ts";
import { createCse7766Parser } from "../../devices/drivers/cse7766.ts";
import { cardTypeOf, decodeCardFrame, decodeReaderFrame, uidFacts } from "../../devices/drivers/iso14443a.ts";
import { createModbusHost, type ModbusOutcome, readInputRegisters } from "../../devices/drivers/modbus-rtu.ts";
import { openSun, readSunAddress } from "../../devices/drivers/ntag424-sun.ts";
import { createOsdpParser, encodeOsdp, osdpLengthMax } from "../../devices/drivers/osdp-frame.ts";
import { readOsdpMessage } from "../../devices/drivers/osdp-message.ts";
import { createPn532Parser, encodePn532, pn532BufferMax } from "../../devices/drivers/pn532-frame.ts";
import { readPn532Firmware, readPn532Targets } from "../../devices/drivers/pn532-message.ts";
import { decodeRead } from "../../devices/drivers/pzem004t.ts";
import { createRdm6300Parser } from "../../devices/drivers/rdm6300.ts";
import { decodeSdmValues } from "../../devices/drivers/sdm.ts";
import { createWedgeParser, wedgeCardNumber, wedgeCharactersMax, wedgeSettings } from "../../devices/drivers/wedge.ts";
import { decodeWiegand } from "../../devices/drivers/wiegand.ts";
import { parseEmon } from "../../hub/hosted/emontx.ts";
import { createTestLine, fromHex } from "./driver-suite.ts";
import { inputEvents } from "./fuzz-input-events.ts";
import type { FuzzTarget } from "./parser-fuzz.ts";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const letters = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const noBuffer = { buffered: () => 0 };

const em4100 = fromHex("02 30 30 30 34 31 34 43 44 37 45 41 33 03");
const em4100Other = fromHex("02 30 46 30 30 31 38 34 45 33 31 36 38 03");
const rdm6300: FuzzTarget = {
  name: "rdm6300",
  samples: [
    em4100,
    em4100Other,
    fromHex("02 30 30 30 34 31 34 43 44 37 45 41 33 0D 0A 03"),
    fromHex("02 30 30 30 34 31 34 43 44 37 45 A3 03"),
  ],
  bufferedMax: 15,
  pauseMs: 300,
  open() {
    const parser = createRdm6300Parser();
    return {
      hear: (chunk, atMs) => void parser.feed(chunk, atMs),
      buffered: () => parser.bufferedBytes(),
      good: (atMs) =>
        [0, 65, 130].some((ms) =>
          parser.feed(em4100, atMs + ms).some((frame) => frame.kind === "card" && frame.number === "em4100:000414CD7E"),
        ),
    };
  },
};

const listed = encodePn532(0x4b, fromHex("01 01 00 44 20 07 04 7B CB 51 96 22 80 06 75 77 81 02 80"), 0xd5);
const pn532: FuzzTarget = {
  name: "pn532",
  samples: [
    listed,
    encodePn532(0x4b, fromHex("01 01 00 02 18 04 8A 4C B5 12"), 0xd5),
    encodePn532(0x03, fromHex("32 01 06 07"), 0xd5),
    encodePn532(0x41, new Uint8Array(262), 0xd5),
    fromHex("00 00 FF 00 FF 00"),
    fromHex("00 00 FF 01 FF 7F 81 00"),
    fromHex("55 55 00 00 00"),
  ],
  bufferedMax: pn532BufferMax,
  pauseMs: 100,
  open() {
    const parser = createPn532Parser();
    const hear = (chunk: Uint8Array, atMs: number): boolean => {
      let isListed = false;
      for (const frame of parser.feed(chunk, atMs)) {
        if (frame.kind !== "data") continue;
        readPn532Firmware(frame.data);
        const targets = readPn532Targets(frame.data);
        isListed ||= targets.kind === "targets" && targets.list[0]?.kind === "type A" && targets.list[0].uid.toHex() === "047bcb51962280";
      }
      return isListed;
    };
    return { hear: (chunk, atMs) => void hear(chunk, atMs), buffered: () => parser.bufferedBytes(), good: (atMs) => hear(listed, atMs) };
  },
};

const cards: FuzzTarget = {
  name: "cards",
  samples: [
    fromHex("04 A2 3B 1C 5D 6E 80"),
    fromHex("88 04 A2 3B 15"),
    fromHex("44 00"),
    fromHex("20 FC 70"),
    fromHex("93 70 88 04 A2 3B 15 AA BB"),
    text("picc_data=EF963FF7828658A599F3041510671E88&cmac=94EED9EE65337086"),
    text("uid=041E3C8A2D6B80&ctr=000006&cmac=4B00064004B0B3D3"),
  ],
  bufferedMax: 0,
  pauseMs: 0,
  open() {
    const keys = { metaKey: new Uint8Array(16), fileKeyOf: () => new Uint8Array(16) };
    const hear = (chunk: Uint8Array): boolean => {
      decodeReaderFrame(chunk);
      decodeCardFrame(chunk);
      uidFacts(chunk);
      cardTypeOf(chunk[0] ?? 0);
      const mirror = readSunAddress(letters(chunk));
      const read = mirror === null ? null : openSun(mirror, keys);
      return read?.kind === "read" && read.macOk;
    };
    return {
      ...noBuffer,
      hear: (chunk) => void hear(chunk),
      good: () => hear(text("picc_data=EF963FF7828658A599F3041510671E88&cmac=94EED9EE65337086")),
    };
  },
};

const wedge: FuzzTarget = {
  name: "wedge",
  samples: ["004335823930\r", "0040856634\n", "00623,27706\t", "111,27706", "0F00184E31\r", "hello\r", "07302202"].map(text),
  bufferedMax: wedgeCharactersMax,
  pauseMs: 200,
  open() {
    const parser = createWedgeParser();
    const type = (chunk: Uint8Array, atMs: number): readonly string[] =>
      [...letters(chunk)].flatMap((key, i) => parser.key(key, atMs + i)).flatMap((line) => (line.kind === "line" ? [line.text] : []));
    return {
      hear(chunk, atMs) {
        parser.pass(atMs);
        for (const line of type(chunk, atMs)) for (const setting of wedgeSettings) wedgeCardNumber(line, setting);
      },
      buffered: () => parser.bufferedCharacters(),
      good: (atMs) => type(text("004335823930\r"), atMs).includes("004335823930"),
    };
  },
};

/** A 26-bit word of facility 111, card 27706. */
const word26 = wiegandWord(26, (111n << 16n) | 27_706n);
const wiegand: FuzzTarget = {
  name: "wiegand",
  samples: [word26, wiegandWord(34, 134_210_877n), "0101", "11100001", "0".repeat(26)].map(text),
  bufferedMax: 0,
  pauseMs: 0,
  open: () => ({
    ...noBuffer,
    hear: (chunk) => void decodeWiegand(letters(chunk)),
    good() {
      const heard = decodeWiegand(word26);
      return heard.kind === "card" && heard.value === ((111n << 16n) | 27_706n);
    },
  }),
};

function wiegandWord(bits: 26 | 34, value: bigint): string {
  const data = value.toString(2).padStart(bits - 2, "0");
  const ones = (part: string): number => part.replaceAll("0", "").length;
  const half = data.length / 2;
  return `${ones(data.slice(0, half)) % 2}${data}${1 - (ones(data.slice(half)) % 2)}`;
}

const osdpFrame = (code: number, data: Uint8Array, more: Partial<Parameters<typeof encodeOsdp>[0]> = {}): Uint8Array =>
  encodeOsdp({ address: 1, isReply: true, sequence: 1, code, data, ...more });
const osdpCard = osdpFrame(0x50, fromHex("00 01 1A 00 6F 6C 3A 40"));
const osdp: FuzzTarget = {
  name: "osdp",
  samples: [
    osdpCard,
    osdpFrame(0x40, new Uint8Array(0)),
    osdpFrame(0x45, new Uint8Array(12)),
    osdpFrame(0x46, new Uint8Array(30)),
    osdpFrame(0x41, Uint8Array.of(5), { integrity: "checksum" }),
    osdpFrame(0x53, fromHex("00 04 31 32 33 34")),
    osdpFrame(0x48, fromHex("00 00")),
    osdpFrame(0x76, new Uint8Array(32), { securityBlock: fromHex("03 12 01") }),
    osdpFrame(0x50, new Uint8Array(16), { securityBlock: fromHex("02 17"), mac: () => new Uint8Array(4) }),
  ],
  bufferedMax: osdpLengthMax,
  pauseMs: 100,
  open() {
    const parser = createOsdpParser();
    const hear = (chunk: Uint8Array, atMs: number): boolean => {
      let isCard = false;
      for (const heard of parser.feed(chunk, atMs)) {
        if (heard.kind !== "frame") continue;
        for (const isReply of [true, false]) readOsdpMessage(isReply, heard.code, heard.data);
        isCard ||= heard.code === 0x50 && heard.data.toHex() === "00011a006f6c3a40";
      }
      return isCard;
    };
    return { hear: (chunk, atMs) => void hear(chunk, atMs), buffered: () => parser.bufferedBytes(), good: (atMs) => hear(osdpCard, atMs) };
  },
};

/** The asking end of a Modbus line: a question is open all the time, and what is heard is looked through byte by byte. */
function meter(name: string, dataBytes: number, samples: readonly Uint8Array[], read: (answer: Uint8Array) => void): FuzzTarget {
  const expected = { code: readInputRegisters, dataBytes, address: 1 };
  const [answer = new Uint8Array(0)] = samples;
  return {
    name,
    samples,
    bufferedMax: 256,
    pauseMs: 0,
    open() {
      const line = createTestLine();
      const host = createModbusHost(line, timeoutMs);
      let asked: Promise<ModbusOutcome> | null = null;
      const ask = async (): Promise<void> => {
        if (asked !== null) return;
        const mine = host.ask(Uint8Array.of(1), expected);
        asked = mine;
        void mine.then((outcome) => {
          if (outcome.kind === "answer") read(outcome.data);
          asked = null;
        });
        while (line.written.length === 0) await Promise.resolve();
      };
      /** The next question begins where a bent answer happened to be right, or the meter refused. */
      const hear = async (chunk: Uint8Array): Promise<void> => {
        line.written.length = asked === null ? 0 : line.written.length;
        await ask();
        line.push(chunk);
        await Promise.resolve();
      };
      return {
        hear,
        buffered: () => host.bufferedBytes(),
        async good() {
          await hear(new Uint8Array(0));
          const mine = asked;
          line.push(answer);
          const outcome = await mine;
          return outcome?.kind === "answer" && Buffer.compare(outcome.data, answer.subarray(3, -2)) === 0;
        },
      };
    },
  };
}
/** Longer than any run: a question ends by its answer. */
const timeoutMs = 2_000_000_000;
const pzemAnswer = fromHex("01 04 14 08 FD 01 23 00 00 0E F5 00 00 4A E6 00 03 01 F4 00 64 00 00");
const sdmAnswer = fromHex("01 04 04 43 66 33 34");

const plug = fromHex("55 5A 02 EC 70 00 03 5A 00 40 B5 00 6B B3 52 0F D0 00 A2 AA F2 6F F5 A1");
const cse7766: FuzzTarget = {
  name: "cse7766",
  samples: [plug, plug.with(0, 0xf2), plug.with(0, 0xaa)],
  bufferedMax: 23,
  pauseMs: 300,
  open() {
    const parser = createCse7766Parser();
    return {
      hear: (chunk, atMs) => void parser.feed(chunk, atMs),
      buffered: () => parser.bufferedBytes(),
      good: (atMs) => parser.feed(plug, atMs).some(({ kind }) => kind === "reading"),
    };
  },
};

const emontx: FuzzTarget = {
  name: "emontx",
  samples: ["OK 10 1 0 2 0 3 0 (-45)", "ct1:100,ct2:0,vrms:524,pulse:3", "[1, 2, 3]", "OK 17 1 0 0 0", "240.5", "nan"].map(text),
  bufferedMax: 0,
  pauseMs: 0,
  open: () => ({
    ...noBuffer,
    hear(chunk) {
      parseEmon("emon/emontx/power1", letters(chunk));
      parseEmon(letters(chunk), letters(chunk));
    },
    good: () => parseEmon("serial", "OK 10 1 0 2 0 3 0 (-45)").kind === "frame",
  }),
};

const hello = [2, 1, 5, 0, 0, 80, 15, 0];
const board: FuzzTarget = {
  name: "board",
  samples: [
    Uint8Array.from([0xf0, 0x01, 0x00, ...hello, 0xf7]),
    fromHex("90 01 00"),
    fromHex("E0 10 20"),
    fromHex("F9 02 05"),
    fromHex("F0 79 02 05 6B 00 6F 00 F7"),
    fromHex("F0 6C 00 01 7F 01 01 7F F7"),
    fromHex("F0 6A 7F 00 01 F7"),
    fromHex("F0 6E 04 01 01 F7"),
    fromHex("F0 01 04 F7"),
    fromHex("F0 01 08 02 03 04 1A 00 00 00 00 F7"),
    fromHex("C0 01"),
    fromHex("FF"),
  ],
  bufferedMax: 2_048,
  pauseMs: 0,
  open() {
    let link = openBoardLink();
    const hear = (chunk: Uint8Array): boolean => {
      const before = link.hellos();
      link.line.push(chunk);
      const heard = link.hellos() - before;
      if (link.isFaulty()) link = openBoardLink(); // as the node does: the board is opened anew
      return heard > 0;
    };
    const good = Uint8Array.from([0xf0, 0x01, 0x00, ...hello, 0xf7]);
    return {
      hear(chunk) {
        hear(chunk);
        decodeHello([...chunk]);
        for (const message of looseMessages(chunk)) void [readFromWorker(message), readToWorker(message)];
      },
      buffered: () => link.buffered(),
      // A message that was begun swallows the next one, to its end; the one after that is heard.
      good: () => hear(good) || hear(good),
    };
  },
};

function openBoardLink() {
  const line = createTestLine();
  let faults = 0;
  let hellos = 0;
  const transport = createBoardTransport(line, () => {
    faults += 1;
  });
  const io = new firmataIo.Firmata(transport, { reportVersionTimeout: 0 });
  io.on("error", () => undefined);
  io.on("koprade-extension", (body: unknown) => {
    if (Array.isArray(body) && body[0] === 0x00) hellos += 1;
  });
  line.push(fromHex("F9 02 05")); // before its version a board is not listened to
  return { line, isFaulty: () => faults > 0, hellos: () => hellos, buffered: () => io.buffer.length };
}

/** What a worker might say that has lost its mind: the right words in any shape. */
function looseMessages(chunk: Uint8Array): readonly unknown[] {
  const kinds = ["ready", "done", "changed", "window", "word", "lost", "absent", "alive", "open", "write", "pulse"];
  const kind = kinds[(chunk[0] ?? 0) % kinds.length];
  const loose = (at: number): unknown =>
    [chunk[at], letters(chunk), null, undefined, [], {}, true, { pin: chunk[at] }][(chunk[at + 1] ?? 0) % 8];
  const fields = [
    "id",
    "outcome",
    "input",
    "level",
    "why",
    "start",
    "config",
    "outputsOn",
    "watchdogMs",
    "rmsV",
    "isCut",
    "word",
    "pulseMs",
  ];
  return [{ kind, ...Object.fromEntries(fields.map((field, i) => [field, loose(i)])) }, { kind, ...chunk }, chunk, letters(chunk)];
}

export const fuzzTargets: readonly FuzzTarget[] = [
  rdm6300,
  pn532,
  cards,
  wedge,
  inputEvents,
  wiegand,
  osdp,
  meter(
    "pzem004t",
    20,
    [crc(pzemAnswer), fromHex("01 84 81 82 91"), fromHex("01 06 00 01 00 05 18 09")],
    (data) => void decodeRead(crc(Uint8Array.of(1, 4, 20, ...data))),
  ),
  meter(
    "sdm",
    4,
    [crc(sdmAnswer), fromHex("00 01 04 04 43 66 33 34 1B"), fromHex("01 84 02 C2 C1"), crc(fromHex("01 04 04 7F C0 00 00"))],
    (data) => void decodeSdmValues(data, 12),
  ),
  cse7766,
  emontx,
  board,
];

/** With its Modbus checksum behind it. */
function crc(body: Uint8Array): Uint8Array {
  let sum = 0xffff;
  for (const byte of body) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xa001 : sum >>> 1;
  }
  return Uint8Array.from([...body, sum & 0xff, sum >>> 8]);
}
