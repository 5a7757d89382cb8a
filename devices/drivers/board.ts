/**
 * One Firmata board (an Arduino with StandardFirmata or our own firmware), from opening its port to losing it for good.
 *
 *   opening ─▶ version ─▶ capabilities ─▶ pins ─▶ ready ─▶ lost
 *
 * Lost is final, as johnny-five cannot reconnect: the process that holds the board ends and a new one starts
 * (`supervised-board.ts`). A board is lost when its port goes, when it is silent for 3 s, when it does not answer,
 * and when it rebooted by itself: then its outputs fell and nothing here knows it.
 */
import firmataIo, { type Firmata } from "firmata-io";
import { type BoardDisplay, createBoardDisplay } from "./board-display.ts";
import { type BoardExtension, type BoardHello, createBoardExtension, ourFirmwareName } from "./board-extension.ts";
import { type BoardPins, createBoardPins } from "./board-pins.ts";
import type {
  ClampConfig,
  ClampWindow,
  DisplayConfig,
  InputConfig,
  InputPort,
  OutputConfig,
  OutputPort,
  WiegandConfig,
} from "./board-ports.ts";
import { createBoardTransport } from "./board-transport.ts";
import type { ByteLine } from "./byte-line.ts";

export interface BoardOptions {
  /** The board reports its version within this time after the port is open; bootloaders take up to 2 s. */
  readonly versionTimeoutMs?: number;
  /** From the first version to all capabilities. */
  readonly capabilitiesTimeoutMs?: number;
  /** How often a sign of life is asked for, and after how long without one the board is lost. */
  readonly pollMs?: number;
  readonly lostAfterMs?: number;
  /** With our firmware: hold outputs go off when the board has heard nothing for so long; it is fed four times as often. */
  readonly watchdogMs?: number;
}

export type BoardReady =
  | {
      readonly kind: "ready";
      readonly firmware: string;
      readonly pinCount: number /** Without our firmware outputs stay on when the host dies. */;
      readonly watchdogMs: number | undefined;
      /** of our firmware's extension, with why and how often the board has started; undefined with other firmware */
      readonly hello: BoardHello | undefined;
    }
  | { readonly kind: "lost"; readonly why: string };

export interface Board {
  /** Resolves once, within the limits above; never rejects. */
  readonly ready: Promise<BoardReady>;
  /** Only when ready. Rejects when the board has no such pin. */
  output(config: OutputConfig): Promise<OutputPort & { isOn(): boolean }>;
  input(config: InputConfig): InputPort;
  /** Both reject with a sentence when the board cannot. */
  watchClamp(config: ClampConfig, listener: (window: ClampWindow) => void): Promise<void>;
  watchWiegand(config: WiegandConfig, listener: (word: string) => void): Promise<void>;
  /** Throws a sentence when the board has no I2C. */
  display(config: DisplayConfig, onState: (isThere: boolean) => void): BoardDisplay;
  /** Called once; with what a board with our firmware said of its start, when it restarted by itself. */
  onLost(listener: (why: string, restart: BoardHello | undefined) => void): void;
  /** Hold outputs off, latching ones as they are, port closed. */
  close(): Promise<void>;
}

const versionTimeoutMsDefault = 5_000;
const capabilitiesTimeoutMsDefault = 10_000;
const pollMsDefault = 1_000;
const lostAfterMsDefault = 3_000;
const watchdogMsDefault = 2_000;
/** Each is given up after half a second: 3 of them are well within the 3 s in which a loss must be known. */
const helloMissedMax = 3;
/** The first version of the extension that measures clamps and hears Wiegand. */
const sensingVersion = 2;
/** The first one that writes to displays by itself. */
const textVersion = 3;
const restarted = "the board restarted by itself";
/** an answer takes 3 ms */
const causeMs = 100;
const askAgainMs = 500;
const farewellMs = 300;
const reportVersion = 0xf9;
const queryFirmware = Uint8Array.of(0xf0, 0x79, 0xf7);

