/** Texts of walls and kiosk, in Latvian. */

import type { Area } from "./shape.ts";
import type { wallEn } from "./wall-en.ts";

export const wallLv: Area<typeof wallEn> = {
  messages: {},
  plurals: {},
};
