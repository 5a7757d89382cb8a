/** Serial meters and current clamps, in the spelling of recorded lines. */
import { decodeCse7766 } from "../../devices/drivers/cse7766.ts";
import { clampScale, clampWithBurden } from "../../devices/drivers/ct-clamp.ts";
import { hasModbusCrc, type ModbusBadWhy, modbusCrc } from "../../devices/drivers/modbus-rtu.ts";
import { decodeRead, pzemGeneralAddress } from "../../devices/drivers/pzem004t.ts";
import { decodeSdmValues, type SdmQuantity, type SdmRegister, sdmRegisters } from "../../devices/drivers/sdm.ts";
import { type Decoded, type Decoder, type Recorded, refused } from "./decode-recorded.ts";

const none = new Uint8Array(0);

const refusals: Readonly<Record<ModbusBadWhy, string>> = {
  short: "answer cut short",
  checksum: "CRC wrong",
  exception: "the meter refused the question",
  foreign: "answer of another meter",
  "not an answer": "no answer to this question",
  "line lost": "line lost",
};

const pzem: Decoder = ({ bytes = none, direction }) => {
  if (bytes.length === 0) return refused("silence: the meter has no mains");
  const [address = 0, code = 0] = bytes;
  const crcOk = hasModbusCrc(bytes);
  if (direction.startsWith("host")) return crcOk ? { address, crc_ok: true, name: pzemQuestion(bytes) } : badCrc(bytes);
  if ((code & 0x80) !== 0 && bytes.length === 5 && crcOk) {
    return { address, crc_ok: true, exception: hex(bytes[2] ?? 0), name: `error reply to ${pzemVerbs[code & 0x7f] ?? hex(code & 0x7f)}` };
  }
  if (!crcOk) return isCollision(bytes) ? { crc_ok: false, ...refused("collision: never use F8 with more than one meter") } : badCrc(bytes);
  if (bytes.length === 8 && code === 0x06) return { address, crc_ok: true, name: pzemQuestion(bytes) };
  const reading = decodeRead(bytes);
  if (reading.kind === "bad") return { address, crc_ok: true, ...refused(refusals[reading.why]) };
  return {
    address,
    crc_ok: true,
    voltage_v: reading.voltageV,
    current_a: reading.currentA,
    power_w: reading.powerW,
    energy_wh: reading.energyWh,
    frequency_hz: reading.frequencyHz,
    power_factor: reading.powerFactor,
    alarm: reading.alarm,
  };
};

const pzemVerbs: Readonly<Record<number, string>> = { 3: "read", 4: "read", 6: "write", 65: "calibration", 66: "reset" };

function pzemQuestion(frame: Uint8Array): string {
  const [address = 0, code = 0] = frame;
  const [register, value] = [word(frame, 2), word(frame, 4)];
  const general = address === pzemGeneralAddress ? " (general address F8)" : "";
  if (code === 0x42) return "reset energy";
  if (code === 0x41) return "calibration (factory only)";
  if (code === 0x03 && register === 2) return `read own slave address${general}`;
  if (code === 0x03 && register === 1) return `read alarm threshold${general}`;
  if (code === 0x04)
    return register === 0 && value === 10
      ? `read all 10 input registers${general}`
      : `read ${value} input registers from ${register}${general}`;
  if (code === 0x06 && register === 2) return `set address ${address}->${value}`;
  if (code === 0x06 && register === 1) return `set alarm threshold ${value} W`;
  return `function ${hex(code)}${general}`;
}

/** Tells a swapped checksum from a wrong one: drivers and datasheets disagree about its order. */
function badCrc(bytes: Uint8Array): Decoded {
  const crc = modbusCrc(bytes.subarray(0, -2));
  const isSwapped = bytes.length > 3 && bytes.at(-2) === crc >> 8 && bytes.at(-1) === (crc & 0xff);
  const order = isSwapped ? { crc_order: "low byte first on the wire" } : {};
  return { crc_ok: false, ...order, ...refused(isSwapped ? "CRC bytes swapped" : refusals.checksum) };
}

/** Two meters on the general address talk over each other: the start of an answer comes twice. */
function isCollision(bytes: Uint8Array): boolean {
  const start = [pzemGeneralAddress, 0x04, 0x14];
  const starts = Array.from(bytes.keys()).filter((at) => start.every((byte, i) => bytes[at + i] === byte));
  return starts.length > 1;
}

const cse7766: Decoder = ({ bytes = none }) => {
  const reading = decodeCse7766(bytes);
  if (reading.kind === "bad") return { checksum_ok: reading.why === "not calibrated", ...refused(reading.why) };
  return {
    checksum_ok: true,
    voltage_v: rounded(reading.voltageV, 2),
    current_a: rounded(reading.currentA, 4),
    power_w: rounded(reading.powerW, 3),
    adj: hex(reading.adjust),
    cf_pulses: reading.pulses,
  };
};

