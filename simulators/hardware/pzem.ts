// A PZEM-004T v3 energy meter at the byte level: a Modbus RTU slave that measures whatever load the simulated machine
// draws, counts its energy, and is silent while its mains side has no power (its optocouplers are fed from there).
//
//   request  01 04 00 00 00 0A crc crc     reply  01 04 14 (20 data bytes) crc crc     9600 8N1, CRC low byte first

/** What the meter shows, in the units of its registers' resolution. */
export interface PzemReading {
  /** 0.1 V steps. */
  readonly voltageV: number;
  /** 1 mA steps. */
  readonly currentA: number;
  /** 0.1 W steps. */
  readonly powerW: number;
  /** 1 Wh steps; starts again at 10,000 kWh. */
  readonly energyWh: number;
  /** 0.1 Hz steps. */
  readonly frequencyHz: number;
  /** 0.01 steps. */
  readonly powerFactor: number;
  readonly isAlarm: boolean;
}

export interface Pzem {
  /** Bytes from the host, in pieces of any size. */
  receive(bytes: Uint8Array): void;
  /** Sets what the machine draws from now on. Power factor 0.95 unless said. */
  setLoadW(powerW: number, powerFactor?: number): void;
  /** Takes away or returns the mains on the measured side: without it the meter answers nothing and counts nothing. */
  setMains(isOn: boolean): void;
  setSupply(supply: { readonly voltageV?: number; readonly frequencyHz?: number }): void;
  /** The truth the meter measures now: tests compare what the hub believes with it. */
  reading(): PzemReading;
  /** The counted energy before rounding to the register's 1 Wh, in Wh. */
  energyWhExact(): number;
  /** How often somebody sent the reset-energy command (a hub that bills energy never does). */
  resetCount(): number;
  /** The next `count` requests stay without an answer. */
  ignoreRequests(count: number): void;
  close(): void;
}

export interface PzemOptions {
  /** Where replies go, for instance `pty.write`. */
  readonly send: (bytes: Uint8Array) => void;
  /** Modbus address 1–247. Default 1. */
  readonly address?: number;
  /** Time to the answer; the datasheet says at most 100 ms. Default 20. */
  readonly replyDelayMs?: number;
  /** Monotonic milliseconds, so that simulated time can run fast. Default `performance.now`. */
  readonly nowMs?: () => number;
  /** Counter at the start, in Wh. */
  readonly energyWh?: number;
}

const generalAddress = 0xf8;
const energyWrapWh = 10_000_000;
const requestBytesMax = 64;
const readHolding = 0x03;
const readInput = 0x04;
const writeSingle = 0x06;
const calibrate = 0x41;
const resetEnergy = 0x42;
const illegalFunction = 1;
const illegalAddress = 2;
const illegalValue = 3;
/** Bytes of each request the meter knows, address and CRC included (Peacefair manual, §2.3 to §2.7). */
const requestLength: Readonly<Record<number, number>> = {
  [readHolding]: 8,
  [readInput]: 8,
  [writeSingle]: 8,
  [calibrate]: 6,
  [resetEnergy]: 4,
};

export function createPzem(options: PzemOptions): Pzem {
  const { send, replyDelayMs = 20 } = options;
  const meter = createMeter(options);
  const replies = new Set<NodeJS.Timeout>();
  let toIgnore = 0;
  let pending = new Uint8Array(0);

  function reply(request: Uint8Array): void {
    if (!meter.isMainsOn()) return;
    if (toIgnore > 0) {
      toIgnore -= 1;
      return;
    }
    const bytes = meter.answer(request);
    if (!bytes) return;
    const timer = setTimeout(() => {
      replies.delete(timer);
      if (meter.isMainsOn()) send(bytes);
    }, replyDelayMs);
    replies.add(timer);
  }

  const { setLoadW, setMains, setSupply, reading, energyWhExact, resetCount } = meter;
  return {
    receive(bytes) {
      pending = Uint8Array.from([...pending, ...bytes]).slice(-requestBytesMax);
      for (let found = takeRequest(pending); found; found = takeRequest(pending)) {
        pending = found.rest;
        reply(found.request);
      }
    },
    ...{ setLoadW, setMains, setSupply, reading, energyWhExact, resetCount },
    ignoreRequests(count) {
      toIgnore = count;
    },
    close() {
      for (const timer of replies) clearTimeout(timer);
      replies.clear();
    },
  };
}

type Meter = Pick<Pzem, "setLoadW" | "setMains" | "setSupply" | "reading" | "energyWhExact" | "resetCount"> & {
  isMainsOn(): boolean;
  answer(request: Uint8Array): Uint8Array | null;
};

