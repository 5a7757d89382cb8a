/** One machine, or one door, with everything staff may want to know of it. */
import { localDateAt } from "#core";
import type { ResourceRow, SessionRow } from "../ledger/types.ts";
import type { Stack } from "../stack.ts";
import type { DoorDetail, MachineDetail, MachineInfo, Named, SessionLine } from "../views-staff.ts";
import { lineOf } from "./log.ts";
import { personOf } from "./names.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;
const historyDays = 28;
const sessionsMost = 200;
const aheadMs = 14 * dayMs;
const doorEventsMost = 50;

type Book = Pick<Stack, "ledger" | "series">;

export function machinesOf({ ledger: { read } }: Book): MachineInfo[] {
  const names = namesOf({ ledger: { read } } as Book);
  return read
    .resources()
    .filter(({ kind }) => kind === "machine")
    .map((row) => infoOf(row, names));
}

type Names = { zone(id: string | null): Named | null; course(id: string | null): Named | null };

export function namesOf({ ledger: { read } }: Pick<Book, "ledger">): Names {
  const zones = new Map(read.zones().map(({ zone, label }) => [zone, label]));
  const courses = new Map(read.courses().map(({ course, label }) => [course, label]));
  const named = (labels: ReadonlyMap<string, string>, id: string | null): Named | null =>
    id === null ? null : { id, label: labels.get(id) ?? id };
  return { zone: (id) => named(zones, id), course: (id) => named(courses, id) };
}

const infoOf = ({ id, label, zone, course, facts }: ResourceRow, names: Names): MachineInfo => ({
  id,
  label,
  zone: names.zone(zone),
  course: names.course(course),
  riskClass: facts.riskClass,
});

export function sessionLine({ ledger: { read } }: Pick<Book, "ledger">, row: SessionRow): SessionLine {
  const { session, member, startedMs, endedMs, busyMs, energyWh, reason } = row;
  return { session, who: member === 0 ? null : personOf(read, member), startedMs, endedMs, busyMs, energyWh, end: reason };
}

export function machineOf(book: Book, id: string, nowMs: number): MachineDetail | undefined {
  const { read } = book.ledger;
  const row = read.resource(id);
  if (row === undefined || row.kind !== "machine") return undefined;
  const { tz } = read.site();
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(tz).startOfDay();
  const fromMs = today.epochMilliseconds;
  const [commissioned] = read.commissionings(id);
  return {
    ...infoOf(row, namesOf(book)),
    node: row.node,
    attendance: row.facts.attendance,
    lockouts: read.lockouts(id).map(({ lockout, kind, reason, atMs }) => ({ lockout, kind, reason, atMs })),
    day: { fromMs, toMs: today.add({ days: 1 }).epochMilliseconds },
    sessions: read.sessions({ machine: id, fromMs: nowMs - weekMs, limit: sessionsMost }).map((one) => sessionLine(book, one)),
    stops: read.usage
      .lockouts(nowMs - weekMs, nowMs)
      .filter(({ machine }) => machine === id)
      .map(({ kind, fromMs: beganMs, toMs }) => ({ kind, fromMs: beganMs, toMs })),
    ...arranged(book, id, nowMs),
    ...helpers(book, row, localDateAt(tz, nowMs)),
    care: careOf(book, id, nowMs),
    history: historyOf(book, id, nowMs, tz),
    commissioned: commissioned === undefined ? null : { isValid: commissioned.isValid, atMs: commissioned.atMs, basis: commissioned.basis },
  };
}

