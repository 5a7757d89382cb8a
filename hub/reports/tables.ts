/** Figures to tables: columns with stable keys, rounded cells, totals only where adding is true. */
import type { Code } from "#contract";
import type { ReportCell } from "../views.ts";
import type { MachineFigures } from "./figures.ts";
import { monthSpan, personDay, personDaysSpan } from "./period.ts";
import type { Language, MonthInput, ReportColumn, ReportTable } from "./types.ts";
import { reasonIn, words } from "./words.ts";
import type { Words } from "./words-en.ts";

const text = (key: string, label: string): ReportColumn => ({ key, label, unit: null, numeric: false });
const number = (key: string, label: string, unit: string | null = null): ReportColumn => ({ key, label, unit, numeric: true });

const rounded = (value: number) => Math.round(value * 100) / 100;
const hours = (ms: number | null) => (ms === null ? null : rounded(ms / 3_600_000));
const kWh = (wh: number | null) => (wh === null ? null : Math.round(wh) / 1000);
const percent = (share: number | null) => (share === null ? null : rounded(share * 100));
/** A sum is unknown as soon as one part is. */
const sum = (values: readonly (number | null)[]) =>
  values.reduce<number | null>((total, value) => (total === null || value === null ? null : total + value), 0);

export function machineTable(machines: readonly MachineFigures[], w: Words): ReportTable {
  const users = new Set(machines.flatMap((machine) => machine.users));
  return {
    id: "machines",
    title: w.machines,
    note: w.machinesNote,
    columns: [
      text("machine", w.machine),
      number("sessions", w.sessions),
      number("active_sessions", w.active),
      number("busy_h", w.busy, "h"),
      number("occupied_h", w.occupied, "h"),
      number("energy_kwh", w.energy, "kWh"),
      number("users", w.users),
      number("coverage_percent", w.coverage, "%"),
    ],
    rows: machines.map((machine) => [
      machine.label,
      machine.started,
      machine.active,
      hours(machine.busyMs),
      hours(machine.occupiedMs),
      kWh(machine.energyWh),
      machine.users.length,
      percent(machine.coverage),
    ]),
    total:
      machines.length === 0
        ? null
        : [
            w.total,
            sum(machines.map((machine) => machine.started)),
            sum(machines.map((machine) => machine.active)),
            hours(sum(machines.map((machine) => machine.busyMs))),
            hours(sum(machines.map((machine) => machine.occupiedMs))),
            kWh(sum(machines.map((machine) => machine.energyWh))),
            users.size,
            null,
          ],
  };
}

/** Nothing when no machine has opening hours: there is no availability without a calendar. */
export function availabilityTable(machines: readonly MachineFigures[], w: Words): ReportTable[] {
  if (machines.every((machine) => machine.availability === null)) return [];
  return [
    {
      id: "availability",
      title: w.availability,
      note: w.availabilityNote,
      columns: [
        text("machine", w.machine),
        number("open_h", w.open, "h"),
        number("scheduled_h", w.scheduled, "h"),
        number("available_h", w.available, "h"),
        number("breakdown_h", w.downAll, "h"),
        number("breakdown_open_h", w.downOpen, "h"),
        number("availability_percent", w.availabilityShare, "%"),
        number("utilisation_percent", w.utilisation, "%"),
        number("loading_percent", w.loading, "%"),
      ],
      rows: machines.map(({ label, availability: a }) =>
        a === null
          ? [label, null, null, null, null, null, null, null, null]
          : [
              label,
              hours(a.openMs),
              hours(a.scheduledMs),
              hours(a.availableMs),
              hours(a.downMs),
              hours(a.downOpenMs),
              percent(a.availability),
              percent(a.utilisation),
              percent(a.loading),
            ],
      ),
      total: null,
    },
  ];
}

/** Person-days and people, and the days they fall on. Sessions count by their start, so an unattended print is nobody's visit. */
export function peopleTables(input: MonthInput, w: Words): ReportTable[] {
  const byDay = presentByDay(input);
  const people = new Set([...byDay.values()].flatMap((members) => [...members]));
  const personDays = [...byDay.values()].reduce((total, members) => total + members.size, 0);
  const days = [...byDay].sort(([a], [b]) => (a < b ? -1 : 1));
  const busiest = days.reduce<readonly [string, ReadonlySet<number>] | undefined>(
    (best, entry) => (best === undefined || entry[1].size > best[1].size ? entry : best),
    undefined,
  );
  return [
    {
      id: "people",
      title: w.people,
      note: w.peopleNote,
      columns: [text("measure", w.measure), number("value", w.value)],
      rows: [
        [w.personDays, personDays],
        [w.uniquePeople, people.size],
        [busiest === undefined ? w.busiestDay : `${w.busiestDay} (${busiest[0]})`, busiest?.[1].size ?? null],
      ],
      total: null,
    },
    {
      id: "days",
      title: w.days,
      note: w.daysNote,
      columns: [text("day", w.day), number("people", w.persons)],
      rows: days.map(([day, members]) => [day, members.size]),
      total: days.length === 0 ? null : [w.personDays, personDays],
    },
  ];
}

