/** A way on which a notice leaves the hub: one message to one address, in a bounded time; it says what went wrong and never rejects. */
import type { NoticeText } from "#core";

export type Message = {
  readonly address: string;
  readonly pushKeys: { readonly p256dh: string; readonly auth: string } | null;
  readonly text: NoticeText;
  readonly isUrgent: boolean;
  /** the same for every attempt at the same message, where the other side can tell by it */
  readonly id: string;
};
/** `problem` null: it was taken. `isGone`: nobody will read what is sent there any more. No address is ever in a sentence. */
export type Sent = { readonly problem: string | null; readonly isGone?: boolean };
export type Way = (message: Message, ending: AbortSignal) => Promise<Sent>;

/** What is longer than the other side takes is cut, with a sign of it. */
export const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
export const plain = ({ title, lines }: NoticeText): string => [title, ...lines].join("\n");
