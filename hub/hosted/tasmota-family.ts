/**
 * Tasmota as a hosted family: plug, meter and card reader. The dead-man is PulseTime, which every Power ON restarts; what it needs is in
 * `provision` (tasmota.github.io/docs Commands, PulseTime; design notes C1). Times are the hub's: a device may live in 1970.
 */
import { socketTraits } from "./energy-reader.ts";
import {
  type DeviceAddress,
  defineFamily,
  type FamilyDescription,
  type HeardCard,
  meterOptions,
  mqtt,
  type Sense,
  type Steadied,
  steadied,
  steadyFrom,
} from "./family.ts";
import { fieldsAt, isFields, numberOf, own, parseJson, said } from "./json.ts";
import {
  type Phases,
  parseTasmota,
  parseTasmotaTopic,
  phaseSum,
  type TasmotaMessage,
  type TasmotaMeter,
  tasmotaCannot,
} from "./tasmota.ts";

type Memory = { readonly steady: Steadied; readonly isOff: boolean; readonly totalKwh: number | null };

const prefixes = ["tele", "stat", "cmnd"] as const;
/** FullTopic is `%prefix%/%topic%/` unless an option says that the name comes first. */
const topicOf = ({ name, options }: DeviceAddress, prefix: (typeof prefixes)[number], leaf: string): string =>
  options.order === "name-first" ? `${name}/${prefix}/${leaf}` : `${prefix}/${name}/${leaf}`;
const number = (channel: number): string => String(channel + 1);
const settings = { PowerOnState: "0", SetOption0: "0", TelePeriod: "10", PowerDelta: "105" } as const;
/** PulseTime counts tenths of a second up to 111 and seconds from 112 on, plus 100. */
export const pulseTime = (forS: number): string =>
  String(forS <= 11 ? Math.max(1, Math.round(forS * 10)) : Math.min(64_900, Math.round(forS) + 100));

export const tasmotaFamily = defineFamily<Memory>({
  label: "Tasmota plugs, relays and readers",
  transport: {
    kind: "mqtt",
    topics: (address) => ({
      // On connecting it says an empty word to its own POWER command, which must be let pass and means nothing.
      says: [topicOf(address, "tele", "#"), topicOf(address, "stat", "#"), topicOf(address, "cmnd", "POWER")],
      hears: [topicOf(address, "cmnd", "#")],
    }),
  },
  parts: ["relay", "meter", "reader"],
  options: { order: { about: "name-first where FullTopic is %topic%/%prefix%/", secret: false, required: false }, ...meterOptions },
  cannot: tasmotaCannot,
  silentMs: 35_000,
  counter: socketTraits,
  initial: () => ({ steady: steadyFrom, isOff: false, totalKwh: null }),
  read(heard, memory, address, nowMs) {
    if (heard.kind !== "mqtt") return [memory, []];
    const at = parseTasmotaTopic(heard.topic);
    if (at === undefined || at.prefix === "cmnd" || at.name !== address.name) return [memory, []];
    const message = parseTasmota(heard.topic, heard.payload);
    const relays = relaysIn(message);
    const relay = relays.find(({ index }) => index === address.channel);
    const known = relay === undefined ? memory : { ...memory, isOff: !relay.on };
    const senses: Sense[] = relay === undefined ? [] : [{ kind: "relay", on: relay.on }];
    if (message.kind === "meter") {
      const [next, power] = powerOf(message, known, nowMs);
      return [next, power === null ? senses : [...senses, power]];
    }
    return [
      known,
      [...senses, ...sensesOf(message), ...(at.leaf === "RESULT" || at.leaf === "STATUS" ? settingsIn(heard.payload, address) : [])],
    ];
  },
  orders(order, address) {
    const power = topicOf(address, "cmnd", `POWER${number(address.channel)}`);
    const pulse = `PulseTime${number(address.channel)}`;
    switch (order.kind) {
      case "on":
        // The time first: a plug that loses the second word stays off, one that loses the first would stay on.
        return [mqtt(topicOf(address, "cmnd", "Backlog0"), `${pulse} ${pulseTime(order.forS)}; Power${number(address.channel)} 1`)];
      case "refresh":
        // Setting the time begins it again and switches nothing on (Tasmota support_command, CmndPulsetime).
        return [mqtt(topicOf(address, "cmnd", pulse), pulseTime(order.forS))];
      case "off":
        return [mqtt(power, "OFF")];
      case "ask":
        return [mqtt(power, ""), mqtt(topicOf(address, "cmnd", "STATUS"), "8"), mqtt(topicOf(address, "cmnd", "STATUS"), "11")];
      case "identify":
        return [mqtt(topicOf(address, "cmnd", "Backlog0"), "LedPower 1; Delay 5; LedPower 0; Delay 5; LedPower 1; Delay 5; LedPower 0")];
      default:
        return [];
    }
  },
  provision(address, forS) {
    const pulse = `PulseTime${number(address.channel)}`;
    const words = [...Object.entries(settings).map(([name, value]) => `${name} ${value}`), `${pulse} ${pulseTime(forS)}`];
    const asked = [...Object.keys(settings), pulse];
    return {
      requests: [
        mqtt(topicOf(address, "cmnd", "Backlog0"), words.join("; ")),
        ...asked.map((name) => mqtt(topicOf(address, "cmnd", name), "")),
      ],
      wants: { ...settings, [pulse]: pulseTime(forS) },
    };
  },
  recognise(topic, payload) {
    const at = parseTasmotaTopic(topic);
    if (at === undefined || at.prefix === "cmnd" || at.name === "") return null;
    const message = parseTasmota(topic, payload);
    if (message.kind === "info") return { name: at.name, ...said({ model: message.module }) };
    return at.leaf === "LWT" || at.leaf === "STATE" || at.leaf === "SENSOR" ? { name: at.name } : null;
  },
} satisfies FamilyDescription<Memory>);

