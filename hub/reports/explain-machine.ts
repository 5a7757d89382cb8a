/** Rows behind the numbers of one machine (reports.md §4.1): its time, sessions, refusals, bookings, energy, jobs and care. */
import {
  bookingParts,
  busiestHours,
  countedStretches,
  failures,
  isBusy,
  jobMetrics,
  localHours,
  type Metric,
  machineFigures,
  openAndUp,
  type SessionUse,
  type Span,
  type Stretch,
  sharedMs,
  subtract,
  timeline,
  waitedMs,
  within,
} from "#core";
import { by, type ExplainedRow, instant, row, spansOf } from "./explain-rows.ts";
import { valueIn } from "./figures.ts";
import type { MachineFacts, MonthFigures, MonthInput } from "./types.ts";

type Asked = {
  readonly id: string;
  readonly metric: Metric;
  readonly machine: MachineFacts;
  readonly input: MonthInput;
  readonly period: Span;
  readonly stretches: readonly Stretch[];
};

export function machineRows(input: MonthInput, machine: MachineFacts, metric: Metric): ExplainedRow[] {
  const { period } = spansOf(input);
  const asked = { id: metric.id, metric, machine, input, period, stretches: timeline(machine.history, period) };
  const family = metric.id.split(".")[0] ?? "";
  return (families[family] ?? timeRows)(asked);
}

const families: Readonly<Record<string, (asked: Asked) => ExplainedRow[]>> = {
  M11: weekHourRows,
  M13: ({ stretches, period }) => [
    ...countedStretches("M01", stretches).map((one) => stretchRow(one, lasted(one), 0)),
    row(period, "the period", { amount: 0, base: lasted(period) }),
  ],
  M14: effectRows,
  M15: sessionRows,
  M16: userRows,
  M17: shareRows,
  M19: (asked) => [
    ...countedStretches("M19", asked.stretches).map((one) => stretchRow(one, lasted(one), 0)),
    ...failureRows(asked).map((one) => ({ ...one, amount: 0 })),
  ],
  M20: failureRows,
  M21: takenRows,
  M22: careRows,
  M23: refusedRows,
  M24: (asked) => (asked.id === "M24.requests" || asked.id === "M24.free" ? requestRows(asked) : refusedRows(asked)),
  M25: bookingRows,
  M26: bookingRows,
  M27: endRows,
  M28: energyRows,
  M29: energyRows,
  M30: jobRows,
  M31: ({ machine }) => (machine.events.materials ?? []).map(({ on, label, grams }) => row(null, `${on}, ${label}`, { amount: grams })),
  // What is missing is what whoever asks about coverage looks for.
  Q01: ({ stretches, metric }) => [
    ...stretches.filter(({ state }) => state === "unknown").map((one) => stretchRow(one, 0)),
    row(null, "known", metric.value === null ? {} : { amount: metric.value }),
  ],
};

const bySize = (rows: ExplainedRow[]): ExplainedRow[] => rows.sort((a, b) => (a.amount ?? 0) - (b.amount ?? 0));
const lasted = ({ fromMs, toMs }: Span): number => toMs - fromMs;
function stretchRow(one: Stretch, amount?: number, base?: number): ExplainedRow {
  const { state, use } = one;
  return row(one, use === null ? state : `${state}, ${use.kind} ${use.id}`, {
    ...by(use?.member ?? 0),
    ...(amount === undefined ? {} : { amount }),
    ...(base === undefined ? {} : { base }),
  });
}

/** What the shares of time are shares of. */
const bases: Readonly<Record<string, (stretches: readonly Stretch[]) => readonly Stretch[]>> = {
  M03: (all) => all.filter(({ use, state }) => use?.kind === "session" && state !== "unknown" && state !== "not_in_service"),
  M08: (all) => countedStretches("M06", all).filter((one) => one.state !== "unknown" || one.availability === "unplanned_down"),
  M09: (all) => countedStretches("M07", all),
  M10: (all) => countedStretches("M07", all),
  "M12.share": (all) => all.filter(isBusy),
};

