/**
 * Shelly of the first generation: one value per topic under `shellies/<id>/`, and the same device over HTTP. Sources: Shelly Gen1
 * MQTT and HTTP documentation, enesbcs/Shelly_MQTT issues 64 and 79, aioshelly device dumps.
 */
import { type Fields, isFields, numberOf, numberText, own, parseJson, rounded, said, textOf } from "./json.ts";

export type ShellyGen1Message =
  /** `overpower`: the plug switched itself off */
  | { readonly kind: "relay"; readonly channel: Channel; readonly on: boolean; readonly overpower: boolean }
  | { readonly kind: "power"; readonly channel: Channel; readonly powerW: number | null }
  /** a counter that starts at 0 with each boot */
  | { readonly kind: "energy"; readonly channel: Channel; readonly energyWh: number | null; readonly wattMinutes: number | null }
  /** one value of a clamp; `total` and `total_returned` are Wh and survive a boot */
  | { readonly kind: "clamp"; readonly channel: Channel; readonly field: string; readonly value: number | null }
  | { readonly kind: "value"; readonly field: string; readonly value: number | null }
  | { readonly kind: "input"; readonly channel: Channel; readonly active: boolean }
  | { readonly kind: "availability"; readonly online: boolean }
  | { readonly kind: "announce"; readonly id: string; readonly model?: string; readonly firmware?: string; readonly ip?: string }
  | { readonly kind: "status"; readonly relays: readonly boolean[]; readonly meters: readonly Gen1Meter[]; readonly uptimeS?: number }
  | { readonly kind: "command" }
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };
/** `all`: a topic without index, from a Shelly 2.5 that measures both of its channels as one. */
export type Channel = number | "all";
export type Gen1Meter = { readonly powerW?: number | null; readonly energyWh?: number | null; readonly voltageV?: number | null };

export const shellyGen1Cannot = [
  "decide offline, or read cards",
  "keep the energy of a relay over a reboot: its counter starts again at 0",
  "switch off by itself when the hub is gone, except by a timer set beforehand",
] as const;

const clampFields = new Set([
  "power",
  "pf",
  "current",
  "voltage",
  "total",
  "total_returned",
  "reactive_power",
  "energy",
  "returned_energy",
]);
const wattMinutesPerWh = 60;

/** One message; `topic` may also be `HTTP GET /status`. */
export function parseShellyGen1(topic: string, payload: string): ShellyGen1Message {
  if (/\/status$/.test(topic) && payload.trimStart().startsWith("{")) return status(payload);
  const levels = topic.split("/");
  if (levels[0] !== "shellies") return invalid("the topic does not start with shellies/");
  const path = levels.slice(levels.length === 2 ? 1 : 2);
  const leaf = path.at(-1) ?? "";
  if (leaf === "command") return { kind: "command" };
  if (leaf === "announce") return announce(payload);
  if (leaf === "online") return flag(payload, (online) => ({ kind: "availability", online }));
  const [kind = "", second = ""] = path;
  const channel: Channel = /^\d{1,2}$/.test(second) ? Number(second) : "all";
  const field = path.length > (channel === "all" ? 1 : 2) ? leaf : "";
  if (kind === "relay") return relay(channel, field, payload);
  if (kind === "emeter" && clampFields.has(field)) return number(payload, (value) => ({ kind: "clamp", channel, field, value }));
  if (kind === "input" && field === "") return flag(payload, (active) => ({ kind: "input", channel, active }));
  const value = path.length === 1 ? numberText(payload) : undefined;
  return value === undefined ? { kind: "other" } : { kind: "value", field: leaf, value };
}

const invalid = (why: string): ShellyGen1Message => ({ kind: "invalid", why });

function number(payload: string, make: (value: number | null) => ShellyGen1Message): ShellyGen1Message {
  const value = numberText(payload);
  return value === undefined ? invalid("the payload is no number") : make(value);
}

function flag(payload: string, make: (value: boolean) => ShellyGen1Message): ShellyGen1Message {
  if (payload === "true" || payload === "1") return make(true);
  return payload === "false" || payload === "0" ? make(false) : invalid("the payload is neither true nor false");
}

function relay(channel: Channel, field: string, payload: string): ShellyGen1Message {
  if (field === "power") return number(payload, (powerW) => ({ kind: "power", channel, powerW }));
  if (field === "energy") {
    return number(payload, (wattMinutes) => ({ kind: "energy", channel, energyWh: toWh(wattMinutes), wattMinutes }));
  }
  if (field !== "") return { kind: "other" };
  if (payload !== "on" && payload !== "off" && payload !== "overpower") return invalid("a relay is on, off or overpower");
  return { kind: "relay", channel, on: payload === "on", overpower: payload === "overpower" };
}

const toWh = (wattMinutes: number | null): number | null => (wattMinutes === null ? null : rounded(wattMinutes / wattMinutesPerWh, 3));

function announce(payload: string): ShellyGen1Message {
  const json = parseJson(payload);
  const fields = isFields(json?.value) ? json.value : {};
  const id = textOf(own(fields, "id"));
  if (id === undefined) return invalid("an announcement without id");
  const text = (key: string) => textOf(own(fields, key));
  return { kind: "announce", id, ...said({ model: text("model"), firmware: text("fw_ver"), ip: text("ip") }) };
}

function status(payload: string): ShellyGen1Message {
  const json = parseJson(payload);
  if (json === undefined || !isFields(json.value)) return invalid("the payload is no JSON object");
  const list = (key: string): Fields[] => {
    const value = own(json.value as Fields, key);
    return Array.isArray(value) ? value.filter(isFields) : [];
  };
  const relays = list("relays").flatMap((one) => (typeof own(one, "ison") === "boolean" ? [own(one, "ison") === true] : []));
  return {
    kind: "status",
    relays,
    meters: [...list("meters").map(meter), ...list("emeters").map(clamp)],
    ...said({ uptimeS: numberOf(own(json.value, "uptime")) ?? undefined }),
  };
}

/** `is_valid: false` means that the plug does not trust its own meter. */
function meter(one: Fields): Gen1Meter {
  if (own(one, "is_valid") === false) return { powerW: null, energyWh: null };
  const total = numberOf(own(one, "total"));
  return said({ powerW: numberOf(own(one, "power")), energyWh: total === undefined ? undefined : toWh(total) });
}

function clamp(one: Fields): Gen1Meter {
  if (own(one, "is_valid") === false) return { powerW: null, energyWh: null };
  return said({ powerW: numberOf(own(one, "power")), energyWh: numberOf(own(one, "total")), voltageV: numberOf(own(one, "voltage")) });
}