function relaysIn(message: TasmotaMessage): readonly { readonly index: number; readonly on: boolean }[] {
  if (message.kind === "relay") return [message];
  return message.kind === "state" ? message.relays : [];
}

const sum = (value: Phases | undefined): number | null | undefined => (value === undefined ? undefined : phaseSum(value));

/** A report that names no real power (Teleinfo gives apparent power as "Power") is a meter all the same; one without any says nothing. */
function powerOf(message: TasmotaMeter, memory: Memory, nowMs: number): readonly [Memory, Sense | null] {
  const raw = sum(message.powerW);
  const [steady, powerW] = raw === undefined ? [memory.steady, undefined] : steadied(memory.steady, raw, memory.isOff, nowMs);
  const totalKwh = sum(message.totalKwh);
  const voltage = message.voltageV;
  const told = said({
    powerW,
    // a counter that says 0 after it had a value has lost it; the core takes every fall as a new beginning
    energyWh: typeof totalKwh === "number" ? totalKwh * 1000 : totalKwh,
    voltageV: typeof voltage === "number" ? voltage : undefined,
  });
  const next = { ...memory, steady, totalKwh: totalKwh ?? memory.totalKwh };
  return [next, Object.keys(told).length === 0 ? null : { kind: "power", ...told }];
}

function sensesOf(message: TasmotaMessage): readonly Sense[] {
  switch (message.kind) {
    case "availability":
      return [{ kind: "availability", online: message.online }];
    case "state":
      return message.uptimeS === undefined ? [] : [{ kind: "uptime", s: message.uptimeS }];
    case "card":
      return [{ kind: "card", card: { medium: message.reader === "RDM6300" ? "em32" : "iso14443a", hex: message.uid } }];
    case "wiegand":
      return cardOfWiegand(message.uid, message.bits);
    case "info": {
      const { module: model, version: firmware, ip, restartReason } = message;
      const identity = said({ model, firmware, ip });
      return [
        ...(Object.keys(identity).length === 0 ? [] : [{ kind: "identity", ...identity } as const]),
        ...(restartReason === undefined ? [] : [{ kind: "started" } as const]),
      ];
    }
    default:
      return [];
  }
}

/** UID 0 is what some versions give after a parity error. */
function cardOfWiegand(value: bigint, bits: number): readonly Sense[] {
  const card: HeardCard = { medium: "wiegand", bits, value };
  return value === 0n ? [] : [{ kind: "card", card }];
}

/** Answers to questions about settings: numbers, `ON` and `OFF`, or for PulseTime an object with what is set. */
function settingsIn(payload: string, { channel }: DeviceAddress): readonly Sense[] {
  const json = parseJson(payload);
  if (!isFields(json?.value)) return [];
  const fields = json.value;
  const pulse = `PulseTime${number(channel)}`;
  const found = Object.keys(settings).flatMap((name): Sense[] => {
    const value = own(fields, name);
    if (value === "ON" || value === "OFF") return [{ kind: "setting", name, value: value === "ON" ? "1" : "0" }];
    const known = numberOf(value);
    return typeof known === "number" ? [{ kind: "setting", name, value: String(known) }] : [];
  });
  const set = numberOf(own(fieldsAt(fields, pulse), "Set"));
  return typeof set === "number" ? [...found, { kind: "setting", name: pulse, value: String(set) }] : found;
}
