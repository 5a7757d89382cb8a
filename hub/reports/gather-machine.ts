/**
 * One machine's month out of the log: its axes as step functions, its sessions and its energy. A machine is in service once it
 * was added and its node has spoken; after that, what is not in the log is unknown: time with a lost meter, and hours of a
 * metered machine without samples, unless a run of the node covers it.
 */
import {
  type Energy,
  intersect,
  leaseDefaults,
  type MachineHistory,
  type Power,
  type Purpose,
  type SessionEnd,
  type SessionUse,
  type Span,
  type Step,
  subtract,
  type Use,
  union,
  within,
} from "#core";
import { bookingsOf, careOf, careOfPeople, downOf, jobsOf } from "./gather-work.ts";
import { byTime, type LedgerReads, type LogEvent, type MonthSources, type Place, pages } from "./sources.ts";
import { type Rate, rateOn } from "./sources-dated.ts";
import type { DecisionFact, MachineFacts } from "./types.ts";

export type MachineQuestion = {
  readonly sources: MonthSources;
  readonly place: Place;
  readonly month: Span;
  /** the present, or the end of the month */
  readonly untilMs: number;
  /** sessions of the first hours of the next month belong to the last person-day */
  readonly sessionsToMs: number;
  readonly open: readonly Span[] | null;
  /** when each machine was added, as far as it was written down */
  readonly addedMs: ReadonlyMap<string, number>;
  readonly decisions: readonly DecisionFact[];
  /** what each decision was asked for, by its id */
  readonly requests: ReadonlyMap<string, string>;
  readonly exits: readonly { readonly member: number; readonly atMs: number }[];
  readonly participants: number;
  readonly rates: readonly Rate[];
  /** the last local date of what is counted */
  readonly date: string;
  /** first and last local date of the month */
  readonly dates: { readonly from: string; readonly through: string };
  /** machines that the same course covers, itself among them */
  readonly family: readonly string[];
  /** spans for which classes reserve it */
  readonly classes: readonly Span[];
};

type Samples = ReturnType<MonthSources["series"]["hourlyEnergy"]>;

const hourMs = 3_600_000;
const rowsMax = 100_000;
/** No session of domain.md lasts longer: what began before this is over. */
const sessionMsMost = 72 * hourMs;
const farMs = 8_640_000_000_000_000;
const kinds = [
  "mach.powered",
  "mach.relay_off",
  "mach.session_unattended",
  "mach.session_attended",
  "mach.meter_lost",
  "mach.meter_back",
  "mach.safety_input",
  "mach.fault",
  "mach.job",
  "mach.meter_doubt",
] as const;

export function machineFacts(asked: MachineQuestion): Pick<MachineFacts, "history" | "events" | "meterDoubtWh"> {
  const { sources, place, month, untilMs, sessionsToMs } = asked;
  const { read } = sources.ledger;
  const elapsed = { fromMs: month.fromMs, toMs: untilMs };
  const reach = { fromMs: month.fromMs - sessionMsMost, toMs: untilMs };
  const query = { machine: place.id, fromMs: reach.fromMs, toMs: reach.toMs, limit: rowsMax };
  const log = pages(read.events, { node: place.node, kinds: [...kinds, "node.boot"], ...reach }).rows.filter(
    (event) => event.ch === place.ch || event.body.kind === "node.boot",
  );
  const owned = sessionsOf(asked, read.sessions({ ...query, toMs: sessionsToMs }), log);
  const runs = read.runs(query).map((run) => ({ ...run, fromMs: run.startMs, toMs: run.endMs ?? Math.max(run.startMs, untilMs) }));
  const samples = sources.series.hourlyEnergy(place.id, month.fromMs - hourMs, month.toMs);
  const unknown = subtract([...meterLost(read, place, elapsed), ...unsampled(sources, place.id, samples, elapsed)], runs);
  const since = inServiceSince(read, place, asked.addedMs.get(place.id) ?? 0);
  return {
    history: {
      service: since === null ? [] : [{ fromMs: since, toMs: farMs }],
      down: downOf(read, place.id, elapsed),
      silent: [],
      power: powerOf(log, owned, runs, unknown, reach, lastPowered(read, place, reach.fromMs)),
      use: usesOf(owned, runs, untilMs),
      open: asked.open,
      away: awayOf(owned, asked.exits),
      ...policyOf(read, place, month.toMs),
    },
    events: {
      sessions: owned.map(({ unattendedMs: _, jobToMs: __, ...session }) => session),
      refused: asked.decisions.filter((decision) => decision.at === place.id && decision.outcome === "deny"),
      trips: log.filter(({ evtMs, body }) => (body.kind === "mach.safety_input" || body.kind === "mach.fault") && evtMs >= month.fromMs)
        .length,
      metered: samples.length === 0 ? null : samples.map(energySlice),
      runs: runs.map(({ fromMs, toMs, energyWh }) => ({ fromMs, toMs, energyWh })),
      participants: asked.participants,
      bookings: bookingsOf(read, place, month, asked.family),
      jobs: jobsOf(read, place, log, untilMs),
      care: careOf(read, place, asked.rates, { date: asked.date, untilMs, sinceMs: since }),
      co2GPerKWh: rateOn(asked.rates, "co2", "", asked.date),
      ...careOfPeople(read, place.id, elapsed, asked.dates),
    },
    meterDoubtWh: log.reduce(
      (sum, { evtMs, body }) => (body.kind === "mach.meter_doubt" && evtMs >= month.fromMs ? sum + body.doubtWh : sum),
      0,
    ),
  };
}

