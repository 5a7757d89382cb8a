/**
 * One machine: card reader, permit, auxiliary contact and meter, driven by `core/interlock` and `core/cycle`. It permits; a
 * person starts (I1). Policy ends a session when the machine is idle, and the loss of the hub ends nothing (I2, I3).
 *
 *   reader ─ tap ─▶ stepInterlock ─ request ─▶ authorise ─ permit, refused ┐
 *   meter ─ stepCycle ─ busy, runs ────────────────────────────────────────┼─▶ stepInterlock ─▶ permit wire, records, signs
 *   aux, buttons, safety · hub: order, mode, lockout, review ──────────────┘
 */
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
import type { AckCode, Order, OrderDone } from "../kit/commands.ts";
import { createNode, type Node, type NodePorts } from "../kit/node.ts";
import { type CardGesture, listenToReader } from "../kit/reader-channel.ts";
import type { MachineHardware } from "./hardware.ts";
import { configOf } from "./interlock-config.ts";
import { aboutOf, liveOf, reportOf } from "./machine-facts.ts";
import { createMetering, type Metering } from "./metering.ts";
import { createOutputs, type Outputs } from "./outputs.ts";
import { createReview, type Review } from "./review.ts";
import { createSessionJournal, type SessionJournal } from "./session-journal.ts";
import { type MachineSettings, machineSettings, profileOf } from "./settings.ts";

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

type Tap = { readonly cardKey: string; readonly usable: boolean; readonly atMono: number; readonly gesture: "tap" | "insert" | "remote" };
/** Whose card speaks for a session. */
type Voice = { readonly cardKey: string | null; readonly session: string };
const tapsKept = 16;
const journalMs = 300_000;

export function createMachineNode(given: MachineNodeGiven): MachineNode {
  return new Machine(given);
}

class Machine implements MachineNode {
  readonly node: Node;
  readonly #given: MachineNodeGiven;
  readonly #outputs: Outputs;
  readonly #metering: Metering;
  readonly #journal: SessionJournal;
  readonly #review: Review;
  readonly #taps = new Map<string, Tap>();
  #state: InterlockState;
  #config: InterlockConfig;
  #voice: Voice | null = null;
  /** the card of the last grant: its session may begin later, when the extraction is ready or the contactor has rested */
  #granted: Voice | null = null;
  #reportSeq = 0;
  #reported = "";
  #powerW: number | null = null;

