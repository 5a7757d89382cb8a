/** OSDP frames, its secure channel and `.osdpcap` files, in the spelling of recorded lines. */
import { decodeOsdp, isMaced, type OsdpBad, type OsdpFrame, osdpBroadcast } from "../../devices/drivers/osdp-frame.ts";
import { nakReasons, type OsdpLamp, type OsdpMessage, osdpCode, osdpName, readOsdpMessage } from "../../devices/drivers/osdp-message.ts";
import {
  clientCryptogram,
  decryptOsdpData,
  initialReplyMac,
  isOsdpMacOk,
  type OsdpSessionKeys,
  osdpDefaultKey,
  osdpSessionKeys,
  serverCryptogram,
} from "../../devices/drivers/osdp-secure.ts";
import { bytesOf, type Decoded, type Decoder, isRecord, type Recorded, refused } from "./decode-recorded.ts";

const mark = 0xff;
const tickMs = 100;

const osdp: Decoder = (message) => {
  if (message.bytes === undefined) return secureChannel(message);
  return decodeFrame(message.bytes, message);
};

/** Keys of a channel, of a handshake, or a key itself; frames are decoded with what the context holds. */
const secureChannel: Decoder = (message) => {
  const { bytes, direction, sequence } = message;
  if (bytes !== undefined && direction !== "config") return decodeFrame(bytes, message);
  if (bytes !== undefined)
    return {
      default_key_ascii: String.fromCharCode(...bytes),
      is_default: bytes.length === 16 && osdpDefaultKey.every((byte, i) => byte === bytes[i]),
    };
  const frames = (sequence ?? []).flatMap((step) => {
    const found = isRecord(step) ? bytesOf(step.hex) : bytesOf(step);
    return found === null ? [] : [decodeFrame(found, message)];
  });
  const derived = handshake(message);
  if (derived === null && frames.length === 0) return refused("no frame, and no key, rnd_a and rnd_b in the context to derive from");
  return { ...derived, ...(frames.length > 0 ? { frames } : {}) };
};

function decodeFrame(all: Uint8Array, message: Recorded): Decoded {
  const marks = all.findIndex((byte) => byte !== mark);
  const bytes = withoutTrailingMarks(all.subarray(marks < 0 ? all.length : marks));
  const outcome = decodeOsdp(bytes);
  if (outcome.kind === "bad") return refused(badWhy(outcome));
  return { leading_marks: Math.max(0, marks), integrity_ok: true, ...frameFacts(outcome), ...security(outcome, message) };
}

/** Marks after a frame belong to the line, not to it; the frame says where it ends. */
function withoutTrailingMarks(bytes: Uint8Array): Uint8Array {
  const declared = (bytes[2] ?? 0) + (bytes[3] ?? 0) * 0x100;
  const isPadded = declared > 0 && declared < bytes.length && bytes.subarray(declared).every((byte) => byte === mark);
  return isPadded ? bytes.subarray(0, declared) : bytes;
}

function badWhy({ why, declared, actual, wanted = 0 }: OsdpBad): string {
  switch (why) {
    case "length":
      return `length ${declared}!=${actual}`;
    case "overlong":
      return `declared length ${declared}: drop, resync on next SOM`;
    case "crc":
      return `crc want ${Uint8Array.of(wanted & 0xff, wanted >> 8).toHex()}`;
    case "checksum":
      return `checksum want ${Uint8Array.of(wanted).toHex()}`;
    case "short":
      return "frame cut short";
    case "no start":
      return "no SOM (53)";
    case "security block":
      return "security block longer than the frame, or too short";
  }
}

function frameFacts(frame: OsdpFrame): Decoded {
  const { address, isReply, sequence, integrity, length, securityBlock, code, data, mac } = frame;
  const block = securityBlock?.[1];
  const scs = block === undefined ? undefined : hex(block);
  const name = osdpName(isReply, code);
  const named = name === null ? {} : { name: `${name}${unusual(frame)}` };
  const isSecret = block === 0x17 || block === 0x18;
  return {
    address,
    reply: isReply,
    sequence,
    integrity,
    length,
    ...(securityBlock === null ? {} : { scb: compact(securityBlock), scs }),
    code: hex(code),
    data: compact(data),
    ...named,
    ...(mac === null ? {} : { mac4: compact(mac) }),
    ...(isSecret ? {} : spell(readOsdpMessage(isReply, code, data))),
  };
}

