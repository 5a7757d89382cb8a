/**
 * One machine: card reader, permit, auxiliary contact and meter, driven by `core/interlock` and `core/cycle`. It permits; a
 * person starts (I1). Policy ends a session when the machine is idle, and the loss of the hub ends nothing (I2, I3).
 *
 *   reader ─ questions.ts: dialogue ─ tap, ask ─▶ stepInterlock ─ request ─▶ authorise ─ permit, refused ┐
 *   meter ─ metering.ts: stepCycle ─ busy, runs ─────────────────────────────────────────────────────────┼─▶ stepInterlock ─▶ outputs.ts,
 *   senses.ts: aux, buttons, safety, controller · hub: orders.ts, mode, lockouts, review.ts ──────────────┘    records, signs
 */
import type { EventBody, MachineSettings } from "#contract";
import {
  type CycleEffect,
  type CycleState,
  type InterlockConfig,
  type InterlockEffect,
  type InterlockEvent,
  type InterlockState,
  initialInterlock,
  nextDeadlineMono,
  stepInterlock,
} from "#core";
import type { ChannelFacts } from "../kit/authorise.ts";
import type { DialogueAct } from "../kit/dialogue-channel.ts";
import { createNode, type Node, type NodePorts } from "../kit/node.ts";
import { listenToReader, reportReader } from "../kit/reader-channel.ts";
import { dialogueTimesOf, penaltyOf, readerConfigOf } from "../kit/reader-settings.ts";
import { boardsOf } from "../kit/wires.ts";
import type { MachineHardware } from "./hardware.ts";
import { configOf, misfitOf, settingsOf } from "./interlock-config.ts";
import { aboutOf, idleOf, liveOf } from "./machine-facts.ts";
import { createMetering, heardByInterlock, type Metering } from "./metering.ts";
import { obey } from "./orders.ts";
import { createOutputs, type Outputs } from "./outputs.ts";
import { keepLockouts, type Lockouts } from "./own-lockouts.ts";
import { keepOverrides, type OwnOverrides } from "./own-overrides.ts";
import { takeOwnWord } from "./own-word.ts";
import { createQuestions, type Questions } from "./questions.ts";
import { createReporter, type Reporter } from "./reporter.ts";
import { createReview, type Review } from "./review.ts";
import { listenToSenses } from "./senses.ts";
import { createSessionJournal, keepJournal, type Recovered, type SessionJournal } from "./session-journal.ts";
import { profileOf } from "./settings.ts";

export type MachineNodeGiven = {
  readonly ports: NodePorts;
  readonly hardware: MachineHardware;
  readonly ch: string;
  readonly settings?: MachineSettings;
  /** the reader holds the card while it is used */
  readonly insertReader?: boolean;
  readonly fw: string;
  readonly hw: string;
};
export type MachineNode = { readonly node: Node; state(): InterlockState; isPermitted(): boolean; start(): void; stop(): Promise<void> };

export function createMachineNode(given: MachineNodeGiven): MachineNode {
  return new Machine(given);
}

class Machine implements MachineNode {
  readonly node: Node;
  readonly #given: MachineNodeGiven;
  readonly #outputs: Outputs;
  readonly #metering: Metering;
  /** latching machines only: a held relay falls with its node, and nothing goes on after it */
  readonly #saveSession: (() => void) | null;
  readonly #review: Review;
  readonly #questions: Questions;
  readonly #lockouts: Lockouts;
  readonly #overrides: OwnOverrides;
  readonly #reporter: Reporter;
  /** the session of a latching machine that was open when the last life ended */
  readonly #recovered: Recovered | null;
  #state: InterlockState;
  #config: InterlockConfig;
  #powerW: number | null = null;
  #freeSinceMono: number | null = null;
  /** the hub's restrictions carry a fault */
  #isFaultKnown = false;
  #misfit: string | null = null;

