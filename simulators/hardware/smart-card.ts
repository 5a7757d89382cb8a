// NTAG 424 DNA and DESFire cards behind ISO 14443-4 with real cryptography: what they are asked is answered by the bytes of their
// data sheets, wrong keys and wrong MACs as a chip would refuse them. Written apart from the drivers; only AES is shared.
//
//   90 CC 00 00 [Lc data] 00 ─▶ ◀─ data 91 SS

import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { aesCbcDecrypt, aesCbcEncrypt, aesCmac, aesEncryptBlock, nxpMac, zeroBlock } from "../../devices/drivers/aes-cmac.ts";
import type { SimulatedCard } from "./pn532.ts";

/** A card with a chip: what it shows to the antenna, and its memory. */
export interface SmartCard {
  /** As it lies on the reader now; a random UID is another one each time. */
  present(): SimulatedCard;
  /** Pulls it away during the exchange after this many more; every later one stays unanswered until it is presented again. */
  leaveAfter(exchanges: number): void;
  /** Every exchange since it was last presented, as the air heard it. */
  readonly heard: readonly { readonly asked: Uint8Array; readonly answered: Uint8Array }[];
  /** Its keys and the number of its reads, for a test to look at. */
  readonly chip: Chip;
}

type Key = { key: Uint8Array; version: number };
export type Chip = {
  readonly uid: Uint8Array;
  readonly keys: Key[];
  hasApplication: boolean;
  file: Uint8Array;
  /** FileOption, access rights, and what follows the size in GetFileSettings */
  settings: Uint8Array;
  readCounter: number;
};
type Session = { readonly key: number; readonly enc: Uint8Array; readonly mac: Uint8Array; readonly ti: Uint8Array; counter: number };
type Waiting = { readonly key: number; readonly rndB: Uint8Array; readonly challenge: Uint8Array; readonly ev2: boolean };

export type CardModel = "ntag424" | "desfire-ev1" | "desfire-ev2";
const hardware: Readonly<Record<CardModel, readonly number[]>> = {
  ntag424: [0x04, 0x04, 0x02, 0x30, 0x00, 0x11, 0x05],
  "desfire-ev1": [0x04, 0x01, 0x01, 0x01, 0x00, 0x18, 0x05],
  "desfire-ev2": [0x04, 0x01, 0x01, 0x12, 0x00, 0x18, 0x05],
};
const ats: Readonly<Record<CardModel, string>> = { ntag424: "067777710280", "desfire-ev1": "067577810280", "desfire-ev2": "067577810280" };

/** As it leaves the factory: all keys zero. `randomUid` shows another number at every presentation. */
export function createSmartCard(given: { readonly model: CardModel; readonly uid: string; readonly randomUid?: boolean }): SmartCard {
  const chip: Chip = {
    uid: Uint8Array.fromHex(given.uid),
    keys: Array.from({ length: given.model === "ntag424" ? 5 : 3 }, () => ({ key: new Uint8Array(16), version: 0 })),
    hasApplication: given.model === "ntag424",
    file: new Uint8Array(256),
    settings: Uint8Array.of(0x00, 0xe0, 0xee),
    readCounter: 0,
  };
  const heard: { asked: Uint8Array; answered: Uint8Array }[] = [];
  let power = new Power(given.model, chip);
  let left = Number.POSITIVE_INFINITY;
  let isAway = false;
  return {
    chip,
    heard,
    leaveAfter(exchanges) {
      left = exchanges;
    },
    present() {
      power = new Power(given.model, chip);
      isAway = false;
      heard.length = 0;
      const shown = given.randomUid === true ? `08${randomBytes(3).toString("hex")}` : given.uid;
      return {
        uid: shown,
        selRes: 0x20,
        ats: ats[given.model],
        activate() {
          power = new Power(given.model, chip);
        },
        answer(asked) {
          if (left === 0) {
            isAway = true;
            left = Number.POSITIVE_INFINITY;
          }
          left -= 1;
          if (isAway) return null;
          const answered = power.answer(asked);
          heard.push({ asked, answered });
          return answered;
        },
      };
    },
  };
}

/** A card with the number of another and none of its keys: it says what it likes until a key is asked for. */
export function createClone(original: SmartCard, model: CardModel): SmartCard {
  const clone = createSmartCard({ model, uid: original.chip.uid.toHex() });
  for (const key of clone.chip.keys) key.version = 1;
  Object.assign(clone.chip, { hasApplication: true, file: original.chip.file, settings: original.chip.settings, readCounter: 1_000_000 });
  for (const [i, key] of clone.chip.keys.entries()) key.key = Uint8Array.from(randomBytes(16).fill(i, 0, 1));
  return clone;
}

