/**
 * Random event streams (R18): machines played by dice, their events shuffled, doubled and cut off as networks and restarts do.
 * The sessions folded from them must be the ones that were: one at a time, their energy the meter's, their states the whole of
 * the time; and no single step may break an invariant (domain.md §0.1, random-machine.ts).
 */
import type { EventBody } from "#contract";
import { foldSessions, type MachineHistory, type SessionRecord, type StoredEvent } from "#core";
import { type Dice, dice } from "../../simulators/random.ts";
import { type Played, playMachine } from "../hub/core/random-machine.ts";
import { partitionsExactly } from "../support/partition.ts";

export const name = "streams";
const seconds = 120;
const bootMs = 3_600_000;

export function playStreams({ seed, streams }: { seed: number; streams: number }) {
  const random = dice(seed, "streams");
  const wrong: string[] = [];
  let events = 0;
  let sessions = 0;
  for (let stream = 0; stream < streams; stream += 1) {
    const played = playMachine(random, seconds, "all");
    const isCutOff = random.chance(0.3);
    const log = logOf(played, isCutOff ? random.int(0, played.told.length) : played.told.length, isCutOff);
    const folded = foldSessions(arrivals(log, random));
    events += log.length;
    sessions += folded.sessions.size;
    const judge = (what: string | null): void => void (what !== null && wrong.push(`stream ${stream}: ${what}`));
    judge(stepwise([...folded.sessions.values()]));
    judge(sameAsTold(folded.sessions, log));
    judge(statesAddUp(folded, log));
    if (!isCutOff) judge(energyAddsUp(played, [...folded.sessions.values()]));
    for (const why of played.broken) judge(why);
    if (played.unasked > 0) judge("a permit that nobody asked for");
    if (!sameFold(folded, foldSessions(log))) judge("another order of arrival tells another story");
  }
  return { streams, events, sessions, violations: wrong.length, wrong };
}

export async function run(seed: number): Promise<{ figures: Record<string, number | string> }> {
  const { wrong, ...figures } = playStreams({ seed, streams: 100_000 });
  if (wrong.length > 0) throw new Error(wrong.slice(0, 5).join("\n"));
  return { figures };
}

const stored = (seq: number, atMono: number, body: EventBody, boot = "0000000000000001"): StoredEvent => {
  const evtMs = 1_700_000_000_000 + Math.round(atMono);
  return { node: "saw-node", boot, seq, ch: "saw", atMono: Math.round(atMono), atMs: evtMs, tq: "synced", evtMs, body };
};

/** What the node told until it was cut off, and the boot after that. */
function logOf({ told }: Played, kept: number, isCutOff: boolean): StoredEvent[] {
  const log = told.slice(0, kept).map(({ atMono, body }, i) => stored(i + 1, atMono, body));
  const boot: EventBody = { kind: "node.boot", restart: "power", fw: "1" };
  return isCutOff ? [...log, stored(1, bootMs, boot, "0000000000000002")] : log;
}

function arrivals(log: readonly StoredEvent[], random: Dice): StoredEvent[] {
  const doubled = log.filter(() => random.chance(0.1));
  return [...log, ...doubled]
    .map((event) => [random.next(), event] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, event]) => event);
}

/** One machine, one session at a time, none of them running backwards. */
function stepwise(sessions: readonly SessionRecord[]): string | null {
  const inOrder = sessions.toSorted((a, b) => a.startMs - b.startMs);
  for (const [i, session] of inOrder.entries()) {
    if (session.endMs !== null && session.endMs < session.startMs) return `${session.session} ends before it begins`;
    if (session.endMs !== null && session.busyMs > session.endMs - session.startMs + 1)
      return `${session.session} worked longer than it lasted`;
    const next = inOrder[i + 1];
    if (next !== undefined && (session.endMs === null || session.endMs > next.startMs))
      return `${session.session} overlaps ${next.session}`;
  }
  return null;
}

/** Every session that was started is there once, and closed exactly if that was said, or the node started again. */
function sameAsTold(sessions: ReadonlyMap<string, SessionRecord>, log: readonly StoredEvent[]): string | null {
  const started = log.flatMap(({ body }) => (body.kind === "mach.session_started" ? [body.session] : []));
  const closed = log.flatMap(({ body }) => (body.kind === "mach.session_closed" ? [body.session] : []));
  const rebooted = log.some(({ body }) => body.kind === "node.boot");
  if (new Set(started).size !== started.length) return "a session began twice";
  if (new Set(closed).size !== closed.length) return "a session was closed twice";
  if (closed.some((session) => !started.includes(session))) return "a session was closed that never began";
  if (sessions.size !== started.length) return `${started.length} began, ${sessions.size} are known`;
  for (const session of started) {
    const isOpen = sessions.get(session)?.endMs === null;
    if (isOpen === (rebooted || closed.includes(session))) return `${session} is ${isOpen ? "open" : "closed"}`;
  }
  return null;
}

/** The time accounting over the folded story: every instant from the first event to the last has one state. */
function statesAddUp({ sessions, runs }: ReturnType<typeof foldSessions>, log: readonly StoredEvent[]): string | null {
  const span = { fromMs: log[0]?.evtMs ?? 0, toMs: log.at(-1)?.evtMs ?? 0 };
  const lasted = ({ startMs, endMs }: { readonly startMs: number; readonly endMs: number | null }) => ({
    fromMs: startMs,
    toMs: endMs ?? span.toMs,
  });
  const history: MachineHistory = {
    service: [span],
    down: [],
    silent: [],
    power: [...runs.values()].map((run) => ({ ...lasted(run), value: "busy" as const })),
    use: [...sessions.values()].map((one) => ({
      ...lasted(one),
      value: { kind: "session", id: one.session, member: one.member, purpose: "member" } as const,
    })),
    open: null,
    away: [],
    policy: "enforced",
    leftOnAfterMs: 0,
  };
  try {
    partitionsExactly(history, span);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What the meter counted while the permit was on is the sessions', to the reading before the permit and the one after it. */
function energyAddsUp(played: Played, sessions: readonly SessionRecord[]): string | null {
  const open = played.state.session?.energyWh ?? 0;
  const attributedWh = sessions.reduce((sum, { energyWh }) => sum + energyWh, open);
  if (attributedWh > played.meterWh + 1e-6) return `${attributedWh} Wh for sessions of ${played.meterWh} Wh`;
  const readingWh = 900 / 3600;
  // what a silent meter counted goes to whoever is there when it answers again
  const slackWh = (2 * (sessions.length + 1) + played.silentS) * readingWh;
  return Math.abs(attributedWh - played.permittedWh) <= slackWh ? null : `${attributedWh} Wh of ${played.permittedWh} Wh are the sessions'`;
}

function sameFold(a: ReturnType<typeof foldSessions>, b: ReturnType<typeof foldSessions>): boolean {
  return JSON.stringify([[...a.sessions], [...a.runs]]) === JSON.stringify([[...b.sessions], [...b.runs]]);
}
