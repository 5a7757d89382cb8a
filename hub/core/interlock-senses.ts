/** What the interlock senses beside work: power, the key switch, its own faults; and what it finds when it starts. */
import type { Energised, Step } from "./interlock-power.ts";
import {
  alarmed,
  armed,
  askRenewal,
  beep,
  calmed,
  common,
  companyTimers,
  cut,
  disarmed,
  emit,
  isOn,
  restAfter,
  say,
  settled,
  stay,
  unasked,
  use,
} from "./interlock-power.ts";
import type { InterlockConfig, InterlockEffect, InterlockEvent, InterlockSession, InterlockState } from "./interlock-types.ts";
import { judged, workWord } from "./interlock-work.ts";
import { without } from "./step.ts";

type Event<K extends InterlockEvent["kind"]> = Extract<InterlockEvent, { kind: K }>;

/** A held relay starts off, always. A latching contactor is left alone: its state is read, and owned only if the journal knows it. */
export function booted(state: InterlockState, event: Event<"booted">, config: InterlockConfig): Step {
  if (state.kind !== "boot") return stay(state);
  const { nowMono, journal } = event;
  const base: InterlockState = { ...state, powered: event.powered };
  const safe: readonly InterlockEffect[] =
    config.permitKind === "hold"
      ? [
          { kind: "relay", on: false },
          { kind: "ancillary", on: false },
          ...config.accessories.map((accessory) => ({ kind: "accessory", accessory, on: false }) as const),
        ]
      : [];
  if (!event.selfTest) {
    const [next, effects] = fault(base, "self-test failed", nowMono, config);
    return [next, [...safe, ...closedBy(journal, "device_reboot"), ...effects]];
  }
  if (config.permitKind === "pulse" && event.powered === true) return foundOn(base, journal, nowMono, config);
  const weld = config.permitKind === "hold" && event.powered === true ? { weld: nowMono + config.weldMs } : {};
  return stay(
    armed({ ...common(base, nowMono), kind: "off", session: null }, weld),
    ...safe,
    ...closedBy(journal, config.permitKind === "pulse" ? "power_lost" : "device_reboot"),
  );
}

const closedBy = (journal: InterlockSession | null, reason: "device_reboot" | "power_lost"): readonly InterlockEffect[] =>
  journal === null
    ? []
    : [
        emit({
          kind: "mach.session_closed",
          session: journal.session,
          reason,
          busyMs: Math.round(journal.busyMs),
          energyWh: journal.energyWh,
        }),
      ];

/** A latching machine runs at our start: the same session goes on provisionally, or nobody owns it. */
function foundOn(state: InterlockState, journal: InterlockSession | null, nowMono: number, config: InterlockConfig): Step {
  const ancillaryOn = config.ancillary !== null;
  const assure: readonly InterlockEffect[] = ancillaryOn ? [{ kind: "ancillary", on: true }] : [];
  if (journal === null) {
    const next: InterlockState = { ...common(state, nowMono), kind: "bypassed", session: null, cause: "unowned_power", ancillaryOn };
    return stay(
      alarmed(next, "unowned_power"),
      ...assure,
      emit({ kind: "mach.manual_bypass", on: true, cause: "unowned_power" }),
      beep("alarm"),
    );
  }
  const session: InterlockSession = { ...journal, provisional: true, missed: [], asked: false, startedMono: nowMono, busySinceMono: null };
  const lease = journal.permit.leaseMs === 0 ? {} : { lease: nowMono + config.leaseWarnMs };
  const deadlines = { ...lease, ...companyTimers(session.permit, nowMono, config) };
  const enabled: Energised = { ...common(state, nowMono), kind: "enabled", session, ancillaryOn, renewing: true, deadlines };
  return [use(enabled, nowMono, config), [...assure, emit({ kind: "mach.resumed", session: session.session }), askRenewal(enabled)]];
}

/** The auxiliary contact or voltage input changed: a person pressed the green button, or the red one. */
export function powered(before: InterlockState, on: boolean, nowMono: number, config: InterlockConfig): Step {
  if (before.powered === on) return stay(before);
  const state: InterlockState = { ...before, powered: on };
  const told = emit({ kind: "mach.powered", on });
  if (!isOn(state)) return poweredAtRest(state, on, nowMono, config, [told]);
  if (on) {
    const starts = state.kind === "enabled" || state.kind === "on_idle" || state.kind === "busy";
    // work may go on at once, so short a stop that the detector has not told it from a pause
    if (starts) return [use({ ...state, busy: workWord(state) }, nowMono, config), [told]];
    const [next, effects] = judged(state, nowMono, config);
    return [next, [told, ...effects]];
  }
  switch (state.kind) {
    case "enabled":
    case "grace":
      return stay(state, told);
    case "stopping":
    case "stop10": {
      const [next, effects] = cut(state, state.reason, nowMono, config);
      return [next, [...effects, told]];
    }
    case "on_idle":
    case "busy": {
      const session = { ...state.session, ...settled(state.session, nowMono) };
      const deadlines = { ...without(state.deadlines, "idle"), enable: nowMono + session.permit.enableMs };
      const lost: readonly InterlockEffect[] = state.busy === "busy" ? [emit({ kind: "mach.bad_poweroff", session: session.session })] : [];
      return stay({ ...common(state, nowMono), kind: "on_idle", session, busy: "idle", deadlines }, told, ...lost);
    }
  }
}

