/**
 * The messages that come hundreds of times a second, recognised without the schema's machinery: true means that the schema
 * would accept the value and change nothing in it. False means only that the schema must be asked; every refusal, and its
 * reason, is the schema's. A test holds the two against each other.
 */
import { gesture, permit, requestKind } from "./bodies.ts";
import { type Envelope, wireVersion } from "./envelope.ts";
import { code } from "./facts.ts";
import { bootIdPattern, cardKeyPattern, noncePattern, slugPattern, ulidPattern } from "./ids.ts";
import type { Topic } from "./topics.ts";
import { clockQuality } from "./units.ts";

type Fields = Readonly<Record<string, unknown>>;

const qualities = setOf(clockQuality.options);
const kinds = setOf(requestKind.options);
const gestures = setOf(gesture.options);
const codes = setOf(code.options);
const outcomes = setOf(["grant", "deny", "pending", "noop"]);
const policies = setOf(permit.shape.holdPolicy.options);
const instantMsMax = 8_640_000_000_000_000;

/** What else the object holds is not the envelope's and stays behind, as with the schema. */
export function isPlainEnvelope(value: unknown): value is Envelope {
  if (!isObject(value)) return false;
  const { v, id, type, src, boot, conn, mono, ts, tq } = value;
  return (
    v === wireVersion &&
    isText(id, ulidPattern) &&
    isShort(type, 40) &&
    isShort(src, 32) &&
    isText(boot, bootIdPattern) &&
    isWhole(conn) &&
    isWhole(mono) &&
    (ts === null || isWhole(ts, 0, instantMsMax)) &&
    isOneOf(tq, qualities)
  );
}

export function isPlainBody(topic: Topic, value: unknown): boolean {
  if (!isObject(value)) return false;
  switch (topic) {
    case "channelTelemetry":
      return isPlainTelemetry(value);
    case "accessRequest":
      return isPlainRequest(value);
    case "accessResponse":
      return isPlainResponse(value);
    case "eventAck":
      return hasOnly(value, 2) && isText(value.boot, bootIdPattern) && isWhole(value.upTo);
    default:
      return false;
  }
}

function isPlainTelemetry(value: Fields): boolean {
  const { t0Mono, stepMs, powerW, voltageV, energyWh } = value;
  return (
    hasOnly(value, voltageV === undefined ? 4 : 5) &&
    isWhole(t0Mono) &&
    isWhole(stepMs, 100, 600_000) &&
    isList(powerW, 1, 120, isPlainPower) &&
    (voltageV === undefined || voltageV === null || Number.isFinite(voltageV)) &&
    (energyWh === null || (isNumber(energyWh) && energyWh >= 0))
  );
}
const isPlainPower = (value: unknown): boolean => value === null || (isNumber(value) && value >= -100_000 && value <= 100_000);

function isPlainRequest(value: Fields): boolean {
  const { nonce, ch, kind, presented, gesture: made, snapshot } = value;
  return (
    hasOnly(value, 6) &&
    isText(nonce, noncePattern) &&
    isText(ch, slugPattern) &&
    isOneOf(kind, kinds) &&
    isList(presented, 1, 3, isPlainCard) &&
    isOneOf(made, gestures) &&
    (snapshot === null || (isObject(snapshot) && hasOnly(snapshot, 2) && isWhole(snapshot.epoch) && isWhole(snapshot.version)))
  );
}
const isPlainCard = (value: unknown): boolean =>
  isObject(value) && hasOnly(value, 2) && isText(value.cardKey, cardKeyPattern) && isWhole(value.ageMs);

function isPlainResponse(value: Fields): boolean {
  const { nonce, decision, outcome, reason, also, member, display, permit: given, pendingMs, boot, conn } = value;
  return (
    hasOnly(value, 11) &&
    isText(nonce, noncePattern) &&
    isText(decision, ulidPattern) &&
    isOneOf(outcome, outcomes) &&
    isOneOf(reason, codes) &&
    isList(also, 0, 40, isCode) &&
    isWhole(member) &&
    isPlainDisplay(display) &&
    (given === null || isPlainPermit(given)) &&
    (pendingMs === null || isWhole(pendingMs)) &&
    isText(boot, bootIdPattern) &&
    isWhole(conn)
  );
}
const isCode = (value: unknown): boolean => isOneOf(value, codes);
/** Parameters are rare: those with any are the schema's to read. */
const isPlainDisplay = (value: unknown): boolean =>
  isObject(value) && hasOnly(value, 2) && isShort(value.key, 60) && isObject(value.params) && hasOnly(value.params, 0);

function isPlainPermit(value: unknown): boolean {
  return (
    isObject(value) &&
    hasOnly(value, 8) &&
    isWhole(value.leaseMs, 0, 43_200_000) &&
    isWhole(value.idleMs, 0, 43_200_000) &&
    isWhole(value.graceMs, 0, 600_000) &&
    isWhole(value.enableMs, 1000, 300_000) &&
    isWhole(value.strikeMs, 0, 30_000) &&
    isWhole(value.shuntMs, 0, 600_000) &&
    typeof value.attended === "boolean" &&
    isOneOf(value.holdPolicy, policies)
  );
}

function setOf(values: readonly string[]): ReadonlySet<unknown> {
  return new Set(values);
}
const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const hasOnly = (value: Fields, count: number): boolean => Object.keys(value).length === count;
const isText = (value: unknown, pattern: RegExp): boolean => typeof value === "string" && pattern.test(value);
const isShort = (value: unknown, most: number): boolean => typeof value === "string" && value.length <= most;
const isOneOf = (value: unknown, values: ReadonlySet<unknown>): boolean => values.has(value);
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isWhole = (value: unknown, least = 0, most = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;

function isList(value: unknown, least: number, most: number, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length >= least && value.length <= most && value.every(fits);
}
