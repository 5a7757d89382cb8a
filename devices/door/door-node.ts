/**
 * One door: card reader, lock, contact and exit button, driven by `core/door`. Decides from what it knows, opens when the
 * record of it is on the disk, and needs nobody to close.
 *
 *   reader ─ dialogue ─ authorise ─▶ grant, deny ┐
 *   contact, exit button ────────────────────────┼─ stepDoor ─▶ lock, records, signs
 *   hub: order, mode, lockout ───────────────────┘
 */
import type { DoorSettings, Permit, Reported } from "#contract";
import {
  type BeepPattern,
  type DoorConfig,
  type DoorEffect,
  type DoorEvent,
  type DoorState,
  initialDoor,
  nextDeadlineMono,
  type SayKey,
  stepDoor,
} from "#core";
import type { AckCode, Order, OrderDone } from "../kit/commands.ts";
import { type Asked, createDialogue, type Dialogue } from "../kit/dialogue-channel.ts";
import { createNode, type Node, type NodePorts } from "../kit/node.ts";
import { createOutputGate, type OutputGate } from "../kit/output-gate.ts";
import { type CardGesture, type CardReader, listenToReader, reportReader } from "../kit/reader-channel.ts";
import { dialogueTimesOf, penaltyOf, readerConfigOf } from "../kit/reader-settings.ts";
import { type IdleFacts, idleFactsOf } from "../kit/screen.ts";
import { type BoardWire, boardsOf } from "../kit/wires.ts";
import { configOf, settingsOf } from "./door-config.ts";
import { createPassage, type Passage } from "./passage.ts";

/** A door's wires. Real drivers are bound in `main.ts`; a simulation brings its own. */
export type DoorHardware = {
  readonly reader: CardReader;
  readonly lock: {
    /** Releases the lock; with a limit it locks again by itself, whatever becomes of this process. */
    release(limitMs: number | null, done: (failure: string | null) => void): void;
    lock(done: (failure: string | null) => void): void;
  };
  /** open or closed; null while unknown. Absent when the door has no contact. */
  readonly contact: { read(): boolean | null; onChange(listener: (open: boolean | null) => void): void } | null;
  readonly exitButton: { onPress(listener: () => void): void } | null;
  readonly signs: {
    say(key: SayKey): void;
    /** a card is seen and is being asked */
    checking?(): void;
    /** name and state, for a display while nobody is told anything */
    idle?(facts: IdleFacts): void;
    beep(pattern: BeepPattern): void;
    siren(on: boolean): void;
  };
  readonly board: BoardWire | null;
  close(): void | Promise<void>;
};

export type DoorNodeGiven = {
  readonly ports: NodePorts;
  readonly hardware: DoorHardware;
  readonly ch: string;
  readonly settings?: Partial<DoorSettings>;
  readonly fw: string;
  readonly hw: string;
};
export type DoorNode = { readonly node: Node; state(): DoorState; isReleased(): boolean; start(): void; stop(): Promise<void> };

/** the lock's own limit ends this long after ours, so that ours is the one that is seen to act */
const ownLimitSlackMs = 500;

const idleKeys = {
  boot: "wait",
  secure: "tap",
  open_unknown: "tap",
  unlocked: "granted",
  open: "tap",
  open_warn: "close_the_door",
  held: "close_the_door",
  forced: "close_the_door",
  passage: "open",
  released: "EMERGENCY_ACTIVE",
  fault_jam: "DEVICE_FAULT",
} as const satisfies Record<DoorState["kind"], IdleFacts["key"]>;

export function createDoorNode(given: DoorNodeGiven): DoorNode {
  return new Door(given);
}

class Door implements DoorNode {
  readonly node: Node;
  readonly #given: DoorNodeGiven;
  readonly #gate: OutputGate;
  readonly #dialogue: Dialogue;
  readonly #passage: Passage;
  #config: DoorConfig;
  #state: DoorState;
  #reportSeq = 0;
  #reported = "";
  /** what is said when the lock lets go, not before: nobody pulls at a locked door */
  #welcome: DoorEffect[] = [];
  #isLetGo = false;
  /** when the lock locks by itself as it was last told, on the monotonic clock; null = never */
  #ownLimitMono: number | null = null;