const owned: InterlockEffect = emit({ kind: "mach.manual_bypass", on: false, cause: "unowned_power" });

/** Power without a permit: somebody's own contactor button, or a relay that did not open. */
function poweredAtRest(
  state: InterlockState,
  on: boolean,
  nowMono: number,
  config: InterlockConfig,
  told: readonly InterlockEffect[],
): Step {
  if (state.kind === "bypassed" && state.cause === "unowned_power" && !on) {
    const [next, effects] = restAfter(calmed(state, "unowned_power"), nowMono, config, told);
    return [next, [...effects, owned]];
  }
  if (!on) return stay(disarmed(state, "weld", "verifyOff"), ...told);
  if (state.kind !== "off" && state.kind !== "run_on") return stay(state, ...told);
  return unasked(state, nowMono, config, told);
}

/** The key switch that closes the permit without us: never silent. */
export function bypass(before: InterlockState, on: boolean, nowMono: number, config: InterlockConfig): Step {
  if (before.bypass === on) return stay(before);
  const told = emit({ kind: "mach.manual_bypass", on, cause: "bypass" });
  if (!on) {
    const state = calmed({ ...before, bypass: false }, "manual_bypass");
    if (state.kind !== "bypassed" || state.cause !== "bypass") return stay(state, told);
    return restAfter(state, nowMono, config, [told]);
  }
  const state = alarmed({ ...before, bypass: true }, "manual_bypass");
  if (isOn(state)) return stay(state, told, beep("alarm"));
  if (state.kind === "fault" || state.kind === "fault_welded" || state.kind === "boot") return stay(state, told);
  const wasUnowned = state.kind === "bypassed" && state.cause === "unowned_power"; // whoever turned the key owns it now
  const rest = disarmed(wasUnowned ? calmed(state, "unowned_power") : state, "verifyOff", "runOn");
  const news = wasUnowned ? [owned, told] : [told];
  const [next, effects] = restAfter(rest, nowMono, config, [...news, beep("alarm"), say("bypass_on")]);
  if (config.ancillary === null || next.ancillaryOn) return [next, effects];
  return [{ ...next, ancillaryOn: true }, [{ kind: "ancillary", on: true }, ...effects]];
}

/** Latched until the cause is gone and the hub has cleared it. */
export function fault(state: InterlockState, cause: string, nowMono: number, config: InterlockConfig): Step {
  const [off, effects] = isOn(state) ? cut(state, "safety_stop", nowMono, config) : stay(state);
  const next: InterlockState = { ...common(off, nowMono), kind: "fault", session: null, asking: null, causeGone: false, cleared: false };
  return stay(
    disarmed(next, "askLocal", "askGiveUp", "ready", "chatter", "weld"),
    ...effects,
    emit({ kind: "mach.fault", cause: cause.slice(0, 80) }),
    beep("alarm"),
  );
}

export function welded(state: InterlockState, nowMono: number, config: InterlockConfig, told: InterlockEffect): Step {
  if (isOn(state)) return stay(state);
  const again: readonly InterlockEffect[] = config.permitKind === "hold" ? [{ kind: "relay", on: false }] : [];
  const next: InterlockState = {
    ...common(state, nowMono),
    kind: "fault_welded",
    session: null,
    asking: null,
    causeGone: false,
    cleared: false,
  };
  return stay(
    disarmed(next, "askLocal", "askGiveUp", "ready", "chatter", "weld", "verifyOff"),
    ...again,
    told,
    beep("alarm"),
    say("DEVICE_FAULT"),
  );
}

/**
 * Two steps, in either order: a maintainer at the machine sees that the cause is gone (`member`), and the hub clears the lockout
 * (null). Nothing needs a restart.
 */
export function tryLeaveFault(state: InterlockState, member: number | null, nowMono: number, config: InterlockConfig): Step {
  if (state.kind !== "fault" && state.kind !== "fault_welded") return stay(state);
  const gone = !state.safetyOpen && (state.kind === "fault" || (state.powered !== true && (state.powerW ?? 0) < config.weldW));
  if (member !== null && !gone) return stay({ ...state, causeGone: false }, say("DEVICE_FAULT"), beep("deny"));
  const next: InterlockState = {
    ...state,
    causeGone: member === null ? state.causeGone : gone,
    cleared: state.cleared || member === null,
  };
  const told: readonly InterlockEffect[] = member === null ? [] : [emit({ kind: "mach.reset", member }), beep("grant")];
  if (!next.causeGone || !next.cleared) return stay(next, ...told);
  return restAfter(calmed(next, "current_while_off", "verify_failed"), nowMono, config, [...told, beep("off")]);
}
