/**
 * Energy of a foreign plug from its counter and its power, with the part that nobody can be sure of. The counter is believed as long
 * as it moves as a counter can; where it falls, jumps, changes its unit, stands still or is missing, power fills the hole and that much is
 * uncertain. Recorded: Tasmota #1811 (183.360 to 181.522 kWh), Shelly Gen1 (watt-minutes, 0 at boot), Zigbee2MQTT #16709 and #17600.
 * Pure: a fold over readings in order of their time at the hub.
 */
import { noPower, noStretch, type PowerTrack, type Stretch, sumStretch, trackPower } from "./energy-power.ts";

/** Whatever one message says; what it does not say is left out or null, never 0. */
export type EnergyReading = {
  /** the hub's time of arrival */
  readonly atMs: number;
  readonly powerW?: number | null;
  readonly counterWh?: number | null;
  readonly relayOn?: boolean | null;
  /** when the device started, from its own uptime */
  readonly bootedAtMs?: number | null;
};
export type EnergyTraits = {
  /** the most that its circuit carries; more is no measurement */
  readonly maxW: number;
  /** longest time between two reports while it is on line */
  readonly reportMs: number;
  /** last digit of the counter, Wh */
  readonly stepWh: number;
  /** what the counter is after a restart: where it was (or was last saved), or 0 */
  readonly atBoot: "kept" | "zero";
};
/** A European socket (16 A), a report each ten seconds, kWh with three digits. */
export const socketTraits: EnergyTraits = { maxW: 3680, reportMs: 10_000, stepWh: 1, atBoot: "kept" };

export type EnergyDoubt = "fell" | "jumped" | "unit_changed" | "stuck" | "was_wrong";
type Base = { readonly wh: number; readonly atMs: number };
export type EnergyState = {
  /** since the first reading, Wh; never falls */
  readonly totalWh: number;
  /** the truth lies within ± this much of `totalWh`; shrinks again when a counter settles what was only estimated */
  readonly uncertainWh: number;
  readonly settledWh: number;
  readonly settledDoubtWh: number;
  readonly base: Base | null;
  /** where the counter was before it did what no counter does, and what was settled then */
  readonly prior: (Base & { readonly settledWh: number; readonly settledDoubtWh: number }) | null;
  /** what one unit of the counter is in Wh, after a change of unit */
  readonly scale: number;
  readonly power: PowerTrack;
  /** the last word of the relay; it overrides what the meter says */
  readonly relayOn: boolean | null;
  /** when power or counter last said anything */
  readonly heardAtMs: number | null;
  /** since the counter was last read */
  readonly open: Stretch;
  /** of that, what power said while the counter did not move */
  readonly sameWh: number;
  /** counter and power beside each other, to find a counter that stands still or counts in another unit */
  readonly watch: { readonly counterWh: number; readonly powerWh: number };
};
export const noEnergy: EnergyState = {
  totalWh: 0,
  uncertainWh: 0,
  settledWh: 0,
  settledDoubtWh: 0,
  base: null,
  prior: null,
  scale: 1,
  power: noPower,
  relayOn: null,
  heardAtMs: null,
  open: noStretch,
  sameWh: 0,
  watch: { counterWh: 0, powerWh: 0 },
};

/** Counting begins where the device's own counter is: whoever forgets all of this and begins anew goes on from there. */
export const energyFrom = (totalWh: number, counterWh: number, atMs: number): EnergyState => ({
  ...noEnergy,
  totalWh,
  settledWh: totalWh,
  base: { wh: counterWh, atMs },
});

/** The same on another clock: what was remembered of an earlier life, when the clock of the day has gone back meanwhile. */
export const energyAt = (state: EnergyState, laterMs: number): EnergyState => {
  const at = <T extends { readonly atMs: number }>(one: T | null): T | null => one && { ...one, atMs: one.atMs + laterMs };
  const ms = (atMs: number | null): number | null => (atMs === null ? null : atMs + laterMs);
  const { power } = state;
  return {
    ...state,
    base: at(state.base),
    prior: at(state.prior),
    heardAtMs: ms(state.heardAtMs),
    power: { ...power, last: at(power.last), zeroAtMs: ms(power.zeroAtMs), frozenAtMs: ms(power.frozenAtMs) },
  };
};

