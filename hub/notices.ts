/**
 * Delivers notices: each as one POST of plain text with its title in a header, which ntfy (docs.ntfy.sh/publish) and many bridges to
 * chats and mail take. What fails waits in the ledger and is tried again for a day; an address that hangs holds nobody up for long.
 */
import { noticeText } from "#core";
import type { Ledger } from "./ledger/types.ts";
import type { NoticeDue } from "./ledger/types-rows.ts";
import type { Clock, Log } from "./ports.ts";

const lookMs = 5000;
const answerMs = 10_000;

/** Looks every five seconds for what is due. The returned function ends it, at most one attempt later. */
export function deliverNotices(ports: {
  readonly ledger: Pick<Ledger, "read" | "noteDelivery">;
  readonly clock: Clock;
  readonly log: Log;
}): () => Promise<void> {
  const { ledger, clock, log } = ports;
  const ending = new AbortController();
  let work: Promise<void> | null = null;
  const deliver = async (): Promise<void> => {
    const { tz } = ledger.read.site();
    for (const due of ledger.read.noticesDue(clock.nowMs())) {
      if (ending.signal.aborted) return;
      const problem = await post(due, tz, ending.signal);
      if (problem !== null) log.warn({ notice: due.notice, problem }, "A notice could not be delivered; it is tried again for a day.");
      await ledger.noteDelivery(due.notice, problem);
    }
  };
  const cancel = clock.every("notices", lookMs, () => {
    work ??= deliver()
      .catch((error: unknown) => log.warn({ error: String(error) }, "Notices wait: the ledger does not answer."))
      .finally(() => {
        work = null;
      });
  });
  return async () => {
    cancel();
    ending.abort();
    await work;
  };
}

/** Null when it was taken, else why not, without the address: whoever knows that reads along. */
async function post({ address, locale, kind, facts }: NoticeDue, tz: string, ending: AbortSignal): Promise<string | null> {
  const { title, lines } = noticeText(locale, kind, facts, tz);
  try {
    const answer = await fetch(address, {
      method: "POST",
      // A header holds no letters beyond Latin-1; ntfy reads RFC 2047.
      headers: { "content-type": "text/plain; charset=utf-8", title: encodedWord(title) },
      body: lines.join("\n"),
      redirect: "error",
      signal: AbortSignal.any([ending, AbortSignal.timeout(answerMs)]),
    });
    await answer.body?.cancel();
    return answer.ok ? null : `the server answered ${answer.status}`;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${answerMs / 1000} s`;
    const cause = error instanceof Error && error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : "";
    return `the server cannot be reached${cause === "" ? "" : ` (${cause})`}`;
  }
}

/** RFC 2047 §2, in pieces of at most 75 characters; plain letters stay as they are. */
function encodedWord(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const pieces: string[] = [];
  let piece = "";
  for (const letter of text) {
    if (Buffer.byteLength(piece + letter) > 45) {
      pieces.push(piece);
      piece = "";
    }
    piece += letter;
  }
  return [...pieces, piece].map((part) => `=?UTF-8?B?${Buffer.from(part).toString("base64")}?=`).join(" ");
}
