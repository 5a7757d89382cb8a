/**
 * Delivers notices: each as one POST of plain text with its title in a header, which ntfy (docs.ntfy.sh/publish) and many bridges to
 * chats and mail take. What fails waits in the ledger and is tried again for a day; an address that hangs holds nobody up for long.
 */
import { noticeText } from "#core";
import type { Ledger } from "./ledger/types.ts";
import type { NoticeDue } from "./ledger/types-rows.ts";
import type { Clock, Log } from "./ports.ts";
import { everyFew, post } from "./post.ts";

/** A silent alarm is at its people within two seconds (security.md R48). */
const lookMs = 1000;

/** Looks every second for what is due. The returned function ends it, at most one attempt later. */
export function deliverNotices(ports: {
  readonly ledger: Pick<Ledger, "read" | "noteDelivery">;
  readonly clock: Clock;
  readonly log: Log;
}): () => Promise<void> {
  const { ledger, clock, log } = ports;
  const onTrouble = (error: unknown): void => log.warn({ error: String(error) }, "Notices wait: the ledger does not answer.");
  return everyFew("notices", lookMs, { clock, onTrouble }, async (ending) => {
    const { tz } = ledger.read.site();
    for (const due of ledger.read.noticesDue(clock.nowMs())) {
      const problem = await post(due.address, letter(due, tz), ending);
      if (ending.aborted) return; // not their fault: it is sent at the next start
      if (problem !== null) log.warn({ notice: due.notice, problem }, "A notice could not be delivered; it is tried again for a day.");
      await ledger.noteDelivery(due.notice, problem);
    }
  });
}

function letter({ locale, kind, facts }: NoticeDue, tz: string) {
  const { title, lines } = noticeText(locale, kind, facts, tz);
  // A header holds no letters beyond Latin-1; ntfy reads RFC 2047.
  return { headers: { "content-type": "text/plain; charset=utf-8", title: encodedWord(title) }, body: lines.join("\n") };
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
