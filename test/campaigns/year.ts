/**
 * A year of forty machines and six hundred members: what their nodes tell goes through the real ingest into a real ledger and series, one
 * message in a hundred lost on the way, and every month's report is held against what truly happened.
 */
import type { Envelope, NodeEvent } from "#contract";
import { intersect, lengthMs, monthSpan, type Span, subtract } from "#core";
import { batchEventsMax } from "../../devices/kit/outbox.ts";
import { createIngest } from "../../hub/app/ingest.ts";
import type { Wire } from "../../hub/app/wire.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { ledgerPort } from "../../hub/ledger-port.ts";
import type { Clock } from "../../hub/ports.ts";
import { monthFigures, valueIn } from "../../hub/reports/figures.ts";
import { monthInput } from "../../hub/reports/gather.ts";
import { createSeries } from "../../hub/series/index.ts";
import type { UsageSeries } from "../../hub/series/types.ts";
import { type Dice, dice } from "../../simulators/random.ts";
import { liveYear, type Year, type YearMachine, type YearPlan, yearBoot } from "../../simulators/year.ts";
import { quietLog, realClock, temporaryDir } from "../support/ledger.ts";

export const name = "year";
export async function run(seed: number): Promise<{ figures: YearFigures }> {
  const figures = await simulatedYear({ seed, from: "2027-01-01", days: 365, machines: 40, members: 600 });
  needSame(figures);
  return { figures };
}

export type YearFigures = {
  readonly months: number;
  readonly events: number;
  readonly sessions: number;
  readonly busyH: number;
  /** messages of events that were lost at first, and telemetry messages that were lost for good */
  readonly lostEventMessages: number;
  readonly lostTelemetry: number;
  /** greatest share by which hours of a machine's month differ: worked, occupied */
  readonly busyOffShare: number;
  readonly occupiedOffShare: number;
  /** machine-months, and months, whose counts differ */
  readonly sessionsWrong: number;
  readonly usersWrong: number;
  readonly uniquesWrong: number;
  readonly personDaysWrong: number;
  readonly coverageOffMs: number;
  readonly reportMsMost: number;
};

/** @throws Error when the report says something else than what happened */
export function needSame(figures: YearFigures): void {
  const { busyOffShare, occupiedOffShare, sessionsWrong, usersWrong, uniquesWrong, personDaysWrong, coverageOffMs } = figures;
  if (busyOffShare > 0.001 || occupiedOffShare > 0.001 || sessionsWrong + usersWrong + uniquesWrong + personDaysWrong + coverageOffMs > 0)
    throw new Error(`the report is not what happened: ${JSON.stringify(figures)}`);
}

const zone = "Europe/Riga";
const kinds = ["laser", "printer", "saw"] as const;
const lossShare = 0.01;
/** What a meter's message holds. What is missing is more than twice its step: reports.md M28. */
type Telling = { readonly sampleMs: number; readonly samples: number };
const seldom: Telling = { sampleMs: 60_000, samples: 5 };
const often: Telling = { sampleMs: 10_000, samples: 6 };
/** The one that is only metered: what its meter does not tell, nothing tells. */
const metered = { id: "dust-1", node: "dust-node" } as const;

export type YearGiven = {
  readonly seed: number;
  readonly from: string;
  readonly days: number;
  readonly machines: number;
  readonly members: number;
};

export async function simulatedYear(given: YearGiven): Promise<YearFigures> {
  const machines = Array.from({ length: given.machines }, (_, i): YearMachine => {
    const kind = kinds[i % kinds.length] ?? "saw";
    return { id: `${kind}-${i + 1}`, node: `node-${i + 1}`, kind };
  });
  const plan: YearPlan = { ...given, zone, machines, idle: [metered], door: "door-node" };
  const year = liveYear(plan);
  const folder = temporaryDir("koprade-year-");
  let nowMs = year.startMs - 86_400_000;
  const clock: Clock = { ...realClock, nowMs: () => nowMs };
  const ledger = await openLedger({ dir: folder.dir, site: "year", tz: zone }, { clock, log: quietLog() });
  const series = await createSeries({ dir: folder.dir, influx: null }, { clock, log: quietLog() });
  try {
    await furnish(ledger, plan);
    nowMs = year.startMs;
    const sent = await sendAll(ledger, year, given.seed, (ms) => {
      nowMs = ms;
    });
    const meters: Meter[] = [];
    // One that nobody uses, and one that is used: where its runs say that it worked, its meter's silence hides nothing.
    for (const { id, node, telling } of [
      { ...metered, telling: often },
      ...machines.slice(0, 1).map((one) => ({ ...one, telling: seldom })),
    ]) {
      const { silent, lost } = await sendMeter({ series, machine: id, telling }, year, dice(given.seed, `meter of ${id}`), (ms) => {
        nowMs = ms;
      });
      meters.push({ id, lost, silent: subtract(silent, runsOf(year.events.get(node) ?? [], year.startMs)) });
    }
    nowMs = year.endMs;
    const lostTelemetry = meters.reduce((sum, { lost }) => sum + lost, 0);
    return { ...compared({ ledger, series }, plan, year, meters), ...sent, lostTelemetry };
  } finally {
    await series.close();
    await ledger.close();
    folder.remove();
  }
}

