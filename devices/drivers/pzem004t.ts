/**
 * PZEM-004T v3: a mains meter that answers Modbus RTU questions (9600 8N1).
 *
 *   host  ─▶ AA 04 0000 000A CRC                    input registers 0 to 9
 *   meter ─▶ AA 04 14 V I I P P E E F PF AL CRC     16-bit registers, 32-bit values low word first
 *
 * The command that resets the energy counter (0x42) and the factory calibration (0x41) are not in this file on purpose:
 * energy is billed.
 */
import type { ByteLine } from "./byte-line.ts";
import {
  createModbusHost,
  decodeModbusAnswer,
  type ModbusAnswer,
  type ModbusBad,
  modbusFrame,
  readHoldingRegisters,
  readInputRegisters,
} from "./modbus-rtu.ts";

export interface PzemReading {
  readonly kind: "reading";
  readonly address: number;
  readonly voltageV: number;
  readonly currentA: number;
  readonly powerW: number;
  /** A counter without direction; it wraps at 9 999 990 Wh. */
  readonly energyWh: number;
  readonly frequencyHz: number;
  readonly powerFactor: number;
  /** The power is above the meter's own threshold. */
  readonly alarm: boolean;
}

/** `silent`: not one byte came. The meter's bus side is powered by the mains it measures: usually "machine unpowered". */
export type PzemOutcome = PzemReading | { readonly kind: "silent" } | ModbusBad;

export interface Pzem {
  /** One question, one answer, within `timeoutMs` of its turn on the line. Never rejects. */
  read(): Promise<PzemOutcome>;
  /** Bytes of an unfinished answer, for diagnostics. */
  bufferedBytes(): number;
}

/** Addresses of single meters; 0xF8 reaches any meter and is for setting up one alone on its line. */
export const pzemAddressMin = 0x01;
export const pzemAddressMax = 0xf7;
export const pzemGeneralAddress = 0xf8;
export const pzemBaudRate = 9_600;

const registerCount = 10;
const timeoutMsDefault = 500;

/** The question for all ten values. Throws for an address that no meter can have: that is our configuration. */
export function encodeRead(address: number): Uint8Array {
  return modbusFrame(checkedAddress(address), [readInputRegisters, 0x00, 0x00, 0x00, registerCount]);
}

/** Asks the only meter on a line which address it has. */
export function encodeReadAddress(): Uint8Array {
  return modbusFrame(pzemGeneralAddress, [readHoldingRegisters, 0x00, 0x02, 0x00, 0x01]);
}

/** Gives a meter another address, to put several on one line. */
export function encodeSetAddress(from: number, to: number): Uint8Array {
  if (to === pzemGeneralAddress) throw new RangeError("a meter cannot have the general address 0xF8");
  return modbusFrame(checkedAddress(from), [0x06, 0x00, 0x02, 0x00, checkedAddress(to)]);
}

/** Decodes exactly one answer. `address` demands the meter that was asked; 0xF8 or nothing takes any. */
export function decodeRead(bytes: Uint8Array, address?: number): PzemReading | ModbusBad {
  const answer = decodeModbusAnswer(bytes, expectedOf(address));
  return answer.kind === "answer" ? readingOf(answer) : answer;
}

function readingOf({ address, data }: ModbusAnswer): PzemReading {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const word = (register: number): number => view.getUint16(register * 2);
  const lowWordFirst = (register: number): number => word(register + 1) * 0x1_0000 + word(register);
  return {
    kind: "reading",
    address,
    voltageV: word(0) / 10,
    currentA: lowWordFirst(1) / 1_000,
    powerW: lowWordFirst(3) / 10,
    energyWh: lowWordFirst(5),
    frequencyHz: word(7) / 10,
    powerFactor: word(8) / 100,
    alarm: word(9) !== 0,
  };
}

function expectedOf(address: number | undefined) {
  const anyone = address === undefined || address === pzemGeneralAddress;
  return { code: readInputRegisters, dataBytes: registerCount * 2, ...(anyone ? {} : { address }) };
}

/** A meter on a line. The line stays the caller's: it is closed by whoever opened it. */
export function createPzem(line: ByteLine, options: { readonly address: number; readonly timeoutMs?: number }): Pzem {
  const address = checkedAddress(options.address);
  const question = encodeRead(address);
  const host = createModbusHost(line, options.timeoutMs ?? timeoutMsDefault);
  return {
    async read() {
      const outcome = await host.ask(question, expectedOf(address));
      return outcome.kind === "answer" ? readingOf(outcome) : outcome;
    },
    bufferedBytes: () => host.bufferedBytes(),
  };
}

function checkedAddress(address: number): number {
  if (Number.isInteger(address) && address >= pzemAddressMin && address <= pzemGeneralAddress) return address;
  throw new RangeError(`a meter address is a whole number from 1 to 247, or 248 for the only meter on a line; got ${address}`);
}
