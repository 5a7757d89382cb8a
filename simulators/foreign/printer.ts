/**
 * The printer behind every printer dialect: one job at a time, heat that comes and goes, watts at its own plug. Ground truth: the
 * hub knows it only through what the dialect says. Noise comes from a seed.
 */
import { type Dice, dice } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";

/** What the printer really does. `lost`: its firmware has stopped (M112, a pulled USB cable); nobody is told how the job ended. */
export type PrinterDoes = "idle" | "heating" | "printing" | "paused" | "attention" | "finished" | "cancelled" | "failed" | "lost";

export type PrinterJob = { readonly id: number; readonly file: string; readonly printMs: number; readonly layers: number };
export type Heat = { readonly actualC: number; readonly targetC: number };

export type Printer = {
  does(): PrinterDoes;
  /** the job in progress, or the last one */
  job(): PrinterJob | null;
  /** 0 to 100, of the print itself */
  percent(): number;
  printedMs(): number;
  layer(): number;
  nozzle(): Heat;
  bed(): Heat;
  powerW(): number;
  /** truth, of everything it drew since the simulation began */
  energyWh(): number;
  start(file: string, printMs: number): void;
  pause(): void;
  /** it waits for a person: filament, a door */
  needsPerson(): void;
  resume(): void;
  cancel(): void;
  fail(): void;
  lose(): void;
  /** the hot bed of a person who is not printing */
  preheat(on: boolean): void;
  /** its supply; without it a job is gone, and it starts idle */
  mains(on: boolean): void;
  isOn(): boolean;
  onChange(listener: (now: PrinterDoes, before: PrinterDoes) => void): void;
};

const ambientC = 22;
const printC = { nozzle: 215, bed: 60 };
const heatMs = { up: 45_000, down: 240_000 };
const stepMs = 1000;

/** `warmUpMs`: from the start of a job to its first line. Default 4 minutes, as a bed of 250 mm takes. */
export function createPrinter(given: { readonly scheduler: Scheduler; readonly seed: number; readonly warmUpMs?: number }): Printer {
  return new SimulatedPrinter(given.scheduler, dice(given.seed, "printer"), given.warmUpMs ?? 240_000);
}

class SimulatedPrinter implements Printer {
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  readonly #warmUpMs: number;
  readonly #listeners: ((now: PrinterDoes, before: PrinterDoes) => void)[] = [];
  readonly #nozzle = new Heater();
  readonly #bed = new Heater();
  readonly #workW: number;
  #does: PrinterDoes = "idle";
  #on = true;
  #job: PrinterJob | null = null;
  #printedMs = 0;
  #phaseFromMs = 0;
  #leftMs = 0;
  #energyWh = 0;
  #measuredMs = 0;
  #cancel: () => void = () => undefined;
  /** what a resume goes back to */
  #pausedFrom: "heating" | "printing" = "printing";

  constructor(scheduler: Scheduler, random: Dice, warmUpMs: number) {
    this.#scheduler = scheduler;
    this.#dice = random;
    this.#warmUpMs = warmUpMs;
    this.#workW = 90 + random.next() * 60;
  }

  does = (): PrinterDoes => this.#does;
  isOn = (): boolean => this.#on;
  job = (): PrinterJob | null => this.#job;
  onChange = (listener: (now: PrinterDoes, before: PrinterDoes) => void): void => void this.#listeners.push(listener);

  percent(): number {
    return this.#job === null ? 0 : Math.min(100, (this.printedMs() / this.#job.printMs) * 100);
  }

  printedMs(): number {
    return this.#printedMs + (this.#does === "printing" ? this.#scheduler.nowMs() - this.#phaseFromMs : 0);
  }

  layer(): number {
    return this.#job === null ? 0 : Math.floor((this.percent() / 100) * this.#job.layers);
  }

  nozzle = (): Heat => this.#heat(this.#nozzle);
  bed = (): Heat => this.#heat(this.#bed);