/** Numbers that add up time, or divide it by other time. */
function timeRows({ id, stretches, machine, period }: Asked): ExplainedRow[] {
  if (id === "M04.energy") {
    const left = stretches.filter(({ state }) => state === "left_on");
    return slicesIn(machine, left).map(({ slice, wh }) => row(slice, "metered", { amount: wh }));
  }
  if (id === "M18.events") return failureRows({ id, stretches, machine, period } as Asked);
  const purpose = /^M01\.(\w+)$/.exec(id)?.[1];
  const inside = new Set(
    purpose === undefined
      ? countedStretches(id, stretches)
      : countedStretches("M01", stretches).filter(({ use }) => (use?.purpose ?? "member") === purpose),
  );
  const base = bases[id]?.(stretches);
  if (base === undefined) return [...inside].map((one) => stretchRow(one, lasted(one)));
  return base.map((one) => stretchRow(one, inside.has(one) ? lasted(one) : 0, lasted(one)));
}

const sessionRow = (session: SessionUse, given: Partial<ExplainedRow> = {}): ExplainedRow =>
  row(session, `session ${session.id}, ${session.purpose}, ${session.end ?? "open"}`, { ...by(session.member), ...given });

function sessionRows({ id, machine, period }: Asked): ExplainedRow[] {
  const started = machine.events.sessions.filter(({ fromMs }) => within(fromMs, period));
  const active = machine.events.sessions.filter((one) => sharedMs(one, period) > 0 || within(one.fromMs, period));
  const counted: Readonly<Record<string, readonly SessionUse[]>> = {
    M15: started,
    "M15.active": active,
    "M15.open": active.filter(({ end }) => end === null),
    "M15.estimated": active.filter(({ end }) => end === "estimated"),
  };
  const own = counted[id];
  if (own !== undefined) return own.map((one) => sessionRow(one, { amount: 1 })).sort((a, b) => (a.fromMs ?? 0) - (b.fromMs ?? 0));
  // The middle one and the ninetieth are found by counting: the shortest first.
  return bySize(started.filter(({ end }) => end !== null).map((one) => sessionRow(one, { amount: lasted(one) })));
}

/** A row for each user, with their time in session. */
function userRows({ id, machine, input, period }: Asked): ExplainedRow[] {
  if (id === "M16.participants")
    return input.headcounts
      .filter((counted) => counted.machine === machine.id)
      .map(({ kind, people }) => row(null, `counted by hand, ${kind}`, { amount: people }));
  return [...machineFigures(machine.history, machine.events, period, input.zone).users].map((member) => {
    const own = machine.events.sessions.filter((one) => one.member === member && sharedMs(one, period) > 0);
    const spentMs = own.reduce((sum, one) => sum + sharedMs(one, period), 0);
    return row(own[0] ?? null, `${own.length} sessions, ${Math.round(spentMs / 60_000)} min`, { member, amount: 1 });
  });
}

/** M11: the ten hours of the week, each with the time that it was taken and there. */
function weekHourRows({ stretches, input, period }: Asked): ExplainedRow[] {
  return busiestHours(openAndUp(stretches), localHours(period, input.zone)).map(({ cell, takenMs, baseMs }) => {
    const hour = String(cell % 24).padStart(2, "0");
    return row(null, `weekday ${Math.floor(cell / 24) + 1} (1 is Monday), ${hour}:00`, { amount: takenMs, base: baseMs });
  });
}

