/**
 * A day's runs of one machine in few bytes: what is kept for ever of its power. Each run is four small numbers, differences from
 * what is likely, of seven bits a byte: silence before it, its length, its power in tenths of a watt and its energy in milliwatt-
 * hours. What rounding of the energy leaves goes to the next run, so that sums stay true.
 */
import { hourMs } from "./energy.ts";

/** `powerW` is that of its first sample, `energyWh` what was counted while it lasted and until the next one began. */
export type Run = { readonly startMs: number; endMs: number; readonly powerW: number | null; energyWh: number };

const form = 1;

/** @param runs  in order of time, none before `dayMs` */
export function packRuns(dayMs: number, runs: readonly Run[]): Uint8Array {
  const bytes = new Writer();
  bytes.unsigned(form);
  let [endMs, gap, tenths, before, restMwh] = [dayMs, 0, 0, 0, 0];
  for (const run of runs) {
    const thisGap = run.startMs - endMs;
    const lengthMs = run.endMs - run.startMs;
    bytes.signed(thisGap - gap);
    bytes.unsigned(lengthMs);
    // Powers that go to and fro between two levels are likelier than not.
    const power = run.powerW === null ? 0 : Math.round(run.powerW * 10) + (run.powerW >= -0.05 ? 1 : 0);
    bytes.signed(power - before);
    const exact = run.energyWh * 1000 + restMwh;
    const mwh = Math.round(exact);
    restMwh = exact - mwh;
    bytes.signed(mwh - likelyMwh(power, lengthMs + thisGap));
    [endMs, gap, before, tenths] = [run.endMs, thisGap, tenths, power];
  }
  return bytes.taken();
}

/** Calls `take` for each run of a packed day. @throws RangeError for bytes that are none */
export function eachRun(
  dayMs: number,
  bytes: Uint8Array,
  take: (startMs: number, endMs: number, powerW: number | null, mwh: number) => void,
): void {
  const reader = new Reader(bytes);
  if (reader.unsigned() !== form) throw new RangeError("packed runs: an unknown form");
  let [endMs, gap, tenths, before] = [dayMs, 0, 0, 0];
  while (!reader.isAtEnd) {
    gap += reader.signed();
    const startMs = endMs + gap;
    const lengthMs = reader.unsigned();
    const power = before + reader.signed();
    const mwh = reader.signed() + likelyMwh(power, lengthMs + gap);
    endMs = startMs + lengthMs;
    take(startMs, endMs, power === 0 ? null : (power > 0 ? power - 1 : power) / 10, mwh);
    [before, tenths] = [tenths, power];
  }
}

const likelyMwh = (power: number, spanMs: number): number => (power <= 1 ? 0 : Math.round(((power - 1) * 100 * spanMs) / hourMs));

/** Numbers of seven bits a byte, lowest first, the eighth says that more follow; signed ones are folded (0, −1, 1, −2 …). */
class Writer {
  private bytes = new Uint8Array(256);
  private at = 0;

  unsigned(value: number): void {
    if (this.at + 10 > this.bytes.length) {
      const more = new Uint8Array(this.bytes.length * 2);
      more.set(this.bytes);
      this.bytes = more;
    }
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.at++] = (rest % 128) | 128;
    this.bytes[this.at++] = rest;
  }

  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  taken(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }
}

class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  unsigned(): number {
    let byte = this.next();
    let value = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      byte = this.next();
      value += (byte & 127) * scale;
    }
    return value;
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  private next(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError("packed runs: cut short");
    return byte;
  }
}
