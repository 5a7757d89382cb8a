/** Texts of the pages of a member, in Norwegian. */
import type { meEn } from "./me-en.ts";
import type { Area } from "./shape.ts";

export const meNb: Area<typeof meEn> = {
  messages: {},
  plurals: {},
};