/** Takes an open line over: it is closed when the board is lost or closed. */
export function openBoard(line: ByteLine, options: BoardOptions = {}): Board {
  const lostListeners = new Set<(why: string, restart: BoardHello | undefined) => void>();
  const ready = Promise.withResolvers<BoardReady>();
  const timers = new Set<NodeJS.Timeout>();
  let lostWhy: string | undefined;
  let pins: BoardPins | undefined;
  let extension: BoardExtension | undefined;
  let hello: BoardHello | undefined;
  let display: BoardDisplay | undefined;

  const stopTimers = (): void => {
    for (const timer of timers) clearTimeout(timer);
  };
  const lose = (why: string, restart?: BoardHello): void => {
    if (lostWhy !== undefined) return;
    lostWhy = why;
    stopTimers();
    display?.stop();
    transport.detach();
    pins?.lose();
    ready.resolve({ kind: "lost", why });
    for (const listener of lostListeners) listener(why, restart);
    void line.close();
  };
  const transport = createBoardTransport(line, (why) => lose(why));
  const send = (bytes: Uint8Array): void => transport.write(bytes);
  const io = openIo(transport, (why) => lose(why));

  const watchdogMs = options.watchdogMs ?? watchdogMsDefault;
  const becomeReady = async (): Promise<void> => {
    const isOurs = io.firmware.name === ourFirmwareName;
    extension = isOurs ? createBoardExtension(io, send) : undefined;
    pins = createBoardPins(io, send, () => lose("no answer to a question about a pin"), extension);
    watchRestarts(io, lose, extension);
    if (extension === undefined) pollVersion(io, send, lose, timers, options);
    else {
      hello = await pollHello(extension, lose, timers, watchdogMs);
      if (hello === undefined) return lose("our firmware on the board does not answer");
    }
    const isNoted = await pins.noteLevels();
    if (lostWhy !== undefined || !isNoted) return stopTimers();
    const found = { firmware: firmwareOf(io), pinCount: io.pins.length, hello };
    ready.resolve({ kind: "ready", ...found, watchdogMs: isOurs ? watchdogMs : undefined });
  };
  if (line.state().kind === "open") {
    transport.emit("open");
    greet(io, send, lose, timers, options);
    io.once("ready", () => void becomeReady());
  } else lose("the line is not open");

  return {
    ready: ready.promise,
    output: async (config) => readyOf(pins).output(config),
    input: (config) => readyOf(pins).input(config),
    display(config, onState) {
      display = createBoardDisplay(
        { io, send, extension: hello !== undefined && hello.version >= textVersion ? extension : undefined },
        config,
        onState,
      );
      return display;
    },
    ...sensesOf((what) => sensing(extension, hello?.version, what)),
    onLost(listener) {
      if (lostWhy === undefined) lostListeners.add(listener);
      else listener(lostWhy, undefined);
    },
    async close() {
      if (lostWhy === undefined && pins !== undefined) {
        pins.dropHolds();
        await Promise.race([line.write(new Uint8Array(0)), pause(farewellMs)]);
      }
      lostListeners.clear();
      lose("closed");
      await line.close();
    },
  };
}

function readyOf(pins: BoardPins | undefined): BoardPins {
  if (pins === undefined) throw new Error("the board's pins can be used when it is ready");
  return pins;
}

function openIo(transport: ReturnType<typeof createBoardTransport>, lose: (why: string) => void): Firmata {
  // firmata-io's own reminder comes only once and late; `greet` asks instead.
  const io = new firmataIo.Firmata(transport, { reportVersionTimeout: versionTimeoutMsDefault });
  clearTimeout(io.reportVersionTimeoutId);
  io.on("error", () => lose("the port reported an error"));
  return io;
}

/** What our firmware measures and hears. Rejects when this board does not. */
const sensesOf = (sensing: (what: string) => BoardExtension): Pick<Board, "watchClamp" | "watchWiegand"> => ({
  async watchClamp({ channel }, listener) {
    if (!(await sensing("CT clamps").watchClamp(channel, listener)))
      throw new Error(`the board does not measure a clamp on A${channel}: it has A0 to A5, and measures four at a time`);
  },
  async watchWiegand({ pin0, pin1 }, listener) {
    if (!(await sensing("Wiegand readers").watchWiegand(pin0, pin1, listener)))
      throw new Error(`the board does not listen to a Wiegand reader on pins ${pin0} and ${pin1}`);
  },
});

/**
 * Asks for version and firmware until both came. Boards that reset when their port opens tell both unasked, after
 * the bootloader; others have to be asked. Asking ends before capabilities are queried, and answers keep their
 * order, so no late version is left over when the board is ready.
 */