const sdmKeys: Readonly<Record<SdmQuantity, string>> = {
  voltageV: "voltage_v",
  currentA: "current_a",
  powerW: "power_w",
  apparentVa: "apparent_va",
  reactiveVar: "reactive_var",
  powerFactor: "power_factor",
  phaseAngleDeg: "phase_angle_deg",
  frequencyHz: "frequency_hz",
  importKwh: "import_kwh",
  exportKwh: "export_kwh",
  totalKwh: "total_kwh",
};

/** An answer does not say which registers it holds: `context.start_register` does, and without it register 0 was asked. */
const sdm: Decoder = (message) => {
  const { bytes = none, direction, context } = message;
  if (direction.startsWith("host")) return question(bytes);
  const start = ["start_register", "start", "register"].map((key) => context[key]).find((value) => typeof value === "number");
  const register = typeof start === "number" ? start : 0;
  if (direction.includes("(one float)")) return oneFloat(bytes, typeof start === "number" ? start : null);
  if (direction.includes("register data only")) return { start_register: register, values: phaseValues(bytes, register) };
  const [address = 0, code = 0, size = 0] = bytes;
  if (!hasModbusCrc(bytes)) return glitch(bytes);
  if ((code & 0x80) !== 0) return { address, crc_ok: true, exception: hex(size), ...refused(refusals.exception) };
  const data = bytes.subarray(3, -2);
  if (code !== 0x04 || size !== data.length || size % 4 !== 0) return { address, crc_ok: true, ...refused(refusals["not an answer"]) };
  const isNumber = data.length !== 4 || Number.isFinite(float(data));
  if (!isNumber) return { address, crc_ok: true, value: null, ...refused("NaN float: treat as missing") };
  const values = phaseValues(data, register);
  return { address, crc_ok: true, function: code, start_register: register, ...(data.length === 4 ? values : { values, ...values }) };
};

function question(bytes: Uint8Array): Decoded {
  if (!hasModbusCrc(bytes)) return badCrc(bytes);
  const [address = 0, code = 0] = bytes;
  const start = word(bytes, 2);
  if (bytes.length !== 8) return { address, function: code, crc_ok: true, data: bytes.subarray(2, -2).toHex().toUpperCase() };
  const known = sdmRegisters.find(({ register }) => register === start);
  const what = known === undefined ? {} : { what: sdmWhat(known) };
  return { address, function: code, crc_ok: true, start, register: start, count: word(bytes, 4), ...what };
}

const words: Readonly<Record<SdmQuantity, string>> = {
  voltageV: "voltage",
  currentA: "current",
  powerW: "power",
  apparentVa: "apparent power",
  reactiveVar: "reactive power",
  powerFactor: "power factor",
  phaseAngleDeg: "phase angle",
  frequencyHz: "frequency Hz",
  importKwh: "import kWh",
  exportKwh: "export kWh",
  totalKwh: "total active energy kWh",
};
const totals: Partial<Record<SdmQuantity, string>> = { powerW: " W", apparentVa: " VA", reactiveVar: " VAr" };

function sdmWhat({ quantity, phase, register }: SdmRegister): string {
  if (phase > 0) return `${words[quantity]} L${phase}${phase > 1 ? " (SDM630)" : ""}`;
  return register < 70 ? `SDM630 total ${words[quantity]}${totals[quantity] ?? ""}` : words[quantity];
}

/** Values by name; phases 2 and 3 only where there is a voltage: single-phase meters fill them with zeros that mean nothing. */
function phaseValues(data: Uint8Array, register: number): Decoded {
  const values = decodeSdmValues(data, register);
  const live = new Set(values.filter(({ quantity, value }) => quantity === "voltageV" && (value ?? 0) > 0).map(({ phase }) => phase));
  const isPresent = ({ phase }: SdmRegister) => phase < 2 || live.has(phase);
  const isThreePhase = live.has(2) || live.has(3);
  const named = values
    .filter((value) => isPresent(value) && (isThreePhase || value.phase > 0 || value.register >= 70 || values.length === 1))
    .map(({ quantity, phase, register: at, value }) => {
      const suffix = phase > 1 ? `_l${phase}` : isThreePhase && phase === 0 && at < 70 ? "_total" : "";
      return [`${sdmKeys[quantity]}${suffix}`, rounded(value, 3)] as const;
    });
  return Object.fromEntries(named);
}

