/**
 * A character display on the board's I2C bus (A4 SDA, A5 SCL). Our firmware makes the display's half bytes by itself and says when they
 * are written; any other Firmata board with I2C is sent every half.
 *
 *   I2C config  F0 78 0 0 F7      write  F0 76 address 00 (low7 high1)… F7      read one byte  F0 76 address 08 1 0 F7
 *
 * Text has time, outputs have none: no more than two small pieces are under way at once, so that whatever else is to be sent comes
 * between them. A display may be unplugged: its expander is asked every second whether it still holds what was written last.
 */
import type { Firmata } from "firmata-io";
import type { BoardExtension } from "./board-extension.ts";
import type { DisplayConfig } from "./board-ports.ts";
import { createLcdWriter, isAwake, type LcdWriter } from "./lcd.ts";

export interface BoardDisplay {
  show(lines: readonly string[]): void;
  stop(): void;
}
type Given = {
  readonly io: Firmata;
  readonly send: (bytes: Uint8Array) => void;
  /** of a firmware that writes to displays by itself */
  readonly extension: BoardExtension | undefined;
};

const i2cMode = 6;
const [startSysex, endSysex, i2cRequest, i2cConfig] = [0xf0, 0xf7, 0x76, 0x78];
const readOnce = 0x08;
/** 64 bytes at 57600 baud take 11 ms; the rest is for outputs */
const pieceMs = 16;
const underWayMax = 2;
const lookMs = 1_000;
const answerMs = 400;

/** Throws a sentence when this board has no I2C. `onState` is told when the display comes and when it goes. */
export function createBoardDisplay(given: Given, config: DisplayConfig, onState: (isThere: boolean) => void): BoardDisplay {
  const { io, send } = given;
  const { address } = config;
  if (!io.pins.some(({ supportedModes }) => supportedModes.includes(i2cMode)))
    throw new Error("the display needs a board with I2C; flash ours anew with `koprade firmware flash`");
  const writer = createLcdWriter(config);
  const sysex = (...bytes: number[]): void => send(Uint8Array.of(startSysex, ...bytes, endSysex));
  const write = (bytes: Uint8Array): void => sysex(i2cRequest, address, 0, ...[...bytes].flatMap((byte) => [byte & 0x7f, byte >> 7]));
  const timers: { wake?: NodeJS.Timeout; look?: NodeJS.Timeout; answer?: NodeJS.Timeout } = {};
  let isThere: boolean | null = null;
  let isWaking = false;
  const pump =
    given.extension === undefined ? pacedPump(writer, write) : answeredPump(writer, given.extension, address, () => enter(false));

  const enter = (now: boolean): void => {
    if (isThere !== now) onState(now);
    isThere = now;
    if (!now) pump.pause();
  };
  const wake = (steps = writer.wake()): void => {
    const [step, ...rest] = steps;
    isWaking = step !== undefined;
    if (step === undefined) pump.go();
    else {
      write(step.bytes);
      timers.wake = setTimeout(() => wake(rest), step.pauseMs + pieceMs);
    }
  };
  const answered = ([port]: readonly number[]): void => {
    clearTimeout(timers.answer);
    const isOurs = port !== undefined && isThere === true && isAwake(port);
    enter(port !== undefined);
    if (port === undefined || isOurs || isWaking) return;
    pump.pause();
    wake();
  };
  /** Not while text is under way: the answer would be about a byte in the middle of it. */
  const look = (): void => {
    if (isWaking || pump.isBusy()) return;
    clearTimeout(timers.answer);
    timers.answer = setTimeout(() => enter(false), answerMs);
    sysex(i2cRequest, address, readOnce, 1, 0);
  };

  io.on(`I2C-reply-${address}-0`, answered);
  sysex(i2cConfig, 0, 0);
  look();
  timers.look = setInterval(look, lookMs);
  return {
    show(lines) {
      writer.want(lines);
      if (isThere === true && !isWaking) pump.go();
    },
    stop() {
      pump.stop();
      for (const timer of Object.values(timers)) clearTimeout(timer);
      io.off(`I2C-reply-${address}-0`, answered);
    },
  };
}

/** Brings what is wanted to the display, piece by piece, until nothing is left. */
type Pump = { go(): void; pause(): void; stop(): void; isBusy(): boolean };

/** For a board that does not say when a piece is written. */
function pacedPump(writer: LcdWriter, write: (bytes: Uint8Array) => void): Pump {
  let timer: NodeJS.Timeout | undefined;
  const step = (): void => {
    const piece = writer.next();
    timer = piece === null ? undefined : setTimeout(step, pieceMs);
    if (piece !== null) write(piece);
  };
  const pause = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return { go: () => timer ?? step(), pause, stop: pause, isBusy: () => timer !== undefined };
}

/** For ours: the next piece goes when one of those under way is written. */
function answeredPump(writer: LcdWriter, extension: BoardExtension, address: number, onUnheard: () => void): Pump {
  let underWay = 0;
  let isOn = false;
  let late: NodeJS.Timeout | undefined;
  const go = (): void => {
    isOn = true;
    while (underWay < underWayMax) {
      const run = writer.nextRun();
      if (run === null) break;
      underWay += 1;
      extension.writeLcd(address, run.isData, run.bytes);
    }
    clearTimeout(late);
    if (underWay > 0) late = setTimeout(onUnheard, answerMs);
  };
  const pause = (): void => {
    clearTimeout(late);
    isOn = false;
    underWay = 0;
  };
  const stopHearing = extension.onLcd(address, (isHeard) => {
    underWay = Math.max(0, underWay - 1);
    if (!isHeard) onUnheard();
    else if (isOn) go();
  });
  const stop = (): void => {
    pause();
    stopHearing();
  };
  return { go, pause, stop, isBusy: () => underWay > 0 };
}
