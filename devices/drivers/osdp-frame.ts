/**
 * OSDP v2 frames on RS-485 (SIA OSDP 2.2 §5; IEC 60839-11-5): a control panel (CP) asks, a reader (PD) answers.
 *
 *   FF … 53  AA  LL LL  CC  [security block]  KK  data …  [MAC 4]  CRC low high | checksum
 *   marks SOM address length control           code
 *
 * Address bit 7 marks a reply; control bits 0 and 1 count 1, 2, 3, 1 … (0 starts anew), bit 2 means CRC, bit 3 a security block.
 */

export type OsdpIntegrity = "crc" | "checksum";
export type OsdpFrame = {
  readonly kind: "frame";
  readonly address: number;
  readonly isReply: boolean;
  readonly sequence: number;
  readonly integrity: OsdpIntegrity;
  readonly length: number;
  /** length, type and data of the security block; null without one */
  readonly securityBlock: Uint8Array | null;
  readonly code: number;
  /** without the MAC */
  readonly data: Uint8Array;
  /** of blocks 15 to 18 only; null when the frame is too short to carry one */
  readonly mac: Uint8Array | null;
  /** what the MAC covers: from SOM to the last byte of data */
  readonly covered: Uint8Array;
};

export type OsdpBadWhy = "short" | "length" | "overlong" | "crc" | "checksum" | "no start" | "security block";
export type OsdpBad = {
  readonly kind: "bad";
  readonly why: OsdpBadWhy;
  /** the length that the frame declares, and what is there */
  readonly declared?: number;
  readonly actual?: number;
  /** the check that the bytes should carry */
  readonly wanted?: number;
};

export const osdpBroadcast = 0x7f;
/** The standard allows 1440 bytes; a little more for those who count otherwise. */
export const osdpLengthMax = 2_048;
const som = 0x53;
const mark = 0xff;
const headerLength = 5;
const crcBit = 0x04;
const securityBit = 0x08;
const macBytes = 4;

/** CRC-16: polynomial 0x1021, start 0x1D0F, low byte first. */
export function osdpCrc(bytes: Uint8Array): number {
  let crc = 0x1d0f;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** The two's complement of the sum of all bytes. */
export function osdpChecksum(bytes: Uint8Array): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}

/** Whether a security block of this type is followed by a MAC: 15 and 16 MAC only, 17 and 18 encrypt too. */
export function isMaced(blockType: number): boolean {
  return blockType >= 0x15 && blockType <= 0x18;
}

export function encodeOsdp(frame: {
  readonly address: number;
  readonly isReply: boolean;
  readonly sequence: number;
  readonly integrity?: OsdpIntegrity;
  readonly securityBlock?: Uint8Array | null;
  readonly code: number;
  readonly data: Uint8Array;
  /** makes the MAC of what it covers */
  readonly mac?: (covered: Uint8Array) => Uint8Array;
}): Uint8Array {
  const { integrity = "crc", securityBlock = null, mac } = frame;
  const checkBytes = integrity === "crc" ? 2 : 1;
  const length = headerLength + (securityBlock?.length ?? 0) + 1 + frame.data.length + (mac ? macBytes : 0) + checkBytes;
  const control = (frame.sequence & 3) | (integrity === "crc" ? crcBit : 0) | (securityBlock === null ? 0 : securityBit);
  const address = frame.address | (frame.isReply ? 0x80 : 0);
  const covered = Uint8Array.from([som, address, length & 0xff, length >> 8, control, ...(securityBlock ?? []), frame.code, ...frame.data]);
  const body = Uint8Array.from([...covered, ...(mac?.(covered) ?? [])]);
  const check = integrity === "crc" ? osdpCrc(body) : osdpChecksum(body);
  return Uint8Array.from([...body, check & 0xff, ...(integrity === "crc" ? [check >> 8] : [])]);
}

/** Decodes exactly one frame, beginning with SOM. */
export function decodeOsdp(bytes: Uint8Array): OsdpFrame | OsdpBad {
  if (bytes[0] !== som) return { kind: "bad", why: "no start" };
  if (bytes.length < headerLength + 1) return { kind: "bad", why: "short" };
  const declared = (bytes[2] ?? 0) + (bytes[3] ?? 0) * 0x100;
  if (declared > osdpLengthMax) return { kind: "bad", why: "overlong", declared };
  if (declared !== bytes.length) return { kind: "bad", why: "length", declared, actual: bytes.length };
  const control = bytes[4] ?? 0;
  const integrity: OsdpIntegrity = control & crcBit ? "crc" : "checksum";
  const bodyLength = declared - (integrity === "crc" ? 2 : 1);
  if (bodyLength <= headerLength) return { kind: "bad", why: "short" };
  const body = bytes.subarray(0, bodyLength);
  if (integrity === "crc") {
    const wanted = osdpCrc(body);
    if (wanted !== (bytes[bodyLength] ?? 0) + (bytes[bodyLength + 1] ?? 0) * 0x100) return { kind: "bad", why: "crc", wanted };
  } else {
    const wanted = osdpChecksum(body);
    if (wanted !== bytes[bodyLength]) return { kind: "bad", why: "checksum", wanted };
  }
  return unpacked(body, declared, integrity);
}

