/**
 * Every constant with its source (domain.md §4.8). Durations in ms, power in W. What a door, machine, node or space may replace, and
 * within which limits, is in contract/settings.ts and in the fields of its policy.
 */
import { day, hour, minute, second } from "#contract";
import type { CycleProfile } from "./cycle.ts";
import type { DoorConfig } from "./door-types.ts";
import type { InterlockConfig } from "./interlock-types.ts";
import type { NodeLinkConfig } from "./node-link.ts";
import type { ReaderConfig } from "./reader.ts";

const heartbeatMs = 10 * second; // Decatur
/** the hub's view of a node's connection; lost after three heartbeats: Fabman */
export const nodeLinkDefaults: NodeLinkConfig = { heartbeatMs, suspectAfter: 2.5, lostAfter: 3, syncMs: 30 * second };
/** the node's own view of it */
export const nodeTimes = {
  heartbeatMs,
  backoffMinMs: 1 * second, // our assumption, with the next
  backoffMaxMs: 60 * second,
  ackLimitMs: 5 * second, // our assumption
  hubLossMs: 5 * second, // FOM
  mqttKeepaliveMs: 15 * second, // our assumption
  askSoftMs: 700, // from when on the offline policy may act: D1
  askHardMs: 2500, // until when an answer counts: D1
  failFastMs: 45 * second, // how long a silent hub is not asked again: FOM
  watchdogMs: 90 * second, // without a word from the hub it starts again: DM
} as const;
export type NodeTimes = { readonly [Key in keyof typeof nodeTimes]: number };

/** A door with strike, contact and an exit button beside a mechanical handle. */
export const doorDefaults: DoorConfig = {
  lock: "strike",
  hasContact: true,
  rex: "shunts",
  relock: "onOpen",
  strikeMs: 5 * second, // MSL 5–8 s, SpaceDeur 10 s; range 1–30
  shuntMs: 30 * second, // our assumption; range 10–600
  preAlarmMs: 10 * second, // our assumption
  forcedToleranceMs: 2 * second, // slow opener after the strike time is no burglar (F5); range 0–5 s
  rexShuntMs: 5 * second, // ICT
  relockOpenMs: 500, // our assumption
  relockCloseMs: 300, // our assumption
  motorTimeoutMs: 30 * second, // §4.1
  firstPersonIn: true,
  siren: false,
};

/** A machine with a held relay, auxiliary contact and no ancillary. Risk, cut hazard and fail mode have no default (D4): `cutHazard` is given. */
export const interlockDefaults: Omit<InterlockConfig, "cutHazard" | "attendance"> = {
  permitKind: "hold",
  hasAux: true,
  hasMeter: true,
  ancillary: null,
  accessories: [],
  hasController: false,
  insertReader: false,
  askLocalMs: nodeTimes.askSoftMs,
  askGiveUpMs: 5 * second, // MSL
  startGuardMs: 3 * second, // our assumption: prevents a bounce tap-out
  chatterMs: 5 * second, // our assumption
  leaseWarnMs: 30 * second, // TYL
  endGraceMsMax: 30 * second, // §4.2
  graceBeepMs: 30 * second, // FOM
  stopWarnMs: 10 * second, // §4.2 STOP10
  coolDownMs: 0, // FDM 600 s quiet (our assumption)
  coolDownC: null, // FDM 50 °C (PSU)
  coolDownMsMax: 30 * minute, // S34: a bed left hot by hand
  weldW: 20, // our assumption: above any controller's standby on the switched side
  weldMs: 3 * second, // §4.2
  verifyOffMs: 1 * second, // §4.2
  stopPulseVerifyMs: 2 * second, // §4.2 latching (d)
  stopPulseTries: 3, // §4.2 latching (d)
  maxOverrunMs: 30 * minute, // §4.2 holdPolicy fixed
  maxOnMs: null, // §4.2 latching (e): kiln 24 h, print 48 h
  meterLostMs: 60 * second, // §4.2
  leaveMs: 3500, // our assumption: a hold takes 3 s
  companionMs: 5 * minute, // S32
  supervisorMs: 30 * minute, // §3.6
  stillHereMs: null, // §4.2: class A attended 20 min
  stillHereAnswerMs: 5 * minute, // our assumption, as S32
  unattributedMs: 10 * minute, // S37
  fireWatchMs: null, // §4.2: class-A laser 10 min
  warnAheadMs: [15 * minute, 5 * minute, 2 * minute, 0], // §3.6: training −15 and −2, booking −15, −5, −0
  closingAheadMs: 60 * minute, // Fabman warns one hour ahead
};

