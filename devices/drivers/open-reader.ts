/** A card reader by its wiring: each kind opens its own line, or listens to the board. */
import { dirname, resolve } from "node:path";
import type { WiegandPort } from "./board-ports.ts";
import { canonicalWiegand } from "./card-number.ts";
import type { ProofGiven } from "./card-proof.ts";
import { type CardReaderPort, createReaderEvents, readOf } from "./card-reader.ts";
import { openInputDevice } from "./input-device.ts";
import { readOsdpKey } from "./osdp-key.ts";
import { openOsdpReader } from "./osdp-reader.ts";
import { openPn532 } from "./pn532.ts";
import { pn532BaudRate } from "./pn532-frame.ts";
import { openRdm6300, rdm6300BaudRate } from "./rdm6300.ts";
import { openSerialLine } from "./serial-line.ts";
import type { WedgeSetting } from "./wedge.ts";
import { openWedge } from "./wedge-reader.ts";
import { decodeWiegand } from "./wiegand.ts";

export type ReaderWiring =
  | { readonly kind: "rdm6300"; readonly port: string; readonly confirmFrames?: number }
  | { readonly kind: "pn532"; readonly port: string }
  | { readonly kind: "wiegand"; readonly pin0: number; readonly pin1: number }
  | { readonly kind: "wedge"; readonly port: string; readonly format: WedgeSetting }
  | OsdpWiring;
type OsdpWiring = {
  readonly kind: "osdp";
  readonly port: string;
  readonly baudRate: number;
  readonly address: number;
  readonly pollMs: number;
  /** where its key is, beside `node.yaml` or by a whole path */
  readonly keyFile: string;
};

/** What a Wiegand reader needs of its board. */
export type WiegandBoard = {
  wiegand(name: string): WiegandPort;
  onState(listener: (state: { readonly kind: "starting" | "ready" } | { readonly kind: "lost"; readonly why: string }) => void): unknown;
};

/** The name under which the board knows its Wiegand reader. */
const onBoard = "reader";

/** The part of a board's configuration that a reader needs. */
export function boardReaders(wiring: ReaderWiring): Readonly<Record<string, { readonly pin0: number; readonly pin1: number }>> {
  return wiring.kind === "wiegand" ? { [onBoard]: { pin0: wiring.pin0, pin1: wiring.pin1 } } : {};
}

export type ReaderSecret = { readonly ok: true; readonly key: Uint8Array | null } | { readonly ok: false; readonly problem: string };

/** The key of a reader that needs one; a sentence when its file is missing, wrong or readable by others. */
export function readerSecretOf(wiring: ReaderWiring, configPath: string): ReaderSecret {
  return wiring.kind === "osdp" ? readOsdpKey(resolve(dirname(configPath), wiring.keyFile)) : { ok: true, key: null };
}

export type ReaderSecrets = {
  /** what `readerSecretOf` gave */
  readonly key: Uint8Array | null;
  /** how cards with a chip prove themselves, where a reader can ask them; null: every card is its number */
  readonly proving: ProofGiven | null;
};

export function openReader(wiring: ReaderWiring, board: WiegandBoard, { key, proving }: ReaderSecrets): CardReaderPort {
  switch (wiring.kind) {
    case "rdm6300":
      return rdm6300Port(wiring);
    case "pn532":
      return openPn532(openSerialLine({ path: wiring.port, baudRate: pn532BaudRate }), {}, proving);
    case "wiegand":
      return wiegandPort(board);
    case "wedge":
      return openWedge(openInputDevice({ path: wiring.port }), { format: wiring.format });
    case "osdp": {
      if (key === null) throw new Error("an OSDP reader has a key");
      const { port, baudRate, address, pollMs } = wiring;
      return openOsdpReader(openSerialLine({ path: port, baudRate }), { address, key, pollMs });
    }
  }
}

function rdm6300Port(wiring: { readonly port: string; readonly confirmFrames?: number }): CardReaderPort {
  const line = openSerialLine({ path: wiring.port, baudRate: rdm6300BaudRate });
  const events = createReaderEvents(null);
  const confirmed = wiring.confirmFrames === undefined ? {} : { confirmFrames: wiring.confirmFrames };
  const reader = openRdm6300(line, { ...confirmed, onFirst: () => events.read({ kind: "checking" }) });
  reader.onFrame((frame) =>
    events.read(frame.kind === "card" ? { kind: "card", number: frame.number, usable: true } : { kind: "unreadable" }),
  );
  line.onState((state) => (state.kind === "open" ? events.enter("ready") : events.enter("lost", state.why)));
  return { onRead: events.onRead, onState: events.onState, close: () => reader.close() };
}

/** Nothing on the wires tells whether a Wiegand reader is there: its state is the board's. */
export function wiegandPort(board: WiegandBoard): CardReaderPort {
  const events = createReaderEvents(true);
  board.wiegand(onBoard).onWord((word) => {
    const heard = decodeWiegand(word);
    if (heard.kind === "card") events.read(readOf(canonicalWiegand(heard.bits, heard.value), ""));
    else if (heard.kind === "key") events.read(heard);
    else events.read({ kind: "unreadable" });
  });
  board.onState((state) => {
    if (state.kind === "lost") events.enter("lost", state.why);
    else if (state.kind === "ready") events.enter("ready");
  });
  return { onRead: events.onRead, onState: events.onState, close: async () => events.stop() };
}
