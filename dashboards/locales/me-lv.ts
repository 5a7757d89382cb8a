/** Texts of the pages of a member, in Latvian. */
import type { meEn } from "./me-en.ts";
import type { Area } from "./shape.ts";

export const meLv: Area<typeof meEn> = {
  messages: {},
  plurals: {},
};
