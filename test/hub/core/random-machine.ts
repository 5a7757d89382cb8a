/**
 * One machine played by dice: the real interlock and the real detector, a load with its own mind, people, a hub that comes and
 * goes, a policy that changes. Keeps the truth beside what the machine says, for whoever judges.
 */
import type { EventBody, Permit } from "#contract";
import type { CycleState, InterlockConfig, InterlockEffect, InterlockEvent, InterlockState } from "#core";
import {
  cycleProfiles,
  due,
  initialCycle,
  initialInterlock,
  interlockDefaults,
  nextDeadlineMono,
  renewal,
  stepCycle,
  stepInterlock,
  without,
} from "#core";
import type { Dice } from "../../../simulators/random.ts";

type Bare<E = InterlockEvent> = E extends { readonly nowMono: number } ? Omit<E, "nowMono"> : never;
export type Told = { readonly atMono: number; readonly body: EventBody };
export type Played = {
  readonly config: InterlockConfig;
  readonly told: readonly Told[];
  /** what the meter counted in all, and while the permit was on */
  readonly meterWh: number;
  readonly permittedWh: number;
  /** seconds in which the meter was silent */
  readonly silentS: number;
  /** permits that came without an answer to somebody's tap */
  readonly unasked: number;
  /** power taken from a load that had worked for longer than the detector needs to see it */
  readonly cuts: readonly { readonly atMono: number; readonly why: string }[];
  /** invariants of domain.md §0.1 that a single step broke */
  readonly broken: readonly string[];
  /** how long power stayed after the load had come to rest and the permission was gone, at most */
  readonly lingeredMs: number;
  readonly state: InterlockState;
};

const profile = cycleProfiles.saw;
const stepMs = 1000;
/** as the node: so many answers missed, and the meter counts as silent */
const silentMax = 3;
/** power below the threshold inside work, shorter than what counts as its end */
const dipMsMax = profile.minOffMs - 2 * stepMs;
/** what a load must have worked for before the detector can know, answers lost included */
const seenMs = profile.minOnMs + silentMax * stepMs;
const members = [7, 8, 9] as const;

/** What may happen. `policy`: expiry, revocation, bookings, the hub, strangers. `all`: also what may cut: buttons, safety, faults. */
export type Hazards = "policy" | "all";

export function playMachine(random: Dice, seconds: number, hazards: Hazards): Played {
  return new RandomMachine(random, hazards).play(seconds);
}

class RandomMachine {
  readonly #dice: Dice;
  readonly #hazards: Hazards;
  readonly #config: InterlockConfig;
  readonly #told: Told[] = [];
  readonly #broken: string[] = [];
  readonly #cuts: { atMono: number; why: string }[] = [];
  #now = 0;
  #state: InterlockState;
  #cycle: CycleState = initialCycle();
  #relay = false;
  #powered = false;
  /** since when the load draws more than idle; null = at rest */
  #worksSince: number | null = null;
  #restsSince = 0;
  #meterWh = 0;
  #permittedWh = 0;
  #isMeterThere = true;
  #missed = 0;
  /** until when a load that works draws little */
  #dipUntil = 0;
  #silentS = 0;
  #unasked = 0;
  #answers: { readonly atMono: number; readonly event: Bare }[] = [];
  #allowed = true;
  #ids = 0;
  #runs = 0;
  #steps = 0;
  #lingeredMs = 0;

