/** The PN532 on its serial port, in the spelling of recorded lines. */

import { uidFacts } from "../../devices/drivers/iso14443a.ts";
import { createPn532Parser, fromChip, fromHost, type Pn532Frame, type Pn532RubbishWhy } from "../../devices/drivers/pn532-frame.ts";
import {
  type Pn532Target,
  pn532Baud,
  pn532Code,
  pn532Commands,
  readPn532Firmware,
  readPn532Targets,
} from "../../devices/drivers/pn532-message.ts";
import { type Decoded, type Decoder, hexOf, refused } from "./decode-recorded.ts";

const refusals: Readonly<Record<Pn532RubbishWhy, string>> = {
  noise: "wrong baud rate / floating line: no start code; drop and re-wake",
  "length checksum": "length checksum wrong",
  "data checksum": "data checksum wrong",
  overlong: "length is more than a PN532 exchanges",
  "cut short": "frame cut short",
};

const pn532: Decoder = ({ chunks, bytes, direction }) => {
  const parser = createPn532Parser();
  const heard = chunks.flatMap((chunk) => parser.feed(chunk, 0));
  const isCut = parser.bufferedBytes() > 1;
  const frames = heard.flatMap((frame) => (frame.kind === "rubbish" ? [] : [spell(frame, direction)]));
  const [first] = frames;
  if (first === undefined) {
    const rubbish = heard.find((frame) => frame.kind === "rubbish");
    const why = isCut
      ? refusals["cut short"]
      : bytes?.[0] === 0 && rubbish?.why === "noise"
        ? "start code wrong"
        : refusals[rubbish?.why ?? "noise"];
    return { valid: false, ...refused(why) };
  }
  if (frames.length > 1) {
    const uid = frames.map((frame) => frame.uid).find((found) => found !== undefined);
    return uid === undefined ? { frames } : { frames, uid };
  }
  return { ...first, ...wakeUp(bytes ?? new Uint8Array(0), direction) };
};

/** What the host sent before the frame to wake the chip: 55 55 and zeros, or ten and more zeros. */
function wakeUp(bytes: Uint8Array, direction: string): Decoded {
  if (!direction.startsWith("host")) return {};
  const start = bytes.findIndex((byte, i) => byte === 0xff && bytes[i - 1] === 0 && bytes[i - 2] === 0) - 2;
  return start > 0 ? { wakeup: hexOf(bytes.subarray(0, start)) } : {};
}

function spell(frame: Exclude<Pn532Frame, { kind: "rubbish" }>, direction: string): Decoded {
  if (frame.kind === "ack" || frame.kind === "nack") return { type: frame.kind };
  if (frame.kind === "error") return { type: "error", name: "application-level error frame" };
  const { tfi, command, data, length, isExtended } = frame;
  const wanted = direction.startsWith("host") ? fromHost : direction.startsWith("reader") ? fromChip : tfi;
  const values = {
    type: "data",
    ...(isExtended ? { extended: true } : {}),
    length,
    tfi: hex(tfi),
    cmd: hex(command),
    data: compact(data),
  };
  if (tfi !== wanted) return { ...values, valid: false, ...refused(`TFI must be ${hex(wanted)}`) };
  return { ...values, ...(tfi === fromHost ? commandFacts(command, data) : answerFacts(command - 1, data)) };
}

const bauds: Readonly<Record<number, string>> = {
  [pn532Baud.felica212]: "212F",
  [pn532Baud.felica424]: "424F",
  [pn532Baud.type106B]: "14443B",
  [pn532Baud.jewel]: "Jewel",
};

function commandFacts(command: number, data: Uint8Array): Decoded {
  const known = pn532Commands[command];
  if (known === undefined) return {};
  const [first = 0, second = 0, third = 0] = data;
  if (command === pn532Code.samConfiguration && first === 1 && data.length === 3 && third === 1)
    return { name: `${known} normal, timeout ${second}, IRQ 1` };
  if (command === pn532Code.listTargets) {
    const what = second === pn532Baud.type106A ? `${first} target${first === 1 ? "" : "s"} 106A` : (bauds[second] ?? "");
    return { name: `${known} ${what}`.trim() };
  }
  if (command === pn532Code.dataExchange) return { name: exchangeName(known, data.subarray(1)) };
  return { name: known };
}

/** What goes to the card behind the chip: MIFARE and DESFire commands by their first byte. */
function exchangeName(known: string, card: Uint8Array): string {
  const [code = -1, block = 0] = card;
  if (code === 0x30 && card.length === 2) return `${known} MIFARE Read block ${block}`;
  if (code === 0xa0 && card.length === 18) return `${known} MIFARE Write block ${block}`;
  if ((code === 0x60 || code === 0x61) && card.length === 12) {
    const key = code === 0x60 ? "A" : "B";
    return `MIFARE Auth ${key} block ${block} key ${compact(card.subarray(2, 8))} uid ${compact(card.subarray(8))}`;
  }
  if (code === 0xaa && card.length === 2) return `${known} DESFire AuthenticateAES key ${block}`;
  if (code === 0xaf && card.length === 33) return "AF + enc(RndA||RndB rotl)";
  return known;
}

function answerFacts(command: number, data: Uint8Array): Decoded {
  const [status = 0, code = -1] = data;
  if (command === pn532Code.listTargets) return targetFacts(data);
  if (command === pn532Code.setBaudRate) return { name: "SetSerialBaudRate done; host must send ACK at old rate before switching" };
  if (command === pn532Code.deselect || command === pn532Code.release) {
    const name = pn532Commands[command];
    return status === 0 ? { name: `${name} ok` } : { name: `${name} failed`, error: hex(status) };
  }
  if (command === pn532Code.firmware) {
    const firmware = readPn532Firmware(data);
    if (firmware === null) return {};
    const { chip, version, revision, support } = firmware;
    return { name: `GetFirmwareVersion PN5${hex(chip)} ${version}.${revision}`, ic: hex(chip), ver: version, rev: revision, support };
  }
  if (command !== pn532Code.dataExchange) return {};
  if ((status & 0x3f) !== 0) return { name: "InDataExchange failed", status: hex(status) };
  if (data.length === 18 && code === 0x00) return { status: "00", name: "00 + enc(RndA rotl)" };
  if (data.length === 18 && code === 0xaf) return { status: "00", name: "AF + enc(RndB)" };
  return { status: "00" };
}

function targetFacts(data: Uint8Array): Decoded {
  const answer = readPn532Targets(data);
  if (answer.kind === "malformed") return { targets: answer.count, ...refused("targets cut short or in no known layout") };
  const [first] = answer.list;
  if (first === undefined) return { targets: 0 };
  const more = answer.list.length > 1 ? { list: answer.list.map(oneTarget) } : {};
  return { targets: answer.list.length, ...oneTarget(first), ...more };
}

function oneTarget(target: Pn532Target): Decoded {
  const { target: tg, sensRes } = target;
  if (target.kind === "jewel") return { name: "Jewel/Topaz target", tg, sens_res_lsb: compact(sensRes), jewel_id: compact(target.id) };
  const { uid, selRes, ats } = target;
  return {
    tg,
    sens_res: compact(sensRes),
    sel_res: hex(selRes),
    uid: compact(uid),
    uid_len: uid.length,
    ats: ats === null ? null : compact(ats),
    random_uid: uidFacts(uid).random,
  };
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

function compact(bytes: Uint8Array): string {
  return bytes.toHex().toUpperCase();
}

export const pn532Decoders: Readonly<Record<string, Decoder>> = { "pn532-hsu": pn532 };
