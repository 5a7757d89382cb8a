/** Screens on walls as a running space gives them: the live picture without people, what is on today, and the month so far. */
import { isOpen, nextChangeMs, smallestGroup } from "#core";
import type { LedgerChange } from "./ledger/types.ts";
import { monthOf } from "./reports/book.ts";
import { metricOf } from "./reports/chart.ts";
import type { Stack } from "./stack.ts";
import type { LiveChange, MachineLive, NodeLive } from "./views.ts";
import type {
  Screens,
  WallChange,
  WallHeads,
  WallMachine,
  WallMonth,
  WallNode,
  WallPicture,
  WallSite,
  WallToday,
  WallView,
} from "./views-wall.ts";

const hourMs = 3_600_000;
const aheadMs = 24 * hourMs;
/** The month so far changes slowly, and to add it up takes a while. */
const monthKeptMs = 15 * 60_000;
const todayEveryMs = 15_000;
const deafEveryMs = 1000;
const jobsKeptMs = 12 * hourMs;

type Jobs = ReadonlyMap<string, NonNullable<WallMachine["job"]>>;

/** Links of the spaces that run here: the real one, and the simulated building beside it. */
export function screensOf(stacks: () => readonly Stack[], nowMs: () => number): Screens {
  const views = new WeakMap<Stack, WallView>();
  const viewOf = (stack: Stack): WallView => {
    const view = views.get(stack) ?? wallView(stack, nowMs);
    views.set(stack, view);
    return view;
  };
  return {
    wall(name, token) {
      for (const stack of stacks()) {
        const row = stack.ledger.read.screenWith(name, token);
        const boards = row?.boards.filter((board) => board !== "kiosk") ?? [];
        if (row !== undefined && boards.length > 0) return { name, boards, languages: row.languages, view: viewOf(stack) };
      }
      return undefined;
    },
    onDoubt(listen) {
      const heard = stacks().map((stack) => stack.ledger.onChange(({ kind }) => kind === "recorded" && listen()));
      return () => {
        for (const end of heard) end();
      };
    },
  };
}

export function wallView(stack: Stack, nowMs: () => number): WallView {
  const { hub, ledger } = stack;
  let month: { readonly atMs: number; readonly is: WallMonth } | undefined;
  const jobs = keptJobs(stack, nowMs);
  const deaf = deafness(stack, nowMs);
  const site = (): WallSite => siteOf(stack, deaf());
  const picture = (): WallPicture => {
    const told = jobs.now();
    return {
      site: site(),
      machines: hub.live.machines().map((machine) => machineOf(machine, told)),
      nodes: hub.live.nodes().map(nodeOf),
      today: todayOf(stack, nowMs()),
    };
  };
  return {
    snapshot: picture,
    subscribe(listen) {
      const tell = tellOnce(listen);
      const ends = [
        hub.live.subscribe((change) => tell(ofLive(change, jobs.now))),
        ledger.onChange((change) => tell(ofLedger(change, site, picture))),
      ];
      const timer = setInterval(() => tell([{ kind: "today", today: todayOf(stack, nowMs()) }]), todayEveryMs).unref();
      const hearing = setInterval(() => tell([{ kind: "site", site: site() }]), deafEveryMs).unref();
      return () => {
        clearInterval(timer);
        clearInterval(hearing);
        for (const end of ends) end();
      };
    },
    month() {
      const atMs = nowMs();
      if (month === undefined || atMs - month.atMs > monthKeptMs) month = { atMs, is: monthAt(stack, atMs) };
      return month.is;
    },
  };
}

/** What has been said is not said again: a machine that only draws another power has no news for a wall. */
function tellOnce(listen: (change: WallChange) => void): (changes: readonly WallChange[]) => void {
  const said = new Map<string, string>();
  return (changes) => {
    for (const change of changes) {
      const key = change.kind === "machine" ? change.machine.id : change.kind === "node" ? `node ${change.node.id}` : change.kind;
      const text = JSON.stringify(change);
      if (said.get(key) === text) continue;
      if (change.kind === "all") said.clear();
      said.set(key, text);
      listen(change);
    }
  };
}

function ofLive(change: LiveChange, jobs: () => Jobs): readonly WallChange[] {
  if (change.kind === "machine") return [{ kind: "machine", machine: machineOf(change.machine, jobs()) }];
  if (change.kind === "node") return [{ kind: "node", node: nodeOf(change.node) }];
  return [];
}

function ofLedger(change: LedgerChange, site: () => WallSite, picture: () => WallPicture): readonly WallChange[] {
  // A change of mode comes at once, and everything with it: every machine is another thing in an evacuation.
  if (change.kind !== "events")
    return [
      { kind: "site", site: site() },
      { kind: "all", picture: picture() },
    ];
  if (!change.events.some(({ body }) => body.kind === "mach.job")) return [];
  const { machines } = picture();
  return machines.map((machine) => ({ kind: "machine", machine }));
}

/** Since when nothing is heard of any node, as far as somebody has looked. */
function deafness(stack: Stack, nowMs: () => number): () => number | null {
  let sinceMs: number | null = null;
  return () => {
    sinceMs = stack.hears() ? null : (sinceMs ?? nowMs());
    return sinceMs;
  };
}

