/**
 * A key of its own for every card (NXP AN10922, AES-128): one broken card opens nothing else. The input is padded to two blocks,
 * so for short inputs this is not plain CMAC.
 */
import { crc32 } from "node:zlib";
import { aesBlock, aesCmac } from "./aes-cmac.ts";

const diversificationConstant = 0x01;
const inputBytesMax = 31;

/**
 * The key of the card with this UID. `aid` and `system` keep applications and sites apart. Throws when the parts are more than
 * 31 bytes or the master key is not 16: that is our configuration.
 */
export function diversifiedKey(
  master: Uint8Array,
  parts: { readonly uid: Uint8Array; readonly aid?: Uint8Array; readonly system?: Uint8Array },
): Uint8Array {
  const input = [...parts.uid, ...(parts.aid ?? []), ...(parts.system ?? [])];
  if (master.length !== aesBlock) throw new RangeError(`a master key has 16 bytes; got ${master.length}`);
  if (input.length === 0 || input.length > inputBytesMax)
    throw new RangeError(`UID, application and system together have 1 to 31 bytes; got ${input.length}`);
  return aesCmac(master, Uint8Array.from([diversificationConstant, ...input]), 2);
}

/** What a reader must know to believe a card; 16 bytes each. The hub derives them, `hub/ledger/keys.ts` says from what. */
export type ProofKeys = {
  /** 1 to 255: written into the cards as the version of their keys, so that a card of an older generation is told from a wrong one */
  readonly generation: number;
  /** the same in every card: it hides a card's UID from strangers and proves nothing */
  readonly identity: Uint8Array;
  /** master of the keys that prove a card */
  readonly proof: Uint8Array;
};

/** Who personalises a card knows the master of the keys by which the others can be changed, too. */
export type CardMakerKeys = ProofKeys & { readonly manage: Uint8Array };

/** The key numbers of an application of ours, the same on every kind of card. */
export const keyNumber = { manage: 0, identity: 1, proof: 2 } as const;
/** Our DESFire application, "KPR", as it goes over the air. */
export const desfireApplication: Uint8Array = Uint8Array.of(0x52, 0x50, 0x4b);
/** The application every NTAG 424 DNA leaves the factory with, by its name (NT4H2421Gx §8.2). */
export const ntagApplication: Uint8Array = Uint8Array.fromHex("D2760000850101");
/** Keeps this use of a master key apart from any other (AN10922 §2.2). */
const systemWords = new TextEncoder().encode("koprade");

/** The key by which the card with this UID proves itself, or by which its keys are changed. */
export function keyOfCard(master: Uint8Array, uid: Uint8Array): Uint8Array {
  return diversifiedKey(master, { uid, aid: desfireApplication, system: systemWords });
}

/** CRC-32 as NXP cards want it: without the last inversion, lowest byte first (AN12196 §5.16.1, table 25 step 7). */
export function nxpCrc32(bytes: Uint8Array): Uint8Array {
  const sum = ~crc32(bytes) >>> 0;
  return Uint8Array.of(sum & 0xff, (sum >> 8) & 0xff, (sum >> 16) & 0xff, sum >>> 24);
}