  powerW(): number {
    if (!this.#on) return 0;
    const heats = [this.#nozzle, this.#bed].filter(({ targetC }) => targetC > ambientC).length;
    if (this.#does === "heating") return 270;
    if (this.#does === "printing") return this.#workW + (this.#scheduler.nowMs() % 20_000 < 8000 ? 90 : 0);
    return 8 + heats * 25; // electronics, and what holds the heat
  }

  energyWh(): number {
    this.#measure();
    return this.#energyWh;
  }

  start(file: string, printMs: number): void {
    if (!this.#on || this.#isInJob()) throw new Error(`simulated printer: it cannot start a job while it is ${this.#does}`);
    this.#job = { id: (this.#job?.id ?? 40) + 1, file, printMs, layers: 20 + this.#dice.int(0, 200) };
    this.#printedMs = 0;
    this.#leftMs = printMs;
    this.#target(printC.nozzle, printC.bed);
    this.#go("heating");
    this.#cancel = this.#scheduler.after(this.#warmUpMs, () => this.#print());
  }

  pause(): void {
    this.#stop("paused");
  }

  needsPerson(): void {
    this.#stop("attention");
  }

  resume(): void {
    if (this.#does !== "paused" && this.#does !== "attention") return;
    if (this.#pausedFrom === "printing") this.#print();
    else {
      this.#go("heating");
      this.#cancel = this.#scheduler.after(this.#warmUpMs, () => this.#print());
    }
  }

  cancel = (): void => this.#end("cancelled");
  fail = (): void => this.#end("failed");
  lose = (): void => this.#end("lost");

  preheat(on: boolean): void {
    this.#measure();
    if (!this.#isInJob()) this.#target(on ? printC.nozzle : 0, on ? printC.bed : 0);
  }

  mains(on: boolean): void {
    if (on === this.#on) return;
    this.#measure();
    this.#on = on;
    this.#cancel();
    this.#target(0, 0);
    if (!on && this.#isInJob()) this.#end("lost");
    if (on) this.#go("idle");
  }

  #isInJob(): boolean {
    return this.#does === "heating" || this.#does === "printing" || this.#does === "paused" || this.#does === "attention";
  }

  #print(): void {
    this.#go("printing");
    this.#phaseFromMs = this.#scheduler.nowMs();
    this.#cancel = this.#scheduler.after(this.#leftMs, () => this.#end("finished"));
  }

  #stop(as: "paused" | "attention"): void {
    if (this.#does !== "printing" && this.#does !== "heating") return;
    this.#pausedFrom = this.#does;
    this.#settle();
    this.#cancel();
    this.#go(as);
  }

  #end(as: "finished" | "cancelled" | "failed" | "lost"): void {
    if (!this.#isInJob()) return;
    this.#settle();
    this.#cancel();
    this.#target(0, 0);
    this.#go(as);
  }

  /** What was printed up to now. */
  #settle(): void {
    if (this.#does !== "printing") return;
    const doneMs = this.#scheduler.nowMs() - this.#phaseFromMs;
    this.#printedMs += doneMs;
    this.#leftMs = Math.max(0, this.#leftMs - doneMs);
    this.#phaseFromMs = this.#scheduler.nowMs();
  }

  #go(next: PrinterDoes): void {
    this.#measure();
    const before = this.#does;
    this.#does = next;
    if (next !== before) for (const listen of this.#listeners) listen(next, before);
  }

  #target(nozzleC: number, bedC: number): void {
    const now = this.#scheduler.nowMs();
    this.#nozzle.set(nozzleC, now);
    this.#bed.set(bedC, now);
  }

  #heat(heater: Heater): Heat {
    const noise = (this.#dice.next() - 0.5) * 0.4;
    return { actualC: Math.round((heater.actualC(this.#scheduler.nowMs()) + noise) * 10) / 10, targetC: heater.targetC };
  }

  /** Watts change by the second; the sum is taken in such steps, for at most a day at once. */
  #measure(): void {
    const now = this.#scheduler.nowMs();
    const spanMs = now - this.#measuredMs;
    if (spanMs <= 0) return;
    const steps = Math.max(1, Math.min(86_400, Math.round(spanMs / stepMs)));
    for (let step = 0; step < steps; step += 1) {
      const atMs = this.#measuredMs + (spanMs * (step + 0.5)) / steps;
      this.#energyWh += (this.#powerAt(atMs) * spanMs) / steps / 3_600_000;
    }
    this.#measuredMs = now;
  }

  #powerAt(atMs: number): number {
    if (this.#does !== "printing" || !this.#on) return this.powerW();
    return this.#workW + (atMs % 20_000 < 8000 ? 90 : 0);
  }
}

class Heater {
  targetC = 0;
  #fromC = ambientC;
  #atMs = 0;

  set(targetC: number, nowMs: number): void {
    this.#fromC = this.actualC(nowMs);
    this.#atMs = nowMs;
    this.targetC = targetC;
  }

  actualC(nowMs: number): number {
    const goal = Math.max(ambientC, this.targetC);
    const tauMs = goal > this.#fromC ? heatMs.up : heatMs.down;
    return goal + (this.#fromC - goal) * Math.exp(-(nowMs - this.#atMs) / tauMs);
  }
}
