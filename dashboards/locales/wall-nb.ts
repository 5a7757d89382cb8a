/** Texts of walls and kiosk, in Norwegian. */

import type { Area } from "./shape.ts";
import type { wallEn } from "./wall-en.ts";

export const wallNb: Area<typeof wallEn> = {
  messages: {},
  plurals: {},
};
