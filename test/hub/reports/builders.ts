/** Months for the tests of the reports: nothing in them but what a test says. */
import type { Counted } from "#core";
import type { LedgerReads, LogEvent, MonthSources } from "../../../hub/reports/sources.ts";
import type { DecisionFact, MachineFacts, MonthInput } from "../../../hub/reports/types.ts";
import { aMachine, noEvents, noTraining } from "../core/utilisation/builders.ts";

export const at = (wall: string): number => Temporal.PlainDateTime.from(wall).toZonedDateTime("Europe/Riga").epochMilliseconds;

export function theMachine(
  id: string,
  given: Partial<MachineFacts["history"]> = {},
  events: Partial<MachineFacts["events"]> = {},
): MachineFacts {
  return { id, label: id, centsPerHour: null, meterDoubtWh: 0, history: aMachine(given), events: { ...noEvents, ...events } };
}
export const decision = (given: Partial<DecisionFact>): DecisionFact => ({
  atMs: at("2026-03-10T12:00"),
  at: "front-door",
  atLabel: "Front door",
  kind: "door",
  member: 1,
  outcome: "grant",
  reason: "GRANT",
  clockTrusted: true,
  alone: false,
  judgedLater: false,
  tookMs: 3,
  ...given,
});
export const counted = (given: Partial<Counted>): Counted => ({
  kind: "class",
  people: 10,
  minutes: 60,
  target: "pupil",
  municipality: "",
  ageBand: "",
  school: "",
  machine: null,
  seats: null,
  firstTimers: null,
  volunteerLed: null,
  ratings: null,
  ...given,
});
export function aMonth(given: Partial<MonthInput> = {}): MonthInput {
  return {
    month: "2026-03",
    siteName: "Radošā darbnīca",
    zone: "Europe/Riga",
    madeMs: at("2026-04-03T10:00"),
    simulated: false,
    machines: [],
    doors: [],
    decisions: [],
    people: { signs: [], seenBeforeMs: new Map(), activeMembers: null, headcount: 0 },
    training: noTraining,
    courses: [],
    backgrounds: [],
    founded: new Map(),
    homeTown: null,
    headcounts: [],
    incidents: [],
    money: [],
    volunteers: [],
    reserveCents: null,
    contradicted: 0,
    boots: [],
    clocks: [],
    newcomers: [],
    unknownNewcomers: [],
    lostEvents: 0,
    unreadableMessages: 0,
    corrections: { asked: 0, granted: 0 },
    cutShort: false,
    ...given,
  };
}

/** A ledger that holds these events and nothing else, unless a question is answered otherwise. */
export function sourcesOf(
  events: readonly LogEvent[],
  change: Partial<Omit<LedgerReads, "usage">> & { readonly usage?: Partial<LedgerReads["usage"]> } = {},
  samples: ReturnType<MonthSources["series"]["hourlyEnergy"]> = [],
): MonthSources {
  const none = () => [];
  // What an hour lacks is at its end.
  const silences = (_machine: string, fromMs: number, toMs: number) =>
    samples.filter(({ hourMs }) => hourMs === fromMs).map(({ knownS }) => ({ fromMs: fromMs + knownS * 1000, toMs }));
  const read: LedgerReads = {
    site: () => ({ site: "valmiera", name: "", tz: "Europe/Riga", demo: false }),
    resources: () => [
      { id: "front-door", kind: "door", label: "Front door", node: "node-1", ch: "door", settings: {} },
      { id: "laser-1", kind: "machine", label: "Laser", node: "node-1", ch: "laser", settings: {} },
    ],
    courses: none,
    events: ({ node, ch, kinds, fromMs, toMs, after, limit }) =>
      events
        .filter((each) => node === undefined || each.node === node)
        .filter((each) => ch === undefined || each.ch === ch)
        .filter((each) => kinds?.includes(each.body.kind) !== false)
        .filter((each) => each.evtMs >= (fromMs ?? 0) && each.evtMs < (toMs ?? Number.MAX_SAFE_INTEGER) && each.n > (after ?? 0))
        .sort((a, b) => (after === undefined ? b.evtMs - a.evtMs : a.n - b.n))
        .slice(0, limit),
    sessions: none,
    runs: none,
    gaps: none,
    quarantined: none,
    audit: none,
    ...change,
    usage: {
      openingHours: none,
      machineLabel: () => undefined,
      lockouts: none,
      lastSeen: () => new Map(),
      firstHeard: (node, ch) =>
        events
          .filter((each) => each.node === node && (ch === undefined || each.ch === ch))
          .map(({ evtMs }) => evtMs)
          .sort((a, b) => a - b)[0] ?? null,
      peopleHere: none,
      firstSeen: () => new Map(),
      clockErrors: none,
      activeMembers: () => new Set(),
      trainings: none,
      courseUses: none,
      courseWishes: none,
      targetGroups: none,
      headcounts: none,
      money: none,
      bookings: none,
      courseClasses: none,
      classSpans: none,
      memberships: none,
      trainers: none,
      plannedMaintenance: none,
      lastCare: () => new Map(),
      backgrounds: none,
      rates: none,
      machineThen: () => null,
      shifts: none,
      contradicted: none,
      attendances: none,
      machineWishes: none,
      materials: none,
      correctionsIn: none,
      correctionCounts: () => ({ asked: 0, granted: 0 }),
      ...change.usage,
    },
  };
  return { ledger: { read }, series: { hourlyEnergy: () => samples, silences } };
}
