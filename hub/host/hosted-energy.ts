/**
 * The counter of energy that a hosted machine shows its hub: made of the device's own counter and power (hub/hosted/energy-reader.ts), it
 * only rises, goes on over restarts of this program and of the device, and over another device in the same place. Until the device has
 * told a counter there is none, which is not the same as nothing used.
 */
import * as z from "zod";
import type { NodeFiles } from "../../devices/kit/node-files.ts";
import type { Clock, Log } from "../../devices/kit/ports.ts";
import {
  type EnergyDoubt,
  type EnergyState,
  type EnergyTraits,
  energyAt,
  energyFrom,
  energyUnseen,
  readEnergy,
} from "../hosted/energy-reader.ts";
import type { Sense } from "../hosted/family.ts";

/** What one message says of energy; `runningS`: for how long the device has been running, in seconds. */
export type EnergySaid = {
  readonly powerW?: number | null;
  readonly counterWh?: number | null;
  readonly relayOn?: boolean;
  readonly runningS?: number;
};

/** The counter begins anew, and will never say what was used between its last word and that: what power said until then stands. */
function withTold(state: EnergyState): EnergyState {
  const moreWh = state.totalWh - state.settledWh - state.open.wh;
  if (moreWh <= 0) return state;
  return { ...state, settledWh: state.settledWh + moreWh, settledDoubtWh: state.settledDoubtWh + moreWh };
}

/** Null for a message that says nothing of it. */
export function energySaid(senses: readonly Sense[]): EnergySaid | null {
  const said: { -readonly [K in keyof EnergySaid]: EnergySaid[K] } = {};
  for (const sense of senses) {
    if (sense.kind === "relay") said.relayOn = sense.on;
    else if (sense.kind === "started") said.runningS = 0;
    else if (sense.kind === "uptime") said.runningS = sense.s;
    else if (sense.kind === "power") {
      if (sense.powerW !== undefined) said.powerW = sense.powerW;
      if (sense.energyWh !== undefined) said.counterWh = sense.energyWh;
    }
  }
  return Object.keys(said).length === 0 ? null : said;
}

export type EnergyReport = {
  /** as the hub is told it, Wh */
  readonly totalWh: number;
  /** ± so much of it nobody can be sure of, Wh */
  readonly uncertainWh: number;
  /** since when it has been counted, UTC ms */
  readonly sinceMs: number;
  /** how often the device's counter did what no counter does, by what it did */
  readonly doubts: Readonly<Partial<Record<EnergyDoubt, number>>>;
};
export type EnergyCounter = {
  hear(said: EnergySaid): void;
  /** Wh, never less than before; null while no counter is known. `isOn`: the device is there and its power stands. */
  totalWh(isOn: boolean): number | null;
  report(): EnergyReport | null;
  /** Resolves when it is on the disk. */
  close(): Promise<void>;
};

const fileName = "energy";
const saveEveryMs = 60_000;
const saveLeastMs = 5000;
const tellEveryMs = 60_000;
const hourMs = 3_600_000;

const wh = z.number().min(0).max(1e12);
const at = z.object({ wh, atMs: z.number() });
const stretch = z.object({ wh, doubtWh: wh, knownMs: wh, silentMs: wh, frozenWh: wh, leastWh: z.number() });
const doubts = z.enum(["fell", "jumped", "unit_changed", "stuck", "was_wrong"]);
const state = z.object({
  totalWh: wh,
  uncertainWh: wh,
  settledWh: wh,
  settledDoubtWh: wh,
  base: at.nullable(),
  prior: at.extend({ settledWh: wh, settledDoubtWh: wh }).nullable(),
  scale: z.number().positive().max(1e9),
  power: z.object({
    last: z.object({ atMs: z.number(), powerW: wh }).nullable(),
    zeroAtMs: z.number().nullable(),
    frozenAtMs: z.number().nullable(),
    peakW: wh,
  }),
  relayOn: z.boolean().nullable(),
  heardAtMs: z.number().nullable(),
  open: stretch,
  sameWh: z.number(),
  watch: z.object({ counterWh: z.number(), powerWh: z.number() }),
}) satisfies z.ZodType<EnergyState>;
const kept = z.object({
  /** which device it was; another one has another counter */
  device: z.string(),
  savedMs: z.number(),
  sinceMs: z.number(),
  /** saved at the end of a life: nothing was counted after it */
  isWhole: z.boolean(),
  doubts: z.partialRecord(doubts, z.number()),
  state,
});

export type EnergyCounterGiven = {
  /** the same for as long as it is the same device */
  readonly device: string;
  readonly traits: EnergyTraits;
  readonly files: NodeFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** `doubtWh`: by how much more the energy may be wrong now than when this was said last */
  readonly onDoubt: (why: EnergyDoubt, doubtWh: number) => void;
};

export function countEnergy(given: EnergyCounterGiven): EnergyCounter {
  const counter = new Counter(given);
  return {
    hear: (said) => counter.hear(said),
    totalWh: (isOn) => counter.totalWh(isOn),
    report: () => counter.report(),
    close: () => counter.close(),
  };
}

class Counter {
  readonly #given: EnergyCounterGiven;
  readonly #startMs: number;
  readonly #beganMs: number;
  readonly #doubts: Partial<Record<EnergyDoubt, number>> = {};
  #sinceMs: number;
  /** null: no counter was ever heard */
  #state: EnergyState | null = null;
  /** what another device in this place had counted */
  #formerWh: number | null = null;
  /** the total may be told: it is whole, or the counter has said what was missed */
  #isKnown = false;
  /** what is remembered is not the last that was heard */
  #isUnseen = false;
  #savedMono = Number.NEGATIVE_INFINITY;
  #savedWh: number | null = null;
  /** by its own word, which comes in another message than its counter */
  #bootedAtMs: number | null = null;
  /** the last doubt that nobody has been told yet */
  #untold: EnergyDoubt | null = null;
  #toldMono = Number.NEGATIVE_INFINITY;
  #toldDoubtWh = 0;

