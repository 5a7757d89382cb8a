/** Texts of the pages of a member, in Swedish. */
import type { meEn } from "./me-en.ts";
import type { Area } from "./shape.ts";

export const meSv: Area<typeof meEn> = {
  messages: {},
  plurals: {},
};
