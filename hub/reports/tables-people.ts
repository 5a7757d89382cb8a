/** Figures to tables: people, training, events, money and how far the figures can be trusted. */
import type { Metric } from "#core";
import type { ReportCell } from "../views.ts";
import { dated, measureTable, metricTable, number, text } from "./tables.ts";
import type { MonthFigures, ReportTable } from "./types.ts";
import type { Words } from "./words-en.ts";

export function peopleTables({ people, busyHeat }: MonthFigures, w: Words): ReportTable[] {
  const of = (id: string): Metric | undefined => people.metrics.find((metric) => metric.id === id);
  const busiest = people.days.reduce<(typeof people.days)[number] | undefined>(
    (best, day) => (best === undefined || day.people > best.people ? day : best),
    undefined,
  );
  const measures = measureTable(
    { id: "people", title: w.people, note: w.peopleNote, value: w.value },
    [
      [w.personDays, of("V01")],
      [w.visits, of("V02")],
      [w.uniquePeople, of("V03")],
      [w.newPeople, of("V04.new")],
      [w.returningPeople, of("V04.returning")],
      [w.reactivated, of("V04.reactivated")],
      [w.activeShare, of("V05")],
      [w.peakPeople, of("V08.peak")],
      [w.personHours, of("V10")],
      [w.headcount, of("V11")],
      [w.unseen, of("V13")],
      [w.refusedShare, of("V12")],
    ],
    w,
  );
  const busiestRow: ReportCell[] = [busiest === undefined ? w.busiestDay : `${w.busiestDay} (${busiest.date})`, busiest?.people ?? null];
  return [
    { ...measures, rows: [...measures.rows, busiestRow] },
    {
      id: "days",
      title: w.days,
      note: w.daysNote,
      columns: [dated("day", w.day, "day"), number("people", w.persons)],
      rows: people.days.map(({ date, people: n }) => [date, n]),
      total: people.days.length === 0 ? null : [w.personDays, people.days.reduce((sum, { people: n }) => sum + n, 0)],
    },
    {
      id: "frequency",
      title: w.frequency,
      note: w.frequencyNote,
      columns: [text("days_per_30", w.bin), number("people", w.persons)],
      rows: people.frequency.map(({ bin, people: n }) => [bin === "none" ? w.never : bin.replace("-", "–"), n]),
      total: null,
    },
    ...recencyTables(people.recency, w),
    heatTable({ id: "heat", title: w.heat, note: w.heatNote }, people.heat, w),
    ...(busyHeat === undefined ? [] : [heatTable({ id: "busy_heat", title: w.busyHeat, note: w.busyHeatNote }, busyHeat, w)]),
  ];
}

/** V07; months closed before it was counted have none. */
function recencyTables(recency: MonthFigures["people"]["recency"] | undefined, w: Words): ReportTable[] {
  if (recency === undefined || recency.length === 0) return [];
  return [
    {
      id: "recency",
      title: w.recency,
      note: w.recencyNote,
      columns: [text("months_ago", w.monthsAgo), number("people", w.persons)],
      rows: recency.map(({ bin, people }) => [bin === "never" ? w.neverHere : bin.replace("-", "–"), people]),
      total: null,
    },
  ];
}

/** Hours down, weekdays across; hours of the day at which nobody ever was are left out. */
function heatTable(head: Pick<ReportTable, "id" | "title" | "note">, heat: readonly (number | null)[], w: Words): ReportTable {
  const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
  const rows = Array.from({ length: 24 }, (_, hour): ReportCell[] => [
    `${String(hour).padStart(2, "0")}:00`,
    ...days.map((_, day) => {
      const mean = heat[day * 24 + hour] ?? null;
      return mean === null ? null : Math.round(mean * 100) / 100;
    }),
  ]);
  return {
    ...head,
    columns: [text("hour", w.hourOfDay), ...days.map((day) => number(day, w[day], null, 2))],
    rows: rows.filter((row) => row.slice(1).some((cell) => Number(cell ?? 0) > 0)),
    total: null,
  };
}