const hourMs = 3_600_000;
/** One report may be lost, or come late. */
const silentReports = 2.5;
/** A counter moves in steps of a second or so: two words right after each other may have a whole step between them. */
const countEveryMs = 2000;

/**
 * The same after a life that was killed: what was remembered is not the last that was heard, so the counter may have gone on by any load,
 * and a relay that was off may be on.
 */
export function energyUnseen(state: EnergyState, { reportMs }: EnergyTraits): EnergyState {
  const { last } = state.power;
  const unseen = last && { ...last, atMs: last.atMs - reportMs * (silentReports + 1) };
  return { ...state, relayOn: null, power: { ...state.power, last: unseen } };
}

/** Enough energy to compare counter and power by. */
const watchWh = 100;
/** A counter that has not moved by then does not count, or the power is none. */
const sameSteps = 3;

/** One more reading; the doubt that it raises, if any. Feed `totalWh` to whatever wants a counter that only rises. */
export function readEnergy(state: EnergyState, reading: EnergyReading, traits: EnergyTraits): [EnergyState, EnergyDoubt | null] {
  const hasBooted = bootedSince(state.base?.atMs ?? state.power.last?.atMs, reading);
  const relayOn = reading.relayOn ?? state.relayOn;
  const powerW = relayOn === false ? 0 : credible(reading.powerW, traits.maxW * 1.25);
  const [power, added] =
    powerW === null
      ? [state.power, noStretch]
      : trackPower(
          state.power,
          { atMs: reading.atMs, powerW, isOff: relayOn === false, hasBooted: hasBooted === true },
          traits.reportMs * silentReports,
        );
  const open = sumStretch(state.open, added);
  const counterWh = credible(reading.counterWh, Number.MAX_SAFE_INTEGER);
  const isHeard = powerW !== null || counterWh !== null;
  const next = { ...state, relayOn, power, open, heardAtMs: isHeard ? reading.atMs : (state.heardAtMs ?? reading.atMs) };
  if (counterWh === null) return [told(next, reading.atMs, traits), null];
  const [settled, doubt] = settle(next, { wh: counterWh, atMs: reading.atMs, hasBooted, bootedAtMs: reading.bootedAtMs ?? null }, traits);
  const [watched, late] = watch(settled, open, traits);
  return [told(watched, reading.atMs, traits), doubt ?? late];
}

const credible = (value: number | null | undefined, most: number): number | null =>
  typeof value === "number" && value >= 0 && value <= most ? value : null;

/** null: it does not say. Uptimes are whole seconds and arrive late. */
function bootedSince(sinceMs: number | undefined, { bootedAtMs }: EnergyReading): boolean | null {
  if (typeof bootedAtMs !== "number" || sinceMs === undefined) return null;
  return bootedAtMs > sinceMs + 2000;
}

/** What may be said aloud: never less than before. */
function told(state: EnergyState, atMs: number, { stepWh, reportMs }: EnergyTraits): EnergyState {
  const blindMs = atMs - (state.heardAtMs ?? atMs);
  const blindWh = blindMs > reportMs * silentReports ? (state.power.peakW * blindMs) / hourMs : 0;
  const nowWh = state.settledWh + state.open.wh;
  const totalWh = Math.max(state.totalWh, nowWh);
  const sameWh = state.sameWh > sameSteps * stepWh ? state.sameWh : 0;
  return { ...state, totalWh, uncertainWh: state.settledDoubtWh + state.open.doubtWh + sameWh + blindWh + (totalWh - nowWh) };
}

type Counter = { readonly wh: number; readonly atMs: number; readonly hasBooted: boolean | null; readonly bootedAtMs: number | null };

