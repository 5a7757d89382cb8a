/** Tasmota's messages in the spelling of recorded lines. */
import { walkCounter } from "../hosted/energy.ts";
import { rounded, said } from "../hosted/json.ts";
import { countRuns, machineOnW, type PowerPoint, smallLoad } from "../hosted/power-run.ts";
import {
  type Phases,
  parseTasmota,
  parseTasmotaTopic,
  phaseSum,
  type TasmotaCard,
  type TasmotaInfo,
  type TasmotaMessage,
  type TasmotaMeter,
  type TasmotaState,
  type TasmotaWiegand,
} from "../hosted/tasmota.ts";
import { type Decoded, type Decoder, type Message, messagesOf, refused } from "./decode-recorded.ts";

export const tasmotaDecoders: Readonly<Record<string, Decoder>> = {
  tasmota: (message) => (message.sequence === undefined ? one(message.topic, message.payload) : several(messagesOf(message.sequence))),
  "tasmota-wiegand": ({ topic, payload }) => one(topic, payload),
};

function one(topic: string, payload: string | undefined): Decoded {
  if (payload === undefined) return refused("the line has no payload");
  const message = parseTasmota(topic, payload);
  if (message.kind === "invalid") return { json_valid: false, must_not_crash: true, ...refused(message.why) };
  if (message.kind === "wiegand" && message.wasHex) return { json_valid: false, must_not_crash: true, ...lenientWiegand(message) };
  const isJson = payload.trimStart().startsWith("{");
  return { ...spelled(message), ...(isJson ? { json_valid: true, must_not_crash: true } : {}) };
}

function spelled(message: Exclude<TasmotaMessage, { kind: "invalid" }>): Decoded {
  switch (message.kind) {
    case "meter":
      return meter(message);
    case "relay":
      return { type: "relay", index: message.index, on: message.on };
    case "card":
      return card(message);
    case "wiegand":
      return wiegand(message);
    case "state":
      return state(message);
    case "info":
      return info(message);
    case "availability":
      return { type: "availability", online: message.online };
    case "energy_reset":
      return { type: "energy_reset", totals_kwh: message.totalsKwh };
    case "serial":
      return { type: "serial_bridge", text: message.text };
    case "temperature":
      return { type: "temperature", sensor: message.sensor, temperature_c: message.temperatureC };
    case "command":
      return { meaning: meaning(message.command, message.value) };
    case "unknown_command":
      return { type: "unknown_command" };
    case "other":
      return { type: "ignore" };
  }
}

const isSeveral = (value: Phases | undefined): value is Exclude<Phases, number | null> => typeof value === "object" && value !== null;

function meter(message: TasmotaMeter): Decoded {
  const sum = (value: Phases | undefined) => {
    const total = value !== undefined && isSeveral(value) ? phaseSum(value) : undefined;
    return total === undefined || total === null ? total : rounded(total, 6);
  };
  return said({
    type: message.powerW === undefined ? "energy" : "power",
    sensor: message.sensor,
    power_w: message.powerW,
    energy_total_kwh: message.totalKwh,
    voltage_v: message.voltageV,
    current_a: message.currentA,
    power_factor: message.powerFactor,
    apparent_va: message.apparentVa,
    total_start: message.totalStart,
    tariff_kwh: message.tariffKwh,
    sum_kwh: sum(message.totalKwh),
    sum_w: sum(message.powerW),
  });
}

function card({ reader, uid, cardType, data, auth }: TasmotaCard): Decoded {
  // ISO 14443-3: 88 is the cascade tag, so these four bytes are the first level of a longer number (MFRC522 drivers cut it).
  const isCut = uid.length === 8 && uid.startsWith("88");
  const bad = isCut ? refused("a 4-byte UID that starts with 88 is a cut 7-byte one: it is not unique") : {};
  return said({ type: "card", reader, uid, card_type: cardType, data, auth, ...bad });
}

const hexOfWiegand = ({ uid, bits }: TasmotaWiegand): string => {
  const digits = Math.ceil(Math.max(0, bits - 2) / 4); // two parity bits
  return uid.toString(16).toUpperCase().padStart(digits, "0");
};

function wiegand(message: TasmotaWiegand): Decoded {
  const fields = {
    uid_dec: Number(message.uid),
    size: message.bits,
    uid_hex: hexOfWiegand(message),
    fits_32_bit: message.uid < 2n ** 32n,
    ...(message.bits === 26 ? { relation: "26-bit value = printed number & 0xFFFFFF" } : {}),
  };
  return message.uid === 0n ? { ...fields, ...refused("UID 0 is no card: some firmware gives it after a parity error") } : fields;
}

function lenientWiegand(message: TasmotaWiegand): Decoded {
  return { lenient_uid_hex: hexOfWiegand(message), lenient_size: message.bits };
}

function state(message: TasmotaState): Decoded {
  const relays = message.relays.map(({ on }) => on);
  return said({
    type: "state",
    uptime_s: message.uptimeS,
    relay_on: relays[0],
    relays: relays.length > 1 ? relays : undefined,
    time_has_offset: message.timeHasOffset,
    mqtt_count: message.mqttCount,
    rssi_pct: message.rssiPercent,
  });
}

function info(message: TasmotaInfo): Decoded {
  return said({
    type: "info",
    module: message.module,
    version: message.version,
    hostname: message.hostname,
    ip: message.ip,
    restart_reason: message.restartReason,
    boot_reason: message.isOldWording ? message.restartReason : undefined,
  });
}

