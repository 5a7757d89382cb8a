/**
 * Zigbee2MQTT plugs: JSON under `base/name`, or one value per topic in attribute mode; base and names are the user's. Sources:
 * Zigbee2MQTT documentation, issues 7700, 14934, 16709, 17600, 17604, 32463.
 */
import { type Fields, isFields, numberOf, own, parseJson, said, textOf } from "./json.ts";

export type ZigbeePlug = {
  readonly kind: "plug";
  /** null: the first report after a start does not know */
  readonly on?: boolean | null;
  readonly powerW?: number | null;
  readonly voltageV?: number | null;
  readonly currentA?: number | null;
  /** as sent: mA with old converters, A with newer ones */
  readonly currentRaw?: number | null;
  readonly energyKwh?: number | null;
};
export type ZigbeeMessage =
  | ZigbeePlug
  | { readonly kind: "attribute"; readonly attribute: string; readonly value: string }
  | { readonly kind: "availability"; readonly online: boolean }
  | { readonly kind: "bridge"; readonly online: boolean }
  | { readonly kind: "command"; readonly on: boolean | null }
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };

export const zigbeeCannot = [
  "decide offline, or read cards",
  "be believed in a single reading: power and current come apart, and an isolated 0 W is often false",
  "say that power ended: some plugs keep the last value after they switched off",
  "keep energy over a power cut (cheap TS011F)",
  "be switched off without losing the neighbours it routes for",
] as const;

/** No plug carries more than 16 A; whole numbers above this are milliamperes of an old converter (issue 7700: 383 at 71 W). */
const plugMaxA = 25;

export function parseZigbee(topic: string, payload: string): ZigbeeMessage {
  const levels = topic.split("/");
  const leaf = levels.at(-1) ?? "";
  const json = parseJson(payload);
  if (leaf === "availability" || topic.endsWith("bridge/state"))
    return stateOf(leaf, isFields(json?.value) ? own(json.value, "state") : payload);
  if (leaf === "set" || levels.at(-2) === "set") return commandOf(json, payload);
  if (isFields(json?.value)) return plugOf(json.value);
  if (levels.length >= 3 && payload.length > 0) return { kind: "attribute", attribute: leaf, value: payload };
  return { kind: "invalid", why: "the payload is no JSON object" };
}

/** Plain text before version 2, an object since. */
function stateOf(leaf: string, state: unknown): ZigbeeMessage {
  if (state !== "online" && state !== "offline") return { kind: "invalid", why: "the state is neither online nor offline" };
  return { kind: leaf === "availability" ? "availability" : "bridge", online: state === "online" };
}

function commandOf(json: { readonly value: unknown } | undefined, payload: string): ZigbeeMessage {
  const state = isFields(json?.value) ? textOf(own(json.value, "state")) : payload;
  return { kind: "command", on: state === "ON" ? true : state === "OFF" ? false : null };
}

function plugOf(fields: Fields): ZigbeeMessage {
  const state = own(fields, "state");
  const raw = numberOf(own(fields, "current"));
  const plug = said({
    on: state === null ? null : state === "ON" ? true : state === "OFF" ? false : undefined,
    powerW: numberOf(own(fields, "power")),
    voltageV: numberOf(own(fields, "voltage")),
    currentA: typeof raw === "number" && raw > plugMaxA ? raw / 1000 : raw,
    currentRaw: raw,
    energyKwh: numberOf(own(fields, "energy")),
  });
  return Object.keys(plug).length === 0 ? { kind: "other" } : { kind: "plug", ...plug };
}
