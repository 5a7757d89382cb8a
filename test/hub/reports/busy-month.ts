/** A month in which much happened, made from a seed: for tests of pictures and pages, and for measuring. Nothing real is in it. */
import type { MachineEvents, MachineHistory, Sign, Span, Step, Use } from "#core";
import type { MonthInput } from "../../../hub/reports/types.ts";
import { noTraining } from "../core/utilisation/builders.ts";
import { aMonth, at, counted, decision, theMachine } from "./builders.ts";

const hourMs = 3_600_000;
const names = [
  "Lāzers 1",
  "3D printeris «Ķīna»",
  "Lentzāģis",
  "Virpa",
  "CNC frēze",
  "Šujmašīna Žanete",
  "Metināšanas vieta",
  "Keramikas krāsns",
];

/** Steps of a linear congruential generator (Numerical Recipes), 0 … 1. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Tuesday to Saturday, 12:00 to 20:00. */
function openIn(month: string): Span[] {
  const first = Temporal.PlainDate.from(`${month}-01`);
  return Array.from({ length: first.daysInMonth }, (_, i) => first.add({ days: i }))
    .filter(({ dayOfWeek }) => dayOfWeek >= 2 && dayOfWeek <= 6)
    .map((date) => ({ fromMs: at(`${date}T12:00`), toMs: at(`${date}T20:00`) }));
}

type Told = { readonly machine: ReturnType<typeof theMachine>; readonly signs: readonly Sign[] };

/** Whole minutes. */
const minutes = (ms: number): number => Math.round(ms / 60_000) * 60_000;

function aBusyMachine(index: number, month: string, open: readonly Span[], roll: () => number): Told {
  const power: MachineHistory["power"][number][] = [];
  const use: Step<Use>[] = [];
  const sessions: MachineEvents["sessions"][number][] = [];
  const runs: MachineEvents["runs"][number][] = [];
  for (const day of open) {
    let startMs = minutes(day.fromMs + roll() * hourMs);
    while (startMs < day.toMs - hourMs && roll() < 0.7 - (index % 4) * 0.12) {
      const member = 1 + Math.floor(roll() * 60);
      const endMs = Math.min(day.toMs, minutes(startMs + (0.4 + 2.2 * roll()) * hourMs));
      const workMs = minutes(startMs + 0.15 * (endMs - startMs));
      const leaves = index % 8 === 1 && roll() < 0.4;
      const doneMs = minutes(leaves ? endMs + (2 + 6 * roll()) * hourMs : endMs - 0.1 * (endMs - startMs));
      const id = `m${index}-${sessions.length}`;
      sessions.push({ fromMs: startMs, toMs: endMs, id, member, purpose: "member", end: roll() < 0.03 ? "forced" : "normal" });
      use.push({ fromMs: startMs, toMs: endMs, value: { kind: "session", id, member, purpose: "member" } });
      if (leaves) use.push({ fromMs: endMs, toMs: doneMs, value: { kind: "job", id, member, purpose: "member" } });
      power.push({ fromMs: startMs, toMs: workMs, value: "idle" }, { fromMs: workMs, toMs: doneMs, value: "busy" });
      if (!leaves) power.push({ fromMs: doneMs, toMs: endMs, value: "idle" });
      runs.push({ fromMs: workMs, toMs: doneMs, energyWh: ((doneMs - workMs) / hourMs) * (150 + index * 60) });
      startMs = minutes(Math.max(endMs, doneMs) + roll() * 2 * hourMs);
    }
  }
  const label = `${names[index % names.length]}${index < names.length ? "" : ` ${Math.floor(index / names.length) + 1}`}`;
  const metered = index % 5 === 3 ? null : runs.map((run) => ({ ...run, energyWh: run.energyWh * 1.12 }));
  const history: Partial<MachineHistory> = {
    power: [{ fromMs: at(`${month}-01T00:00`), toMs: at(`${month}-28T23:00`) + 4 * 24 * hourMs, value: "off" }, ...power],
    use,
    open,
    silent: index % 6 === 2 ? [{ fromMs: at(`${month}-06T09:00`), toMs: at(`${month}-07T15:00`) }] : [],
    down: [
      ...(index % 3 === 0 ? [{ fromMs: at(`${month}-21T15:00`), toMs: at(`${month}-24T14:00`), value: "unplanned_down" as const }] : []),
      ...(index % 4 === 1 ? [{ fromMs: at(`${month}-11T12:00`), toMs: at(`${month}-11T18:00`), value: "planned_down" as const }] : []),
    ],
  };
  return {
    machine: { ...theMachine(`machine-${index + 1}`, history, { sessions, runs, metered, trips: index % 7 === 0 ? 2 : 0 }), label },
    signs: sessions.flatMap(({ member, fromMs, toMs }): Sign[] => [
      { kind: "entry", member, fromMs: fromMs - 60_000, toMs: fromMs - 60_000 },
      { kind: "session", member, fromMs, toMs },
    ]),
  };
}

