/** Outputs and inputs of one board that has said what its pins can do. Levels go out through johnny-five, and are read back. */
import type { Firmata } from "firmata-io";
import johnnyFive from "johnny-five";
import type { BoardExtension } from "./board-extension.ts";
import {
  checkedPulseMs,
  type InputConfig,
  type InputLevel,
  type InputPort,
  type OutputConfig,
  type OutputOutcome,
  type OutputPort,
} from "./board-ports.ts";
import { createDebounce } from "./debounce.ts";

type TakenOutput = OutputPort & { isOn(): boolean };
export interface BoardPins {
  /**
   * Reads back what the board already drives. Firmata writes eight pins at once, so this comes before the first write:
   * a latching output may still be on beside the pin that is written. False when the board does not answer.
   */
  noteLevels(): Promise<boolean>;
  /** Takes the pin over: a hold output is written off, a latching one is left as it is found. */
  output(config: OutputConfig): Promise<TakenOutput>;
  input(config: InputConfig): InputPort;
  /** Writes every hold output off, without waiting for the board. */
  dropHolds(): void;
  /** The board is gone: answers what is waiting, stops timers, makes every input unknown. */
  lose(): void;
}

const startSysex = 0xf0;
const endSysex = 0xf7;
const pinStateQuery = 0x6d;
/** A query and its answer take 3 ms at 57600 baud; a board that needs this long hangs. */
const answerMs = 500;
/** Where the board ends a press by itself, its time is the one that counts. */
const ownLimitMs = 50;
/** Timers fire up to a millisecond early. */
const timerSlackMs = 1;

type Ask = (pin: number) => Promise<0 | 1 | undefined>;

/** `send` writes raw bytes; `onMute` is told when the board does not answer a query; `extension` is there with our firmware. */
export function createBoardPins(
  io: Firmata,
  send: (bytes: Uint8Array) => void,
  onMute: () => void,
  extension: BoardExtension | undefined,
): BoardPins {
  const board = new johnnyFive.Board({ io, repl: false, sigint: false, debug: false });
  const ask = createPinQueries(io, send, onMute);
  const drops = new Set<() => void>();
  const ends = new Set<() => void>();
  let isLost = false;

  return {
    async noteLevels() {
      // One at a time: the receive buffer of an Uno holds 64 bytes.
      for (const [pin, { supportedModes }] of io.pins.entries()) {
        if (!supportedModes.includes(io.MODES.OUTPUT)) continue;
        const level = await ask(pin);
        if (level === undefined) return false;
        if (level === 1 && io.pins[pin]?.mode === io.MODES.OUTPUT) io.updateDigitalPort(pin, 1);
      }
      return true;
    },
    output: (config) => createOutput({ io, board, ask, extension, drops, ends, isLost: () => isLost }, config),
    input(config) {
      const port = createInput(io, config);
      ends.add(port.lose);
      return port;
    },
    dropHolds() {
      for (const drop of drops) drop();
    },
    lose() {
      isLost = true;
      ask.lose();
      for (const end of ends) end();
      drops.clear();
      ends.clear();
    },
  };
}

type OutputGiven = {
  readonly io: Firmata;
  readonly board: InstanceType<typeof johnnyFive.Board>;
  readonly ask: Ask;
  readonly extension: BoardExtension | undefined;
  /** how to write every hold output off */
  readonly drops: Set<() => void>;
  /** what to stop when the board is gone */
  readonly ends: Set<() => void>;
  readonly isLost: () => boolean;
};

async function createOutput(given: OutputGiven, config: OutputConfig): Promise<TakenOutput> {
  const { io, board, ask, extension, drops, ends, isLost } = given;
  const pin = checkedPin(io, config.pin, io.MODES.OUTPUT, "an output");
  if (extension !== undefined && !(await extension.wire(config))) throw new Error(`the board did not accept the wiring of pin ${pin}`);
  // Our firmware turns active-low outputs round by itself, and so keeps them off while it starts.
  const activeLow = config.activeLow && extension === undefined;
  const relay = new johnnyFive.Relay({ board, pin, type: activeLow ? "NC" : "NO" });
  let isOn = false;
  if (config.type === "latch") isOn = await adoptLatch(io, ask, pin, activeLow);
  else takeOver(io, pin, activeLow);
  if (!isOn) {
    relay.open();
    // Read back, because whoever is told "ready" believes that this output is off.
    if ((await ask(pin)) !== levelOf(false, activeLow)) throw new Error(`the board did not switch pin ${pin} off`);
  }

  let pulseTimer: NodeJS.Timeout | undefined;
  const write = async (on: boolean): Promise<OutputOutcome> => {
    clearTimeout(pulseTimer);
    if (isLost()) return { kind: "failed", why: "board lost" };
    isOn = on;
    if (on) relay.close();
    else relay.open();
    const reported = await ask(pin);
    if (reported === undefined) return { kind: "failed", why: isLost() ? "board lost" : "no answer" };
    return reported === levelOf(on, activeLow) ? { kind: "applied" } : { kind: "failed", why: "not applied" };
  };
  const isTimedByBoard = config.type === "pulse" && extension !== undefined;
  if (config.type === "hold" || (config.type === "pulse" && !isTimedByBoard)) drops.add(() => relay.open());
  ends.add(() => clearTimeout(pulseTimer));
  return {
    isOn: () => isOn,
    write,
    pulse(pulseMs) {
      const limitMs = checkedPulseMs(pulseMs);
      // After a press the board wants to hear "off" before it presses again; this one may come before the last was taken back.
      if (isTimedByBoard) relay.open();
      const applied = write(true);
      pulseTimer = setTimeout(() => void write(false), isTimedByBoard ? limitMs + ownLimitMs : limitMs);
      return applied;
    },
  };
}