  constructor(random: Dice, hazards: Hazards) {
    this.#dice = random;
    this.#hazards = hazards;
    this.#config = {
      ...interlockDefaults,
      cutHazard: random.chance(0.5),
      attendance: random.pick(["attended", "unattended_ok"] as const),
      hasAux: random.chance(0.8),
      ancillary: random.chance(0.4) ? { required: true, readyMs: 15_000, runOnMs: 8000, keepInFire: false } : null,
    };
    this.#state = initialInterlock(this.#config, 0);
  }

  play(seconds: number): Played {
    this.#step({ kind: "booted", selfTest: true, powered: this.#config.hasAux ? false : null, journal: null });
    this.#detect({ kind: "relay_off" });
    for (let second = 0; second < seconds; second += 1) {
      this.#toward(this.#now + stepMs);
      this.#measure();
      this.#world();
    }
    return {
      config: this.#config,
      told: this.#told,
      meterWh: this.#meterWh,
      permittedWh: this.#permittedWh,
      silentS: this.#silentS,
      unasked: this.#unasked,
      cuts: this.#cuts,
      broken: this.#broken,
      lingeredMs: this.#lingeredMs,
      state: this.#state,
    };
  }

  /** Time passes with every deadline and every answer at its own instant. */
  #toward(untilMono: number): void {
    for (;;) {
      const answer = this.#answers.toSorted((a, b) => a.atMono - b.atMono)[0];
      const at = Math.min(nextDeadlineMono(this.#state) ?? Number.POSITIVE_INFINITY, answer?.atMono ?? Number.POSITIVE_INFINITY);
      if (at > untilMono) break;
      this.#now = Math.max(this.#now, at);
      if (answer !== undefined && answer.atMono <= at) {
        this.#answers = this.#answers.filter((other) => other !== answer);
        this.#step(answer.event);
      } else this.#step({ kind: "tick" });
    }
    this.#now = untilMono;
  }

  #measure(): void {
    const works = this.#worksSince !== null;
    // before and between dips it works long enough to be seen
    const mayDip = this.#worksSince !== null && this.#now - Math.max(this.#worksSince, this.#dipUntil) > seenMs;
    if (mayDip && this.#dice.chance(0.06)) this.#dipUntil = this.#now + this.#dice.int(stepMs, dipMsMax);
    const powerW = works && this.#now >= this.#dipUntil ? 900 : this.#powered ? 5 : 0;
    const gainedWh = (powerW * stepMs) / 3_600_000;
    this.#meterWh += gainedWh;
    if (this.#relay) this.#permittedWh += gainedWh;
    const isRead = this.#isMeterThere && !this.#dice.chance(0.01);
    if (!isRead) this.#silentS += 1;
    const wasThere = this.#missed < silentMax;
    this.#missed = isRead ? 0 : this.#missed + 1;
    const isThere = this.#missed < silentMax;
    this.#detect({ kind: "sample", powerW: isRead ? powerW : null, counterWh: isRead ? this.#meterWh : null });
    if (isThere !== wasThere) this.#step({ kind: "meter", ok: isThere, resetWh: null });
    if (isRead) this.#step({ kind: "power", powerW, energyWh: this.#meterWh });
    const gone = this.#state.kind === "stopping" || (this.#state.kind === "grace" && this.#state.cause === "permission_ended");
    if (gone && this.#worksSince === null && this.#isMeterThere) {
      this.#lingeredMs = Math.max(this.#lingeredMs, this.#now - Math.max(this.#restsSince, this.#state.sinceMono));
    }
  }

  #detect(event: { kind: "relay_off" } | { kind: "sample"; powerW: number | null; counterWh: number | null }): void {
    const [cycle, effects] = stepCycle(this.#cycle, { ...event, nowMono: this.#now }, profile);
    this.#cycle = cycle;
    for (const effect of effects) this.#onCycle(effect);
  }

  #onCycle(effect: ReturnType<typeof stepCycle>[1][number]): void {
    const busy = this.#cycle.activity;
    if (effect.kind === "activity") this.#step({ kind: "activity", busy: effect.busy, run: null });
    if (effect.kind === "run_started") {
      this.#runs += 1;
      this.#step({ kind: "activity", busy, run: { kind: "started", run: idOf("R", this.#runs), startMono: effect.startMono } });
    }
    if (effect.kind === "run_ended") {
      const { endMono, energyWh, peakW, uncertainMs } = effect;
      this.#step({ kind: "activity", busy, run: { kind: "ended", run: idOf("R", this.#runs), endMono, energyWh, peakW, uncertainMs } });
    }
  }

  /** Hands, load, network and policy, each with its own chance in this second. */
  #world(): void {
    const { chance, pick, int } = this.#dice;
    if (this.#relay && !this.#powered && this.#config.hasAux && chance(0.3)) this.#power(true);
    if (this.#powered && this.#worksSince === null && chance(0.05)) this.#worksSince = this.#now;
    else if (this.#worksSince !== null && chance(0.03)) this.#rest();
    if (chance(0.04)) this.#tap(pick([...members, 0]));
    if (chance(0.01)) this.#step({ kind: "link", up: !this.#state.linkUp });
    if (chance(0.005)) this.#allowed = !this.#allowed;
    if (chance(0.01)) {
      const reason = pick(["permission_ended", "booking_end", "closing", "lockout", "forced"] as const);
      this.#step({ kind: "end", reason, mode: this.#hazards === "all" && chance(0.3) ? "immediate" : "when_idle" });
    }
    if (chance(this.#isMeterThere ? 0.006 : 0.1)) this.#isMeterThere = !this.#isMeterThere;
    if (this.#powered && this.#config.hasAux && chance(0.004)) this.#power(false); // the user's own stop
    if (this.#config.ancillary !== null && chance(0.2)) this.#step({ kind: "ancillary", ready: true });
    if (this.#hazards === "all" && chance(0.01)) this.#hazard(int(0, 5));
  }

  #hazard(which: number): void {
    const { chance } = this.#dice;
    if (which === 0) this.#step({ kind: "stop_button" });
    if (which === 1) this.#step({ kind: "oops" });
    if (which === 2) this.#step({ kind: "safety", open: chance(0.5), cause: "lid" });
    if (which === 3) this.#step({ kind: "emergency", on: chance(0.3) });
    if (which === 4) this.#step({ kind: "bypass", on: chance(0.3) });
    if (which === 5 && this.#powered) this.#power(false);
  }

  #power(on: boolean): void {
    this.#powered = on;
    if (!on) this.#rest();
    this.#step({ kind: "powered", on });
  }

  #rest(): void {
    if (this.#worksSince !== null) this.#restsSince = this.#now;
    this.#worksSince = null;
  }

  #tap(member: number): void {
    this.#ids += 1;
    this.#step({ kind: "tap", nonce: `tap ${this.#ids}`, member, wants: "start" });
    if (this.#hazards === "all" && this.#dice.chance(0.2)) this.#step({ kind: "hold", member });
  }

  /** The hub or the snapshot answers after a while, or never. */
  #asked(effect: Extract<InterlockEffect, { kind: "request" }>): void {
    const { nonce, member } = effect;
    const { chance, int, pick } = this.#dice;
    if (chance(0.1)) return;
    const atMono = this.#now + int(0, effect.place === "local" ? 50 : 900);
    const owner = this.#state.session?.member ?? member;
    const may = this.#allowed && member !== 0 && (owner === member || this.#state.kind === "grace") && chance(0.9);
    this.#ids += 1;
    const permit: Permit = {
      leaseMs: pick([0, 60_000, 120_000]),
      idleMs: pick([0, 30_000, 90_000]),
      graceMs: pick([0, 10_000, 60_000]),
      enableMs: 30_000,
      strikeMs: 0,
      shuntMs: 0,
      attended: this.#config.attendance === "attended",
      holdPolicy: pick(["until_idle", "indefinite"] as const),
    };
    const event: Bare = may
      ? { kind: "permit", nonce, member, session: idOf("S", this.#ids), decision: idOf("D", this.#ids), permit, provisional: false }
      : { kind: chance(0.2) ? "pending" : "refused", nonce, reason: "TRAINING_MISSING" };
    this.#answers.push({ atMono, event });
  }

  #step(event: Bare): void {
    const before = this.#state;
    const wasOn = this.#relay;
    const timed = { ...event, nowMono: this.#now } as InterlockEvent;
    const [next, effects] = stepInterlock(before, timed, this.#config);
    this.#steps += 1;
    const again = this.#steps % 50 === 0 ? stepInterlock(before, timed, this.#config) : null;
    if (again !== null && JSON.stringify(again) !== JSON.stringify([next, effects])) this.#broken.push(`I8: ${event.kind} twice`);
    for (const why of brokenBy(before, timed, next, effects)) this.#broken.push(`at ${this.#now} ${why}`);
    this.#state = next;
    for (const effect of effects) {
      if (effect.kind === "relay") this.#onRelay(effect.on, `${event.kind} in ${before.kind}`);
      if (effect.kind === "emit") this.#told.push({ atMono: this.#now, body: effect.body });
      if (effect.kind === "request") this.#asked(effect);
    }
    if (this.#relay !== (this.#state.session !== null)) this.#broken.push(`at ${this.#now} the relay is not what ${this.#state.kind} says`);
    const asked = event.kind === "permit" || before.kind === "anc_start";
    if (!wasOn && this.#relay && !asked) this.#unasked += 1;
  }

  #onRelay(on: boolean, why: string): void {
    const was = this.#relay;
    this.#relay = on;
    if (was && !on) {
      if (this.#worksSince !== null && this.#now - this.#worksSince > seenMs) this.#cuts.push({ atMono: this.#now, why });
      this.#powered = false;
      this.#rest();
      this.#detect({ kind: "relay_off" });
      if (this.#config.hasAux) this.#step({ kind: "powered", on: false });
    }
    if (!was && on && !this.#config.hasAux) this.#powered = true;
  }
}

/** What no single step may do, whatever the history (domain.md §0.1, D10). */
function brokenBy(before: InterlockState, event: InterlockEvent, next: InterlockState, effects: readonly InterlockEffect[]): string[] {
  const found: string[] = [];
  const on = effects.findIndex((effect) => effect.kind === "relay" && effect.on);
  const record = effects.findIndex((effect) => effect.kind === "emit" && effect.body.kind === "mach.session_started");
  if (on >= 0 && (record < 0 || record > on)) found.push("D10: a permit before its record");
  if (due(before.deadlines, event.nowMono).length > 0) return found;
  const moves = effects.some(({ kind }) => kind === "relay" || kind === "pulse" || kind === "ancillary" || kind === "accessory");
  if (event.kind === "link" && (moves || next.kind !== before.kind)) found.push(`I2: the link moved ${before.kind}`);
  const isRefusal = event.kind === "refused" || event.kind === "pending";
  if (!isRefusal || before.session === null || event.nonce === renewal(before.session.session)) return found;
  const kept = ({ session, kind, deadlines }: InterlockState) =>
    JSON.stringify({ session, kind, deadlines: without(deadlines, "askLocal", "askGiveUp") });
  if (moves || kept(before) !== kept(next)) found.push(`I4: a refusal changed ${before.kind}`);
  return found;
}

const idOf = (kind: "S" | "D" | "R", n: number): string => `01JDGC5F7W9ZK3T5V${kind}${String(n).padStart(8, "0")}`;
