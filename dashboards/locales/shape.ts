/** The shape every language has: the keys of English. Latvian needs `zero` (0, 10–20, 30 …) besides `one` and `other`. */
import type { Code } from "#contract";
import type { messages, plurals } from "./en.ts";

export type Plural = { readonly zero?: string; readonly one: string; readonly other: string };
export type MessageKey = keyof typeof messages;
export type PluralKey = keyof typeof plurals;
/** The texts of one area of the pages in a further language: the keys its English file has. */
export type Area<E extends { readonly messages: object; readonly plurals: object }> = {
  readonly messages: Readonly<Record<keyof E["messages"], string>>;
  readonly plurals: Readonly<Record<keyof E["plurals"], Plural>>;
};
/** Why, and what to do next; the second is empty for grants. */
export type ReasonText = readonly [why: string, next: string];
export type Reasons = Readonly<Record<Code, ReasonText>>;
export type Locale = {
  readonly messages: Readonly<Record<MessageKey, string>>;
  readonly plurals: Readonly<Record<PluralKey, Plural>>;
  readonly reasons: Reasons;
};
