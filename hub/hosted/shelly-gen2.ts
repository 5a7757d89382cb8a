/**
 * Shelly of the second generation and later: JSON-RPC over MQTT. `NotifyStatus` is a part of the state, never the whole: what it
 * does not name has not changed. Sources: Shelly Gen2 documentation (MQTT, Notifications, Switch), ioBroker.shelly issues 813 and
 * 1592, aioshelly device dumps.
 */
import { type Fields, fieldsAt, isFields, numberOf, own, parseJson, said, textOf } from "./json.ts";

/** Values of one switch; what was not said is absent. A relay without meter never says power: that is unknown, not 0. */
export type ShellySwitch = {
  readonly channel: number;
  readonly on?: boolean;
  /** negative for feed-in or reversed wiring */
  readonly powerW?: number | null;
  readonly voltageV?: number | null;
  readonly currentA?: number | null;
  readonly powerFactor?: number | null;
  readonly frequencyHz?: number | null;
  /** kept over a reboot, though saved at intervals: it may step back a little */
  readonly energyWh?: number | null;
  /** the last three minutes in milliwatt-hours, newest first */
  readonly byMinuteMilliWh?: readonly number[];
  readonly errors?: readonly string[];
};
/** A three-phase meter (Pro 3EM): total and phases. */
export type ShellyMeter = {
  readonly component: "em" | "em1" | "emdata" | "em1data" | "pm1";
  readonly channel: number;
  readonly powerW?: number | null;
  readonly phasesW?: readonly (number | null)[];
  readonly energyWh?: number | null;
  readonly voltageV?: number | null;
  readonly currentA?: number | null;
  /** null when the model has no clamp on the neutral */
  readonly neutralA?: number | null;
};
export type ShellyInput = { readonly channel: number; readonly active: boolean | null };
export type ShellyParts = {
  readonly switches: readonly ShellySwitch[];
  readonly meters: readonly ShellyMeter[];
  readonly inputs: readonly ShellyInput[];
  /** shutters: the profile has no switch that a machine could hang on */
  readonly covers: readonly { readonly channel: number; readonly state: string | null }[];
};

export type ShellyGen2Message =
  /** `device` is the true id; the topic's prefix is what its user typed. `isPartial`: merge it into what is known. */
  | { readonly kind: "status"; readonly device?: string; readonly isPartial: boolean; readonly parts: ShellyParts }
  | { readonly kind: "event"; readonly component: string; readonly event: string }
  | { readonly kind: "availability"; readonly online: boolean }
  | { readonly kind: "result"; readonly id: number; readonly wasOn?: boolean; readonly parts: ShellyParts }
  | { readonly kind: "failure"; readonly code: number | null; readonly text: string; readonly auth?: ShellyDigest }
  | { readonly kind: "request"; readonly method: string; readonly params: Fields }
  | { readonly kind: "command"; readonly target: string; readonly value: string }
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };
/** What a device asks for before it obeys: digest with SHA-256 (RFC 7616). */
export type ShellyDigest = { readonly algorithm: string; readonly realm: string; readonly nonce: number };

export const shellyGen2Cannot = [
  "decide offline, or read cards",
  "measure on every model: a relay without meter never says power",
  "stay off after a power cut, unless initial_state is off",
] as const;

/** One message. A payload of bare components (HTTP Shelly.GetStatus) is a whole status. */
export function parseShellyGen2(topic: string, payload: string): ShellyGen2Message {
  const levels = topic.split("/");
  const leaf = levels.at(-1) ?? "";
  if (levels.includes("command")) {
    return { kind: "command", target: leaf === "command" ? "" : leaf, value: payload };
  }
  if (leaf === "online") {
    if (payload !== "true" && payload !== "false") return { kind: "invalid", why: "online is neither true nor false" };
    return { kind: "availability", online: payload === "true" };
  }
  const json = parseJson(payload);
  if (json === undefined || !isFields(json.value)) return { kind: "invalid", why: "the payload is no JSON object" };
  if (levels.at(-2) === "status") {
    const parts = partsOf({ [leaf]: json.value });
    return isEmpty(parts) ? { kind: "other" } : { kind: "status", isPartial: false, parts };
  }
  return rpc(json.value);
}

