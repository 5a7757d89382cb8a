/**
 * What work is: by the controller's job where one tells it, else by the power-cycle detector; and what the meter says of
 * energy, of a machine that draws current while it is off, and of work that nobody answers for.
 */
import type { Energised, Step } from "./interlock-power.ts";
import { armed, askRenewal, beep, calmed, cut, disarmed, emit, isOn, mayWork, settled, stay, stopping, use } from "./interlock-power.ts";
import type {
  Activity,
  InterlockConfig,
  InterlockEffect,
  InterlockEvent,
  InterlockSession,
  InterlockState,
  RunReport,
} from "./interlock-types.ts";
import { jobActivity, jobEndReason, nextJob } from "./job.ts";

type Event<K extends InterlockEvent["kind"]> = Extract<InterlockEvent, { kind: K }>;

/** The detector's word: runs are recorded under their session, work keeps the permit, rest lets it end. */
export function activity(before: InterlockState, event: Event<"activity">, config: InterlockConfig): Step {
  const [noted, told] = event.run === null ? stay(before) : runReported(before, event.run);
  const [next, effects] = judged({ ...noted, detected: event.busy }, event.nowMono, config);
  return [next, [...told, ...effects]];
}

/** The controller's word: a job is work even while it draws nothing, and none is no work though the bed is hot (domain.md §4.3). */
export function controller(before: InterlockState, event: Event<"controller">, config: InterlockConfig): Step {
  const was = before.controller?.job ?? "none";
  const job = nextJob(was, event.job);
  const { session } = before;
  const sessionWh = session === null || before.energyWh === null ? {} : { energyWh: session.energyWh };
  const told: readonly InterlockEffect[] =
    job === was ? [] : [emit({ kind: "mach.job", session: session?.session ?? null, state: job, ...sessionWh })];
  const noted: InterlockState = { ...before, controller: { job, tempC: event.tempC } };
  const [next, effects] = judged(noted, event.nowMono, config);
  if (!isOn(next) || next.kind !== "stopping" || mayWork(next, config)) return [next, [...told, ...effects]];
  const cool = event.tempC !== null && config.coolDownC !== null && event.tempC <= config.coolDownC;
  const [off, cutting] = cool ? cut(next, next.reason, event.nowMono, config) : stay(next);
  return [off, [...told, ...effects, ...cutting]];
}

/** The controller's word where it has one, else the detector's; a meter that is silent says nothing (never: idle). */
export function workWord({ controller, meterOk, detected }: InterlockState): Activity {
  const word = jobActivity(controller?.job ?? "unknown");
  if (word !== "unknown") return word;
  return meterOk ? detected : "unknown";
}

/** Busy or idle, from who knows better, and what follows from it. */
export function judged(noted: InterlockState, nowMono: number, config: InterlockConfig): Step {
  const busy = workWord(noted);
  if (!isOn(noted)) return stay(loose({ ...noted, busy }, nowMono, config));
  const session: InterlockSession = { ...noted.session, ...(busy === "busy" ? {} : settled(noted.session, nowMono)) };
  const counting: InterlockSession = busy === "busy" ? { ...session, busySinceMono: session.busySinceMono ?? nowMono } : session;
  const state: Energised = { ...noted, busy, session: counting };
  return mayWork(state, config) ? works(state, nowMono, config) : rests(state, nowMono, config);
}

/** Work without a session: nobody answers for it, and after a while that is an incident (S37). */
function loose(state: InterlockState, nowMono: number, config: InterlockConfig): InterlockState {
  if (state.busy !== "busy") return disarmed({ ...state, looseFromWh: null }, "unattributed");
  const since = { unattributed: state.deadlines.unattributed ?? nowMono + config.unattributedMs };
  return state.looseFromWh === null ? armed({ ...state, looseFromWh: state.energyWh ?? 0 }, since) : state;
}

export function unattributed(state: InterlockState): Step {
  const energyWh = Math.max(0, (state.energyWh ?? 0) - (state.looseFromWh ?? 0));
  return stay(state, emit({ kind: "mach.unattributed_use", powerW: state.powerW ?? 0, energyWh }), beep("alarm"));
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
      return stay(next, emit({ kind: "mach.resumed", session: state.session.session }), beep("off"), askRenewal(state));
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
      return state.session.unattended
        ? stopping(state, jobEndReason(state.controller?.job ?? "unknown"), nowMono, config)
        : [use(state, nowMono, config), []];
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

/** The meter fell silent, or answers again. The detector has heard its sample before, so its word counts at once. */
export function meter(state: InterlockState, { ok, resetWh, nowMono }: Event<"meter">, config: InterlockConfig): Step {
  if (!ok) {
    if (!state.meterOk) return stay(state);
    const [next, effects] = judged({ ...state, meterOk: false }, nowMono, config);
    return [armed(next, { meterLost: nowMono + config.meterLostMs }), effects];
  }
  const isNews = state.alarms.includes("meter_lost") || resetWh !== null;
  const back = disarmed(calmed({ ...state, meterOk: true }, "meter_lost"), "meterLost");
  const [next, effects] = state.meterOk ? stay(back) : judged(back, nowMono, config);
  return isNews ? [next, [...effects, emit({ kind: "mach.meter_back", resetWh })]] : [next, effects];
}
