/** A byte line in the shape that firmata-io wants, with a limit on message length, which firmata-io lacks. */
import { EventEmitter } from "node:events";
import type { FirmataTransport } from "firmata-io";
import type { ByteLine } from "./byte-line.ts";

const startSysex = 0xf0;
/** The longest real message, the capabilities of a Mega with 70 pins, has about 900 bytes. */
const messageBytesMax = 2_048;

export interface BoardTransport extends FirmataTransport {
  /** Stops listening to the line and forgets its listeners. */
  detach(): void;
}

/** `onFault` is told once why the transport is of no use any more: line lost, write failed, endless message, parser threw. */
export function createBoardTransport(line: ByteLine, onFault: (why: string) => void): BoardTransport {
  const emitter = new EventEmitter();
  let messageBytes = 0;
  let isDetached = false;
  const fault = (why: string): void => {
    if (!isDetached) onFault(why);
  };

  const stopBytes = line.onBytes((bytes) => {
    for (const byte of bytes) {
      if (byte === startSysex || byte >= 0x80) messageBytes = 0;
      messageBytes += 1;
    }
    if (messageBytes > messageBytesMax) return fault("the board sent a message without an end");
    try {
      emitter.emit("data", bytes);
    } catch (error) {
      // firmata-io indexes pins by what it hears; a board that names pins it does not have is no board to trust.
      fault(`the board sent what cannot be understood: ${error instanceof Error ? error.message : "unknown error"}`);
    }
  });
  const stopState = line.onState((state) => {
    if (state.kind === "lost") fault(`line lost: ${state.why}`);
  });

  return Object.assign(emitter, {
    write(bytes: Uint8Array, written?: () => void): void {
      line.write(bytes).then((outcome) => {
        if (outcome.kind === "failed") fault(`write failed: ${outcome.why}`);
        written?.();
      });
    },
    detach(): void {
      isDetached = true;
      stopBytes();
      stopState();
    },
  });
}
