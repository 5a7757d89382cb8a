/** Sessions and runs as the log tells them (domain.md §4.5): pure, the same from any order of arrival. */
import type { EndReason, NodeEvent } from "#contract";
import { type JobRecord, jobsAfter } from "./job-record.ts";
import { type Companion, companyAt, missedFrom, takenFrom } from "./session-company.ts";

/** An event as it lies in the log: with its node and the UTC time the hub believes. */
export type StoredEvent = NodeEvent & { readonly node: string; readonly evtMs: number };

export type RunRecord = {
  readonly run: string;
  readonly node: string;
  readonly ch: string;
  readonly session: string | null;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly energyWh: number;
  readonly peakW: number;
  readonly uncertainMs: number;
};
export type SessionRecord = {
  readonly session: string;
  readonly node: string;
  readonly ch: string;
  readonly member: number;
  readonly decision: string;
  readonly phase: "attended" | "unattended" | "ending" | "closed";
  readonly provisional: boolean;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly endReason: EndReason | null;
  readonly busyMs: number;
  readonly energyWh: number;
  /** who had to be there beside the operator, in order of coming; absent: nobody */
  readonly company?: readonly Companion[];
  /** absent: no controller told of one */
  readonly jobs?: readonly JobRecord[];
  /** the operator has left the machine to its job and not come back; who left is told of the end */
  readonly isLeft?: true;
  /** the trainer who signed the operator off here and did not take it back */
  readonly signedOffBy?: number;
};
/** Sessions and runs by id; `lastMs` is the latest evidence per node, where a session ends that nobody closed. */
export type Sessions = {
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  readonly runs: ReadonlyMap<string, RunRecord>;
  readonly lastMs: ReadonlyMap<string, number>;
};

