/**
 * The facts of a month out of a ledger and its usage series, read through the few questions it asks of them. A machine is in
 * service once it was added and its node has spoken; after that, what is not in the log is unknown: time with a lost meter, and
 * hours of a metered machine without samples.
 */
import type { EventBody, Schedule } from "#contract";
import { monthSpan, openSpans, personDaysSpan } from "./period.ts";
import { intersect, type Span, union } from "./spans.ts";
import type { DecisionFact, DoorFacts, MachineFacts, MonthInput } from "./types.ts";

type Event = {
  readonly n: number;
  readonly node: string;
  readonly ch: string;
  readonly evtMs: number;
  readonly tqHub: string;
  readonly body: EventBody;
};
type Resource = {
  readonly id: string;
  readonly kind: "door" | "machine";
  readonly label: string;
  readonly node: string;
  readonly ch: string;
};
type Query = { readonly machine?: string; readonly fromMs?: number; readonly toMs?: number; readonly limit: number };
type EventQuery = {
  readonly node?: string;
  readonly ch?: string;
  readonly kinds?: readonly EventBody["kind"][];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly after?: number;
  readonly limit: number;
};

export type MonthSources = {
  readonly ledger: {
    readonly read: {
      site(): {
        readonly site: string;
        readonly name: string;
        readonly tz: string;
        readonly demo: boolean;
        readonly openingHours: string | null;
      };
      resources(): readonly Resource[];
      schedules(): readonly { readonly schedule: string; readonly hours: Schedule }[];
      events(query: EventQuery): readonly Event[];
      sessions(query: Query): readonly {
        readonly session: string;
        readonly member: number;
        readonly startedMs: number;
        readonly endedMs: number | null;
        readonly reason: string | null;
      }[];
      runs(
        query: Query,
      ): readonly { readonly session: string | null; readonly startMs: number; readonly endMs: number | null; readonly energyWh: number }[];
      gaps(): readonly { readonly from: number; readonly to: number; readonly state: string; readonly noticedMs: number }[];
      quarantined(): readonly { readonly atMs: number }[];
      audit(limit: number): readonly { readonly atMs: number; readonly action: string; readonly target: string; readonly detail: string }[];
    };
  };
  readonly series: {
    hourlyEnergy(
      machine: string,
      fromMs: number,
      toMs: number,
    ): readonly { readonly hourMs: number; readonly energyWh: number; readonly knownS: number }[];
  };
};

const hourMs = 3_600_000;
const rowsMax = 100_000;
const pageMax = 10_000;
/** Changes of permissions that are looked through for lockouts. */
const auditMax = 20_000;
/** Session ends that the hub worked out afterwards instead of hearing of them. */
const estimatedEnds: ReadonlySet<string> = new Set(["offline_recovered", "device_reboot", "power_lost"]);
const doorKinds = ["door.opened", "door.granted_not_used", "door.forced_open", "door.held_open"] as const;

/** Throws RangeError when `month` is no month of the site's calendar. */
export function monthInput(given: MonthSources & { readonly month: string; readonly madeMs: number }): MonthInput {
  const { read } = given.ledger;
  const site = read.site();
  const month = monthSpan(given.month, site.tz);
  const days = personDaysSpan(given.month, site.tz);
  if (month === undefined || days === undefined) throw new RangeError(`report: "${given.month}" is no month`);
  const resources = read.resources();
  const hours = read.schedules().find((entry) => entry.schedule === site.openingHours)?.hours;
  const open = hours === undefined ? null : openSpans(hours, month, site.tz);
  const decided = pages(read.events, { kinds: ["access.decided"], fromMs: month.fromMs, toMs: days.toMs });
  const doorEvents = pages(read.events, { kinds: doorKinds, fromMs: month.fromMs, toMs: month.toMs });
  const audit = read.audit(auditMax);
  const downs = downTimes(audit, month);
  const machines = resources
    .filter((row) => row.kind === "machine")
    .map((row) => ({
      ...machineFacts(given, row, month, open, downs.get(row.id) ?? { planned: [], unplanned: [] }),
      sinceMs: inServiceSince(read, row, audit),
    }));
  return {
    month: given.month,
    siteName: site.name === "" ? site.site : site.name,
    zone: site.tz,
    madeMs: given.madeMs,
    simulated: site.demo,
    machines,
    doors: resources.filter((row) => row.kind === "door").map((row) => doorFacts(row, doorEvents.rows)),
    decisions: decided.rows.flatMap((event) => decisionFact(event, resources)),
    lostEvents: read
      .gaps()
      .reduce((lost, gap) => lost + (gap.state === "closed" || !within(gap.noticedMs, month) ? 0 : gap.to - gap.from + 1), 0),
    unreadableMessages: read.quarantined().filter((row) => within(row.atMs, month)).length,
    cutShort: decided.cutShort || doorEvents.cutShort,
  };
}

