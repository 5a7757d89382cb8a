/** Shelly's messages in the spelling of recorded lines. */
import { walkCounter } from "../hosted/energy.ts";
import { rounded, said } from "../hosted/json.ts";
import { parseShellyGen1, type ShellyGen1Message } from "../hosted/shelly-gen1.ts";
import { mergeSwitch, parseShellyGen2, type ShellyGen2Message, type ShellyParts, type ShellySwitch } from "../hosted/shelly-gen2.ts";
import { type Decoded, type Decoder, type Message, merged, messagesOf, refused } from "./decode-recorded.ts";

export const shellyDecoders: Readonly<Record<string, Decoder>> = {
  "shelly-gen1": ({ topic, payload, sequence }) => {
    if (sequence !== undefined) return gen1Sequence(messagesOf(sequence));
    return payload === undefined ? refused("the line has no payload") : gen1(parseShellyGen1(topic, payload));
  },
  "shelly-gen2": ({ topic, payload, sequence }) => {
    if (sequence !== undefined) return gen2Sequence(messagesOf(sequence));
    return payload === undefined ? refused("the line has no payload") : gen2(parseShellyGen2(topic, payload));
  },
};

function gen1(message: ShellyGen1Message): Decoded {
  switch (message.kind) {
    case "relay":
      return {
        type: "relay",
        channel: message.channel,
        on: message.on,
        ...(message.overpower ? { overpower: true, fault: "overpower" } : {}),
      };
    case "power":
      return { type: "power", channel: message.channel, power_w: message.powerW };
    case "energy":
      return { type: "energy", channel: message.channel, energy_wh: message.energyWh, watt_minutes: message.wattMinutes };
    case "clamp":
      return { channel: message.channel, field: message.field, value: message.value };
    case "value":
      return { field: message.field, value: message.value };
    case "input":
      return { type: "input", channel: message.channel, state: message.active };
    case "availability":
      return { type: "availability", online: message.online };
    case "announce":
      return said({ id: message.id, type: "announce", model: message.model, firmware: message.firmware, ip: message.ip });
    case "status":
      return gen1Status(message);
    case "command":
      return { meaning: "command" };
    case "other":
      return { type: "ignore" };
    case "invalid":
      return refused(message.why);
  }
}

function gen1Status({ relays, meters, uptimeS }: Extract<ShellyGen1Message, { kind: "status" }>): Decoded {
  const each = <T>(values: readonly (T | undefined)[]) => (values.length > 1 ? values.map((value) => value ?? null) : values[0]);
  return said({
    type: "status",
    relay_on: each(relays),
    power_w: each(meters.map(({ powerW }) => powerW)),
    energy_wh: each(meters.map(({ energyWh }) => energyWh)),
    voltage_v: meters.some(({ voltageV }) => voltageV !== undefined) ? each(meters.map(({ voltageV }) => voltageV)) : undefined,
    uptime_s: uptimeS,
  });
}

function gen1Sequence(messages: readonly Message[]): Decoded {
  const heard = messages.map(({ topic, payload }) => parseShellyGen1(topic, payload));
  const last = heard.filter(({ kind }) => kind !== "energy").map(gen1);
  const walk = walkCounter(heard.flatMap((message) => (message.kind === "energy" ? [message.energyWh] : [])));
  return { ...merged(last), ...(walk.deltasWh.length === 0 ? {} : counted(walk)) };
}

const counted = (walk: ReturnType<typeof walkCounter>): Decoded => ({
  counter_reset_detected: walk.didReset,
  energy_delta_wh: walk.deltasWh.map((delta) => rounded(delta, 3)),
});

function gen2(message: ShellyGen2Message): Decoded {
  switch (message.kind) {
    case "status":
      return status(
        message.parts,
        { ...said({ device: message.device }), ...(message.isPartial ? { partial: true } : {}) },
        message.isPartial,
      );
    case "event":
      return { type: message.component.startsWith("input") ? "button" : "event", component: message.component, event: message.event };
    case "availability":
      return { type: "availability", online: message.online };
    case "result":
      return { ...status(message.parts, {}, false), type: "rpc_result", id: message.id, ...said({ was_on: message.wasOn }) };
    case "failure":
      return {
        type: "rpc_error",
        code: message.code,
        ...(message.auth === undefined ? { message: message.text } : { auth: message.auth }),
      };
    case "request":
      return { meaning: requestMeaning(message.method, message.params) };
    case "command":
      return { meaning: commandMeaning(message.target, message.value) };
    case "other":
      return { type: "ignore" };
    case "invalid":
      return refused(message.why);
  }
}

const feedIn = 'negative active power is legal (feed-in / reversed wiring): use abs() for "machine running", keep sign in log';