/** A device that answers as a recorded card did, command for command, for ever. */
export function createReplayer(of: SmartCard): SimulatedCard {
  const recorded = [...of.heard];
  const { uid, selRes = 0x20, ats: said = "" } = of.present();
  let at = 0;
  return {
    uid,
    selRes,
    ats: said,
    activate() {
      at = 0;
    },
    answer(asked) {
      const next = recorded.findIndex((exchange, i) => i >= at && exchange.asked[1] === asked[1]);
      if (next < 0) return Uint8Array.of(0x91, 0x1c);
      at = next + 1;
      return recorded[next]?.answered ?? null;
    },
  };
}

const [done, more, illegal, wrong, noKey, notFound, denied, exists, integrity] = [0x00, 0xaf, 0x1c, 0xae, 0x40, 0xa0, 0x9d, 0xde, 0x1e];
const say = (status: number, data: Uint8Array | readonly number[] = []): Uint8Array => Uint8Array.from([...data, 0x91, status]);

/** One time in the field: sessions and selections are lost at its end, the chip's memory is not. */
class Power {
  readonly #model: CardModel;
  readonly #chip: Chip;
  #isSelected = false;
  #waiting: Waiting | null = null;
  #session: Session | null = null;
  #versionFrames = 0;

  constructor(model: CardModel, chip: Chip) {
    this.#model = model;
    this.#chip = chip;
  }

  answer(asked: Uint8Array): Uint8Array {
    const isNtag = this.#model === "ntag424";
    if (asked[0] === 0x90) {
      const body = asked.length > 5 ? asked.slice(5, 5 + (asked[4] ?? 0)) : new Uint8Array(0);
      return this.#common(asked[1] ?? 0, body) ?? (isNtag ? this.#ntag(asked[1] ?? 0, body) : this.#desfire(asked[1] ?? 0, body));
    }
    if (asked[0] !== 0x00 || asked[1] !== 0xa4 || asked[2] !== 0x04) return Uint8Array.of(0x6e, 0x00);
    if (!isNtag || !same(asked.slice(5, 12), [0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01])) return Uint8Array.of(0x6a, 0x82);
    this.#isSelected = true;
    this.#session = null;
    return Uint8Array.of(0x90, 0x00);
  }

