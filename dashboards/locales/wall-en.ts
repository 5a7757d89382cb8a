/** Texts of walls and kiosk, in English. */
import type { Plural } from "./shape.ts";

export const wallEn = {
  messages: {},
  plurals: {},
} as const satisfies { readonly messages: Record<string, string>; readonly plurals: Record<string, Plural> };
