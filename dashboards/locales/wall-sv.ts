/** Texts of walls and kiosk, in Swedish. */

import type { Area } from "./shape.ts";
import type { wallEn } from "./wall-en.ts";

export const wallSv: Area<typeof wallEn> = {
  messages: {},
  plurals: {},
};
