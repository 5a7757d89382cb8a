// An OSDP v2 reader (PD) at the byte level: it answers its own address only, wants the next number, repeats its answer to a repeated
// number without acting twice, and keeps a secure channel that eight seconds of silence end.
//
//   panel  53 AA … CC [block] KK data [MAC] CRC        reader  53 AA|80 … the same number … CRC

import { randomBytes } from "node:crypto";
import { createOsdpParser, encodeOsdp, isMaced, type OsdpFrame } from "../../devices/drivers/osdp-frame.ts";
import { osdpCode, readOsdpMessage } from "../../devices/drivers/osdp-message.ts";
import {
  clientCryptogram,
  decryptOsdpData,
  encryptOsdpData,
  initialReplyMac,
  macOnWire,
  noMac,
  type OsdpSessionKeys,
  osdpDefaultKey,
  osdpMac,
  osdpSessionKeys,
  serverCryptogram,
} from "../../devices/drivers/osdp-secure.ts";

export interface OsdpReaderGiven {
  /** Where the bytes go, for instance `pty.write`. */
  readonly send: (bytes: Uint8Array) => void;
  readonly address?: number;
  /** Its SCBK; without one it has the default key only. */
  readonly key?: Uint8Array;
  /** From a question to its answer. */
  readonly answerMs?: number;
}

export interface SimulatedOsdpReader {
  receive(bytes: Uint8Array): void;
  /** A card, as the bits that the reader sends: of a Wiegand format, or a UID. */
  present(bits: string): void;
  /** Keys, as ASCII; # is sent as enter. */
  type(keys: string): void;
  setTamper(isOpen: boolean): void;
  setPower(isFailed: boolean): void;
  /** It acts on the next `count` commands, but its answers are lost. */
  loseAnswers(count: number): void;
  /** One byte of the next `count` answers is wrong. */
  garbleAnswers(count: number): void;
  /** It says "busy" to the next `count` questions. */
  beBusy(count: number): void;
  /** The next `count` answers come unsigned, as from somebody who holds the wires. */
  answerPlain(count: number): void;
  /** Power lost and back: number, channel and waiting events are gone, keys stay. */
  restart(): void;
  /** It hears nothing, as with its wires off. */
  setDeaf(isDeaf: boolean): void;
  readonly key: () => Uint8Array;
  readonly isSecure: () => boolean;
  /** What it was commanded to show and sound, newest last; each once. */
  readonly acted: readonly { readonly code: number; readonly data: Uint8Array }[];
  close(): void;
}

const aloneMs = 8_000;
const [unknownCommand, sequenceWrong, encryptionWanted] = [3, 4, 6];
const plainCommands: ReadonlySet<number> = new Set([osdpCode.id, osdpCode.capabilities, osdpCode.challenge, osdpCode.serverCryptogram]);

type Reply = { readonly code: number; readonly data?: readonly number[]; readonly block?: readonly number[] };
type Channel = { readonly keys: OsdpSessionKeys; lastReply: Uint8Array; lastCommand: Uint8Array };

export function createOsdpReader(given: OsdpReaderGiven): SimulatedOsdpReader {
  return new Reader(given);
}

class Reader implements SimulatedOsdpReader {
  readonly #given: OsdpReaderGiven;
  readonly #address: number;
  readonly #parser = createOsdpParser();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly acted: { code: number; data: Uint8Array }[] = [];
  #key: Uint8Array;
  #events: Reply[] = [];
  #status = [0, 0];
  #expected: number | null = null;
  #cached: { readonly asked: string; readonly answer: Uint8Array } | null = null;
  #channel: Channel | null = null;
  #challenge: { keys: OsdpSessionKeys; rndA: Uint8Array; rndB: Uint8Array } | null = null;
  #heardMs = 0;
  #isDeaf = false;
  #next = { lose: 0, garble: 0, busy: 0, plain: 0 };

