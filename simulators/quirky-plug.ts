/**
 * A month of a plug that somebody bought: a machine's real load behind it, and everything that such plugs were recorded to do wrong
 * (protocols C1–C4). It knows the truth to the second; what it reports is what a hub would hear.
 */
import { createLoad, type MachineKind } from "./loads.ts";
import type { Dice } from "./random.ts";

export type PlugKind = "tasmota" | "shelly1" | "shelly2" | "zigbee";
export type PlugReport = {
  readonly atMs: number;
  readonly powerW: number | null;
  readonly counterWh: number | null;
  readonly relayOn: boolean | null;
  readonly bootedAtMs: number | null;
};
export type QuirkName =
  | "mainsCut"
  | "restart"
  | "networkAway"
  | "partialReset"
  | "jumpUp"
  | "unitChange"
  | "noCounter"
  | "noPower"
  | "stuckCounter"
  | "falseZero"
  | "zeroCounter"
  | "nulls"
  | "stuckPower";

const secondMs = 1000;
const daySeconds = 86_400;
/** Mean days between, mean length in seconds. */
const happens = {
  mainsCut: [6, 2400],
  restart: [5, 12],
  networkAway: [2, 1500],
  partialReset: [9, 1],
  unitChange: [14, 1],
  noCounter: [8, 14_400],
  noPower: [8, 7200],
  stuckCounter: [20, 5400],
} as const satisfies Partial<Record<QuirkName, readonly [number, number]>>;
type Happening = keyof typeof happens;

const traits: Readonly<Record<PlugKind, { everyS: number; stepWh: number; savedS: number; tellsBoot: boolean; zeroAtBoot: boolean }>> = {
  tasmota: { everyS: 10, stepWh: 1, savedS: 3600, tellsBoot: true, zeroAtBoot: false },
  shelly1: { everyS: 30, stepWh: 1 / 60, savedS: 0, tellsBoot: false, zeroAtBoot: true },
  shelly2: { everyS: 15, stepWh: 0.001, savedS: 60, tellsBoot: true, zeroAtBoot: false },
  zigbee: { everyS: 10, stepWh: 10, savedS: 600, tellsBoot: false, zeroAtBoot: false },
};

/** The reports in order of time, each with what was really taken until then, Wh. */
export function* quirkyMonth(
  kind: PlugKind,
  machine: MachineKind,
  random: Dice,
  days: number,
): Generator<{ readonly report: PlugReport; readonly truthWh: number; readonly met: Readonly<Partial<Record<QuirkName, number>>> }> {
  const plug = new QuirkyPlug(kind, machine, random);
  for (let second = 0; second < days * daySeconds; second += 1) {
    const report = plug.second(second);
    if (report !== null) yield { report, truthWh: plug.truthWh, met: plug.met };
  }
}

class QuirkyPlug {
  truthWh = 0;
  readonly met: Partial<Record<QuirkName, number>> = {};
  private readonly load;
  private readonly trait;
  private counterWh = 12_345.678;
  private savedWh = 12_345.678;
  private bootedAtS = -1000;
  private unit = 1;
  private relayOn = false;
  private changeAtS = 0;
  private offAtS = -1;
  private dueAtS = 0;
  private staysStuck = false;
  private readonly nextAtS: Record<Happening, number>;
  private readonly untilS: Record<Happening, number>;

  private readonly kind: PlugKind;
  private readonly random: Dice;

  constructor(kind: PlugKind, machine: MachineKind, random: Dice) {
    this.kind = kind;
    this.random = random;
    this.load = createLoad(machine, random);
    this.trait = traits[kind];
    const each = (make: (name: Happening) => number) =>
      ({
        mainsCut: make("mainsCut"),
        restart: make("restart"),
        networkAway: make("networkAway"),
        partialReset: make("partialReset"),
        unitChange: make("unitChange"),
        noCounter: make("noCounter"),
        noPower: make("noPower"),
        stuckCounter: make("stuckCounter"),
      }) satisfies Record<Happening, number>;
    this.nextAtS = each((name) => random.exponential(happens[name][0] * daySeconds));
    this.untilS = each(() => 0);
  }