function status(parts: ShellyParts, head: Decoded, isPartial: boolean): Decoded {
  const { switches, inputs, covers, meters } = parts;
  const inputFields = Object.fromEntries(inputs.map(({ channel, active }) => [`input${channel}`, active]));
  const [only] = switches;
  if (only !== undefined)
    return { ...(switches.length === 1 ? switchFields(only, head, isPartial) : severalSwitches(switches)), ...inputFields };
  if (covers.length > 0) return { component: "cover", machine_switch: false, state: covers[0]?.state ?? null, ...inputFields };
  const [meter] = meters;
  if (meter !== undefined) {
    return said({
      type: meter.powerW === undefined ? "energy" : "power",
      ...head,
      component: meter.component,
      channel: meter.channel,
      power_w: meter.powerW,
      phases_w: meter.phasesW,
      energy_wh: meter.energyWh,
      voltage_v: meter.voltageV,
      current_a: meter.currentA,
      n_current_a: meter.neutralA,
      ...inputFields,
    });
  }
  const [input] = inputs;
  return input === undefined ? {} : { type: "input", channel: input.channel, state: input.active, ...head };
}

/** A whole report without power comes from a relay without meter: null. In a part it has only not changed. */
function switchFields(one: ShellySwitch, head: Decoded, isPartial: boolean): Decoded {
  const hasEnergyOnly = one.energyWh !== undefined && one.powerW === undefined && one.on === undefined;
  const silent = isPartial ? (hasEnergyOnly ? "unchanged" : undefined) : null;
  return said({
    type: one.powerW !== undefined ? "power" : hasEnergyOnly ? "energy" : "relay",
    ...head,
    channel: one.channel,
    relay_on: one.on,
    power_w: one.powerW === undefined ? silent : one.powerW,
    voltage_v: one.voltageV,
    current_a: one.currentA,
    power_factor: one.powerFactor,
    frequency_hz: one.frequencyHz,
    energy_wh: one.energyWh,
    by_minute_mwh: one.byMinuteMilliWh,
    last_minute_mwh: one.byMinuteMilliWh?.[0],
    errors: one.errors,
    policy: typeof one.powerW === "number" && one.powerW < 0 ? feedIn : undefined,
  });
}

function severalSwitches(switches: readonly ShellySwitch[]): Decoded {
  const list = <T>(value: (one: ShellySwitch) => T | undefined) => {
    const values = switches.map((one) => value(one) ?? null);
    return values.every((one) => one === null) ? undefined : values;
  };
  const frequencies = new Set(switches.map(({ frequencyHz }) => frequencyHz));
  return said({
    type: "status",
    channels: switches.length,
    relay_on: list(({ on }) => on),
    power_w: list(({ powerW }) => powerW),
    voltage_v: list(({ voltageV }) => voltageV),
    current_a: list(({ currentA }) => currentA),
    energy_wh: list(({ energyWh }) => energyWh),
    frequency_hz: frequencies.size === 1 ? switches[0]?.frequencyHz : list(({ frequencyHz }) => frequencyHz),
  });
}

function commandMeaning(target: string, value: string): string {
  if (target === "") {
    const asked = { status_update: "ask to republish all status topics", announce: "ask to announce itself" };
    return asked[value as keyof typeof asked] ?? value;
  }
  const [act = "", seconds] = value.split(",");
  return seconds === undefined ? act : `${act}, back after ${seconds} s`;
}

function requestMeaning(method: string, params: Readonly<Record<string, unknown>>): string {
  if (method === "Shelly.GetStatus") return "full snapshot on hub start";
  if (method !== "Switch.Set") return method;
  const act = params.on === true ? "on" : params.on === false ? "off" : "set";
  return typeof params.toggle_after === "number" ? `${act} with dead-man timer of ${params.toggle_after} s` : act;
}

/** Parts merged in order, per channel; the last state and what its counter took. */
function gen2Sequence(messages: readonly Message[]): Decoded {
  const known = new Map<number, ShellySwitch>();
  const readings: (number | null | undefined)[] = [];
  let rest: Decoded = {};
  for (const { topic, payload } of messages) {
    const message = parseShellyGen2(topic, payload);
    if (message.kind !== "status") rest = { ...rest, ...gen2(message) };
    for (const one of message.kind === "status" ? message.parts.switches : []) {
      known.set(one.channel, mergeSwitch(known.get(one.channel), one));
      readings.push(one.channel === 0 ? one.energyWh : undefined);
    }
  }
  const walk = walkCounter(readings);
  const merged = status({ switches: [...known.values()], inputs: [], covers: [], meters: [] }, {}, false);
  return { ...rest, ...merged, ...(walk.deltasWh.length === 0 ? {} : counted(walk)) };
}