const energySlice = ({ hourMs: fromMs, energyWh }: { readonly hourMs: number; readonly energyWh: number }): Energy => ({
  fromMs,
  toMs: fromMs + hourMs,
  energyWh,
});

/** A session with the time its member answered in person, and how long its job went on without them. */
type Owned = SessionUse & { readonly unattendedMs: number | null; readonly jobToMs: number };

const ends: Readonly<Record<string, SessionEnd>> = {
  taken_over: "takeover",
  handed_over: "takeover",
  forced: "forced",
  lockout: "forced",
  emergency: "forced",
  safety_stop: "trip",
  oops: "trip",
  // worked out afterwards instead of heard of
  offline_recovered: "estimated",
  device_reboot: "estimated",
  power_lost: "estimated",
  corrected: "corrected",
};
const purposes: Readonly<Record<string, Purpose>> = { maintain: "maintenance", teach: "training" };

/** Nobody's session that nobody decided is a wiring test, or its power being learnt: work on the machine, not with it. */
function purposeOf(member: number, request: string | undefined, isClass: boolean): Purpose {
  if (member === 0 && request === undefined) return "test";
  return purposes[request ?? ""] ?? (isClass ? "class" : "member");
}

/** What the machine was then; what was not written down then is as it is now. */
function policyOf(read: LedgerReads, { id, settings }: Place, beforeMs: number): Pick<MachineHistory, "policy" | "leftOnAfterMs"> {
  const then = read.usage.machineThen(id, beforeMs);
  const now = typeof settings.leftOnAfterMs === "number" ? settings.leftOnAfterMs : null;
  const leftPowered = then === null ? settings.leftPowered === true : then.leftPowered === true;
  const isWatched = then === null ? settings.enforced === false : then.enforced === false;
  return {
    policy: leftPowered ? "left_powered" : isWatched ? "watched" : "enforced",
    leftOnAfterMs: (then === null ? now : then.leftOnAfterMs) ?? leaseDefaults.other.idleMs,
  };
}

function sessionsOf(asked: MachineQuestion, rows: ReturnType<LedgerReads["sessions"]>, log: readonly LogEvent[]): Owned[] {
  return rows.map((row) => {
    const toMs = row.endedMs ?? Math.max(row.startedMs, asked.untilMs);
    const unattendedMs = lastUnattended(row.session, log);
    return {
      id: row.session,
      member: row.member,
      purpose: purposeOf(
        row.member,
        asked.requests.get(row.decision),
        asked.classes.some((span) => within(row.startedMs, span)),
      ),
      fromMs: row.startedMs,
      toMs: unattendedMs === null ? toMs : Math.min(unattendedMs, toMs),
      end: row.endedMs === null ? null : (ends[row.reason ?? ""] ?? "normal"),
      unattendedMs,
      jobToMs: toMs,
    };
  });
}

/** When the member left the machine to its job for good; null when they came back or never left. */
function lastUnattended(session: string, log: readonly LogEvent[]): number | null {
  let since: number | null = null;
  for (const { body, evtMs } of log) {
    if (body.kind === "mach.session_unattended" && body.session === session) since ??= evtMs;
    if (body.kind === "mach.session_attended" && body.session === session) since = null;
  }
  return since;
}

type Run = Span & { readonly session: string | null };

/** Sessions while attended; jobs from then on, and as long as a run of theirs outlasts them. */
function usesOf(sessions: readonly Owned[], runs: readonly Run[], untilMs: number): Step<Use>[] {
  const owner = new Map(sessions.map((session) => [session.id, session]));
  const value = (session: Owned, kind: "session" | "job"): Use => ({
    kind,
    id: session.id,
    member: session.member,
    purpose: session.purpose,
  });
  const jobs = runs.flatMap((run): Step<Use>[] => {
    const session = owner.get(run.session ?? "");
    return session === undefined || run.toMs <= session.toMs
      ? []
      : [{ fromMs: Math.max(run.fromMs, session.toMs), toMs: Math.min(run.toMs, untilMs), value: value(session, "job") }];
  });
  return [
    ...sessions.map((session) => ({ fromMs: session.fromMs, toMs: session.toMs, value: value(session, "session") })),
    ...sessions
      .filter(({ jobToMs, toMs }) => jobToMs > toMs)
      .map((one) => ({ fromMs: one.toMs, toMs: one.jobToMs, value: value(one, "job") })),
    ...jobs,
  ];
}

