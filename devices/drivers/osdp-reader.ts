/**
 * An OSDP reader as a card reader: kept in a secure channel and polled ten times a second. Its lamp and buzzer answer people.
 *
 * Silence of 8 s, its line or its key make it lost; a channel that ends is made anew at once. While its case is open it is lost too:
 * whoever holds its wires holds what it says.
 */
import type { BeepSign } from "./beeper.ts";
import type { ByteLine } from "./byte-line.ts";
import { canonicalIso14443a, canonicalWiegand } from "./card-number.ts";
import { type CardRead, type CardReaderPort, createReaderEvents, readOf } from "./card-reader.ts";
import type { LampSign } from "./lamp.ts";
import { osdpBuzzerData, osdpLampData } from "./osdp-command.ts";
import { type OsdpMessage, osdpCode } from "./osdp-message.ts";
import { createOsdpPanel, type OsdpFailure, type OsdpPanel, type OsdpPanelOptions } from "./osdp-panel.ts";
import { decodeWiegand } from "./wiegand.ts";

export interface OsdpReaderOptions extends OsdpPanelOptions {
  readonly pollMs?: number;
  readonly offlineMs?: number;
}

const pollMsDefault = 100;
const offlineMsDefault = 8_000;
const connectAgainMs = 500;
const connectAgainMsMax = 5_000;
/** A line that is not open by then is told as lost. */
const openingMs = 2_000;
const openCase = "its case is open (tamper contact)";

/** Keeps a reader in its channel and listens to it until it is closed. The line belongs to the reader and closes with it. */
export function openOsdpReader(line: ByteLine, options: OsdpReaderOptions): CardReaderPort {
  return new OsdpReader(line, options);
}

class OsdpReader implements CardReaderPort {
  readonly #line: ByteLine;
  readonly #panel: OsdpPanel;
  readonly #pollMs: number;
  readonly #offlineMs: number;
  readonly #events = createReaderEvents(null);
  readonly #running: Promise<void>;
  readonly onRead = this.#events.onRead;
  readonly onState = this.#events.onState;
  readonly onTrouble = this.#events.onTrouble;
  /** what it shows, again after it was away */
  #lamp: LampSign = "off";
  #isLampDue = false;
  #beep: BeepSign | null = null;
  #isOpen = false;
  #heardMs = performance.now();
  #isClosed = false;
  #wakeNow: (() => void) | undefined;

  constructor(line: ByteLine, options: OsdpReaderOptions) {
    this.#line = line;
    this.#panel = createOsdpPanel(line, options);
    this.#pollMs = options.pollMs ?? pollMsDefault;
    this.#offlineMs = options.offlineMs ?? offlineMsDefault;
    line.onState((state) => {
      if (state.kind === "lost") this.#events.enter("lost", state.why);
      else this.#wakeNow?.();
    });
    this.#running = this.#run();
  }

  readonly lamp = {
    show: (sign: LampSign): void => {
      this.#lamp = sign;
      this.#isLampDue = true;
      this.#wakeNow?.();
    },
  };

