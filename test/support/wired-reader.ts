/** The reader of a machine under test: on a line of its own, or behind the board. One with a keypad takes cards as they are printed. */
import { setTimeout as pause } from "node:timers/promises";
import { createOsdpReader } from "../../simulators/hardware/osdp.ts";
import { createRdm6300 } from "../../simulators/hardware/rdm6300.ts";
import type { SimulatedBoard } from "../../simulators/hardware/simulated-board.ts";

export type ReaderKind = "rdm6300" | "osdp" | "wiegand";
export type WiredReader = {
  /** as `node.yaml` says it */
  readonly wiring: Readonly<Record<string, unknown>>;
  /** beside `node.yaml` in `reader.key`; null: it needs none */
  readonly key: Uint8Array | null;
  receive(bytes: Uint8Array): void;
  tap(card: string): Promise<void>;
  type(keys: string): Promise<void>;
  acted(): readonly string[];
  close(): void;
};
type Given = {
  readonly board: Pick<SimulatedBoard, "sendWiegand">;
  readonly port: string;
  readonly send: (bytes: Uint8Array) => void;
};

const [pin0, pin1] = [6, 7];
/** between two words on the wires: silence of 25 to 50 ms ends one */
const wordMs = 90;
const heldMs = 400;
const keypad = "0123456789*#";

export function wireReader(kind: ReaderKind, { board, port, send }: Given): WiredReader {
  if (kind === "osdp") return osdp(port, send);
  const silent = { key: null, acted: () => [] };
  if (kind === "wiegand")
    return {
      ...silent,
      wiring: { kind, pin0, pin1 },
      receive: () => undefined,
      async tap(card) {
        board.sendWiegand(pin0, pin1, w26Of(card));
        await pause(heldMs);
      },
      async type(keys) {
        for (const key of keys) {
          board.sendWiegand(pin0, pin1, keypad.indexOf(key).toString(2).padStart(4, "0"));
          await pause(wordMs);
        }
      },
      close: () => undefined,
    };
  const card = createRdm6300({ sink: send });
  return {
    ...silent,
    wiring: { kind, port },
    receive: () => undefined,
    async tap(number) {
      card.present(number);
      await pause(heldMs);
      card.remove();
    },
    type: () => Promise.reject(new Error("an RDM6300 has no keys")),
    close: () => card.close(),
  };
}

function osdp(port: string, send: (bytes: Uint8Array) => void): WiredReader {
  const key = Uint8Array.from({ length: 16 }, (_, i) => 0xc0 + i);
  const reader = createOsdpReader({ send, key });
  return {
    wiring: { kind: "osdp", port, keyFile: "reader.key" },
    key,
    receive: (bytes) => reader.receive(bytes),
    async tap(card) {
      reader.present(w26Of(card));
      await pause(heldMs);
    },
    async type(keys) {
      reader.type(keys);
      await pause(heldMs);
    },
    acted: () => reader.acted.map(({ code, data }) => `${code.toString(16)} ${data.toHex()}`),
    close: () => reader.close(),
  };
}

/** 26 bits of a card with this printed on it: facility/number. */
export function w26Of(printed: string): string {
  const [facility = 0, card = 0] = printed.split("/").map(Number);
  const data = ((facility << 16) | card).toString(2).padStart(24, "0");
  const ones = (bits: string): number => bits.replaceAll("0", "").length;
  return `${ones(data.slice(0, 12)) % 2}${data}${1 - (ones(data.slice(12)) % 2)}`;
}
