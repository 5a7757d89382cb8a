/** From a machine's settings (contract/settings.ts) to the constants of its detector and its interlock. */
import { type MachineSettings, minute } from "#contract";
import { type CycleProfile, cycleProfiles, type InterlockConfig, interlockDefaults } from "#core";

/** The thresholds of the power-cycle detector. Rest lies below work, and nothing counts as work for longer than it takes to end a run. */
export function profileOf(settings: MachineSettings): CycleProfile {
  const base: CycleProfile = cycleProfiles[settings.profile ?? "laser"];
  const { onW = base.onW, offW = base.offW, minOnMs = base.minOnMs, minOffMs = base.minOffMs, maxGapMs = base.maxGapMs } = settings;
  const busyHoldMs = Math.min(settings.busyHoldMs ?? minOffMs, minOffMs);
  return { onW, offW: Math.min(offW, onW), minOnMs, minOffMs, maxGapMs, busyHoldMs };
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