/** The last word of the contact before an instant; null when it has never said anything. */
function lastPowered(read: LedgerReads, { node, ch }: Place, beforeMs: number): boolean | null {
  const last = read.events({ node, ch, kinds: ["mach.powered"], toMs: beforeMs, limit: 1 })[0];
  return last?.body.kind === "mach.powered" ? last.body.on : null;
}

/** Busy in its runs, else idle while its contact says powered, else off. Without a contact, a session is taken to be powered. */
function powerOf(
  log: readonly LogEvent[],
  sessions: readonly Owned[],
  runs: readonly Run[],
  unknown: readonly Span[],
  reach: Span,
  before: boolean | null,
): Step<Power>[] {
  const hasContact = before !== null || log.some(({ body }) => body.kind === "mach.powered");
  const powered: Span[] = [];
  let sinceMs = before === true ? reach.fromMs : null;
  for (const { body, evtMs } of log) {
    if (body.kind === "mach.powered" && body.on) sinceMs ??= evtMs;
    else if (body.kind === "mach.powered" || body.kind === "mach.relay_off" || body.kind === "node.boot") {
      if (sinceMs !== null) powered.push({ fromMs: sinceMs, toMs: evtMs });
      sinceMs = null;
    }
  }
  if (sinceMs !== null) powered.push({ fromMs: sinceMs, toMs: reach.toMs });
  const step = (value: Power) => (span: Span) => ({ fromMs: span.fromMs, toMs: span.toMs, value });
  const attended = sessions.map(({ fromMs, jobToMs }) => ({ fromMs, toMs: jobToMs }));
  return [
    step("off")(reach),
    ...(hasContact ? powered : attended).map(step("idle")),
    ...runs.map(step("busy")),
    ...unknown.map(step("unknown")),
  ];
}

/** A member who badged out during their session is away for the rest of it. */
function awayOf(sessions: readonly Owned[], exits: MachineQuestion["exits"]): Span[] {
  return sessions.flatMap((session) =>
    exits
      .filter(({ member, atMs }) => member === session.member && member !== 0 && atMs >= session.fromMs && atMs < session.toMs)
      .map(({ atMs }) => ({ fromMs: atMs, toMs: session.toMs })),
  );
}

/** When it was added and its node had spoken, or its own channel had; null while the node has never spoken. */
function inServiceSince(read: LedgerReads, place: Place, addedMs: number): number | null {
  const firstMs = read.usage.firstHeard(place.node);
  if (firstMs === null) return null;
  const ownMs = read.usage.firstHeard(place.node, place.ch);
  return Math.min(Math.max(firstMs, addedMs), ownMs ?? Number.MAX_SAFE_INTEGER);
}

/** When machines were added, the last time each, out of the audit (newest first). */
export function addedMachines(audit: ReturnType<LedgerReads["audit"]>): Map<string, number> {
  const added = new Map<string, number>();
  for (const { action, detail, atMs } of audit) {
    if (action !== "addMachine") continue;
    const machine = auditedMachine(detail);
    if (machine !== undefined && !added.has(machine)) added.set(machine, atMs);
  }
  return added;
}

function auditedMachine(detail: string): string | undefined {
  try {
    const value: unknown = JSON.parse(detail);
    return typeof value === "object" && value !== null && "machine" in value && typeof value.machine === "string"
      ? value.machine
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // details are cut at 4,000 characters; a machine's never is
    throw error;
  }
}

function meterLost(read: LedgerReads, place: Place, elapsed: Span): Span[] {
  // Kind by kind: each has an index of its own, however long the log is.
  const told = (["mach.meter_lost", "mach.meter_back"] as const).flatMap(
    (kind) => pages(read.events, { node: place.node, ch: place.ch, kinds: [kind], toMs: elapsed.toMs }).rows,
  );
  const spans: Span[] = [];
  let lostMs: number | null = null;
  for (const event of told.sort(byTime)) {
    if (event.body.kind === "mach.meter_lost") lostMs ??= event.evtMs;
    else if (lostMs !== null) {
      spans.push({ fromMs: lostMs, toMs: event.evtMs });
      lostMs = null;
    }
  }
  if (lostMs !== null) spans.push({ fromMs: lostMs, toMs: elapsed.toMs });
  return intersect(spans, [elapsed]);
}

/** What is missing of the hours of a metered machine. Most are whole: only those that are not are looked into. */
function unsampled({ series }: MonthSources, machine: string, samples: Samples, elapsed: Span): Span[] {
  if (samples.length === 0) return [];
  const known = new Map(samples.map((sample) => [sample.hourMs, sample.knownS]));
  const spans: Span[] = [];
  const partly: Span[] = [];
  for (let at = Math.floor(elapsed.fromMs / hourMs) * hourMs; at < elapsed.toMs; at += hourMs) {
    const knownS = known.get(at) ?? 0;
    if (knownS === 0) spans.push({ fromMs: at, toMs: at + hourMs });
    else if (knownS * 1000 < hourMs) partly.push({ fromMs: at, toMs: at + hourMs });
  }
  for (const { fromMs, toMs } of union(partly)) spans.push(...series.silences(machine, fromMs, toMs));
  return intersect(union(spans), [elapsed]);
}
