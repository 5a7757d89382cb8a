/**
 * A space over weeks or a year, made of what its nodes would tell: members come, use machines, forget to log out, print over night. Light
 * enough for a year in minutes; what truly happened is counted here, on its own, to be compared with what a report makes of it.
 */
import type { EventBody, NodeEvent } from "#contract";
import { ulidOf } from "#contract";
import type { MachineKind } from "./loads.ts";
import { planJob } from "./loads.ts";
import { type Dice, dice } from "./random.ts";

export type YearMachine = { readonly id: string; readonly node: string; readonly kind: MachineKind };
export type YearPlan = {
  readonly seed: number;
  /** first local day, such as 2027-01-01 */
  readonly from: string;
  readonly days: number;
  readonly zone: string;
  readonly machines: readonly YearMachine[];
  /** machines that nobody uses: they are there, and say so once */
  readonly idle: readonly { readonly id: string; readonly node: string }[];
  readonly door: string;
  readonly members: number;
};
/** What happened on one machine in one month: ms and counts. */
export type MachineTruth = { busyMs: number; occupiedMs: number; sessions: number; readonly users: Set<number> };
export type MonthTruth = {
  readonly machines: Map<string, MachineTruth>;
  readonly people: Set<number>;
  /** person and their own day, 04:00 to 04:00 */
  readonly personDays: Set<string>;
};
export type Year = {
  /** events of each node in the order they happened; `atMono` counts from `startMs` */
  readonly events: ReadonlyMap<string, readonly NodeEvent[]>;
  readonly truth: ReadonlyMap<string, MonthTruth>;
  readonly startMs: number;
  readonly endMs: number;
};

const minuteMs = 60_000;
const userMsLeast = 60_000;
const hourOpens = 10;
const hourCloses = 21;
const forgetful = 0.15;
/** How often a node does not reach its hub within the time it has, and decides alone. */
const aloneShare = 0.01;
export const yearBoot = "00000000000000aa";

type Span = { readonly fromMs: number; readonly toMs: number };
/** A use of a machine as it truly was: in attendance until `leftMs`, over at `toMs`. */
type Use = Span & { readonly member: number; readonly leftMs: number; readonly runs: readonly Span[]; readonly forgot: boolean };

export function liveYear(plan: YearPlan): Year {
  const first = Temporal.PlainDate.from(plan.from);
  const startMs = first.toZonedDateTime({ timeZone: plan.zone }).epochMilliseconds;
  const endMs = first.add({ days: plan.days }).toZonedDateTime({ timeZone: plan.zone }).epochMilliseconds;
  const teller = createTeller(plan, startMs);
  const truth = new Map<string, MonthTruth>();
  const free = new Map(plan.machines.map(({ id }) => [id, startMs]));
  for (const { node, id } of [...plan.machines, ...plan.idle]) {
    teller.tell(node, startMs, "node", { kind: "node.boot", restart: "start", fw: "1" });
    teller.tell(node, startMs, id, { kind: "mach.powered", on: false });
  }
  for (let day = 0; day < plan.days; day += 1) {
    const date = first.add({ days: day });
    const random = dice(plan.seed, date.toString());
    for (const machine of plan.machines) {
      for (const use of usesOf(plan, machine, date, random, free)) {
        if (use.toMs >= endMs) continue;
        teller.use(machine, use);
        countUse(plan, truth, machine, use);
      }
    }
    for (let visits = random.int(0, Math.ceil(plan.members / 12)); visits > 0; visits -= 1) {
      const atMs = wallMs(plan, date, hourOpens) + random.int(0, (hourCloses - hourOpens) * 60) * minuteMs + random.int(0, 59_999);
      const member = random.int(1, plan.members);
      teller.enter(atMs, member, random);
      countPresence(plan, truth, member, atMs);
    }
  }
  return { events: teller.sorted(), truth, startMs, endMs };
}

