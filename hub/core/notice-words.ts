/** Notices in words: what each language has to say, complete or it does not compile. */
import type { Locale } from "./access/explain.ts";
import type { NoticeKind, NoticeTopic } from "./notice-topics.ts";
import { en } from "./notice-words-en.ts";
import { lv } from "./notice-words-lv.ts";
import { nb } from "./notice-words-nb.ts";
import { sv } from "./notice-words-sv.ts";

/** `{label}` the machine, door, course …; `{until}` a local time, `{day}` a date, `{count}` how often. */
export type NoticeWords = {
  /** one line, and what to do next, for each kind */
  readonly kinds: Readonly<Record<NoticeKind, readonly [title: string, next: string]>>;
  /** name of a topic where it is switched, and why somebody gets it */
  readonly topics: Readonly<Record<NoticeTopic, readonly [name: string, why: string]>>;
  readonly took: string;
  readonly parts: string;
  readonly stop: string;
  /** where it cannot be switched off */
  readonly mustStay: string;
  /** title of several in one */
  readonly digest: string;
};
export const noticeWords: Readonly<Record<Locale, NoticeWords>> = { en, lv, sv, nb };
