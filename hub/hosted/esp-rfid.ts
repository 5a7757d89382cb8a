/**
 * esp-rfid: door controllers that decide by their own list of users and tell over MQTT what they did. Version 2 sends on
 * `TOPIC/send` and names itself (`hostname`); version 1 shares one topic and names nobody, so its doors need a topic each.
 * Sources: esp-rfid README-MQTT.md, issues 139 and 313, v1.0 key names.
 */
import { type Fields, isFields, looseNumber, numberOf, own, parseJson, said, textOf } from "./json.ts";

export type EspRfidPass = { readonly granted: boolean; readonly reason: string; readonly door?: string };
export type EspRfidMessage =
  | { readonly kind: "boot"; readonly door: string | null; readonly atS?: number; readonly uptimeS?: number; readonly ip?: string }
  | { readonly kind: "heartbeat"; readonly door: string | null; readonly atS?: number; readonly uptimeS?: number; readonly ip?: string }
  /** A tap and what the door decided; a board with several relays decides for each. No user name leaves this parser. */
  | {
      readonly kind: "access";
      readonly door: string | null;
      readonly atS?: number;
      readonly known: boolean | null;
      readonly uid: string | null;
      readonly passes: readonly EspRfidPass[];
    }
  | { readonly kind: "event"; readonly door: string | null; readonly event: string; readonly level: string; readonly atS?: number }
  /** one user of the door's own list; the list has no end mark */
  | {
      readonly kind: "user";
      readonly uid: string;
      readonly accessType?: number;
      readonly validSinceS?: number;
      readonly validUntilS?: number;
    }
  /** the door has done a command: only now is a revocation in force */
  | { readonly kind: "done"; readonly command: string; readonly door: string | null }
  | {
      readonly kind: "command";
      readonly command: string;
      readonly ip?: string;
      readonly uid?: string;
      readonly accessType?: number;
      readonly validUntilS?: number;
      readonly numbersAsText: boolean;
    }
  | { readonly kind: "availability"; readonly online: boolean }
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };

export const espRfidCannot = [
  "ask the hub before it opens: the door decides by its own list, and a revocation counts once it is acknowledged",
  "prove a card: it knows only numbers",
  "tell that it is gone, except with its Home Assistant option: missed heartbeats must",
  "keep what happened while the broker was away",
  "be told apart in version 1, unless each door has a topic of its own",
] as const;

const events: Readonly<Record<string, string>> = {
  "Unknown rfid tag is scanned": "unknown_tag",
  "Door Open": "door_open",
  "Door Closed": "door_closed",
  "Doorbell ringing": "doorbell",
  "Door was tampered!": "tamper",
  "Door wasn't closed within max open time!": "held_open",
  "Connected to MQTT Server": "mqtt_connected",
  "Disconnected from MQTT server": "mqtt_disconnected",
  "Dropping MQTT message, out of memory": "out_of_memory",
  "System setup completed, running": "ready",
  "System is going to reboot": "reboot",
  "Auto restarting...": "reboot",
};
const acknowledged = new Set(["adduser", "deletuid", "deletusers", "opendoor", "reboot", "getconf", "updateconf"]);

/** One message of a door, or a command on its way to one. */
export function parseEspRfid(topic: string, payload: string): EspRfidMessage {
  if (topic.endsWith("/avty")) {
    if (payload !== "online" && payload !== "offline") return { kind: "invalid", why: "avty is neither online nor offline" };
    return { kind: "availability", online: payload === "online" };
  }
  const json = parseJson(payload);
  if (json === undefined || !isFields(json.value)) return { kind: "invalid", why: "the payload is no JSON object" };
  const fields = json.value;
  const type = textOf(own(fields, "type"));
  const command = textOf(own(fields, "cmd"));
  if (textOf(own(fields, "command")) === "userfile") return userOf(fields);
  if (type === undefined && command !== undefined) return commandOf(fields, command);
  if (type === undefined && topic.endsWith("/tag") && Object.hasOwn(fields, "uid")) return accessOf(fields);
  if (type === "boot" || type === "heartbeat")
    return { kind: type, ...heardOf(fields), ...said({ ip: ipOf(fields) }), ...uptimeOf(fields) };
  if (type === "access") return accessOf(fields);
  if (type !== undefined && acknowledged.has(type)) return { kind: "done", command: type, door: doorOf(fields) };
  return type === undefined ? { kind: "other" } : eventOf(fields, type);
}

/** Version 2 names its host, some of version 1 a "door"; otherwise nobody knows which door spoke. */
function doorOf(fields: Fields): string | null {
  return textOf(own(fields, "hostname")) ?? textOf(own(fields, "door")) ?? null;
}
const heardOf = (fields: Fields) => ({ door: doorOf(fields), ...said({ atS: numberOf(own(fields, "time")) ?? undefined }) });
const uptimeOf = (fields: Fields) => said({ uptimeS: looseNumber(own(fields, "uptime")) ?? undefined });
const ipOf = (fields: Fields) => textOf(own(fields, "ip")) ?? textOf(own(fields, "Local IP"));

function accessOf(fields: Fields): EspRfidMessage {
  const access = own(fields, "access");
  const reasons = (Array.isArray(access) ? access : [access]).filter((reason) => typeof reason === "string");
  const names = own(fields, "doorName");
  const nameAt = (i: number) => textOf(Array.isArray(names) ? names[i] : names);
  const known = own(fields, "isKnown");
  return {
    kind: "access",
    ...heardOf(fields),
    known: known === "true" || known === true ? true : known === "false" || known === false ? false : null,
    uid: textOf(own(fields, "uid"))?.toUpperCase() ?? null,
    passes: reasons.map((reason, i) => ({ granted: reason === "Admin" || reason === "Always", reason, ...said({ door: nameAt(i) }) })),
  };
}

function eventOf(fields: Fields, level: string): EspRfidMessage {
  const text = textOf(own(fields, "desc"));
  if (text === undefined) return { kind: "other" };
  const event = Object.hasOwn(events, text) ? events[text] : undefined;
  return { kind: "event", ...heardOf(fields), event: event ?? slug(text), level };
}
const slug = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z\d]+/g, "_")
    .replace(/^_|_$/g, "");

function userOf(fields: Fields): EspRfidMessage {
  const uid = textOf(own(fields, "uid"));
  if (uid === undefined) return { kind: "invalid", why: "a user without uid" };
  const number = (key: string) => looseNumber(own(fields, key)) ?? undefined;
  const rest = said({ accessType: number("acctype"), validSinceS: number("validsince"), validUntilS: number("validuntil") });
  return { kind: "user", uid: uid.toUpperCase(), ...rest };
}

function commandOf(fields: Fields, command: string): EspRfidMessage {
  const number = (key: string) => looseNumber(own(fields, key)) ?? undefined;
  return {
    kind: "command",
    command,
    ...said({
      ip: textOf(own(fields, "doorip")),
      uid: textOf(own(fields, "uid"))?.toUpperCase(),
      accessType: number("acctype"),
      validUntilS: number("validuntil"),
    }),
    numbersAsText: ["acctype", "validsince", "validuntil"].some((key) => typeof own(fields, key) === "string"),
  };
}
