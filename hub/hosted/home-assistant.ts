/**
 * Home Assistant's MQTT discovery: what a device says of itself, retained, on `homeassistant/<component>/[<node>/]<object>/config`.
 * Keys come long or abbreviated, and `~` at the start or end of a topic stands for a base. Source: home-assistant.io MQTT discovery
 * and tag scanner documentation; real payloads of Zigbee2MQTT and ha-shellies-discovery-gen2.
 */
import { type Fields, isFields, own, parseJson, said, textOf } from "./json.ts";

export type Discovery =
  | {
      readonly kind: "entity";
      readonly component: string;
      readonly node?: string;
      readonly object: string;
      /** null is legal: the entity is called as its device */
      readonly name?: string | null;
      readonly stateTopic?: string;
      readonly commandTopic?: string;
      /** of a tag scanner or a trigger */
      readonly topic?: string;
      readonly valueTemplate?: string;
      /** the path in the payload, when the template is as simple as `{{ value_json.a.b }}`; other Jinja is not run */
      readonly jsonPath?: string;
      readonly deviceClass?: string;
      readonly unit?: string;
      readonly deviceId?: string;
      readonly availabilityMode?: string;
      readonly availabilityTopics: readonly string[];
    }
  /** one message for a whole device (since 2024.11) */
  | { readonly kind: "device"; readonly object: string; readonly components: readonly string[]; readonly deviceId?: string }
  /** an empty retained message takes the entity away */
  | { readonly kind: "removed"; readonly component: string; readonly node?: string; readonly object: string }
  | { readonly kind: "invalid"; readonly why: string };

/** Abbreviations of the keys that are read here. */
const shortOf: Readonly<Record<string, string>> = {
  availability: "avty",
  availability_mode: "avty_mode",
  availability_topic: "avty_t",
  command_topic: "cmd_t",
  components: "cmps",
  device: "dev",
  device_class: "dev_cla",
  identifiers: "ids",
  state_topic: "stat_t",
  topic: "t",
  unit_of_measurement: "unit_of_meas",
  value_template: "val_tpl",
};
const at = (fields: Fields, key: string): unknown => own(fields, key) ?? own(fields, shortOf[key] ?? key);

export function parseDiscovery(topic: string, payload: string): Discovery {
  const levels = topic.split("/");
  const [component, ...names] = levels.slice(1, -1);
  const object = names.at(-1);
  if (levels.at(-1) !== "config" || component === undefined || object === undefined || names.length > 2) {
    return { kind: "invalid", why: "the topic is not <prefix>/<component>/[<node>/]<object>/config" };
  }
  const node = names.length === 2 ? { node: names[0] ?? "" } : {};
  if (payload === "") return { kind: "removed", component, ...node, object };
  const json = parseJson(payload);
  if (json === undefined || !isFields(json.value)) return { kind: "invalid", why: "the payload is no JSON object" };
  const fields = json.value;
  const base = textOf(own(fields, "~")) ?? "";
  if (component === "device") return deviceOf(fields, object);
  const text = (key: string) => textOf(at(fields, key));
  const expanded = (key: string) => expand(text(key), base);
  const template = text("value_template");
  const name = own(fields, "name");
  return {
    kind: "entity",
    component,
    ...node,
    object,
    availabilityTopics: availabilityOf(fields, base),
    ...said({
      name: name === null ? null : textOf(name),
      stateTopic: expanded("state_topic"),
      commandTopic: expanded("command_topic"),
      topic: expanded("topic"),
      valueTemplate: template,
      jsonPath: pathOf(template),
      deviceClass: text("device_class"),
      unit: text("unit_of_measurement"),
      deviceId: deviceIdOf(fields),
      availabilityMode: text("availability_mode"),
    }),
  };
}

/** Only a leading or a trailing `~` is the base. */
function expand(topic: string | undefined, base: string): string | undefined {
  if (topic === undefined || base === "") return topic;
  if (topic.startsWith("~")) return base + topic.slice(1);
  return topic.endsWith("~") ? topic.slice(0, -1) + base : topic;
}

function pathOf(template: string | undefined): string | undefined {
  return /^\s*\{\{\s*value_json((?:\.\w+)+)\s*\}\}\s*$/.exec(template ?? "")?.[1]?.slice(1);
}

function deviceIdOf(fields: Fields): string | undefined {
  const device = at(fields, "device");
  const ids = isFields(device) ? at(device, "identifiers") : undefined;
  return textOf(Array.isArray(ids) ? ids[0] : ids);
}

function availabilityOf(fields: Fields, base: string): string[] {
  const list = at(fields, "availability");
  const given = Array.isArray(list)
    ? list.map((one) => (isFields(one) ? at(one, "topic") : undefined))
    : [at(fields, "availability_topic")];
  return given.flatMap((topic) => expand(textOf(topic), base) ?? []);
}

function deviceOf(fields: Fields, object: string): Discovery {
  const parts = at(fields, "components");
  return { kind: "device", object, components: isFields(parts) ? Object.keys(parts) : [], ...said({ deviceId: deviceIdOf(fields) }) };
}

/** The value at a path such as `a.b`; undefined when it is not there. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((found, key) => {
    if (Array.isArray(found)) return /^\d{1,6}$/.test(key) ? (found as unknown[])[Number(key)] : undefined;
    return isFields(found) ? own(found, key) : undefined;
  }, value);
}
