/**
 * APDUs to a card through a PN532: InDataExchange (NXP UM0701-02 §7.3.8). The chip does ISO 14443-4 by itself: blocks, waiting
 * times, repeats. What is too long for one of its frames goes in parts.
 *
 *   D4 40 Tg|MI data… ─▶        ◀─ D5 41 status data…        status: NAD (0x80), more to come (0x40), error (0x3F)
 */
import type { CardChannel } from "./card-dialogue.ts";

/** Asks the module for one exchange; `data` is what stands behind the command code. */
export type AskExchange = (
  data: readonly number[],
) => Promise<{ readonly kind: "done"; readonly value: Uint8Array } | { readonly kind: "failed"; readonly why: string }>;

/** The data of one frame: 264 bytes less the target's number and the command (§7.3.8). */
export const exchangePartMax = 262;
/** The longest APDU with short lengths, and its answer: ISO 7816-4 §5.1. */
const apduMax = 5 + 255 + 1;
const answerMax = 256 + 2;
const moreFollows = 0x40;
const nadPresent = 0x80;

/** Errors of §7.1 that tell people something; the others are numbers. */
const errorWords: Readonly<Record<number, string>> = {
  1: "the card has left",
  2: "the card was not understood",
  3: "the card was not understood",
  5: "the card was not understood",
  19: "the card answered out of turn",
  39: "the module knows no card",
  41: "the card was let go",
  43: "the card has left",
};

export function createPn532Channel(target: number, ask: AskExchange): CardChannel {
  const gone = (why: string) => ({ kind: "gone", why }) as const;
  return {
    async exchange(apdu) {
      if (apdu.length > apduMax) throw new RangeError(`an APDU has at most ${apduMax} bytes; got ${apdu.length}`);
      const answer: number[] = [];
      let rest: readonly number[] = [...apdu];
      for (;;) {
        const isLast = rest.length <= exchangePartMax;
        const heard = await ask([isLast ? target : target | moreFollows, ...rest.slice(0, exchangePartMax)]);
        if (heard.kind === "failed") return gone(heard.why);
        const [status, ...data] = heard.value;
        if (status === undefined) return gone("an answer without a status");
        const error = status & 0x3f;
        if (error !== 0) return gone(errorWords[error] ?? `the module reports error ${error}`);
        if ((status & nadPresent) !== 0) return gone("the card named a node that nobody asked for");
        answer.push(...data);
        if (answer.length > answerMax) return gone("an answer without an end");
        if (!isLast) rest = rest.slice(exchangePartMax);
        else if ((status & moreFollows) === 0) return { kind: "answer", bytes: Uint8Array.from(answer) };
        else if (data.length === 0) return gone("an answer without an end");
        else rest = [];
      }
    },
  };
}