  constructor(given: EnergyCounterGiven) {
    this.#given = given;
    const { clock, files } = given;
    this.#startMs = clock.nowMs() - clock.monoMs();
    this.#beganMs = this.#nowMs();
    this.#sinceMs = clock.nowMs();
    const read = kept.safeParse(files.load(fileName));
    if (!read.success) return;
    const { device, savedMs, sinceMs, isWhole, state: before } = read.data;
    if (device !== given.device) {
      this.#formerWh = before.totalWh;
      return;
    }
    const backMs = Math.min(0, this.#nowMs() - given.traits.reportMs - savedMs);
    const found = energyAt(before, backMs);
    this.#state = isWhole ? found : energyUnseen(found, given.traits);
    this.#sinceMs = sinceMs;
    this.#isKnown = isWhole;
    this.#isUnseen = !isWhole;
    this.#toldDoubtWh = before.settledDoubtWh;
    this.#savedWh = before.totalWh;
    Object.assign(this.#doubts, read.data.doubts);
  }

  hear({ powerW, counterWh, relayOn, runningS }: EnergySaid): void {
    const atMs = this.#nowMs();
    if (runningS !== undefined) this.#bootedAtMs = atMs - runningS * 1000;
    if (this.#state === null) {
      if (typeof counterWh !== "number" || counterWh < 0) return;
      this.#state = { ...energyFrom(this.#formerWh ?? counterWh, counterWh, atMs), relayOn: relayOn ?? null };
    }
    // After a life that was killed the counter speaks first: power of now says nothing of what nobody saw.
    const said = { powerW: this.#isUnseen ? null : (powerW ?? null), counterWh: counterWh ?? null, relayOn: relayOn ?? null };
    const reading = { atMs, ...said, bootedAtMs: this.#bootedAtMs };
    const [next, doubt] = readEnergy(this.#state, reading, this.#given.traits);
    this.#state = doubt === "fell" ? withTold(next) : next;
    if (typeof counterWh === "number") {
      this.#isKnown = true;
      this.#isUnseen = false;
    }
    if (doubt !== null) {
      this.#doubts[doubt] = (this.#doubts[doubt] ?? 0) + 1;
      this.#untold = doubt;
    }
    this.#tell();
    this.#keep(doubt === null ? saveEveryMs : saveLeastMs);
  }

  totalWh(isOn: boolean): number | null {
    if (this.#state === null || !this.#isKnown) return null;
    const totalWh = Math.max(this.#state.totalWh, this.#state.settledWh + this.#state.open.wh + (isOn ? this.#sinceWh(this.#state) : 0));
    this.#state = { ...this.#state, totalWh };
    return Math.round(totalWh * 1000) / 1000;
  }

  report(): EnergyReport | null {
    if (this.#state === null || !this.#isKnown) return null;
    const { totalWh, uncertainWh } = this.#state;
    return { totalWh: Math.round(totalWh), uncertainWh: Math.ceil(uncertainWh), sinceMs: this.#sinceMs, doubts: { ...this.#doubts } };
  }

  async close(): Promise<void> {
    if (this.#state !== null) await this.#save(true);
  }

  /** Taken since the last report, if it draws what it drew then: a report comes every few seconds only. */
  #sinceWh({ power: { last, zeroAtMs }, relayOn }: EnergyState): number {
    if (last === null || last.atMs < this.#beganMs || zeroAtMs !== null || relayOn === false) return 0;
    return (last.powerW * Math.min(this.#given.traits.reportMs, Math.max(0, this.#nowMs() - last.atMs))) / hourMs;
  }

  /** The day's time at the start and the steady clock since: a clock that is set right meanwhile takes no energy and gives none. */
  #nowMs(): number {
    return this.#startMs + this.#given.clock.monoMs();
  }

  /** A counter that does it again and again is told once a minute, with all that came together. */
  #tell(): void {
    const { log, clock, onDoubt } = this.#given;
    if (this.#untold === null || this.#state === null || clock.monoMs() - this.#toldMono < tellEveryMs) return;
    const why = this.#untold;
    const doubtWh = Math.max(0, this.#state.settledDoubtWh - this.#toldDoubtWh);
    this.#untold = null;
    this.#toldMono = clock.monoMs();
    this.#toldDoubtWh = this.#state.settledDoubtWh;
    log.warn({ why, uncertainWh: Math.ceil(doubtWh) }, "the counter of a hosted meter did what no counter does; power fills the hole");
    onDoubt(why, doubtWh);
  }

  #keep(everyMs: number): void {
    const nowMono = this.#given.clock.monoMs();
    if (nowMono - this.#savedMono < everyMs || this.#state?.totalWh === this.#savedWh) return;
    this.#save(false).catch((error: unknown) => this.#given.log.warn({ cause: String(error) }, "the energy counted could not be saved"));
  }

  #save(isWhole: boolean): Promise<void> {
    const { files, device } = this.#given;
    if (this.#state === null) return Promise.resolve();
    this.#savedMono = this.#given.clock.monoMs();
    this.#savedWh = this.#state.totalWh;
    const value: z.input<typeof kept> = {
      ...{ device, savedMs: this.#nowMs(), sinceMs: this.#sinceMs, isWhole },
      doubts: this.#doubts,
      state: this.#state,
    };
    return files.save(fileName, value);
  }
}
