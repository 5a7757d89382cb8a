/** The data of the commands that a panel gives a reader (SIA OSDP 2.2 §6): its lamp, its buzzer, its key. */
import type { BeepSign } from "./beeper.ts";
import type { LampSign } from "./lamp.ts";

const firstReader = 0;
const firstLamp = 0;
const keepTemporary = 0;
const setPermanent = 1;
const colors = { black: 0, red: 1, green: 2, amber: 3 } as const;
/** On and off time in 100 ms and the colour: whoever sees no colours sees the rhythm. */
const looks: Readonly<Record<LampSign, readonly [on: number, off: number, color: number]>> = {
  off: [0, 1, colors.black],
  on: [1, 0, colors.green],
  slow: [5, 5, colors.amber],
  fast: [1, 1, colors.red],
  double: [1, 8, colors.amber], // a reader's lamp has one on and one off time: a short flash now and then
};

/** LED (69), permanent setting: it stays until another comes. */
export function osdpLampData(sign: LampSign): Uint8Array {
  const [on, off, color] = looks[sign];
  return Uint8Array.of(firstReader, firstLamp, keepTemporary, 0, 0, 0, 0, 0, 0, setPermanent, on, off, color, colors.black);
}

const toneOff = 1;
const toneDefault = 2;
const beeps: Readonly<Record<BeepSign, readonly [tone: number, on: number, off: number, count: number]>> = {
  seen: [toneDefault, 1, 1, 1],
  granted: [toneDefault, 1, 1, 1],
  refused: [toneDefault, 1, 1, 2],
  attention: [toneDefault, 4, 2, 3],
  hurry: [toneDefault, 1, 1, 5],
  alarm: [toneDefault, 6, 2, 4],
  silent: [toneOff, 1, 1, 1],
};

/** BUZ (6A). */
export function osdpBuzzerData(sign: BeepSign): Uint8Array {
  return Uint8Array.of(firstReader, ...beeps[sign]);
}

/** KEYSET (75): type 1, the key of the secure channel. */
export function osdpKeyData(key: Uint8Array): Uint8Array {
  if (key.length !== 16) throw new RangeError(`a key has 16 bytes; got ${key.length}`);
  return Uint8Array.of(1, key.length, ...key);
}