const wallMs = ({ zone }: YearPlan, date: Temporal.PlainDate, hour: number): number =>
  date.toZonedDateTime({ timeZone: zone, plainTime: { hour } }).epochMilliseconds;

/** One machine's uses of a day, one after the other; a print may go on into the next days and keeps the machine. */
function usesOf(plan: YearPlan, { id, kind }: YearMachine, date: Temporal.PlainDate, random: Dice, free: Map<string, number>): Use[] {
  const closesMs = wallMs(plan, date, hourCloses);
  const uses: Use[] = [];
  let at = Math.max(wallMs(plan, date, hourOpens), free.get(id) ?? 0) + Math.round(random.exponential(150 * minuteMs));
  while (at < closesMs) {
    const use = planUse(at, random.int(1, plan.members), kind, random);
    uses.push(use);
    free.set(id, use.toMs);
    at = use.toMs + 1000 + Math.round(random.exponential(180 * minuteMs));
  }
  return uses;
}

function planUse(fromMs: number, member: number, kind: MachineKind, random: Dice): Use {
  const runs: Span[] = [];
  let at = fromMs + random.int(20_000, 120_000);
  for (const { workMs, pauseMs } of planJob(kind, random)) {
    const toMs = at + Math.round(workMs);
    runs.push({ fromMs: at, toMs });
    at = toMs + Math.round(pauseMs);
  }
  const done = runs.at(-1)?.toMs ?? at;
  // Whoever prints goes; the machine ends the session with the job.
  if (kind === "printer")
    return { fromMs, toMs: done + 5000, leftMs: Math.min(done, (runs[0]?.fromMs ?? at) + 90_000), member, runs, forgot: false };
  const forgot = random.chance(forgetful);
  const toMs = done + (forgot ? 20 * minuteMs : random.int(5000, 240_000));
  return { fromMs, toMs, leftMs: toMs, member, runs, forgot };
}

/** Says what nodes say: each its own numbers, in the order it happened. */
function createTeller(plan: YearPlan, startMs: number) {
  const told = new Map<string, { readonly atMs: number; readonly ch: string; readonly body: EventBody }[]>();
  let ids = 0;
  const id = (atMs: number): string => {
    ids += 1;
    return ulidOf(atMs, Uint8Array.from([0, 0, 0, 0, 0, 0, ids >> 24, ids >> 16, ids >> 8, ids]));
  };
  const tell = (node: string, atMs: number, ch: string, body: EventBody): void => {
    const list = told.get(node) ?? [];
    told.set(node, list);
    list.push({ atMs, ch, body });
  };
  const reach = dice(plan.seed, "who decides");
  const decided = (decision: string, member: number, request: "enter" | "start"): EventBody => ({
    ...{ kind: "access.decided", request, decision, outcome: "grant", reason: "GRANT", also: [], warnings: [], member },
    ...{ where: reach.chance(aloneShare) ? "node" : "hub", snapshot: null, tookMs: 12 },
  });
  return {
    tell,
    enter(atMs: number, member: number, _random: Dice): void {
      const decision = id(atMs);
      tell(plan.door, atMs, "door", decided(decision, member, "enter"));
      tell(plan.door, atMs + 1500, "door", { kind: "door.opened", who: [member], cause: "grant" });
      tell(plan.door, atMs + 6000, "door", { kind: "door.closed", openMs: 4500 });
    },
    use({ node, id: ch }: YearMachine, use: Use): void {
      const [session, decision] = [id(use.fromMs), id(use.fromMs)];
      tell(node, use.fromMs, ch, decided(decision, use.member, "start"));
      tell(node, use.fromMs, ch, { kind: "mach.session_started", session, decision, member: use.member, provisional: false });
      tell(node, use.fromMs + 3000, ch, { kind: "mach.powered", on: true });
      for (const { fromMs, toMs } of use.runs) {
        const run = id(fromMs);
        tell(node, fromMs, ch, { kind: "mach.run_started", run, session, startMono: fromMs - startMs });
        tell(node, toMs, ch, { kind: "mach.run_ended", run, session, endMono: toMs - startMs, energyWh: 100, peakW: 500, uncertainMs: 0 });
      }
      if (use.leftMs < use.toMs) tell(node, use.leftMs, ch, { kind: "mach.session_unattended", session });
      const busyMs = use.runs.reduce((sum, run) => sum + run.toMs - run.fromMs, 0);
      const reason = use.leftMs < use.toMs ? "job_complete" : use.forgot ? "idle_timeout" : "tap_out";
      tell(node, use.toMs, ch, { kind: "mach.session_closed", session, reason, busyMs, energyWh: 100 * use.runs.length });
      tell(node, use.toMs, ch, { kind: "mach.powered", on: false });
    },
    sorted(): ReadonlyMap<string, readonly NodeEvent[]> {
      return new Map(
        [...told].map(([node, list]) => [
          node,
          list
            .map((event, i) => ({ ...event, i }))
            .sort((a, b) => a.atMs - b.atMs || a.i - b.i)
            .map(
              ({ atMs, ch, body }, i): NodeEvent => ({ boot: yearBoot, seq: i + 1, ch, atMono: atMs - startMs, atMs, tq: "synced", body }),
            ),
        ]),
      );
    },
  };
}