function meaning(command: string, value: string): string {
  const name = command.toUpperCase();
  const relay = /^POWER(\d*)$/.exec(name)?.[1];
  if (relay !== undefined) {
    const which = relay === "" || relay === "0" ? "" : ` relay ${relay}`;
    const act = {
      ON: "turn on",
      "1": "turn on",
      OFF: "turn off",
      "0": "turn off",
      TOGGLE: "toggle",
      "2": "toggle",
      "": "ask for the state",
    };
    return `${act[value.toUpperCase() as keyof typeof act] ?? `set to ${value}`}${which}`;
  }
  if (name === "STATUS") {
    const asked = { "": "short status", "0": "all status", "8": "sensor status", "10": "sensor status", "11": "state" };
    return `ask for ${asked[value as keyof typeof asked] ?? `status ${value}`}`;
  }
  if (name === "TELEPERIOD") return `${value} s telemetry (min 10)`;
  if (name === "PULSETIME" || /^PULSETIME\d$/.test(name)) return pulseTime(value);
  if (name === "BACKLOG" && /PowerOnState 0/i.test(value)) return "recommended provisioning of a machine plug";
  return value === "" ? `ask for ${command}` : `${command} ${value}`;
}

/** 1 to 111 are tenths of a second, beyond that seconds plus 100; 0 switches it off. */
function pulseTime(value: string): string {
  const given = Number(value);
  if (value === "" || !Number.isInteger(given) || given < 0) return "ask for the pulse time";
  if (given === 0) return "no pulse time";
  return `turn off by itself after ${given <= 111 ? given / 10 : given - 100} s`;
}

type Heard = { readonly message: TasmotaMessage; readonly atMs: number | undefined };

/** What a device said over time: its counter, its runs, its start. */
function several(messages: readonly Message[]): Decoded {
  const heard = messages.map(({ topic, payload }) => ({ message: parseTasmota(topic, payload), atMs: deviceTime(payload) }));
  return { ...counted(heard), ...runs(heard), ...lifeOf(heard, messages) };
}

function deviceTime(payload: string): number | undefined {
  const text = /"Time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)/.exec(payload)?.[1];
  const ms = text === undefined ? Number.NaN : Date.parse(`${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

function counted(heard: readonly Heard[]): Decoded {
  const starts = new Set(heard.flatMap(({ message }) => (message.kind === "meter" ? [message.totalStart] : [])));
  const totalsWh = heard.map(({ message }) => {
    const kwh =
      message.kind === "meter" && message.totalKwh !== undefined
        ? phaseSum(message.totalKwh)
        : message.kind === "energy_reset"
          ? phaseSum(message.totalsKwh)
          : undefined;
    return typeof kwh === "number" ? kwh * 1000 : kwh;
  });
  if (totalsWh.filter((total) => typeof total === "number").length < 2) return {};
  const walk = walkCounter(totalsWh);
  return {
    counter_reset_detected: walk.didReset,
    delta_kwh: rounded(walk.spanWh / 1000, 6),
    energy_counted_after_reset_kwh: rounded(walk.sinceResetWh / 1000, 6),
    never_negative: walk.deltasWh.every((delta) => delta >= 0),
    ...(walk.didReset && starts.size === 1 ? { must_not_rely_on: "TotalStartTime (unchanged in this firmware)" } : {}),
  };
}

function runs(heard: readonly Heard[]): Decoded {
  const meters = heard.flatMap(({ message, atMs }) => (message.kind === "meter" ? [{ message, atMs }] : []));
  const points = meters.flatMap(({ message, atMs }): PowerPoint[] =>
    atMs === undefined || message.powerW === undefined ? [] : [{ atMs, powerW: phaseSum(message.powerW) }],
  );
  if (points.length < 2) return {};
  const small = countRuns(points, smallLoad);
  const voltage = meters.at(-1)?.message.voltageV;
  return said({
    sessions: small.runs,
    false_ends: Math.max(0, small.runs - 1),
    machine_running: countRuns(points, { onW: machineOnW, holdMs: smallLoad.holdMs }).runs > 0,
    mains_v: typeof voltage === "number" ? voltage : undefined,
    teleperiod_message_has: meters.some(({ message }) => message.isPeriodic) ? "Period" : undefined,
    powerdelta_message_lacks: meters.some(({ message }) => !message.isPeriodic) ? "Period" : undefined,
  });
}

/** Coming and going, restarts and relays; a relay that is said twice changed once. */
function lifeOf(heard: readonly Heard[], messages: readonly Message[]): Decoded {
  const events: string[] = [];
  const relays = new Map<number, boolean>();
  let reason: { readonly text: string; readonly isOld: boolean } | undefined;
  for (const [i, { message }] of heard.entries()) {
    if (message.kind === "availability") events.push(message.online ? "online" : "offline");
    if (message.kind === "info" && parseTasmotaTopic(messages[i]?.topic ?? "")?.leaf === "INFO3") {
      events.push("boot");
      if (message.restartReason !== undefined) reason = { text: message.restartReason, isOld: message.isOldWording };
    }
    for (const { index, on } of message.kind === "relay" ? [message] : message.kind === "state" ? message.relays : []) {
      if (relays.get(index) !== on) events.push(`relay ${index === 0 ? "" : `${index + 1} `}${on ? "on" : "off"}`);
      relays.set(index, on);
    }
  }
  return said({
    events: events.length === 0 ? undefined : events,
    relays: relays.size === 0 ? undefined : [...relays].sort(([a], [b]) => a - b).map(([, on]) => on),
    boot_reason: reason?.isOld === true ? reason.text : undefined,
    restart_reason: reason?.text,
  });
}
