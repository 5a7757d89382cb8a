/**
 * Homie 5: `homie/5/<device>/…`, self-describing, values retained and commands (`…/set`) never. Source: homieiot convention v5.
 */
import { type Fields, fieldsAt, isFields, numberText, own, parseJson, textOf } from "./json.ts";

const lifeStates = ["init", "ready", "disconnected", "sleeping", "lost", "alert"] as const;
type LifeState = (typeof lifeStates)[number];
export type HomieValue = number | boolean | string | null;
export type HomieMessage =
  /** null: an empty state takes the device away */
  | { readonly kind: "life"; readonly device: string; readonly state: LifeState | null }
  | {
      readonly kind: "description";
      readonly device: string;
      readonly version: number | null;
      readonly parent: string | null;
      readonly children: readonly string[];
      readonly nodes: readonly { readonly id: string; readonly properties: readonly HomieProperty[] }[];
    }
  | {
      readonly kind: "value" | "target" | "set";
      readonly device: string;
      readonly node: string;
      readonly property: string;
      readonly value: HomieValue;
    }
  /** the subscription that finds every device of every base topic */
  | { readonly kind: "discovery" }
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };
export type HomieProperty = { readonly id: string; readonly datatype: string; readonly unit: string | null; readonly settable: boolean };

export const homieCannot = ["decide offline, or say what it cannot name in its description"] as const;

export function parseHomie(topic: string, payload: string): HomieMessage {
  const levels = topic.split("/");
  if (levels[0] === "+" && levels.at(-1) === "$state") return { kind: "discovery" };
  const [version, device, ...path] = levels.slice(1);
  if (version !== "5" || device === undefined || path.length === 0) return { kind: "invalid", why: "the topic is not <base>/5/<device>/…" };
  const [node = "", property = "", last] = path;
  if (path.length === 1) {
    if (node === "$state") return lifeOf(device, payload);
    return node === "$description" ? descriptionOf(device, payload) : { kind: "other" };
  }
  if (node.startsWith("$") || path.length > 3) return { kind: "other" };
  const kind = last === undefined ? "value" : last === "set" ? "set" : last === "$target" ? "target" : undefined;
  return kind === undefined ? { kind: "other" } : { kind, device, node, property, value: valueIn(payload) };
}

function lifeOf(device: string, payload: string): HomieMessage {
  if (payload === "") return { kind: "life", device, state: null };
  const state = lifeStates.find((known) => known === payload);
  return state === undefined ? { kind: "invalid", why: `"${payload.slice(0, 40)}" is no state` } : { kind: "life", device, state };
}

/** Without the description the text itself must tell: booleans are true and false whatever `format` calls them. */
function valueIn(payload: string): HomieValue {
  if (payload === "\u0000") return ""; // an empty message would delete the retained value (convention, "empty string values")
  if (payload === "") return null;
  if (payload === "true" || payload === "false") return payload === "true";
  const number = numberText(payload);
  return number === undefined || number === null ? payload : number;
}

function descriptionOf(device: string, payload: string): HomieMessage {
  const json = parseJson(payload);
  if (json === undefined || !isFields(json.value)) return { kind: "invalid", why: "the description is no JSON object" };
  const fields = json.value;
  const children = own(fields, "children");
  const version = own(fields, "version");
  return {
    kind: "description",
    device,
    version: typeof version === "number" ? version : null,
    parent: textOf(own(fields, "parent")) ?? textOf(own(fields, "root")) ?? null,
    children: Array.isArray(children) ? children.filter((child) => typeof child === "string") : [],
    nodes: named(fieldsAt(fields, "nodes")).map(([id, node]) => ({
      id,
      properties: named(fieldsAt(node, "properties")).map(([name, property]) => ({
        id: name,
        datatype: textOf(own(property, "datatype")) ?? "string",
        unit: textOf(own(property, "unit")) ?? null,
        settable: own(property, "settable") === true,
      })),
    })),
  };
}
const named = (fields: Fields) => Object.entries(fields).flatMap(([id, value]) => (isFields(value) ? [[id, value] as const] : []));

/** What each device is at the end, given who is whose child: a lost root takes its children along. */
export function effectiveStates(messages: readonly HomieMessage[]): Map<string, LifeState | null> {
  const stated = new Map<string, LifeState | null>();
  const parents = new Map<string, string>();
  for (const message of messages) {
    if (message.kind === "life") stated.set(message.device, message.state);
    if (message.kind !== "description") continue;
    if (message.parent !== null) parents.set(message.device, message.parent);
    for (const child of message.children) parents.set(child, message.device);
  }
  const stateOf = (device: string, depth = 0): LifeState | null => {
    const parent = parents.get(device);
    const above = parent === undefined || depth > 8 ? null : stateOf(parent, depth + 1);
    return above === "lost" || above === "disconnected" ? above : (stated.get(device) ?? null);
  };
  return new Map([...stated.keys(), ...parents.keys()].map((device) => [device, stateOf(device)]));
}
