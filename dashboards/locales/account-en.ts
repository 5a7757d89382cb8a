/** Texts of sign-in, accounts and settings, in English. */
import type { Plural } from "./shape.ts";

export const accountEn = {
  messages: {},
  plurals: {},
} as const satisfies { readonly messages: Record<string, string>; readonly plurals: Record<string, Plural> };
