/**
 * Sparkplug B payloads: protobuf, read by hand because six of its message types are one page. Source: Eclipse Sparkplug 3.0
 * (chapter 6) and sparkplug_b.proto; protobuf wire format (encoding documentation).
 */

export type SparkplugMetric = {
  /** absent in data messages that use an alias */
  readonly name?: string;
  readonly alias?: bigint;
  readonly timestampMs?: number;
  /** null: said to be null, or of a type that is not read (data sets, templates) */
  readonly value: number | bigint | boolean | string | Uint8Array | null;
};
export type SparkplugPayload = { readonly timestampMs?: number; readonly seq?: number; readonly metrics: readonly SparkplugMetric[] };
export type SparkplugTopic = { readonly type: string; readonly group: string; readonly node: string; readonly device?: string };

/** After 255 comes 0; after a gap nothing is known until the node was told to give birth again. */
export const sparkplugRules = { seqMax: 255, seqAfterMax: 0, onGap: "request rebirth" } as const;
export const sparkplugCannot = ["be adopted without its birth: aliases have no names"] as const;

/** True when `seq` follows `before`. */
export function isNextSeq(before: number, seq: number): boolean {
  return seq === (before === sparkplugRules.seqMax ? sparkplugRules.seqAfterMax : before + 1);
}

export function parseSparkplugTopic(topic: string): SparkplugTopic | undefined {
  const [namespace, group, type, node, device, ...rest] = topic.split("/");
  if (namespace !== "spBv1.0" || group === undefined || type === undefined || node === undefined || rest.length > 0) return undefined;
  return { type, group, node, ...(device === undefined ? {} : { device }) };
}

/** Undefined for bytes that are no such payload. Never throws. */
export function parseSparkplug(bytes: Uint8Array): SparkplugPayload | undefined {
  const fields = fieldsOf(bytes);
  if (fields === undefined) return undefined;
  const metrics = all(fields, 2).map((value) => (value instanceof Uint8Array ? metricOf(value) : undefined));
  if (!metrics.every((metric) => metric !== undefined)) return undefined;
  const timestampMs = whole(fields, 1);
  const seq = whole(fields, 3);
  return { metrics, ...(timestampMs === undefined ? {} : { timestampMs }), ...(seq === undefined ? {} : { seq }) };
}

function metricOf(bytes: Uint8Array): SparkplugMetric | undefined {
  const fields = fieldsOf(bytes);
  if (fields === undefined) return undefined;
  const [name] = all(fields, 1);
  const [alias] = all(fields, 2);
  const timestampMs = whole(fields, 3);
  return {
    value: whole(fields, 7) === 1 ? null : valueIn(fields, whole(fields, 4) ?? 0),
    ...(name instanceof Uint8Array ? { name: text(name) } : {}),
    ...(typeof alias === "bigint" ? { alias } : {}),
    ...(timestampMs === undefined ? {} : { timestampMs }),
  };
}

/** Field numbers of the `value` oneof, by type of datum. */
const fieldOf = { int: 10, long: 11, float: 12, double: 13, boolean: 14, string: 15, bytes: 16 } as const;
const signedBits: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64 };

function valueIn(fields: Fields, datatype: number): SparkplugMetric["value"] {
  const first = (field: number) => all(fields, field)[0];
  const integer = first(fieldOf.int) ?? first(fieldOf.long);
  if (typeof integer === "bigint") {
    const bits = signedBits[datatype];
    const value = bits === undefined ? integer : BigInt.asIntN(bits, integer);
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }
  const float = first(fieldOf.float);
  if (float instanceof Uint8Array && float.length === 4) return finite(shortest(view(float).getFloat32(0, true)));
  const double = first(fieldOf.double);
  if (double instanceof Uint8Array && double.length === 8) return finite(view(double).getFloat64(0, true));
  const boolean = first(fieldOf.boolean);
  if (typeof boolean === "bigint") return boolean !== 0n;
  const string = first(fieldOf.string);
  if (string instanceof Uint8Array) return text(string);
  const bytes = first(fieldOf.bytes);
  return bytes instanceof Uint8Array ? bytes : null;
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** The shortest decimal that is the same 32-bit float: 12.1, not 12.100000381. */
function shortest(value: number): number {
  for (let digits = 1; digits <= 9 && Number.isFinite(value); digits += 1) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return decimal;
  }
  return value;
}

type Field = { readonly number: number; readonly value: bigint | Uint8Array };
type Fields = readonly Field[];
const all = (fields: Fields, number: number) => fields.filter((field) => field.number === number).map(({ value }) => value);
function whole(fields: Fields, number: number): number | undefined {
  const [value] = all(fields, number);
  return typeof value === "bigint" && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/** Protobuf fields in order; undefined when the bytes end inside one. */
function fieldsOf(bytes: Uint8Array): Fields | undefined {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return undefined;
  };
  const take = (length: number): Uint8Array | undefined => {
    if (length > bytes.length - at) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    if (key === undefined || key > 0xffff_ffffn) return undefined;
    const wireType = Number(key & 7n);
    let value: bigint | Uint8Array | undefined;
    if (wireType === 0) value = varint();
    else if (wireType === 1) value = take(8);
    else if (wireType === 5) value = take(4);
    else if (wireType === 2) {
      const length = varint();
      value = length === undefined || length > BigInt(bytes.length) ? undefined : take(Number(length));
    }
    if (value === undefined) return undefined;
    fields.push({ number: Number(key >> 3n), value });
  }
  return fields;
}
