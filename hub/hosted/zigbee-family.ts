/**
 * A Zigbee plug behind Zigbee2MQTT as a hosted family. Zigbee2MQTT speaks for all its devices over one account, so that account holds its
 * whole base. The dead-man is `on_time`, which every ON restarts, where the plug has it (design notes C4).
 */
import { socketTraits } from "./energy-reader.ts";
import {
  type DeviceAddress,
  defineFamily,
  type FamilyDescription,
  meterOptions,
  mqtt,
  type Sense,
  type Steadied,
  steadied,
  steadyFrom,
} from "./family.ts";
import { fieldsAt, isFields, numberText, own, parseJson, said, textOf } from "./json.ts";
import { parseZigbee, type ZigbeePlug, zigbeeCannot } from "./zigbee2mqtt.ts";

type Memory = { readonly steady: Steadied; readonly isOff: boolean };

const baseOf = ({ name }: DeviceAddress): string => name.split("/").slice(0, -1).join("/") || name;
/** the register of on_time counts tenths of a second in 16 bits */
const onTimeMaxS = 6553;
const memoryNames = ["power_on_behavior", "power_outage_memory"] as const;

export const zigbeeFamily = defineFamily<Memory>({
  label: "Zigbee plugs through Zigbee2MQTT",
  transport: { kind: "mqtt", topics: (address) => ({ says: [`${baseOf(address)}/#`], hears: [`${baseOf(address)}/#`] }) },
  parts: ["relay", "meter"],
  options: meterOptions,
  cannot: zigbeeCannot,
  // a plug at rest says something every few minutes at most
  silentMs: 11 * 60_000,
  // steps of the coarsest plugs; one that carries a steady load says so once a minute
  counter: { ...socketTraits, reportMs: 60_000, stepWh: 10 },
  initial: () => ({ steady: steadyFrom, isOff: false }),
  read(heard, memory, address, nowMs) {
    if (heard.kind !== "mqtt") return [memory, []];
    const { topic, payload } = heard;
    if (topic === `${baseOf(address)}/bridge/state`) {
      const bridge = parseZigbee(topic, payload);
      return [memory, bridge.kind === "bridge" && !bridge.online ? [{ kind: "availability", online: false }] : []];
    }
    if (topic !== address.name && !topic.startsWith(`${address.name}/`)) return [memory, []];
    const message = parseZigbee(topic, payload);
    if (message.kind === "availability") return [memory, [{ kind: "availability", online: message.online }]];
    if (message.kind === "plug") return plugged(message, memory, nowMs, settingsIn(payload));
    const plug = message.kind === "attribute" ? attributeOf(message.attribute, message.value) : null;
    return plug === null ? [memory, []] : plugged(plug, memory, nowMs, []);
  },
  orders(order, address) {
    switch (order.kind) {
      case "on":
      case "refresh":
        return [mqtt(`${address.name}/set`, { state: "ON", on_time: Math.min(onTimeMaxS, Math.round(order.forS)) })];
      case "off":
        return [mqtt(`${address.name}/set`, { state: "OFF" })];
      case "ask":
        return [mqtt(`${address.name}/get`, { state: "" })];
      default:
        return [];
    }
  },
  provision: ({ name }) => ({
    requests: memoryNames.map((key) => mqtt(`${name}/set`, { [key]: "off" })),
    wants: { power_on: "off" },
  }),
  recognise(topic, payload) {
    const fields = parseJson(payload)?.value;
    if (!isFields(fields) || !Object.hasOwn(fields, "linkquality") || !("power" in fields || "state" in fields)) return null;
    if (topic.split("/").length < 2 || topic.endsWith("/set") || topic.endsWith("/get")) return null;
    const model = textOf(own(fieldsAt(fields, "device"), "model"));
    return { name: topic, ...said({ model }) };
  },
} satisfies FamilyDescription<Memory>);

/** output: attribute. An empty value is what a null becomes. */
function attributeOf(attribute: string, value: string): ZigbeePlug | null {
  const number = value === "" ? null : numberText(value);
  switch (attribute) {
    case "state":
      return { kind: "plug", on: value === "ON" ? true : value === "OFF" ? false : null };
    case "power":
      return number === undefined ? null : { kind: "plug", powerW: number };
    case "energy":
      return number === undefined ? null : { kind: "plug", energyKwh: number };
    case "voltage":
      return number === undefined ? null : { kind: "plug", voltageV: number };
    default:
      return null;
  }
}

/** Some plugs keep their last watts after they were switched off (issue 17600): a relay that is off draws nothing. */
function plugged(plug: ZigbeePlug, memory: Memory, nowMs: number, settings: readonly Sense[]): readonly [Memory, readonly Sense[]] {
  const isOff = typeof plug.on === "boolean" ? !plug.on : memory.isOff;
  const relay: readonly Sense[] = typeof plug.on === "boolean" ? [{ kind: "relay", on: plug.on }] : [];
  const stuck = isOff && typeof plug.powerW === "number" && plug.powerW !== 0 ? null : plug.powerW;
  const [steady, powerW] = stuck === undefined ? [memory.steady, undefined] : steadied(memory.steady, stuck, isOff, nowMs);
  const told = said({
    powerW,
    energyWh: typeof plug.energyKwh === "number" ? plug.energyKwh * 1000 : plug.energyKwh,
    voltageV: plug.voltageV,
  });
  const power: readonly Sense[] = Object.keys(told).length === 0 ? [] : [{ kind: "power", ...told }];
  return [{ steady, isOff }, [...relay, ...power, ...settings]];
}

/** Plugs of different makers call it by different names. */
function settingsIn(payload: string): readonly Sense[] {
  const fields = parseJson(payload)?.value;
  if (!isFields(fields)) return [];
  const value = memoryNames.map((name) => textOf(own(fields, name))).find((text) => text !== undefined);
  return value === undefined ? [] : [{ kind: "setting", name: "power_on", value }];
}
