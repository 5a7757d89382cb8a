/**
 * The OSDP secure channel (SIA OSDP 2.2 annex D and E): AES-128, keys for one connection from a shared base key (SCBK).
 *
 *   CP ─▶ 76 CHLNG   SCS_11  A                PD ─▶ 76 CCRYPT  SCS_12  cUID, B, E(A B)
 *   CP ─▶ 77 SCRYPT  SCS_13  E(B A)           PD ─▶ 78 RMAC_I  SCS_14  first reply MAC
 *   then every frame: SCS_15/16 with a MAC, SCS_17/18 encrypted too, each MAC chained to the one before
 *
 * The default key is printed in the standard: whoever uses it outside install mode has no key at all.
 */
import { aesBlock, aesCbcDecrypt, aesCbcEncrypt, aesEncryptBlock, padded, sameBytes, unpadded, zeroBlock } from "./aes-cmac.ts";

/** SCBK-D, for installing only. */
export const osdpDefaultKey: Uint8Array = new TextEncoder().encode("0123456789:;<=>?");
export const macOnWire = 4;

export type OsdpSessionKeys = { readonly encKey: Uint8Array; readonly mac1: Uint8Array; readonly mac2: Uint8Array };

/** The three keys of a connection. @param rndA  the control panel's 8 random bytes; the first six are used */
export function osdpSessionKeys(scbk: Uint8Array, rndA: Uint8Array): OsdpSessionKeys {
  const derive = (high: number, low: number) =>
    aesEncryptBlock(scbk, Uint8Array.from([high, low, ...rndA.subarray(0, 6), ...new Uint8Array(8)]));
  return { encKey: derive(0x01, 0x82), mac1: derive(0x01, 0x01), mac2: derive(0x01, 0x02) };
}

/** The reader's proof. */
export function clientCryptogram(keys: OsdpSessionKeys, rndA: Uint8Array, rndB: Uint8Array): Uint8Array {
  return aesEncryptBlock(keys.encKey, Uint8Array.from([...rndA, ...rndB]));
}

/** The control panel's proof. */
export function serverCryptogram(keys: OsdpSessionKeys, rndA: Uint8Array, rndB: Uint8Array): Uint8Array {
  return aesEncryptBlock(keys.encKey, Uint8Array.from([...rndB, ...rndA]));
}

/** Where the chain of MACs begins. */
export function initialReplyMac(keys: OsdpSessionKeys, server: Uint8Array): Uint8Array {
  return aesEncryptBlock(keys.mac2, aesEncryptBlock(keys.mac1, server));
}

/** The whole MAC of a frame; its first four bytes go on the wire. `last` is the MAC of the other direction's last frame. */
export function osdpMac(keys: OsdpSessionKeys, last: Uint8Array, covered: Uint8Array): Uint8Array {
  const blocks = covered.length % aesBlock === 0 ? covered : padded(covered);
  const before = blocks.length > aesBlock ? aesCbcEncrypt(keys.mac1, last, blocks.subarray(0, -aesBlock)).slice(-aesBlock) : last;
  return aesCbcEncrypt(keys.mac2, before, blocks.subarray(-aesBlock));
}

export function isOsdpMacOk(keys: OsdpSessionKeys, last: Uint8Array, covered: Uint8Array, onWire: Uint8Array): boolean {
  return sameBytes(osdpMac(keys, last, covered).subarray(0, macOnWire), onWire);
}

/** `last` as in `osdpMac`; its complement is the IV. */
export function encryptOsdpData(keys: OsdpSessionKeys, last: Uint8Array, plain: Uint8Array): Uint8Array {
  return aesCbcEncrypt(keys.encKey, complement(last), padded(plain));
}

/** Null when the length or the padding is wrong. */
export function decryptOsdpData(keys: OsdpSessionKeys, last: Uint8Array, secret: Uint8Array): Uint8Array | null {
  if (secret.length === 0 || secret.length % aesBlock !== 0) return null;
  return unpadded(aesCbcDecrypt(keys.encKey, complement(last), secret));
}

/** A new channel starts its MACs from this until the handshake has given the first. */
export const noMac: Uint8Array = zeroBlock;

function complement(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => ~byte);
}
