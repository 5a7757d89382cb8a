/**
 * The line format of `koprade decode`: a recorded message in, and the way its decoded values are compared with what the
 * recorder wrote down. Every field is somebody else's text until it is parsed here.
 */

import { isFields } from "../hosted/json.ts";

export { isFields as isRecord } from "../hosted/json.ts";

/** One recorded message, as its line gave it; `expect` is left out, so that no decoder can look at it. */
export type Recorded = {
  readonly protocol: string;
  /** "" when the line names none */
  readonly topic: string;
  readonly direction: string;
  readonly kind: string;
  /** the literal text on the wire */
  readonly payload: string | undefined;
  /** of `hex`, or of all `chunks` together */
  readonly bytes: Uint8Array | undefined;
  /** one stream as it arrived in several reads; `hex` is one read */
  readonly chunks: readonly Uint8Array[];
  /** messages of one device in order, or steps of a handshake */
  readonly sequence: readonly unknown[] | undefined;
  /** keys, nonces or earlier state that decoding needs */
  readonly context: Readonly<Record<string, unknown>>;
};

/** Decoded values in the spelling of the recorded `expect`, or a refusal with its reason. */
export type Decoded = Readonly<Record<string, unknown>>;
/** Never throws: whatever was recorded, the answer is values or a refusal. */
export type Decoder = (message: Recorded) => Decoded;

export const refused = (why: string): Decoded => ({ accept: false, why });

/** Reads the fields of a line. The text of a refusal names the field and how to write it. */
export function readRecorded(value: unknown): Recorded | { readonly why: string } {
  if (!isFields(value)) return { why: 'a line is one JSON object such as {"protocol":"tasmota","topic":"tele/x/LWT","payload":"Online"}' };
  const protocol = text(value.protocol);
  if (protocol === "") return { why: '"protocol" is missing; name the family, such as "protocol":"tasmota"' };
  const hex = value.hex === undefined ? undefined : bytesOf(value.hex);
  if (hex === null) return { why: '"hex" is no text of byte pairs; write it as "02 30 30"' };
  const chunks = value.chunks === undefined ? [] : Array.isArray(value.chunks) ? value.chunks.map(bytesOf) : [null];
  if (!chunks.every((chunk) => chunk !== null)) return { why: '"chunks" is no list of byte pairs; write it as ["02 30","30"]' };
  if (value.sequence !== undefined && !Array.isArray(value.sequence)) return { why: '"sequence" is no list of messages' };
  const reads = chunks.length > 0 ? chunks : hex === undefined ? [] : [hex];
  return {
    protocol,
    topic: text(value.topic),
    direction: text(value.direction),
    kind: text(value.kind),
    payload: value.payload === undefined || typeof value.payload === "string" ? value.payload : JSON.stringify(value.payload),
    bytes: reads.length === 0 ? undefined : Buffer.concat(reads),
    chunks: reads,
    sequence: value.sequence,
    context: isFields(value.context) ? value.context : {},
  };
}

/** Byte pairs with or without blanks; null for anything else. */
export function bytesOf(given: unknown): Uint8Array | null {
  if (typeof given !== "string") return null;
  const pairs = given.replace(/[\s:]/g, "");
  return pairs.length % 2 === 0 && /^[\da-f]*$/i.test(pairs) ? Uint8Array.from(Buffer.from(pairs, "hex")) : null;
}

/** Upper case with blanks, as the lines write bytes. */
export function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ");
}

/** One answer of several; what comes later counts. */
export function merged(parts: readonly Decoded[]): Decoded {
  const whole: Record<string, unknown> = {};
  for (const part of parts) Object.assign(whole, part);
  return whole;
}

export type Message = { readonly topic: string; readonly payload: string };

/** The messages of a sequence; a part without payload is none. A part without a topic has that of the line. */
export function messagesOf(sequence: readonly unknown[], topic = ""): Message[] {
  return sequence.flatMap((part) =>
    isFields(part) && typeof part.payload === "string" ? [{ topic: text(part.topic) || topic, payload: part.payload }] : [],
  );
}

/**
 * Where `got` differs from `expected`, as one sentence; undefined when every expected key is there. Numbers may differ by
 * 1e-9 of their size, or by what the recorder rounded away. Further keys of `got` do not matter.
 */
export function difference(expected: unknown, got: unknown, path = ""): string | undefined {
  if (isFields(expected) && isFields(got)) {
    for (const [key, value] of Object.entries(expected)) {
      const found = difference(value, got[key], path === "" ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (Array.isArray(expected) && Array.isArray(got) && expected.length === got.length) {
    return expected.map((value, i) => difference(value, got[i], `${path}[${i}]`)).find((found) => found !== undefined);
  }
  const equal = typeof expected === "number" && typeof got === "number" ? isNear(expected, got) : expected === got;
  return equal ? undefined : `${path} is ${JSON.stringify(got) ?? "missing"}, expected ${JSON.stringify(expected)}`;
}

function isNear(expected: number, got: number): boolean {
  if (Math.abs(expected - got) <= 1e-9 * Math.abs(expected)) return true;
  const decimals = /\.(\d+)$/.exec(String(expected))?.[1]?.length ?? 0;
  return decimals > 0 && Number(got.toFixed(decimals)) === expected;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
