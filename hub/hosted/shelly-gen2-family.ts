/**
 * Shelly of the second generation and later as a hosted family: JSON-RPC over MQTT, parts merged, `toggle_after` as dead-man, which each
 * Switch.Set begins again (Shelly Gen2 documentation, Switch; design notes C3). Answers come on `<source of the request>/rpc`, and the
 * source is below the device's own prefix, so that its account reaches no further than itself.
 */
import { socketTraits } from "./energy-reader.ts";
import {
  type DeviceAddress,
  defineFamily,
  type FamilyDescription,
  meterOptions,
  mqtt,
  type Request,
  type Sense,
  type Steadied,
  steadied,
  steadyFrom,
} from "./family.ts";
import { fieldsAt, isFields, own, parseJson, said } from "./json.ts";
import { parseShellyGen2, type ShellyGen2Message, type ShellyParts, shellyGen2Cannot } from "./shelly-gen2.ts";

type Memory = { readonly steady: Steadied; readonly isOff: boolean };
const sourceOf = (name: string): string => `${name}/koprade`;
const wants = { initial_state: "off", auto_on: "false" } as const;

const rpc = ({ name }: DeviceAddress, id: number, method: string, params: Record<string, unknown>): Request =>
  mqtt(`${name}/rpc`, { id, src: sourceOf(name), method, params });

export const shellyGen2Family = defineFamily<Memory>({
  label: "Shelly, second generation and later",
  transport: {
    kind: "mqtt",
    topics: ({ name }) => ({
      says: [`${name}/events/rpc`, `${name}/status/+`, `${name}/online`, `${sourceOf(name)}/rpc`],
      hears: [`${name}/rpc`, `${name}/command`, `${name}/command/+`],
    }),
  },
  parts: ["relay", "meter"],
  options: meterOptions,
  cannot: shellyGen2Cannot,
  silentMs: 35_000, // it tells changes only, and is asked every 10 s
  counter: { ...socketTraits, reportMs: 15_000, stepWh: 0.001 },
  initial: () => ({ steady: steadyFrom, isOff: false }),
  read(heard, memory, address, nowMs) {
    if (heard.kind !== "mqtt" || !heard.topic.startsWith(`${address.name}/`)) return [memory, []];
    const rest = heard.topic.slice(address.name.length + 1);
    if (!/^(events\/rpc|online|status\/[^/]+|koprade\/rpc)$/.test(rest)) return [memory, []];
    const message = parseShellyGen2(heard.topic, heard.payload);
    if (message.kind === "availability") return [memory, [{ kind: "availability", online: message.online }]];
    const parts = partsOf(message);
    if (parts === null) return [memory, []];
    const [next, senses] = merged(parts, memory, address.channel, nowMs);
    return [next, [...senses, ...settingsIn(heard.payload), ...identityIn(heard.payload), ...uptimeIn(heard.payload)]];
  },
  orders(order, address) {
    const id = address.channel;
    switch (order.kind) {
      case "on":
      case "refresh":
        return [rpc(address, 1, "Switch.Set", { id, on: true, toggle_after: order.forS }), rpc(address, 2, "Switch.GetStatus", { id })];
      case "off":
        return [rpc(address, 1, "Switch.Set", { id, on: false }), rpc(address, 2, "Switch.GetStatus", { id })];
      case "ask":
        return [rpc(address, 3, "Shelly.GetStatus", {})];
      default:
        return [];
    }
  },
  provision(address) {
    const id = address.channel;
    return {
      requests: [
        rpc(address, 4, "Switch.SetConfig", { id, config: { initial_state: "off", auto_on: false } }),
        rpc(address, 5, "Switch.GetConfig", { id }),
        rpc(address, 6, "Shelly.GetDeviceInfo", {}),
      ],
      wants,
    };
  },
  recognise(topic, payload) {
    const found = /^(.+)\/(events\/rpc|online|status\/[^/]+)$/.exec(topic);
    const name = found?.[1];
    if (name === undefined || topic.startsWith("shellies/") || topic.startsWith("tele/")) return null;
    const message = parseShellyGen2(topic, payload);
    if (found?.[2] === "online") return message.kind === "availability" ? { name } : null;
    return message.kind === "status" ? { name, ...said({ model: message.device?.split("-")[0] }) } : null;
  },
} satisfies FamilyDescription<Memory>);

/** Null for a message without a state. */
function partsOf(message: ShellyGen2Message): ShellyParts | null {
  return message.kind === "status" || message.kind === "result" ? message.parts : null;
}

function merged(parts: ShellyParts, memory: Memory, channel: number, nowMs: number): readonly [Memory, readonly Sense[]] {
  const one = parts.switches.find((each) => each.channel === channel);
  const clamp = parts.meters.find((each) => each.channel === channel);
  const known = one?.on === undefined ? memory : { ...memory, isOff: !one.on };
  const relay: readonly Sense[] = one?.on === undefined ? [] : [{ kind: "relay", on: one.on }];
  const raw = one?.powerW === undefined ? clamp?.powerW : one.powerW;
  const [steady, powerW] = raw === undefined ? [known.steady, undefined] : steadied(known.steady, raw, known.isOff, nowMs);
  const told = said({ powerW, energyWh: one?.energyWh === undefined ? clamp?.energyWh : one.energyWh, voltageV: one?.voltageV });
  return [{ ...known, steady }, Object.keys(told).length === 0 ? relay : [...relay, { kind: "power", ...told }]];
}

/** The answer to Switch.GetConfig. */
function settingsIn(payload: string): readonly Sense[] {
  const json = parseJson(payload);
  const result = isFields(json?.value) ? fieldsAt(json.value, "result") : {};
  const [state, autoOn] = [own(result, "initial_state"), own(result, "auto_on")];
  return [
    ...(typeof state === "string" ? [{ kind: "setting", name: "initial_state", value: state } as const] : []),
    ...(typeof autoOn === "boolean" ? [{ kind: "setting", name: "auto_on", value: String(autoOn) } as const] : []),
  ];
}

/** The answer to Shelly.GetDeviceInfo. */
function identityIn(payload: string): readonly Sense[] {
  const json = parseJson(payload);
  const result = isFields(json?.value) ? fieldsAt(json.value, "result") : {};
  const [model, firmware] = [own(result, "model"), own(result, "ver")];
  return typeof model === "string" ? [{ kind: "identity", model, ...(typeof firmware === "string" ? { firmware } : {}) }] : [];
}

/** In the answer to Shelly.GetStatus, and in notices now and then. */
function uptimeIn(payload: string): readonly Sense[] {
  const json = parseJson(payload);
  const fields = isFields(json?.value) ? json.value : {};
  const s = [fieldsAt(fields, "result"), fieldsAt(fields, "params")].map((part) => own(fieldsAt(part, "sys"), "uptime")).find(isSeconds);
  return s === undefined ? [] : [{ kind: "uptime", s }];
}
const isSeconds = (value: unknown): value is number => typeof value === "number" && value >= 0;
