/**
 * A PN532 as a card reader: it is woken, configured, and asked ten times a second which type A cards are near.
 *
 *   ACK · 55 55 00 … SAMConfiguration ─▶ GetFirmwareVersion ─▶ RFConfiguration ─▶ InListPassiveTarget ⟲
 *    ▲                                                                                 │
 *    └──────────────── no answer, another chip, every few seconds ◀────────────────────┘
 *
 * The module may lose power alone and stay on its line: then it sleeps and answers nothing, so it is watched and woken again.
 */
import type { ByteLine } from "./byte-line.ts";
import type { CardChannel } from "./card-dialogue.ts";
import { createCardPresence } from "./card-presence.ts";
import type { ProofGiven } from "./card-proof.ts";
import { type CardReaderPort, createReaderEvents } from "./card-reader.ts";
import { createPn532Channel } from "./pn532-exchange.ts";
import { createPn532Parser, encodePn532, fromChip, type Pn532Frame, pn532Ack } from "./pn532-frame.ts";
import { type Pn532TypeA, pn532Baud, pn532Code, readPn532Firmware, readPn532Targets } from "./pn532-message.ts";

export type Pn532Failure = "line lost" | "silent" | "refused" | "not a PN532" | "malformed";
export type Pn532Outcome<T> = { readonly kind: "done"; readonly value: T } | { readonly kind: "failed"; readonly why: Pn532Failure };

export interface Pn532Options {
  /** Without ACK within this time a command is sent again (the chip takes 15 ms, a USB adapter adds 16). */
  readonly ackMs?: number;
  /** Without an answer within this time after the command the module is given up. */
  readonly answerMs?: number;
}

export interface Pn532 {
  /** Wakes and configures the module; `value` is its firmware as version.revision. Never rejects. */
  wake(): Promise<Pn532Outcome<string>>;
  /** Asks whether it is still the module that was configured. Never rejects. */
  check(): Promise<Pn532Outcome<string>>;
  /** One look for cards: none, one or two. Never rejects. */
  look(): Promise<Pn532Outcome<readonly Pn532TypeA[]>>;
  /** The way to a card that this look found, until the next. */
  channelTo(card: Pn532TypeA): CardChannel;
  /** Lets go of the cards that were found, so that the next look starts each anew. Never rejects. */
  release(): Promise<Pn532Outcome<Uint8Array>>;
  bufferedBytes(): number;
}

/**
 * The wake-ups in the wild, one for each try: libnfc's and NXP's, whose zeros give the oscillator time, the short one of Arduino
 * libraries, and zeros alone (nfcpy). Modules and clones differ in which they hear.
 */
const wakeUps: readonly Uint8Array[] = [
  Uint8Array.from([0x55, 0x55, ...new Array<number>(14).fill(0)]),
  Uint8Array.from([0x55, 0x55, 0, 0, 0]),
  new Uint8Array(10),
];
const chip = 0x32;
const triesMax = 3;
const ackMsDefault = 100;
const answerMsDefault = 400;
/** For an exchange with a card, which may take its time; sent once, since a card would take a repeated command for the next one. */
const exchangeMs = 800;
const cardsMax = 2;

/** The asking end. One command at a time: the caller waits for each. */
export function createPn532(line: ByteLine, options: Pn532Options = {}): Pn532 {
  const { ackMs = ackMsDefault, answerMs = answerMsDefault } = options;
  const parser = createPn532Parser();

  const ask = (command: number, data: readonly number[], prefixes: readonly Uint8Array[] = []): Promise<Pn532Outcome<Uint8Array>> => {
    const frame = encodePn532(command, data);
    return askOnce({ line, parser, ackMs, answerMs }, command, (sent) => Uint8Array.from([...(prefixes[sent] ?? []), ...frame]));
  };

  const check = async (): Promise<Pn532Outcome<string>> => {
    const answer = await ask(pn532Code.firmware, []);
    if (answer.kind === "failed") return answer;
    const firmware = readPn532Firmware(answer.value);
    if (firmware?.chip !== chip) return { kind: "failed", why: "not a PN532" };
    return { kind: "done", value: `${firmware.version}.${firmware.revision}` };
  };

  return {
    check,
    async wake() {
      // A search without end, begun by a program that is gone, hears nothing but an ACK.
      await line.write(pn532Ack);
      const woken = await ask(pn532Code.samConfiguration, [0x01, 0x00, 0x01], wakeUps);
      if (woken.kind === "failed") return woken;
      // Retries of activation: none. Its default is for ever, and the chip would hear no other command meanwhile.
      const limited = await ask(pn532Code.rfConfiguration, [0x05, 0xff, 0x01, 0x00]);
      return limited.kind === "failed" ? limited : check();
    },
    async look() {
      const answer = await ask(pn532Code.listTargets, [cardsMax, pn532Baud.type106A]);
      if (answer.kind === "failed") return answer;
      const targets = readPn532Targets(answer.value);
      if (targets.kind === "malformed") return { kind: "failed", why: "malformed" };
      return { kind: "done", value: targets.list.filter((target) => target.kind === "type A") };
    },
    channelTo: ({ target }) =>
      createPn532Channel(target, (data) => {
        const frame = encodePn532(pn532Code.dataExchange, data);
        return askOnce({ line, parser, ackMs: exchangeMs, answerMs: exchangeMs }, pn532Code.dataExchange, () => frame);
      }),
    release: () => ask(pn532Code.release, [0]),
    bufferedBytes: () => parser.bufferedBytes(),
  };
}