  /** What both families know; null for the rest. */
  #common(command: number, body: Uint8Array): Uint8Array | null {
    const number = body[0] ?? 0;
    switch (command) {
      case 0x60:
        this.#versionFrames = 2;
        return say(more, hardware[this.#model]);
      case 0xaf:
        return this.#versionFrames > 0 ? this.#nextVersion() : this.#prove(body);
      case 0x71:
        return this.#model === "desfire-ev1" ? say(illegal) : this.#challenge(number, true);
      case 0xaa:
        return this.#model === "ntag424" ? say(illegal) : this.#challenge(number, false);
      case 0x64:
        if (!this.#isSelected) return say(noKey);
        return say(done, [this.#chip.keys[number]?.version ?? 0, ...(this.#session === null ? [] : new Uint8Array(8))]);
      case 0x51:
        return this.#cardUid(body);
      case 0xc4:
        return this.#session?.ti.length === 0 ? this.#changeKeyEv1(body) : this.#changeKeyEv2(body);
      default:
        return null;
    }
  }

  #nextVersion(): Uint8Array {
    this.#versionFrames -= 1;
    if (this.#versionFrames === 1) return say(more, hardware[this.#model]);
    return say(done, [...this.#chip.uid, ...new Array<number>(7).fill(0)]);
  }

  #challenge(number: number, ev2: boolean): Uint8Array {
    const own = this.#chip.keys[number];
    this.#session = null;
    if (!this.#isSelected || own === undefined) return say(noKey);
    const rndB = Uint8Array.from(randomBytes(16));
    const secret = aesCbcEncrypt(own.key, zeroBlock, rndB);
    this.#waiting = { key: number, rndB, challenge: secret, ev2 };
    return say(more, secret);
  }

  #prove(token: Uint8Array): Uint8Array {
    if (this.#waiting === null || token.length !== 32) return say(illegal);
    const { key: number, rndB, challenge: sent, ev2 } = this.#waiting;
    this.#waiting = null;
    const key = this.#chip.keys[number]?.key ?? zeroBlock;
    const plain = aesCbcDecrypt(key, ev2 ? zeroBlock : sent, token);
    const [rndA, back] = [plain.slice(0, 16), plain.slice(16)];
    if (!same(back, [...rndB.slice(1), rndB[0] ?? 0])) return say(wrong);
    const turned = [...rndA.slice(1), rndA[0] ?? 0];
    if (!ev2) {
      const enc = Uint8Array.from([...rndA.slice(0, 4), ...rndB.slice(0, 4), ...rndA.slice(12), ...rndB.slice(12)]);
      this.#session = { key: number, enc, mac: enc, ti: new Uint8Array(0), counter: 0 };
      return say(done, aesCbcEncrypt(key, token.slice(16), Uint8Array.from(turned)));
    }
    const ti = Uint8Array.from(randomBytes(4));
    const context = [...rndA.slice(0, 2), ...rndA.slice(2, 8).map((byte, i) => byte ^ (rndB[i] ?? 0)), ...rndB.slice(6), ...rndA.slice(8)];
    const derived = (label: readonly number[]) => aesCmac(key, Uint8Array.from([...label, 0, 1, 0, 0x80, ...context]));
    this.#session = { key: number, enc: derived([0xa5, 0x5a]), mac: derived([0x5a, 0xa5]), ti, counter: 0 };
    return say(done, aesCbcEncrypt(key, zeroBlock, Uint8Array.from([...ti, ...turned, ...new Array<number>(12).fill(0)])));
  }

  /** A command in CommMode.FULL with `header` bytes in the clear; `act` gives the answer to seal, null for one without MAC, or a refusal. */
  #sealed(command: number, body: Uint8Array, header: number, act: (data: Uint8Array) => Uint8Array | null | number): Uint8Array {
    const session = this.#session;
    if (session === null) return say(wrong);
    const open = openFull(session, command, body, header);
    if (open === null) {
      this.#session = null;
      return say(integrity);
    }
    session.counter += 1;
    const answer = act(open);
    if (typeof answer === "number") return say(answer);
    return answer === null ? say(done) : say(done, sealFull(session, answer));
  }

  /** `keyData` as key, version and, for another key than the session's, the sum over the new one. */
  #takeKey(number: number, keyData: Uint8Array): boolean {
    const slot = this.#chip.keys[number];
    if (slot === undefined || this.#session === null) return false;
    if (this.#session.key === number) {
      Object.assign(slot, { key: keyData.slice(0, 16), version: keyData[16] ?? 0 });
      this.#session = null;
      return true;
    }
    const next = keyData.slice(0, 16).map((byte, i) => byte ^ (slot.key[i] ?? 0));
    if (!same(crcOf(next), keyData.slice(17, 21))) return false;
    Object.assign(slot, { key: next, version: keyData[16] ?? 0 });
    return true;
  }

  #changeKeyEv2(body: Uint8Array): Uint8Array {
    if (this.#session?.key !== 0) return say(denied);
    const number = body[0] ?? 0;
    return this.#sealed(0xc4, body, 1, (data) => (this.#takeKey(number, data) ? (number === 0 ? null : new Uint8Array(0)) : integrity));
  }

  #changeKeyEv1(body: Uint8Array): Uint8Array {
    if (this.#session?.key !== 0) return say(denied);
    const number = body[0] ?? 0;
    const plain = aesCbcDecrypt(this.#session.enc, zeroBlock, body.slice(1));
    if (!same(crcOf(Uint8Array.from([0xc4, number, ...plain.slice(0, 17)])), plain.slice(17, 21))) return say(integrity);
    const keyData = number === 0 ? plain.slice(0, 17) : Uint8Array.from([...plain.slice(0, 17), ...plain.slice(21, 25)]);
    if (!this.#takeKey(number, keyData)) return say(integrity);
    return say(done, number === 0 ? [] : new Uint8Array(8));
  }

  #cardUid(body: Uint8Array): Uint8Array {
    const { uid } = this.#chip;
    if (this.#session === null) return say(wrong);
    if (this.#session.ti.length > 0) return this.#sealed(0x51, body, 0, () => uid);
    const iv = aesCmac(this.#session.mac, Uint8Array.of(0x51));
    const plain = Uint8Array.from([...uid, ...crcOf(Uint8Array.from([...uid, 0x00])), ...new Array<number>(5).fill(0)]);
    return say(done, aesCbcEncrypt(this.#session.enc, iv, plain));
  }

  #desfire(command: number, body: Uint8Array): Uint8Array {
    const chip = this.#chip;
    if (command === 0x5a) {
      this.#session = null;
      this.#isSelected = same(body, [0x52, 0x50, 0x4b]) && chip.hasApplication;
      return say(this.#isSelected || same(body, [0, 0, 0]) ? done : notFound);
    }
    if (command !== 0xca) return say(illegal);
    if (chip.hasApplication) return say(exists);
    chip.hasApplication = true;
    return say(done);
  }

  #ntag(command: number, body: Uint8Array): Uint8Array {
    const chip = this.#chip;
    if (!this.#isSelected || body[0] !== 0x02) return say(illegal);
    const isOn = ((chip.settings[0] ?? 0) & 0x40) !== 0;
    if (command === 0xad) {
      const [length = 0] = body.slice(4, 5);
      const file = Uint8Array.from(chip.file);
      if (isOn && this.#session === null) mirror(chip, file);
      return say(done, file.slice(0, length === 0 ? file.length : length));
    }
    if (command === 0xf5) return say(done, [0x00, ...chip.settings.slice(0, 3), 0x00, 0x01, 0x00, ...chip.settings.slice(3)]);
    if (command === 0x8d) {
      if (((chip.settings[2] ?? 0) & 0x0f) !== 0x0e) return say(denied);
      chip.file.set(body.slice(7));
      return say(done);
    }
    if (command !== 0x5f) return say(illegal);
    if (this.#session?.key !== 0) return say(denied);
    return this.#sealed(0x5f, body, 1, (data) => {
      if (!isOn) chip.readCounter = 0;
      chip.settings = data;
      return new Uint8Array(0);
    });
  }
}

/** UID and counter under key 1 and a MAC under key 2, written over the gaps that the settings name. */
function mirror(chip: Chip, file: Uint8Array): void {
  chip.readCounter += 1;
  const at = (from: number): number => (chip.settings[from] ?? 0) + (chip.settings[from + 1] ?? 0) * 0x100;
  const counter = [chip.readCounter & 0xff, (chip.readCounter >> 8) & 0xff, chip.readCounter >> 16];
  const rights = chip.settings[5] ?? 0;
  const [metaKey, fileKey] = [chip.keys[rights >> 4]?.key ?? zeroBlock, chip.keys[rights & 0x0f]?.key ?? zeroBlock];
  const picc = aesCbcEncrypt(metaKey, zeroBlock, Uint8Array.from([0xc7, ...chip.uid, ...counter, ...randomBytes(5)]));
  const session = aesCmac(fileKey, Uint8Array.from([0x3c, 0xc3, 0, 1, 0, 0x80, ...chip.uid, ...counter]));
  const write = (from: number, bytes: Uint8Array) => file.set(new TextEncoder().encode(bytes.toHex().toUpperCase()), from);
  write(at(6), picc);
  write(at(12), nxpMac(session, new Uint8Array(0)));
}

const counterOf = ({ counter }: Session): readonly number[] => [counter & 0xff, counter >> 8];
const ivOf = (session: Session, label: readonly number[]): Uint8Array =>
  aesEncryptBlock(session.enc, Uint8Array.from([...label, ...session.ti, ...counterOf(session), ...new Uint8Array(8)]));

function openFull(session: Session, command: number, body: Uint8Array, header: number): Uint8Array | null {
  const [rest, mac] = [body.slice(0, -8), body.slice(-8)];
  if (!same(nxpMac(session.mac, Uint8Array.from([command, ...counterOf(session), ...session.ti, ...rest])), mac)) return null;
  if (rest.length === header) return new Uint8Array(0);
  const plain = aesCbcDecrypt(session.enc, ivOf(session, [0xa5, 0x5a]), rest.slice(header));
  return plain.slice(0, plain.lastIndexOf(0x80));
}

function sealFull(session: Session, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil((data.length + 1) / 16) * 16);
  whole.set([...data, 0x80]);
  const secret = data.length === 0 ? data : aesCbcEncrypt(session.enc, ivOf(session, [0x5a, 0xa5]), whole);
  return Uint8Array.from([...secret, ...nxpMac(session.mac, Uint8Array.from([0x00, ...counterOf(session), ...session.ti, ...secret]))]);
}

function crcOf(bytes: Uint8Array): Uint8Array {
  const sum = (crc32(bytes) ^ 0xffffffff) >>> 0;
  return Uint8Array.of(sum, sum >> 8, sum >> 16, sum >> 24);
}
const same = (a: Uint8Array, b: Uint8Array | readonly number[]): boolean => Buffer.compare(a, Uint8Array.from(b)) === 0;
