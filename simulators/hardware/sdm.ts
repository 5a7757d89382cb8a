// An Eastron SDM120 at the byte level: a Modbus RTU slave that answers each value as a float, counts both directions, and may be
// wired the other way round.
//
//   request  01 04 00 0C 00 02 crc crc     reply  01 04 04 (float32, high byte first) crc crc     8N1, CRC low byte first
import { modbusCrc } from "./pzem.ts";

export interface Sdm {
  receive(bytes: Uint8Array): void;
  /** What the machine draws from now on. */
  setLoadW(powerW: number): void;
  /** Current flows through the meter the other way: power is negative, energy counts as export. */
  setReversed(isReversed: boolean): void;
  /** The value in a register from now on, for faults: `Number.NaN` is what a meter says that knows none. */
  setRegister(register: number, value: number): void;
  /** RS-485 turn-around: a 00 before each answer, and with `isCut` the last byte missing. */
  setGlitch(glitch: "none" | "leading" | "cut"): void;
  energyWhExact(): number;
  close(): void;
}

export interface SdmOptions {
  readonly send: (bytes: Uint8Array) => void;
  readonly address?: number;
  readonly replyDelayMs?: number;
  readonly nowMs?: () => number;
  /** total counter at the start */
  readonly energyWh?: number;
}

const requestLength = 8;
const mainsV = 230;

export function createSdm(options: SdmOptions): Sdm {
  const { send, replyDelayMs = 10 } = options;
  const meter = createMeter(options);
  const timers = new Set<NodeJS.Timeout>();
  let glitch: "none" | "leading" | "cut" = "none";
  let pending = new Uint8Array(0);

  return {
    receive(bytes) {
      pending = Uint8Array.from([...pending, ...bytes]).slice(-64);
      for (let at = 0; at + requestLength <= pending.length; at += 1) {
        const request = pending.slice(at, at + requestLength);
        if (modbusCrc(request) !== 0) continue;
        pending = pending.slice(at + requestLength);
        const reply = meter.answer(request);
        if (reply === null) return;
        const timer = setTimeout(() => {
          timers.delete(timer);
          if (glitch === "none") send(reply);
          else send(Uint8Array.from([0, ...(glitch === "cut" ? reply.slice(0, -1) : reply)]));
        }, replyDelayMs);
        timers.add(timer);
        return;
      }
    },
    setLoadW: meter.setLoadW,
    setReversed: meter.setReversed,
    setRegister: meter.setRegister,
    setGlitch(given) {
      glitch = given;
    },
    energyWhExact: meter.energyWhExact,
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** What it measures and counts, and what it says when asked; the wire is somebody else's. */
function createMeter(options: SdmOptions) {
  const { address = 1, nowMs = () => performance.now() } = options;
  const forced = new Map<number, number>();
  let loadW = 0;
  let isReversed = false;
  let importWh = options.energyWh ?? 0;
  let exportWh = 0;
  let countedMs = nowMs();

  function count(): void {
    const gainedWh = (loadW * (nowMs() - countedMs)) / 3_600_000;
    countedMs = nowMs();
    if (isReversed) exportWh += gainedWh;
    else importWh += gainedWh;
  }

  function shown(register: number): number {
    count();
    const signedW = isReversed ? -loadW : loadW;
    const values: Readonly<Record<number, number>> = {
      0: mainsV,
      6: loadW / mainsV,
      12: signedW,
      52: signedW,
      70: 50,
      72: importWh / 1_000,
      74: exportWh / 1_000,
      342: (importWh + exportWh) / 1_000,
    };
    return forced.get(register) ?? values[register] ?? 0;
  }

  return {
    answer(request: Uint8Array): Uint8Array | null {
      const [to = 0, code = 0, high = 0, low = 0, , registers = 0] = request;
      if (to !== address) return null;
      if (code !== 0x04 || registers < 2 || registers > 80 || registers % 2 !== 0) return withCrc([to, code | 0x80, 2]);
      const first = high * 256 + low;
      const data = new DataView(new ArrayBuffer(registers * 2));
      for (let i = 0; i < registers; i += 2) data.setFloat32(i * 2, shown(first + i));
      return withCrc([to, code, registers * 2, ...new Uint8Array(data.buffer)]);
    },
    setLoadW(powerW: number): void {
      count();
      loadW = powerW;
    },
    setReversed(reversed: boolean): void {
      count();
      isReversed = reversed;
    },
    setRegister: (register: number, value: number) => void forced.set(register, value),
    energyWhExact(): number {
      count();
      return importWh + exportWh;
    },
  };
}

function withCrc(bytes: readonly number[]): Uint8Array {
  const crc = modbusCrc(Uint8Array.from(bytes));
  return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
}
