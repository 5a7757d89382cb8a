/**
 * Tasmota: plugs, relays and RFID readers over MQTT. Topics are `tele|stat|cmnd / name / leaf` in an order that the user may
 * change (FullTopic), so the prefix is looked for anywhere. Sources: tasmota.github.io/docs (MQTT, API, PN532, MFRC522,
 * Wiegand), Tasmota issues 1811, 2891, 5373, 8935, 14834, 17579.
 */
import { type Fields, fieldsAt, isFields, looseNumber, numberOf, own, parseJson, said, textOf } from "./json.ts";

/** A value of a meter with one phase, a list of phases, or named phases (Total since firmware 9). */
export type Phases = number | null | readonly (number | null)[] | Readonly<Record<string, number | null>>;

export type TasmotaMeter = {
  readonly kind: "meter";
  /** the clamp's name when an analogue input measures */
  readonly sensor?: string;
  /** real power, except from a Teleinfo meter: there it is apparent (VA) */
  readonly powerW?: Phases;
  readonly apparentVa?: Phases;
  readonly voltageV?: Phases;
  readonly currentA?: Phases;
  readonly powerFactor?: Phases;
  /** a counter that may go back, see energy.ts */
  readonly totalKwh?: Phases;
  readonly tariffKwh?: Phases;
  readonly totalStart?: string;
  /** a report of the telemetry period; the others came because the power changed */
  readonly isPeriodic: boolean;
};

export type TasmotaRelay = { readonly kind: "relay"; readonly index: number; readonly on: boolean };
export type TasmotaCard = {
  readonly kind: "card";
  readonly reader: "PN532" | "RC522" | "RDM6300";
  readonly uid: string;
  readonly cardType?: string;
  /** written on the card by anybody: nothing to authorise by */
  readonly data?: string;
  readonly auth?: string;
};
export type TasmotaWiegand = {
  readonly kind: "wiegand";
  /** beyond 32 bits in firmware 9 */
  readonly uid: bigint;
  readonly bits: number;
  /** SetOption123 of some versions wrote hex numbers without quotes, which is no JSON */
  readonly wasHex: boolean;
};
export type TasmotaState = {
  readonly kind: "state";
  readonly uptimeS?: number;
  readonly relays: readonly { readonly index: number; readonly on: boolean }[];
  readonly mqttCount?: number;
  readonly rssiPercent?: number;
  readonly timeHasOffset: boolean;
};
export type TasmotaInfo = {
  readonly kind: "info";
  readonly module?: string;
  readonly version?: string;
  readonly hostname?: string;
  readonly ip?: string;
  readonly restartReason?: string;
  /** the firmware calls the reason "Started" (old) or "RestartReason" */
  readonly isOldWording: boolean;
};
export type TasmotaMessage =
  | TasmotaMeter
  | TasmotaRelay
  | TasmotaCard
  | TasmotaWiegand
  | TasmotaState
  | TasmotaInfo
  | { readonly kind: "availability"; readonly online: boolean }
  | { readonly kind: "energy_reset"; readonly totalsKwh: readonly (number | null)[] }
  | { readonly kind: "serial"; readonly text: string }
  | { readonly kind: "temperature"; readonly sensor: string; readonly temperatureC: number | null }
  /** a command on its way to the device, of the hub or anybody; the device sends itself an empty one when it connects */
  | { readonly kind: "command"; readonly command: string; readonly value: string }
  | { readonly kind: "unknown_command" }
  /** JSON that says nothing we know: other sensors, other answers */
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };

/** Power, relay and presence of a plug, and the family's own reader; decisions stay with the hub. */
export const tasmotaCannot = [
  "decide offline: without the hub a plug keeps its state",
  "prove a card: readers say only its number, and a data block that anybody can write",
  "tell that power ended: a change to zero may go unreported until the next period",
  "come back off after a power cut, unless PowerOnState 0 is set",
] as const;

export type TasmotaTopic = { readonly prefix: "tele" | "stat" | "cmnd"; readonly name: string; readonly leaf: string };

/** Undefined for a topic without one of the three prefixes. */
export function parseTasmotaTopic(topic: string): TasmotaTopic | undefined {
  const levels = topic.split("/");
  const leaf = levels.pop() ?? "";
  const at = levels.findIndex((level) => /^(tele|stat|cmnd)$/.test(level));
  if (at === -1) return undefined;
  return { prefix: levels[at] as TasmotaTopic["prefix"], name: levels.filter((_, i) => i !== at).join("/"), leaf };
}

