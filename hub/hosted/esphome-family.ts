/**
 * A plug with ESPHome over MQTT as a hosted family. ESPHome has no dead-man of its own; the one of `hub/README.md` is a number whose
 * value in seconds holds the relay, and starts again with every word. Without it the plug is not switched (design notes C5).
 */

import { socketTraits } from "./energy-reader.ts";
import { type EspHomeMessage, espHomeCannot, parseEspHome } from "./esphome.ts";
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

type Memory = { readonly steady: Steadied; readonly isOff: boolean };

/** names of its objects, where they are others than these */
const objectNames = { relay: "relay", lease: "lease", power: "power", energy: "energy", voltage: "voltage" } as const;
type ObjectName = keyof typeof objectNames;
const objectOf = ({ options }: DeviceAddress, name: ObjectName): string => options[name] ?? objectNames[name];

export const espHomeFamily = defineFamily<Memory>({
  label: "ESPHome over MQTT",
  transport: {
    kind: "mqtt",
    topics: (address) => ({
      says: [`${address.name}/#`, `homeassistant/+/${address.name}/+/config`],
      hears: [`${address.name}/+/+/command`],
    }),
  },
  parts: ["relay", "meter", "reader"],
  options: {
    relay: { about: 'object of the switch, "relay"', secret: false, required: false },
    lease: { about: 'object of the number that holds it on, "lease"', secret: false, required: false },
    power: { about: 'object of the sensor in W, "power"', secret: false, required: false },
    energy: { about: 'object of the counter, "energy"', secret: false, required: false },
    voltage: { about: 'object of the sensor in V, "voltage"', secret: false, required: false },
    ...meterOptions,
    energyUnit: { about: "Wh, where the counter is not in kWh", secret: false, required: false },
  },
  cannot: [...espHomeCannot, "be switched without the lease of its configuration (hub/README.md)"],
  silentMs: 120_000,
  counter: { ...socketTraits, reportMs: 60_000, atBoot: "zero" },
  initial: () => ({ steady: steadyFrom, isOff: false }),
  read(heard, memory, address, nowMs) {
    if (heard.kind !== "mqtt" || !heard.topic.startsWith(`${address.name}/`)) return [memory, []];
    const message = parseEspHome(heard.topic, heard.payload);
    switch (message.kind) {
      case "availability":
        return [memory, [{ kind: "availability", online: message.online }]];
      case "card":
        return [memory, [{ kind: "card", card: { medium: "iso14443a", hex: message.uid } }]];
      case "switch":
        return message.object === objectOf(address, "relay")
          ? [{ ...memory, isOff: !message.on }, [{ kind: "relay", on: message.on }]]
          : [memory, []];
      case "contact":
        return [memory, message.isDoor ? [{ kind: "contact", open: message.on }] : []];
      case "sensor":
        return measured(message, memory, address, nowMs);
      default:
        return [memory, []];
    }
  },
  orders(order, address) {
    const lease = `${address.name}/number/${objectOf(address, "lease")}/command`;
    switch (order.kind) {
      case "on":
      case "refresh":
        return [mqtt(lease, String(Math.max(1, Math.round(order.forS))))];
      case "off":
        return [mqtt(`${address.name}/switch/${objectOf(address, "relay")}/command`, "OFF")];
      default:
        return [];
    }
  },
  provision: () => null,
  recognise(topic) {
    const name = /^(.+)\/(?:sensor|switch|binary_sensor|number)\/[\w-]+\/state$/.exec(topic)?.[1];
    return name === undefined ? null : { name };
  },
} satisfies FamilyDescription<Memory>);

/** "nan" says that it does not know. */
function measured(
  { object, value }: Extract<EspHomeMessage, { kind: "sensor" }>,
  memory: Memory,
  address: DeviceAddress,
  nowMs: number,
): readonly [Memory, readonly Sense[]] {
  const is = (name: ObjectName): boolean => object === objectOf(address, name);
  if (is("power")) {
    const [steady, powerW] = steadied(memory.steady, value, memory.isOff, nowMs);
    return [{ ...memory, steady }, powerW === undefined ? [] : [{ kind: "power", powerW }]];
  }
  if (is("energy")) {
    const factor = address.options.energyUnit === "Wh" ? 1 : 1000;
    return [memory, [{ kind: "power", energyWh: value === null ? null : value * factor }]];
  }
  return [memory, is("voltage") ? [{ kind: "power", voltageV: value }] : []];
}