function greet(
  io: Firmata,
  send: (bytes: Uint8Array) => void,
  lose: (why: string) => void,
  timers: Set<NodeJS.Timeout>,
  options: BoardOptions,
): void {
  const ask = (): void => {
    send(Uint8Array.of(reportVersion));
    send(queryFirmware);
  };
  const askTimer = setInterval(ask, askAgainMs);
  const versionTimer = setTimeout(
    () => lose("no Firmata version: wrong port, wrong baud rate or no Firmata on the board"),
    options.versionTimeoutMs ?? versionTimeoutMsDefault,
  );
  timers.add(askTimer).add(versionTimer);
  io.once("reportversion", () => {
    io.once("queryfirmware", () => {
      clearInterval(askTimer);
      clearTimeout(versionTimer);
      if (io.isReady) return;
      const capabilitiesTimer = setTimeout(
        () => lose("the board did not tell what its pins can do"),
        options.capabilitiesTimeoutMs ?? capabilitiesTimeoutMsDefault,
      );
      timers.add(capabilitiesTimer);
      io.once("ready", () => clearTimeout(capabilitiesTimer));
    });
  });
  ask();
}

/**
 * A firmware report nobody asked for is what a board says when it starts. Its outputs have fallen already; before it is given up, ours is
 * asked why, because opening its port again resets it and wipes that out.
 */
function watchRestarts(io: Firmata, lose: Lose, extension: BoardExtension | undefined): void {
  io.on("queryfirmware", async () => {
    const late = setTimeout(() => lose(restarted), causeMs);
    const hello = await extension?.hello();
    clearTimeout(late);
    lose(hello === undefined ? restarted : `${restarted} (${hello.resetCause})`, hello);
  });
}
type Lose = (why: string, restart?: BoardHello) => void;

/**
 * Signs of life of a board with other firmware. A version nobody asked for is a restart. Silence needs two unanswered
 * questions as well as the time: a stalled process must not blame the board.
 */
function pollVersion(
  io: Firmata,
  send: (bytes: Uint8Array) => void,
  lose: (why: string) => void,
  timers: Set<NodeJS.Timeout>,
  options: BoardOptions,
): void {
  const { pollMs = pollMsDefault, lostAfterMs = lostAfterMsDefault } = options;
  let unanswered = 0;
  let lastLifeMs = performance.now();
  io.on("reportversion", () => {
    if (unanswered === 0) return lose(restarted);
    unanswered -= 1;
    lastLifeMs = performance.now();
  });
  const pollTimer = setInterval(() => {
    const isOverdue = performance.now() - lastLifeMs > lostAfterMs - pollMs / 2;
    if (isOverdue && unanswered >= 2) return lose(`the board is silent for ${lostAfterMs} ms`);
    unanswered += 1;
    send(Uint8Array.of(reportVersion));
  }, pollMs);
  timers.add(pollTimer);
}

/**
 * Sets the watchdog and feeds it four times as often as it bites. The answers tell restarts and drops even when the
 * board's own word about them was lost. The first answer when the board is as it should be.
 */
async function pollHello(
  extension: BoardExtension,
  lose: Lose,
  timers: Set<NodeJS.Timeout>,
  watchdogMs: number,
): Promise<BoardHello | undefined> {
  const dropped = `the board heard nothing for ${watchdogMs} ms and switched its outputs off`;
  const first = await extension.hello();
  if (first === undefined || !(await extension.setWatchdog(watchdogMs))) return undefined;
  extension.onDropped(() => lose(dropped));
  let missed = 0;
  const feed = async (): Promise<void> => {
    const hello = await extension.hello();
    missed = hello === undefined ? missed + 1 : 0;
    if (missed >= helloMissedMax) return lose("the board is silent");
    if (hello !== undefined && hello.boots !== first.boots) return lose(`${restarted} (${hello.resetCause})`, hello);
    if (hello !== undefined && hello.drops !== first.drops) return lose(dropped);
  };
  timers.add(setInterval(() => void feed(), watchdogMs / 4));
  return first;
}

/** The extension, when it is new enough to know clamps and Wiegand. */
function sensing(extension: BoardExtension | undefined, version: number | undefined, what: string): BoardExtension {
  if (extension !== undefined && version !== undefined && version >= sensingVersion) return extension;
  throw new Error(`${what} need the board's koprade firmware of version ${sensingVersion}; flash it with \`koprade firmware flash\``);
}

function firmwareOf(io: Firmata): string {
  const { name = "unknown", version } = io.firmware;
  return version === undefined ? name : `${name} ${version.major}.${version.minor}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
