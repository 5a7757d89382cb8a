/**
 * "Keyboard wedge" readers: USB readers that type a card's number and Enter, Tab or nothing. One EM4100 card has many decimal
 * spellings, each with its share of the 40 bits:
 *
 *   004335823930   10H12D   all 40 bits            0040856634    8H10D   low 32 bits
 *   00623,27706    4H4H     two halves of 32       07302202      6H8D    low 24 bits
 *   111,27706      2H4H     8 and 16 of the low 24
 *
 * Decimals of two makes are never compared: the format is a setting of the reader, and the canonical number says how many bits
 * it stands for. Bursts come 5 to 20 ms a key; a person is slower, and types other things than digits.
 */
import { type CardNumberOutcome, canonicalEm4100, canonicalEm4100Part, canonicalIso14443a } from "./card-number.ts";

export type WedgeFormat = "10H12D" | "8H10D" | "6H8D" | "4H4H" | "2H4H" | "10H";
/** What a reader is set to: an EM4100 spelling, or a decimal UID with its most or least significant byte first. */
export type WedgeSetting = WedgeFormat | "uid-msb" | "uid-lsb";
export const wedgeSettings = [
  "10H12D",
  "8H10D",
  "6H8D",
  "4H4H",
  "2H4H",
  "10H",
  "uid-msb",
  "uid-lsb",
] as const satisfies readonly WedgeSetting[];

export type WedgeNumber = {
  readonly format: WedgeFormat;
  /** the bits that the text carries, as 10, 8 or 6 hex digits */
  readonly hex: string;
  readonly bits: 40 | 32 | 24;
};

/** Longest spelling and a few keys more; a longer line is somebody typing. */
export const wedgeCharactersMax = 24;
/** A reader types a key every 5 to 20 ms; a slower pair of keys is a person's. */
export const wedgeKeyGapMsMax = 50;
/** Some readers send no Enter: after this silence what was typed is whole. */
export const wedgeSilenceMs = 100;

/** Reads a spelling by its own shape; null when it is none. Leading zeros may be missing in 8H10D only. */
export function readWedgeText(text: string): WedgeNumber | null {
  const halves = /^(\d{3}|\d{5}),(\d{5})$/.exec(text);
  if (halves !== null) {
    const [, high = "", low = ""] = halves;
    return high.length === 3 ? wedgeNumber("2H4H", 24, pair(high, 0xff, low)) : wedgeNumber("4H4H", 32, pair(high, 0xffff, low));
  }
  if (/^\d{12}$|^\d{13}$/.test(text)) return wedgeNumber("10H12D", 40, BigInt(text));
  if (/^\d{8}$/.test(text)) return wedgeNumber("6H8D", 24, BigInt(text));
  if (/^\d{5,11}$/.test(text)) return wedgeNumber("8H10D", 32, BigInt(text));
  return /^[0-9A-F]{10}$/i.test(text) ? { format: "10H", hex: text.toUpperCase(), bits: 40 } : null;
}

/** The canonical number of a text from a reader with this setting. A text of another shape is refused: the setting is wrong. */
export function wedgeCardNumber(text: string, setting: WedgeSetting): CardNumberOutcome {
  if (setting === "uid-msb" || setting === "uid-lsb") {
    if (!/^\d{5,10}$/.test(text)) return { kind: "refused", why: "length" };
    const found = wedgeNumber("8H10D", 32, BigInt(text));
    if (found === null) return { kind: "refused", why: "length" };
    const uid = Uint8Array.fromHex(found.hex);
    return canonicalIso14443a(setting === "uid-msb" ? uid : uid.reverse());
  }
  const found = setting === "10H" ? hexOnly(text) : sameShape(text, setting);
  if (found === null) return { kind: "refused", why: "length" };
  return found.bits === 40 ? canonicalEm4100(found.hex) : canonicalEm4100Part(found.hex);
}

/** Ten hex digits may all be decimal ones; only the setting tells. */
function hexOnly(text: string): WedgeNumber | null {
  return /^[0-9A-F]{10}$/i.test(text) ? { format: "10H", hex: text.toUpperCase(), bits: 40 } : null;
}

/** Eight digits are 6H8D by shape, and 8H10D with its zeros stripped by setting. */
function sameShape(text: string, setting: WedgeFormat): WedgeNumber | null {
  if (setting === "8H10D" && /^\d{5,10}$/.test(text)) return wedgeNumber("8H10D", 32, BigInt(text));
  const found = readWedgeText(text);
  return found?.format === setting ? found : null;
}

function pair(high: string, highMax: number, low: string): bigint | null {
  const [h, l] = [Number(high), Number(low)];
  return h <= highMax && l <= 0xffff ? (BigInt(h) << 16n) | BigInt(l) : null;
}

/** Null when the number needs more bits than the format has: it was not printed by such a reader. */
function wedgeNumber(format: WedgeFormat, bits: 40 | 32 | 24, value: bigint | null): WedgeNumber | null {
  if (value === null || value >> BigInt(bits) !== 0n) return null;
  return {
    format,
    hex: value
      .toString(16)
      .toUpperCase()
      .padStart(bits / 4, "0"),
    bits,
  };
}

export type WedgeLine = { readonly kind: "line"; readonly text: string } | { readonly kind: "typing"; readonly characters: number };

export interface WedgeParser {
  /** One character at a monotonic time; Enter and Tab end a line. */
  key(character: string, atMs: number): readonly WedgeLine[];
  /** Lets time pass: a line without Enter ends by silence. */
  pass(atMs: number): readonly WedgeLine[];
  reset(): void;
  bufferedCharacters(): number;
}

/** Cuts keystrokes into lines and tells a reader from a person by the pace and the alphabet. */
export function createWedgeParser(): WedgeParser {
  let text = "";
  let lastMs = 0;
  let isTyping = false;
  let count = 0;
  const end = (): readonly WedgeLine[] => {
    const [given, typed, was] = [text, count, isTyping];
    text = "";
    count = 0;
    isTyping = false;
    if (typed === 0) return [];
    return was ? [{ kind: "typing", characters: typed }] : [{ kind: "line", text: given }];
  };
  return {
    key(character, atMs) {
      const gapMs = atMs - lastMs;
      const before = count > 0 && gapMs > wedgeSilenceMs ? end() : [];
      if (count > 0 && (gapMs > wedgeKeyGapMsMax || gapMs < 0)) isTyping = true;
      lastMs = atMs;
      if (character === "\r" || character === "\n" || character === "\t") return [...before, ...end()];
      count += 1;
      if (!/^[0-9A-Fa-f,]$/.test(character) || text.length >= wedgeCharactersMax) isTyping = true;
      else text += character;
      return before;
    },
    pass: (atMs) => (count > 0 && atMs - lastMs > wedgeSilenceMs ? end() : []),
    reset() {
      end();
    },
    bufferedCharacters: () => text.length,
  };
}
