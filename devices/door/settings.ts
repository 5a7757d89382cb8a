/** What a site may change about a door: in the node's file or from the hub. Anything else in the settings is ignored. */
import * as z from "zod";
import { readerSettings } from "../kit/reader-settings.ts";

const ms = (min: number, max: number) => z.int().min(min).max(max).exactOptional();

export const doorSettings = z.object({
  lock: z.enum(["strike", "maglock", "motor"]).exactOptional(),
  rex: z.enum(["none", "unlocks", "shunts"]).exactOptional(),
  relock: z.enum(["onOpen", "onClose", "timer"]).exactOptional(),
  strikeMs: ms(1000, 30_000),
  shuntMs: ms(10_000, 600_000),
  preAlarmMs: ms(0, 60_000),
  forcedToleranceMs: ms(0, 5000),
  rexShuntMs: ms(1000, 30_000),
  relockOpenMs: ms(0, 10_000),
  relockCloseMs: ms(0, 10_000),
  motorTimeoutMs: ms(1000, 120_000),
  siren: z.boolean().exactOptional(),
  firstPersonIn: z.boolean().exactOptional(),
  ...readerSettings,
});
export type DoorSettings = Readonly<z.infer<typeof doorSettings>>;