/** What it measures, counts and remembers, and what it says when asked; the wire is somebody else's. */
function createMeter(options: PzemOptions): Meter {
  const { nowMs = () => performance.now() } = options;
  const supply = { voltageV: 230, frequencyHz: 50 };
  const load = { powerW: 0, powerFactor: 0.95 };
  const kept = { address: options.address ?? 1, alarmThresholdW: 23_000 };
  let isMainsOn = true;
  let energyWh = options.energyWh ?? 0;
  let countedUpToMs = nowMs();
  let resets = 0;

  function count(): void {
    const now = nowMs();
    if (isMainsOn) energyWh += (load.powerW * (now - countedUpToMs)) / 3_600_000;
    countedUpToMs = now;
  }

  function reading(): PzemReading {
    count();
    const powerW = isMainsOn ? load.powerW : 0;
    return {
      voltageV: isMainsOn ? supply.voltageV : 0,
      currentA: powerW / (supply.voltageV * load.powerFactor),
      powerW,
      energyWh: Math.floor(energyWh) % energyWrapWh,
      frequencyHz: isMainsOn ? supply.frequencyHz : 0,
      powerFactor: powerW > 0 ? load.powerFactor : 0,
      isAlarm: powerW > kept.alarmThresholdW,
    };
  }

  return {
    isMainsOn: () => isMainsOn,
    answer: (request) =>
      answerTo(request, kept, reading, () => {
        resets += 1;
        count();
        energyWh = 0;
      }),
    setLoadW(powerW, powerFactor = 0.95) {
      if (!(powerW >= 0) || !(powerFactor > 0 && powerFactor <= 1)) throw new Error(`no such load: ${powerW} W at ${powerFactor}`);
      count();
      Object.assign(load, { powerW, powerFactor });
    },
    setMains(isOn) {
      count();
      isMainsOn = isOn;
    },
    setSupply: (change) => Object.assign(supply, change),
    reading,
    energyWhExact() {
      count();
      return energyWh;
    },
    resetCount: () => resets,
  };
}

/** One request of the manual's; null: it is somebody else's. What it writes stays in `kept`. */
function answerTo(
  request: Uint8Array,
  kept: { address: number; alarmThresholdW: number },
  reading: () => PzemReading,
  reset: () => void,
): Uint8Array | null {
  const [to = 0, code = 0] = request;
  const [first, second] = [word(request, 2), word(request, 4)];
  if (to !== kept.address && to !== generalAddress) return null;
  if (code === readInput) {
    if (second < 1 || first + second > 10) return exception(to, code, illegalAddress);
    return readReply(to, code, pzemRegisters(reading()).slice(first, first + second));
  }
  if (code === readHolding) {
    if (second < 1 || first < 1 || first + second > 3) return exception(to, code, illegalAddress);
    return readReply(to, code, [0, kept.alarmThresholdW, kept.address].slice(first, first + second));
  }
  if (code === writeSingle) {
    if (first === 1) kept.alarmThresholdW = second;
    else if (first !== 2) return exception(to, code, illegalAddress);
    else if (second < 1 || second > 247) return exception(to, code, illegalValue);
    else kept.address = second;
    return request;
  }
  if (code === resetEnergy) {
    reset();
    return request;
  }
  return exception(to, code, illegalFunction);
}

/** The ten input registers of a reading. 32-bit values are low word first (Peacefair manual, table of registers). */
export function pzemRegisters(reading: PzemReading): number[] {
  const lowThenHigh = (value: number): number[] => [value & 0xffff, Math.floor(value / 0x10000) & 0xffff];
  return [
    Math.round(reading.voltageV * 10),
    ...lowThenHigh(Math.round(reading.currentA * 1000)),
    ...lowThenHigh(Math.round(reading.powerW * 10)),
    ...lowThenHigh(reading.energyWh),
    Math.round(reading.frequencyHz * 10),
    Math.round(reading.powerFactor * 100),
    reading.isAlarm ? 0xffff : 0,
  ];
}

/** The reply to "read all ten input registers". */
export function pzemReply(address: number, reading: PzemReading): Uint8Array {
  return readReply(address, readInput, pzemRegisters(reading));
}

/** CRC-16/MODBUS of the bytes; sent low byte first. */
export function modbusCrc(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** The first whole request with a right CRC, and what follows it; bytes before it are noise. */
function takeRequest(bytes: Uint8Array): { request: Uint8Array; rest: Uint8Array<ArrayBuffer> } | null {
  for (let start = 0; start + 4 <= bytes.length; start++) {
    const length = requestLength[bytes[start + 1] ?? 0] ?? 8;
    const request = bytes.slice(start, start + length);
    if (request.length < length) continue;
    if (modbusCrc(request.subarray(0, -2)) === (request[length - 2] ?? 0) + 256 * (request[length - 1] ?? 0)) {
      return { request, rest: bytes.slice(start + length) };
    }
  }
  return null;
}

function readReply(address: number, code: number, registers: readonly number[]): Uint8Array {
  return withCrc([address, code, registers.length * 2, ...registers.flatMap((value) => [value >> 8, value & 0xff])]);
}

function exception(address: number, code: number, reason: number): Uint8Array {
  return withCrc([address, code | 0x80, reason]);
}

function withCrc(bytes: readonly number[]): Uint8Array {
  const crc = modbusCrc(Uint8Array.from(bytes));
  return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
