/** AES-128 as cards and OSDP use it: single blocks, chains without padding, CMAC (RFC 4493) and NXP's half of it. */
import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";

export const aesBlock = 16;
export const zeroBlock: Uint8Array = new Uint8Array(aesBlock);

/** `plain` is whole blocks. */
export function aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
  return Uint8Array.from([...cipher.update(plain), ...cipher.final()]);
}

/** `secret` is whole blocks. */
export function aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, secret: Uint8Array): Uint8Array {
  const cipher = createDecipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
  return Uint8Array.from([...cipher.update(secret), ...cipher.final()]);
}

export function aesEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  return aesCbcEncrypt(key, zeroBlock, block);
}

/** RFC 4493. With `minimumBlocks` 2, short inputs are padded to two blocks first, as AN10922 wants. */
export function aesCmac(key: Uint8Array, message: Uint8Array, minimumBlocks: 1 | 2 = 1): Uint8Array {
  const subkey1 = doubled(aesEncryptBlock(key, zeroBlock));
  const isWhole = message.length >= minimumBlocks * aesBlock && message.length % aesBlock === 0;
  const blocks = isWhole ? message : padded(message, minimumBlocks * aesBlock);
  const last = isWhole ? subkey1 : doubled(subkey1);
  const mixed = Uint8Array.from(blocks);
  for (let i = 0; i < aesBlock; i += 1) mixed[mixed.length - aesBlock + i] = (mixed[mixed.length - aesBlock + i] ?? 0) ^ (last[i] ?? 0);
  return aesCbcEncrypt(key, zeroBlock, mixed).slice(-aesBlock);
}

/** The 8 odd bytes of a CMAC: what NTAG 424 and DESFire EV2 send (AN12196 §4.4). */
export function nxpMac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return aesCmac(key, message).filter((_, i) => i % 2 === 1);
}

/** 0x80, then zeros up to the next whole block (ISO 9797-1 method 2); always adds at least one byte. */
export function padded(message: Uint8Array, atLeast = aesBlock): Uint8Array {
  const length = Math.max(atLeast, Math.ceil((message.length + 1) / aesBlock) * aesBlock);
  const out = new Uint8Array(length);
  out.set(message);
  out[message.length] = 0x80;
  return out;
}

/** Takes method 2 padding off; null when there is none. */
export function unpadded(plain: Uint8Array): Uint8Array | null {
  const end = plain.lastIndexOf(0x80);
  return end >= 0 && plain.subarray(end + 1).every((byte) => byte === 0) ? plain.slice(0, end) : null;
}

/** One byte to the left; the first becomes the last. */
export function rotated(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes.subarray(1), ...bytes.subarray(0, 1)]);
}

/** In constant time: how long a comparison takes must not tell how much was right. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Times x in GF(2^128) (RFC 4493 §2.3). */
function doubled(block: Uint8Array): Uint8Array {
  const out = block.map((byte, i) => ((byte << 1) | ((block[i + 1] ?? 0) >> 7)) & 0xff);
  if (((block[0] ?? 0) & 0x80) !== 0) out[aesBlock - 1] = (out[aesBlock - 1] ?? 0) ^ 0x87;
  return out;
}