  readonly beeper = {
    beep: (sign: BeepSign): void => {
      this.#beep = sign;
      this.#wakeNow?.();
    },
  };

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#events.stop();
    this.#wakeNow?.();
    await this.#line.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pauseMs = connectAgainMs;
    if (this.#line.state().kind !== "open") await this.#rest(openingMs);
    while (!this.#isClosed) {
      const connected = this.#line.state().kind === "open" ? await this.#panel.connect() : ({ kind: "failed", why: "line lost" } as const);
      if (connected.kind === "done") {
        pauseMs = connectAgainMs;
        this.#heardMs = performance.now();
        this.#isLampDue = true;
      }
      const why = connected.kind === "done" ? await this.#watch() : connected.why;
      if (this.#isClosed) return;
      // What passes by itself is no news: a channel is made anew, an answer comes with the next question.
      const passes = why === "silent" || why === "channel over";
      if (!passes || performance.now() - this.#heardMs > this.#offlineMs) this.#events.enter("lost", osdpFailureWords[why]);
      await this.#rest(connected.kind === "done" ? this.#pollMs : pauseMs);
      if (connected.kind === "failed") pauseMs = Math.min(pauseMs * 2, connectAgainMsMax);
    }
  }

  /** Polls until the channel is over or the reader is gone. */
  async #watch(): Promise<OsdpFailure> {
    let [code, data]: [number, Uint8Array | undefined] = [osdpCode.localStatus, undefined];
    while (!this.#isClosed) {
      const answer = await this.#panel.ask(code, data);
      if (answer.kind === "failed" && answer.why === "silent" && performance.now() - this.#heardMs < this.#offlineMs) continue;
      if (answer.kind === "failed" && answer.why !== "refused") return answer.why;
      this.#heardMs = performance.now();
      if (answer.kind === "done") this.#hear(answer.value.message);
      if (!this.#isOpen) this.#events.enter("ready");
      if (!this.#isDue()) await this.#rest(this.#pollMs);
      [code, data] = this.#next();
    }
    return "line lost";
  }

  #isDue(): boolean {
    return this.#isLampDue || this.#beep !== null;
  }

  /** The newest lamp and beep only: what came between was not seen anyway. */
  #next(): [number, Uint8Array | undefined] {
    const beep = this.#beep;
    if (this.#isLampDue) {
      this.#isLampDue = false;
      return [osdpCode.led, osdpLampData(this.#lamp)];
    }
    this.#beep = null;
    return beep === null ? [osdpCode.poll, undefined] : [osdpCode.buzzer, osdpBuzzerData(beep)];
  }

  #hear(message: OsdpMessage): void {
    if (message.kind === "local status") {
      this.#isOpen = message.tamper;
      this.#events.trouble("tamper", message.tamper);
      this.#events.trouble("power", message.powerFailure);
      if (message.tamper) this.#events.enter("lost", openCase);
    }
    if (this.#isOpen) return;
    for (const read of osdpReads(message)) this.#events.read(read);
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Cards and keys in one answer. A card is bits: of a Wiegand format, or the UID of a card in the order it is sent. */
export function osdpReads(message: OsdpMessage): readonly CardRead[] {
  switch (message.kind) {
    case "raw":
      return [cardOf(message.bits)];
    case "formatted": // its characters have no agreed meaning: one reader's are decimal, another's hexadecimal
    case "malformed":
      return [{ kind: "unreadable" }];
    case "keys":
      return [...message.keys].flatMap((code) => {
        const key = keyOf(code);
        return key === null ? [] : [{ kind: "key", key } as const];
      });
    default:
      return [];
  }
}

const uidBits: ReadonlySet<number> = new Set([32, 56, 80]);

function cardOf(bits: string): CardRead {
  if (uidBits.has(bits.length)) {
    const uid = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
    return readOf(canonicalIso14443a(uid), `iso14443a:${uid.toHex().toUpperCase()}`);
  }
  const heard = decodeWiegand(bits);
  return heard.kind === "card" ? readOf(canonicalWiegand(heard.bits, heard.value), "") : { kind: "unreadable" };
}

const clearCode = 0x7f;
const enterCode = 0x0d;

/** Digits as ASCII; * is 7F and # is 0D (§7.12). The golden vector of one test suite has bare numbers 0 to 9 instead. */
function keyOf(code: number): string | null {
  if (code === clearCode || code === 0x2a) return "*";
  if (code === enterCode || code === 0x23) return "#";
  if (code >= 0x30 && code <= 0x39) return String.fromCharCode(code);
  return code <= 9 ? String(code) : null;
}

/** What is wrong, and what to look at. */
export const osdpFailureWords: Readonly<Record<OsdpFailure, string>> = {
  "line lost": "its serial line is lost",
  silent: "the reader does not answer; check its power, A and B, its address and its baud rate",
  "channel over": "the reader keeps ending its secure channel",
  "no secure channel": "the reader gives no secure channel; a new one gets its key with `koprade reader key`",
  "default key": "the reader still has the key that is printed in the standard; give it its own with `koprade reader key`",
  "wrong key": "the reader has another key than this node",
  refused: "the reader refuses commands",
};