/** What sets a frame apart from the others of its code: its security block, the broadcast address, a checksum instead of a CRC. */
function unusual({ securityBlock, isReply, address, integrity, code }: OsdpFrame): string {
  const block = securityBlock?.[1];
  if (block !== undefined) return ` ${isMaced(block) ? "" : "in "}SCS_${hex(block)}`;
  const isCommand = !isReply && code !== osdpCode.poll;
  return `${address === osdpBroadcast ? " broadcast" : ""}${isCommand && integrity === "checksum" ? " checksum" : ""}`;
}

/** What the security block demands. Without the channel's keys a secured frame is never taken. */
function security({ securityBlock, isReply, code, data, mac, covered }: OsdpFrame, { context }: Recorded): Decoded {
  const block = securityBlock?.[1];
  if (block === undefined) return context.secure === true ? refused("plaintext while secure channel active: reject (downgrade)") : {};
  if (block < 0x11 || block > 0x18) return refused(`unknown SCB type ${hex(block)}: reject`);
  if (!isMaced(block)) return {};
  const keys = sessionKeys(context);
  const last = field(context, isReply ? "last_cmac" : "last_rmac") ?? field(context, "last_mac") ?? field(context, "iv");
  if (mac === null || keys === null || last === null) return refused(`SCS_${hex(block)} while no secure channel: reject`);
  const macOk = isOsdpMacOk(keys, last, covered, mac);
  if (!macOk) return { mac_ok: false, ...refused(`SCS_${hex(block)} with wrong MAC while secure channel active: reject`) };
  if (block < 0x17) return { mac_ok: true };
  const plain = decryptOsdpData(keys, last, data);
  if (plain === null) return { mac_ok: true, ...refused("padding of the decrypted data is wrong") };
  return { mac_ok: true, plaintext: compact(plain), ...spell(readOsdpMessage(isReply, code, plain)) };
}

function sessionKeys(context: Decoded): OsdpSessionKeys | null {
  const [encKey, mac1, mac2] = [field(context, "s_enc"), field(context, "s_mac1"), field(context, "s_mac2")];
  if (encKey !== null && mac1 !== null && mac2 !== null) return { encKey, mac1, mac2 };
  const [scbk, rndA] = [field(context, "scbk") ?? field(context, "key"), field(context, "rnd_a", 8)];
  return scbk === null || rndA === null ? null : osdpSessionKeys(scbk, rndA);
}

function handshake({ context }: Recorded): Decoded | null {
  const [keys, rndA, rndB] = [sessionKeys(context), field(context, "rnd_a", 8), field(context, "rnd_b", 8)];
  if (keys === null) return null;
  const derived = { s_enc: compact(keys.encKey), s_mac1: compact(keys.mac1), s_mac2: compact(keys.mac2) };
  if (rndA === null || rndB === null) return derived;
  const server = serverCryptogram(keys, rndA, rndB);
  return {
    ...derived,
    client_cryptogram: compact(clientCryptogram(keys, rndA, rndB)),
    server_cryptogram: compact(server),
    rmac_i: compact(initialReplyMac(keys, server)),
  };
}

function field(context: Decoded, name: string, bytes = 16): Uint8Array | null {
  const found = bytesOf(context[name]);
  return found?.length === bytes ? found : null;
}

