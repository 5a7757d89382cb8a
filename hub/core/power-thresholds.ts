/** The thresholds by which a machine's power is classified, out of its settings. */
import { cycleProfiles } from "./defaults.ts";
import type { PowerClasses } from "./power-class.ts";

/** Least lasting times where no profile names them, and the edge of being powered at all (reports.md §3). */
const general = { workMs: 5000, restMs: 15_000, poweredMs: 15_000, offMs: 30_000, poweredW: 5, offW: 1 } as const;

/** Kilns, irons and hot beds are on and off many times a minute while they work (reports.md §3). */
const heaterWindowMs = 60_000;

/** Null where nobody has said from what power on the machine works: then its use is unknown, not zero. */
export function powerClassesOf(settings: Readonly<Record<string, number | string | boolean>>): PowerClasses | null {
  const profile = isProfile(settings.profile) ? cycleProfiles[settings.profile] : undefined;
  const number = (name: string): number | undefined => (typeof settings[name] === "number" ? settings[name] : undefined);
  const workW = number("onW") ?? profile?.onW;
  if (workW === undefined || workW <= 0) return null;
  // ±10 %, at least ±2 W, where only one threshold is known
  const restW = Math.min(workW, number("offW") ?? profile?.offW ?? workW - Math.max(2, workW * 0.1) * 2);
  const poweredW = Math.min(general.poweredW, Math.max(restW, workW / 2));
  return {
    poweredW,
    offW: Math.min(general.offW, poweredW / 2),
    workW,
    restW: Math.max(restW, poweredW / 2),
    workMs: number("minOnMs") ?? profile?.minOnMs ?? general.workMs,
    restMs: number("minOffMs") ?? profile?.minOffMs ?? general.restMs,
    poweredMs: general.poweredMs,
    offMs: general.offMs,
    ...(settings.heater === true ? { windowMs: heaterWindowMs } : {}),
  };
}

const isProfile = (name: unknown): name is keyof typeof cycleProfiles => typeof name === "string" && Object.hasOwn(cycleProfiles, name);