/** What a kind of machine changes of the above (§4.2, class-specific notes). */
export const machineKindDefaults: Readonly<Record<"fdm" | "laser" | "cnc" | "sewing" | "saw", Partial<InterlockConfig>>> = {
  fdm: { coolDownC: 50, coolDownMs: 10 * minute }, // PSU; 10 min below offW without a controller (our assumption)
  laser: { fireWatchMs: 10 * minute }, // our assumption
  cnc: {},
  sewing: {},
  saw: {},
};
/** What a risk class changes: nobody leaves a dangerous machine that is at work. */
export const riskClassDefaults: Readonly<Record<"A" | "B" | "C", Partial<InterlockConfig>>> = {
  A: { stillHereMs: 20 * minute }, // our assumption
  B: {},
  C: {},
};

/** Later layers win: the register, what the kind of machine and its class say, the site's node file, the hub's word on this machine. */
export function layered<T extends object>(base: T, ...layers: readonly Partial<T>[]): T {
  return Object.assign({}, base, ...layers);
}

/** The register's values under what a space has set of them; other settings are nothing to it. */
export function registerWith<T extends object>(register: T, settings: object): T {
  const own = Object.entries(settings).filter(([name]) => name in register);
  return own.length === 0 ? register : { ...register, ...Object.fromEntries(own) };
}

export const readerDefaults: ReaderConfig = {
  lostMs: 350, // RDM6300 repeats every 65 ms
  sameCardMs: 1 * second, // §4.6
  holdMs: 3 * second,
  confirmMs: 10 * second, // FabOMatic's long tap
  doubleMs: 2 * second,
  beforeBootMs: 1 * second, // our assumption
  insert: false,
  removalMs: 1 * second, // MakeACS
};
/** 5 refusals in 60 s silence a reader for 30 s (Matter WrongCodeEntryLimit). */
export const readerPenalty = { tries: 5, withinMs: 60 * second, penaltyMs: 30 * second };
export type ReaderPenalty = Readonly<typeof readerPenalty>;
/** Conversations at a reader: time for the next person, for the student of a teach, to take a sign-off back; how long a session is fresh. */
export const dialogueTimes = { windowMs: 15 * second, studentMs: 60 * second, undoMs: 10 * minute, freshMs: 60 * second }; // §3.6
export type DialogueTimes = Readonly<typeof dialogueTimes>;
/** how long a reader waits for the card that is to be enrolled (R30): Fabman's 15 s, and the way from the desk to the reader */
export const captureMs = 30 * second;

/** Two answers of a meter asked every second may be lost; at the third it is silent (devices/machine/metering.ts). */
const maxGapMs = 3500;
/** Measured on synthetic traces, shape evidence only (domain.md §4.3). */
export const cycleProfiles = {
  fdm: { onW: 30, offW: 20, minOnMs: 20 * second, minOffMs: 180 * second, maxGapMs, busyHoldMs: 180 * second },
  laser: { onW: 180, offW: 95, minOnMs: 2 * second, minOffMs: 20 * second, maxGapMs, busyHoldMs: 20 * second },
  cnc: { onW: 220, offW: 160, minOnMs: 10 * second, minOffMs: 180 * second, maxGapMs, busyHoldMs: 180 * second },
  sewing: { onW: 22, offW: 16, minOnMs: 1 * second, minOffMs: 300 * second, maxGapMs, busyHoldMs: 300 * second },
  saw: { onW: 200, offW: 60, minOnMs: 1 * second, minOffMs: 8 * second, maxGapMs, busyHoldMs: 8 * second },
} as const satisfies Record<string, CycleProfile>;