/** Every event of a query, oldest first, in pages; at most a million. */
function pages(
  events: MonthSources["ledger"]["read"]["events"],
  query: Omit<EventQuery, "limit" | "after">,
): { rows: Event[]; cutShort: boolean } {
  const rows: Event[] = [];
  let after = 0;
  for (let page = 0; page < 100; page += 1) {
    const found = events({ ...query, after, limit: pageMax });
    rows.push(...found);
    if (found.length < pageMax) return { rows, cutShort: false };
    after = found.at(-1)?.n ?? after;
  }
  return { rows, cutShort: true };
}

function decisionFact(event: Event, resources: readonly Resource[]): DecisionFact[] {
  const { body } = event;
  if (body.kind !== "access.decided" || body.request === "stop" || body.request === "exit") return [];
  const place = resources.find((row) => row.node === event.node && row.ch === event.ch);
  return [
    {
      atMs: event.evtMs,
      at: place?.id ?? `${event.node}/${event.ch}`,
      atLabel: place?.label ?? `${event.node}/${event.ch}`,
      kind: place?.kind ?? (body.request === "enter" || body.request === "remote_unlock" ? "door" : "machine"),
      member: body.member,
      outcome: body.outcome,
      reason: body.reason,
      clockTrusted: event.tqHub !== "unknown",
    },
  ];
}

function doorFacts(row: Resource, events: readonly Event[]): DoorFacts {
  const count = (kind: (typeof doorKinds)[number]) =>
    events.filter((event) => event.node === row.node && event.ch === row.ch && event.body.kind === kind).length;
  return {
    id: row.id,
    label: row.label,
    opened: count("door.opened"),
    notUsed: count("door.granted_not_used"),
    forced: count("door.forced_open"),
    heldOpen: count("door.held_open"),
  };
}

function machineFacts(
  { ledger, series, madeMs }: MonthSources & { readonly madeMs: number },
  row: Resource,
  month: Span,
  open: readonly Span[] | null,
  down: DownTimes,
): Omit<MachineFacts, "sinceMs"> {
  const { read } = ledger;
  const query = { machine: row.id, ...month, limit: rowsMax };
  const elapsed = { fromMs: month.fromMs, toMs: Math.min(month.toMs, Math.max(month.fromMs, madeMs)) };
  const samples = series.hourlyEnergy(row.id, month.fromMs, month.toMs);
  const runs = read.runs(query);
  return {
    id: row.id,
    label: row.label,
    sessions: read.sessions({ ...query, toMs: month.toMs + 4 * hourMs }).map((session) => ({
      session: session.session,
      member: session.member,
      fromMs: session.startedMs,
      toMs: session.endedMs,
      estimated: session.reason !== null && estimatedEnds.has(session.reason),
    })),
    runs: runs.map((run) => ({ fromMs: run.startMs, toMs: run.endMs, owned: run.session !== null })),
    energyWh: samples.length === 0 ? null : samples.reduce((sum, hour) => sum + hour.energyWh, 0),
    unknown: union([...meterLost(read, row, elapsed), ...unsampled(samples, elapsed)]),
    open,
    plannedDown: down.planned,
    unplannedDown: down.unplanned,
  };
}