function monthOf({ zone }: YearPlan, ms: number): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate().toPlainYearMonth().toString();
}

function truthOf(truth: Map<string, MonthTruth>, month: string): MonthTruth {
  const found = truth.get(month) ?? { machines: new Map(), people: new Set(), personDays: new Set() };
  truth.set(month, found);
  return found;
}

function machineTruth(truth: Map<string, MonthTruth>, month: string, machine: string): MachineTruth {
  const { machines } = truthOf(truth, month);
  const found = machines.get(machine) ?? { busyMs: 0, occupiedMs: 0, sessions: 0, users: new Set<number>() };
  machines.set(machine, found);
  return found;
}

/** Cuts a span at the ends of months. */
function byMonth(plan: YearPlan, { fromMs, toMs }: Span): readonly (readonly [month: string, ms: number])[] {
  const parts: [string, number][] = [];
  for (let at = fromMs; at < toMs; ) {
    const month = monthOf(plan, at);
    const nextMs = Temporal.PlainYearMonth.from(month)
      .add({ months: 1 })
      .toPlainDate({ day: 1 })
      .toZonedDateTime({ timeZone: plan.zone }).epochMilliseconds;
    parts.push([month, Math.min(toMs, nextMs) - at]);
    at = Math.min(toMs, nextMs);
  }
  return parts;
}

function countUse(plan: YearPlan, truth: Map<string, MonthTruth>, { id }: YearMachine, use: Use): void {
  for (const run of use.runs) for (const [month, ms] of byMonth(plan, run)) machineTruth(truth, month, id).busyMs += ms;
  for (const [month, ms] of byMonth(plan, use)) machineTruth(truth, month, id).occupiedMs += ms;
  for (const [month, ms] of byMonth(plan, { fromMs: use.fromMs, toMs: use.leftMs }))
    if (ms >= userMsLeast) machineTruth(truth, month, id).users.add(use.member);
  machineTruth(truth, monthOf(plan, use.fromMs), id).sessions += 1;
  countPresence(plan, truth, use.member, use.fromMs);
}

/** A person's day begins at four, also the first of a month. */
function countPresence(plan: YearPlan, truth: Map<string, MonthTruth>, member: number, atMs: number): void {
  const wall = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(plan.zone).toPlainDateTime();
  const day = wall.hour < 4 ? wall.toPlainDate().subtract({ days: 1 }) : wall.toPlainDate();
  const here = truthOf(truth, day.toPlainYearMonth().toString());
  here.people.add(member);
  here.personDays.add(`${member} ${day}`);
}
