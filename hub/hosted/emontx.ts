/**
 * emonTx and emonHub: radio frames as lines, `key:value` lines over serial, bare numbers over MQTT. Sources: emonHub documentation
 * and its default decoders.
 */
import { numberText, parseJson } from "./json.ts";

export type EmonMessage =
  | { readonly kind: "field"; readonly node: string; readonly field: string; readonly value: number | null }
  /** `OK node b b …`: little-endian 16-bit values and the signal strength */
  | { readonly kind: "frame"; readonly node: number; readonly values: readonly number[]; readonly rssiDbm?: number }
  /** `ct1:…,vrms:…`; the voltage comes times 100 and is about 5 V without the mains adapter: then power is apparent and assumed */
  | {
      readonly kind: "readings";
      readonly clampsW: readonly number[];
      readonly vrmsRaw?: number;
      readonly pulses?: number;
      readonly temperaturesC: readonly (number | null)[];
    }
  | EmonTx4
  | { readonly kind: "invalid"; readonly why: string };

/** The frame of an emonTx4 as emonHub decodes it for its standard node. Open clamp inputs read 5 to 11 W. */
export type EmonTx4 = {
  readonly kind: "emontx4";
  readonly message: number;
  readonly vrms: number;
  readonly powersW: readonly number[];
  readonly energiesWh: readonly number[];
  /** as sent; 300 is no temperature but a missing sensor, see `emonMissingC` */
  readonly temperaturesC: readonly number[];
  readonly pulses: number;
};
export const emonTx4Node = 17;
export const emonMissingC = 300;

export const emonCannot = ["switch anything, or read cards", "say that a clamp is not connected: it reads a few watts"] as const;

const emonTx4Values = 20;

export function parseEmon(topic: string, payload: string): EmonMessage {
  const levels = topic.split("/");
  const [node, field] = levels.slice(-2);
  if (levels.length >= 3 && node !== undefined && field !== undefined) {
    const value = numberText(payload);
    return value === undefined ? { kind: "invalid", why: "the payload is no number" } : { kind: "field", node, field, value };
  }
  const text = payload.trim();
  if (text.startsWith("OK ")) return frameOf(text);
  if (text.startsWith("[")) return listOf(text);
  return readingsOf(text);
}

function frameOf(text: string): EmonMessage {
  const found = /^OK (\d{1,3})((?: \d{1,3})*)(?: \((-?\d{1,4})\))?$/.exec(text);
  const bytes = (found?.[2] ?? "").split(" ").filter(Boolean).map(Number);
  if (found === null || bytes.length === 0 || bytes.length % 2 === 1 || bytes.some((byte) => byte > 255)) {
    return { kind: "invalid", why: "no frame of OK, node and pairs of bytes" };
  }
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const values = Array.from({ length: bytes.length / 2 }, (_, i) => view.getInt16(i * 2, true));
  return { kind: "frame", node: Number(found[1]), values, ...(found[3] === undefined ? {} : { rssiDbm: Number(found[3]) }) };
}

function listOf(text: string): EmonMessage {
  const json = parseJson(text);
  const values = json?.value;
  if (!Array.isArray(values) || values.length !== emonTx4Values || !values.every((value) => Number.isFinite(value))) {
    return { kind: "invalid", why: `no list of the ${emonTx4Values} values of an emonTx4` };
  }
  const numbers = values as number[];
  const [message = 0, vrms = 0] = numbers;
  return {
    kind: "emontx4",
    message,
    vrms,
    powersW: numbers.slice(2, 8),
    energiesWh: numbers.slice(8, 14),
    temperaturesC: numbers.slice(14, 17),
    pulses: numbers[17] ?? 0,
  };
}

function readingsOf(text: string): EmonMessage {
  const pairs = text.split(",").map((pair) => /^([a-z]+)(\d*):(-?\d+(?:\.\d+)?)$/i.exec(pair.trim()));
  if (!pairs.every((pair) => pair !== null)) return { kind: "invalid", why: "no line of key:value pairs" };
  const of = (key: string) => pairs.filter((pair) => pair[1]?.toLowerCase() === key).map((pair) => Number(pair[3]));
  const temperature = (value: number) => (value === emonMissingC ? null : value);
  const [vrmsRaw] = of("vrms");
  const [pulses] = of("pulse");
  return {
    kind: "readings",
    clampsW: of("ct"),
    temperaturesC: of("t").map(temperature),
    ...(vrmsRaw === undefined ? {} : { vrmsRaw }),
    ...(pulses === undefined ? {} : { pulses }),
  };
}
