/**
 * CSE7766: the metering chip of Sonoff POW R2 and many plugs. It speaks by itself, every 50 ms, at 4800 8E1:
 *
 *   SS 5A  U U U  u u u  I I I  i i i  P P P  p p p  AA  CC CC  KK
 *   status  coefficient and period of voltage, current, power · adjust · pulse count · sum of bytes 2 to 22
 *
 * A value is coefficient / period (CSE7766 manual 1.1, §4). A period that overflowed or is not complete says nothing.
 */

export type Cse7766BadWhy = "short" | "overlong" | "not a frame" | "checksum" | "not calibrated";

export type Cse7766Reading = {
  readonly kind: "reading";
  /** null: too small for the chip to tell, or its measuring period is not complete */
  readonly voltageV: number | null;
  readonly currentA: number | null;
  readonly powerW: number | null;
  /** adjust byte as sent */
  readonly adjust: number;
  /** Energy pulses, 16 bits; wraps at 65536. */
  readonly pulses: number;
};

export const cse7766FrameLength = 24;
const header = 0x5a;
const calibrated = 0x55;
const notCalibrated = 0xaa;
/** Status Fx: bits 1 to 3 tell which period is beyond its range. */
const beyond = { power: 0x02, current: 0x04, voltage: 0x08 } as const;
/** Adjust: bits 4 to 6 tell which period is complete. */
const complete = { voltage: 0x10, current: 0x20, power: 0x40 } as const;

/** Decodes exactly one frame. */
export function decodeCse7766(frame: Uint8Array): Cse7766Reading | { readonly kind: "bad"; readonly why: Cse7766BadWhy } {
  if (frame.length < cse7766FrameLength) return { kind: "bad", why: "short" };
  if (frame.length > cse7766FrameLength) return { kind: "bad", why: "overlong" };
  const [status = 0] = frame;
  const isFrame = frame[1] === header && (status === calibrated || status === notCalibrated || status >> 4 === 0x0f);
  if (!isFrame) return { kind: "bad", why: "not a frame" };
  const sum = frame.subarray(2, 23).reduce((total, byte) => total + byte, 0);
  if ((sum & 0xff) !== frame[23]) return { kind: "bad", why: "checksum" };
  if (status === notCalibrated) return { kind: "bad", why: "not calibrated" };
  const adjust = frame[20] ?? 0;
  const value = (at: number, beyondBit: number, completeBit: number): number | null => {
    const [coefficient, period] = [triple(frame, at), triple(frame, at + 3)];
    const isBeyond = status !== calibrated && (status & beyondBit) !== 0;
    return isBeyond || (adjust & completeBit) === 0 || period === 0 ? null : coefficient / period;
  };
  return {
    kind: "reading",
    voltageV: value(2, beyond.voltage, complete.voltage),
    currentA: value(8, beyond.current, complete.current),
    powerW: value(14, beyond.power, complete.power),
    adjust,
    pulses: ((frame[21] ?? 0) << 8) | (frame[22] ?? 0),
  };
}

function triple(frame: Uint8Array, at: number): number {
  return ((frame[at] ?? 0) << 16) | ((frame[at + 1] ?? 0) << 8) | (frame[at + 2] ?? 0);
}