export function trainingTables({ training, trainingAll = [] }: MonthFigures, w: Words): ReportTable[] {
  if (training.length === 0) return [];
  const cohorts = training.flatMap(({ label, cohorts: own }) => own.map((cohort) => ({ label, ...cohort })));
  return [
    metricTable(
      { id: "training", title: w.training, note: w.trainingNote, first: text("course", w.course) },
      [
        ["eligible", w.eligible, null, "T1"],
        ["wishes", w.wishes, null, "T2"],
        ["signed_up", w.signedUp, null, "T3"],
        ["attended", w.attended, null, "T4"],
        ["passed", w.passed, null, "T5"],
        ["unused_percent", w.unused, "%", "T14"],
        ["ends_30d", w.expiring30, null, "T15.30"],
        ["ends_60d", w.expiring60, null, "T15.60"],
        ["trainers", w.trainers, null, "T16.trainers"],
        ["holders", w.holders, null, "T17"],
        ["holders_percent", w.holderShare, "%", "T17.share"],
      ],
      training,
    ),
    metricTable(
      { id: "classes", title: w.classesTitle, note: w.classesNote, first: text("course", w.course) },
      [
        ["seats_percent", w.classFill, "%", "T13.fill"],
        ["no_show_percent", w.classNoShow, "%", "T13.no_show"],
        ["wait_h", w.classWait, "h", "T12"],
        ["renewed", w.renewed, null, "T8"],
        ["sign_offs", w.signOffs, null, "T16.sign_offs"],
      ],
      training,
    ),
    ...(trainingAll.every(({ value }) => value === null)
      ? []
      : [
          measureTable(
            { id: "first_training", title: w.firstTrainings, note: w.firstTrainingsNote, value: w.value },
            [
              [w.firstTraining, trainingAll.find(({ id }) => id === "T11")],
              [w.firstTraining28, trainingAll.find(({ id }) => id === "T11.share")],
            ],
            w,
          ),
        ]),
    ...(cohorts.length === 0
      ? []
      : [
          {
            id: "cohorts",
            title: w.cohorts,
            note: w.cohortsNote,
            columns: [
              text("course", w.course),
              dated("month", w.cohort, "month"),
              number("attended", w.attended),
              number("passed", w.passed),
              number("used_30d", w.usedIn30),
              number("settled_90d", w.settled),
              text("running", "*"),
            ],
            rows: cohorts.map((row) => [row.label, row.month, row.attended, row.passed, row.used, row.settled, row.running ? "*" : ""]),
            total: null,
          },
        ]),
  ];
}

export function moneyTables(figures: MonthFigures, w: Words): ReportTable[] {
  if (figures.money.length === 0) return [];
  const label = (id: string): string => w[id.replace(".", "_") as keyof Words] ?? id;
  return [
    measureTable(
      { id: "money", title: w.money, note: w.moneyNote, value: w.amount, digits: 2 },
      figures.money.map((metric) => [label(metric.id), metric]),
      w,
    ),
    metricTable(
      { id: "costs", title: w.costs, note: w.costsNote, first: text("machine", w.machine) },
      [
        ["cost", w.S01, null, "S01", 2],
        ["cost_per_busy_h", w.costPerHour, null, "S02", 2],
        ["income", w.income, null, "S03", 2],
        ["recovery_percent", w.S04, "%", "S04"],
      ],
      figures.machines,
    ),
  ];
}

/** Q07: one row a node. */
export function nodeTables({ nodes = [] }: MonthFigures, w: Words): ReportTable[] {
  if (nodes.length === 0) return [];
  return [
    {
      id: "nodes",
      title: w.nodes,
      note: w.nodesNote,
      columns: [text("node", w.node), text("firmware", w.firmware), number("starts", w.starts), number("clock_off_s", w.clockWorst, "s")],
      rows: nodes.map(({ node, firmware, starts, clockMs = null }) => [node, firmware, starts, clockMs === null ? null : clockMs / 1000]),
      total: null,
    },
  ];
}

export function trustTable({ trust }: MonthFigures, w: Words): ReportTable {
  const label: Readonly<Record<string, string>> = {
    open_sessions: w.openSessions,
    estimated_ends: w.estimatedEnds,
    Q04: w.contradicted,
    "Q04.alone": w.decidedAlone,
    "Q04.share": w.contradictedShare,
    Q02: w.clockError,
    "Q02.corrected": w.clockCorrected,
    unauthorised: w.unownedBusy,
    unknown_cards: w.unknownCards,
    untrusted_clock: w.untrustedClock,
    lost_events: w.lostEvents,
    unreadable: w.unreadable,
    "Q05.asked": w.correctionsAsked,
    "Q05.granted": w.correctionsGranted,
    "Q03.p50": w.latency50,
    "Q03.p95": w.latency95,
    "Q03.p99": w.latency99,
  };
  // Decision times stand in milliseconds, as their names say.
  const rows = trust.map((metric): [string, Metric] => [
    label[metric.id] ?? metric.id,
    metric.unit === "ms" && metric.id.startsWith("Q") ? { ...metric, unit: "count" } : metric,
  ]);
  return measureTable({ id: "trust", title: w.trust, note: w.trustNote, value: w.value }, rows, w);
}