/** What the counter says, where it is credible; else what power said meanwhile. */
function settle(state: EnergyState, counter: Counter, traits: EnergyTraits): [EnergyState, EnergyDoubt | null] {
  const { base, open, prior } = state;
  const wh = counter.wh * state.scale;
  const here = { wh, atMs: counter.atMs };
  if (base === null) return [add({ ...state, base: here }, open.wh, open.doubtWh), null];
  const mostNowWh = mostGainWh(state, counter, traits);
  const canBe = (from: Base, to: number, mostWh = mostNowWh) => to >= from.wh && to - from.wh <= mostWh;
  const isFresh = counter.hasBooted === true && traits.atBoot === "zero";
  if (!isFresh && canBe(base, wh)) return moved(state, { ...here, hasBooted: counter.hasBooted === true }, wh - base.wh, traits);
  const sincePriorWh = prior === null ? 0 : 2 * (state.settledWh - prior.settledWh) + mostNowWh;
  if (!isFresh && prior !== null && canBe(prior, wh, sincePriorWh)) {
    const isStuck = state.settledWh - prior.settledWh > 1.2 * (wh - prior.wh) + sameSteps * traits.stepWh + 1;
    if (isStuck) return [add({ ...state, base: here, prior: null }, open.wh, open.doubtWh), "stuck"];
    const back = { ...state, base: here, prior: null, settledWh: prior.settledWh, settledDoubtWh: prior.settledDoubtWh };
    return [add(back, wh - prior.wh, 0), "was_wrong"];
  }
  for (const factor of [1000, 1 / 1000]) {
    const other = wh * factor;
    const slackWh = traits.stepWh * Math.max(1, factor / 100);
    if (base.wh < 20 * (factor < 1 ? traits.stepWh : mostNowWh) || !canBe({ ...base, wh: base.wh - slackWh }, other, mostNowWh + slackWh))
      continue;
    const there = { ...here, wh: Math.max(other, base.wh) };
    return [add({ ...state, base: there, scale: state.scale * factor }, there.wh - base.wh, slackWh), "unit_changed"];
  }
  const broken = { ...state, base: here, prior: { ...base, settledWh: state.settledWh, settledDoubtWh: state.settledDoubtWh } };
  if (wh < base.wh || isFresh) return [add(broken, ...afterFall(state, counter, wh, traits)), "fell"];
  const watch = { ...state.watch, counterWh: state.watch.counterWh + wh - base.wh - open.wh };
  const isSeen = open.knownMs > 0 && open.silentMs === 0;
  const perhapsWh = isSeen ? open.wh : Math.max(open.wh, Math.min(wh - base.wh, possibleWh(counter.atMs - base.atMs, traits)));
  return [add({ ...broken, watch }, open.wh, perhapsWh + open.doubtWh), "jumped"];
}

/** The counter went on as counters do; or hardly, while power says otherwise. */
function moved(
  state: EnergyState,
  here: Base & { readonly hasBooted: boolean },
  gainWh: number,
  traits: EnergyTraits,
): [EnergyState, EnergyDoubt | null] {
  const { open } = state;
  const { hasBooted, ...base } = here;
  if (gainWh === 0) return [{ ...state, sameWh: open.wh - open.frozenWh }, null];
  const next = { ...state, base, prior: null };
  const isStuck = open.leastWh > 1.2 * gainWh + lateWh(state, traits);
  if (isStuck) return [add(next, open.wh, open.wh + open.doubtWh), "stuck"];
  // Both were there all the while, or the counter lost what it had not saved, and they differ: one of them is wrong.
  const apartWh = open.silentMs > 0 && gainWh > open.wh && !hasBooted ? 0 : Math.abs(gainWh - open.wh);
  const isApart = apartWh > lateWh(state, traits);
  return [add(next, gainWh, isApart ? apartWh : 0), null];
}

const add = (state: EnergyState, wh: number, doubtWh: number): EnergyState => ({
  ...state,
  settledWh: state.settledWh + wh,
  settledDoubtWh: state.settledDoubtWh + doubtWh,
  watch: { ...state.watch, counterWh: state.watch.counterWh + wh },
  open: noStretch,
  sameWh: 0,
});