/** One message. `payload` is the text as it came. */
export function parseTasmota(topic: string, payload: string): TasmotaMessage {
  const at = parseTasmotaTopic(topic);
  if (at === undefined) return { kind: "invalid", why: "the topic has none of tele, stat and cmnd" };
  if (at.prefix === "cmnd") return { kind: "command", command: at.leaf, value: payload };
  if (at.leaf === "LWT") return availability(payload);
  const plainRelay = /^POWER(\d{0,2})$/.exec(at.leaf);
  if (plainRelay !== null && /^(on|off)$/i.test(payload)) {
    return { kind: "relay", index: relayIndex(plainRelay[1] ?? ""), on: payload.toUpperCase() === "ON" };
  }
  const json = parseJson(payload);
  if (json === undefined) return hexWiegand(payload) ?? { kind: "invalid", why: "the payload is no JSON" };
  if (!isFields(json.value)) return { kind: "invalid", why: "the payload is no JSON object" };
  return parseFields(json.value, at.leaf);
}

function availability(payload: string): TasmotaMessage {
  if (payload === "Online" || payload === "Offline") return { kind: "availability", online: payload === "Online" };
  return { kind: "invalid", why: "LWT is neither Online nor Offline" };
}

function parseFields(fields: Fields, leaf: string): TasmotaMessage {
  const inner = isFields(own(fields, "StatusSNS")) ? fieldsAt(fields, "StatusSNS") : fields;
  if (own(fields, "Command") === "Unknown") return { kind: "unknown_command" };
  return (
    meterOf(inner) ??
    cardOf(inner) ??
    infoOf(fields, leaf) ??
    stateOf(fields, leaf) ??
    relayOf(fields) ??
    resetOf(fields) ??
    serialOf(inner) ??
    temperatureOf(inner) ?? { kind: "other" }
  );
}

function meterOf(fields: Fields): TasmotaMeter | undefined {
  const energy = own(fields, "ENERGY");
  if (isFields(energy)) {
    const meter = said({
      powerW: phases(own(energy, "Power")),
      apparentVa: phases(own(energy, "ApparentPower")),
      voltageV: phases(own(energy, "Voltage")),
      currentA: phases(own(energy, "Current")),
      powerFactor: phases(own(energy, "Factor")),
      totalKwh: phases(own(energy, "Total")),
      tariffKwh: phases(own(energy, "TotalTariff")),
      totalStart: textOf(own(energy, "TotalStartTime")),
    });
    return Object.keys(meter).length === 0 ? undefined : { kind: "meter", ...meter, isPeriodic: Object.hasOwn(energy, "Period") };
  }
  const clamp = Object.entries(fieldsAt(fields, "ANALOG")).find(([name, value]) => /^CTEnergy\d*$/.test(name) && isFields(value));
  if (clamp === undefined) return undefined;
  const [sensor, values] = clamp as [string, Fields];
  const meter = said({
    powerW: phases(own(values, "Power")),
    voltageV: phases(own(values, "Voltage")),
    currentA: phases(own(values, "Current")),
    totalKwh: phases(own(values, "Energy")),
  });
  return { kind: "meter", sensor, ...meter, isPeriodic: false };
}

/** Undefined unless every part is a number or null: half a list would shift the phases. */
function phases(value: unknown): Phases | undefined {
  if (Array.isArray(value)) {
    const parts = value.map(numberOf);
    return parts.length > 0 && parts.every((part) => part !== undefined) ? parts : undefined;
  }
  if (!isFields(value)) return numberOf(value);
  const parts = Object.entries(value).map(([name, part]) => [name, numberOf(part)] as const);
  return parts.length > 0 && parts.every(([, part]) => part !== undefined)
    ? (Object.fromEntries(parts) as Record<string, number | null>)
    : undefined;
}

/** All phases together; null when one is not known, because a part is not the sum. */
export function phaseSum(value: Phases): number | null {
  const parts = typeof value === "object" && value !== null ? Object.values(value) : [value];
  return parts.reduce<number | null>((sum, part) => (sum === null || part === null ? null : sum + part), 0);
}

function cardOf(fields: Fields): TasmotaCard | TasmotaWiegand | undefined {
  for (const reader of ["PN532", "RC522", "RDM6300"] as const) {
    const card = fieldsAt(fields, reader);
    const uid = textOf(own(card, "UID"));
    if (uid === undefined || !/^([\da-f]{2}){1,10}$/i.test(uid)) continue;
    const data = textOf(own(card, "Data")) ?? textOf(own(card, "DATA"));
    const details = said({
      cardType: textOf(own(card, "Type")),
      data: data === "" ? undefined : data,
      auth: textOf(own(card, "Auth"))?.toLowerCase(),
    });
    return { kind: "card", reader, uid: uid.toUpperCase(), ...details };
  }
  const { UID, Size } = fieldsAt(fields, "Wiegand");
  const [uid, bits] = [wholeNumber(UID), wholeNumber(Size)];
  return uid === undefined || bits === undefined ? undefined : { kind: "wiegand", uid, bits: Number(bits), wasHex: false };
}

