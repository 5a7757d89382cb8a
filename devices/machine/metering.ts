/**
 * Power of one machine, once a second: fed to the power-cycle detector, and sent to the hub in batches of ten. What the
 * meter did not say is unknown, never zero.
 */
import { second, type Telemetry } from "#contract";
import {
  type CycleEffect,
  type CycleEvent,
  type CycleProfile,
  type CycleState,
  type InterlockEvent,
  initialCycle,
  nextDeadlineMono,
  stepCycle,
} from "#core";
import type { Clock } from "../kit/ports.ts";
import type { Runtime } from "../kit/runtime.ts";
import type { MachineHardware, MeterReading } from "./hardware.ts";

const pollMs = 1 * second;
const answerLimitMs = 900;
const batchSamples = 10;
/** this many seconds without an answer and the meter counts as lost */
const silentMax = 3;

export type MeteringGiven = {
  readonly meter: MachineHardware["meter"];
  readonly clock: Clock;
  readonly runtime: Runtime;
  readonly profile: () => CycleProfile;
  /** the counter when an earlier life ended, so that energy used meanwhile is not lost */
  readonly lastCounterWh: number | null;
  readonly onEffect: (effect: CycleEffect, state: CycleState) => void;
  /** every sample, after its effects */
  readonly onSample: (powerW: number | null, totalWh: number | null) => void;
  readonly onMeter: (isThere: boolean) => void;
  readonly onBatch: (batch: Telemetry) => void;
};

export type Metering = {
  start(): void;
  /** the permit was taken away: a run ends at this instant */
  noteOff(): void;
  /** the machine changed hands: a run in progress becomes two */
  split(): void;
  state(): CycleState;
  /** Sends the samples of a batch that will not be full any more: the node ends. */
  close(): void;
};

export function createMetering(given: MeteringGiven): Metering {
  const { clock, runtime, meter } = given;
  const nowMono = () => Math.floor(clock.monoMs());
  let state: CycleState = withCounter(initialCycle(), given.lastCounterWh);
  let silent = 0;
  let batch: { t0Mono: number; powerW: (number | null)[] } | null = null;
  let last: MeterReading | null = null;
  let hasEnergy = false;

  const step = (event: CycleEvent) => {
    const [next, effects] = stepCycle(state, event, given.profile());
    state = next;
    const at = nextDeadlineMono(state);
    if (at === null) runtime.stopTimer("cycle");
    else runtime.startTimer("cycle", Math.max(0, at - clock.monoMs()), () => step({ kind: "tick", nowMono: nowMono() }));
    for (const effect of effects) given.onEffect(effect, state);
  };
  const takeBatch = (): Telemetry | null => {
    if (batch === null) return null;
    const estimate = last?.uncertainPct === undefined ? {} : { uncertainPct: last.uncertainPct };
    const taken = { ...batch, stepMs: pollMs, voltageV: last?.voltageV ?? null, energyWh: last?.energyWh ?? null, ...estimate };
    batch = null;
    return taken;
  };
  const send = (taken: Telemetry | null) => {
    if (taken !== null) given.onBatch(taken);
  };
  const collect = (reading: MeterReading | null, atMono: number) => {
    batch ??= { t0Mono: atMono, powerW: [] };
    batch.powerW.push(reading?.powerW ?? null);
    last = reading;
    if (batch.powerW.length < batchSamples) return;
    const full = takeBatch();
    runtime.telemetry(() => send(full));
  };
  const take = (reading: MeterReading | null, atMono: number) => {
    const wasThere = silent < silentMax;
    silent = reading === null ? Math.min(silent + 1, silentMax) : 0;
    const isThere = silent < silentMax;
    hasEnergy ||= reading !== null;
    step({ kind: "sample", powerW: reading?.powerW ?? null, counterWh: reading?.energyWh ?? null, nowMono: atMono });
    // after the sample: when the meter is back, the detector has judged what it says
    if (isThere !== wasThere) given.onMeter(isThere);
    given.onSample(reading?.powerW ?? null, hasEnergy ? state.energy.totalWh : null);
    collect(reading, atMono);
  };
  /** One question at a time; an answer that does not come in time is no answer. */
  const poll = () => {
    if (meter === null) return;
    const atMono = clock.monoMs();
    let isOpen = true;
    const finish = (reading: MeterReading | null) =>
      runtime.input(() => {
        if (!isOpen) return;
        isOpen = false;
        cancel();
        take(reading, nowMono());
        runtime.startTimer("meter", Math.max(1, atMono + pollMs - clock.monoMs()), poll);
      });
    const cancel = clock.after("meter limit", answerLimitMs, () => finish(null));
    meter.read().then(finish, () => finish(null));
  };
  return {
    start: poll,
    noteOff: () => step({ kind: "relay_off", nowMono: nowMono() }),
    split: () => step({ kind: "split", nowMono: nowMono() }),
    state: () => state,
    close: () => send(takeBatch()),
  };
}

type Bare<E> = E extends { readonly nowMono: number } ? Omit<E, "nowMono"> : never;

/** What the detector found, as the interlock hears it. `run`: the run in progress, or a new id for one. */
export function heardByInterlock(effect: CycleEffect, busy: CycleState["activity"], run: string): Bare<InterlockEvent> {
  const whole = (mono: number) => Math.max(0, Math.floor(mono));
  switch (effect.kind) {
    case "meter_reset":
      return { kind: "meter", ok: true, resetWh: effect.counterWh };
    case "activity":
      return { kind: "activity", busy: effect.busy, run: null };
    case "run_started":
      return { kind: "activity", busy, run: { kind: "started", run, startMono: whole(effect.startMono) } };
    case "run_ended": {
      const { endMono, energyWh, peakW, uncertainMs } = effect;
      return {
        kind: "activity",
        busy,
        run: { kind: "ended", run, endMono: whole(endMono), energyWh, peakW, uncertainMs: Math.round(uncertainMs) },
      };
    }
  }
}

function withCounter(state: CycleState, counterWh: number | null): CycleState {
  return counterWh === null ? state : { ...state, energy: { ...state.energy, counterWh } };
}