/** M14: of the time that it should have been there, what was taken; with jobs, the part of it that came to something. */
function effectRows({ id, machine, stretches, period }: Asked): ExplainedRow[] {
  const yields = id === "M14.yield" ? (jobMetrics(machine.events.jobs, null, period).find((one) => one.id === "M30")?.value ?? 0) : 1;
  const taken = new Set(countedStretches("M10", stretches));
  const known = countedStretches("M06", stretches).filter((one) => one.state !== "unknown" || one.availability === "unplanned_down");
  return known.map((one) => stretchRow(one, taken.has(one) ? lasted(one) * yields : 0, lasted(one)));
}

/** M21: each report, with the open time until somebody took it up. */
function takenRows({ machine, period }: Asked): ExplainedRow[] {
  return machine.events.reports
    .filter(({ fromMs }) => within(fromMs, period))
    .map((one) => {
      const [waited] = waitedMs(one, machine.history.open);
      const span = { fromMs: one.fromMs, toMs: one.takenMs ?? one.fromMs };
      return waited === undefined
        ? row(span, "reported, nobody said who took it up")
        : row(span, "reported and taken up", { amount: waited, base: 1 });
    });
}

function requestRows({ id, machine, period }: Asked): ExplainedRow[] {
  const asked = (machine.events.requests ?? []).filter(({ atMs }) => within(atMs, period));
  if (id === "M24.requests") return asked.map(({ atMs, member }) => instant(atMs, "asked to hear when it is free", { member, amount: 1 }));
  const told = asked.flatMap(({ atMs, member, freeMs }) =>
    freeMs === null ? [] : [row({ fromMs: atMs, toMs: freeMs }, "asked, and told that it is free", { member, amount: freeMs - atMs })],
  );
  return bySize(told);
}

/** M17: whose work it was, the most first. */
function shareRows({ id, stretches }: Asked): ExplainedRow[] {
  const spent = new Map<number, number>();
  for (const one of stretches)
    if (isBusy(one) && one.use !== null && one.use.member !== 0) spent.set(one.use.member, (spent.get(one.use.member) ?? 0) + lasted(one));
  const top = id === "M17.top1" ? 1 : id === "M17.top3" ? 3 : 0;
  return [...spent]
    .sort(([, a], [, b]) => b - a)
    .map(([member, ms], i) =>
      row(null, `${ms} ms at work`, { member, ...(top === 0 ? { amount: ms } : { amount: i < top ? ms : 0, base: ms }) }),
    );
}

function failureRows({ id, machine, period }: Pick<Asked, "id" | "machine" | "period">): ExplainedRow[] {
  const { open } = machine.history;
  return failures(machine.history)
    .filter(({ fromMs }) => within(fromMs, period))
    .map((failure) => {
      const parts = id === "M20.open" && open !== null ? failure.parts.flatMap((part) => cut(part, open)) : failure.parts;
      const downMs = parts.reduce((sum, part) => sum + sharedMs(part, period), 0);
      const sums = id === "M18.events" ? { amount: 1 } : id === "M19" ? { base: 1 } : { amount: downMs, base: 1 };
      return row(failure, `breakdown, ${Math.round(downMs / 60_000)} min`, sums);
    });
}

const cut = (part: Span, by: readonly Span[]): Span[] =>
  by.flatMap((one) => {
    const [fromMs, toMs] = [Math.max(part.fromMs, one.fromMs), Math.min(part.toMs, one.toMs)];
    return toMs > fromMs ? [{ fromMs, toMs }] : [];
  });

function careRows({ metric, machine }: Asked): ExplainedRow[] {
  const { care } = machine.events;
  if (care === null) return [];
  const used = metric.numerator === null ? {} : { amount: metric.numerator };
  return [instant(care.sinceMs, "last maintenance", { ...used, ...(metric.denominator === null ? {} : { base: metric.denominator }) })];
}

const untrained: ReadonlySet<string> = new Set(["TRAINING_MISSING", "TRAINING_EXPIRED", "TRAINING_LAPSED", "TRAINING_SUPERSEDED"]);
const refusals: Readonly<Record<string, (reason: string) => boolean>> = {
  M23: () => true,
  "M23.training": (reason) => untrained.has(reason),
  "M24.busy": (reason) => reason === "IN_USE",
  "M24.booked": (reason) => reason === "BOOKED_BY_OTHER",
};

