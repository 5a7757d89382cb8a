/**
 * What a space may change of the constants of its doors, machines, readers, nodes and hub (domain.md §4.8), each with its limits and
 * its unit in the name. The constants themselves are in core/defaults.ts. Read where a setting is given and where it acts.
 */
import * as z from "zod";

const ms = (min: number, max: number) => z.int().min(min).max(max).exactOptional();
const count = (min: number, max: number) => z.int().min(min).max(max).exactOptional();
const watts = z.number().min(0).max(100_000).exactOptional();

/** A card reader and the conversations at it, at doors and machines alike (domain.md §4.6). */
const reader = {
  readerLostMs: ms(100, 5000),
  readerSameCardMs: ms(0, 30_000),
  readerHoldMs: ms(1000, 10_000),
  readerConfirmMs: ms(3000, 60_000),
  readerDoubleMs: ms(500, 10_000),
  readerBeforeBootMs: ms(0, 30_000),
  readerRemovalMs: ms(100, 30_000),
  penaltyTries: count(1, 255),
  penaltyWithinMs: ms(1000, 3_600_000),
  penaltyMs: ms(1000, 255_000),
  /** time for the next person: company, hand-over, a check, the student of a sign-off */
  windowMs: ms(5000, 120_000),
  studentMs: ms(10_000, 600_000),
  undoMs: ms(0, 3_600_000),
  freshMs: ms(0, 600_000),
};

/** How this one door is built. */
const thisDoor = {
  lock: z.enum(["strike", "maglock", "motor"]).exactOptional(),
  rex: z.enum(["none", "unlocks", "shunts"]).exactOptional(),
  relock: z.enum(["onOpen", "onClose", "timer"]).exactOptional(),
  siren: z.boolean().exactOptional(),
};
const door = {
  preAlarmMs: ms(0, 60_000),
  forcedToleranceMs: ms(0, 5000),
  rexShuntMs: ms(1000, 30_000),
  relockOpenMs: ms(0, 10_000),
  relockCloseMs: ms(0, 10_000),
  motorTimeoutMs: ms(1000, 120_000),
  firstPersonIn: z.boolean().exactOptional(),
};

/** What this one machine is, and how its figures are read. */
const thisMachine = {
  /** thresholds of this kind of machine; single ones below win */
  profile: z.enum(["fdm", "laser", "cnc", "sewing", "saw"]).exactOptional(),
  onW: watts,
  offW: watts,
  minOnMs: ms(0, 600_000),
  minOffMs: ms(0, 3_600_000),
  busyHoldMs: ms(0, 3_600_000),
  weldW: watts,
  maxOnMs: ms(60_000, 604_800_000),
  coolDownC: z.number().min(0).max(300).exactOptional(),
  coolDownMs: ms(0, 3_600_000),
  fireWatchMs: ms(60_000, 3_600_000),
  stillHereMs: ms(60_000, 14_400_000),
  /** the times that are usual for this kind of extraction or cooling; without it, what the profile says */
  ancillary: z.enum(["laser", "saw", "chiller"]).exactOptional(),
  keepInFire: z.boolean().exactOptional(),
  /** for the month's figures: a heater that is switched many times a minute, as a kiln's */
  heater: z.boolean().exactOptional(),
  /** for the month's figures: nothing enforces it, or it stays on by policy */
  enforced: z.boolean().exactOptional(),
  leftPowered: z.boolean().exactOptional(),
  leftOnAfterMs: ms(0, 86_400_000),
};
const machine = {
  maxGapMs: ms(1500, 60_000),
  askGiveUpMs: ms(2500, 30_000),
  startGuardMs: ms(0, 30_000),
  chatterMs: ms(0, 60_000),
  graceBeepMs: ms(1000, 300_000),
  leaseWarnMs: ms(0, 300_000),
  coolDownMsMax: ms(0, 14_400_000),
  stopWarnMs: ms(0, 60_000),
  endGraceMsMax: ms(0, 600_000),
  maxOverrunMs: ms(0, 14_400_000),
  meterLostMs: ms(1000, 600_000),
  weldMs: ms(500, 60_000),
  verifyOffMs: ms(500, 30_000),
  stopPulseVerifyMs: ms(500, 30_000),
  stopPulseTries: count(1, 10),
  leaveMs: ms(1000, 15_000),
  companionMs: ms(30_000, 3_600_000),
  supervisorMs: ms(60_000, 14_400_000),
  stillHereAnswerMs: ms(30_000, 3_600_000),
  unattributedMs: ms(60_000, 86_400_000),
  closingAheadMs: ms(0, 14_400_000),
  /** minutes before the end of the permission at which it is said, as in "15/5/2/0" */
  warnAheadMin: z
    .string()
    .regex(/^\d{1,2}(\/\d{1,2}){0,5}$/, 'minutes such as "15/5/2/0"')
    .exactOptional(),
  ancillaryReadyMs: ms(0, 600_000),
  ancillaryRunOnMs: ms(0, 3_600_000),
};

