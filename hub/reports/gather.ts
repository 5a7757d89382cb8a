/** The facts of a month out of a ledger and its usage series, read through the few questions it asks of them. */
import { isBelated, localDateAt, monthSpan, openSpans, personDaysSpan, type Sign, type Span, unregistered, within } from "#core";
import { datedFacts, newcomersOf, trainingFacts } from "./gather-dated.ts";
import { eventsIn } from "./gather-events.ts";
import { addedMachines, machineFacts } from "./gather-machine.ts";
import { incidentsOf } from "./incidents.ts";
import { type LedgerReads, type LogEvent, type MonthSources, type Place, pages } from "./sources.ts";
import { rateOn } from "./sources-dated.ts";
import type { DecisionFact, DoorFacts, MonthInput } from "./types.ts";

const dayMs = 86_400_000;
/** Changes of permissions that are looked through for when machines came. */
const auditMax = 20_000;
/** A decision may stand behind a session that began this long before the month. */
const earlierMs = 3 * dayMs;
const doorKinds = ["door.opened", "door.granted_not_used", "door.forced_open", "door.held_open"] as const;

type Asked = MonthSources & {
  readonly month: string;
  readonly madeMs: number;
  /** only these machines; absent or null: all */
  readonly machines?: ReadonlySet<string> | null;
};

/** Throws RangeError when `month` is no month of the site's calendar. */
export function monthInput(given: Asked): MonthInput {
  const { read } = given.ledger;
  const site = read.site();
  const month = monthSpan(given.month, site.tz);
  const days = personDaysSpan(given.month, site.tz);
  if (month === undefined || days === undefined) throw new RangeError(`report: "${given.month}" is no month`);
  const untilMs = Math.min(month.toMs, Math.max(month.fromMs, given.madeMs));
  const places = read.resources();
  const decided = pages(read.events, { kinds: ["access.decided"], fromMs: month.fromMs - earlierMs, toMs: days.toMs });
  const doorEvents = pages(read.events, { kinds: doorKinds, fromMs: month.fromMs, toMs: month.toMs });
  const decisions = decided.rows.filter((event) => within(event.evtMs, month)).flatMap((event) => decisionFact(event, places));
  const dates = { from: localDateAt(site.tz, month.fromMs), through: localDateAt(site.tz, month.toMs - 1) };
  const headcounts = eventsIn(read, dates, month, site.tz);
  const rates = read.usage.rates();
  const date = localDateAt(site.tz, untilMs - 1);
  const boots = pages(read.events, { kinds: ["node.boot"], fromMs: month.fromMs, toMs: month.toMs });
  const classes = read.usage.classSpans(month.fromMs - earlierMs, month.toMs);
  const family = familyOf(read, places, month.toMs);
  const shared = {
    rates,
    date,
    dates,
    sources: given,
    month,
    untilMs,
    sessionsToMs: Math.max(untilMs, Math.min(days.toMs, given.madeMs)),
    open: openOf(read, month, site.tz),
    addedMs: addedMachines(read.audit(auditMax)),
    decisions,
    requests: new Map(decided.rows.flatMap(({ body }) => (body.kind === "access.decided" ? [[body.decision, body.request] as const] : []))),
    exits: exitsOf(decided.rows),
  };
  const machines = places
    .filter(({ kind, id }) => kind === "machine" && given.machines?.has(id) !== false)
    .map((place) => ({
      id: place.id,
      label: read.usage.machineLabel(place.id, month.toMs) ?? place.label,
      centsPerHour: rateOn(rates, "machine_hour", place.id, date),
      ...machineFacts({
        ...shared,
        place,
        family: family(place.id),
        classes: classes.filter((one) => one.place === place.id),
        participants: headcounts.reduce((sum, row) => (row.machine === place.id ? sum + row.people : sum), 0),
      }),
    }));
  const activeMembers = read.usage.activeMembers(dates.through, untilMs);
  const signs = [...doorSigns(decided.rows, places), ...machines.flatMap(({ events }) => events.sessions).map(sessionSign)];
  return {
    month: given.month,
    siteName: site.name === "" ? site.site : site.name,
    zone: site.tz,
    madeMs: given.madeMs,
    simulated: site.demo,
    machines,
    doors: places.filter(({ kind }) => kind === "door").map((place) => doorFacts(place, doorEvents.rows)),
    decisions,
    people: {
      signs,
      seenBeforeMs: read.usage.lastSeen(days.fromMs),
      activeMembers,
      headcount: headcounts.reduce((sum, row) => sum + unregistered(row), 0),
    },
    training: trainingFacts(read, { month, untilMs, zone: site.tz, signs, activeMembers }),
    courses: read.courses(),
    ...datedFacts(read, month, untilMs, site.tz),
    ...newcomersOf(read, month, untilMs, site.tz),
    headcounts,
    incidents: incidentsOf(given, places, machines, { fromMs: month.fromMs, toMs: untilMs }),
    money: read.usage.money(dates.from, dates.through),
    boots: boots.rows.flatMap(({ node, evtMs, body }) => (body.kind === "node.boot" ? [{ node, atMs: evtMs, firmware: body.fw }] : [])),
    clocks: read.usage.clockErrors(month.fromMs, month.toMs),
    lostEvents: read
      .gaps()
      .reduce((lost, gap) => lost + (gap.state === "closed" || !within(gap.noticedMs, month) ? 0 : gap.to - gap.from + 1), 0),
    corrections: read.usage.correctionCounts(month.fromMs, month.toMs),
    unreadableMessages: read.quarantined().filter((row) => within(row.atMs, month)).length,
    cutShort: decided.cutShort || doorEvents.cutShort,
  };
}

