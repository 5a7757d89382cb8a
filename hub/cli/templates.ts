/**
 * What a kind of machine usually needs: thresholds of its power, times of its interlock (domain.md §4.3, §4.8). Proposals only, and
 * never for risk or cut hazard: those a person chooses for the very machine (domain.md D4).
 */
import { minute, second } from "#contract";
import { ancillaryDefaults, cycleProfiles, leaseDefaults } from "#core";

export const templateNames = ["laser", "fdm", "cnc", "saw"] as const;
export type TemplateName = (typeof templateNames)[number];
export type Template = {
  readonly attendance: "attended" | "unattended_ok" | "unattended_after_start";
  readonly leaseMs: number;
  readonly idleMs: number;
  readonly enableMs: number;
  readonly graceMs: number;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
};

const thresholds = (profile: TemplateName): Template["settings"] => {
  const { onW, offW, minOnMs, minOffMs } = cycleProfiles[profile];
  return { profile, onW, offW, minOnMs, minOffMs };
};

export function templateOf(name: TemplateName): Template {
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

/** The proposal in words, to be agreed with or overridden. */
export function templateLines(template: Template): string[] {
  const { onW, offW, minOnMs, minOffMs } = template.settings;
  return [
    `Proposed: works above ${onW} W for ${Number(minOnMs) / 1000} s, rests below ${offW} W for ${Number(minOffMs) / 1000} s,`,
    `switches off after ${template.idleMs / minute} min idle, ${template.enableMs / second} s to start, ${template.graceMs / second} s of grace, ${template.attendance}.`,
  ];
}