/** The level is noted before the mode is set, so that the first byte of the port already carries "off". */
function takeOver(io: Firmata, pin: number, activeLow: boolean): void {
  io.updateDigitalPort(pin, levelOf(false, activeLow));
  io.pinMode(pin, io.MODES.OUTPUT);
}

/** A latching output that the board still drives is left alone: setting its mode again would drop it. */
async function adoptLatch(io: Firmata, ask: Ask, pin: number, activeLow: boolean): Promise<boolean> {
  const level = await ask(pin);
  const isOn = level !== undefined && io.pins[pin]?.mode === io.MODES.OUTPUT && level === levelOf(true, activeLow);
  if (!isOn) takeOver(io, pin, activeLow);
  return isOn;
}

function levelOf(isOn: boolean, activeLow: boolean): 0 | 1 {
  return isOn === activeLow ? 0 : 1;
}

/** Asks for the state of pins. Answers come in the order of the questions, so each pin has a queue of who waits. */
function createPinQueries(io: Firmata, send: (bytes: Uint8Array) => void, onMute: () => void) {
  const waiting = new Map<number, ((level: 0 | 1 | undefined) => void)[]>();
  let isLost = false;
  const ask: Ask = (pin) => {
    if (isLost) return Promise.resolve(undefined);
    let queue = waiting.get(pin);
    if (queue === undefined) {
      const fresh: ((level: 0 | 1 | undefined) => void)[] = [];
      io.on(`pin-state-${pin}`, () => fresh.shift()?.(io.pins[pin]?.state ? 1 : 0));
      waiting.set(pin, fresh);
      queue = fresh;
    }
    const answered = new Promise<0 | 1 | undefined>((resolve) => {
      const answerTimer = setTimeout(() => {
        resolve(undefined);
        onMute();
      }, answerMs);
      queue.push((level) => {
        clearTimeout(answerTimer);
        resolve(level);
      });
    });
    send(Uint8Array.of(startSysex, pinStateQuery, pin, endSysex));
    return answered;
  };
  return Object.assign(ask, {
    lose(): void {
      isLost = true;
      for (const queue of waiting.values()) for (const answer of queue.splice(0)) answer(undefined);
    },
  });
}

function createInput(io: Firmata, config: InputConfig): InputPort & { lose(): void } {
  const pin = checkedPin(io, config.pin, io.MODES.INPUT, "an input");
  const hasPullup = io.pins[pin]?.supportedModes.includes(io.MODES.PULLUP) === true;
  const debounce = createDebounce<"high" | "low">(config.debounceMs);
  const listeners = new Set<(level: InputLevel) => void>();
  let isLost = false;
  let settleTimer: NodeJS.Timeout | undefined;
  const tell = (level: InputLevel): void => {
    for (const listener of [...listeners]) listener(level);
  };
  const hear = (value: number): void => {
    if (isLost) return;
    const waitMs = debounce.feed(value === 0 ? "low" : "high", performance.now());
    clearTimeout(settleTimer);
    if (waitMs !== undefined) settleTimer = setTimeout(settle, Math.ceil(waitMs) + timerSlackMs);
  };
  const settle = (): void => {
    const level = debounce.settle(performance.now());
    if (level !== undefined) tell(level);
  };

  io.on(`digital-read-${pin}`, hear);
  if (config.pullup && hasPullup) io.pinMode(pin, io.MODES.PULLUP);
  else io.pinMode(pin, io.MODES.INPUT);
  // Older firmware switches the pull-up on when an input is written high.
  if (config.pullup && !hasPullup) io.digitalWrite(pin, io.HIGH);
  io.reportDigitalPin(pin, 1);

  return {
    level: () => (isLost ? undefined : debounce.level()),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lose() {
      isLost = true;
      clearTimeout(settleTimer);
      tell(undefined);
    },
  };
}

/** Throws for a pin that the board does not have or that cannot do this: the wiring in the configuration is wrong. */
function checkedPin(io: Firmata, pin: number, mode: number, what: string): number {
  const record = io.pins[pin];
  if (record === undefined) throw new RangeError(`the board has no pin ${pin}; it has pins 0 to ${io.pins.length - 1}`);
  if (!record.supportedModes.includes(mode)) throw new RangeError(`pin ${pin} of the board cannot be ${what}`);
  return pin;
}