  constructor(given: MachineNodeGiven) {
    this.#given = given;
    const { ports, hardware } = given;
    this.#config = configOf(given, null);
    this.#state = initialInterlock(this.#config, Math.floor(ports.clock.monoMs()));
    this.node = createNode(ports, {
      about: aboutOf(given),
      isInUse: () => this.#outputs.isActive() || this.#state.session !== null || this.#state.powered === true,
      boards: () => (hardware.board === null ? [] : [{ board: "main", state: hardware.board.state() }]),
      onOrder: (order, done) => this.#obey(order, done),
      onFacts: (change) => this.#onFacts(change),
      onHub: (up) => this.#step({ kind: "link", up }),
    });
    const { runtime } = this.node;
    this.#outputs = createOutputs({
      node: this.node,
      hardware,
      log: ports.log,
      currentSession: () => this.#state.session?.session ?? null,
      onRelay: (on) => this.#onRelay(on),
      onRefused: (why) => this.#notPermitted(why),
    });
    this.#journal = createSessionJournal(ports.files);
    const recovered =
      hardware.permit.kind === "pulse" ? this.#journal.recover(Math.floor(ports.clock.monoMs()), ports.clock.nowMs()) : null;
    this.#metering = this.#createMetering(recovered?.counterWh ?? null);
    this.#review = createReview({
      node: this.node,
      ch: given.ch,
      live: () => this.#live(),
      onEnd: (reason, mode) => this.#step({ kind: "end", reason, mode }),
    });
    runtime.own("hardware", () => hardware.close());
    runtime.own("outputs off", () => this.#outputs.allOff());
    this.#listen();
    this.start = () => {
      this.#outputs.allOff();
      this.#config = configOf(given, this.node);
      if (recovered !== null) this.#voice = { cardKey: recovered.cardKey, session: recovered.session.session };
      this.#step({ kind: "booted", selfTest: true, powered: hardware.aux?.read() ?? null, journal: recovered?.session ?? null });
      if (recovered !== null) this.#step({ kind: "power", powerW: null, energyWh: 0 }); // what the counter gained meanwhile is this session's
      this.#onFacts("mode");
      this.#metering.start();
      this.node.start();
    };
  }

  readonly start: () => void;

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
      name: ch,
      reader: hardware.reader,
      key: ports.keys.card,
      clock: ports.clock,
      runtime,
      config: { insert: insertReader ?? false },
      onGesture: (gesture) => this.#onGesture(gesture),
    });
    hardware.reader.onState((state) => runtime.input(() => this.node.record("node", { kind: "node.reader", reader: ch, state })));
    const sense = (from: MachineHardware["aux"], event: (on: boolean) => WithoutTime<InterlockEvent>) =>
      from?.onChange((on) => runtime.input(() => on !== null && this.#step(event(on))));
    sense(hardware.aux, (on) => ({ kind: "powered", on }));
    sense(hardware.safety, (open) => ({ kind: "safety", open, cause: "safety input" }));
    sense(hardware.bypass, (on) => ({ kind: "bypass", on }));
    sense(hardware.ancillary?.ready ?? null, (ready) => ({ kind: "ancillary", ready }));
    hardware.stopButton?.onPress(() => runtime.input(() => this.#step({ kind: "stop_button" })));
    hardware.oopsButton?.onPress(() => runtime.input(() => this.#step({ kind: "oops" })));
    hardware.board?.onState((state, why) => runtime.input(() => this.#onBoard(state, why)));
  }

  #createMetering(lastCounterWh: number | null): Metering {
    const { ports, hardware, ch } = this.#given;
    return createMetering({
      meter: hardware.meter,
      clock: ports.clock,
      runtime: this.node.runtime,
      profile: () => profileOf(this.#settings()),
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
    const busy = state.activity;
    if (effect.kind === "meter_reset") this.#step({ kind: "meter", ok: true, resetWh: effect.counterWh });
    else if (effect.kind === "activity") this.#step({ kind: "activity", busy: effect.busy, run: null });
    else if (effect.kind === "run_started") {
      this.#step({
        kind: "activity",
        busy,
        run: { kind: "started", run: this.node.ids.ulid(), startMono: Math.max(0, Math.floor(effect.startMono)) },
      });
    } else {
      const { endMono, energyWh, peakW, uncertainMs } = effect;
      const run = this.#state.run?.run ?? this.node.ids.ulid();
      this.#step({
        kind: "activity",
        busy,
        run: { kind: "ended", run, endMono: Math.max(0, Math.floor(endMono)), energyWh, peakW, uncertainMs: Math.round(uncertainMs) },
      });
    }
  }

  #onGesture(gesture: CardGesture): void {
    const { authoriser, ids } = this.node;
    if (gesture.kind === "one_at_a_time") {
      this.#given.hardware.signs.say("one_card_at_a_time");
      return;
    }
    const { cardKey, usable, atMono } = gesture;
    const member = authoriser.memberOf(cardKey);
    if (gesture.kind === "hold") this.#step({ kind: "hold", member });
    else if (gesture.kind === "removed") this.#step({ kind: "removed", member });
    else if (gesture.kind === "tap") {
      const nonce = ids.nonce();
      this.#taps.set(nonce, { cardKey, usable, atMono, gesture: this.#given.insertReader === true ? "insert" : "tap" });
      if (this.#taps.size > tapsKept) for (const oldest of this.#taps.keys()) if (this.#taps.delete(oldest)) break;
      this.#step({ kind: "tap", nonce, member, wants: "start" });
    }
  }

  /** The interlock wants a decision. What the authoriser may do without the hub, it does after 700 ms by itself. */
  #decide(effect: Extract<InterlockEffect, { kind: "request" }>): void {
    if (effect.place === "local") return;
    const { clock } = this.#given.ports;
    const { nonce, request } = effect;
    const tap = this.#taps.get(nonce) ?? this.#silentTap(clock.monoMs());
    if (tap === null) {
      this.#step({ kind: "refused", nonce, reason: "UNKNOWN_CREDENTIAL" });
      return;
    }
    this.node.authoriser.authorise({ ch: this.#given.ch, kind: request, ...tap }, this.#live(), (verdict) => {
      const { decision, permit, member, reason, provisional } = verdict;
      if (verdict.outcome === "pending") this.#step({ kind: "pending", nonce, reason });
      else if (verdict.outcome === "deny" || permit === null) this.#step({ kind: "refused", nonce, reason });
      else {
        const session = this.node.ids.ulid();
        this.#granted = { cardKey: tap.cardKey, session };
        this.#step({ kind: "permit", nonce, member, session, decision, permit, provisional });
        this.#noteVoice(tap.cardKey, member);
        this.#review.plan(verdict.reevaluateAtMs);
      }
    });
  }

  /** A renewal has no tap: it speaks for the card that opened the session. */
  #silentTap(nowMono: number): Tap | null {
    const cardKey = this.#voice?.session === (this.#state.session?.session ?? "none") ? this.#voice.cardKey : null;
    return cardKey === null ? null : { cardKey, usable: true, atMono: nowMono, gesture: "remote" };
  }

  #noteVoice(cardKey: string | null, member: number): void {
    const { session } = this.#state;
    if (session !== null && session.member === member) this.#voice = { cardKey, session: session.session };
  }

  #obey(order: Order, done: OrderDone): void {
    if (order.ch !== this.#given.ch) done("rejected", "BAD_ARGS");
    else if (order.kind === "permissive") this.#obeyEnable(order, done);
    else {
      const code = this.#obeyPlain(order.op);
      if (code === null) done("applied", null);
      else done("rejected", code);
    }
  }

  #obeyPlain(op: Extract<Order, { kind: "plain" }>["op"]): AckCode | null {
    if (op === "stop_now") this.#step({ kind: "end", reason: "forced", mode: "immediate" });
    else if (op === "stop_at_idle") this.#step({ kind: "end", reason: "forced", mode: "when_idle" });
    else if (op === "acknowledge") this.#step({ kind: "cleared" });
    else if (op === "identify") this.#given.hardware.signs.beep("slow");
    else return "UNKNOWN_OP";
    return null;
  }

  #obeyEnable(order: Extract<Order, { kind: "permissive" }>, done: OrderDone): void {
    const isLockedOut = this.node.restrictions().lockouts.some((lockout) => lockout.ch === order.ch);
    if (this.node.mode() !== "normal" || isLockedOut) done("rejected", "INHIBITED");
    else if (order.what !== "interlock.enable" || order.permit === null) done("rejected", "BAD_ARGS");
    else {
      const member = /^\d{1,10}$/.test(order.actor) ? Number(order.actor) : 0;
      const { ids, outbox, runtime } = this.node;
      this.#step({ kind: "remote_permit", member, session: ids.ulid(), decision: ids.ulid(), permit: order.permit });
      outbox.whenDurable(2500, () => runtime.input(() => (this.isPermitted() ? done("applied", null) : done("rejected", "INHIBITED"))));
    }
  }

  #onFacts(change: "snapshot" | "restrictions" | "mode" | "config"): void {
    if (change === "snapshot" || change === "config") this.#config = configOf(this.#given, this.node);
    const isEvacuation = this.node.mode() === "evacuate";
    if (isEvacuation !== this.#state.emergency) this.#step({ kind: "emergency", on: isEvacuation });
    const lockout = this.node.restrictions().lockouts.find((one) => one.ch === this.#given.ch);
    if (lockout !== undefined && this.#state.session === null) this.#step({ kind: "end", reason: "lockout", mode: lockout.mode });
    this.#review.now();
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
    const nowMono = Math.floor(this.#given.ports.clock.monoMs()); // whole milliseconds, as events and reports carry them
    const before = this.#state;
    const [next, effects] = stepInterlock(before, { ...event, nowMono } as InterlockEvent, this.#config);
    this.#state = next;
    if (next.session !== null && next.session.session === this.#granted?.session) this.#voice = this.#granted;
    if (next.session?.session !== before.session?.session || next.session?.unattended !== before.session?.unattended) this.#saveSession();
    for (const effect of effects) this.#perform(effect);
    if (next.kind !== before.kind) this.#given.hardware.signs.lamp(next.kind);
    this.#plan();
    this.#report(event.kind);
    // it waited between grant and permit; what has changed meanwhile counts
    if (before.kind === "anc_start" && this.#state.session !== null) this.#review.now();
  }

  #perform(effect: InterlockEffect): void {
    const { signs } = this.#given.hardware;
    if (effect.kind === "relay") this.#outputs.relay(effect.on);
    else if (effect.kind === "ancillary") this.#outputs.ancillary(effect.on);
    else if (effect.kind === "pulse") this.#outputs.press(effect.button, this.#state.session?.session ?? null);
    else if (effect.kind === "emit") this.node.record(this.#given.ch, effect.body);
    else if (effect.kind === "request") this.#decide(effect);
    else if (effect.kind === "accessory" || effect.kind === "split_run") return;
    else if (effect.kind === "say") signs.say(effect.key);
    else signs.beep(effect.pattern);
  }

  #onRelay(on: boolean): void {
    if (!on) this.#metering.noteOff();
    this.#report("permit");
  }

  #notPermitted(why: string): void {
    this.#given.ports.log.error({ ch: this.#given.ch, cause: why }, "the machine was not enabled although its use was granted");
    if (this.#given.hardware.permit.kind === "hold") this.#step({ kind: "dropped", reason: "forced" });
    else this.#step({ kind: "end", reason: "forced", mode: "immediate" });
    this.#given.hardware.signs.say("INTERNAL_ERROR");
  }

  #saveSession(): void {
    if (this.#given.hardware.permit.kind !== "pulse") return;
    const { clock, log } = this.#given.ports;
    const { session } = this.#state;
    const { runtime } = this.node;
    const complain = (error: unknown) => log.warn({ cause: String(error) }, "the open session could not be saved");
    if (session === null) {
      runtime.stopTimer("journal");
      this.#journal.clear().catch(complain);
      return;
    }
    const { energy } = this.#metering.state();
    const cardKey = this.#voice?.session === session.session ? this.#voice.cardKey : null;
    const about = { cardKey, counterWh: energy.counterWh, nowMono: clock.monoMs(), nowMs: clock.nowMs() };
    this.#journal.save(session, about).catch(complain);
    runtime.startTimer("journal", journalMs, () => this.#saveSession());
  }

  #plan(): void {
    const at = nextDeadlineMono(this.#state);
    const { runtime } = this.node;
    if (at === null) runtime.stopTimer("interlock");
    else runtime.startTimer("interlock", Math.max(0, at - this.#given.ports.clock.monoMs()), () => this.#step({ kind: "tick" }));
    if (this.#state.session === null) this.#review.stop();
    else this.#review.watch(() => this.#silentTap(this.#given.ports.clock.monoMs())?.cardKey ?? null);
  }

  #live(): ChannelFacts {
    return liveOf(this.#state, this.#config, this.#given.ports.clock.monoMs());
  }

  #report(cause: string): void {
    const { sinceMono, energyWh } = this.#state;
    const facts = reportOf(this.#state, this.isPermitted());
    const text = JSON.stringify(facts);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#reportSeq += 1;
    const meter = { powerW: this.#powerW, energyWh: energyWh === null ? null : Math.max(0, energyWh) };
    this.node.link.report(this.#given.ch, {
      ...facts,
      ...meter,
      sinceMono: Math.max(0, Math.floor(sinceMono)),
      seq: this.#reportSeq,
      cause,
    });
  }

  #settings(): MachineSettings {
    const fromHub = machineSettings.safeParse(
      this.node.config()?.channels.find((channel) => channel.ch === this.#given.ch)?.settings ?? {},
    );
    return { ...this.#given.settings, ...(fromHub.success ? fromHub.data : {}) };
  }
}

type WithoutTime<T> = T extends { readonly nowMono: number } ? Omit<T, "nowMono"> : never;