/** Total order of the log: time, then node, boot and sequence. */
export function inLogOrder(a: StoredEvent, b: StoredEvent): number {
  return a.evtMs - b.evtMs || compare(a.node, b.node) || compare(a.boot, b.boot) || a.seq - b.seq;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const noSessions: Sessions = { sessions: new Map(), runs: new Map(), lastMs: new Map() };

type Draft = { readonly sessions: Map<string, SessionRecord>; readonly runs: Map<string, RunRecord>; readonly lastMs: Map<string, number> };

/** One more event in order. Copies what it changes; keep the maps short with `withoutClosed`. */
export function applySession(state: Sessions, event: StoredEvent): Sessions {
  const draft: Draft = { sessions: new Map(state.sessions), runs: new Map(state.runs), lastMs: new Map(state.lastMs) };
  note(draft, event);
  return draft;
}

/** All of them, in any order, duplicates allowed: the same pair of node, boot and seq is the same event. */
export function foldSessions(events: Iterable<StoredEvent>): Sessions {
  const draft: Draft = { sessions: new Map(), runs: new Map(), lastMs: new Map() };
  const seen = new Set<string>();
  for (const event of [...events].sort(inLogOrder)) {
    const name = `${event.node} ${event.boot} ${event.seq}`;
    if (!seen.has(name)) note(draft, event);
    seen.add(name);
  }
  return draft;
}

/** Forgets what ended before an instant; the log keeps it. */
export function withoutClosed(state: Sessions, beforeMs: number): Sessions {
  const lasts = ({ endMs }: { readonly endMs: number | null }): boolean => endMs === null || endMs >= beforeMs;
  return {
    sessions: new Map([...state.sessions].filter(([, session]) => lasts(session))),
    runs: new Map([...state.runs].filter(([, run]) => lasts(run))),
    lastMs: state.lastMs,
  };
}

function note(draft: Draft, event: StoredEvent): void {
  const { body, evtMs, node } = event;
  switch (body.kind) {
    case "node.boot":
      rebooted(draft, node, draft.lastMs.get(node) ?? evtMs, evtMs);
      break;
    case "mach.session_started":
      begin(draft, event, body);
      break;
    case "mach.session_closed":
      close(draft, body.session, evtMs, body.reason, { busyMs: body.busyMs, energyWh: body.energyWh });
      break;
    case "mach.relay_off":
      if (body.session !== null) close(draft, body.session, evtMs, body.reason, {});
      break;
    case "mach.session_unattended":
      change(draft, body.session, { phase: "unattended", isLeft: true });
      break;
    case "mach.session_attended":
      comeBack(draft, body.session);
      break;
    case "mach.grace":
      change(draft, body.session, { phase: "ending" });
      break;
    case "mach.resumed": // by the operator; or after a reboot that left a latching machine on, with nobody there
      if (draft.sessions.get(body.session)?.endMs === null) comeBack(draft, body.session);
      else reopen(draft, body.session);
      break;
    case "mach.companion":
      join(draft, body.session, (company) => takenFrom(company, body.role, body.member, evtMs));
      break;
    case "mach.companion_missed":
      join(draft, body.session, (company) => missedFrom(company, body.role, evtMs));
      break;
    case "mach.job":
      if (body.session !== null) work(draft, body.session, (jobs) => jobsAfter(jobs, body.state, evtMs, body.energyWh ?? null));
      break;
    case "mach.signed_off":
      signOff(draft, body.session, body.undone ? null : body.trainer);
      break;
    case "mach.run_started":
      startRun(draft, event, body.run, body.session, body.startMono);
      break;
    case "mach.run_ended": {
      const run = draft.runs.get(body.run);
      const { energyWh, peakW, uncertainMs } = body;
      if (run !== undefined) draft.runs.set(body.run, { ...run, endMs: backDated(event, body.endMono), energyWh, peakW, uncertainMs });
      break;
    }
  }
  draft.lastMs.set(node, Math.max(evtMs, draft.lastMs.get(node) ?? 0));
}

/** UTC of an earlier instant on the same monotonic clock. */
const backDated = (event: StoredEvent, mono: number): number => Math.round(event.evtMs - (event.atMono - mono));

function change(draft: Draft, id: string, changes: Partial<SessionRecord>): void {
  const session = draft.sessions.get(id);
  if (session !== undefined) draft.sessions.set(id, { ...session, ...changes });
}

/** The operator is at the machine. */
function comeBack(draft: Draft, id: string): void {
  const session = draft.sessions.get(id);
  if (session === undefined) return;
  const { isLeft: _left, ...rest } = session;
  draft.sessions.set(id, { ...rest, phase: "attended" });
}

/** It was taken for ended, and had gone on. */
function reopen(draft: Draft, id: string): void {
  const phase = draft.sessions.get(id)?.isLeft === true ? "unattended" : "attended";
  change(draft, id, { phase, endMs: null, endReason: null });
}

function join(draft: Draft, id: string, after: (company: readonly Companion[]) => readonly Companion[]): void {
  const company = after(draft.sessions.get(id)?.company ?? []);
  if (company.length > 0) change(draft, id, { company });
}

function work(draft: Draft, id: string, after: (jobs: readonly JobRecord[]) => readonly JobRecord[]): void {
  const jobs = after(draft.sessions.get(id)?.jobs ?? []);
  if (jobs.length > 0) change(draft, id, { jobs });
}

function signOff(draft: Draft, id: string, trainer: number | null): void {
  const session = draft.sessions.get(id);
  if (session === undefined) return;
  const { signedOffBy: _before, ...rest } = session;
  draft.sessions.set(id, trainer === null ? rest : { ...rest, signedOffBy: trainer });
}

/** A session that nobody closed ends where its successor begins. */
function begin(draft: Draft, event: StoredEvent, body: Extract<StoredEvent["body"], { kind: "mach.session_started" }>): void {
  if (draft.sessions.has(body.session)) return;
  const { node, ch, evtMs } = event;
  for (const open of draft.sessions.values()) {
    if (open.endMs === null && open.node === node && open.ch === ch) close(draft, open.session, evtMs, "offline_recovered", {});
  }
  const { session, member, decision, provisional } = body;
  const fresh = { phase: "attended", startMs: evtMs, endMs: null, endReason: null, busyMs: 0, energyWh: 0 } as const;
  const company = companyAt(evtMs, body);
  const there = company.length === 0 ? {} : { company };
  draft.sessions.set(session, { session, node, ch, member, decision, provisional, ...fresh, ...there });
}

/** Closed by the node's word. After a reboot its word comes late: the end stays at the last evidence. */
function close(draft: Draft, id: string, evtMs: number, reason: EndReason, figures: Partial<SessionRecord>): void {
  const session = draft.sessions.get(id);
  if (session === undefined) return;
  const late = session.endMs !== null && (reason === "device_reboot" || reason === "power_lost");
  draft.sessions.set(id, {
    ...session,
    ...figures,
    phase: "closed",
    endReason: reason,
    endMs: late ? session.endMs : Math.max(session.startMs, evtMs),
  });
}

/** The node started again: whatever it held ended, at the latest, with its last sign of life. */
function rebooted(draft: Draft, node: string, lastMs: number, bootMs: number): void {
  for (const session of draft.sessions.values()) {
    if (session.node === node && session.endMs === null) close(draft, session.session, Math.min(lastMs, bootMs), "device_reboot", {});
  }
  for (const run of draft.runs.values()) {
    if (run.node === node && run.endMs === null) {
      draft.runs.set(run.run, { ...run, endMs: Math.max(run.startMs, lastMs), uncertainMs: Math.max(0, bootMs - lastMs) });
    }
  }
}

function startRun(draft: Draft, event: StoredEvent, run: string, session: string | null, startMono: number): void {
  if (draft.runs.has(run)) return;
  const { node, ch } = event;
  draft.runs.set(run, { run, node, ch, session, startMs: backDated(event, startMono), endMs: null, energyWh: 0, peakW: 0, uncertainMs: 0 });
}
