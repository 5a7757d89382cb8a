/**
 * One secured conversation, as the control panel has it: what it sends is made secret and signed, what comes back is taken only
 * with the right signature. Signatures are chained, so nothing recorded can be played again.
 */

import { sameBytes } from "./aes-cmac.ts";
import { type OsdpFrame, osdpLengthMax } from "./osdp-frame.ts";
import { decryptOsdpData, encryptOsdpData, initialReplyMac, macOnWire, noMac, type OsdpSessionKeys, osdpMac } from "./osdp-secure.ts";

const commandMac = 0x15;
const commandSecret = 0x17;
const replyMac = 0x16;
const replySecret = 0x18;

/** What `encodeOsdp` needs beside code, address and sequence. */
export type OsdpWrapped = {
  readonly securityBlock: Uint8Array;
  readonly data: Uint8Array;
  readonly mac: (covered: Uint8Array) => Uint8Array;
};

export type OsdpOpened =
  | { readonly kind: "data"; readonly data: Uint8Array }
  | { readonly kind: "refused"; readonly why: "plaintext" | "security block" | "mac" | "padding" };

export interface OsdpChannel {
  /** The same command wrapped again, for a retransmission, gives the same bytes: nothing moves on before its reply is opened. */
  wrap(data: Uint8Array): OsdpWrapped;
  /** The reply to what was wrapped last. A refused one leaves the channel where it was. */
  open(reply: OsdpFrame): OsdpOpened;
}

/** @param server  the panel's cryptogram of the handshake, from which the first signature is made */
export function createOsdpChannel(keys: OsdpSessionKeys, server: Uint8Array): OsdpChannel {
  let lastReplyMac = initialReplyMac(keys, server);
  let lastCommandMac = noMac;
  return {
    wrap(data) {
      const isSecret = data.length > 0;
      return {
        securityBlock: Uint8Array.of(2, isSecret ? commandSecret : commandMac),
        data: isSecret ? encryptOsdpData(keys, lastReplyMac, data) : data,
        mac(covered) {
          lastCommandMac = osdpMac(keys, lastReplyMac, covered);
          return lastCommandMac.subarray(0, macOnWire);
        },
      };
    },
    open({ securityBlock, mac, covered, data, length }) {
      if (securityBlock === null) return { kind: "refused", why: "plaintext" };
      const block = securityBlock[1] ?? 0;
      if ((block !== replyMac && block !== replySecret) || mac === null || length > osdpLengthMax)
        return { kind: "refused", why: "security block" };
      const whole = osdpMac(keys, lastCommandMac, covered);
      if (!sameBytes(whole.subarray(0, macOnWire), mac)) return { kind: "refused", why: "mac" };
      const plain = block === replySecret && data.length > 0 ? decryptOsdpData(keys, lastCommandMac, data) : data;
      if (plain === null) return { kind: "refused", why: "padding" };
      lastReplyMac = whole;
      return { kind: "data", data: plain };
    },
  };
}