  constructor(given: OsdpReaderGiven) {
    this.#given = given;
    this.#address = given.address ?? 0;
    this.#key = given.key ?? osdpDefaultKey;
  }

  readonly key = () => this.#key;
  readonly isSecure = () => this.#channel !== null;

  receive(bytes: Uint8Array): void {
    if (this.#isDeaf) return;
    for (const frame of this.#parser.feed(bytes, performance.now())) {
      if (frame.kind === "frame" && !frame.isReply && frame.address === this.#address) this.#hear(frame);
    }
  }

  present(bits: string): void {
    const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
    const bytes = (padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
    this.#events.push({ code: osdpCode.raw, data: [0, 1, bits.length & 0xff, bits.length >> 8, ...bytes] });
  }

  type(keys: string): void {
    const codes = [...keys].map((key) => (key === "#" ? 0x0d : key === "*" ? 0x7f : key.charCodeAt(0)));
    this.#events.push({ code: osdpCode.keypad, data: [0, codes.length, ...codes] });
  }

  setTamper(isOpen: boolean): void {
    this.#status = [isOpen ? 1 : 0, this.#status[1] ?? 0];
    this.#events.push({ code: 0x48, data: this.#status });
  }

  setPower(isFailed: boolean): void {
    this.#status = [this.#status[0] ?? 0, isFailed ? 1 : 0];
    this.#events.push({ code: 0x48, data: this.#status });
  }

  loseAnswers(count: number): void {
    this.#next.lose = count;
  }

  garbleAnswers(count: number): void {
    this.#next.garble = count;
  }

  beBusy(count: number): void {
    this.#next.busy = count;
  }

  answerPlain(count: number): void {
    this.#next.plain = count;
  }

  restart(): void {
    this.#expected = null;
    this.#cached = null;
    this.#channel = null;
    this.#challenge = null;
    this.#events = [];
  }

  setDeaf(isDeaf: boolean): void {
    this.#isDeaf = isDeaf;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #hear(frame: OsdpFrame): void {
    const nowMs = performance.now();
    if (nowMs - this.#heardMs > aloneMs) this.#channel = null;
    this.#heardMs = nowMs;
    if (this.#next.busy > 0) {
      this.#next.busy -= 1;
      this.#send(encodeOsdp({ address: this.#address, isReply: true, sequence: 0, code: osdpCode.busy, data: new Uint8Array(0) }));
      return;
    }
    const asked = `${frame.sequence} ${frame.covered.toHex()}`;
    if (frame.sequence === 0 || this.#cached?.asked !== asked) this.#cached = { asked, answer: this.#encoded(frame, this.#answer(frame)) };
    this.#send(this.#cached.answer);
  }

  #answer(frame: OsdpFrame): Reply {
    const { sequence, code, securityBlock } = frame;
    if (sequence === 0) this.#startAnew();
    else if (this.#expected !== null && sequence !== this.#expected) return nak(sequenceWrong);
    const block = securityBlock?.[1] ?? 0;
    if (isMaced(block)) {
      const plain = this.#opened(frame);
      if (plain === null) return nak(encryptionWanted);
      this.#expected = (sequence % 3) + 1;
      return this.#obey(code, plain);
    }
    if (!plainCommands.has(code)) return nak(encryptionWanted);
    this.#expected = (sequence % 3) + 1;
    return this.#greet(frame);
  }

  /** Number 0 starts anew: there is no channel any more. */
  #startAnew(): void {
    this.#channel = null;
    this.#challenge = null;
  }

  #opened({ mac, covered, data }: OsdpFrame): Uint8Array | null {
    const channel = this.#channel;
    if (channel === null || mac === null) return null;
    const whole = osdpMac(channel.keys, channel.lastReply, covered);
    if (Buffer.compare(whole.subarray(0, macOnWire), mac) !== 0) return null;
    const plain = data.length === 0 ? data : decryptOsdpData(channel.keys, channel.lastReply, data);
    if (plain !== null) channel.lastCommand = whole;
    return plain;
  }

  /** What it says to anybody: who it is, what it can, and the handshake. */
  #greet({ code, data, securityBlock }: OsdpFrame): Reply {
    if (code === osdpCode.id) return { code: osdpCode.pdId, data: [0xa1, 0xa2, 0xa3, 1, 1, 1, 2, 3, 4, 1, 0, 0] };
    if (code === osdpCode.capabilities) return { code: osdpCode.pdCapabilities, data: [4, 1, 1, 5, 1, 1, 9, 1, 1] };
    if (code === osdpCode.challenge) {
      const isDefault = Buffer.compare(this.#key, osdpDefaultKey) === 0;
      const [rndA, rndB] = [data, new Uint8Array(randomBytes(8))];
      const keys = osdpSessionKeys(this.#key, rndA);
      this.#challenge = { keys, rndA, rndB };
      return {
        code: osdpCode.clientCryptogram,
        data: [...new Uint8Array(8), ...rndB, ...clientCryptogram(keys, rndA, rndB)],
        block: [3, 0x12, isDefault ? 0 : 1],
      };
    }
    const challenge = this.#challenge;
    if (challenge === null || securityBlock?.[1] !== 0x13) return nak(encryptionWanted);
    const { keys, rndA, rndB } = challenge;
    if (Buffer.compare(data, serverCryptogram(keys, rndA, rndB)) !== 0)
      return { code: osdpCode.replyMac, data: [...noMac], block: [3, 0x14, 0xff] };
    const first = initialReplyMac(keys, data);
    this.#channel = { keys, lastReply: first, lastCommand: noMac };
    return { code: osdpCode.replyMac, data: [...first], block: [3, 0x14, 1] };
  }

  #obey(code: number, data: Uint8Array): Reply {
    const ack: Reply = { code: osdpCode.ack };
    if (code === osdpCode.poll) return this.#events.shift() ?? ack;
    if (code === osdpCode.localStatus) return { code: 0x48, data: this.#status };
    this.acted.push({ code, data });
    if (code === osdpCode.led || code === osdpCode.buzzer) return ack;
    const message = readOsdpMessage(false, code, data);
    if (message.kind !== "key set" || message.key.length !== 16) return nak(unknownCommand);
    this.#key = message.key;
    return ack;
  }

  #encoded(asked: OsdpFrame, { code, data = [], block }: Reply): Uint8Array {
    const channel = block === undefined && isMaced(asked.securityBlock?.[1] ?? 0) ? this.#channel : null;
    const plain = Uint8Array.from(data);
    const common = { address: this.#address, isReply: true, sequence: asked.sequence, code };
    if (this.#next.plain > 0 && channel !== null) {
      this.#next.plain -= 1;
      return encodeOsdp({ ...common, data: plain });
    }
    if (channel === null || (code === osdpCode.nak && plain[0] !== unknownCommand))
      return encodeOsdp({ ...common, data: plain, securityBlock: block === undefined ? null : Uint8Array.from(block) });
    return encodeOsdp({
      ...common,
      data: plain.length === 0 ? plain : encryptOsdpData(channel.keys, channel.lastCommand, plain),
      securityBlock: Uint8Array.of(2, plain.length === 0 ? 0x16 : 0x18),
      mac(covered) {
        channel.lastReply = osdpMac(channel.keys, channel.lastCommand, covered);
        return channel.lastReply.subarray(0, macOnWire);
      },
    });
  }

  #send(answer: Uint8Array): void {
    if (this.#next.lose > 0) {
      this.#next.lose -= 1;
      return;
    }
    const bytes = Uint8Array.from(answer);
    if (this.#next.garble > 0) {
      this.#next.garble -= 1;
      bytes[5] = (bytes[5] ?? 0) ^ 0x10;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#given.send(bytes);
    }, this.#given.answerMs ?? 10);
    this.#timers.add(timer);
  }
}

function nak(reason: number): Reply {
  return { code: osdpCode.nak, data: [reason] };
}
