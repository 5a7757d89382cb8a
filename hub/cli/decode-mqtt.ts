/** esp-rfid, Zigbee2MQTT and emonTx in the spelling of recorded lines. */
import { type EmonMessage, emonMissingC, emonTx4Node, parseEmon } from "../hosted/emontx.ts";
import { type EspRfidMessage, parseEspRfid } from "../hosted/esp-rfid.ts";
import { rounded, said } from "../hosted/json.ts";
import { parseZigbee, type ZigbeeMessage, type ZigbeePlug } from "../hosted/zigbee2mqtt.ts";
import { type Decoded, type Decoder, type Message, merged, messagesOf, refused } from "./decode-recorded.ts";

type One = (topic: string, payload: string) => Decoded;
/** A decoder of single messages, and of sequences where a family has something to say over time: else of their last message. */
const decoder =
  (one: One, several?: (messages: readonly Message[]) => Decoded): Decoder =>
  ({ topic, payload, sequence }) => {
    if (sequence === undefined) return payload === undefined ? refused("the line holds no message") : one(topic, payload);
    const messages = messagesOf(sequence, topic);
    return several === undefined ? merged(messages.map((each) => one(each.topic, each.payload))) : several(messages);
  };

export const mqttDecoders: Readonly<Record<string, Decoder>> = {
  "esp-rfid": decoder((topic, payload) => espRfid(parseEspRfid(topic, payload))),
  zigbee2mqtt: decoder((topic, payload) => zigbee(parseZigbee(topic, payload)), zigbeeSequence),
  "emontx-emonhub": decoder((topic, payload) => emon(parseEmon(topic, payload))),
};

function espRfid(message: EspRfidMessage): Decoded {
  switch (message.kind) {
    case "boot":
    case "heartbeat":
      return said({ type: message.kind, door: message.door, time: message.atS, uptime_s: message.uptimeS, ip: message.ip });
    case "access":
      return access(message);
    case "event":
      return said({ type: "event", event: message.event, level: message.level, door: message.door, time: message.atS });
    case "user":
      return said({
        type: "user",
        uid: message.uid,
        acctype: message.accessType,
        validsince: message.validSinceS,
        validuntil: message.validUntilS,
      });
    case "done":
      return { type: "ack", cmd: message.command, door: message.door };
    case "command":
      return said({
        cmd: message.command,
        doorip: message.ip,
        uid: message.uid,
        acctype: message.accessType,
        validuntil: message.validUntilS,
        expired: message.validUntilS === undefined ? undefined : message.validUntilS < 0,
        numbers_as_strings: message.numbersAsText,
      });
    case "availability":
      return { type: "availability", online: message.online };
    case "other":
      return { type: "ignore" };
    case "invalid":
      return refused(message.why);
  }
}

function access({ passes, known, uid, door, atS }: Extract<EspRfidMessage, { kind: "access" }>): Decoded {
  const reasons = passes.map(({ reason }) => reason);
  return said({
    type: "access",
    granted: passes.some(({ granted }) => granted),
    known,
    reason: reasons.length > 1 ? reasons : (reasons[0] ?? null),
    uid,
    door,
    door_name: passes[0]?.door,
    doors: passes.length > 1 ? passes.map((pass) => said({ door: pass.door, granted: pass.granted, reason: pass.reason })) : undefined,
    time: atS,
  });
}

function zigbee(message: ZigbeeMessage): Decoded {
  switch (message.kind) {
    case "plug":
      return plug(message);
    case "attribute":
      return { attribute: message.attribute, value: message.value };
    case "availability":
      return { online: message.online };
    case "bridge":
      return { bridge_online: message.online };
    case "command":
      return { meaning: message.on === null ? "set" : message.on ? "turn on" : "turn off" };
    case "other":
      return { type: "ignore" };
    case "invalid":
      return refused(message.why);
  }
}

function plug({ on, powerW, voltageV, currentA, currentRaw, energyKwh }: ZigbeePlug): Decoded {
  return said({
    power_w: powerW,
    voltage_v: voltageV,
    current_raw: currentRaw,
    current_a: currentA,
    relay_on: on,
    energy_kwh: energyKwh,
    ...(on === false && typeof powerW === "number" && powerW > 0
      ? { stale_power: true, policy: "relay OFF overrides a power that stays" }
      : {}),
  });
}

function zigbeeSequence(messages: readonly Message[]): Decoded {
  const plugs = messages.map(({ topic, payload }) => parseZigbee(topic, payload)).filter((message) => message.kind === "plug");
  const powers = plugs.flatMap(({ powerW }) => (typeof powerW === "number" ? [powerW] : []));
  const isApart = plugs.some(({ powerW, currentA }, i) => {
    const before = plugs[i - 1];
    return before !== undefined && (powerW === before.powerW) !== (currentA === before.currentA);
  });
  const hasFalseZero = powers.some((power, i) => power === 0 && (powers[i - 1] ?? 0) > 0 && (powers[i + 1] ?? 0) > 0);
  return {
    ...merged(plugs.map(plug)),
    ...(hasFalseZero ? { false_zero: true, policy: "require zero for hold time" } : {}),
    ...(isApart ? { non_atomic: true, policy: "do not compute P=U*I from one message" } : {}),
  };
}

function emon(message: EmonMessage): Decoded {
  switch (message.kind) {
    case "field": {
      const { node, field, value } = message;
      return { node, field, value, ...(/^(power|p)\d*$/i.test(field) ? { power_w: value } : {}) };
    }
    case "frame":
      return said({ node: message.node, values: message.values, rssi_dbm: message.rssiDbm });
    case "emontx4":
      return {
        node: emonTx4Node,
        msg: message.message,
        vrms: message.vrms,
        power_w: message.powersW,
        energy_wh: message.energiesWh,
        temps_c: message.temperaturesC,
        temps_missing: message.temperaturesC.map((temperature) => temperature === emonMissingC),
        pulse: message.pulses,
      };
    case "readings":
      return said({
        ct_w: message.clampsW,
        vrms_raw: message.vrmsRaw,
        vrms_v: message.vrmsRaw === undefined ? undefined : rounded(message.vrmsRaw / 100, 2),
        temps_c: message.temperaturesC.length === 0 ? undefined : message.temperaturesC,
        pulse: message.pulses,
      });
    case "invalid":
      return refused(message.why);
  }
}
