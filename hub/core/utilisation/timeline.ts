/**
 * The one model behind every number: what a machine was at each instant (reports.md §3). Three step functions of UTC time,
 * availability × power × attribution, are laid over each other; each stretch between two changes gets one derived state, the
 * first that matches. The stretches partition the span exactly, so durations add up to the millisecond.
 */
import { intersect, type Span, type Step, subtract, union } from "./spans.ts";

export type Availability = "available" | "planned_down" | "unplanned_down" | "not_in_service" | "unknown";
export type Power = "off" | "idle" | "busy" | "unknown";
export type Purpose = "member" | "class" | "training" | "maintenance" | "test" | "service";
/** Who answers for the machine. A job goes on after its session has ended; `member` is then its owner. 0: nobody known. */
export type Use = {
  readonly kind: "session" | "job" | "staff";
  readonly id: string;
  readonly member: number;
  readonly purpose: Purpose;
};
/** The derived state of every instant; lanes, tiles and pies show these. `not_in_service`: not there yet, or no longer. */
export const derivedStates = [
  "not_in_service",
  "unknown",
  "down_unplanned",
  "down_planned",
  "unauthorised",
  "unattended_busy",
  "busy",
  "left_on",
  "idle",
  "standby",
  "free",
  "closed",
] as const;
export type DerivedState = (typeof derivedStates)[number];

/**
 * What is known of one machine. Steps may overlap and come in any order: of two values the more telling one counts (power:
 * unknown, busy, idle, off; use: session, job, staff, the later start, the greater id). Power that no step covers is unknown.
 */
export type MachineHistory = {
  readonly service: readonly Span[];
  readonly down: readonly Step<"planned_down" | "unplanned_down">[];
  /** nothing came from its node then */
  readonly silent: readonly Span[];
  readonly power: readonly Step<Power>[];
  readonly use: readonly Step<Use>[];
  /** the calendar that applies; null when there is none: then it is always open */
  readonly open: readonly Span[] | null;
  /** its member is out of the space then; soft evidence, from badge-outs only */
  readonly away: readonly Span[];
  /** enforced: power needs a session; watched: it is only measured; left_powered: it stays on by policy, such as a printer */
  readonly policy: "enforced" | "watched" | "left_powered";
  /** powered without work for this long is left on */
  readonly leftOnAfterMs: number;
};
export type Stretch = Span & {
  readonly state: DerivedState;
  readonly availability: Availability;
  readonly power: Power;
  readonly use: Use | null;
  readonly open: boolean;
};

/** The stretches of a span, in order, without gap or overlap; empty for an empty span. */
export function timeline(history: MachineHistory, span: Span): Stretch[] {
  // What is left on at the beginning was idle before it: the same instant gets the same state whatever span is asked for.
  const asked = { fromMs: span.fromMs - history.leftOnAfterMs, toMs: span.toMs };
  const cut = derived(history, asked).map((one) => ({ ...one, fromMs: Math.max(one.fromMs, span.fromMs) }));
  return joined(cut.filter(({ fromMs, toMs }) => toMs > fromMs));
}

function derived(history: MachineHistory, span: Span): Stretch[] {
  const axes = {
    availability: painted<Availability>(span, "available", [
      [history.silent, "unknown"],
      [valued(history.down, "planned_down"), "planned_down"],
      [valued(history.down, "unplanned_down"), "unplanned_down"],
      [subtract([span], history.service), "not_in_service"],
    ]),
    power: painted<Power>(span, "unknown", [
      [valued(history.power, "off"), "off"],
      [valued(history.power, "idle"), "idle"],
      [valued(history.power, "busy"), "busy"],
      [valued(history.power, "unknown"), "unknown"],
    ]),
    use: attributed(history.use, span),
    open: painted(span, history.open === null, [[history.open ?? [], true]]),
    away: painted(span, false, [[history.away, true]]),
  };
  const stretches = merged(span, axes);
  return withLeftOn(stretches, axes.away, history);
}

const valued = <V>(steps: readonly Step<V>[], value: V): readonly Span[] => steps.filter((step) => step.value === value);

/** One value at each instant: the ground, and over it the layers, each covering those before it. */
function painted<V>(span: Span, ground: V, layers: readonly (readonly [readonly Span[], V])[]): Step<V>[] {
  let rest: readonly Span[] = [span];
  const out: Step<V>[] = [];
  for (const [spans, value] of [...layers].reverse()) {
    for (const part of intersect(rest, spans)) out.push({ ...part, value });
    rest = subtract(rest, spans);
  }
  for (const part of rest) out.push({ ...part, value: ground });
  return out.sort((a, b) => a.fromMs - b.fromMs);
}

const rank = { session: 2, job: 1, staff: 0 } as const;

/** Who answers at each instant. Sessions may overlap on a shared machine: the one that began last counts. */
function attributed(uses: readonly Step<Use>[], span: Span): Step<Use | null>[] {
  const inSpan = uses.filter((use) => use.toMs > use.fromMs && use.toMs > span.fromMs && use.fromMs < span.toMs);
  const edges = edgesOf([span, ...inSpan], span);
  const byStart = [...inSpan].sort((a, b) => a.fromMs - b.fromMs);
  let live: Step<Use>[] = [];
  let next = 0;
  return edges.slice(0, -1).map((fromMs, i) => {
    for (let use = byStart[next]; use !== undefined && use.fromMs <= fromMs; use = byStart[++next]) live.push(use);
    live = live.filter((use) => use.toMs > fromMs);
    const first = live.reduce<Step<Use> | undefined>((best, use) => (best === undefined || outranks(use, best) ? use : best), undefined);
    return { fromMs, toMs: edges[i + 1] ?? span.toMs, value: first?.value ?? null };
  });
}