/** A node and its link, whatever hangs on it; `askSoftMs` never reaches `askHardMs`. */
const node = {
  heartbeatMs: ms(5000, 60_000),
  backoffMinMs: ms(100, 60_000),
  backoffMaxMs: ms(1000, 600_000),
  ackLimitMs: ms(1000, 60_000),
  hubLossMs: ms(1000, 60_000),
  /** from the next connection on */
  mqttKeepaliveMs: ms(5000, 300_000),
  askSoftMs: ms(100, 2500),
  askHardMs: ms(2500, 5000),
  failFastMs: ms(0, 600_000),
  watchdogMs: ms(30_000, 3_600_000),
};

/** The hub itself; a node is late before it is lost. */
const hub = {
  suspectAfter: z.number().min(1.5).max(3).exactOptional(),
  lostAfter: z.number().min(3).max(20).exactOptional(),
  syncMs: ms(5000, 300_000),
  persistBudgetMs: ms(500, 5000),
  presenceExpireMs: ms(3_600_000, 86_400_000),
  /** how long after a month members may ask for corrections of it */
  correctionMs: ms(0, 31_622_400_000),
  /** how long an order that opens, energises or clears a fault is good for; any other one */
  commandTtlPermissiveMs: ms(1000, 10_000),
  commandTtlMs: ms(2000, 60_000),
};

export const doorSettings = z.object({ ...thisDoor, ...door, ...reader });
export const machineSettings = z.object({ ...thisMachine, ...machine, ...reader });
export const nodeSettings = z.object(node);
/** What holds for the whole space; a door's or machine's own setting wins over it. */
export const siteSettings = z.object({ ...door, ...machine, ...reader, ...node, ...hub });

export type ReaderSettings = { readonly [Key in keyof typeof reader]?: number };
export type DoorSettings = Readonly<z.infer<typeof doorSettings>>;
export type MachineSettings = Readonly<z.infer<typeof machineSettings>>;
export type NodeSettings = Readonly<z.infer<typeof nodeSettings>>;
export type SiteSettings = Readonly<z.infer<typeof siteSettings>>;
export type GivenSettings = Readonly<Record<string, unknown>>;

const schemas = { door: doorSettings, machine: machineSettings, node: nodeSettings, site: siteSettings } as const;
export type SettingsOf = keyof typeof schemas;

/** What is wrong with these settings of a door, machine, node or space: one sentence, or null. A setting of null is being taken away. */
export function settingsProblem(of: SettingsOf, given: GivenSettings): string | null {
  const known: Readonly<Record<string, z.ZodType>> = schemas[of].shape;
  for (const [name, value] of Object.entries(given)) {
    if (value === null) continue;
    const type = Object.hasOwn(known, name) ? known[name] : undefined;
    if (type === undefined) return `${name}: a ${of} has no such setting; hub/README.md lists them`;
    const parsed = type.safeParse(value);
    if (!parsed.success) return `${name}: ${parsed.error.issues[0]?.message}`;
  }
  return null;
}

/**
 * Those of the settings that a door, machine, node or space has and that are within their limits. A node may be older than its hub or the
 * other way round: what one does not know it passes over, and a setting that is no good takes no other one with it.
 */
export function settingsFrom<Of extends SettingsOf>(of: Of, given: GivenSettings | undefined): Readonly<z.infer<(typeof schemas)[Of]>> {
  const fine = Object.entries(given ?? {}).filter(([name, value]) => settingsProblem(of, { [name]: value }) === null && value !== null);
  return Object.fromEntries(fine) as Readonly<z.infer<(typeof schemas)[Of]>>;
}