function refusedRows({ id, machine, input }: Asked): ExplainedRow[] {
  const ofPeople = id.endsWith(".people");
  const holds = refusals[id.replace(".people", "")];
  if (holds === undefined) return [];
  const taps = input.decisions.filter(({ at, outcome, reason }) => at === machine.id && outcome === "deny" && holds(reason));
  const seen = new Set<number>();
  return taps.map(({ atMs, reason, member }) => {
    const isNew = member !== 0 && !seen.has(member);
    seen.add(member);
    return instant(atMs, reason, { ...by(member), amount: !ofPeople || isNew ? 1 : 0 });
  });
}

const lateMs = 24 * 3_600_000;
function bookingRows({ id, machine, period, stretches }: Asked): ExplainedRow[] {
  const { bookings } = machine.events;
  const { kept, booked, bookable, taken, due, missed } = bookingParts(bookings, stretches, period);
  const shared = (one: Span, others: readonly Span[]): number => others.reduce((sum, other) => sum + sharedMs(one, other), 0);
  if (id === "M25.fill") return bookable.map((one) => stretchRow(one, shared(one, booked), lasted(one)));
  if (id === "M25.use") return booked.map((one) => row(one, "booked", { amount: shared(one, taken), base: lasted(one) }));
  if (id === "M25.no_show")
    return due.map((one) =>
      row(one, missed.includes(one) ? "booking, nobody came" : "booking", { amount: missed.includes(one) ? 1 : 0, base: 1 }),
    );
  const starting = bookings.rows.filter(({ fromMs }) => within(fromMs, period));
  return starting.map((one) => {
    const { cancelled } = one;
    const isLate = cancelled !== null && cancelled.atMs !== null && one.fromMs - cancelled.atMs < lateMs;
    const sums = id === "M26" ? { amount: isLate ? 1 : 0, base: 1 } : { amount: kept.includes(one) ? 1 : 0 };
    return row(one, cancelled === null ? "booking" : "booking, cancelled", sums);
  });
}

/** M27: sessions that ended so, and what stopped the machine. */
function endRows({ id, machine, input, period }: Asked): ExplainedRow[] {
  if (id === "M27.trips")
    return (input.incidents ?? [])
      .filter(({ place, kind }) => place === machine.id && (kind === "trip" || kind === "fault"))
      .map(({ atMs, kind, detail }) => instant(atMs, detail === "" ? kind : `${kind}, ${detail}`, { amount: 1 }));
  const ends = id === "M27.takeovers" ? ["takeover"] : ["forced", "trip"];
  return machine.events.sessions
    .filter(({ end, toMs }) => end !== null && ends.includes(end) && within(toMs, period))
    .map((one) => sessionRow(one, { amount: 1 }));
}

function slicesIn({ events }: MachineFacts, parts: readonly Span[]) {
  return (events.metered ?? []).flatMap((slice) => {
    const length = lasted(slice);
    const share =
      length <= 0
        ? parts.some((part) => within(slice.fromMs, part))
          ? 1
          : 0
        : parts.reduce((ms, part) => ms + sharedMs(part, slice), 0) / length;
    return share === 0 ? [] : [{ slice, wh: slice.energyWh * share }];
  });
}

