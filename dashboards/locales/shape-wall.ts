/** The shapes of the texts of walls and desks: the keys of English. */
import type { kiosk } from "./kiosk-en.ts";
import type { status } from "./status-en.ts";
import type { wall } from "./wall-en.ts";

export type StatusWords = Readonly<Record<keyof typeof status, string>>;
export type WallWords = Readonly<Record<keyof typeof wall, string>>;
export type KioskWords = Readonly<Record<keyof typeof kiosk, string>>;
