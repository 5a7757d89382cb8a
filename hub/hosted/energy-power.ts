/**
 * Energy under the power that a foreign meter reports, with how far it may be wrong. What is known of it: an isolated zero between
 * two equal loads (Tasmota #2891, Zigbee2MQTT #16709), a reading that stays at 33 W when the plug is off (Zigbee2MQTT #17600), no
 * report while nothing changes, no report at all while the network is away.
 */

export type PowerTrack = {
  readonly last: { readonly atMs: number; readonly powerW: number } | null;
  /** a zero that only the next reading can confirm */
  readonly zeroAtMs: number | null;
  /** the same value, to the digit, since then */
  readonly frozenAtMs: number | null;
  /** the most that was ever read, W */
  readonly peakW: number;
};
/** What power says of one stretch of time; `doubtWh`: by how much the truth may differ, either way. */
export type Stretch = {
  readonly wh: number;
  readonly doubtWh: number;
  readonly knownMs: number;
  readonly silentMs: number;
  readonly frozenWh: number;
  /** what was taken for certain, if the meter does not lie */
  readonly leastWh: number;
};

export const noStretch: Stretch = { wh: 0, doubtWh: 0, knownMs: 0, silentMs: 0, frozenWh: 0, leastWh: 0 };
export const noPower: PowerTrack = { last: null, zeroAtMs: null, frozenAtMs: null, peakW: 0 };
const hourMs = 3_600_000;
/** A measured load moves in its last digit within this time; what does not is no measurement any more. */
const frozenMs = 15 * 60_000;
/** Readings seconds apart tell the energy of a load that pulses to about this part. */
const pulsing = 0.1;

export const sumStretch = (a: Stretch, b: Stretch): Stretch => ({
  wh: a.wh + b.wh,
  doubtWh: a.doubtWh + b.doubtWh,
  knownMs: a.knownMs + b.knownMs,
  silentMs: a.silentMs + b.silentMs,
  frozenWh: a.frozenWh + b.frozenWh,
  leastWh: a.leastWh + b.leastWh,
});

/** One more reading of power, and what it adds. `isOff`: the relay itself says so, which overrides what the meter says. */
export function trackPower(
  track: PowerTrack,
  now: { readonly atMs: number; readonly powerW: number; readonly isOff: boolean; readonly hasBooted: boolean },
  silentAfterMs: number,
): [PowerTrack, Stretch] {
  const { last } = track;
  const next: PowerTrack = { ...track, last: now, zeroAtMs: null, peakW: Math.max(track.peakW, now.powerW) };
  if (last === null) return [next, noStretch];
  if (now.atMs <= last.atMs) return [track, noStretch];
  if (now.powerW === 0 && !now.isOff && last.powerW > 0 && track.zeroAtMs === null) return [{ ...track, zeroAtMs: now.atMs }, noStretch];
  if (track.zeroAtMs !== null && track.zeroAtMs > last.atMs) {
    if (now.powerW > 0 && now.atMs - last.atMs <= silentAfterMs) {
      const across = between(last, now, track, silentAfterMs);
      return [
        { ...next, frozenAtMs: null },
        { ...across, doubtWh: across.wh + across.doubtWh, leastWh: 0 },
      ];
    }
    const zero = { ...now, atMs: track.zeroAtMs, powerW: 0 };
    return [{ ...next, frozenAtMs: null }, sumStretch(between(last, zero, track, silentAfterMs), between(zero, now, track, silentAfterMs))];
  }
  const frozenAtMs = now.powerW > 0 && now.powerW === last.powerW ? (track.frozenAtMs ?? last.atMs) : null;
  return [{ ...next, frozenAtMs }, between(last, now, { ...track, frozenAtMs }, silentAfterMs)];
}

type At = { readonly atMs: number; readonly powerW: number; readonly hasBooted?: boolean };

function between(from: At, to: At, { frozenAtMs, peakW }: PowerTrack, silentAfterMs: number): Stretch {
  const spanMs = to.atMs - from.atMs;
  const hours = spanMs / hourMs;
  if (spanMs > silentAfterMs) {
    // Nobody saw it. A device that started again meanwhile was without power, or so it is likeliest.
    const wh = to.hasBooted === true ? 0 : Math.min(from.powerW, to.powerW) * hours;
    const mostWh = Math.max(peakW, from.powerW, to.powerW) * hours;
    return { wh, doubtWh: Math.max(wh, mostWh - wh), knownMs: 0, silentMs: spanMs, frozenWh: 0, leastWh: 0 };
  }
  const wh = ((from.powerW + to.powerW) / 2) * hours;
  const isFrozen = frozenAtMs !== null && to.atMs - frozenAtMs > frozenMs;
  const doubtWh = isFrozen ? wh : Math.max((Math.abs(to.powerW - from.powerW) / 2) * hours, wh * pulsing);
  return { wh, doubtWh, knownMs: spanMs, silentMs: 0, frozenWh: isFrozen ? wh : 0, leastWh: wh - doubtWh };
}
