/**
 * Wiegand: two wires, one pulse per bit, no start, no end, no supervision. A board times the pulses (Linux cannot) and hands
 * on words; a word ends after 25 to 50 ms of silence.
 *
 *   26 bits   E ffffffff cccccccccccccccc O      facility and card; even parity over the first 12 data bits, odd over the last 12
 *   34 bits   E 32 bits O                        the same with 16 and 16
 *   37 bits   E 35 bits O                        even over the first 18 data bits, odd over the last 18, the middle bit in both
 *   4 or 8    one key of a keypad; in 8 bits the high half is the low one inverted
 */

export type WiegandCard = {
  readonly kind: "card";
  readonly bits: 26 | 34 | 37;
  /** the data between the parity bits; 35 bits do not fit 32 */
  readonly value: bigint;
};
export type WiegandKey = { readonly kind: "key"; readonly key: string };
export type WiegandRefusal = {
  readonly kind: "refused";
  readonly why: "not bits" | "length" | "parity" | "no key" | "empty card";
  /** of a card word, for people who look for a bad wire */
  readonly evenParityOk?: boolean;
  readonly oddParityOk?: boolean;
};

/** Parity halves by word length: how many data bits each parity bit covers. */
const halves: Readonly<Record<number, number>> = { 26: 12, 34: 16, 37: 18 };
const keys = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"] as const;

/** One word, as a text of 0 and 1 in the order of the pulses. A lost pulse gives another length or a wrong parity: refused. */
export function decodeWiegand(word: string): WiegandCard | WiegandKey | WiegandRefusal {
  if (!/^[01]{1,64}$/.test(word)) return { kind: "refused", why: "not bits" };
  if (word.length === 4 || word.length === 8) return decodeKey(word);
  const half = halves[word.length];
  if (half === undefined) return { kind: "refused", why: "length" };
  const data = word.slice(1, -1);
  const evenParityOk = (ones(data.slice(0, half)) + Number(word[0])) % 2 === 0;
  const oddParityOk = (ones(data.slice(-half)) + Number(word.at(-1))) % 2 === 1;
  if (!evenParityOk || !oddParityOk) return { kind: "refused", why: "parity", evenParityOk, oddParityOk };
  const value = BigInt(`0b${data}`);
  // All zeros has right parity: it is what a shorted data wire sends.
  if (value === 0n) return { kind: "refused", why: "empty card", evenParityOk, oddParityOk };
  return { kind: "card", bits: word.length === 26 ? 26 : word.length === 34 ? 34 : 37, value };
}

function decodeKey(word: string): WiegandKey | WiegandRefusal {
  const low = Number.parseInt(word.slice(-4), 2);
  const isWhole = word.length === 4 || (Number.parseInt(word.slice(0, 4), 2) ^ low) === 0x0f;
  const key = isWhole ? keys[low] : undefined;
  return key === undefined ? { kind: "refused", why: "no key" } : { kind: "key", key };
}

/** Facility and card number as they are printed on 26-bit cards. */
export function facilityAndCard(value: bigint): { readonly facility: number; readonly card: number } {
  const low = Number(value & 0xff_ffffn);
  return { facility: low >> 16, card: low & 0xffff };
}

function ones(bits: string): number {
  return bits.replaceAll("0", "").length;
}
