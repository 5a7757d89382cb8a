/** What the interlock senses: power, work, the meter, the key switch, its own faults. */
import type { Energised, Step } from "./interlock-power.ts";
import {
  alarmed,
  armed,
  beep,
  calmed,
  common,
  cut,
  disarmed,
  emit,
  isOn,
  renewal,
  restAfter,
  say,
  stay,
  stopping,
  use,
} from "./interlock-power.ts";
import type { InterlockConfig, InterlockEffect, InterlockEvent, InterlockSession, InterlockState, RunReport } from "./interlock-types.ts";
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
  const session: InterlockSession = { ...journal, provisional: true, startedMono: nowMono, busySinceMono: null };
  const lease = journal.permit.leaseMs === 0 ? {} : { lease: nowMono + config.leaseWarnMs };
  const enabled: Energised = { ...common(state, nowMono), kind: "enabled", session, ancillaryOn, renewing: true, deadlines: lease };
  const recheck: InterlockEffect = {
    kind: "request",
    request: "extend",
    nonce: renewal(session.session),
    member: session.member,
    place: "best",
  };
  return [use(enabled, nowMono, config), [...assure, emit({ kind: "mach.resumed", session: session.session }), recheck]];
}

/** The auxiliary contact or voltage input changed: a person pressed the green button, or the red one. */
export function powered(before: InterlockState, on: boolean, nowMono: number, config: InterlockConfig): Step {
  if (before.powered === on) return stay(before);
  const state: InterlockState = { ...before, powered: on };
  const told = emit({ kind: "mach.powered", on });
  if (!isOn(state)) return poweredAtRest(state, on, nowMono, config, told);
  if (on) {
    const starts = state.kind === "enabled" || state.kind === "on_idle" || state.kind === "busy";
    return starts ? [use(state, nowMono, config), [told]] : stay(state, told);
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

/** Power without a permit: somebody's own contactor button, or a relay that did not open. */
function poweredAtRest(state: InterlockState, on: boolean, nowMono: number, config: InterlockConfig, told: InterlockEffect): Step {
  if (state.kind === "bypassed" && state.cause === "unowned_power" && !on) {
    const [next, effects] = restAfter(calmed(state, "unowned_power"), nowMono, config, [told]);
    return [next, [...effects, emit({ kind: "mach.manual_bypass", on: false, cause: "unowned_power" })]];
  }
  if (!on) return stay(disarmed(state, "weld", "verifyOff"), told);
  if (state.kind !== "off" && state.kind !== "run_on") return stay(state, told);
  if (config.permitKind === "hold") return stay(armed(state, { weld: state.deadlines.weld ?? nowMono + config.weldMs }), told);
  const unowned: InterlockState = { ...common(state, nowMono), kind: "bypassed", session: null, cause: "unowned_power" };
  return stay(
    alarmed(unowned, "unowned_power"),
    told,
    emit({ kind: "mach.manual_bypass", on: true, cause: "unowned_power" }),
    beep("alarm"),
  );
}

/** Busy time up to now, and no longer counting. */
const settled = (session: InterlockSession, nowMono: number): Pick<InterlockSession, "busyMs" | "busySinceMono"> => ({
  busyMs: session.busyMs + (session.busySinceMono === null ? 0 : nowMono - session.busySinceMono),
  busySinceMono: null,
});

/** The detector's word: runs are recorded under their session, work keeps the permit, rest lets it end. */
export function activity(before: InterlockState, event: Event<"activity">, config: InterlockConfig): Step {
  const [noted, told] = event.run === null ? stay(before) : runReported(before, event.run);
  const { nowMono } = event;
  if (!isOn(noted)) return [{ ...noted, busy: event.busy }, told];
  const session: InterlockSession = { ...noted.session, ...(event.busy === "busy" ? {} : settled(noted.session, nowMono)) };
  const counting: InterlockSession = event.busy === "busy" ? { ...session, busySinceMono: session.busySinceMono ?? nowMono } : session;
  const state: Energised = { ...noted, busy: event.busy, session: counting };
  const working = event.busy === "busy" || (event.busy === "unknown" && config.hasMeter);
  const [next, effects] = working ? works(state, nowMono, config) : rests(state, nowMono, config);
  return [next, [...told, ...effects]];
}

function runReported(state: InterlockState, report: RunReport): Step {
  if (report.kind === "started") {
    const run = { run: report.run, session: state.session?.session ?? null };
    return stay({ ...state, run }, emit({ kind: "mach.run_started", ...run, startMono: Math.max(0, Math.round(report.startMono)) }));
  }
  const session = state.run?.run === report.run ? state.run.session : (state.session?.session ?? null);
  const { run, energyWh, peakW } = report;
  const body = {
    run,
    session,
    energyWh,
    peakW,
    endMono: Math.max(0, Math.round(report.endMono)),
    uncertainMs: Math.max(0, Math.round(report.uncertainMs)),
  };
  return stay({ ...state, run: null }, emit({ kind: "mach.run_ended", ...body }));
}

function works(state: Energised, nowMono: number, config: InterlockConfig): Step {
  switch (state.kind) {
    case "enabled":
      // work proves power where the auxiliary contact says nothing yet; mere ignorance does not
      return state.busy === "busy" ? [use(state, nowMono, config), []] : stay(state);
    case "on_idle":
      return state.busy === "busy" || state.powered !== false ? [use(state, nowMono, config), []] : stay(state);
    case "grace": {
      if (state.cause === "permission_ended") return stopping(state, state.reason, nowMono, config);
      const lease = state.session.permit.leaseMs === 0 ? {} : { lease: nowMono + config.leaseWarnMs };
      const next = use(armed({ ...state, renewing: true }, lease), nowMono, config);
      const renew: InterlockEffect = {
        kind: "request",
        request: "extend",
        nonce: renewal(state.session.session),
        member: state.session.member,
        place: "best",
      };
      return stay(next, emit({ kind: "mach.resumed", session: state.session.session }), beep("off"), renew);
    }
    case "stopping":
      return stay(disarmed(state, "coolDown"));
    case "busy":
    case "stop10":
      return stay(state);
  }
}

function rests(state: Energised, nowMono: number, config: InterlockConfig): Step {
  switch (state.kind) {
    case "busy":
      return state.session.unattended ? stopping(state, "job_complete", nowMono, config) : [use(state, nowMono, config), []];
    case "stopping":
      return state.deadlines.coolDown === undefined ? stopping(state, state.reason, nowMono, config) : stay(state);
    case "stop10":
      return cut(state, state.reason, nowMono, config);
    case "enabled":
    case "on_idle":
    case "grace":
      return stay(state);
  }
}

/** A meter reading: energy goes to the open session; current at a machine that is off is a welded contactor. */
export function power(before: InterlockState, event: Event<"power">, config: InterlockConfig): Step {
  const gained = event.energyWh === null || before.energyWh === null ? 0 : Math.max(0, event.energyWh - before.energyWh);
  const state: InterlockState = { ...before, powerW: event.powerW, energyWh: event.energyWh ?? before.energyWh };
  if (isOn(state))
    return stay(gained === 0 ? state : { ...state, session: { ...state.session, energyWh: state.session.energyWh + gained } });
  if (state.kind !== "off" || event.powerW === null) return stay(state);
  if (event.powerW < config.weldW) return stay(state.powered === true ? state : disarmed(state, "weld"));
  return stay(armed(state, { weld: state.deadlines.weld ?? event.nowMono + config.weldMs }));
}

export function meter(state: InterlockState, event: Event<"meter">, config: InterlockConfig): Step {
  if (!event.ok) {
    if (!state.meterOk) return stay(state);
    const [next, effects] = activity(
      { ...state, meterOk: false },
      { kind: "activity", busy: "unknown", run: null, nowMono: event.nowMono },
      config,
    );
    return [armed(next, { meterLost: event.nowMono + config.meterLostMs }), effects];
  }
  const was = state.alarms.includes("meter_lost") || event.resetWh !== null;
  const next = disarmed(calmed({ ...state, meterOk: true }, "meter_lost"), "meterLost");
  return was ? stay(next, emit({ kind: "mach.meter_back", resetWh: event.resetWh })) : stay(next);
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
  if (isOn(state)) return stay({ ...state, session: { ...state.session, bypassed: true } }, told, beep("alarm"));
  if (state.kind === "fault" || state.kind === "fault_welded" || state.kind === "boot") return stay(state, told);
  const [next, effects] = restAfter(disarmed(state, "verifyOff", "runOn"), nowMono, config, [told, beep("alarm"), say("bypass_on")]);
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

/** Two steps: a maintainer at the machine sees that the cause is gone, and the hub clears the lockout. */
export function tryLeaveFault(state: InterlockState, step: "reset" | "cleared", nowMono: number, config: InterlockConfig): Step {
  if (state.kind !== "fault" && state.kind !== "fault_welded") return stay(state);
  const gone = !state.safetyOpen && (state.kind === "fault" || (state.powered !== true && (state.powerW ?? 0) < config.weldW));
  const next: InterlockState = {
    ...state,
    causeGone: step === "reset" ? gone : state.causeGone,
    cleared: state.cleared || step === "cleared",
  };
  if (!next.causeGone || !next.cleared) return stay(next);
  return restAfter(calmed(next, "current_while_off", "verify_failed"), nowMono, config, [beep("off")]);
}
