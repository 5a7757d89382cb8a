/**
 * Ruida laser controllers over UDP, as heard on the wire: every byte is swizzled with a magic number, packets to port 50200 carry a
 * 16-bit sum in front. Source: meerk40t (ruida emulator and its tests).
 */

export const ruidaCannot = [
  "serve two clients: polling it breaks LightBurn, so measure the power instead",
  "decide who may start it, or say who did",
] as const;

export type RuidaPacket = {
  readonly magic: number;
  readonly plain: Uint8Array;
  /** the sum in front of a UDP packet, when it is right */
  readonly checksum?: number;
  readonly meaning?: string;
  readonly name?: string;
  readonly status?: RuidaStatus;
};
/** The word at memory 0400. */
export type RuidaStatus = { readonly moving: boolean; readonly partEnd: boolean; readonly jobRunning: boolean };
export const ruidaStatusBits = { moving: 0x0100_0000, partEnd: 0x0000_0002, jobRunning: 0x0000_0001 } as const;

const usualMagic = 0x88;
const handshake: Readonly<Record<number, string>> = { 204: "ACK", 205: "ERR", 206: "ENQ keepalive", 207: "NAK" };
const memory: Readonly<Record<string, string>> = { "057E": "card id", "0400": "machine status word", "0401": "total on time" };
const readMemory = [0xda, 0x00] as const;
const answerMemory = [0xda, 0x01] as const;
const cardIdQuestion = [0xda, 0x00, 0x05, 0x7e] as const;
const statusAddress = "0400";

/**
 * One packet. The magic is 88 with nearly all models; another one shows itself in the question for the card id, with which every
 * program begins. Undefined for no bytes.
 */
export function parseRuida(bytes: Uint8Array): RuidaPacket | undefined {
  if (bytes.length === 0) return undefined;
  const sum = bytes.length > 3 ? (bytes[0] ?? 0) * 0x100 + (bytes[1] ?? 0) : undefined;
  const isUdp = sum !== undefined && sum16(bytes.subarray(2)) === sum;
  const body = isUdp ? bytes.subarray(2) : bytes;
  const magic = magicOf(body);
  const plain = body.map((byte) => unswizzle(byte, magic));
  return { magic, plain, ...(isUdp ? { checksum: sum } : {}), ...explained(plain) };
}

function sum16(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xffff, 0);
}

/** Minus one, exclusive-or with the magic, outermost bits exchanged. */
export function unswizzle(byte: number, magic: number): number {
  return exchanged(((byte - 1) & 0xff) ^ magic);
}
export function swizzle(byte: number, magic: number): number {
  return ((exchanged(byte) ^ magic) + 1) & 0xff;
}
function exchanged(byte: number): number {
  return (byte & 0x7e) | (byte >> 7) | ((byte & 1) << 7);
}

function magicOf(body: Uint8Array): number {
  for (let magic = 0; magic < 0x100; magic += 1) {
    if (body.length === cardIdQuestion.length && cardIdQuestion.every((byte, i) => unswizzle(body[i] ?? 0, magic) === byte)) return magic;
  }
  return usualMagic;
}

function explained(plain: Uint8Array): Pick<RuidaPacket, "meaning" | "name" | "status"> {
  const [first = 0, second, high = 0, low = 0] = plain;
  if (plain.length === 1) return Object.hasOwn(handshake, first) ? { name: handshake[first] ?? "" } : {};
  if (first !== readMemory[0] || plain.length < 4) return {};
  const address = [high, low].map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("");
  const what = Object.hasOwn(memory, address) ? memory[address] : undefined;
  if (second === readMemory[1])
    return { meaning: address === statusAddress ? `read ${what}` : `read memory ${address}${what ? ` (${what})` : ""}` };
  if (second !== answerMemory[1]) return {};
  const status = address === statusAddress && plain.length >= 9 ? { status: statusOf(plain.subarray(4, 9)) } : {};
  return { meaning: `memory ${address}${what === undefined ? "" : ` (${what})`}`, ...status };
}

/** Numbers come in five bytes of seven bits. */
function statusOf(bytes: Uint8Array): RuidaStatus {
  const word = bytes.reduce((value, byte) => value * 0x80 + (byte & 0x7f), 0) % 2 ** 32;
  const has = (bit: number) => Math.floor(word / bit) % 2 === 1;
  return { moving: has(ruidaStatusBits.moving), partEnd: has(ruidaStatusBits.partEnd), jobRunning: has(ruidaStatusBits.jobRunning) };
}
