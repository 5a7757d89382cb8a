/** Texts of the pages of a member, in English. */
import type { Plural } from "./shape.ts";

export const meEn = {
  messages: {},
  plurals: {},
} as const satisfies { readonly messages: Record<string, string>; readonly plurals: Record<string, Plural> };