async function furnish({ change }: Ledger, plan: YearPlan): Promise<void> {
  const by = "cli:test";
  await change.addPlan({ plan: "full", label: "Full member", always: true }, by);
  const membership = { plan: "full", from: "2026-01-01" };
  const rows = Array.from({ length: plan.members }, (_, i) => ({ displayName: `Member ${i + 1}`, ...membership }));
  await change.importMembers({ rows }, by);
  await change.addNode({ node: plan.door, kind: "door" }, by);
  await change.addDoor({ door: "front", node: plan.door, ch: "door", label: "Front", failMode: "safe" }, by);
  for (const { id, node } of [...plan.machines, metered]) {
    await change.addNode({ node, kind: "machine" }, by);
    await change.addMachine({ machine: id, node, ch: id, label: id, riskClass: "B", cutHazard: false, course: null }, by);
  }
}

/** Each node sends its oldest events that are not acknowledged; message or answer may be lost, and then they come again. All at once. */
async function sendAll(ledger: Ledger, year: Year, seed: number, setNow: (ms: number) => void) {
  const acked = new Map<string, number>();
  const luck = new Map([...year.events.keys()].map((node) => [node, dice(seed, `wire of ${node}`)]));
  const isLost = (node: string): boolean => luck.get(node)?.chance(lossShare) === true;
  const wire = {
    send: async (_topic: string, [node = ""]: readonly string[], { upTo }: { upTo: number }) => {
      if (!isLost(node)) acked.set(node, Math.max(acked.get(node) ?? 0, upTo));
      return true;
    },
  } as unknown as Wire;
  let recvMs = year.startMs;
  const ingest = createIngest({
    ledger: ledgerPort(ledger),
    wire,
    clock: realClock,
    time: { read: () => ({ nowMs: recvMs, floorMs: 0, quality: "synced" }), noteEvent: () => undefined },
    log: quietLog(),
    onOffence: (node, what) => {
      throw new Error(`${node}: ${what}`);
    },
  });
  let [lost, events] = [0, 0];
  const send = async (node: string, list: readonly NodeEvent[]): Promise<void> => {
    events += list.length;
    for (let from = 0; from < list.length; from = acked.get(node) ?? 0) {
      const batch = list.slice(from, from + (luck.get(node)?.int(1, batchEventsMax) ?? 1));
      if (isLost(node)) {
        lost += 1;
        continue;
      }
      recvMs = year.startMs + (batch.at(-1)?.atMono ?? 0) + (luck.get(node)?.int(20, 400) ?? 0);
      setNow(recvMs);
      await ingest.events(node, { boot: yearBoot, mono: recvMs - year.startMs } as Envelope, batch);
    }
  };
  await Promise.all([...year.events].map(([node, list]) => send(node, list)));
  return { events, lostEventMessages: lost };
}