  constructor(given: DoorNodeGiven) {
    this.#given = given;
    const { ports, hardware, ch } = given;
    this.#config = configOf(given, null);
    this.#state = initialDoor(this.#config, Math.floor(ports.clock.monoMs()));
    this.node = createNode(ports, {
      about: {
        model: "koprade-door",
        fw: given.fw,
        hw: given.hw,
        channels: [
          {
            ch,
            kind: "door",
            can: ["unlock", ...(hardware.contact === null ? [] : ["contact"]), ...(hardware.exitButton === null ? [] : ["rex"])],
          },
        ],
      },
      isInUse: () => this.#isInUse(),
      boards: () => boardsOf(hardware.board),
      onOrder: (order, done) => this.#obey(order, done),
      onFacts: (change) => this.#onFacts(change),
      onHub: (up) => this.#step({ kind: "link", up }),
      penalty: () => penaltyOf(settingsOf(given, this.node)),
    });
    this.#gate = createOutputGate({
      name: ch,
      outbox: this.node.outbox,
      runtime: this.node.runtime,
      drive: (on, done) => (on ? hardware.lock.release(this.#limitMs(), done) : hardware.lock.lock(done)),
      onChange: () => this.#report("lock"),
      onApplied: () => this.#onLetGo(),
      onRefused: (why) => this.#notOpened(why),
    });
    this.#dialogue = createDialogue({
      ch,
      clock: ports.clock,
      authoriser: this.node.authoriser,
      around: () => ({
        wants: "enter",
        keepsCard: false,
        session: null,
        blocked: null,
        times: dialogueTimesOf(settingsOf(given, this.node)),
      }),
      onAsk: (asked) => this.#ask(asked),
      onAct: (act) => act.kind === "say" && hardware.signs.say(act.key),
    });
    this.#passage = createPassage({
      ...{ node: this.node, ch, files: ports.files, log: ports.log },
      onEdge: (on) => {
        this.#step({ kind: "passage", on });
        return (this.#state.passage !== "off") === on;
      },
    });
    this.node.runtime.own("hardware", () => hardware.close());
    this.node.runtime.own("lock", () => hardware.lock.lock(() => {}));
    this.#listen();
  }

  start(): void {
    const open = this.#given.hardware.contact?.read() ?? null;
    this.#gate.set(false);
    this.#config = configOf(this.#given, this.node);
    this.#step({ kind: "booted", open });
    this.#onFacts("mode");
    this.node.start();
  }

  stop(): Promise<void> {
    return this.node.runtime.stop();
  }

  state(): DoorState {
    return this.#state;
  }

  /** what the lock was last told, which may lag what the state wants until the record is durable */
  isReleased(): boolean {
    return this.#gate.isOn();
  }

  #listen(): void {
    const { hardware, ports, ch } = this.#given;
    const { runtime } = this.node;
    listenToReader({
      ...{ name: ch, key: ports.keys.card, clock: ports.clock, runtime },
      reader: hardware.reader,
      config: () => readerConfigOf(settingsOf(this.#given, this.node)),
      onGesture: (gesture) => this.#onGesture(gesture),
      onKey: (key) => this.#dialogue.key(key),
      onChecking: () => hardware.signs.checking?.(),
      onSuspect: (cardKey, why) => this.node.record(ch, { kind: "card.suspect", cardKey, why }),
    });
    reportReader({
      ...{ ch, reader: hardware.reader, runtime, log: ports.log },
      record: (state) => this.node.record("node", { kind: "node.reader", reader: ch, state }),
      onTamper: () => this.#step({ kind: "tamper" }),
    });
    hardware.contact?.onChange((open) => runtime.input(() => open !== null && this.#step({ kind: "contact", open })));
    hardware.exitButton?.onPress(() => runtime.input(() => this.#step({ kind: "rex" })));
    hardware.board?.onState((state, why) => runtime.input(() => this.#onBoard(state, why)));
  }

  /** A board that comes back has let go of everything (I1): the lock is told again what holds now. */
  #onBoard(state: "ready" | "lost", why: string): void {
    const { log } = this.#given.ports;
    this.node.record("node", { kind: "node.board", board: "main", state });
    if (state === "lost") {
      this.#forgetRelease();
      this.#gate.noteFallen();
      log.warn({ cause: why }, "the board is lost; the door stays locked and cards have no effect");
      return;
    }
    log.info({}, "the board is ready");
    this.#forgetRelease();
    this.#gate.set(false);
    if (this.#state.kind === "unlocked" || this.#state.kind === "passage") this.#step({ kind: "relock" });
    if (this.#state.kind === "released") this.#gate.set(true, true);
    const open = this.#given.hardware.contact?.read() ?? null;
    if (open !== null) this.#step({ kind: "contact", open });
    this.#passage.again();
  }

  #onGesture(gesture: CardGesture): void {
    if (gesture.kind === "one_at_a_time") this.#given.hardware.signs.say("one_card_at_a_time");
    else if (gesture.kind === "tap" || gesture.kind === "hold") this.#dialogue.gesture(gesture);
  }

  /** Whoever is granted entry together comes in together: the guest and the host, the minor and who watches over them. */
  #ask(asked: Asked): void {
    const { presented, alone: _alone, ...question } = asked;
    const { ch } = this.#given;
    this.node.authoriser.authorise({ ...question, ch, gesture: "tap" }, { session: null, ancillariesReady: true }, (verdict) => {
      const others = presented.slice(1).map(({ member }) => member);
      const who = [verdict.member, ...others.filter((member) => member !== 0 && member !== verdict.member)];
      if (verdict.outcome === "grant" && verdict.permit !== null) this.#grant(who, verdict.decision, verdict.permit);
      else this.#step({ kind: verdict.outcome === "deny" ? "deny" : "pending", reason: verdict.reason });
      this.#dialogue.answered(asked, verdict, false);
    });
  }

  #grant(who: readonly number[], decision: string, permit: Pick<Permit, "strikeMs" | "shuntMs">): void {
    const strikeMs = permit.strikeMs > 0 ? permit.strikeMs : this.#config.strikeMs;
    const shuntMs = permit.shuntMs > 0 ? permit.shuntMs : this.#config.shuntMs;
    this.#step({ kind: "grant", who, decision, strikeMs, shuntMs });
  }

  /** An order from the hub that has passed every barrier (domain.md §5.4). */
  #obey(order: Order, done: OrderDone): void {
    const code =
      order.ch !== this.#given.ch ? "BAD_ARGS" : order.kind === "plain" ? this.#obeyPlain(order.op) : this.#obeyPermissive(order);
    if (code !== null) done("rejected", code);
    else if (order.kind === "plain") done("applied", null);
    else
      this.node.outbox.whenDurable(2500, () =>
        this.node.runtime.input(() => (this.#gate.isOn() ? done("applied", null) : done("rejected", "INHIBITED"))),
      );
  }

  #obeyPlain(op: Extract<Order, { kind: "plain" }>["op"]): AckCode | null {
    const locks = op === "relock" || op === "stop_now";
    if (locks && this.node.mode() === "evacuate") return "INHIBITED";
    if (locks || op === "stop_at_idle") this.#passage.over();
    if (locks) this.#step({ kind: "relock" });
    else if (op === "reset") this.#step({ kind: "reset" });
    else if (op === "capture") this.node.authoriser.capture(this.#given.ch);
    else if (op === "stop_at_idle") this.#step({ kind: "passage", on: false });
    else if (op === "acknowledge") this.#step({ kind: "acknowledge" });
    else if (op === "identify") this.#given.hardware.signs.beep("slow");
    else return "UNKNOWN_OP";
    return null;
  }

  #obeyPermissive(order: Extract<Order, { kind: "permissive" }>): AckCode | null {
    const isLockedOut = this.node.restrictions().lockouts.some((lockout) => lockout.ch === order.ch);
    if (this.node.mode() !== "normal" || isLockedOut) return "INHIBITED";
    if (order.what === "interlock.enable") return "BAD_ARGS";
    const member = /^\d{1,10}$/.test(order.actor) ? Number(order.actor) : 0;
    if (order.what === "door.passage_on") {
      this.#step({ kind: "passage", on: true });
      this.#passage.restored();
    } else this.#grant([member], this.node.ids.ulid(), order.permit ?? this.#config);
    return null;
  }

  #onFacts(change: "snapshot" | "restrictions" | "mode" | "config"): void {
    if (change === "config" || change === "snapshot") this.#config = configOf(this.#given, this.node);
    const mode = this.node.mode();
    if ((mode === "evacuate") !== this.#state.emergency) this.#step({ kind: "emergency", on: mode === "evacuate" });
    if ((mode === "lockdown") !== this.#state.lockdown) this.#step({ kind: "lockdown", on: mode === "lockdown" });
    this.#passage.look();
    this.#tellIdle();
  }

  /** Name and state, for whoever comes to the door. */
  #tellIdle(): void {
    const { emergency, lockdown, kind } = this.#state;
    const key = emergency ? "EMERGENCY_ACTIVE" : lockdown ? "LOCKDOWN" : idleKeys[kind];
    this.#given.hardware.signs.idle?.(idleFactsOf(this.node, this.#given.ch, key));
  }

  #step(event: WithoutTime<DoorEvent>): void {
    const nowMono = Math.floor(this.#given.ports.clock.monoMs()); // whole milliseconds, as events and reports carry them
    const [next, effects] = stepDoor(this.#state, { ...event, nowMono } as DoorEvent, this.#config);
    const isOther = next.kind !== this.#state.kind || next.emergency !== this.#state.emergency || next.lockdown !== this.#state.lockdown;
    this.#state = next;
    if (isOther) this.#tellIdle();
    // The exit button and the emergency release wait for no disk; everything else that opens does (D10).
    const isUrgent = event.kind === "rex" || event.kind === "emergency";
    for (const effect of effects) this.#perform(effect, isUrgent);
    if (this.#gate.isOn() && this.#isLongerThanTold()) this.#prolong(isUrgent);
    this.#plan();
    this.#report(event.kind);
  }

  #perform(effect: DoorEffect, isUrgent: boolean): void {
    const { signs } = this.#given.hardware;
    if (effect.kind === "lock" && effect.on) this.#forgetRelease();
    const isWelcome = (effect.kind === "say" && effect.key === "granted") || (effect.kind === "beep" && effect.pattern === "grant");
    if (isWelcome && !this.#state.locked && !this.#isLetGo) this.#welcome.push(effect);
    else if (effect.kind === "lock") this.#gate.set(!effect.on, isUrgent);
    else if (effect.kind === "emit") this.node.record(this.#given.ch, effect.body);
    else if (effect.kind === "say") signs.say(effect.key);
    else if (effect.kind === "beep") signs.beep(effect.pattern);
    else signs.siren(effect.on);
  }

  #plan(): void {
    const at = nextDeadlineMono(this.#state);
    const { runtime } = this.node;
    if (at === null) runtime.stopTimer("door");
    else runtime.startTimer("door", Math.max(0, at - this.#given.ports.clock.monoMs()), () => this.#step({ kind: "tick" }));
  }

  #notOpened(why: string): void {
    this.#given.ports.log.error({ ch: this.#given.ch, cause: why }, "the door was not opened although entry was granted");
    this.#step({ kind: "relock" });
    this.#step({ kind: "deny", reason: "INTERNAL_ERROR" });
  }

  /** The strike time begins now that the lock has let go, however long the record took. */
  #onLetGo(): void {
    if (this.#isLetGo) return; // told again, for longer
    this.#isLetGo = true;
    this.#step({ kind: "let_go" });
    for (const effect of this.#welcome.splice(0)) this.#perform(effect, false);
  }

  #forgetRelease(): void {
    this.#isLetGo = false;
    this.#welcome = [];
  }

  #limitMs(): number | null {
    const { deadlines, release } = this.#state;
    const nowMono = this.#given.ports.clock.monoMs();
    const until = deadlines.strike;
    if (until === undefined) {
      this.#ownLimitMono = null;
      return null;
    }
    const limitMs = Math.max(until - nowMono, release?.strikeMs ?? 0) + ownLimitSlackMs;
    this.#ownLimitMono = nowMono + limitMs;
    return limitMs;
  }

  /** A second grant, passage, or a magnet that waits for the door: the lock's own limit would end what is still meant to last. */
  #isLongerThanTold(): boolean {
    const { locked, deadlines } = this.#state;
    if (locked || this.#ownLimitMono === null) return false;
    const until = deadlines.strike ?? deadlines.relock;
    return until === undefined || until > this.#ownLimitMono;
  }

  #prolong(isUrgent: boolean): void {
    this.#ownLimitMono = null; // asked for once
    this.#gate.prolong(isUrgent);
  }

  #report(cause: string): void {
    const { kind, sinceMono, open, alarms } = this.#state;
    const facts = { st: kind, sinceMono, open, locked: !this.#gate.isOn(), alarms: [...alarms] };
    const text = JSON.stringify(facts);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#reportSeq += 1;
    this.node.link.report(this.#given.ch, { ...facts, seq: this.#reportSeq, cause } satisfies Reported);
  }

  #isInUse(): boolean {
    return this.#gate.isOn() || this.#state.open === true || !["secure", "open_unknown", "boot"].includes(this.#state.kind);
  }
}

type WithoutTime<T> = T extends { readonly nowMono: number } ? Omit<T, "nowMono"> : never;
