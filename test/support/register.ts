/**
 * From where each key of the register (core/defaults.ts) is replaced: by a setting (contract/settings.ts), by a field of a policy or by
 * the wiring in `node.yaml`; or why not at all. The table in hub/README.md is made of it, and a test walks it on real parts.
 */
import { doorSettings, machineSettings, nodeSettings, siteSettings } from "#contract";
import * as core from "#core";

/** Every part of the register by its name in core/defaults.ts. */
export const register = {
  nodeTimes: core.nodeTimes,
  nodeLinkDefaults: core.nodeLinkDefaults,
  doorDefaults: core.doorDefaults,
  interlockDefaults: core.interlockDefaults,
  machineKindDefaults: core.machineKindDefaults,
  riskClassDefaults: core.riskClassDefaults,
  readerDefaults: core.readerDefaults,
  readerPenalty: core.readerPenalty,
  dialogueTimes: core.dialogueTimes,
  captureMs: core.captureMs,
  cycleProfiles: core.cycleProfiles,
  leaseDefaults: core.leaseDefaults,
  bookingDefaults: core.bookingDefaults,
  ancillaryDefaults: core.ancillaryDefaults,
  debounceTimes: core.debounceTimes,
  accessDefaults: core.accessDefaults,
  hubDefaults: core.hubDefaults,
  offlineMaxAgeMs: core.offlineMaxAgeMs,
} as const;

type Leaf = number | string | boolean | null | readonly unknown[];
/** Each key as a path, such as `doorDefaults.preAlarmMs`, with its value. */
export function keysOfRegister(part: unknown = register, path = ""): [string, Leaf][] {
  if (typeof part !== "object" || part === null || Array.isArray(part)) return [[path, part as Leaf]];
  return Object.entries(part).flatMap(([name, inner]) => keysOfRegister(inner, path === "" ? name : `${path}.${name}`));
}

/** Settings that have another name in the register than here. */
const renamed: Readonly<Record<string, string>> = {
  readerLostMs: "readerDefaults.lostMs",
  readerSameCardMs: "readerDefaults.sameCardMs",
  readerHoldMs: "readerDefaults.holdMs",
  readerConfirmMs: "readerDefaults.confirmMs",
  readerDoubleMs: "readerDefaults.doubleMs",
  readerBeforeBootMs: "readerDefaults.beforeBootMs",
  readerRemovalMs: "readerDefaults.removalMs",
  penaltyTries: "readerPenalty.tries",
  penaltyWithinMs: "readerPenalty.withinMs",
  penaltyMs: "readerPenalty.penaltyMs",
  warnAheadMin: "interlockDefaults.warnAheadMs",
  askSoftMs: "nodeTimes.askSoftMs",
};
const perKind = { ancillaryReadyMs: "readyMs", ancillaryRunOnMs: "runOnMs", keepInFire: "keepInFire" } as const;
/** Facts of a place that replace nothing: what it is, and how its figures are read. */
export const ofItself = ["profile", "ancillary", "heater", "enforced", "leftPowered", "leftOnAfterMs"];

/** The keys of the register that a setting replaces. */
export function keysOf(setting: string): string[] {
  const found = keysOfRegister().map(([key]) => key);
  if (ofItself.includes(setting)) return [];
  const own = renamed[setting];
  if (own !== undefined) return [own, ...(setting === "askSoftMs" ? ["interlockDefaults.askLocalMs"] : [])];
  if (setting in perKind)
    return found.filter((key) => key.startsWith("ancillaryDefaults.") && key.endsWith(`.${perKind[setting as "keepInFire"]}`));
  return found.filter((key) => key.endsWith(`.${setting}`) && !/^(leaseDefaults|readerPenalty|readerDefaults|debounceTimes)\./.test(key));
}

const policy: Readonly<Record<string, string>> = {
  "doorDefaults.strikeMs": "strikeMs",
  "doorDefaults.shuntMs": "shuntMs",
  "bookingDefaults.leadMs": "booking.leadMs",
  "bookingDefaults.noShowMs": "booking.noShowMs",
  "accessDefaults.minUsefulMs": "minUsefulMs",
  "accessDefaults.takeoverIdleMs": "takeoverIdleMs",
  "accessDefaults.extendedShuntMs": "extendedShuntMs",
};
/** The field of a door's or machine's policy that replaces a key, or undefined. */
export function policyOf(key: string): string | undefined {
  if (key.startsWith("leaseDefaults.")) return key.split(".").at(-1);
  if (key.startsWith("offlineMaxAgeMs.")) return "offlineMaxAgeMs";
  if (key.startsWith("accessDefaults.supervised.")) return "supervisorLimit";
  return policy[key];
}

const byWiring = "`node.yaml`: what is wired says it";
/** What nobody replaces by a setting, with the reason. */
const fixed: Readonly<Record<string, string>> = {
  "doorDefaults.hasContact": byWiring,
  "interlockDefaults.permitKind": byWiring,
  "interlockDefaults.hasAux": byWiring,
  "interlockDefaults.hasMeter": byWiring,
  "interlockDefaults.ancillary": byWiring,
  "interlockDefaults.accessories": byWiring,
  "interlockDefaults.hasController": byWiring,
  "interlockDefaults.insertReader": byWiring,
  "readerDefaults.insert": byWiring,
  "debounceTimes.doorContactMs": "`node.yaml`: `debounceMs` of the input",
  "debounceTimes.contactMs": "`node.yaml`: `debounceMs` of the input",
  "debounceTimes.buttonMs": "`node.yaml`: `debounceMs` of the input",
  "ancillaryDefaults.laser.required": "a machine whose extraction is wired waits for it",
  "ancillaryDefaults.saw.required": "a machine whose extraction is wired waits for it",
  "ancillaryDefaults.chiller.required": "a machine whose chiller is wired waits for it",
  "hubDefaults.reachMs": "the promise of D1",
  captureMs: "terminal, hub and reader count the same window",
  "accessDefaults.staleMs": "protects from taps played again (R03)",
  "accessDefaults.floorSlackMs": "error bound of a clock (domain.md §3.4)",
  "accessDefaults.classAConcurrent": "nobody watches two class-A machines (domain.md §3.6)",
  "accessDefaults.warnAheadMs": "only says that something ends",
  "accessDefaults.bookingWarnMs": "only says that somebody has booked",
};
export const fixedReason = (key: string): string | undefined => fixed[key];
export const fixedKeys = Object.keys(fixed);

export const places = { door: doorSettings, machine: machineSettings, node: nodeSettings, site: siteSettings } as const;
/** Every setting with the places that may have it. */
export function settingNames(): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const [place, schema] of Object.entries(places))
    for (const name of Object.keys(schema.shape)) names.set(name, [...(names.get(name) ?? []), place]);
  return names;
}
