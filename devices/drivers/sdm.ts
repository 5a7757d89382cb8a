/**
 * Eastron SDM120, SDM230 and SDM630: DIN-rail meters on RS-485 (Modbus RTU, 8N1; SDM120 leaves the factory at 2400 baud).
 *
 *   host  ─▶ AA 04 RRRR CCCC CRC        R first register, C registers; a value takes two
 *   meter ─▶ AA 04 NN F32 F32 … CRC     big-endian floats (Eastron Modbus protocol, input registers)
 *
 * A value that is no number is missing, never zero. Power is negative when the meter is wired the other way round.
 */
import type { ByteLine } from "./byte-line.ts";
import { createModbusHost, type ModbusBad, type ModbusOutcome, modbusFrame, readInputRegisters } from "./modbus-rtu.ts";

export type SdmQuantity =
  | "voltageV"
  | "currentA"
  | "powerW"
  | "apparentVa"
  | "reactiveVar"
  | "powerFactor"
  | "phaseAngleDeg"
  | "frequencyHz"
  | "importKwh"
  | "exportKwh"
  | "totalKwh";

/** `phase` 0 is the whole meter. */
export type SdmRegister = { readonly register: number; readonly quantity: SdmQuantity; readonly phase: 0 | 1 | 2 | 3 };
export type SdmValue = SdmRegister & { /** null when the meter said no number */ readonly value: number | null };

/** The input registers we know. Single-phase meters have phase 1 only, and no sum in 52. */
export const sdmRegisters: readonly SdmRegister[] = [
  ...perPhase(0, "voltageV"),
  ...perPhase(6, "currentA"),
  ...perPhase(12, "powerW"),
  ...perPhase(18, "apparentVa"),
  ...perPhase(24, "reactiveVar"),
  ...perPhase(30, "powerFactor"),
  ...perPhase(36, "phaseAngleDeg"),
  { register: 52, quantity: "powerW", phase: 0 },
  { register: 56, quantity: "apparentVa", phase: 0 },
  { register: 60, quantity: "reactiveVar", phase: 0 },
  { register: 62, quantity: "powerFactor", phase: 0 },
  { register: 66, quantity: "phaseAngleDeg", phase: 0 },
  { register: 70, quantity: "frequencyHz", phase: 0 },
  { register: 72, quantity: "importKwh", phase: 0 },
  { register: 74, quantity: "exportKwh", phase: 0 },
  { register: 342, quantity: "totalKwh", phase: 0 },
];

function perPhase(first: number, quantity: SdmQuantity): readonly SdmRegister[] {
  return ([1, 2, 3] as const).map((phase) => ({ register: first + (phase - 1) * 2, quantity, phase }));
}

export type SdmModel = "sdm120" | "sdm230" | "sdm630";
export const sdmBaudRates = [2_400, 4_800, 9_600, 19_200, 38_400] as const;
export const sdmAddressMax = 247;

/** Longest answer a meter gives: 40 values. */
const registersMax = 80;
const pauseMs = 100;
const timeoutMsDefault = 250;

/** The question for `count` registers from `register` on. Throws for what no meter has: that is our configuration. */
export function encodeSdmRead(address: number, register: number, count = 2): Uint8Array {
  if (!Number.isInteger(address) || address < 1 || address > sdmAddressMax)
    throw new RangeError(`a meter address is a whole number from 1 to ${sdmAddressMax}; got ${address}`);
  if (register < 0 || register > 0xffff || count < 2 || count > registersMax || count % 2 !== 0)
    throw new RangeError(`a question asks for 2 to ${registersMax} registers, two per value; got ${count} from ${register}`);
  return modbusFrame(address, [readInputRegisters, register >> 8, register & 0xff, 0, count]);
}

/** Every known value in the data of an answer that begins at `register`. A last half value is left out. */
export function decodeSdmValues(data: Uint8Array, register: number): readonly SdmValue[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return sdmRegisters.flatMap((known) => {
    const at = (known.register - register) * 2;
    if (at < 0 || at + 4 > data.length) return [];
    const value = view.getFloat32(at);
    return [{ ...known, value: Number.isFinite(value) ? value : null }];
  });
}

export type SdmReading = {
  readonly kind: "reading";
  /** Signed: negative when energy flows the other way. */
  readonly powerW: number | null;
  /** What the meter counted in both directions; its step is 1 or 10 Wh. */
  readonly energyWh: number | null;
  readonly voltageV: number | null;
};
export type SdmOutcome = SdmReading | { readonly kind: "silent" } | ModbusBad;

export interface Sdm {
  /** Three questions: power, energy, voltage. The first that fails is the outcome. Never rejects. */
  read(): Promise<SdmOutcome>;
  bufferedBytes(): number;
}

/** A meter on a line; others may share it. The line stays the caller's. */
export function createSdm(
  line: ByteLine,
  options: { readonly address: number; readonly model: SdmModel; readonly timeoutMs?: number; readonly pauseMs?: number },
): Sdm {
  const host = createModbusHost(line, options.timeoutMs ?? timeoutMsDefault);
  // The datasheet wants 100 ms between the end of an answer and the next question.
  const rest = () => new Promise((resolve) => setTimeout(resolve, options.pauseMs ?? pauseMs));
  const questions = [options.model === "sdm630" ? 52 : 12, 342, 0].map((register) => ({
    register,
    bytes: encodeSdmRead(options.address, register),
  }));
  const ask = async (question: { readonly register: number; readonly bytes: Uint8Array }): Promise<ModbusOutcome> => {
    const outcome = await host.ask(question.bytes, { address: options.address, code: readInputRegisters, dataBytes: 4 });
    await rest();
    return outcome;
  };
  return {
    async read() {
      const values: (number | null)[] = [];
      for (const question of questions) {
        const outcome = await ask(question);
        if (outcome.kind !== "answer") return outcome;
        values.push(decodeSdmValues(outcome.data, question.register)[0]?.value ?? null);
      }
      const [powerW = null, totalKwh = null, voltageV = null] = values;
      return { kind: "reading", powerW, energyWh: totalKwh === null ? null : Math.round(totalKwh * 1_000), voltageV };
    },
    bufferedBytes: () => host.bufferedBytes(),
  };
}