type AskGiven = {
  readonly line: ByteLine;
  readonly parser: ReturnType<typeof createPn532Parser>;
  readonly ackMs: number;
  readonly answerMs: number;
};

/** One command and its answer. It is sent again while nobody takes it; a taken one is waited for until `answerMs`. */
function askOnce(
  { line, parser, ackMs, answerMs }: AskGiven,
  command: number,
  frameOf: (sent: number) => Uint8Array,
): Promise<Pn532Outcome<Uint8Array>> {
  return new Promise((resolve) => {
    let tries = 0;
    let isTaken = false;
    let ackTimer: NodeJS.Timeout | undefined;
    const finish = (outcome: Pn532Outcome<Uint8Array>): void => {
      clearTimeout(ackTimer);
      clearTimeout(answerTimer);
      stopBytes();
      stopState();
      parser.reset();
      resolve(outcome);
    };
    const failed = (why: Pn532Failure) => finish({ kind: "failed", why });
    const send = (): void => {
      clearTimeout(ackTimer);
      if (tries === triesMax) {
        failed("silent");
        return;
      }
      tries += 1;
      line.write(frameOf(tries - 1)).then((written) => {
        if (written.kind === "failed") failed("line lost");
      });
      ackTimer = setTimeout(() => {
        if (!isTaken) send();
      }, ackMs);
    };
    const hear = (heard: Pn532Frame): void => {
      if (heard.kind === "ack") isTaken = true;
      else if (heard.kind === "error") failed("refused");
      else if (heard.kind === "nack") send();
      else if (heard.kind === "data" && heard.tfi === fromChip && heard.command === command + 1)
        finish({ kind: "done", value: heard.data });
    };
    const answerTimer = setTimeout(() => {
      // An ACK from the host ends whatever the chip is still doing (UM0701-02 §6.2.1.3).
      void line.write(pn532Ack);
      failed("silent");
    }, answerMs);
    const stopBytes = line.onBytes((bytes) => {
      for (const heard of parser.feed(bytes, performance.now())) hear(heard);
    });
    const stopState = line.onState((state) => {
      if (state.kind === "lost") failed("line lost");
    });
    send();
  });
}

const lookEveryMs = 100;
const checkEveryMs = 5_000;
const wakeAgainMs = 500;
const wakeAgainMsMax = 5_000;

/**
 * Keeps a module awake and listens to it until it is closed. The line belongs to the reader and closes with it. Without `proving`
 * every card is its number.
 */
export function openPn532(line: ByteLine, options: Pn532Options = {}, proving: ProofGiven | null = null): CardReaderPort {
  const module = createPn532(line, options);
  const events = createReaderEvents(false);
  const presence = createCardPresence(module, proving, () => events.read({ kind: "checking" }));
  let isClosed = false;
  let wakeNow: (() => void) | undefined;
  /** Ends early when the line comes back or the reader is closed. */
  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  line.onState((state) => {
    if (state.kind === "lost") events.enter("lost", state.why);
    else wakeNow?.();
  });

  const watch = async (): Promise<Pn532Failure> => {
    let checkedMs = performance.now();
    while (!isClosed) {
      const seen = await module.look();
      if (seen.kind === "done") for (const read of await presence.seen(seen.value)) events.read(read);
      else if (seen.why === "malformed") events.read({ kind: "unreadable" });
      await rest(lookEveryMs);
      // One unanswered look may be a busy computer: only a module that does not know itself any more is lost.
      if (seen.kind === "done" && performance.now() - checkedMs < checkEveryMs) continue;
      const alive = await module.check();
      if (alive.kind === "failed") return alive.why;
      checkedMs = performance.now();
    }
    return "line lost";
  };
  const run = async (): Promise<void> => {
    let pauseMs = wakeAgainMs;
    while (!isClosed) {
      const woken = line.state().kind === "open" ? await module.wake() : ({ kind: "failed", why: "line lost" } as const);
      if (woken.kind === "done") {
        events.enter("ready");
        pauseMs = wakeAgainMs;
      }
      const why = woken.kind === "done" ? await watch() : woken.why;
      if (isClosed) return;
      events.enter("lost", failureWords[why]);
      await rest(pauseMs);
      pauseMs = Math.min(pauseMs * 2, wakeAgainMsMax);
    }
  };
  const running = run();
  return {
    onRead: events.onRead,
    onState: events.onState,
    async close() {
      isClosed = true;
      events.stop();
      wakeNow?.();
      await line.close();
      await running;
    },
  };
}

const failureWords: Readonly<Record<Pn532Failure, string>> = {
  "line lost": "its serial line is lost",
  silent: "the module does not answer; check its power and that its switches stand on HSU",
  refused: "the module refuses commands",
  "not a PN532": "another chip than a PN532 answers",
  malformed: "the module's answers cannot be read",
};
