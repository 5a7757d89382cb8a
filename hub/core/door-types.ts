/** State, events and effects of one door (domain.md §4.1). The contact's bounce (150 ms) is taken out by its driver. */
import type { Code, EventBody } from "#contract";
import type { BeepPattern, Deadlines, SayKey } from "./step.ts";

export type DoorConfig = {
  readonly lock: "strike" | "maglock" | "motor";
  /** a contact says whether the door is open; without one its position is unknown for ever */
  readonly hasContact: boolean;
  /** exit button: `unlocks` releases the lock, `shunts` only announces that somebody leaves by a mechanical handle */
  readonly rex: "none" | "unlocks" | "shunts";
  readonly relock: "onOpen" | "onClose" | "timer";
  /** release times for the exit button; grants bring their own */
  readonly strikeMs: number;
  readonly shuntMs: number;
  /** how long before the shunt ends the door begins to beep */
  readonly preAlarmMs: number;
  readonly forcedToleranceMs: number;
  readonly rexShuntMs: number;
  readonly relockOpenMs: number;
  readonly relockCloseMs: number;
  readonly motorTimeoutMs: number;
  /** passage mode begins only after somebody was granted entry */
  readonly firstPersonIn: boolean;
  readonly siren: boolean;
};

export type DoorKind =
  | "boot"
  | "secure"
  | "open_unknown"
  | "unlocked"
  | "open"
  | "open_warn"
  | "held"
  | "forced"
  | "passage"
  | "released"
  | "fault_jam";
export type DoorTimer = "strike" | "shunt" | "preAlarm" | "forcedTolerance" | "rexShunt" | "relock" | "motor";
export type DoorAlarm = "forced_open" | "held_open" | "jam" | "tamper";

/** Who is behind the latest release of the lock; `who` is empty for the exit button. */
export type Release = {
  readonly who: readonly number[];
  readonly cause: "grant" | "rex";
  readonly strikeMs: number;
  readonly shuntMs: number;
};

export type DoorState = {
  readonly kind: DoorKind;
  readonly sinceMono: number;
  /** what the lock was last told */
  readonly locked: boolean;
  /** what the contact says; null while unknown */
  readonly open: boolean | null;
  readonly openedMono: number | null;
  readonly release: Release | null;
  /** how a held alarm began */
  readonly heldSince: "opening" | "boot";
  readonly passage: "off" | "waits_for_first" | "on";
  readonly emergency: boolean;
  readonly lockdown: boolean;
  readonly linkUp: boolean;
  /** stay until acknowledged, whatever the door does */
  readonly alarms: readonly DoorAlarm[];
  readonly deadlines: Deadlines<DoorTimer>;
};

export type DoorEvent = { readonly nowMono: number } & (
  | { readonly kind: "booted"; readonly open: boolean | null }
  | {
      readonly kind: "grant";
      readonly who: readonly number[];
      readonly decision: string;
      readonly strikeMs: number;
      readonly shuntMs: number;
    }
  /** the lock has let go; it waits for the record of the grant, and the strike time is counted from here */
  | { readonly kind: "let_go" }
  | { readonly kind: "deny"; readonly reason: Code }
  /** the answer waits for somebody else's tap */
  | { readonly kind: "pending"; readonly reason: Code }
  | { readonly kind: "rex" }
  | { readonly kind: "contact"; readonly open: boolean }
  /** bond sense or handle contact: unlocked by hand from inside */
  | { readonly kind: "manual" }
  | { readonly kind: "bolt"; readonly state: "moved" | "stuck" }
  | { readonly kind: "passage"; readonly on: boolean }
  | { readonly kind: "emergency"; readonly on: boolean }
  | { readonly kind: "lockdown"; readonly on: boolean }
  /** the hub's `relock` command: closes at once whatever released it, except an emergency */
  | { readonly kind: "relock" }
  /** an operator at the door: ends RELEASED after an emergency, and FAULT_JAM */
  | { readonly kind: "reset" }
  | { readonly kind: "acknowledge" }
  | { readonly kind: "tamper" }
  | { readonly kind: "link"; readonly up: boolean }
  | { readonly kind: "tick" }
);

export type DoorEffect =
  | { readonly kind: "lock"; readonly on: boolean }
  | { readonly kind: "emit"; readonly body: EventBody }
  | { readonly kind: "say"; readonly key: SayKey }
  | { readonly kind: "beep"; readonly pattern: BeepPattern }
  | { readonly kind: "siren"; readonly on: boolean };
