/**
 * A key of its own for every card (NXP AN10922, AES-128): one broken card opens nothing else. The input is padded to two blocks,
 * so for short inputs this is not plain CMAC.
 */
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
