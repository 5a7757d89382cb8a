/**
 * NTAG 424 DNA "secure unique NFC": at every tap the tag writes its UID, a counter and a MAC into its own URL (NXP AN12196 §3
 * and §4). A photo of the URL is worth nothing once the counter has gone on: the last counter is kept per tag, and only a
 * higher one counts.
 */
import { aesBlock, aesCbcDecrypt, aesCmac, aesEncryptBlock, nxpMac, sameBytes, zeroBlock } from "./aes-cmac.ts";

export type SunRefusal = "picc data" | "counter limit";

export type SunRead = {
  readonly kind: "read";
  readonly uid: Uint8Array;
  readonly readCounter: number;
  readonly macOk: boolean;
  /** the encrypted part of the tag's file, when it mirrors one */
  readonly file: Uint8Array | null;
};

export type SunMirror = {
  readonly cmac: Uint8Array;
  /** text between the two offsets of the MAC's input; what a tag MACs is a setting of the tag */
  readonly macInput: string;
  readonly enc: Uint8Array | null;
} & (
  | { readonly kind: "encrypted"; readonly piccData: Uint8Array }
  | { readonly kind: "plain"; readonly uid: Uint8Array; readonly counter: number }
);

const uidBytes = 7;
const macBytes = 8;
const urlCharactersMax = 2_048;
const uidMirrored = 0x80;
const counterMirrored = 0x40;

/** Picks the mirrored fields out of an address or its query. Null when it holds none. */
export function readSunAddress(address: string, macInput?: string): SunMirror | null {
  if (address.length > urlCharactersMax) return null;
  const query = new URLSearchParams(address.slice(address.indexOf("?") + 1));
  const field = (name: string, bytes?: number): Uint8Array | null => {
    const text = query.get(name) ?? "";
    const isHex = /^(?:[\da-f]{2})+$/i.test(text) && (bytes === undefined || text.length === bytes * 2);
    return isHex ? Uint8Array.fromHex(text) : null;
  };
  const cmac = field("cmac", macBytes);
  if (cmac === null) return null;
  const enc = field("enc");
  const covered = macInput ?? (enc === null ? "" : `${query.get("enc")}&cmac=`);
  const piccData = field("picc_data", aesBlock);
  if (piccData !== null) return { kind: "encrypted", piccData, cmac, enc, macInput: covered };
  const [uid, counter] = [field("uid", uidBytes), field("ctr", 3)];
  if (uid === null || counter === null) return null;
  return { kind: "plain", uid, counter: counter.reduce((total, byte) => total * 256 + byte, 0), cmac, enc, macInput: covered };
}

/**
 * Reads a tag's mirror with the site's keys. `fileKeyOf` gives the key of one tag, so that keys can be diversified. Whether the
 * counter has risen is `isCounterFresh`'s question.
 */
export function openSun(
  mirror: SunMirror,
  keys: { readonly metaKey: Uint8Array; readonly fileKeyOf: (uid: Uint8Array) => Uint8Array },
): SunRead | { readonly kind: "refused"; readonly why: SunRefusal } {
  const found = mirror.kind === "plain" ? mirror : openPiccData(mirror.piccData, keys.metaKey);
  if (found === null) return { kind: "refused", why: "picc data" };
  const { uid, counter } = found;
  // At its limit the counter stands still, and an old address would fit again.
  if (counter >= 0xff_ffff) return { kind: "refused", why: "counter limit" };
  const counterBytes = [counter & 0xff, (counter >> 8) & 0xff, counter >> 16];
  const fileKey = keys.fileKeyOf(uid);
  const sessionKey = (label: readonly number[]) => aesCmac(fileKey, Uint8Array.from([...label, 0, 1, 0, 0x80, ...uid, ...counterBytes]));
  const expected = nxpMac(sessionKey([0x3c, 0xc3]), new TextEncoder().encode(mirror.macInput));
  return {
    kind: "read",
    uid,
    readCounter: counter,
    macOk: sameBytes(expected, mirror.cmac),
    file: mirror.enc === null ? null : openFile(sessionKey([0xc3, 0x3c]), counterBytes, mirror.enc),
  };
}

/** A counter counts once: what is not higher than the last one seen of this tag is a replay. */
export function isCounterFresh(readCounter: number, lastSeen: number | null): boolean {
  return lastSeen === null || readCounter > lastSeen;
}

function openPiccData(secret: Uint8Array, metaKey: Uint8Array): { readonly uid: Uint8Array; readonly counter: number } | null {
  const plain = aesCbcDecrypt(metaKey, zeroBlock, secret);
  const tag = plain[0] ?? 0;
  const isWhole = (tag & uidMirrored) !== 0 && (tag & counterMirrored) !== 0 && (tag & 0x0f) === uidBytes;
  if (!isWhole) return null;
  const counter = (plain[8] ?? 0) + (plain[9] ?? 0) * 0x100 + (plain[10] ?? 0) * 0x1_0000;
  return { uid: plain.slice(1, 1 + uidBytes), counter };
}

function openFile(key: Uint8Array, counterBytes: readonly number[], secret: Uint8Array): Uint8Array | null {
  if (secret.length === 0 || secret.length % aesBlock !== 0) return null;
  const iv = aesEncryptBlock(key, Uint8Array.from([...counterBytes, ...new Uint8Array(aesBlock - 3)]));
  return aesCbcDecrypt(key, iv, secret);
}
