/** What a site may change about a machine: in the node's file or from the hub. Anything else in the settings is ignored. */
import * as z from "zod";
import { minute } from "#contract";
import { type CycleProfile, cycleProfiles, type InterlockConfig, interlockDefaults } from "#core";
import { readerSettings } from "../kit/reader-settings.ts";

const ms = (min: number, max: number) => z.int().min(min).max(max).exactOptional();
const watts = z.number().min(0).max(100_000).exactOptional();
const profileNames = ["fdm", "laser", "cnc", "sewing", "saw"] as const;

export const machineSettings = z.object({
  /** thresholds of this kind of machine; single ones below win */
  profile: z.enum(profileNames).exactOptional(),
  onW: watts,
  offW: watts,
  minOnMs: ms(0, 600_000),
  minOffMs: ms(0, 3_600_000),
  busyHoldMs: ms(0, 3_600_000),
  maxGapMs: ms(1500, 60_000),
  askLocalMs: ms(100, 2500),
  askGiveUpMs: ms(2500, 30_000),
  weldW: watts,
  coolDownMs: ms(0, 3_600_000),
  startGuardMs: ms(0, 30_000),
  chatterMs: ms(0, 60_000),
  graceBeepMs: ms(1000, 300_000),
  leaseWarnMs: ms(0, 300_000),
  maxOnMs: ms(60_000, 604_800_000),
  coolDownC: z.number().min(0).max(300).exactOptional(),
  coolDownMsMax: ms(0, 14_400_000),
  stopWarnMs: ms(0, 60_000),
  endGraceMsMax: ms(0, 600_000),
  maxOverrunMs: ms(0, 14_400_000),
  meterLostMs: ms(1000, 600_000),
  weldMs: ms(500, 60_000),
  verifyOffMs: ms(500, 30_000),
  stopPulseVerifyMs: ms(500, 30_000),
  stopPulseTries: z.int().min(1).max(10).exactOptional(),
  leaveMs: ms(1000, 15_000),
  companionMs: ms(30_000, 3_600_000),
  supervisorMs: ms(60_000, 14_400_000),
  stillHereMs: ms(60_000, 14_400_000),
  stillHereAnswerMs: ms(30_000, 3_600_000),
  unattributedMs: ms(60_000, 86_400_000),
  fireWatchMs: ms(60_000, 3_600_000),
  closingAheadMs: ms(0, 14_400_000),
  /** minutes before the end of the permission at which it is said, as in "15/5/2/0" */
  warnAheadMin: z
    .string()
    .regex(/^\d{1,2}(\/\d{1,2}){0,5}$/, 'minutes such as "15/5/2/0"')
    .exactOptional(),
  /** the times that are usual for this kind of extraction or cooling; without it, what the profile says */
  ancillary: z.enum(["laser", "saw", "chiller"]).exactOptional(),
  ancillaryReadyMs: ms(0, 600_000),
  ancillaryRunOnMs: ms(0, 3_600_000),
  keepInFire: z.boolean().exactOptional(),
  ...readerSettings,
});
export type MachineSettings = Readonly<z.infer<typeof machineSettings>>;

/** The thresholds of the power-cycle detector. */
export function profileOf(settings: MachineSettings): CycleProfile {
  const base: CycleProfile = cycleProfiles[settings.profile ?? "laser"];
  const { onW, offW, minOnMs, minOffMs, busyHoldMs, maxGapMs } = settings;
  return { ...base, ...given({ onW, offW, minOnMs, minOffMs, busyHoldMs, maxGapMs }) };
}

/** The interlock's own constants out of the settings: every one that has the same name there. */
export function interlockSettings(settings: MachineSettings): Partial<InterlockConfig> {
  const own = Object.fromEntries(Object.entries(settings).filter(([name]) => name in interlockDefaults && name !== "ancillary"));
  const { warnAheadMin } = settings;
  const warnAheadMs = warnAheadMin?.split("/").map((left) => Number(left) * minute);
  return given({ ...(own as Partial<InterlockConfig>), warnAheadMs });
}

function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
