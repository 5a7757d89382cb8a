/** Families that describe themselves (Home Assistant discovery, ESPHome, Homie, Sparkplug) in the spelling of recorded lines. */
import { type EspHomeMessage, parseEspHome } from "../hosted/esphome.ts";
import { type Discovery, parseDiscovery } from "../hosted/home-assistant.ts";
import { effectiveStates, type HomieMessage, parseHomie } from "../hosted/homie.ts";
import { said } from "../hosted/json.ts";
import { isNextSeq, parseSparkplug, parseSparkplugTopic, type SparkplugMetric, sparkplugRules } from "../hosted/sparkplug.ts";
import { bytesOf, type Decoded, type Decoder, hexOf, messagesOf, type Recorded, refused } from "./decode-recorded.ts";

export const describedDecoders: Readonly<Record<string, Decoder>> = {
  "ha-mqtt-discovery": ({ topic, payload }) =>
    payload === undefined ? refused("the line holds no message") : discovery(parseDiscovery(topic, payload)),
  "esphome-mqtt": ({ topic, payload }) =>
    payload === undefined ? refused("the line holds no message") : espHome(parseEspHome(topic, payload)),
  homie5: ({ topic, payload, sequence }) => {
    if (sequence === undefined) return payload === undefined ? refused("the line holds no message") : homie(parseHomie(topic, payload));
    const messages = messagesOf(sequence).map((each) => parseHomie(each.topic, each.payload));
    return Object.fromEntries(effectiveStates(messages));
  },
  "sparkplug-b": sparkplug,
};

function discovery(message: Discovery): Decoded {
  switch (message.kind) {
    case "entity":
      return said({
        component: message.component,
        node: message.node,
        object: message.object,
        name: message.name,
        state_topic: message.stateTopic,
        command_topic: message.commandTopic,
        topic: message.topic,
        value_template: message.valueTemplate,
        json_path: message.jsonPath,
        device_class: message.deviceClass,
        unit: message.unit,
        device_id: message.deviceId,
        availability_mode: message.availabilityMode,
        availability_topics: message.availabilityTopics.length,
        availability: message.availabilityTopics,
      });
    case "device":
      return said({ component: "device", object: message.object, components: message.components, device_id: message.deviceId });
    case "removed":
      return said({ component: message.component, node: message.node, object: message.object, removed: true });
    case "invalid":
      return refused(message.why);
  }
}

function espHome(message: EspHomeMessage): Decoded {
  switch (message.kind) {
    case "availability":
      return { online: message.online };
    case "sensor":
      return { sensor: message.object, value: message.value };
    case "text":
      return { sensor: message.object, value: message.value };
    case "switch":
      return { switch: message.object, on: message.on };
    case "contact":
      return { sensor: message.object, on: message.on, ...(message.isDoor ? { open: message.on } : {}) };
    case "command":
      return said({ meaning: "command", switch: message.object, on: message.on ?? undefined, value: message.value });
    case "card":
      return { type: "card", uid: message.uid };
    case "other":
      return { type: "ignore" };
    case "invalid":
      return refused(message.why);
  }
}

function homie(message: HomieMessage): Decoded {
  switch (message.kind) {
    case "life": {
      const { state } = message;
      if (state === null) return { state: null, removed: true, online: false, usable: false };
      return {
        state,
        online: state === "init" || state === "ready" || state === "alert",
        usable: state === "ready" || state === "alert",
        ...(state === "sleeping" || state === "disconnected" ? { expected: true } : {}),
        ...(state === "lost" ? { lwt: true, expected: false } : {}),
      };
    }
    case "description": {
      const properties = message.nodes.flatMap((node) => node.properties);
      return {
        version: message.version,
        nodes: message.nodes.map(({ id }) => id),
        settable: properties.filter(({ settable }) => settable).map(({ id }) => id),
        units: Object.fromEntries(properties.flatMap(({ id, unit }) => (unit === null ? [] : [[id, unit]]))),
        datatypes: Object.fromEntries(properties.map(({ id, datatype }) => [id, datatype])),
      };
    }
    case "value":
      return { node: message.node, property: message.property, value: message.value };
    case "target":
      return { node: message.node, property: message.property, target: message.value };
    case "set":
      return { node: message.node, property: message.property, set: message.value };
    case "discovery":
      return { discovery_subscription: true };
    case "other":
      return { type: "ignore" };
    case "invalid":
      return refused(message.why);
  }
}

function sparkplug({ topic, bytes, sequence }: Recorded): Decoded {
  if (sequence !== undefined) return sparkplugSequence(sequence);
  if (bytes === undefined) return refused("the line holds no message");
  const payload = parseSparkplug(bytes);
  if (payload === undefined) return refused("the bytes are no Sparkplug payload");
  const at = parseSparkplugTopic(topic);
  const metrics = payload.metrics.map((metric) => [nameOf(metric), valueIn(metric)] as const);
  return said({
    type: at?.type,
    group: at?.group,
    node: at?.node,
    device: at?.device,
    seq: payload.seq,
    timestamp: payload.timestampMs,
    metrics: Object.fromEntries(metrics),
  });
}

const nameOf = ({ name, alias }: SparkplugMetric) => name ?? `alias ${alias ?? "?"}`;
function valueIn({ value }: SparkplugMetric): number | boolean | string | null {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? hexOf(value) : value;
}

/** Counts gaps in the numbers of a node: after one, its state is unknown. */
function sparkplugSequence(parts: readonly unknown[]): Decoded {
  const seqs = parts.flatMap((part) => {
    const bytes = bytesOf((part as { hex?: unknown } | null)?.hex);
    return bytes === null ? [] : (parseSparkplug(bytes)?.seq ?? []);
  });
  const gaps = seqs.filter((seq, i) => i > 0 && !isNextSeq(seqs[i - 1] ?? -1, seq)).length;
  return { seqs, gaps, ...(gaps === 0 ? {} : { gap_action: sparkplugRules.onGap }) };
}