/** When it was added and its node had spoken, or its own channel had; null while the node has never spoken. */
function inServiceSince(read: MonthSources["ledger"]["read"], row: Resource, audit: Audit): number | null {
  const first = read.events({ node: row.node, after: 0, limit: 1 })[0];
  if (first === undefined) return null;
  const own = read.events({ node: row.node, ch: row.ch, after: 0, limit: 1 })[0];
  const added = audit.find((entry) => entry.action === "addMachine" && auditedMachine(entry.detail).machine === row.id);
  return Math.min(Math.max(first.evtMs, added?.atMs ?? 0), own?.evtMs ?? Number.MAX_SAFE_INTEGER);
}

function meterLost(read: MonthSources["ledger"]["read"], row: Resource, elapsed: Span): Span[] {
  const { rows } = pages(read.events, { node: row.node, ch: row.ch, kinds: ["mach.meter_lost", "mach.meter_back"], toMs: elapsed.toMs });
  const spans: Span[] = [];
  let lostMs: number | null = null;
  for (const event of rows) {
    if (event.body.kind === "mach.meter_lost") lostMs ??= event.evtMs;
    else if (lostMs !== null) {
      spans.push({ fromMs: lostMs, toMs: event.evtMs });
      lostMs = null;
    }
  }
  if (lostMs !== null) spans.push({ fromMs: lostMs, toMs: elapsed.toMs });
  return intersect(spans, [elapsed]);
}

/** Hours of a metered machine that hold less than an hour of samples; what is missing is put at the hour's end. */
function unsampled(samples: readonly { readonly hourMs: number; readonly knownS: number }[], elapsed: Span): Span[] {
  if (samples.length === 0) return [];
  const known = new Map(samples.map((sample) => [sample.hourMs, sample.knownS * 1000]));
  const spans: Span[] = [];
  for (let at = Math.floor(elapsed.fromMs / hourMs) * hourMs; at < elapsed.toMs; at += hourMs) {
    const fromMs = Math.max(at, elapsed.fromMs) + (known.get(at) ?? 0);
    spans.push({ fromMs, toMs: Math.min(at + hourMs, elapsed.toMs) });
  }
  return union(spans);
}

type DownTimes = { readonly planned: Span[]; readonly unplanned: Span[] };

type Audit = ReturnType<MonthSources["ledger"]["read"]["audit"]>;

/** Lockouts as the audit tells them: maintenance is planned work, everything else a breakdown. */
function downTimes(audit: Audit, month: Span): Map<string, DownTimes> {
  const out = new Map<string, DownTimes>();
  const open = new Map<string, { machine: string; kind: string; atMs: number }>();
  const end = (key: string, toMs: number) => {
    const lock = open.get(key);
    if (lock === undefined) return;
    open.delete(key);
    const of = out.get(lock.machine) ?? { planned: [], unplanned: [] };
    of[lock.kind === "maintenance" ? "planned" : "unplanned"].push(...intersect([{ fromMs: lock.atMs, toMs }], [month]));
    out.set(lock.machine, of);
  };
  for (const entry of [...audit].reverse()) {
    if (entry.action !== "lockMachine" && entry.action !== "unlockMachine") continue;
    const { machine, kind } = auditedMachine(entry.detail);
    if (machine === undefined) continue;
    if (entry.action === "lockMachine") {
      const key = `${machine} ${kind ?? "maintenance"}`;
      if (!open.has(key)) open.set(key, { machine, kind: kind ?? "maintenance", atMs: entry.atMs });
    } else
      for (const key of [...open.keys()])
        if (key === `${machine} ${kind}` || (kind === undefined && open.get(key)?.machine === machine)) end(key, entry.atMs);
  }
  for (const key of [...open.keys()]) end(key, month.toMs);
  return out;
}

function auditedMachine(detail: string): { machine?: string; kind?: string } {
  try {
    const value: unknown = JSON.parse(detail);
    if (typeof value !== "object" || value === null) return {};
    const machine = "machine" in value && typeof value.machine === "string" ? { machine: value.machine } : {};
    const kind = "kind" in value && typeof value.kind === "string" ? { kind: value.kind } : {};
    return { ...machine, ...kind };
  } catch (error) {
    if (error instanceof SyntaxError) return {}; // details are cut at 4,000 characters; a lockout's never is
    throw error;
  }
}

const within = (atMs: number, span: Span) => atMs >= span.fromMs && atMs < span.toMs;
