/**
 * Identifiers that cross a boundary. Slugs name nodes, channels, machines and doors; ULIDs name messages and rows;
 * hexadecimal names keys and nonces. A slug can become a topic segment, so it can hold neither `/` nor a wildcard.
 */
import * as z from "zod";

/** Node, channel, machine, door, zone and site names (security.md R23): 3–32 of `a-z 0-9 -`, starting and ending in a letter or digit. */
export const slugPattern = /^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$/;
export const slug = z.string().regex(slugPattern, "3–32 characters of a–z, 0–9 and -, not starting or ending with -");

/** What MQTT user names of others begin with: whoever is not enrolled yet, and screens on walls (security.md R25). */
export const newcomerPrefix = "enrol-";
export const displayPrefix = "display-";

/** True for names that no node may have, because they mean another role. */
export function isReservedName(name: string): boolean {
  return name.startsWith(newcomerPrefix) || name.startsWith(displayPrefix);
}

/** Crockford base 32 time-ordered id, 26 characters (github.com/ulid/spec). */
export const ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
export const ulid = z.string().regex(ulidPattern, "a ULID of 26 characters");

/** One process start of a node: 16 hexadecimal digits, random. */
export const bootIdPattern = /^[0-9a-f]{16}$/;
export const bootId = z.string().regex(bootIdPattern, "16 lower-case hexadecimal digits");

/** What a node's file says is wired where, as the first 16 digits of a hash. */
export const wiringId = z.string().regex(bootIdPattern, "16 lower-case hexadecimal digits");

/** 96-bit nonce of a request or challenge (domain.md §5.4). */
export const noncePattern = /^[0-9a-f]{24}$/;
export const nonce = z.string().regex(noncePattern, "24 lower-case hexadecimal digits");

/** Keyed hash of a card number (domain.md §1.1 cardKey): 16 bytes. Never the number itself. */
export const cardKeyPattern = /^[0-9a-f]{32}$/;
export const cardKey = z.string().regex(cardKeyPattern, "32 lower-case hexadecimal digits");

/** How often a card's chip has been read; NTAG 424 DNA counts to 2^24 − 1. */
export const cardCounter = z.int().min(0).max(0xff_ffff);

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * Composes a ULID from its two parts, so that rooms without a clock or dice can still name things.
 * @param timeMs  UTC milliseconds, 0 … 2^48−1
 * @param random  10 random bytes
 */
export function ulidOf(timeMs: number, random: Uint8Array): string {
  if (!Number.isSafeInteger(timeMs) || timeMs < 0 || timeMs >= 2 ** 48) throw new RangeError(`ulid: bad time ${timeMs}`);
  if (random.length < 10) throw new RangeError("ulid: needs 10 random bytes");
  let text = "";
  let rest = timeMs;
  for (let i = 0; i < 10; i += 1) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  // Five bytes are eight digits of five bits; two such groups, the first byte being the highest.
  let tail = "";
  for (let at = 0; at < 10; at += 5) {
    const high = ((random[at] ?? 0) << 12) | ((random[at + 1] ?? 0) << 4) | ((random[at + 2] ?? 0) >> 4);
    const low = (((random[at + 2] ?? 0) & 0x0f) << 16) | ((random[at + 3] ?? 0) << 8) | (random[at + 4] ?? 0);
    for (const part of [high, low]) {
      for (let shift = 15; shift >= 0; shift -= 5) tail += alphabet.charAt((part >> shift) & 31);
    }
  }
  return text + tail;
}

/** Number of a member at this site; not a name. 0 means nobody known. */
export const memberRef = z.int().min(0).max(0xffff_ffff);
