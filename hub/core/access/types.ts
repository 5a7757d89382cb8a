/** What `decide` is given and what it answers (domain.md §3.1). Plain data, read-only. */
import type { ClockQuality, Code, Permit, ResourceFacts, Schedule, SiteMode, SubjectFacts, WarningCode } from "#contract";

export type RequestKind = "enter" | "exit" | "start" | "extend" | "stop" | "handover" | "maintain" | "teach" | "remote_unlock";
export type Role = SubjectFacts["roles"][number];

export type AccessQuestion = {
  readonly kind: RequestKind;
  /** age of the tap on the reader's monotonic clock when the question is asked */
  readonly ageMs: number;
  /** number of the card could be used as an identity at all (random and known non-unique UIDs cannot) */
  readonly usable: boolean;
  /** what the reader has proven of the card: 1 its number (absent: 1), 3 a cryptographic answer */
  readonly assurance?: 1 | 3;
  /** a PIN was typed and checked, or only the hub can check it; absent when none was typed */
  readonly pin?: "right" | "wrong" | "unchecked";
  /** the person accepts the machine although a check is due */
  readonly acknowledged?: boolean;
  /** this very request was decided before: nothing happens twice (R02) */
  readonly duplicate?: boolean;
};

/** The person behind the presented card, or nobody. */
export type Subject = { readonly member: number; readonly facts: SubjectFacts };

/** What is true of the door or machine now. On a node: its own; on the hub: as reported. */
export type LiveFacts = {
  readonly lockouts: readonly ("maintenance" | "oops" | "fault" | "tamper" | "check")[];
  /** null on a node, which is there by definition */
  readonly online: boolean | null;
  /** the open session here, if any */
  readonly session: {
    readonly member: number;
    readonly phase: "enabled" | "idle" | "busy" | "grace" | "unattended";
    readonly idleForMs: number;
    /** who is in it beside that member: supervisor, second person */
    readonly with?: readonly number[];
  } | null;
  readonly ancillariesReady: boolean;
  readonly readerPenaltyUntilMono: number | null;
  readonly nowMono: number;
  /** revoked since the snapshot was made; wins over it */
  readonly revoked: boolean;
  /** a capture window is open at this reader: the next unknown card is to be enrolled */
  readonly capturing?: boolean;
  /** off, but not yet at rest: run-on, cool-down, spinning down */
  readonly resting?: boolean;
  /** UTC ms since which nobody answers for the machine; a booking's no-show clock starts no earlier. Absent: in use or not known */
  readonly freeSinceMs?: number;
  /** a check is due: was it rejected, and who used the machine last */
  readonly check?: { readonly rejected: boolean; readonly lastMember: number };
  /** on a node: overrides whose session has ended here, by their `sinceMs`; the snapshot may not know it yet (domain.md §3.5) */
  readonly overridesOver?: readonly number[];
  /** on a node: UTC ms of the last report here that the machine is broken; no override that was given before is for it */
  readonly oopsMs?: number;
  /** absent below: cannot be known here. A node asks the hub for it; without the hub each rule says which side is safe */
  readonly creditCents?: number;
  readonly checkedIn?: boolean;
  /** machines this member answers for elsewhere: of every kind, and the attended ones of class A among them */
  readonly memberSessions?: { readonly all: number; readonly attendedA: number };
  /** people the proposed supervisor already watches over elsewhere */
  readonly supervised?: number;
  readonly groupBusy?: boolean;
  /** what the others on the circuit draw or may draw */
  readonly circuitLoadW?: number;
  readonly occupancy?: number;
  /** people known to be in beside this member; soft evidence (domain.md D6) */
  readonly othersPresent?: number;
  readonly memberInside?: boolean;
  /** a guest's host is in */
  readonly hostPresent?: boolean;
};

export type Clock = {
  /** UTC ms, or null when nothing better than the floor is known */
  readonly nowMs: number | null;
  readonly floorMs: number;
  readonly quality: ClockQuality;
};

export type Where =
  | { readonly place: "hub" }
  | {
      readonly place: "node";
      readonly snapshot: { readonly epoch: number; readonly version: number; readonly ageMs: number } | null;
      readonly hubReachable: boolean;
    };

export type DecisionInput = {
  readonly question: AccessQuestion;
  readonly clock: Clock;
  /** null when no card matches */
  readonly subject: Subject | null;
  /**
   * Others who tapped within the window, in order: supervisor, second person, host, the one who hands over; for `extend` those who
   * are in the session. Known cards only, none that was revoked since.
   */
  readonly companions?: readonly Subject[];
  /** somebody among them has a card that is not known here; the hub may know it */
  readonly strangers?: boolean;
  readonly resource: ResourceFacts | null;
  readonly schedules: readonly Schedule[];
  readonly live: LiveFacts;
  readonly mode: SiteMode;
  readonly nodeAuthorised: boolean;
  readonly where: Where;
};

/** One rule's finding, for `explain`: which facts it looked at and what it said, in a closed form. */
export type RuleTrace = {
  readonly rule: string;
  readonly verdict: "pass" | "fail" | "grant" | "warn" | "pending" | "skip" | "noop" | "ask" | "withhold";
  readonly code: Code | WarningCode | null;
  readonly because: string;
};

/** `ask`: the policy needs live facts that no snapshot holds; the node asks the hub (domain.md D1). */
export type Outcome = "grant" | "deny" | "pending" | "noop" | "ask";

export type Decision = {
  readonly outcome: Outcome;
  readonly reason: Code;
  readonly also: readonly Code[];
  /** refusals that an override or a warn-only policy let pass */
  readonly waived: readonly Code[];
  readonly warnings: readonly WarningCode[];
  readonly member: number;
  /** what a grant carries; null when nothing is granted */
  readonly obligations: Permit | null;
  /** granted without the hub, or without knowing the time: the session is provisional */
  readonly degraded: boolean;
  /** when to ask again: the first instant at which the answer changes, after a grant of use the answer to `extend`, or the lease's end; null when none is known */
  readonly reevaluateAtMs: number | null;
};