/** Bookings and planned work from now on. */
function arranged({ ledger: { read } }: Book, id: string, nowMs: number): Pick<MachineDetail, "bookings" | "planned"> {
  const classes = new Map(read.classes(nowMs).map((row) => [row.class, row.label]));
  return {
    bookings: read
      .bookings(nowMs)
      .filter(({ machine, state, fromMs }) => machine === id && state !== "cancelled" && state !== "no_show" && fromMs < nowMs + aheadMs)
      .slice(0, 20)
      .map(({ booking, member, class: ofClass, fromMs, untilMs, state }) => ({
        booking,
        who: member === null ? null : personOf(read, member),
        label: ofClass === null ? null : (classes.get(ofClass) ?? ofClass),
        fromMs,
        untilMs,
        state,
      })),
    planned: read.usage
      .plannedMaintenance(nowMs, nowMs + aheadMs)
      .filter(({ machine }) => machine === id)
      .map(({ fromMs, toMs }) => ({ fromMs, toMs })),
  };
}

/** Who may teach it and who may look after it, today. */
function helpers({ ledger: { read } }: Book, row: ResourceRow, today: string): Pick<MachineDetail, "teachers" | "maintainers"> {
  const of = (role: "trainer" | "maintainer", scope: string | null) => {
    const named = read
      .qualifications()
      .filter((one) => one.role === role && (one.scope === null || one.scope === scope))
      .filter(({ from, through }) => (from ?? "") <= today && (through ?? "9") >= today)
      .map(({ member }) => member);
    return [...new Set(named)].filter((member) => read.member(member)?.status === "active").map((member) => personOf(read, member));
  };
  return { teachers: row.course === null ? [] : of("trainer", row.course), maintainers: of("maintainer", row.id) };
}

/** How long it has worked since somebody last cared for it. */
function careOf({ ledger: { read } }: Book, id: string, nowMs: number): MachineDetail["care"] {
  const lastMs = read.usage.lastCare(nowMs).get(id) ?? null;
  const sessions = read.sessions({ machine: id, fromMs: lastMs ?? 0, limit: 100_000 });
  const due = read.usage.rates().findLast((row) => row.rate === "service_hours" && row.of === id)?.value ?? null;
  return { lastMs, busyMs: sessions.reduce((sum, { busyMs }) => sum + busyMs, 0), dueMs: due === null ? null : due * hourMs };
}

function historyOf({ ledger: { read }, series }: Book, id: string, nowMs: number, tz: string): MachineDetail["history"] {
  const first = Temporal.Instant.fromEpochMilliseconds(nowMs)
    .toZonedDateTimeISO(tz)
    .startOfDay()
    .subtract({ days: historyDays - 1 });
  const days = new Map<string, { sessions: number; busyMs: number | null; energyWh: number | null }>();
  for (const { startedMs } of read.sessions({ machine: id, fromMs: first.epochMilliseconds, limit: 100_000 })) {
    const date = localDateAt(tz, startedMs);
    const day = days.get(date) ?? { sessions: 0, busyMs: null, energyWh: null };
    days.set(date, { ...day, sessions: day.sessions + 1 });
  }
  for (const { machine, date, busyMs, energyWh, knownMs } of series.dailyUse(first.epochMilliseconds, nowMs, tz)) {
    if (machine !== id || knownMs === 0) continue;
    days.set(date, { sessions: days.get(date)?.sessions ?? 0, busyMs, energyWh });
  }
  return [...days].map(([date, day]) => ({ date, ...day })).sort((a, b) => (a.date < b.date ? 1 : -1));
}

export function doorOf(book: Book, id: string): DoorDetail | undefined {
  const { read } = book.ledger;
  const row = read.resource(id);
  if (row === undefined || row.kind !== "door") return undefined;
  const names = namesOf(book);
  const events = read.events({ node: row.node, ch: row.ch, kinds: doorKinds, limit: doorEventsMost });
  return {
    id,
    label: row.label,
    node: row.node,
    leadsTo: names.zone(row.zone),
    leadsFrom: names.zone(row.fromZone),
    failMode: row.failMode,
    course: names.course(row.course),
    strikeMs: row.facts.door?.strikeMs ?? null,
    events: events.map((event) => lineOf(read, event)),
  };
}

const doorKinds = [
  ...(["access.decided", "door.forced_open", "door.forced_cleared", "door.held_open", "door.held_open_cleared"] as const),
  ...(["door.granted_not_used", "door.jam", "door.tamper"] as const),
];