  second(now: number): PlugReport | null {
    this.happen(now);
    const isDead = now < this.untilS.mainsCut || now < this.untilS.restart;
    if (!isDead) this.live(now);
    const drawnWh = isDead ? 0 : this.load.powerW(now * secondMs) / 3600;
    this.truthWh += drawnWh;
    // What neither counter nor power ever said nobody can know.
    const isTold = now >= this.untilS.networkAway && now >= this.untilS.noPower;
    this.counterWh += now < this.untilS.stuckCounter && isTold ? 0 : drawnWh;
    if (this.trait.savedS > 0 && now % this.trait.savedS === 0) this.savedWh = this.counterWh;
    if (isDead || now < this.untilS.networkAway || now < this.dueAtS) return null;
    this.dueAtS = now + this.trait.everyS + this.random.int(-1, 1);
    return this.report(now);
  }

  /** Somebody works at the machine in the day, waits, works on, and switches it off. */
  private live(now: number): void {
    if (now < this.changeAtS) return;
    const hour = (now % daySeconds) / 3600;
    const isDay = hour > 9 && hour < 22;
    const isWorking = this.load.activity() === "working";
    if (!isDay && !isWorking) this.switchOff(now);
    else if (this.load.activity() === "off" || (!isWorking && this.random.chance(0.6))) {
      this.relayOn = true;
      this.load.set("working", now * secondMs);
    } else if (isWorking) this.load.set("standby", now * secondMs);
    else this.switchOff(now);
    this.changeAtS = now + Math.max(5, Math.round(this.random.exponential(this.load.activity() === "working" ? 1500 : 900)));
  }

  private switchOff(now: number): void {
    if (this.relayOn) {
      this.offAtS = now;
      this.staysStuck = this.kind === "zigbee" && this.random.chance(0.3);
    }
    this.relayOn = false;
    this.load.set("off", now * secondMs);
  }

  private happen(now: number): void {
    for (const name of Object.keys(happens) as Happening[]) {
      if (now < this.nextAtS[name]) continue;
      const [days, lengthS] = happens[name];
      this.met[name] = (this.met[name] ?? 0) + 1;
      this.untilS[name] = now + Math.max(5, Math.round(this.random.exponential(lengthS)));
      this.nextAtS[name] = this.untilS[name] + this.random.exponential(days * daySeconds);
      if (name === "mainsCut" || name === "restart") this.boot(now, this.untilS[name], name);
      if (name === "partialReset") this.counterWh -= Math.min(this.counterWh, this.random.next() * 2000);
      if (name === "unitChange") this.boot(now, now + 10, name);
    }
  }

  /** Its own power goes away: the load with it, and what the counter had not saved. */
  private boot(now: number, untilS: number, why: "mainsCut" | "restart" | "unitChange"): void {
    this.untilS.restart = Math.max(this.untilS.restart, untilS);
    this.bootedAtS = untilS;
    this.switchOff(now);
    this.staysStuck = false;
    this.changeAtS = untilS + this.random.int(30, 600);
    if (this.trait.zeroAtBoot) this.counterWh = 0;
    else if (why === "mainsCut") this.counterWh = this.savedWh;
    if (why === "mainsCut" && this.kind === "tasmota" && this.random.chance(0.2)) {
      this.counterWh += 200 + this.random.next() * 5000;
      this.met.jumpUp = (this.met.jumpUp ?? 0) + 1;
    }
    if (why === "unitChange") this.unit = this.unit === 1 ? 1000 : 1;
  }

  private report(now: number): PlugReport {
    const { random, trait } = this;
    const count = (name: QuirkName) => {
      this.met[name] = (this.met[name] ?? 0) + 1;
    };
    let powerW: number | null = Math.round(this.load.powerW(now * secondMs) * (1 + (random.next() - 0.5) * 0.01) * 10) / 10;
    if (this.staysStuck && this.offAtS >= 0 && !this.relayOn) {
      powerW = 33;
      count("stuckPower");
    } else if (powerW > 0 && random.chance(0.005)) {
      powerW = 0;
      count("falseZero");
    }
    let counterWh: number | null = Math.floor(this.counterWh / trait.stepWh) * trait.stepWh * this.unit;
    if (random.chance(0.0003)) {
      counterWh = 0;
      count("zeroCounter");
    }
    if (random.chance(0.01)) {
      powerW = null;
      count("nulls");
    }
    if (random.chance(0.01)) counterWh = null;
    return {
      atMs: now * secondMs,
      powerW: now < this.untilS.noPower ? null : powerW,
      counterWh: now < this.untilS.noCounter ? null : counterWh,
      relayOn: random.chance(0.5) ? null : this.relayOn,
      bootedAtMs: trait.tellsBoot ? this.bootedAtS * secondMs : null,
    };
  }
}