function presentByDay(input: MonthInput): Map<string, Set<number>> {
  const bounds = personDaysSpan(input.month, input.zone);
  const byDay = new Map<string, Set<number>>();
  const note = (member: number, atMs: number) => {
    if (member === 0 || bounds === undefined || atMs < bounds.fromMs || atMs >= bounds.toMs) return;
    const day = personDay(atMs, input.zone);
    byDay.set(day, (byDay.get(day) ?? new Set()).add(member));
  };
  for (const decision of input.decisions) {
    if (decision.kind === "door" && decision.outcome === "grant") note(decision.member, decision.atMs);
  }
  for (const machine of input.machines) for (const session of machine.sessions) note(session.member, session.fromMs);
  return byDay;
}

/** Decisions of the calendar month; those of the early hours after it belong to its person-days only. */
function ofMonth(input: MonthInput) {
  const month = monthSpan(input.month, input.zone);
  return input.decisions.filter((decision) => month !== undefined && decision.atMs >= month.fromMs && decision.atMs < month.toMs);
}

export function doorTable(input: MonthInput, w: Words): ReportTable {
  const decisions = ofMonth(input);
  const rows = [...input.doors]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((door): readonly [string, ...number[]] => {
      const here = decisions.filter((decision) => decision.at === door.id);
      return [
        door.label,
        here.filter((decision) => decision.outcome === "grant").length,
        door.opened,
        door.notUsed,
        here.filter((decision) => decision.outcome === "deny").length,
        here.filter((decision) => decision.reason === "UNKNOWN_CREDENTIAL").length,
        door.forced,
        door.heldOpen,
      ];
    });
  const columnSum = (index: number) => rows.reduce((total, row) => total + Number(row[index] ?? 0), 0);
  return {
    id: "doors",
    title: w.doors,
    note: w.doorsNote,
    columns: [
      text("door", w.door),
      number("entries", w.entries),
      number("opened", w.opened),
      number("granted_not_used", w.notUsed),
      number("refused", w.refused),
      number("unknown_cards", w.unknownCards),
      number("forced", w.forced),
      number("held_open", w.heldOpen),
    ],
    rows,
    total: rows.length === 0 ? null : [w.total, ...[1, 2, 3, 4, 5, 6, 7].map(columnSum)],
  };
}

export function refusalTable(input: MonthInput, language: Language): ReportTable {
  const w = words[language];
  const groups = new Map<string, { place: string; reason: Code; taps: number; people: Set<number> }>();
  for (const decision of ofMonth(input)) {
    if (decision.outcome !== "deny") continue;
    const key = `${decision.at} ${decision.reason}`;
    const group = groups.get(key) ?? { place: decision.atLabel, reason: decision.reason, taps: 0, people: new Set() };
    group.taps += 1;
    if (decision.member !== 0) group.people.add(decision.member);
    groups.set(key, group);
  }
  const sorted = [...groups].sort(([a, x], [b, y]) => y.taps - x.taps || (a < b ? -1 : 1)).map(([, group]) => group);
  return {
    id: "refusals",
    title: w.refusals,
    note: w.refusalsNote,
    columns: [text("place", w.place), text("reason", w.reason), text("code", "Code"), number("taps", w.taps), number("people", w.persons)],
    rows: sorted.map((group) => [group.place, reasonIn(language, group.reason), group.reason, group.taps, group.people.size]),
    total:
      sorted.length === 0
        ? null
        : [
            w.total,
            "",
            "",
            sorted.reduce((taps, group) => taps + group.taps, 0),
            new Set(sorted.flatMap((group) => [...group.people])).size,
          ],
  };
}

export function trustTable(input: MonthInput, machines: readonly MachineFigures[], w: Words): ReportTable {
  const decisions = ofMonth(input);
  const rows: readonly (readonly [string, ReportCell, string])[] = [
    [w.openSessions, machines.reduce((total, machine) => total + machine.stillOpen, 0), ""],
    [w.estimatedEnds, machines.reduce((total, machine) => total + machine.estimated, 0), ""],
    [w.unownedBusy, hours(machines.reduce((total, machine) => total + machine.unownedMs, 0)), "h"],
    [w.unknownCards, decisions.filter((decision) => decision.reason === "UNKNOWN_CREDENTIAL").length, ""],
    [w.untrustedClock, decisions.filter((decision) => !decision.clockTrusted).length, ""],
    [w.lostEvents, input.lostEvents, ""],
    [w.unreadable, input.unreadableMessages, ""],
  ];
  return {
    id: "trust",
    title: w.trust,
    note: w.trustNote,
    columns: [text("measure", w.measure), number("value", w.value)],
    rows: rows.map(([measure, value, unit]) => [unit === "" ? measure : `${measure} (${unit})`, value]),
    total: null,
  };
}
