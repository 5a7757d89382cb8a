/**
 * What a machine's power says of it: off, idle or busy (reports.md §3). Two switches with hysteresis, powered and working, each
 * of which counts only once it has lasted, and then from when it began. Fed with stretches of one known power it gives the same
 * whether they come sample by sample or run by run, so that history can be classified anew from what is kept of it.
 */

/** Watts and least lasting times; `offW` and `restW` are the lower edges of the hysteresis. */
export type PowerClasses = {
  readonly poweredW: number;
  readonly offW: number;
  readonly workW: number;
  readonly restW: number;
  readonly workMs: number;
  readonly restMs: number;
  readonly poweredMs: number;
  readonly offMs: number;
  /** a heater that is switched many times a minute: the 80th percentile of so long counts instead of the power itself */
  readonly windowMs?: number;
};
export type PowerClass = "off" | "idle" | "busy";

/** A switch: `doubtMs` is since when the power has said the opposite of `on`, not yet for long enough to count. */
type Switch = { on: boolean; doubtMs: number | null };
/** What is remembered between stretches. `turns` are changes that are sure but not yet told; plain data, kept as JSON. */
export type ClassState = {
  powered: Switch;
  working: Switch;
  /** up to here everything is told, and what held from here on */
  toldMs: number;
  toldPowered: boolean;
  toldWorking: boolean;
  turns: { atMs: number; is: "powered" | "working"; on: boolean }[];
  lastMs: number;
  /** of a heater: the stretches of its window, oldest first */
  recent?: Stretch[];
};
type Stretch = { fromMs: number; toMs: number; powerW: number };
/** Takes what is sure: stretches in order, and when work began. */
export type ClassSink = { stretch(fromMs: number, toMs: number, cls: PowerClass): void; began(atMs: number): void };

export const newClassState = (atMs: number): ClassState => ({
  powered: { on: false, doubtMs: null },
  working: { on: false, doubtMs: null },
  toldMs: atMs,
  toldPowered: false,
  toldWorking: false,
  turns: [],
  lastMs: atMs,
});

/** Meters tell tenths of a watt; the finer digits of others must not decide. */
export const tenthW = (powerW: number): number => Math.round(powerW * 10) / 10;

/** Where between the edges a power lies: two in the same zone are never told apart. */
export function zoneOf(classes: PowerClasses, powerW: number): number {
  const w = tenthW(powerW);
  return Number(w >= classes.offW) + Number(w >= classes.poweredW) + Number(w >= classes.restW) + Number(w >= classes.workW);
}

/** The power from one instant to the next, in order of time; what lies between two stretches is unknown. Tells when something turns. */
export function classify(state: ClassState, classes: PowerClasses, fromMs: number, toMs: number, powerW: number, sink: ClassSink): void {
  if (fromMs > state.lastMs) silence(state, classes, fromMs, sink);
  const w = tenthW(powerW);
  if (classes.windowMs === undefined) judge(state, classes, fromMs, toMs, w);
  else heat(state, classes, classes.windowMs, { fromMs, toMs, powerW: w });
  state.lastMs = toMs;
  if (state.turns.length > 0) tellSure(state, sink);
}

function judge(state: ClassState, classes: PowerClasses, fromMs: number, toMs: number, w: number): void {
  turn(state, "powered", w < classes.offW ? false : w >= classes.poweredW ? true : null, fromMs, toMs, classes.poweredMs, classes.offMs);
  turn(state, "working", w < classes.restW ? false : w >= classes.workW ? true : null, fromMs, toMs, classes.workMs, classes.restMs);
}

/**
 * Within each second of the clock the percentile is that at its beginning, so that it does not matter how the time was cut into stretches.
 * Once the window holds one power only, nothing changes any more until the power does.
 */
