/** State, events and effects of one machine's interlock (domain.md §4.2). */
import type { Code, EndReason, EventBody, JobState, Permit } from "#contract";
import type { RequestKind } from "./access/types.ts";
import type { BeepPattern, Deadlines, SayKey } from "./step.ts";

export type Activity = "busy" | "idle" | "unknown";

export type InterlockConfig = {
  /** `hold`: a relay holds the permit and falls with the node. `pulse`: START and STOP are pressed, a contactor seals itself in. */
  readonly permitKind: "hold" | "pulse";
  /** an auxiliary contact or voltage input tells whether the machine is powered; without it ENABLED is ON_IDLE at once */
  readonly hasAux: boolean;
  /** a meter or status input tells busy from idle; without one the machine counts as idle */
  readonly hasMeter: boolean;
  /** never cut while busy */
  readonly cutHazard: boolean;
  readonly attendance: "attended" | "unattended_ok" | "unattended_after_start";
  readonly ancillary: {
    readonly required: boolean;
    readonly readyMs: number;
    readonly runOnMs: number;
    readonly keepInFire: boolean;
  } | null;
  /** parts of the machine with an output of their own, switched on with it where the permit says so */
  readonly accessories: readonly string[];
  /** the machine's controller tells its job and its temperature; its word on work wins over the meter's */
  readonly hasController: boolean;
  /** the reader holds the card while it is used; removal is a tap-out */
  readonly insertReader: boolean;
  readonly askLocalMs: number;
  readonly askGiveUpMs: number;
  readonly startGuardMs: number;
  readonly chatterMs: number;
  readonly leaseWarnMs: number;
  /** grace after permission ended, at most */
  readonly endGraceMsMax: number;
  readonly graceBeepMs: number;
  /** warning before an immediate lockout takes effect */
  readonly stopWarnMs: number;
  /** wait after the machine went idle before power is taken (hot end, tube), when no controller tells its temperature */
  readonly coolDownMs: number;
  /** power stays until the controller reports at most this; null = no need to wait for it */
  readonly coolDownC: number | null;
  /** … but no longer than this: somebody left it hot by hand */
  readonly coolDownMsMax: number;
  readonly weldW: number;
  readonly weldMs: number;
  readonly verifyOffMs: number;
  readonly stopPulseVerifyMs: number;
  readonly stopPulseTries: number;
  readonly maxOverrunMs: number;
  /** only alarms (latching machines); null = no limit */
  readonly maxOnMs: number | null;
  readonly meterLostMs: number;
  /** a supervisor's tap is the beginning of a hold for this long; then they have left */
  readonly leaveMs: number;
  /** somebody who has to be there is missed: the session ends unless their place is taken in time */
  readonly companionMs: number;
  /** a supervisor taps again at least so often */
  readonly supervisorMs: number;
  /** the operator is asked so often whether they are still there; null = never */
  readonly stillHereMs: number | null;
  readonly stillHereAnswerMs: number;
  /** work that nobody answers for becomes an incident after this */
  readonly unattributedMs: number;
  /** a reminder to look for embers, so long after the session; null = none */
  readonly fireWatchMs: number | null;
  /** warnings before the end of the permission, longest first; `closing` is the one before the space closes */
  readonly warnAheadMs: readonly number[];
  readonly closingAheadMs: number;
};

export type RestingKind = "boot" | "off" | "authorising" | "anc_start" | "run_on" | "bypassed" | "fault" | "fault_welded";
export type EnergisedKind = "enabled" | "on_idle" | "busy" | "grace" | "stopping" | "stop10";
export type InterlockKind = RestingKind | EnergisedKind;
export type InterlockTimer =
  | "askLocal"
  | "askGiveUp"
  | "ready"
  | "chatter"
  | "enable"
  | "idle"
  | "grace"
  | "graceBeep"
  | "lease"
  | "leaseWarn"
  | "coolDown"
  | "stop10"
  | "runOn"
  | "weld"
  | "verifyOff"
  | "maxOn"
  | "meterLost"
  | "leave"
  | "supervisor"
  | "companionGone"
  | "stillHere"
  | "stillHereGone"
  | "unattributed"
  | "fireWatch"
  | "ahead";
