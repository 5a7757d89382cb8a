/**
 * The process that holds one board: started by `supervised-board.ts`, never by hand. It ends when the board is lost,
 * when its supervisor ends, and when its supervisor has nothing to say for too long. Hold outputs go off first.
 */
import { type Board, type BoardReady, openBoard } from "./board.ts";
import type { BoardDisplay } from "./board-display.ts";
import type { BoardHello } from "./board-extension.ts";
import { type BoardConfig, type BoardStart, type FromWorker, readToWorker, type ToWorker } from "./board-messages.ts";
import type { OutputPort } from "./board-ports.ts";
import type { ByteLine } from "./byte-line.ts";
import { openSerialLine } from "./serial-line.ts";

/** A supervisor that stalls for longer than this no longer watches what its outputs do. */
const supervisorSilentMs = 10_000;
const endMs = 1_000;
const absentMs = 500;

let board: Board | undefined;
let display: BoardDisplay | undefined;
let shown: readonly string[] = [];
let isEnding = false;
const outputs = new Map<string, OutputPort>();
const silence = setTimeout(() => void end(2), supervisorSilentMs);

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

/** Outputs off, port closed, process gone: each step within its limit. */
async function end(exitCode: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  setTimeout(() => process.exit(exitCode), endMs);
  await board?.close();
  process.exit(exitCode);
}

async function start(config: BoardConfig): Promise<void> {
  const line = openSerialLine({ path: config.path, baudRate: config.baudRate });
  await untilPlugged(line);
  say({ kind: "opening" });
  const opened = openBoard(line);
  board = opened;
  opened.onLost((why, restart) => {
    say({ kind: "lost", why, start: startOf(restart) });
    void end(1);
  });
  const ready = await opened.ready;
  if (ready.kind === "lost") return;
  try {
    await takePins(opened, config, ready);
  } catch (error) {
    say({ kind: "lost", why: error instanceof Error ? error.message : "the pins could not be set up", start: null });
    await end(1);
  }
}

/** A port that is not there is waited for here: starting a process again and again to look would cost a Pi dearly. */
function untilPlugged(line: ByteLine): Promise<void> {
  return new Promise((resolve) => {
    const absentTimer = setTimeout(() => {
      const state = line.state();
      if (state.kind === "lost") say({ kind: "absent", why: `cannot open ${line.path}: ${state.why}` });
    }, absentMs);
    const stop = line.onState((state) => {
      if (state.kind !== "open") return;
      clearTimeout(absentTimer);
      stop();
      resolve();
    });
  });
}

const startOf = (hello: BoardHello | undefined): BoardStart | null =>
  hello === undefined ? null : { resetCause: hello.resetCause, boots: hello.boots };

async function takePins(opened: Board, config: BoardConfig, ready: Extract<BoardReady, { kind: "ready" }>): Promise<void> {
  const outputsOn: string[] = [];
  for (const [name, output] of Object.entries(config.outputs)) {
    const port = await opened.output(output);
    outputs.set(name, port);
    if (port.isOn()) outputsOn.push(name);
  }
  say({ kind: "ready", firmware: ready.firmware, outputsOn, watchdogMs: ready.watchdogMs ?? null, start: startOf(ready.hello) });
  for (const [name, input] of Object.entries(config.inputs)) {
    opened.input(input).onChange((level) => {
      // An unknown level comes with a lost board, which the supervisor knows from "lost".
      if (level !== undefined) say({ kind: "changed", input: name, level });
    });
  }
  if (config.display !== undefined) {
    display = opened.display(config.display, (isThere) => say({ kind: "display", isThere }));
    display.show(shown);
  }
  for (const [clamp, where] of Object.entries(config.clamps ?? {})) {
    await opened.watchClamp(where, (window) => say({ kind: "window", clamp, ...window }));
  }
  for (const [reader, where] of Object.entries(config.wiegand ?? {})) {
    await opened.watchWiegand(where, (word) => say({ kind: "word", reader, word }));
  }
}

function act(message: ToWorker): void {
  if (message.kind === "open") {
    if (board === undefined) void start(message.config);
  } else if (message.kind === "alive") say({ kind: "alive" });
  else if (message.kind === "close") void end(0);
  else if (message.kind === "show") {
    shown = message.lines;
    display?.show(shown);
  } else void command(message);
}

async function command(message: Extract<ToWorker, { readonly id: number }>): Promise<void> {
  const output = outputs.get(message.output);
  if (output === undefined) return say({ kind: "done", id: message.id, outcome: { kind: "failed", why: "not ready" } });
  const outcome = await (message.kind === "write" ? output.write(message.isOn) : output.pulse(message.pulseMs));
  say({ kind: "done", id: message.id, outcome });
}

process.on("message", (raw: unknown) => {
  const message = readToWorker(raw);
  if (message === undefined) return void end(2);
  silence.refresh();
  act(message);
});
process.on("disconnect", () => void end(0));
// Ctrl-C in a terminal reaches the whole group; the supervisor decides when its boards end.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => void end(0));
