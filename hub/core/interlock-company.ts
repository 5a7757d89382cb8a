/**
 * Who has to be at the machine while it is used: the supervisor, the second person, the operator (domain.md §3.6, S32, S33).
 * Nobody's absence cuts anything: what is missed is said, and after a while the session ends when the machine is idle (I3).
 *
 *   supervisor   taps: has left (a hold that follows takes that back) → both end      every 30 min without a tap → missed
 *   second person taps: has left → missed                                            missed 5 min, place not taken → ends
 *   operator      class A: asked every 20 min, a tap answers; 5 min without an answer → ends
 */
import type { EndReason, Permit } from "#contract";
import type { Energised, Step } from "./interlock-power.ts";
import { armed, beep, disarmed, emit, endWhenIdle, say, stay } from "./interlock-power.ts";
import type { CompanionRole, InterlockConfig, InterlockEffect, InterlockSession, InterlockState } from "./interlock-types.ts";
import type { Hint } from "./step.ts";

const roles = ["supervisor", "buddy"] as const satisfies readonly CompanionRole[];
const reasonOf = { supervisor: "AWAIT_SUPERVISOR", buddy: "AWAIT_SECOND_PERSON" } as const;

/** What this member is in the session beside its operator. */
export function companionRole({ session }: Energised, member: number): CompanionRole | null {
  if (member === 0 || member === session.member) return null;
  return roles.find((role) => session.permit[role] === member) ?? null;
}

/** A companion taps by themselves. */
export function companionTap(state: Energised, role: CompanionRole, nowMono: number, config: InterlockConfig): Step {
  if (state.session.missed.includes(role)) return companionBack(state, role, state.session.permit, nowMono, config);
  if (role === "buddy") return missed(state, role, nowMono, config);
  return stay(armed(state, { leave: nowMono + config.leaveMs }), say("wait"));
}

/** The supervisor has left: what they watched over ends with them. */
export const supervisorLeft = (state: Energised, nowMono: number, config: InterlockConfig): Step =>
  endWhenIdle(state, "permission_ended", nowMono, config);

/** The supervisor's card stays: no leaving, and a word that they are there. */
export function supervisorHolds(state: Energised, nowMono: number, config: InterlockConfig): Step {
  const next = disarmed(state, "leave");
  if (next.session.missed.includes("supervisor")) return companionBack(next, "supervisor", next.session.permit, nowMono, config);
  return stay(armed(next, { supervisor: nowMono + config.supervisorMs }));
}

export function missed(state: Energised, role: CompanionRole, nowMono: number, config: InterlockConfig): Step {
  if (state.session.missed.includes(role)) return stay(state);
  const session: InterlockSession = { ...state.session, missed: [...state.session.missed, role] };
  const until = { companionGone: state.deadlines.companionGone ?? nowMono + config.companionMs };
  return stay(
    armed({ ...state, session }, until),
    emit({ kind: "mach.companion_missed", session: session.session, role }),
    say(reasonOf[role]),
    beep("slow"),
  );
}

/** The place is taken again, by the same person or by another. */
function companionBack(state: Energised, role: CompanionRole, permit: Permit, nowMono: number, config: InterlockConfig): Step {
  const member = permit[role];
  const session: InterlockSession = { ...state.session, permit, missed: state.session.missed.filter((one) => one !== role) };
  const there = session.missed.length === 0 ? disarmed({ ...state, session }, "companionGone") : { ...state, session };
  const watched = role === "supervisor" ? armed(there, { supervisor: nowMono + config.supervisorMs }) : there;
  return member === undefined
    ? stay(watched)
    : stay(watched, emit({ kind: "mach.companion", session: session.session, role, member }), say("granted"));
}

/** A new permit for the same session: it may name other people, or nobody, where somebody was needed. */
export function companyOf(before: Energised, permit: Permit, nowMono: number, config: InterlockConfig): Step {
  let current: Energised = before;
  const effects: InterlockEffect[] = [];
  for (const role of roles) {
    const was = before.session.permit[role];
    const isMissed = before.session.missed.includes(role);
    if (permit[role] === undefined) {
      const session = { ...current.session, missed: current.session.missed.filter((one) => one !== role) };
      const calm = session.missed.length === 0 ? disarmed({ ...current, session }, "companionGone") : { ...current, session };
      current = role === "supervisor" ? disarmed(calm, "supervisor", "leave") : calm;
    } else if (permit[role] !== was || isMissed) {
      const [next, more] = companionBack(current, role, permit, nowMono, config);
      if (next.session === null) return [next, effects];
      current = next;
      effects.push(...more);
    }
  }
  return [{ ...current, session: { ...current.session, permit } }, effects];
}

/** "Still here?" An operator who answers is asked again later; one who does not has gone. */
export function askOperator(state: Energised, nowMono: number, config: InterlockConfig): Step {
  if (state.session.unattended || config.attendance !== "attended") return stay(state);
  const asked: Energised = { ...state, session: { ...state.session, asked: true } };
  return stay(armed(asked, { stillHereGone: nowMono + config.stillHereAnswerMs }), say("still_here"), beep("slow"));
}

export function operatorAnswered(state: Energised, nowMono: number, config: InterlockConfig): Step {
  const next = disarmed({ ...state, session: { ...state.session, asked: false } }, "stillHereGone");
  return stay(config.stillHereMs === null ? next : armed(next, { stillHere: nowMono + config.stillHereMs }), say("granted"), beep("grant"));
}

/** When the permission will end: the warnings on the way there. */
export function noteAhead(
  state: InterlockState,
  endMono: number | null,
  reason: EndReason,
  nowMono: number,
  config: InterlockConfig,
): Step {
  if (state.session === null || endMono === null) return stay(disarmed({ ...state, ahead: null }, "ahead"));
  if (state.ahead?.endMono === endMono && state.ahead.reason === reason) return stay(state);
  return stay(nextWarning({ ...state, ahead: { endMono, reason } }, nowMono, config));
}

function nextWarning(state: InterlockState, nowMono: number, config: InterlockConfig): InterlockState {
  const { ahead } = state;
  if (ahead === null) return disarmed(state, "ahead");
  const closing = ahead.reason === "closing" ? [config.closingAheadMs] : [];
  const at = [...closing, ...config.warnAheadMs].map((leftMs) => ahead.endMono - leftMs).filter((mono) => mono > nowMono);
  return at.length === 0 ? disarmed(state, "ahead") : armed(state, { ahead: Math.min(...at) });
}

/** One of the warnings is due; an unattended job needs none, nobody stands there. */
export function warnAhead(state: Energised, nowMono: number, config: InterlockConfig): Step {
  const leftMin = Math.round(((state.ahead?.endMono ?? nowMono) - nowMono) / 60_000);
  const next = nextWarning(state, nowMono, config);
  return state.session.unattended ? stay(next) : stay(next, say(leftWords(leftMin)), beep("slow"));
}

function leftWords(leftMin: number): Hint {
  if (leftMin > 15) return "ends_in_60";
  if (leftMin > 5) return "ends_in_15";
  if (leftMin > 2) return "ends_in_5";
  return leftMin > 0 ? "ends_in_2" : "ends_now";
}
