/**
 * ESPHome over MQTT: `name/status` for presence, `name/<component>/<object>/state` with bare values, commands beside it. "nan" says
 * that a sensor does not know. Source: esphome.io MQTT client component; home-assistant.io tag scanner.
 */
import { isFields, numberText, own, parseJson, textOf } from "./json.ts";

export type EspHomeMessage =
  | { readonly kind: "availability"; readonly online: boolean }
  | { readonly kind: "sensor"; readonly object: string; readonly value: number | null }
  | { readonly kind: "text"; readonly object: string; readonly value: string }
  | { readonly kind: "switch"; readonly object: string; readonly on: boolean }
  | { readonly kind: "contact"; readonly object: string; readonly on: boolean; readonly isDoor: boolean }
  | { readonly kind: "command"; readonly object: string; readonly on: boolean | null; readonly value: string }
  | { readonly kind: "card"; readonly uid: string }
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };

export const espHomeCannot = [
  "prove a card: readers say only its number",
  "run without the native API for longer than 15 minutes, unless reboot_timeout is 0s",
  "decide offline, unless its own configuration does",
] as const;

export function parseEspHome(topic: string, payload: string): EspHomeMessage {
  const levels = topic.split("/");
  const leaf = levels.at(-1) ?? "";
  if (leaf === "status") {
    if (payload !== "online" && payload !== "offline") return { kind: "invalid", why: "the status is neither online nor offline" };
    return { kind: "availability", online: payload === "online" };
  }
  if (leaf === "tag_scanned") return cardOf(payload);
  const [component, object, place] = levels.slice(-3);
  if (levels.length < 4 || component === undefined || object === undefined) return { kind: "other" };
  const on = /^(on|true)$/i.test(payload) ? true : /^(off|false)$/i.test(payload) ? false : null;
  if (place === "command") return { kind: "command", object, on, value: payload };
  if (place !== "state") return { kind: "other" };
  if (component === "sensor" || component === "number") {
    const value = numberText(payload);
    return value === undefined ? { kind: "invalid", why: "the payload is no number" } : { kind: "sensor", object, value };
  }
  if (component === "text_sensor" || component === "select") return { kind: "text", object, value: payload };
  if (on === null) return { kind: "invalid", why: "the state is neither ON nor OFF" };
  if (component !== "binary_sensor") return { kind: "switch", object, on };
  return { kind: "contact", object, on, isDoor: /door|contact|window|gate/i.test(object) };
}

/** A reader's JSON, as Tasmota shapes it, or the bare number. */
function cardOf(payload: string): EspHomeMessage {
  const fields = parseJson(payload)?.value;
  const reader = isFields(fields) ? Object.values(fields).find(isFields) : undefined;
  const uid = reader === undefined ? payload : (textOf(own(reader, "UID")) ?? "");
  const bare = uid.replace(/[-:\s]/g, "").toUpperCase();
  return /^([\dA-F]{2}){4,10}$/.test(bare) ? { kind: "card", uid: bare } : { kind: "invalid", why: "no card number in hexadecimal" };
}
