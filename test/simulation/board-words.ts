/** What a board sends, in words that the board suite can compare. */

/** The measured windows among the bytes: channel, RMS in volts, whether the wave was cut. */
export function windowsOf(bytes: readonly number[]): [channel: number, rmsV: number, clipped: number][] {
  const found = [...hex(bytes).matchAll(/F0 01 06 (..) (..) (..) (..) F7/g)];
  return found.map(([, channel = "", low = "", high = "", clipped = ""]) => {
    const rms32 = Number.parseInt(low, 16) | (Number.parseInt(high, 16) << 7);
    return [Number.parseInt(channel, 16), ((rms32 / 32) * 5) / 1024, Number.parseInt(clipped, 16)];
  });
}

/** The mean of a function over one period. */
export function meanOf(value: (x: number) => number): number {
  const steps = 100_000;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += value((i + 0.5) / steps);
  return sum / steps;
}

/** A word as the board passes it on: its length, then seven bits a byte, first bit first. */
export function wiegandOf(word: string): string {
  return hex([word.length, ...(word.match(/.{1,7}/g) ?? []).map((seven) => Number.parseInt(seven.padEnd(7, "0"), 2))]);
}

export function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}
