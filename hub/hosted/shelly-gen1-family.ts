/**
 * Shelly of the first generation as a hosted family: plug and meter. By MQTT it has no timer of its own, so the dead-man is its setting
 * `auto_off`, which every `on` begins again and which only its own page can set (design notes C2; Shelly Gen1 documentation, MQTT and
 * settings/relay/0). A refresh is an `on`: the host sends it only to a relay that it has just heard to be on.
 */
import { socketTraits } from "./energy-reader.ts";
import {
  defineFamily,
  type FamilyDescription,
  isAmong,
  meterOptions,
  mqtt,
  type Sense,
  type Steadied,
  steadied,
  steadyFrom,
} from "./family.ts";
import { said } from "./json.ts";
import { parseShellyGen1, type ShellyGen1Message, shellyGen1Cannot } from "./shelly-gen1.ts";

type Memory = { readonly steady: Steadied; readonly isOff: boolean };

export const shellyGen1Family = defineFamily<Memory>({
  label: "Shelly, first generation",
  transport: {
    kind: "mqtt",
    topics: ({ name }) => ({
      says: [`shellies/${name}/#`, "shellies/announce"],
      hears: [`shellies/${name}/command`, `shellies/${name}/relay/+/command`, "shellies/command"],
    }),
  },
  parts: ["relay", "meter"],
  options: meterOptions,
  cannot: [...shellyGen1Cannot, "be given its dead-man from here: set Auto off and Power on default off on its own page"],
  silentMs: 95_000, // it reports every 30 s
  counter: { ...socketTraits, reportMs: 30_000, atBoot: "zero" },
  initial: () => ({ steady: steadyFrom, isOff: false }),
  read(heard, memory, { name, channel }, nowMs) {
    if (heard.kind !== "mqtt" || !isAmong([`shellies/${name}/#`], heard.topic)) return [memory, []];
    const message = parseShellyGen1(heard.topic, heard.payload);
    if (message.kind === "relay") {
      if (message.channel !== channel) return [memory, []];
      return [{ ...memory, isOff: !message.on }, [{ kind: "relay", on: message.on }]];
    }
    if (message.kind === "power" || (message.kind === "clamp" && message.field === "power")) {
      if (message.channel !== channel && message.channel !== "all") return [memory, []];
      const raw = message.kind === "power" ? message.powerW : message.value;
      const [steady, powerW] = steadied(memory.steady, raw, memory.isOff, nowMs);
      return [{ ...memory, steady }, powerW === undefined ? [] : [{ kind: "power", powerW }]];
    }
    return [memory, sensesOf(message, channel)];
  },
  orders(order, { name, channel }) {
    switch (order.kind) {
      case "on":
      case "refresh":
        return [mqtt(`shellies/${name}/relay/${channel}/command`, "on")];
      case "off":
        return [mqtt(`shellies/${name}/relay/${channel}/command`, "off")];
      case "ask":
        return [mqtt(`shellies/${name}/command`, "update"), mqtt(`shellies/${name}/command`, "announce")];
      default:
        return [];
    }
  },
  provision: () => null,
  recognise(topic, payload) {
    const message = parseShellyGen1(topic, payload);
    if (message.kind === "announce") return { name: message.id, ...said({ model: message.model }) };
    const [root, name] = topic.split("/");
    return root === "shellies" &&
      name !== undefined &&
      message.kind !== "invalid" &&
      message.kind !== "command" &&
      message.kind !== "other" &&
      topic.split("/").length > 2
      ? { name }
      : null;
  },
} satisfies FamilyDescription<Memory>);

function sensesOf(message: ShellyGen1Message, channel: number): readonly Sense[] {
  if (message.kind === "availability") return [{ kind: "availability", online: message.online }];
  if (message.kind === "announce")
    return [{ kind: "identity", ...said({ model: message.model, firmware: message.firmware, ip: message.ip }) }];
  const isOurs = "channel" in message && (message.channel === channel || message.channel === "all");
  if (message.kind === "energy" && isOurs) return [{ kind: "power", energyWh: message.energyWh }];
  if (message.kind !== "clamp" || !isOurs) return [];
  if (message.field === "total") return [{ kind: "power", energyWh: message.value }];
  return message.field === "voltage" ? [{ kind: "power", voltageV: message.value }] : [];
}