export type InterlockAlarm =
  | "current_while_off"
  | "verify_failed"
  | "manual_bypass"
  | "unowned_power"
  | "meter_lost"
  | "on_too_long"
  | "safety";

/** A person's responsibility for the machine, as far as the node knows it. The shell journals it while it is open. */
export type InterlockSession = {
  readonly session: string;
  readonly decision: string;
  readonly member: number;
  readonly provisional: boolean;
  /** what was asked for; its lease is renewed with the same question */
  readonly wants: RequestKind;
  readonly permit: Permit;
  readonly startedMono: number;
  /** who has to be there and is missed */
  readonly missed: readonly CompanionRole[];
  /** the operator was asked whether they are still there and has not answered */
  readonly asked: boolean;
  readonly unattended: boolean;
  readonly busyMs: number;
  readonly busySinceMono: number | null;
  /** metered since the session began */
  readonly energyWh: number;
  /** the lease ended while the hub was away and the policy lets it run on */
  readonly overrun: boolean;
};

export type CompanionRole = "supervisor" | "buddy";
export type GraceCause = "tap_out" | "idle_timeout" | "permission_ended";
export type Asking = { readonly nonce: string; readonly kind: RequestKind; readonly member: number };

export type InterlockCommon = {
  readonly sinceMono: number;
  /** an unanswered request; only the answer with this nonce counts */
  readonly asking: Asking | null;
  /** a silent renewal of the lease is under way; its nonce is `renewal(session)` */
  readonly renewing: boolean;
  readonly powered: boolean | null;
  readonly busy: Activity;
  /** what the power-cycle detector says; `busy` is the controller's word where it has one */
  readonly detected: Activity;
  readonly meterOk: boolean;
  readonly powerW: number | null;
  /** the meter's running total (never falls), null before the first reading */
  readonly energyWh: number | null;
  /** the run in progress and whose it is */
  readonly run: { readonly run: string; readonly session: string | null } | null;
  readonly linkUp: boolean;
  readonly safetyOpen: boolean;
  readonly emergency: boolean;
  readonly bypass: boolean;
  readonly ancillaryOn: boolean;
  readonly ancillaryReady: boolean;
  readonly relayOffMono: number | null;
  readonly stopTries: number;
  /** what the controller last said; null without one */
  readonly controller: { readonly job: JobState; readonly tempC: number | null } | null;
  /** when the permission ends as far as can be seen, and why */
  readonly ahead: { readonly endMono: number; readonly reason: EndReason } | null;
  /** the meter's total when work began that nobody answers for */
  readonly looseFromWh: number | null;
  readonly alarms: readonly InterlockAlarm[];
  readonly deadlines: Deadlines<InterlockTimer>;
};

/** An answer that waits for its extraction to spin up, or for the contactor to rest. */
export type Waiting = {
  readonly session: string;
  readonly decision: string;
  readonly member: number;
  readonly provisional: boolean;
  readonly wants: RequestKind;
  readonly permit: Permit;
};

/** The permit is on exactly in the kinds that hold a session. */
export type InterlockState = InterlockCommon &
  (
    | { readonly kind: "boot" | "off" | "authorising" | "run_on"; readonly session: null }
    | { readonly kind: "bypassed"; readonly session: null; readonly cause: "bypass" | "unowned_power" }
    | { readonly kind: "anc_start"; readonly session: null; readonly waiting: Waiting }
    | { readonly kind: "fault" | "fault_welded"; readonly session: null; readonly causeGone: boolean; readonly cleared: boolean }
    | { readonly kind: "enabled" | "on_idle" | "busy"; readonly session: InterlockSession }
    | { readonly kind: "grace"; readonly session: InterlockSession; readonly cause: GraceCause; readonly reason: EndReason }
    | { readonly kind: "stopping" | "stop10"; readonly session: InterlockSession; readonly reason: EndReason }
  );

export type RunReport =
  | { readonly kind: "started"; readonly run: string; readonly startMono: number }
  | {
      readonly kind: "ended";
      readonly run: string;
      readonly endMono: number;
      readonly energyWh: number;
      readonly peakW: number;
      readonly uncertainMs: number;
    };