/** Leases and timers of a permit by kind of machine; `other` holds where nobody names the kind. */
export const leaseDefaults = {
  saw: { leaseMs: 15 * minute, idleMs: 35 * minute, graceMs: 90 * second, enableMs: 30 * second }, // lease TYL; idle, enable MSL; grace FOM
  laser: { leaseMs: 15 * minute, idleMs: 20 * minute, graceMs: 90 * second, enableMs: 120 * second },
  cnc: { leaseMs: 15 * minute, idleMs: 30 * minute, graceMs: 90 * second, enableMs: 120 * second },
  /** §4.8 names no idle limit: a print is work, and what a finished one leaves on goes off as at PSU; no print may end by a lease */
  fdm: { leaseMs: 12 * hour, idleMs: 30 * minute, graceMs: 90 * second, enableMs: 120 * second },
  /** idle is not in §4.8 (our assumption): a machine that nobody described is not left on for long */
  other: { leaseMs: 15 * minute, idleMs: 15 * minute, graceMs: 90 * second, enableMs: 120 * second },
} as const;
/** a machine that somebody has booked keeps others off from `leadMs` before; who has not come by `noShowMs` after has lost it */
export const bookingDefaults = { leadMs: 5 * minute, noShowMs: 15 * minute } as const; // our assumption

/** Extraction: ready within / runs on after. UVA, CUCFL, MSL. */
export const ancillaryDefaults = {
  laser: { required: true, readyMs: 60 * second, runOnMs: 60 * second, keepInFire: false },
  saw: { required: true, readyMs: 60 * second, runOnMs: 8 * second, keepInFire: false },
  chiller: { required: true, readyMs: 60 * second, runOnMs: 300 * second, keepInFire: false },
} as const;

/** how long a level must stay to count */
export const debounceTimes = { doorContactMs: 150, contactMs: 50, buttonMs: 30 } as const; // our assumption

export const accessDefaults = {
  staleMs: 10 * second, // R03
  takeoverIdleMs: 120 * second, // R65
  extendedShuntMs: 120 * second, // how long a door may stand open after a member who needs more time: SPE; range 10–600 s
  minUsefulMs: 120 * second, // R53
  warnAheadMs: 14 * day, // our assumption
  bookingWarnMs: 1 * hour, // our assumption
  classAConcurrent: 1, // §3.6
  /** people one supervisor may watch over, by risk class: §3.6; B our assumption, between its neighbours */
  supervised: { A: 1, B: 3, C: 6 },
  /** a clock this far behind the floor is slow; further behind it is wrong (holdover's error bound, §3.4) */
  floorSlackMs: 120 * second,
} as const;

/** A node's time that differs from the hub's by more than this is corrected, and counted (reports.md G15). */
export const clockOffMs = 2 * second;

export const hubDefaults = {
  reachMs: 2 * second, // D1: a connected node knows every change by then
  persistBudgetMs: 2 * second, // DM: then the disk counts as stalled, and nobody gets a late grant
  presenceExpireMs: 14 * hour, // our assumption
  correctionMs: 14 * day, // after the month: as Waterloo
  commandTtlPermissiveMs: 3 * second, // what opens, energises or clears a fault: our assumption
  commandTtlMs: 10 * second, // everything else: our assumption
} as const;
export const offlineMaxAgeMs = { door: 7 * day, C: 7 * day, B: 48 * hour, A: 48 * hour } as const; // MSL 2 d, Openpath ≤ 30 d