const possibleWh = (spanMs: number, { maxW, stepWh }: EnergyTraits): number => (maxW * spanMs) / hourMs + stepWh;

/** What reports that come late, and the counter's last digit, make of a difference between counter and power. */
const lateWh = ({ power }: Pick<EnergyState, "power">, { reportMs, stepWh }: EnergyTraits): number =>
  (power.peakW * reportMs * silentReports) / hourMs + 5 * stepWh;

/** The most that the counter may have gained: what the circuit carries, what power allows, what a run since the restart allows. */
function mostGainWh({ open, power, base }: EnergyState, counter: Counter, traits: EnergyTraits): number {
  const spanMs = counter.atMs - (base?.atMs ?? counter.atMs);
  const possible = possibleWh(spanMs + countEveryMs, traits);
  if (power.last === null) return possible;
  const late = lateWh({ power }, traits);
  if (counter.hasBooted === true && counter.bootedAtMs !== null) {
    const runMs = Math.min(spanMs, counter.atMs - counter.bootedAtMs + 2 * traits.reportMs);
    return Math.min(possible, open.wh + (power.peakW * runMs) / hourMs + late);
  }
  const isUnseen = (power.zeroAtMs ?? counter.atMs) - power.last.atMs > traits.reportMs * silentReports;
  return isUnseen ? possible : Math.min(possible, 2 * (open.wh + open.doubtWh) + late);
}

/** A counter that starts at 0 with each boot has counted what was taken since, as far as that can be; of the rest only power knows. */
function afterFall(state: EnergyState, counter: Counter, wh: number, traits: EnergyTraits): [number, number] {
  const { open, power, base } = state;
  const spanMs = counter.atMs - (base?.atMs ?? counter.atMs);
  const sinceMs = counter.bootedAtMs === null ? spanMs : Math.min(spanMs, counter.atMs - counter.bootedAtMs);
  const sinceBootWh = traits.atBoot === "zero" && wh <= Math.min(possibleWh(sinceMs, traits), mostGainWh(state, counter, traits)) ? wh : 0;
  const gainWh = open.silentMs > 0 && counter.hasBooted === true ? open.wh + sinceBootWh : Math.max(open.wh, sinceBootWh);
  const unseenWh = open.knownMs + open.silentMs > 0 ? 0 : (power.peakW || traits.maxW) * (spanMs / hourMs);
  return [gainWh, gainWh + open.doubtWh + unseenWh];
}

/** Compares over some energy what no single reading tells: a counter that stands still, or goes on in another unit. */
function watch(state: EnergyState, open: Stretch, traits: EnergyTraits): [EnergyState, EnergyDoubt | null] {
  if (state.open !== noStretch) return [state, null];
  const fresh = { counterWh: 0, powerWh: 0 };
  if (open.silentMs > 0 || open.frozenWh > 0) return [{ ...state, watch: fresh }, null];
  const seen = { counterWh: state.watch.counterWh, powerWh: state.watch.powerWh + open.wh };
  if (seen.powerWh < watchWh + 20 * traits.stepWh) return [{ ...state, watch: seen }, null];
  const ratio = seen.counterWh / seen.powerWh;
  const next = { ...state, watch: fresh };
  if (ratio > 700 && ratio < 1400) return [{ ...rescaled(next, 1 / 1000) }, "unit_changed"];
  if (ratio > 0.25) return [next, null];
  const missingWh = seen.powerWh - seen.counterWh;
  const filled = { ...next, settledWh: next.settledWh + missingWh, settledDoubtWh: next.settledDoubtWh + missingWh };
  return ratio > 0.0007 && ratio < 0.0014 ? [rescaled(filled, 1000), "unit_changed"] : [filled, "stuck"];
}

const rescaled = (state: EnergyState, factor: number): EnergyState => ({
  ...state,
  scale: state.scale * factor,
  base: state.base && { ...state.base, wh: state.base.wh * factor },
});