function spell(message: OsdpMessage): Decoded {
  switch (message.kind) {
    case "plain":
      return {};
    case "malformed":
      return refused("data of another length than this code has");
    case "identity": {
      const { vendor, model, version, serial, firmware } = message;
      const numbers = [...firmware].map((byte) => byte.toString(16)).join(".");
      const bytes = [...firmware].map(hex).join(" ");
      return { vendor: compact(vendor), model, version, serial_bytes: compact(serial), firmware: `${numbers} (bytes ${bytes})` };
    }
    case "capabilities":
      return capabilities(message.list);
    case "refused":
      return { nak_code: message.reason, nak_name: nakReasons[message.reason] ?? "unknown" };
    case "reader status":
      return { status: message.status[0] };
    case "local status":
      return { tamper: message.tamper, power_failure: message.powerFailure };
    case "states":
      return { active: message.active };
    case "raw":
      return { reader: message.reader, format: message.format, bit_count: message.bits.length, bits: message.bits };
    case "formatted": {
      const { reader, isReverse, characters } = message;
      return {
        reader,
        read_direction: isReverse ? 1 : 0,
        digits: characters.length,
        data_hex: compact(characters),
        text: printable(characters),
      };
    }
    case "keys":
      return {
        reader: message.reader,
        digits: message.keys.length,
        ...(message.keys.length > 0 ? { data_hex: compact(message.keys) } : {}),
      };
    case "communication":
      return { new_address: message.address, baud: message.baudRate };
    case "outputs":
      return {
        outputs: message.outputs.map(({ output, control, timerMs }) => ({ no: output, code: control, timer_100ms: timerMs / tickMs })),
      };
    case "lamps":
      return { ...lamp(message.lamps[0]), ...(message.lamps.length > 1 ? { leds: message.lamps.map(lamp) } : {}) };
    case "buzzer": {
      const { reader, tone, onMs, offMs, count } = message;
      return { reader, tone, on_100ms: onMs / tickMs, off_100ms: offMs / tickMs, count };
    }
    case "text": {
      const { reader, control, row, column, text } = message;
      return { reader, text_command: control, row, column, text };
    }
    case "key set":
      return { key_type: message.keyType, key_len: message.key.length };
    case "vendor":
      return { vendor: compact(message.vendor) };
  }
}

/** Function 9: AES and whether the PD still has the default key; 10: receive buffer. */
function capabilities(list: readonly (readonly [number, number, number])[]): Decoded {
  const of = (code: number) => list.find(([known]) => known === code);
  const [aes, buffer] = [of(9), of(10)];
  return {
    caps: list,
    ...(aes === undefined ? {} : { supports_aes128: (aes[1] & 1) !== 0, uses_default_key: (aes[2] & 1) !== 0 }),
    ...(buffer === undefined ? {} : { receive_buffer: buffer[1] + buffer[2] * 0x100 }),
  };
}

function lamp(found: OsdpLamp | undefined): Decoded {
  if (found === undefined) return {};
  const { reader, lamp: led, temporary, permanent } = found;
  return {
    reader,
    led,
    temp_code: temporary.control,
    temp_on_100ms: temporary.onMs / tickMs,
    temp_off_100ms: temporary.offMs / tickMs,
    temp_on_color: temporary.onColor,
    temp_off_color: temporary.offColor,
    temp_timer_100ms: temporary.forMs / tickMs,
    perm_code: permanent.control,
    perm_on_100ms: permanent.onMs / tickMs,
    perm_off_100ms: permanent.offMs / tickMs,
    perm_on_color: permanent.onColor,
    perm_off_color: permanent.offColor,
  };
}

/** A capture file has one JSON object a line, its numbers as text. */
const osdpcap: Decoder = (message) => {
  let entry: unknown;
  try {
    entry = JSON.parse(message.payload ?? "");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refused("a line of an .osdpcap file is one JSON object");
  }
  if (!isRecord(entry) || typeof entry.data !== "string") return refused('a line of an .osdpcap file has "data" as byte pairs with dashes');
  const bytes = bytesOf(entry.data.replaceAll("-", " "));
  if (bytes === null || bytes.length === 0) return refused('"data" is no byte pairs with dashes');
  const [seconds, nanos] = [entry.timeSec, entry.timeNano].map((part) => (/^\d{1,12}$/.test(String(part)) ? String(part) : null));
  const time = seconds == null || nanos == null ? {} : { unix_time: `${seconds}.${nanos.padStart(9, "0")}` };
  return { direction: typeof entry.io === "string" ? entry.io : null, ...time, ...decodeFrame(bytes, message) };
};

function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).replace(/[^ -~]/g, ".");
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

function compact(bytes: Uint8Array): string {
  return bytes.toHex().toUpperCase();
}

export const osdpDecoders: Readonly<Record<string, Decoder>> = { osdp, "osdp-secure-channel": secureChannel, osdpcap };
