/** The parts of firmata-io and johnny-five that `board.ts` uses; neither ships types. */

declare module "firmata-io" {
  import type { EventEmitter } from "node:events";

  export interface FirmataPin {
    readonly supportedModes: readonly number[];
    mode: number | undefined;
    value: number;
    /** What PIN_STATE_RESPONSE reported: the level written to an output. */
    state?: number;
  }

  /** What firmata-io wants of a port: events `open`, `data`, `close`, `error`. */
  export interface FirmataTransport extends EventEmitter {
    write(bytes: Uint8Array, written?: () => void): void;
  }

  export class Firmata extends EventEmitter {
    constructor(transport: FirmataTransport, options: { readonly reportVersionTimeout: number });
    readonly MODES: { readonly INPUT: number; readonly OUTPUT: number; readonly PULLUP: number };
    readonly HIGH: 1;
    readonly LOW: 0;
    readonly pins: FirmataPin[];
    readonly firmware: { readonly name?: string; readonly version?: { readonly major: number; readonly minor: number } };
    readonly isReady: boolean;
    readonly reportVersionTimeoutId: NodeJS.Timeout;
    pinMode(pin: number, mode: number): void;
    digitalWrite(pin: number, value: 0 | 1): void;
    /** Notes a level for the next write of the port without sending it; returns the port. */
    updateDigitalPort(pin: number, value: 0 | 1): number;
    reportDigitalPin(pin: number, value: 0 | 1): void;
    /** Handlers of system messages by their first byte, for all boards of the process. */
    static readonly SYSEX_RESPONSE: Record<number, (board: Firmata) => void>;
    /** The message being handled, from 0xF0 to 0xF7. */
    readonly buffer: readonly number[];
  }

  const bindTransport: { readonly Firmata: typeof Firmata };
  export default bindTransport;
}

declare module "johnny-five" {
  import type { EventEmitter } from "node:events";
  import type { Firmata } from "firmata-io";

  class Board extends EventEmitter {
    constructor(options: { readonly io: Firmata; readonly repl: false; readonly sigint: false; readonly debug: false });
  }
  /** `NO`: closed is high. `NC`: closed is low. It never sets the pin's mode. */
  class Relay {
    constructor(options: { readonly board: Board; readonly pin: number; readonly type: "NO" | "NC" });
    close(): this;
    open(): this;
  }
  const johnnyFive: { readonly Board: typeof Board; readonly Relay: typeof Relay };
  export default johnnyFive;
}
