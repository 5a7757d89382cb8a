/**
 * One card, one number: the canonical form in which every reader hands a card on (domain.md §2.3).
 * It is made before hashing, so two readers of the same kind must agree on every digit.
 */

/**
 * A canonical number such as `em4100:000414CD7E` or `iso14443a:04A23B1C5D6E80`. Readers that hand on a part of an EM4100 number
 * get schemes of their own, so that a part is never taken for the whole: `em32:` and `em24:` are its low bits, `w26:` and `w34:`
 * what came over Wiegand wires.
 */
export type CardNumber = `${"em4100" | "em32" | "em24" | "iso14443a" | "w26" | "w34"}:${string}`;

export type CardNumberRefusal =
  | "length" /** another number of digits, bytes or bits than the scheme has */
  | "not hex"
  | "ghost" /** at most one byte that is not zero: what noise looks like */
  | "random" /** a phone or a privacy card: another UID at the next tap */
  | "not unique" /** known to be shared by many cards, or declared so by its first byte */
  | "reserved" /** a first byte that ISO 14443-3 gives to nobody */
  | "cut short"; /** the first level of a longer UID, as faulty readers report it */

export type CardNumberOutcome =
  | { readonly kind: "number"; readonly number: CardNumber }
  | { readonly kind: "refused"; readonly why: CardNumberRefusal };

/** Demonstration and factory UIDs of clone cards and phones. */
const sharedUids: ReadonlySet<string> = new Set(["01020304", "12345678", "11223344", "DEADBEEF"]);

/** `hex` is the version byte and the four id bytes as 10 hex digits, either case. */
export function canonicalEm4100(hex: string): CardNumberOutcome {
  if (hex.length !== 10) return refused("length");
  if (!/^[0-9A-Fa-f]{10}$/.test(hex)) return refused("not hex");
  const bytes = hex.match(/../g) ?? [];
  if (bytes.filter((byte) => byte !== "00").length <= 1) return refused("ghost");
  return { kind: "number", number: `em4100:${hex.toUpperCase()}` };
}

/** The low 32 or 24 bits of an EM4100 number, as 8 or 6 hex digits: all that some keyboard readers type. */
export function canonicalEm4100Part(hex: string): CardNumberOutcome {
  if (hex.length !== 8 && hex.length !== 6) return refused("length");
  if (!/^[0-9A-Fa-f]+$/.test(hex)) return refused("not hex");
  if ((hex.match(/../g) ?? []).filter((byte) => byte !== "00").length <= 1) return refused("ghost");
  return { kind: "number", number: `${hex.length === 8 ? "em32" : "em24"}:${hex.toUpperCase()}` };
}

/** The data of a Wiegand word with right parity: 24 bits as facility/card, 32 as hex digits. */
export function canonicalWiegand(bits: 26 | 34 | 37, value: bigint): CardNumberOutcome {
  if (bits === 37) return refused("length");
  const hex = value
    .toString(16)
    .toUpperCase()
    .padStart(bits === 26 ? 6 : 8, "0");
  if ((hex.match(/../g) ?? []).filter((byte) => byte !== "00").length <= 1) return refused("ghost");
  if (bits === 34) return { kind: "number", number: `w34:${hex}` };
  const [facility, card] = [Number(value >> 16n), Number(value & 0xffffn)];
  return { kind: "number", number: `w26:${String(facility).padStart(3, "0")}/${String(card).padStart(5, "0")}` };
}

/** `uid` in the order the card sends it; cascade tags (0x88) in 8 and 12 byte forms are taken out. */
export function canonicalIso14443a(uid: Uint8Array): CardNumberOutcome {
  const plain = withoutCascadeTags(uid);
  if (plain.length !== 4 && plain.length !== 7 && plain.length !== 10) return refused("length");
  if (plain.every((byte) => byte === 0x00) || plain.every((byte) => byte === 0xff)) return refused("not unique");
  const hex = plain.toHex().toUpperCase();
  if (plain.length === 4) {
    const why = refuseShortUid(plain[0] ?? 0, hex);
    if (why !== undefined) return refused(why);
  }
  return { kind: "number", number: `iso14443a:${hex}` };
}

/**
 * Rules for 4-byte UIDs by their first byte, ISO 14443-3 table 8. First bytes x9 to xE are reserved too, but
 * MIFARE Classic cards older than the table carry them (9EB36E66 and 8A4CB512 are recorded), so they pass.
 */
function refuseShortUid(uid0: number, hex: string): CardNumberRefusal | undefined {
  if (uid0 === 0x08) return "random";
  if (uid0 === 0x88) return "cut short";
  if (sharedUids.has(hex) || (uid0 & 0x0f) === 0x0f) return "not unique";
  if ((uid0 & 0x0f) === 0x08) return "reserved";
  return undefined;
}

function withoutCascadeTags(uid: Uint8Array): Uint8Array {
  if (uid.length === 8 && uid[0] === 0x88) return uid.slice(1);
  if (uid.length === 12 && uid[0] === 0x88 && uid[4] === 0x88) return Uint8Array.from([...uid.slice(1, 4), ...uid.slice(5)]);
  return uid;
}

function refused(why: CardNumberRefusal): CardNumberOutcome {
  return { kind: "refused", why };
}