/** @param machines  how many; the same numbers give the same month */
export function aBusyMonth(machines: number, { month = "2026-03", seed = 7, language = "lv" } = {}): MonthInput {
  const roll = dice(seed + machines);
  const open = openIn(month);
  const told = Array.from({ length: machines }, (_, index) => aBusyMachine(index, month, open, roll));
  const members = Array.from({ length: 60 }, (_, i) => i + 1);
  const trained = members.slice(0, 45).map((member) => ({
    member,
    course: member % 3 === 0 ? "cnc" : "laser",
    level: member % 9 === 0 ? ("trainee" as const) : ("competent" as const),
    trainer: 100 + (member % 2),
    atMs: at(`2026-03-05T00:00`) - (member % 7) * 30 * 24 * hourMs,
    untilMs: null,
    revokedMs: null,
  }));
  return aMonth({
    month,
    siteName: language === "lv" ? "Valmieras Radošā darbnīca" : "Makerspace",
    madeMs: at(`${month}-28T10:00`) + 6 * 24 * hourMs,
    machines: told.map(({ machine }) => machine),
    doors: [{ id: "front-door", label: "Galvenās durvis", opened: 402, notUsed: 7, forced: 1, heldOpen: 3 }],
    decisions: told
      .flatMap(({ signs }) => signs.filter(({ kind }) => kind === "entry"))
      .map(({ member, fromMs }, i) =>
        decision({
          atMs: fromMs,
          member,
          tookMs: 2 + (i % 9),
          ...(i % 23 === 0 ? { outcome: "deny" as const, reason: "TRAINING_MISSING" as const, at: "machine-1", atLabel: "Lāzers 1" } : {}),
        }),
      ),
    people: {
      signs: told.flatMap(({ signs }) => signs),
      seenBeforeMs: new Map(
        members.filter((member) => member % 4 !== 0).map((member) => [member, at(`${month}-01T12:00`) - member * 4 * 24 * hourMs]),
      ),
      activeMembers: new Set(members),
      headcount: 41,
    },
    training: {
      ...noTraining,
      records: trained,
      uses: trained
        .filter(({ member }) => member % 4 !== 0)
        .flatMap(({ member, course, atMs }) =>
          [3, 20, 41].slice(0, member % 4).map((days) => ({ member, course, atMs: atMs + days * 24 * hourMs })),
        ),
      wishes: members.slice(45, 56).map((member) => ({ member, course: "laser", atMs: at(`${month}-12T15:00`) })),
      activeMembers: new Set(members),
    },
    courses: [
      { course: "laser", label: "Lāzergriešana" },
      { course: "cnc", label: "CNC frēzēšana" },
    ],
    backgrounds: members.map((member) => ({
      member,
      what: "target",
      value: ["pupil", "student", "youth", "senior", "start-up"][member % 5] ?? "student",
      from: "2026-01-01",
    })),
    headcounts: [
      counted({ kind: "school_visit", people: 24, minutes: 90, municipality: "Valmiera" }),
      counted({ kind: "open_evening", people: 17, minutes: 120, target: "visitor", municipality: "Cēsis", volunteerLed: true }),
    ],
    money: [
      { kind: "cost", source: "energy", cents: 4_210, machine: null },
      { kind: "cost", source: "maintenance", cents: 12_000, machine: "machine-1" },
      { kind: "income", source: "municipal", cents: 30_000, machine: null },
      { kind: "income", source: "memberships", cents: 45_000, machine: null },
    ],
    lostEvents: 2,
  });
}