/** A meter that runs day and night, one message of some samples at a time; what is lost of it is lost. */
async function sendMeter(
  { series, machine, telling }: { readonly series: UsageSeries; readonly machine: string; readonly telling: Telling },
  year: Year,
  random: Dice,
  setNow: (ms: number) => void,
) {
  const { sampleMs } = telling;
  const messageMs = sampleMs * telling.samples;
  const silent: Span[] = [];
  let lost = 0;
  let lastMs = year.startMs;
  for (let at = year.startMs; at <= year.endMs; at += messageMs) {
    if (at > year.startMs && at < year.endMs && random.chance(lossShare)) {
      lost += 1;
      continue;
    }
    const samples = Array.from({ length: telling.samples }, (_, i) => ({
      atMs: at + i * sampleMs,
      powerW: 40,
      energyWh: null,
    })).filter(({ atMs }) => atMs <= year.endMs);
    for (const { atMs } of samples) {
      if (atMs - lastMs > 2 * sampleMs) silent.push({ fromMs: lastMs, toMs: atMs });
      lastMs = atMs;
    }
    setNow(at + messageMs);
    series.power(machine, samples);
    if (at % (8 * 3_600_000) === 0) await series.flush();
  }
  await series.flush();
  return { silent, lost };
}

/** What a node told of its machine at work. */
function runsOf(events: readonly NodeEvent[], startMs: number): Span[] {
  const began = new Map<string, number>();
  return events.flatMap(({ body }): Span[] => {
    if (body.kind === "mach.run_started") began.set(body.run, body.startMono);
    return body.kind === "mach.run_ended" ? [{ fromMs: startMs + (began.get(body.run) ?? 0), toMs: startMs + body.endMono }] : [];
  });
}

/** NaN when the report has no such number: nothing equals it. */
const numberIn = (of: Parameters<typeof valueIn>[0], id: string): number => valueIn(of, id) ?? Number.NaN;

type Meter = { readonly id: string; readonly lost: number; readonly silent: readonly Span[] };
type Book = { readonly ledger: Ledger; readonly series: UsageSeries };
function compared(book: Book, plan: YearPlan, year: Year, meters: readonly Meter[]) {
  const off = { busyOffShare: 0, occupiedOffShare: 0, sessionsWrong: 0, usersWrong: 0, uniquesWrong: 0, personDaysWrong: 0 };
  const sums = { sessions: 0, busyMs: 0, coverageOffMs: 0, reportMsMost: 0 };
  const last = Temporal.Instant.fromEpochMilliseconds(year.endMs - 1)
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toPlainYearMonth()
    .toString();
  const months = [...year.truth].filter(([month]) => month <= last).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [month, truth] of months) {
    const began = performance.now();
    const input = monthInput({ ...book, month, madeMs: year.endMs });
    const figures = monthFigures(input);
    sums.reportMsMost = Math.max(sums.reportMsMost, Math.round(performance.now() - began));
    for (const { id } of plan.machines) {
      const own = figures.machines.find((machine) => machine.id === id) ?? { metrics: [] };
      const was = truth.machines.get(id) ?? { busyMs: 0, occupiedMs: 0, sessions: 0, users: new Set() };
      sums.sessions += was.sessions;
      sums.busyMs += was.busyMs;
      off.busyOffShare = Math.max(off.busyOffShare, shareOff(numberIn(own, "M01"), was.busyMs));
      off.occupiedOffShare = Math.max(off.occupiedOffShare, shareOff(numberIn(own, "M02"), was.occupiedMs));
      if (numberIn(own, "M15") !== was.sessions) off.sessionsWrong += 1;
      if (numberIn(own, "M16") !== was.users.size) off.usersWrong += 1;
    }
    if (numberIn(figures.people, "V03") !== truth.people.size) off.uniquesWrong += 1;
    if (numberIn(figures.people, "V01") !== truth.personDays.size) off.personDaysWrong += 1;
    const span = monthSpan(month, zone) ?? { fromMs: 0, toMs: 0 };
    const lasted = { fromMs: Math.max(span.fromMs, year.startMs), toMs: Math.min(span.toMs, year.endMs) };
    const lastedMs = lasted.toMs - lasted.fromMs;
    for (const { id: machine, silent } of meters) {
      const coverage = valueIn(figures.machines.find(({ id }) => id === machine) ?? { metrics: [] }, "Q01") ?? Number.NaN;
      sums.coverageOffMs += Math.abs(Math.round(coverage * lastedMs) - (lastedMs - lengthMs(intersect(silent, [lasted]))));
    }
  }
  const { busyMs, ...rest } = sums;
  return { months: months.length, busyH: Math.round(busyMs / 3_600_000), ...rest, ...off };
}

const shareOff = (said: number, was: number): number =>
  said === was ? 0 : Number.isNaN(said) ? 1 : Math.abs(said - was) / Math.max(1, was);
