/**
 * ISO 14443-3 type A: the frames in which a reader finds a card, and what a card's number tells about the card.
 *
 *   26 REQA ─▶ ◀─ ATQA · 93 20 ─▶ ◀─ UID part + BCC · 93 70 part BCC CRC ─▶ ◀─ SAK CRC · E0 80 CRC (RATS) ─▶ ◀─ ATS
 *
 * UIDs of 7 and 10 bytes come in 2 and 3 levels (93, 95, 97); all but the last part begin with the cascade tag 88.
 */
import { canonicalIso14443a } from "./card-number.ts";

export type Iso14443aFrame =
  | { readonly kind: "command"; readonly name: string /** null for frames without checksum */; readonly crcOk: boolean | null }
  | { readonly kind: "atqa"; readonly uidSize: "single" | "double" | "triple" | "reserved" }
  | { readonly kind: "uid part"; readonly part: Uint8Array; readonly isCascade: boolean; readonly bcc: number; readonly bccOk: boolean }
  | { readonly kind: "sak"; readonly sak: number; readonly uidComplete: boolean; readonly iso14443_4: boolean; readonly crcOk: boolean }
  | { readonly kind: "ats"; readonly ats: Uint8Array; readonly historical: Uint8Array; readonly crcOk: boolean }
  | { readonly kind: "unknown" };

export const cascadeTag = 0x88;
const levels: Readonly<Record<number, 1 | 2 | 3>> = { 147: 1, 149: 2, 151: 3 };
const uidSizes = ["single", "double", "triple", "reserved"] as const;

/** CRC_A: ISO 13239 reflected, start 0x6363; low byte first (ISO 14443-3 annex B). */
export function crcA(bytes: Uint8Array): number {
  let crc = 0x6363;
  for (const byte of bytes) {
    let mixed = byte ^ (crc & 0xff);
    mixed = (mixed ^ (mixed << 4)) & 0xff;
    crc = (crc >> 8) ^ (mixed << 8) ^ (mixed << 3) ^ (mixed >> 4);
  }
  return crc & 0xffff;
}

function hasCrcA(bytes: Uint8Array): boolean {
  return bytes.length > 2 && crcA(bytes.subarray(0, -2)) === (bytes.at(-2) ?? 0) + (bytes.at(-1) ?? 0) * 0x100;
}

/** What the reader said to the card. */
export function decodeReaderFrame(bytes: Uint8Array): Iso14443aFrame {
  const [code = -1, second = -1] = bytes;
  const named = (name: string, crcOk: boolean | null = null): Iso14443aFrame => ({ kind: "command", name, crcOk });
  if (bytes.length === 1 && code === 0x26) return named("REQA");
  if (bytes.length === 1 && code === 0x52) return named("WUPA");
  const level = levels[code];
  if (level !== undefined && second === 0x70 && bytes.length === 9) return named(`SELECT CL${level}`, hasCrcA(bytes));
  if (level !== undefined && second >= 0x20 && second < 0x70) return named(`ANTICOLL CL${level}`);
  if (code === 0xe0 && bytes.length === 4) return named("RATS", hasCrcA(bytes));
  if (code === 0x50 && second === 0x00 && bytes.length === 4) return named("HLTA", hasCrcA(bytes));
  if (code === 0xc2 && bytes.length === 3) return named("DESELECT", hasCrcA(bytes));
  return { kind: "unknown" };
}

/** What the card answered. Lengths decide: no answer carries its own name. */
export function decodeCardFrame(bytes: Uint8Array): Iso14443aFrame {
  const [first = 0] = bytes;
  if (bytes.length === 2) return { kind: "atqa", uidSize: uidSizes[first >> 6] ?? "reserved" };
  if (bytes.length === 3) {
    return { kind: "sak", sak: first, uidComplete: (first & 0x04) === 0, iso14443_4: (first & 0x20) !== 0, crcOk: hasCrcA(bytes) };
  }
  if (bytes.length === 5) {
    const part = bytes.subarray(0, 4);
    const bcc = bytes[4] ?? 0;
    const isCascade = first === cascadeTag;
    return { kind: "uid part", part: isCascade ? part.subarray(1) : part, isCascade, bcc, bccOk: part.reduce((x, y) => x ^ y, 0) === bcc };
  }
  if (bytes.length === first + 2 && first > 1) return decodeAts(bytes);
  return { kind: "unknown" };
}

function decodeAts(bytes: Uint8Array): Iso14443aFrame {
  const ats = bytes.subarray(0, -2);
  const format = ats[1] ?? 0;
  const interfaceBytes = [0x10, 0x20, 0x40].filter((bit) => (format & bit) !== 0).length;
  return { kind: "ats", ats, historical: ats.subarray(2 + interfaceBytes), crcOk: hasCrcA(bytes) };
}

export type UidFacts = {
  /** another one at every tap */
  readonly random: boolean;
  /** fixed, but shared by many cards by the coding of its first byte */
  readonly nonUnique: boolean;
  /** a first byte that ISO 14443-3 gives to nobody */
  readonly rfu: boolean;
  /** the first level of a longer UID, as faulty readers report it */
  readonly truncated: boolean;
  /** a demonstration or factory value */
  readonly suspicious: boolean;
  /** whether `canonicalIso14443a` takes it */
  readonly usable: boolean;
};

/** What a UID alone tells. Even a usable one is an identifier, no proof: UIDs can be copied. */
export function uidFacts(uid: Uint8Array): UidFacts {
  const outcome = canonicalIso14443a(uid);
  const [uid0 = 0] = uid;
  const why = outcome.kind === "refused" ? outcome.why : undefined;
  const isCoded = why === "not unique" && uid.length === 4 && (uid0 & 0x0f) === 0x0f && uid.some((byte) => byte !== 0xff);
  return {
    random: why === "random",
    nonUnique: isCoded,
    rfu: why === "reserved",
    truncated: why === "cut short",
    suspicious: why === "not unique" && !isCoded,
    usable: outcome.kind === "number",
  };
}

/** Kind of card by SAK (NXP AN10833); the ATQA is no help, its byte order differs by reader. */
export function cardTypeOf(sak: number): string | null {
  return cardTypes[sak] ?? null;
}

const cardTypes: Readonly<Record<number, string>> = {
  0: "MIFARE Ultralight / NTAG",
  8: "MIFARE Classic 1K",
  9: "MIFARE Mini",
  24: "MIFARE Classic 4K",
  32: "ISO 14443-4",
};