function rpc(fields: Fields): ShellyGen2Message {
  const device = said({ device: textOf(own(fields, "src")) });
  const method = textOf(own(fields, "method"));
  const params = fieldsAt(fields, "params");
  if (method === "NotifyStatus" || method === "NotifyFullStatus") {
    const parts = partsOf(params);
    return isEmpty(parts) ? { kind: "other" } : { kind: "status", ...device, isPartial: method === "NotifyStatus", parts };
  }
  if (method === "NotifyEvent") return eventOf(params);
  if (method !== undefined) return { kind: "request", method, params };
  if (isFields(own(fields, "error"))) return failureOf(fieldsAt(fields, "error"));
  const id = numberOf(own(fields, "id"));
  const result = fieldsAt(fields, "result");
  if (isFields(own(fields, "result")) && typeof id === "number") {
    const wasOn = own(result, "was_on");
    const parts = Object.hasOwn(result, "output") ? partsOf({ [`switch:${String(own(result, "id"))}`]: result }) : partsOf(result);
    return { kind: "result", id, parts, ...(typeof wasOn === "boolean" ? { wasOn } : {}) };
  }
  const parts = partsOf(fields);
  return isEmpty(parts) ? { kind: "other" } : { kind: "status", isPartial: false, parts };
}

function eventOf(params: Fields): ShellyGen2Message {
  const events = own(params, "events");
  const first: unknown = Array.isArray(events) ? events[0] : undefined;
  const component = isFields(first) ? textOf(own(first, "component")) : undefined;
  const event = isFields(first) ? textOf(own(first, "event")) : undefined;
  if (component === undefined || event === undefined) return { kind: "other" };
  return { kind: "event", component, event };
}

/** `message` is text, and for code 401 JSON inside that text. */
function failureOf(error: Fields): ShellyGen2Message {
  const text = textOf(own(error, "message")) ?? "";
  const inner = parseJson(text);
  const digest = isFields(inner?.value) ? inner.value : {};
  const algorithm = textOf(own(digest, "algorithm"));
  const realm = textOf(own(digest, "realm"));
  const nonce = numberOf(own(digest, "nonce"));
  const isDigest = algorithm !== undefined && realm !== undefined && typeof nonce === "number";
  return { kind: "failure", code: numberOf(own(error, "code")) ?? null, text, ...(isDigest ? { auth: { algorithm, realm, nonce } } : {}) };
}

const isEmpty = (parts: ShellyParts) => Object.values(parts).every((list) => list.length === 0);

function partsOf(fields: Fields): ShellyParts {
  const named = Object.entries(fields).flatMap(([key, value]) => {
    const found = /^(switch|input|cover|em|em1|emdata|em1data|pm1):(\d{1,3})$/.exec(key);
    return found?.[1] === undefined || !isFields(value) ? [] : [{ component: found[1], channel: Number(found[2]), value }];
  });
  const of = (component: string) => named.filter((part) => part.component === component);
  return {
    switches: of("switch").map(({ channel, value }) => switchOf(channel, value)),
    inputs: of("input").map(({ channel, value }) => ({
      channel,
      active: own(value, "state") === null ? null : own(value, "state") === true,
    })),
    covers: of("cover").map(({ channel, value }) => ({ channel, state: textOf(own(value, "state")) ?? null })),
    meters: (["em", "em1", "emdata", "em1data", "pm1"] as const).flatMap((component) =>
      of(component).map(({ channel, value }) => meterOf(component, channel, value)),
    ),
  };
}

function switchOf(channel: number, value: Fields): ShellySwitch {
  const on = own(value, "output");
  const energy = fieldsAt(value, "aenergy");
  const byMinute = own(energy, "by_minute");
  const errors = own(value, "errors");
  return {
    channel,
    ...said({
      on: typeof on === "boolean" ? on : undefined,
      powerW: numberOf(own(value, "apower")),
      voltageV: numberOf(own(value, "voltage")),
      currentA: numberOf(own(value, "current")),
      powerFactor: numberOf(own(value, "pf")),
      frequencyHz: numberOf(own(value, "freq")),
      energyWh: numberOf(own(energy, "total")),
      byMinuteMilliWh: isNumbers(byMinute) ? byMinute : undefined,
      errors: Array.isArray(errors) ? errors.filter((error) => typeof error === "string") : undefined,
    }),
  };
}
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every((one) => typeof numberOf(one) === "number");

function meterOf(component: ShellyMeter["component"], channel: number, value: Fields): ShellyMeter {
  const phases = ["a", "b", "c"].map((phase) => numberOf(own(value, `${phase}_act_power`)));
  return {
    component,
    channel,
    ...said({
      powerW: numberOf(own(value, "total_act_power") ?? own(value, "act_power") ?? own(value, "apower")),
      phasesW: phases.every((phase) => phase !== undefined) ? phases : undefined,
      energyWh: numberOf(own(value, "total_act") ?? own(value, "total_act_energy") ?? own(fieldsAt(value, "aenergy"), "total")),
      voltageV: numberOf(own(value, "voltage") ?? own(value, "a_voltage")),
      currentA: numberOf(own(value, "total_current") ?? own(value, "current")),
      neutralA: numberOf(own(value, "n_current")),
    }),
  };
}

/** What is known after one more report: a part keeps the rest. */
export function mergeSwitch(known: ShellySwitch | undefined, report: ShellySwitch): ShellySwitch {
  return { ...known, ...report };
}