/** A number, or text in decimal or, as SetOption123 of later versions has it, in hexadecimal. */
function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  if (typeof value !== "string") return undefined;
  if (/^\d{1,19}$/.test(value)) return BigInt(value);
  const hex = /^(?:0x)?([\da-f]{1,16})h?$/i.exec(value)?.[1];
  return hex === undefined ? undefined : BigInt(`0x${hex}`);
}

function hexWiegand(payload: string): TasmotaWiegand | undefined {
  const found = /"Wiegand"\s*:\s*\{\s*"UID"\s*:\s*([\da-f]{1,16})h\s*,\s*"Size"\s*:\s*([\da-f]{1,2})h/i.exec(payload);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return { kind: "wiegand", uid: BigInt(`0x${found[1]}`), bits: Number.parseInt(found[2], 16), wasHex: true };
}

function infoOf(fields: Fields, leaf: string): TasmotaInfo | undefined {
  if (!/^INFO[123]$/.test(leaf)) return undefined;
  const info = { ...fields, ...fieldsAt(fields, "Info1"), ...fieldsAt(fields, "Info2"), ...fieldsAt(fields, "Info3") };
  const reason = textOf(own(info, "RestartReason"));
  return {
    kind: "info",
    ...said({
      module: textOf(own(info, "Module")),
      version: textOf(own(info, "Version")),
      hostname: textOf(own(info, "Hostname")),
      ip: textOf(own(info, "IPAddress")) ?? textOf(own(info, "IPaddress")),
      restartReason: reason ?? textOf(own(info, "Started")),
    }),
    isOldWording: reason === undefined,
  };
}

function stateOf(fields: Fields, leaf: string): TasmotaState | undefined {
  const state = leaf === "STATUS11" ? fieldsAt(fields, "StatusSTS") : fields;
  if (leaf !== "STATE" && leaf !== "STATUS11") return undefined;
  const uptime = /^(\d{1,5})T(\d{2}):(\d{2}):(\d{2})$/
    .exec(textOf(own(state, "Uptime")) ?? "")
    ?.slice(1)
    .map(Number);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = uptime ?? [];
  const spelled = uptime === undefined ? undefined : ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
  return {
    kind: "state",
    relays: relaysOf(state),
    timeHasOffset: /([+-]\d{2}:\d{2}|Z)$/.test(textOf(own(state, "Time")) ?? ""),
    ...said({
      uptimeS: numberOf(own(state, "UptimeSec")) ?? spelled,
      mqttCount: numberOf(own(state, "MqttCount")) ?? undefined,
      rssiPercent: numberOf(own(fieldsAt(state, "Wifi"), "RSSI")) ?? undefined,
    }),
  };
}

function relaysOf(fields: Fields): { readonly index: number; readonly on: boolean }[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const number = /^POWER(\d{0,2})$/.exec(key)?.[1];
    return number === undefined || (value !== "ON" && value !== "OFF") ? [] : [{ index: relayIndex(number), on: value === "ON" }];
  });
}
/** POWER and POWER1 are the first relay, 0. */
const relayIndex = (number: string): number => Math.max(0, (number === "" ? 1 : Number(number)) - 1);

function relayOf(fields: Fields): TasmotaRelay | undefined {
  const [relay] = relaysOf(fields);
  return relay === undefined ? undefined : { kind: "relay", ...relay };
}

function resetOf(fields: Fields): TasmotaMessage | undefined {
  const answer = Object.entries(fields).find(([key, value]) => /^Energy(Total|Reset|Today|Yesterday)\d?$/.test(key) && isFields(value));
  const total = answer === undefined ? undefined : phases(own(answer[1] as Fields, "Total"));
  if (total === undefined) return undefined;
  return { kind: "energy_reset", totalsKwh: typeof total === "object" && total !== null ? Object.values(total) : [total] };
}

function serialOf(fields: Fields): TasmotaMessage | undefined {
  const text = textOf(own(fields, "SSerialReceived")) ?? textOf(own(fields, "SerialReceived"));
  return text === undefined ? undefined : { kind: "serial", text };
}

function temperatureOf(fields: Fields): TasmotaMessage | undefined {
  for (const [sensor, values] of Object.entries(fields)) {
    const temperatureC = isFields(values) ? looseNumber(own(values, "Temperature")) : undefined;
    if (temperatureC === undefined || sensor === "ESP32") continue;
    return own(fields, "TempUnit") === "F" ? undefined : { kind: "temperature", sensor, temperatureC };
  }
  return undefined;
}