/** Opening hours as they were in force; null when none hold at the end of the month. */
function openOf(read: LedgerReads, month: Span, zone: string): Span[] | null {
  const entered = read.usage.openingHours();
  const inForce = entered.findLast(({ fromMs }) => fromMs < month.toMs) ?? entered[0];
  if (inForce === undefined || inForce.schedule === null) return null;
  const dated = entered.flatMap(({ fromMs, schedule }) => (schedule === null ? [] : [{ fromMs, schedule }]));
  return openSpans(dated, month, zone);
}

/** Machines that the same course covers: whoever learnt one may use any of them. A machine without a course is alone. */
function familyOf(read: LedgerReads, places: readonly Place[], beforeMs: number): (machine: string) => string[] {
  const courses = new Map(places.map(({ id }) => [id, read.usage.machineThen(id, beforeMs)?.course ?? null]));
  return (machine) => {
    const course = courses.get(machine) ?? null;
    return course === null ? [machine] : [...courses].flatMap(([id, of]) => (of === course ? [id] : []));
  };
}

function decisionFact(event: LogEvent, places: readonly Place[]): DecisionFact[] {
  const { body } = event;
  if (body.kind !== "access.decided" || body.request === "stop" || body.request === "exit") return [];
  const place = placeOf(event, places);
  return [
    {
      atMs: event.evtMs,
      at: place?.id ?? `${event.node}/${event.ch}`,
      atLabel: place?.label ?? `${event.node}/${event.ch}`,
      kind: kindOf(event, places),
      member: body.member,
      outcome: body.outcome,
      reason: body.reason,
      clockTrusted: event.tqHub !== "unknown",
      alone: body.where === "node",
      judgedLater: isBelated(event, body),
      tookMs: body.tookMs,
    },
  ];
}

const placeOf = (event: LogEvent, places: readonly Place[]): Place | undefined =>
  places.find((place) => place.node === event.node && place.ch === event.ch);

function kindOf(event: LogEvent, places: readonly Place[]): "door" | "machine" {
  const { body } = event;
  const isEntry = body.kind === "access.decided" && (body.request === "enter" || body.request === "remote_unlock");
  return placeOf(event, places)?.kind ?? (isEntry ? "door" : "machine");
}

/** Who was let in or badged out. */
function doorSigns(decided: readonly LogEvent[], places: readonly Place[]): Sign[] {
  return decided.flatMap((event): Sign[] => {
    const { body, evtMs } = event;
    if (body.kind !== "access.decided" || body.outcome !== "grant" || kindOf(event, places) !== "door") return [];
    return [{ kind: body.request === "exit" ? "exit" : "entry", member: body.member, fromMs: evtMs, toMs: evtMs }];
  });
}

const exitsOf = (decided: readonly LogEvent[]): { member: number; atMs: number }[] =>
  decided.flatMap(({ body, evtMs }) =>
    body.kind === "access.decided" && body.request === "exit" && body.outcome === "grant" ? [{ member: body.member, atMs: evtMs }] : [],
  );

const sessionSign = ({ member, fromMs, toMs }: { readonly member: number } & Span): Sign => ({ kind: "session", member, fromMs, toMs });

function doorFacts(place: Place, events: readonly LogEvent[]): DoorFacts {
  const count = (kind: (typeof doorKinds)[number]): number =>
    events.filter((event) => event.node === place.node && event.ch === place.ch && event.body.kind === kind).length;
  return {
    id: place.id,
    label: place.label,
    opened: count("door.opened"),
    notUsed: count("door.granted_not_used"),
    forced: count("door.forced_open"),
    heldOpen: count("door.held_open"),
  };
}