  constructor(given: MachineNodeGiven) {
    this.#given = given;
    const { ports, hardware, ch } = given;
    this.#config = configOf(given, null);
    this.#state = initialInterlock(this.#config, this.#nowMono());
    this.node = createNode(ports, {
      about: aboutOf(given),
      isInUse: () => this.#outputs.isActive() || this.#state.session !== null || this.#state.powered === true,
      boards: () => boardsOf(hardware.board),
      onOrder: (order, done) => obey(orders, order, done),
      onFacts: (change) => this.#onFacts(change),
      onHub: (up) => this.#step({ kind: "link", up }),
      penalty: () => penaltyOf(settingsOf(given, this.node)),
    });
    const isMisfit = () => this.#misfit !== null;
    this.#lockouts = keepLockouts({ files: ports.files, log: ports.log, ch, restrictions: this.node.restrictions, isMisfit });
    this.#overrides = keepOverrides(ports.files, ports.log);
    const step = (event: WithoutTime<InterlockEvent>) => this.#step(event);
    const orders = {
      ...{ node: this.node, ch, step, lockouts: this.#lockouts },
      identify: () => hardware.signs.beep("slow"),
      isPermitted: () => this.isPermitted(),
    };
    this.#reporter = createReporter({
      ...{ node: this.node, ch },
      state: () => this.#state,
      isPermitted: () => this.isPermitted(),
      powerW: () => this.#powerW,
    });
    this.#outputs = this.#createOutputs();
    const journal = hardware.permit.kind === "pulse" ? createSessionJournal(ports.files) : null;
    this.#recovered = journal?.recover(this.#nowMono(), ports.clock.nowMs()) ?? null;
    this.#saveSession = journal === null ? null : this.#keepJournal(journal);
    this.#metering = this.#createMetering(this.#recovered?.counterWh ?? null);
    this.#review = this.#createReview();
    this.#questions = this.#createQuestions();
    this.node.runtime.own("hardware", () => hardware.close());
    this.node.runtime.own("last samples", () => this.#metering.close());
    this.node.runtime.own("outputs off", () => this.#outputs.allOff());
    this.#listen();
  }

  start(): void {
    const { hardware } = this.#given;
    this.#outputs.allOff();
    this.#configure();
    if (this.#recovered !== null) this.#questions.recover(this.#recovered.session, this.#recovered.cardKey);
    const journal = this.#recovered?.session ?? null;
    this.#step({ kind: "booted", selfTest: true, powered: hardware.aux?.read() ?? null, journal });
    if (hardware.permit.kind === "hold") this.#metering.noteOff(); // a held relay begins open: idle for certain
    if (hardware.safety?.read() === true) this.#step({ kind: "safety", open: true, cause: "safety input" });
    if (hardware.bypass?.read() === true) this.#step({ kind: "bypass", on: true });
    if (hardware.ancillary?.ready?.read() === true) this.#step({ kind: "ancillary", ready: true });
    if (journal !== null) this.#step({ kind: "power", powerW: null, energyWh: 0 }); // what the counter gained meanwhile is this session's
    this.#onFacts("mode");
    this.#metering.start();
    this.node.start();
  }

  stop(): Promise<void> {
    return this.node.runtime.stop();
  }

  state(): InterlockState {
    return this.#state;
  }

  /** what the permit wire was last told; for a latching machine, what the auxiliary contact says */
  isPermitted(): boolean {
    return this.#given.hardware.permit.kind === "pulse" ? this.#state.powered === true : this.#outputs.isRelayOn();
  }

  #listen(): void {
    const { hardware, ports, ch, insertReader } = this.#given;
    const { runtime } = this.node;
    listenToReader({
      ...{ name: ch, key: ports.keys.card, clock: ports.clock, runtime },
      reader: hardware.reader,
      config: () => ({ ...readerConfigOf(settingsOf(this.#given, this.node)), insert: insertReader ?? false }),
      onGesture: (gesture) => this.#questions.gesture(gesture),
      onKey: (key) => this.#questions.key(key),
      onChecking: () => hardware.signs.checking?.(),
      onSuspect: (cardKey, why) => this.node.record(ch, { kind: "card.suspect", cardKey, why }),
    });
    reportReader({
      ...{ ch, reader: hardware.reader, runtime, log: ports.log },
      record: (state) => this.node.record("node", { kind: "node.reader", reader: ch, state }),
    });
    listenToSenses(hardware, runtime, (event) => this.#step(event));
    hardware.board?.onState((state, why) => runtime.input(() => this.#onBoard(state, why)));
  }

  #createQuestions(): Questions {
    const { ports, ch, insertReader } = this.#given;
    return createQuestions({
      node: this.node,
      ch,
      clock: ports.clock,
      insertReader: insertReader ?? false,
      state: () => this.#state,
      live: () => this.#live(),
      step: (event) => this.#step(event),
      onAct: (act) => this.#act(act),
      times: () => dialogueTimesOf(settingsOf(this.#given, this.node)),
      onCollision: () => this.#given.hardware.signs.say("one_card_at_a_time"),
      onGranted: (reevaluateAtMs) => this.#review.plan(reevaluateAtMs),
    });
  }

  #createReview(): Review {
    const { ports } = this.#given;
    return createReview({
      node: this.node,
      live: () => this.#live(),
      lockedOut: () => this.#lockouts.ending(),
      onEnd: (reason, mode) => this.#step({ kind: "end", reason, mode }),
      onAhead: (atMs, reason) => {
        const { nowMs } = this.node.nodeClock.read();
        const endMono = atMs === null || nowMs === null ? null : Math.round(ports.clock.monoMs() + atMs - nowMs);
        this.#noteAhead(endMono, reason);
      },
    });
  }

  /** The clock of the day is corrected a little now and then; that is no news. */
  #noteAhead(endMono: number | null, reason: Extract<InterlockEvent, { kind: "ahead" }>["reason"]): void {
    const { ahead } = this.#state;
    const isSame =
      ahead === null ? endMono === null : endMono !== null && ahead.reason === reason && Math.abs(ahead.endMono - endMono) < 1000;
    if (!isSame) this.#step({ kind: "ahead", endMono, reason });
  }

  #keepJournal(journal: SessionJournal): () => void {
    const { clock, log } = this.#given.ports;
    return keepJournal({
      journal,
      runtime: this.node.runtime,
      log,
      session: () => this.#state.session,
      about: () => ({
        cardKey: this.#questions.operatorCard(),
        counterWh: this.#metering.state().energy.counterWh,
        nowMono: clock.monoMs(),
        nowMs: clock.nowMs(),
      }),
    });
  }

  #createOutputs(): Outputs {
    const { ports, hardware } = this.#given;
    return createOutputs({
      node: this.node,
      hardware,
      log: ports.log,
      currentSession: () => this.#state.session?.session ?? null,
      onRelay: (on) => this.#onRelay(on),
      onRefused: (why) => this.#notPermitted(why),
    });
  }

  #createMetering(lastCounterWh: number | null): Metering {
    const { ports, hardware, ch } = this.#given;
    return createMetering({
      meter: hardware.meter,
      clock: ports.clock,
      runtime: this.node.runtime,
      profile: () => profileOf(settingsOf(this.#given, this.node)),
      lastCounterWh,
      onEffect: (effect, state) => this.#onCycle(effect, state),
      onSample: (powerW, energyWh) => {
        this.#powerW = powerW;
        this.#step({ kind: "power", powerW, energyWh });
      },
      onMeter: (ok) => this.#step({ kind: "meter", ok, resetWh: null }),
      onBatch: (batch) => this.node.link.telemetry(ch, batch),
    });
  }

  #onCycle(effect: CycleEffect, state: CycleState): void {
    const run = effect.kind === "run_ended" ? (this.#state.run?.run ?? this.node.ids.ulid()) : this.node.ids.ulid();
    this.#step(heardByInterlock(effect, state.activity, run));
  }

  /** What people meant beside asking (core/dialogue.ts). */
  #act(act: DialogueAct): void {
    const record = (body: EventBody) => this.node.record(this.#given.ch, body);
    if (act.kind === "say") this.#given.hardware.signs.say(act.key);
    else if (act.kind === "signed_off") record({ ...act, kind: "mach.signed_off" });
    else if (act.kind === "checked") {
      record({ ...act, kind: "mach.checked" });
      this.#lockouts.note({ kind: "checked", accepted: act.accepted });
    } else if (this.#state.kind === "fault" || this.#state.kind === "fault_welded") this.#step({ kind: "reset", member: act.member });
    else {
      record({ kind: "mach.reset", member: act.member });
      this.#lockouts.note({ kind: "cleared" });
    }
  }

  #configure(): void {
    this.#config = configOf(this.#given, this.node);
    const misfit = misfitOf(this.#given, this.node);
    if (misfit !== null && misfit !== this.#misfit) this.#given.ports.log.error({}, misfit);
    this.#misfit = misfit;
  }

  #onFacts(change: "snapshot" | "restrictions" | "mode" | "config"): void {
    if (change === "snapshot" || change === "config") this.#configure();
    const isEvacuation = this.node.mode() === "evacuate";
    if (isEvacuation !== this.#state.emergency) this.#step({ kind: "emergency", on: isEvacuation });
    const kinds = this.node
      .restrictions()
      .lockouts.filter((one) => one.ch === this.#given.ch)
      .map(({ kind }) => kind);
    this.#lockouts.note({ kind: "hub", kinds });
    const isFaultKnown = kinds.includes("fault");
    if (this.#isFaultKnown && !isFaultKnown) this.#step({ kind: "cleared" }); // the desk has taken the lockout away
    this.#isFaultKnown = isFaultKnown;
    const ending = this.#lockouts.ending();
    if (ending !== null && this.#state.session === null) this.#step({ kind: "end", reason: "lockout", mode: ending });
    this.#review.now();
    this.#show();
  }

  /** How it stands, for whoever comes to the machine. */
  #show(): void {
    this.#given.hardware.signs.lamp(this.#state.kind);
    this.#given.hardware.signs.idle?.(idleOf(this.node, this.#given.ch, this.#state.kind, this.#lockouts.now()));
  }

  #onBoard(state: "ready" | "lost", why: string): void {
    const { log } = this.#given.ports;
    const { permit, aux } = this.#given.hardware;
    this.node.record("node", { kind: "node.board", board: "main", state });
    if (state === "lost") {
      log.warn({ cause: why }, "the board is lost");
      if (permit.kind === "hold") this.#step({ kind: "dropped", reason: "power_lost" });
      this.#outputs.fallen();
      return;
    }
    log.info({}, "the board is ready");
    this.#outputs.allOff();
    const powered = aux?.read() ?? null;
    if (powered !== null) this.#step({ kind: "powered", on: powered });
  }

  #step(event: WithoutTime<InterlockEvent>): void {
    const nowMono = this.#nowMono();
    const before = this.#state;
    const [next, effects] = stepInterlock(before, { ...event, nowMono } as InterlockEvent, this.#config);
    this.#state = next;
    if (before.session !== null && next.session === null) this.#freeSinceMono = nowMono;
    if (next.session?.session !== before.session?.session || next.session?.unattended !== before.session?.unattended) this.#saveSession?.();
    for (const effect of effects) this.#perform(effect, before);
    if (next.kind !== before.kind) this.#show();
    this.#plan();
    this.#reporter.report(event.kind);
    // it waited between grant and permit; what has changed meanwhile counts
    if (before.kind === "anc_start" && this.#state.session !== null) this.#review.now();
  }

  #perform(effect: InterlockEffect, before: InterlockState): void {
    const { signs } = this.#given.hardware;
    if (effect.kind === "relay") this.#outputs.relay(effect.on);
    else if (effect.kind === "ancillary") this.#outputs.ancillary(effect.on);
    else if (effect.kind === "accessory") this.#outputs.accessory(effect.accessory, effect.on);
    else if (effect.kind === "pulse") this.#press(effect.button, before);
    else if (effect.kind === "split_run") this.#metering.split();
    else if (effect.kind === "emit") this.#record(effect.body, before);
    else if (effect.kind === "request") this.#questions.decide(effect);
    else if (effect.kind === "say") signs.say(effect.key);
    else signs.beep(effect.pattern);
  }

  #press(button: "start" | "stop", before: InterlockState): void {
    this.#outputs.press(button, this.#state.session?.session ?? null);
    if (button === "stop" && before.session !== null) this.#metering.noteOff(); // nothing of it lingers into the next session
  }

  /** A report and the end of a use block by this node's own word, before the hub has heard of them. */
  #record(body: EventBody, before: InterlockState): void {
    this.node.record(this.#given.ch, body);
    const word = { node: this.node, ch: this.#given.ch, lockouts: this.#lockouts, overrides: this.#overrides };
    takeOwnWord(word, body, { before: before.session, now: this.#state.session, card: this.#questions.operatorCard() });
  }

  #onRelay(on: boolean): void {
    if (!on) this.#metering.noteOff();
    this.#reporter.report("permit");
  }

  #notPermitted(why: string): void {
    this.#given.ports.log.error({ ch: this.#given.ch, cause: why }, "the machine was not enabled although its use was granted");
    if (this.#given.hardware.permit.kind === "hold") this.#step({ kind: "dropped", reason: "forced" });
    else this.#step({ kind: "end", reason: "forced", mode: "immediate" });
    this.#given.hardware.signs.say("INTERNAL_ERROR");
  }

  #plan(): void {
    const at = nextDeadlineMono(this.#state);
    const { runtime } = this.node;
    if (at === null) runtime.stopTimer("interlock");
    else runtime.startTimer("interlock", Math.max(0, at - this.#given.ports.clock.monoMs()), () => this.#step({ kind: "tick" }));
    if (this.#state.session === null) this.#review.stop();
    else this.#review.watch(() => this.#questions.renewal());
  }

  #live(): ChannelFacts {
    const nowMono = this.#given.ports.clock.monoMs();
    const { nowMs } = this.node.nodeClock.read();
    const since = nowMs === null || this.#freeSinceMono === null ? null : Math.round(nowMs - (nowMono - this.#freeSinceMono));
    return { ...liveOf(this.#state, this.#config, this.#lockouts, nowMono, since), ...this.#overrides.live() };
  }

  /** whole milliseconds, as events and reports carry them */
  #nowMono(): number {
    return Math.floor(this.#given.ports.clock.monoMs());
  }
}

type WithoutTime<T> = T extends { readonly nowMono: number } ? Omit<T, "nowMono"> : never;