function unpacked(body: Uint8Array, length: number, integrity: OsdpIntegrity): OsdpFrame | OsdpBad {
  const [, addressByte = 0, , , control = 0] = body;
  const blockLength = control & securityBit ? (body[headerLength] ?? 0) : 0;
  const codeAt = headerLength + blockLength;
  if (codeAt >= body.length || ((control & securityBit) !== 0 && blockLength < 2)) return { kind: "bad", why: "security block" };
  const securityBlock = blockLength === 0 ? null : body.slice(headerLength, codeAt);
  const hasMac = securityBlock !== null && isMaced(securityBlock[1] ?? 0) && body.length - codeAt - 1 >= macBytes;
  const dataEnd = hasMac ? body.length - macBytes : body.length;
  return {
    kind: "frame",
    address: addressByte & 0x7f,
    isReply: (addressByte & 0x80) !== 0,
    sequence: control & 3,
    integrity,
    length,
    securityBlock,
    code: body[codeAt] ?? 0,
    data: body.slice(codeAt + 1, dataEnd),
    mac: hasMac ? body.slice(dataEnd) : null,
    covered: body.slice(0, dataEnd),
  };
}

export type OsdpHeard = OsdpFrame | { readonly kind: "rubbish"; readonly count: number; readonly why: OsdpBadWhy | "cut short" };

export interface OsdpParser {
  /** `atMs` is monotonic. Feeding no bytes lets time pass. */
  feed(bytes: Uint8Array, atMs: number): readonly OsdpHeard[];
  reset(): void;
  /** Bytes kept between calls; never more than `osdpLengthMax`. */
  bufferedBytes(): number;
}

/** Bytes of a frame follow one another; after this pause (§5.7: 20 ms, and what a USB adapter adds) the rest will not come. */
const cutShortMs = 100;

/** Finds frames in a stream. After a bad one it looks on one byte later: a good start may lie inside. */
export function createOsdpParser(): OsdpParser {
  let kept: Uint8Array = new Uint8Array(0);
  let lastAtMs = 0;
  return {
    feed(bytes, atMs) {
      const out: OsdpHeard[] = [];
      const isStale = kept.length > 0 && (atMs - lastAtMs > cutShortMs || atMs < lastAtMs);
      lastAtMs = atMs;
      if (isStale) kept = kept.slice(scan(kept, true, out));
      const input = Uint8Array.from([...kept, ...bytes]);
      const at = scan(input, false, out);
      kept = input.slice(at);
      return out;
    },
    reset() {
      kept = new Uint8Array(0);
    },
    bufferedBytes: () => kept.length,
  };
}

/** Puts what it finds into `out` and tells where the unfinished rest begins; nothing is unfinished when no more will come. */
function scan(input: Uint8Array, isAll: boolean, out: OsdpHeard[]): number {
  const discard = (why: OsdpBadWhy | "cut short"): void => {
    const last = out.at(-1);
    if (last?.kind === "rubbish" && (last.why === why || why === "no start")) out[out.length - 1] = { ...last, count: last.count + 1 };
    else out.push({ kind: "rubbish", count: 1, why });
  };
  let at = 0;
  while (at < input.length) {
    if (input[at] !== som) {
      if (input[at] !== mark) discard("no start");
      at += 1;
      continue;
    }
    const rest = input.subarray(at);
    const declared = (rest[2] ?? 0) + (rest[3] ?? 0) * 0x100;
    const isPossible = declared <= osdpLengthMax && declared > headerLength;
    const isUnfinished = rest.length < headerLength || (isPossible && rest.length < declared);
    if (isUnfinished && !isAll) break;
    const outcome = isUnfinished ? null : decodeOsdp(isPossible ? rest.subarray(0, declared) : rest);
    if (outcome?.kind === "frame") {
      out.push(outcome);
      at += declared;
    } else {
      discard(outcome?.why ?? "cut short");
      at += 1;
    }
  }
  return at;
}