function oneFloat(bytes: Uint8Array, register: number | null): Decoded {
  if (bytes.length !== 4) return refused("a value has 4 bytes");
  const value = float(bytes);
  if (!Number.isFinite(value)) return { value: null, ...refused("NaN float: treat as missing") };
  const known = sdmRegisters.find((each) => each.register === register);
  return {
    ...(register === null ? {} : { register }),
    value: rounded(value, 3),
    ...(known === undefined ? {} : { name: sdmKeys[known.quantity] }),
  };
}

/** What a bad answer looks like, for people with a scope; nothing of it is accepted. */
function glitch(bytes: Uint8Array): Decoded {
  const from = bytes.findIndex((byte) => byte !== 0);
  const frame = bytes.subarray(Math.max(0, from));
  const size = frame[2] ?? 0;
  const isCut = frame[1] === 0x04 && frame.length === 3 + size + 1;
  const isWhole = frame[1] === 0x04 && frame.length === 3 + size + 2 && hasModbusCrc(frame);
  if (!isCut && !isWhole) return { strict_valid: false, crc_ok: false, ...refused(refusals.checksum) };
  const what = [from > 0 ? "spurious leading 00 (RS485 turnaround glitch)" : "", isCut ? "last CRC byte missing" : ""]
    .filter(Boolean)
    .join(" and ");
  const payload = size === 4 ? { payload_value_v: rounded(float(frame.subarray(3, 7)), 3) } : {};
  const crc = modbusCrc(frame.subarray(0, 3 + size));
  return {
    strict_valid: false,
    crc_ok: false,
    ...payload,
    crc_first_byte_matches: frame[3 + size] === (crc & 0xff),
    policy: "resync on address byte; do not accept without full CRC; re-poll",
    ...refused(what),
  };
}

/** Any Modbus RTU frame: a question, an answer with registers, or a diagnostic. */
const modbus: Decoder = (message: Recorded) => {
  const { bytes = none, direction } = message;
  if (!hasModbusCrc(bytes)) return badCrc(bytes);
  const [address = 0, code = 0, size = 0] = bytes;
  const base = { address, function: code & 0x7f, crc_ok: true };
  if ((code & 0x80) !== 0) return { ...base, exception: hex(size), ...refused(refusals.exception) };
  if (code === 0x08) return { ...base, sub_function: word(bytes, 2), data: bytes.subarray(4, -2).toHex().toUpperCase() };
  const data = bytes.subarray(3, -2);
  if (direction.startsWith("host")) return question(bytes);
  if (size !== data.length) return { ...base, data: bytes.subarray(2, -2).toHex().toUpperCase() };
  const value = data.length === 4 ? float(data) : Number.NaN;
  return { ...base, data: data.toHex().toUpperCase(), ...(Number.isFinite(value) ? { float_be: rounded(value, 6) } : {}) };
};

/** A clamp says a voltage; what the line tells about its wiring gives the scale. */
const clamp: Decoder = ({ context }) => {
  const number = (name: string) => (typeof context[name] === "number" && Number.isFinite(context[name]) ? context[name] : null);
  const [ratio, burdenOhm, cal, millivolts, volts] = ["ratio", "burden_ohm", "cal", "mv_rms", "volts"].map(number);
  const scale = ratio != null && burdenOhm != null ? clampWithBurden(ratio, burdenOhm) : cal != null && cal > 0 ? clampScale(cal) : null;
  if (scale === null) {
    return context.output === "voltage"
      ? { external_burden: false }
      : refused("no scale: give context.ratio and context.burden_ohm, or context.cal");
  }
  const { ampsPerVolt, fullScalePeakA, fullScaleRmsA } = scale;
  const amps = millivolts == null ? null : (millivolts / 1_000) * ampsPerVolt;
  return {
    cal_amps_per_volt: rounded(ampsPerVolt, 2),
    volts_rms_at_100A: rounded(100 / ampsPerVolt, 3),
    volts_peak_at_100A: rounded((100 / ampsPerVolt) * Math.SQRT2, 3),
    full_scale_peak_a: rounded(fullScalePeakA, 1),
    full_scale_rms_a: rounded(fullScaleRmsA, 1),
    ...(amps === null ? {} : { amps_from_ct: rounded(amps, 3), ...(volts == null ? {} : { apparent_va: rounded(amps * volts, 1) }) }),
  };
};

function float(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat32(0);
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** What the recorders kept; null stays null. */
function rounded(value: number | null, decimals: number): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toFixed(decimals));
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

export const meterDecoders: Readonly<Record<string, Decoder>> = {
  "pzem004t-v3": pzem,
  cse7766,
  "eastron-sdm": sdm,
  "modbus-rtu": modbus,
  "ct-clamp": clamp,
};
