/** Values of the command line that need more than a list of words: numbers, lists, members, cards, instants. */

import { day, hour, minute } from "#contract";
import { type CardNumberOutcome, canonicalEm4100, canonicalIso14443a, canonicalWiegand } from "../../devices/drivers/card-number.ts";
import type { Ledger, MemberRow } from "../ledger/types.ts";
import { badUsage, failed } from "./command.ts";

export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw badUsage(`${option} cannot be "${text}"; give a whole number from ${min} to ${max}.`);
  return value;
}

/** `a,b , c` as its parts; nothing for nothing. */
export function list(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** `45m`, `2h` or `1d` in milliseconds. */
export function durationMs(option: string, text: string): number {
  const [, amount = "", unit = ""] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const ms = Number(amount) * ({ m: minute, h: hour, d: day }[unit] ?? 0);
  if (ms === 0) throw badUsage(`${option} cannot be "${text}"; give a time such as 45m or 2h.`);
  return ms;
}

export function date(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && isDate(text)) return text;
  throw badUsage(`${option} cannot be "${text}"; give a date such as 2026-12-31.`);
}

/** A date of the calendar; 30 February is none. */
export function isDate(text: string): boolean {
  try {
    Temporal.PlainDate.from(text, { overflow: "reject" });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * A card as people and readers spell it, in its one canonical form (domain.md §2.3). The refusal never repeats the number.
 * Takes `em4100:0A1B2C3D4E`, `iso14443a:04A23B1C5D6E80`, the same without the kind, and separators `:`, `-` or space within;
 * `w26:049/04312` and `w34:046B2812` as Wiegand readers give them.
 */
export function cardNumberOf(text: string): { readonly number: string } | { readonly refused: string } {
  const wiegand = wiegandNumber(text);
  if (wiegand !== null) return wiegand.kind === "number" ? { number: wiegand.number } : { refused: cardRefusals[wiegand.why] };
  const [, kind, digits = ""] = /^\s*(?:(em4100|iso14443a):)?([0-9A-Fa-f: -]+?)\s*$/i.exec(text) ?? [];
  const hex = digits.replace(/[: -]/g, "");
  if (hex === "") return { refused: "is not made of hexadecimal digits; write em4100:… or iso14443a:… followed by the digits of the card" };
  const known =
    kind?.toLowerCase() ??
    ({ 10: hex.match(/[A-Fa-f]/) ? "em4100" : "", 8: "iso14443a", 14: "iso14443a", 20: "iso14443a" } as Record<number, string>)[hex.length];
  if (known === "") {
    return { refused: "could be decimal or hexadecimal; write em4100: and the ten hexadecimal digits that a reader gives" };
  }
  if (known === undefined) return { refused: `has ${hex.length} digits; 10 belong to an EM4100 card, 8, 14 or 20 to an ISO 14443 A card` };
  const made = known === "em4100" ? canonicalEm4100(hex) : hex.length % 2 === 0 ? canonicalIso14443a(Uint8Array.fromHex(hex)) : undefined;
  if (made === undefined) return { refused: "has an odd number of digits; two make one byte" };
  return made.kind === "number" ? { number: made.number } : { refused: cardRefusals[made.why] };
}

function wiegandNumber(text: string): CardNumberOutcome | null {
  const [, facility, card, hex] = /^\s*(?:w26:(\d{1,3})\/(\d{1,5})|w34:([\da-f]{8}))\s*$/i.exec(text) ?? [];
  if (hex !== undefined) return canonicalWiegand(34, BigInt(`0x${hex}`));
  if (facility === undefined || card === undefined) return null;
  if (Number(facility) > 0xff || Number(card) > 0xffff) return { kind: "refused", why: "length" };
  return canonicalWiegand(26, (BigInt(facility) << 16n) | BigInt(card));
}

const cardRefusals = {
  length: "has the wrong length for its kind; EM4100 has 10 digits, ISO 14443 A 8, 14 or 20, Wiegand w26:255/65535 at most",
  "not hex": "is not hexadecimal; use 0–9 and A–F",
  ghost: "is what an empty reader reports; read the card again",
  random: "changes at every tap (a phone or a privacy card); use another card",
  "not unique": "is shared by many cards; use another card",
  reserved: "cannot be a card's number; read the card again",
  "cut short": "is only the first part of a longer number; read the card with another reader",
} as const;

export function card(option: string, text: string): { number: string } {
  const read = cardNumberOf(text);
  if ("refused" in read) throw badUsage(`${option}: the card number ${read.refused}.`);
  return read;
}

/** The one member that a number, `#number` or name means. Throws CliError (1) that lists whom else it could mean. */
export function theMember(ledger: Ledger, option: string, text: string): MemberRow {
  const answer = ledger.read.findMember(text);
  if (answer.found !== null) return answer.found;
  if (answer.candidates.length === 0)
    throw failed(`${option}: nobody is called "${text}"; see \`koprade member list\`, or give the member's number.`);
  const some = answer.candidates.slice(0, 5).map((row) => `${row.displayName} (${row.member})`);
  throw failed(`${option}: "${text}" could be ${some.join(", ")}${answer.candidates.length > 5 ? " and others" : ""}; give the number.`);
}

/** Wall-clock time of the space such as `2026-12-24T22:00`, or an instant with `Z` or an offset, in UTC ms. */
export function instant(option: string, text: string, zone: string): number {
  try {
    if (/(?:[Zz]|[+-]\d\d:?\d\d)$/.test(text) && text.includes("T")) return Temporal.Instant.from(text).epochMilliseconds;
    return Temporal.PlainDateTime.from(text.replace(" ", "T")).toZonedDateTime(zone).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) throw badUsage(`${option} cannot be "${text}"; give a time such as 2026-12-24T22:00.`);
    throw error;
  }
}