function siteOf({ ledger }: Stack, deafSinceMs: number | null): WallSite {
  const { name, tz, mode, demo } = ledger.read.site();
  return { name, zone: tz, mode, simulated: demo, deafSinceMs };
}

const nodeOf = ({ id, status, lastSeenMs }: NodeLive): WallNode => ({ id, status, seenMs: lastSeenMs });
const machineOf = ({ id, label, node, status, sinceMs }: MachineLive, jobs: Jobs): WallMachine => ({
  ...{ id, label, node, status, sinceMs },
  job: jobs.get(id) ?? null,
});

const jobWords = {
  preparing: "preparing",
  running: "running",
  paused: "paused",
  complete: "complete",
  cancelled: "failed",
  error: "failed",
  interrupted: "failed",
} as const;

/** Read again only when a controller has said something, or nobody listened for a while. */
function keptJobs(stack: Stack, nowMs: () => number): { now(): Jobs } {
  let kept: { readonly atMs: number; readonly jobs: Jobs } | undefined;
  stack.ledger.onChange((change) => {
    if (change.kind === "events" && change.events.some(({ body }) => body.kind === "mach.job")) kept = undefined;
  });
  return {
    now() {
      if (kept === undefined || nowMs() - kept.atMs > todayEveryMs) kept = { atMs: nowMs(), jobs: jobsOf(stack, nowMs()) };
      return kept.jobs;
    },
  };
}

/** The last word of each controller about its job, and since when it says so. */
function jobsOf({ ledger }: Stack, nowMs: number): Jobs {
  const jobs = new Map<string, NonNullable<WallMachine["job"]>>();
  const events = ledger.read.events({ kinds: ["mach.job"], fromMs: nowMs - jobsKeptMs, limit: 500 });
  for (const { node, ch, body, evtMs } of events.reverse()) {
    const id = ledger.read.resourceAt(node, ch)?.id;
    if (id === undefined || body.kind !== "mach.job") continue;
    const state = Object.entries(jobWords).find(([word]) => word === body.state)?.[1];
    if (state === undefined) jobs.delete(id);
    else jobs.set(id, { state, sinceMs: jobs.get(id)?.state === state ? (jobs.get(id)?.sinceMs ?? evtMs) : evtMs });
  }
  return jobs;
}

/** Whether the space is open by its hours, and when that changes. */
export function openHoursOf({ ledger }: Pick<Stack, "ledger">, nowMs: number): Pick<WallToday, "isOpen" | "changesMs"> {
  const { openingHours, tz, mode } = ledger.read.site();
  const hours = ledger.read.schedules().find(({ schedule }) => schedule === openingHours)?.hours;
  if (mode !== "normal") return { isOpen: false, changesMs: null };
  return hours === undefined
    ? { isOpen: null, changesMs: null }
    : { isOpen: isOpen(hours, tz, nowMs), changesMs: nextChangeMs(hours, tz, nowMs) };
}

function todayOf({ ledger }: Stack, nowMs: number): WallToday {
  const { read } = ledger;
  const labels = new Map(read.resources().map(({ id, label }) => [id, label]));
  const soon = (one: { readonly fromMs: number }): boolean => one.fromMs < nowMs + aheadMs;
  return {
    ...openHoursOf({ ledger }, nowMs),
    classes: read
      .classes(nowMs)
      .filter((one) => !one.isCancelled && soon(one))
      .slice(0, 20)
      .map(({ label, fromMs, untilMs, places, enrolled, seats }) => ({
        ...{ label, fromMs, untilMs },
        places: places.map((place) => labels.get(place) ?? place),
        freeSeats: seats === null ? null : Math.max(0, seats - enrolled.length),
      })),
    bookings: read
      .bookings(nowMs)
      .filter((one) => one.class === null && (one.state === "confirmed" || one.state === "checked_in") && soon(one))
      .slice(0, 40)
      .map(({ machine, fromMs, untilMs }) => ({ machine, label: labels.get(machine) ?? machine, fromMs, untilMs })),
  };
}

function monthAt(stack: Stack, atMs: number): WallMonth {
  const zoned = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(stack.ledger.read.site().tz);
  const month = zoned.toPlainDate().toPlainYearMonth().toString();
  const { figures } = monthOf(stack, month, atMs);
  const hoursOf = (of: Parameters<typeof metricOf>[0], id: string): number | null => {
    const value = metricOf(of, id)?.value ?? null;
    return value === null ? null : Math.round((value / hourMs) * 10) / 10;
  };
  const all = { metrics: figures.all };
  const programme = { metrics: figures.programme ?? [] };
  return {
    month,
    busyHours: hoursOf(all, "M01"),
    people: headsOf(metricOf(figures.people, "V03")?.value ?? null),
    events: metricOf(programme, "E01")?.value ?? null,
    volunteerHours: hoursOf(programme, "F05.hours"),
    machines: figures.machines
      .map((machine) => ({ label: machine.label, hours: hoursOf(machine, "M01") ?? 0 }))
      .filter(({ hours }) => hours > 0)
      .sort((a, b) => b.hours - a.hours)
      .slice(0, 8),
  };
}

const headsOf = (heads: number | null): WallHeads => (heads !== null && heads > 0 && heads < smallestGroup ? "few" : heads);
