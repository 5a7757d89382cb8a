/**
 * A day's runs of one machine in few bytes: what is kept for ever of its power. A run begins with one number, the change of its
 * power in tenths of a watt and three signs whether more follows: another silence than the one before, a length, and what its
 * forerunner took beyond what the trapezoid under both says. Numbers are of seven bits a byte. Energy is told only once it differs
 * by half a milliwatt-hour from what can be worked out, so that sums stay true whatever rounding does.
 */
import { hourMs, maxGapMs } from "./energy.ts";

/** `powerW` is that of its first sample, `energyWh` what was counted while it lasted and until the next one began. */
export type Run = { readonly startMs: number; endMs: number; readonly powerW: number | null; energyWh: number };

const form = 1;
const [gapFollows, lengthFollows, energyFollows] = [1, 2, 4];

/** @param runs  in order of time, none before `dayMs` */
export function packRuns(dayMs: number, runs: readonly Run[]): Uint8Array {
  const bytes = new Writer();
  bytes.unsigned(form);
  let [endMs, gapMs, power, lengthMs, owedMwh] = [dayMs, 0, 0, 0, 0];
  for (const [i, run] of runs.entries()) {
    const nextGapMs = run.startMs - endMs;
    const nextPower = powerIn(run.powerW);
    owedMwh += (runs[i - 1]?.energyWh ?? 0) * 1000 - likelyMwh(power, lengthMs, nextPower, nextGapMs);
    const mwh = Math.round(owedMwh);
    owedMwh -= mwh;
    lengthMs = run.endMs - run.startMs;
    const signs = (nextGapMs === gapMs ? 0 : gapFollows) + (lengthMs === 0 ? 0 : lengthFollows) + (mwh === 0 ? 0 : energyFollows);
    bytes.unsigned(folded(nextPower - power) * 8 + signs);
    if (nextGapMs !== gapMs) bytes.unsigned(folded(nextGapMs - gapMs));
    if (lengthMs !== 0) bytes.unsigned(lengthMs);
    if (mwh !== 0) bytes.unsigned(folded(mwh));
    [endMs, gapMs, power] = [run.endMs, nextGapMs, nextPower];
  }
  const last = runs.at(-1);
  if (last !== undefined) bytes.unsigned(folded(Math.round(owedMwh + last.energyWh * 1000 - likelyMwh(power, lengthMs, 0, 0))));
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
  let [startMs, endMs, gapMs, power, isFirst] = [dayMs, dayMs, 0, 0, true];
  while (!reader.isAtEnd) {
    const head = reader.unsigned();
    if (reader.isAtEnd && !isFirst) {
      take(startMs, endMs, powerOut(power), likelyMwh(power, endMs - startMs, 0, 0) + unfolded(head));
      return;
    }
    const signs = head % 8;
    const nextPower = power + unfolded((head - signs) / 8);
    if ((signs & gapFollows) !== 0) gapMs += unfolded(reader.unsigned());
    const lengthMs = (signs & lengthFollows) !== 0 ? reader.unsigned() : 0;
    const mwh = (signs & energyFollows) !== 0 ? unfolded(reader.unsigned()) : 0;
    if (!isFirst) take(startMs, endMs, powerOut(power), likelyMwh(power, endMs - startMs, nextPower, gapMs) + mwh);
    isFirst = false;
    startMs = endMs + gapMs;
    endMs = startMs + lengthMs;
    power = nextPower;
  }
  if (!isFirst) throw new RangeError("packed runs: cut short");
}

/** Zero stands for unknown; what is not negative is one more than its tenths. */
function powerIn(powerW: number | null): number {
  if (powerW === null) return 0;
  const tenths = Math.round(powerW * 10);
  return tenths < 0 ? tenths : tenths + 1;
}
const powerOut = (power: number): number | null => (power === 0 ? null : (power > 0 ? power - 1 : power) / 10);

/** What a run takes by its power, and until the next one by the mean of both. */
function likelyMwh(power: number, lengthMs: number, nextPower: number, gapMs: number): number {
  if (power === 0) return 0;
  const tenths = power > 0 ? power - 1 : power;
  const nextTenths = nextPower > 0 ? nextPower - 1 : nextPower;
  const between = nextPower === 0 || gapMs > maxGapMs ? 0 : ((tenths + nextTenths) / 2) * gapMs;
  return ((tenths * lengthMs + between) * 100) / hourMs;
}

/** 0, −1, 1, −2 … as 0, 1, 2, 3 …: small differences are small numbers. */
const folded = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unfolded = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

/** Numbers of seven bits a byte, lowest first; the eighth bit says that more follow. */
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

  private next(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError("packed runs: cut short");
    return byte;
  }
}