export type InterlockEvent = {
  readonly nowMono: number;
} /** `journal`: the session that was open when the node went down. `selfTest` false latches FAULT. */ & (
  | { readonly kind: "booted"; readonly selfTest: boolean; readonly powered: boolean | null; readonly journal: InterlockSession | null }
  /** a card; `member` 0 = not known. The machine answers with `request` when a decision is needed, under this `nonce`. */
  | { readonly kind: "tap"; readonly nonce: string; readonly member: number; readonly wants: "start" }
  /** a question that several people have put together at the reader; it never means to stop */
  | { readonly kind: "ask"; readonly nonce: string; readonly member: number; readonly wants: RequestKind }
  /** the same presence for 3 s */
  | { readonly kind: "hold"; readonly member: number }
  /** the card left an insert reader */
  | { readonly kind: "removed"; readonly member: number }
  /** a grant: `session` is a fresh id made by the shell; ignored when the machine keeps the session it has */
  | {
      readonly kind: "permit";
      readonly nonce: string;
      readonly member: number;
      readonly session: string;
      readonly decision: string;
      readonly permit: Permit;
      readonly provisional: boolean;
    }
  | { readonly kind: "refused"; readonly nonce: string; readonly reason: Code }
  /** the answer waits for a second act (hand-over, supervisor): says so and keeps nothing open */
  | { readonly kind: "pending"; readonly nonce: string; readonly reason: Code }
  /** the hub's two-step remote enable, already proven fresh: like a permit without a question */
  | {
      readonly kind: "remote_permit";
      readonly member: number;
      readonly session: string;
      readonly decision: string;
      readonly permit: Permit;
    }
  | { readonly kind: "powered"; readonly on: boolean }
  | { readonly kind: "activity"; readonly busy: Activity; readonly run: RunReport | null }
  | { readonly kind: "power"; readonly powerW: number | null; readonly energyWh: number | null }
  | { readonly kind: "meter"; readonly ok: boolean; readonly resetWh: number | null }
  | { readonly kind: "ancillary"; readonly ready: boolean }
  /** permission ended, booking over, closing time, lockout: when idle, or after a 10 s warning */
  | {
      readonly kind: "end";
      readonly reason: "permission_ended" | "booking_end" | "closing" | "lockout" | "forced" | "lease_expired";
      readonly mode: "when_idle" | "immediate";
    }
  /** the permit wire let go by itself, or never got hold: nothing is left to end gently */
  | { readonly kind: "dropped"; readonly reason: "power_lost" | "forced" }
  | { readonly kind: "stop_button" }
  | { readonly kind: "oops" }
  | { readonly kind: "safety"; readonly open: boolean; readonly cause: string }
  | { readonly kind: "emergency"; readonly on: boolean }
  | { readonly kind: "bypass"; readonly on: boolean }
  | { readonly kind: "fault"; readonly cause: string }
  /** the machine's controller: its job and the temperature that matters for cutting, null while unknown */
  | { readonly kind: "controller"; readonly job: JobState; readonly tempC: number | null }
  /** when the permission will end as far as can be seen; null = no end in sight */
  | { readonly kind: "ahead"; readonly endMono: number | null; readonly reason: EndReason }
  /** a maintainer at the machine saw that the cause is gone */
  | { readonly kind: "reset"; readonly member: number }
  /** the hub cleared the lockout */
  | { readonly kind: "cleared" }
  | { readonly kind: "link"; readonly up: boolean }
  | { readonly kind: "tick" }
);

export type InterlockEffect =
  | { readonly kind: "relay"; readonly on: boolean }
  | { readonly kind: "pulse"; readonly button: "start" | "stop" }
  | { readonly kind: "ancillary"; readonly on: boolean }
  | { readonly kind: "accessory"; readonly accessory: string; readonly on: boolean }
  /** the run in progress is somebody else's from here on */
  | { readonly kind: "split_run" }
  /** `best`: decide here, ask the hub if needed. `local`: the hub did not answer in time, use the offline policy. */
  | {
      readonly kind: "request";
      readonly request: RequestKind;
      readonly nonce: string;
      readonly member: number;
      readonly place: "best" | "local";
    }
  | { readonly kind: "emit"; readonly body: EventBody }
  | { readonly kind: "say"; readonly key: SayKey }
  | { readonly kind: "beep"; readonly pattern: BeepPattern };
