// Opens johnny-five over firmata-io on a serial port, just as their own documentation does.

import { createRequire } from "node:module";
import { SerialPort } from "serialport";

/** The parts of johnny-five 2.1 that the tests use; it ships no types. */
export interface JohnnyFive {
  readonly Board: new (options: object) => JohnnyBoard;
  readonly Led: new (options: object) => { on(): void; off(): void; blink(ms: number): void; stop(): void };
  readonly Button: new (options: object) => { on(event: "down" | "up", listener: () => void): void };
  readonly Sensor: new (options: object) => { readonly value: number | null; on(event: "data", listener: () => void): void };
}

export interface JohnnyBoard {
  readonly io: {
    readonly firmware: { readonly name: string };
    readonly pins: readonly { readonly mode: number; readonly state: number }[];
    sysexCommand(message: number[]): void;
    sysexResponse(command: number, listener: (data: number[]) => void): void;
    queryPinState(pin: number, done: () => void): void;
    reset(): void;
  };
  once(event: "ready", listener: () => void): void;
}

const readyMs = 10_000;
const load = createRequire(import.meta.url);

export async function openJohnny(path: string): Promise<{ five: JohnnyFive; board: JohnnyBoard; close: () => Promise<void> }> {
  const five: JohnnyFive = load("johnny-five");
  const { Firmata }: { Firmata: new (port: SerialPort, options: object) => object } = load("firmata-io");
  const port = new SerialPort({ path, baudRate: 57_600 });
  // A pseudo-terminal does not reset the board when it is opened, so the host asks a little sooner than firmata-io's 5 s.
  const board = new five.Board({ io: new Firmata(port, { reportVersionTimeout: 300 }), repl: false, sigint: false, debug: false });
  const isReady = new Promise<void>((resolve) => board.once("ready", resolve));
  const isLate = new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no board on ${path}`)), readyMs).unref());
  await Promise.race([isReady, isLate]);
  return { five, board, close: () => new Promise((resolve) => port.close(() => resolve())) };
}
