/**
 * A filter over the bytes of one connection, in front of the MQTT parser, which itself has no limits (security.md R30). It
 * reads fixed headers only (MQTT 3.1.1 §2.2) and says at once why a connection must end:
 *
 *   bytes ──► header byte ──► length (≤ 4 bytes) ──► body bytes counted, not kept ──► header byte …
 *
 * Nothing is buffered here; a frame that stays incomplete is ended by the deadline.
 */

export type FrameFault =
  | "first-not-connect"
  | "connect-too-long"
  | "too-long"
  | "length-of-five-bytes"
  | "not-from-a-client"
  | "bad-fixed-length"
  | "incomplete"
  | "flood";

export type FrameGuardOptions = {
  readonly connectBytesMax: number;
  /** asked for each frame after CONNECT; the answer changes once the connection is known */
  readonly frameBytesMax: () => number;
  readonly completeWithinMs: number;
  /** called for each frame header with its packet type (MQTT 3.1.1 §2.2.1); false ends the connection as a flood */
  readonly onFrame: (packetType: number) => boolean;
  /** called once when a frame was not complete in time */
  readonly onDeadline: () => void;
  readonly after: (delayMs: number, run: () => void) => () => void;
};

const connectType = 1;
/** CONNECT, PUBLISH, PUBACK…PUBCOMP, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT */
const fromClient = new Set([1, 3, 4, 5, 6, 7, 8, 10, 12, 14]);
/** Types whose body has one length only (MQTT 3.1.1 §3.4–3.7, 3.12, 3.14). */
const fixedLength = new Map([
  [4, 2],
  [5, 2],
  [6, 2],
  [7, 2],
  [12, 0],
  [14, 0],
]);

/** One connection's filter. Starts its clock at once: the first frame must be a complete CONNECT in time. */
export class FrameGuard {
  readonly #options: FrameGuardOptions;
  #packetType = 0;
  #lengthBytes = 0;
  #length = 0;
  #bodyLeft = 0;
  #at: "header" | "length" | "body" = "header";
  #isFirst = true;
  #taken = 0;
  #fault: FrameFault | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: FrameGuardOptions) {
    this.#options = options;
    this.#startClock();
  }

  /** A complete CONNECT has passed. */
  get hasConnect(): boolean {
    return !this.#isFirst;
  }

  /** How many bytes of the last chunk were read: all, or those of the CONNECT that ended within it. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Reads the next bytes. The answer is a fault, then and for ever after, or undefined while all is well. Reading pauses where
   * the CONNECT ends: `taken` says how far it came, and the rest is to be offered again.
   */
  accept(chunk: Uint8Array): FrameFault | undefined {
    const wasFirst = this.#isFirst;
    let i = 0;
    while (i < chunk.length && this.#fault === undefined && this.#isFirst === wasFirst) {
      if (this.#at === "body") {
        const taken = Math.min(this.#bodyLeft, chunk.length - i);
        this.#bodyLeft -= taken;
        i += taken;
        if (this.#bodyLeft === 0) this.#complete();
      } else {
        this.#fault = this.#at === "header" ? this.#readType(chunk[i] ?? 0) : this.#readLength(chunk[i] ?? 0);
        i += 1;
      }
    }
    this.#taken = i;
    if (this.#fault !== undefined) this.close();
    else if (this.#at !== "header" && this.#cancel === undefined) this.#startClock();
    return this.#fault;
  }

  /** Stops the clock. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #readType(byte: number): FrameFault | undefined {
    this.#packetType = byte >> 4;
    if (this.#isFirst && byte !== connectType << 4) return "first-not-connect";
    if (!fromClient.has(this.#packetType)) return "not-from-a-client";
    this.#at = "length";
    this.#length = 0;
    this.#lengthBytes = 0;
    return undefined;
  }

  #readLength(byte: number): FrameFault | undefined {
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (byte >= 0x80) return this.#lengthBytes === 4 ? "length-of-five-bytes" : undefined;
    const whole = 1 + this.#lengthBytes + this.#length;
    if (this.#isFirst && whole > this.#options.connectBytesMax) return "connect-too-long";
    if (!this.#isFirst && whole > this.#options.frameBytesMax()) return "too-long";
    const only = fixedLength.get(this.#packetType);
    if (only !== undefined && this.#length !== only) return "bad-fixed-length";
    if (!this.#options.onFrame(this.#packetType)) return "flood";
    this.#bodyLeft = this.#length;
    this.#at = "body";
    if (this.#bodyLeft === 0) this.#complete();
    return undefined;
  }

  #complete(): void {
    this.#isFirst = false;
    this.#at = "header";
    this.close();
  }

  #startClock(): void {
    this.#cancel = this.#options.after(this.#options.completeWithinMs, () => {
      this.#fault ??= "incomplete";
      this.#options.onDeadline();
    });
  }
}