function heat(state: ClassState, classes: PowerClasses, windowMs: number, { fromMs, toMs, powerW }: Stretch): void {
  state.recent ??= [];
  const { recent } = state;
  for (let atMs = fromMs; atMs < toMs; ) {
    const secondMs = Math.floor(atMs / 1000) * 1000;
    while ((recent[0]?.toMs ?? Number.POSITIVE_INFINITY) <= secondMs - windowMs) recent.shift();
    const first = recent[0];
    const isCalm = recent.length === 1 && first !== undefined && first.powerW === powerW && first.fromMs <= secondMs - windowMs;
    const untilMs = isCalm ? toMs : Math.min(toMs, secondMs + 1000);
    const w = percentile80(recent, secondMs - windowMs, secondMs);
    if (w !== null) judge(state, classes, atMs, untilMs, w);
    const last = recent.at(-1);
    if (last?.powerW === powerW && last.toMs === atMs) last.toMs = untilMs;
    else recent.push({ fromMs: atMs, toMs: untilMs, powerW });
    atMs = untilMs;
  }
}

/** The power that was exceeded for a fifth of the known time; null while nothing is known. */
function percentile80(stretches: readonly Stretch[], fromMs: number, toMs: number): number | null {
  const known = stretches
    .map((one) => ({ powerW: one.powerW, ms: Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs) }))
    .filter(({ ms }) => ms > 0)
    .sort((a, b) => b.powerW - a.powerW);
  const knownMs = known.reduce((sum, { ms }) => sum + ms, 0);
  let aboveMs = 0;
  for (const { powerW, ms } of known) {
    aboveMs += ms;
    if (aboveMs * 5 > knownMs) return powerW;
  }
  return null;
}

/** Tells what is sure by now. */
export function tellSure(state: ClassState, sink: ClassSink): void {
  tell(state, Math.min(state.powered.doubtMs ?? state.lastMs, state.working.doubtMs ?? state.lastMs), sink);
}

/** Tells what has been in doubt as if it had not happened, when nothing more comes. */
export function settle(state: ClassState, sink: ClassSink): void {
  state.powered.doubtMs = null;
  state.working.doubtMs = null;
  tell(state, state.lastMs, sink);
}

/** Nothing is known until `toMs`. A pause shorter than rest takes does not end the work, but its time counts for nothing. */
function silence(state: ClassState, classes: PowerClasses, toMs: number, sink: ClassSink): void {
  settle(state, sink);
  if (toMs - state.lastMs >= classes.restMs) {
    state.working.on = false;
    state.powered.on = false;
    state.toldWorking = false;
    state.toldPowered = false;
  }
  state.toldMs = toMs;
  state.lastMs = toMs;
}

function turn(
  state: ClassState,
  is: "powered" | "working",
  says: boolean | null,
  fromMs: number,
  toMs: number,
  onMs: number,
  offMs: number,
): void {
  const it = state[is];
  if (says === it.on) it.doubtMs = null;
  else if (says !== null) it.doubtMs ??= fromMs;
  if (it.doubtMs === null || toMs - it.doubtMs < (it.on ? offMs : onMs)) return;
  it.on = !it.on;
  state.turns.push({ atMs: it.doubtMs, is, on: it.on });
  it.doubtMs = null;
}

function tell(state: ClassState, sureMs: number, sink: ClassSink): void {
  if (state.turns.length > 0) {
    state.turns.sort((a, b) => a.atMs - b.atMs);
    let told = 0;
    for (const one of state.turns) {
      if (one.atMs > sureMs) break;
      told += 1;
      pass(state, one.atMs, sink);
      if (one.is === "powered") state.toldPowered = one.on;
      else {
        state.toldWorking = one.on;
        if (one.on) sink.began(one.atMs);
      }
    }
    state.turns.splice(0, told);
  }
  pass(state, sureMs, sink);
}

function pass(state: ClassState, toMs: number, sink: ClassSink): void {
  if (toMs <= state.toldMs) return;
  sink.stretch(state.toldMs, toMs, state.toldWorking ? "busy" : state.toldPowered ? "idle" : "off");
  state.toldMs = toMs;
}