function outranks(a: Step<Use>, b: Step<Use>): boolean {
  const by = rank[a.value.kind] - rank[b.value.kind] || a.fromMs - b.fromMs;
  return by !== 0 ? by > 0 : a.value.id > b.value.id;
}

function edgesOf(spans: readonly Span[], span: Span): number[] {
  const edges = new Set<number>();
  for (const { fromMs, toMs } of spans) {
    edges.add(Math.min(Math.max(fromMs, span.fromMs), span.toMs));
    edges.add(Math.min(Math.max(toMs, span.fromMs), span.toMs));
  }
  return [...edges].sort((a, b) => a - b);
}

type Axes = {
  readonly availability: readonly Step<Availability>[];
  readonly power: readonly Step<Power>[];
  readonly use: readonly Step<Use | null>[];
  readonly open: readonly Step<boolean>[];
};
type Undecided = Omit<Stretch, "state">;

/** The axes laid over each other: a stretch for each instant at which none of them changes. */
function merged(span: Span, axes: Axes): Undecided[] {
  const { availability, power, use, open } = axes;
  const edges = edgesOf([...availability, ...power, ...use, ...open], span);
  const at = { availability: follow(availability), power: follow(power), use: follow(use), open: follow(open) };
  return edges.slice(0, -1).map((fromMs, i) => ({
    fromMs,
    toMs: edges[i + 1] ?? span.toMs,
    availability: at.availability(fromMs),
    power: at.power(fromMs),
    use: at.use(fromMs),
    open: at.open(fromMs),
  }));
}

/** A reader of steps that partition a span; instants must be asked in order. */
function follow<V>(steps: readonly Step<V>[]): (atMs: number) => V {
  let i = 0;
  return (atMs) => {
    for (let step = steps[i]; step !== undefined; step = steps[++i]) if (step.toMs > atMs) return step.value;
    throw new RangeError("timeline: an instant outside its span");
  };
}

/** States, with idle stretches cut where `left_on` begins: too long idle under the same hands, or its member has left. */
function withLeftOn(stretches: readonly Undecided[], away: readonly Step<boolean>[], history: MachineHistory): Stretch[] {
  const out: Stretch[] = [];
  const gone = valued(away, true);
  let idleSinceMs: number | null = null;
  let hands: string | null = null;
  for (const stretch of stretches) {
    if (stretch.power !== "idle") idleSinceMs = null;
    else if (idleSinceMs === null || (stretch.use !== null && stretch.use.id !== hands)) idleSinceMs = stretch.fromMs;
    hands = stretch.use?.id ?? null;
    const state = stateOf(stretch, history.policy);
    if (idleSinceMs === null || !mayBeLeftOn(stretch, state, history.policy)) {
      out.push({ ...stretch, state });
      continue;
    }
    const late = { fromMs: Math.max(stretch.fromMs, idleSinceMs + history.leftOnAfterMs), toMs: stretch.toMs };
    const left = intersect(union([late, ...gone]), [stretch]);
    for (const part of left) out.push({ ...stretch, ...part, state: "left_on" });
    for (const part of subtract([stretch], left)) out.push({ ...stretch, ...part, state });
  }
  return out.sort((a, b) => a.fromMs - b.fromMs);
}

/** Nobody is blamed for what a staff session, a pausing job or the policy keeps powered. */
function mayBeLeftOn({ use }: Undecided, state: DerivedState, policy: MachineHistory["policy"]): boolean {
  if (state !== "idle" && state !== "standby") return false;
  return use === null ? policy === "watched" : use.kind === "session";
}

function stateOf({ availability, power, use, open }: Undecided, policy: MachineHistory["policy"]): DerivedState {
  if (availability === "not_in_service") return "not_in_service";
  if (availability === "unknown" || power === "unknown") return "unknown";
  if (availability === "unplanned_down") return "down_unplanned";
  if (availability === "planned_down") return "down_planned";
  if (power === "off") return open ? "free" : "closed";
  if (use === null && policy === "enforced") return "unauthorised";
  if (power === "busy") return use?.kind === "job" ? "unattended_busy" : "busy";
  return use === null ? "standby" : "idle";
}

/** Neighbours that differ in nothing become one stretch. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  for (const next of stretches) {
    const last = out.at(-1);
    if (last !== undefined && isSame(last, next)) out[out.length - 1] = { ...last, toMs: next.toMs };
    else out.push(next);
  }
  return out;
}

const isSame = (a: Stretch, b: Stretch): boolean =>
  a.state === b.state &&
  a.availability === b.availability &&
  a.power === b.power &&
  a.open === b.open &&
  (a.use === b.use || (a.use !== null && b.use !== null && a.use.id === b.use.id && a.use.kind === b.use.kind));

/** How long the stretches last that fulfil a condition, in ms. */
export function lasting(stretches: readonly Stretch[], holds: (stretch: Stretch) => boolean): number {
  return stretches.reduce((sum, stretch) => (holds(stretch) ? sum + stretch.toMs - stretch.fromMs : sum), 0);
}

/** Duration of each derived state, in ms; together exactly the length of the span. */
export function stateLengths(stretches: readonly Stretch[]): Readonly<Record<DerivedState, number>> {
  const none = Object.fromEntries(derivedStates.map((state) => [state, 0])) as Record<DerivedState, number>;
  for (const { state, fromMs, toMs } of stretches) none[state] += toMs - fromMs;
  return none;
}