function energyRows({ id, machine, period, stretches }: Asked): ExplainedRow[] {
  const { open } = machine.history;
  const { co2GPerKWh, runs, metered: counter } = machine.events;
  if (counter === null) return [];
  const late = open === null ? [] : subtract([period], open);
  const each = slicesIn(machine, id === "M29.out_of_hours" ? late : [period]);
  const factor = id === "M29.co2" ? (co2GPerKWh ?? 0) / 1000 : 1;
  const metered = each.map(({ slice, wh }) => row(slice, "metered", { amount: wh * factor }));
  if (id === "M29") return [...metered, ...stretches.filter(isBusy).map((one) => stretchRow(one, 0, lasted(one) / 3_600_000))];
  if (id !== "M29.idle") return metered;
  const taken = runs.map((run) =>
    row(run, "run", {
      amount: -run.energyWh * (lasted(run) <= 0 ? Number(within(run.fromMs, period)) : sharedMs(run, period) / lasted(run)),
    }),
  );
  return [...metered, ...taken];
}

function jobRows({ id, machine, period }: Asked): ExplainedRow[] {
  const wanted = /^M30\.(\w+)$/.exec(id)?.[1];
  return (machine.events.jobs ?? [])
    .filter(
      ({ atMs, outcome }) =>
        within(atMs, period) && (wanted === undefined ? outcome === "completed" || outcome === "failed" : outcome === wanted),
    )
    .map(({ atMs, outcome }) =>
      instant(atMs, `job ${outcome}`, wanted === undefined ? { amount: outcome === "completed" ? 1 : 0, base: 1 } : { amount: 1 }),
    );
}

/** Costs and income of a machine, in cents (S01–S05). */
export function machineMoneyRows(figures: MonthFigures, input: MonthInput, machine: string, metric: Metric): ExplainedRow[] {
  const { id } = metric;
  const of = (other: string): number | null => valueIn(figures.machines.find((one) => one.id === machine) ?? { metrics: [] }, other);
  const own = input.money.filter((line) => line.machine === machine && wanted(id, line));
  const rows = own.map((line) => row(null, `${line.kind}, ${line.source}`, { amount: line.cents }));
  const sharedCents = (of("S01") ?? 0) - (of("S01.own") ?? 0);
  const shared = sharedCents === 0 ? [] : [row(null, "part of the shared costs, by occupied hours", { amount: sharedCents })];
  const costs = id === "S05" ? rows.filter((_, i) => !growing.has(own[i]?.source ?? "")) : rows;
  if (metric.value === null) return [];
  switch (id) {
    case "S01":
      return [...rows, ...shared];
    case "S02":
      return [...noBase([...rows, ...shared]), ...timeBase(input, machine, "M01", 1 / hourMs)];
    case "S04":
      return [
        ...own.map((line) =>
          row(
            null,
            `${line.kind}, ${line.source}`,
            line.kind === "income" ? { amount: line.cents, base: 0 } : { amount: 0, base: line.cents },
          ),
        ),
        ...shared.map((one) => ({ ...one, amount: 0, base: sharedCents })),
      ];
    case "S05": {
      const hours = (of("M07") ?? 0) / hourMs;
      const margin = hours === 0 ? 0 : (metric.denominator ?? 0) / hours;
      return [...noBase([...costs, ...shared]), ...timeBase(input, machine, "M07", margin / hourMs)];
    }
    default:
      return rows;
  }
}

const hourMs = 3_600_000;
/** what grows with the hours: no part of what it costs anyway */
const growing: ReadonlySet<string> = new Set(["consumables", "energy"]);
const noBase = (rows: readonly ExplainedRow[]): ExplainedRow[] => rows.map((one) => ({ ...one, base: 0 }));
function timeBase(input: MonthInput, machine: string, id: string, factor: number): ExplainedRow[] {
  const found = input.machines.find((one) => one.id === machine);
  const stretches = found === undefined ? [] : timeline(found.history, spansOf(input).period);
  return countedStretches(id, stretches).map((one) => stretchRow(one, 0, lasted(one) * factor));
}

const wanted = (id: string, { kind, source }: MonthInput["money"][number]): boolean =>
  id === "S04"
    ? kind === "income" || source !== "grant_depreciation"
    : id === "S03"
      ? kind === "income"
      : kind === "cost" && (id === "S01.grant") === (source === "grant_depreciation");
