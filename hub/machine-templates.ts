/**
 * What a kind of machine usually needs: thresholds of its power, times of its interlock (domain.md §4.3, §4.8). Proposals only, and
 * never for risk or cut hazard: those a person chooses for the very machine (domain.md D4).
 */
import { ancillaryDefaults, cycleProfiles, leaseDefaults } from "#core";

export const templateNames = ["laser", "fdm", "cnc", "saw"] as const;
export type MachineTemplateName = (typeof templateNames)[number];
export type MachineTemplate = {
  readonly attendance: "attended" | "unattended_ok" | "unattended_after_start";
  readonly leaseMs: number;
  readonly idleMs: number;
  readonly enableMs: number;
  readonly graceMs: number;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
};

const thresholds = (profile: MachineTemplateName): MachineTemplate["settings"] => {
  const { onW, offW, minOnMs, minOffMs } = cycleProfiles[profile];
  return { profile, onW, offW, minOnMs, minOffMs };
};

export function templateOf(name: MachineTemplateName): MachineTemplate {
  switch (name) {
    case "laser":
      return {
        attendance: "attended",
        ...leaseDefaults.laser,
        settings: { ...thresholds("laser"), ancillaryRunOnMs: ancillaryDefaults.laser.runOnMs },
      };
    case "fdm":
      return {
        attendance: "unattended_after_start",
        ...leaseDefaults.fdm,
        settings: thresholds("fdm"),
      };
    case "cnc":
      return { attendance: "attended", ...leaseDefaults.cnc, settings: thresholds("cnc") };
    case "saw":
      return {
        attendance: "attended",
        ...leaseDefaults.saw,
        settings: { ...thresholds("saw"), ancillaryRunOnMs: ancillaryDefaults.saw.runOnMs },
      };
  }
}
