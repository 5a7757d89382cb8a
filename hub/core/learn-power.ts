/**
 * Learning when a machine works from what its meter said while it was off, on and idle, and at work (domain.md §4.3): thresholds with
 * their hysteresis and hold-off, and how far idle and work lie apart; or a refusal with the reason, where power cannot tell them apart.
 */

/** Samples of one phase at a fixed step; null where the meter said nothing. */
export type PowerPhase = readonly (number | null)[];
export type PowerPhases = { readonly off: PowerPhase; readonly idle: PowerPhase; readonly busy: PowerPhase };

export const learnRefusals = ["too_few", "meter_lost", "noise", "drift", "no_rise", "overlap"] as const;
export type LearnRefusal = (typeof learnRefusals)[number];
export type LearnFigures = {
  /** middle, lowest and highest twentieth, W */
  readonly off: Spread;
  readonly idle: Spread;
  readonly busy: Spread;
};
export type Spread = { readonly medianW: number; readonly p5W: number; readonly p95W: number };
export type Learned =
  | {
      readonly ok: true;
      readonly onW: number;
      readonly offW: number;
      readonly minOnMs: number;
      readonly minOffMs: number;
      readonly busyHoldMs: number;
      /** by how much the low end of work lies above the threshold of idleness: 0.25 is 25 % */
      readonly separation: number;
      readonly figures: LearnFigures;
    }
  | { readonly ok: false; readonly reason: LearnRefusal; readonly phase: keyof PowerPhases | null; readonly figures: LearnFigures | null };

const samplesMin = 12;
const lostMax = 0.2;
const marginW = 3;
const margin = 0.25;
const separationMin = 0.25;
const driftMax = 0.15;
const minOffLeastMs = 5000;
const minOffMostMs = 600_000;

/** @param stepMs  between two samples */
export function learnPower(phases: PowerPhases, stepMs: number): Learned {
  for (const phase of ["off", "idle", "busy"] as const) {
    const said = phases[phase].filter((powerW) => powerW !== null).length;
    const silent = phases[phase].length - said;
    if (phases[phase].length >= samplesMin && silent > lostMax * phases[phase].length) return refused("meter_lost", phase, null);
    if (said < samplesMin) return refused("too_few", phase, null);
  }
  const [off, idle, busy] = [known(phases.off), known(phases.idle), known(phases.busy)];
  const figures = { off: spreadOf(off), idle: spreadOf(idle), busy: spreadOf(busy) };
  const workW = figures.busy.medianW - figures.off.medianW;
  // a clamp without a conductor in it: what it says when nothing flows is as wide, or as high, as what it says of work
  if (isWide(figures.off, workW) || figures.off.medianW > Math.max(marginW, figures.busy.medianW / 2))
    return refused("noise", "off", figures);
  const drift = Math.abs(median(idle.slice(0, idle.length >> 1)) - median(idle.slice(idle.length >> 1)));
  if (drift > Math.max(marginW, driftMax * figures.idle.medianW)) return refused("drift", "idle", figures);
  if (figures.busy.medianW <= figures.idle.medianW + marginW) return refused("no_rise", "busy", figures);
  const offW = figures.idle.p95W + Math.max(marginW, margin * figures.idle.p95W);
  // pauses belong to work, a laser's are a sixth of a recorded job: the low end is that of the samples that are no pause
  const working = busy.filter((powerW) => powerW >= offW);
  const lowW = quantile(working, 0.1);
  const separation = lowW / offW - 1;
  if (working.length < busy.length / 2 || separation < separationMin) return refused("overlap", null, figures);
  const minOffMs = holdOf(phases.busy, offW, stepMs);
  return {
    ok: true,
    onW: rounded((offW + lowW) / 2),
    offW: rounded(offW),
    minOnMs: spikeOf(phases.idle, (offW + lowW) / 2, stepMs),
    minOffMs,
    busyHoldMs: minOffMs,
    separation: Math.round(separation * 100) / 100,
    figures,
  };
}

const refused = (reason: LearnRefusal, phase: keyof PowerPhases | null, figures: LearnFigures | null): Learned => ({
  ok: false,
  reason,
  phase,
  figures,
});
const known = (phase: PowerPhase): number[] => phase.filter((powerW) => powerW !== null);
const rounded = (powerW: number): number => Math.round(powerW * 10) / 10;
const isWide = ({ p5W, p95W }: Spread, workW: number): boolean => p95W - p5W > Math.max(marginW, margin * Math.abs(workW));

function spreadOf(samples: readonly number[]): Spread {
  return { medianW: rounded(median(samples)), p5W: rounded(quantile(samples, 0.05)), p95W: rounded(quantile(samples, 0.95)) };
}
const median = (samples: readonly number[]): number => quantile(samples, 0.5);
/** Between two samples the straight line. */
function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? low) - low);
}

/** Twice the longest pause that was seen within the work: it belongs to the run, and the next one may be longer. */
function holdOf(busy: PowerPhase, offW: number, stepMs: number): number {
  const pauseMs = longest(busy, (powerW) => powerW < offW) * stepMs;
  return Math.min(minOffMostMs, Math.max(minOffLeastMs, 2 * pauseMs));
}

/** A spike of an idle machine is no work: a run must outlast the longest that was seen. */
const spikeOf = (idle: PowerPhase, onW: number, stepMs: number): number => longest(idle, (powerW) => powerW >= onW) * stepMs + 1000;

/** In samples; silence goes on with what was before. */
function longest(phase: PowerPhase, counts: (powerW: number) => boolean): number {
  let [run, most] = [0, 0];
  for (const powerW of phase) {
    if (powerW === null) continue;
    run = counts(powerW) ? run + 1 : 0;
    most = Math.max(most, run);
  }
  return most;
}
