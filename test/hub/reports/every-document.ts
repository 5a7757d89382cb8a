/**
 * Every document of the pack from two invented months: a busy one, and a hard one of long names, foreign letters, words without a
 * place to break, rows over pages, hidden groups and things nobody knows. For whoever reads paper, with eyes or by program.
 */
import { networkReport } from "../../../hub/reports/document-network.ts";
import { projectReport } from "../../../hub/reports/document-project.ts";
import { annualReport } from "../../../hub/reports/document-year.ts";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { monthReport } from "../../../hub/reports/month.ts";
import { packNames } from "../../../hub/reports/packs.ts";
import type { ProjectFigures } from "../../../hub/reports/project.ts";
import type { Language, MonthInput, MonthReport, Seal } from "../../../hub/reports/types.ts";
import { aMonth, counted } from "./builders.ts";
import { aBusyMonth } from "./busy-month.ts";

const seal: Seal = { number: 12, revision: 3, hash: "0123456789abcdef".repeat(4), closedMs: Date.UTC(2026, 3, 2, 9) };
const draft = { madeMs: Date.UTC(2026, 3, 3, 7, 30), seal: null };
const longNames = [
  "Liela formāta CO₂ lāzergriešanas un gravēšanas iekārta (Valmieras Mākslu vidusskolas atvērtā darbnīca, 2. stāvs)",
  "Röstökningsmaskin Åäö med en mycket lång och besvärlig beskrivning som aldrig tar slut",
  "Sveiseapparat for ærlige bærøvelser på Østsiden",
  "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
  "ĀČĒĢĪĶĻŅŠŪŽ āčēģīķļņšūž ÅÄÖØÆ åäöøæ",
  '=SUM(A1:A9); "quoted", <b>bold</b> & more',
];
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** @param machines  how many; more than some 40 make tables that go over pages */
export function aHardMonth(machines = 45): MonthInput {
  const busy = aBusyMonth(machines);
  const named = <T extends { readonly label: string }>(one: T, i: number): T => ({ ...one, label: longNames[i] ?? one.label });
  return {
    ...busy,
    siteName: "Valmieras Mākslu vidusskolas un novada uzņēmēju atvērtā radošā darbnīca «Ķieģeļu iela»",
    simulated: true,
    machines: busy.machines.map(named),
    doors: [...busy.doors, { id: "door-2", label: longNames[3] ?? "", opened: 0, notUsed: 0, forced: 0, heldOpen: 0 }],
    courses: busy.courses.map((course) => ({ ...course, label: `${course.label}: ${longNames[0]}` })),
    backgrounds: [
      ...busy.backgrounds.map((one) => (one.member < 4 ? { ...one, value: "youth-council-of-the-town" } : one)),
      ...Array.from({ length: 60 }, (_, i) => ({
        member: i + 1,
        what: "municipality",
        value: i % 4 === 0 ? "Dienvidkurzemes novads" : "Valmiera",
        from: "2026-01-01",
      })),
    ],
    headcounts: [
      ...(["class", "training", "meetup", "exchange", "fair", "other"] as const).map((kind, i) =>
        counted({ kind, people: 7 + i, target: ["pupil", "senior", "other-adult"][i % 3] ?? "pupil", seats: 12, firstTimers: i }),
      ),
      counted({ kind: "school_visit", people: 3, target: "educator" }),
    ],
    money: [
      ...busy.money,
      { kind: "cost", source: "depreciation", cents: 123_456_789, machine: "machine-2" },
      { kind: "income", source: "in_kind", cents: 5, machine: null },
    ],
    boots: [{ node: "node-with-a-name-that-goes-on-and-on-and-on", atMs: busy.madeMs, firmware: "1.20.3-rc.4+sha.0123456789abcdef" }],
    incidents: (["trip", "fault", "lockout", "forced_stop", "power_while_off", "unattributed", "forced_open", "tamper"] as const).map(
      (kind, i) => ({
        atMs: busy.madeMs - (30 - i) * 86_400_000,
        untilMs: kind === "lockout" ? busy.madeMs - 25 * 86_400_000 : null,
        place: `machine-${i + 1}`,
        label: longNames[i % longNames.length] ?? "",
        kind,
        detail: kind === "lockout" ? "oops" : kind === "unattributed" ? "340 W" : "",
      }),
    ),
    unreadableMessages: 3,
    cutShort: true,
  };
}

export const aProject = (input: MonthInput): ProjectFigures => {
  const { machines } = monthFigures(input);
  return {
    schema: "koprade-project-figures/1",
    project: "ngslv",
    label: "Radošās darbnīcas visiem: makers without borders",
    number: "NGSLV-566",
    funder: "Nordisk Ministerråd / Ziemeļu Ministru padome",
    programme: "Nordplus",
    from: "2026-02-01",
    through: "2026-12-31",
    publicity: "Līdzfinansē Ziemeļu Ministru padome. Med støtte fra Nordisk Ministerråd.",
    logo: onePixel,
    siteName: input.siteName,
    zone: input.zone,
    simulated: input.simulated,
    months: [
      { month: "2026-02", revision: 2 },
      { month: "2026-03", revision: null },
    ],
    indicators: [
      {
        indicator: "a",
        label: longNames[0] ?? "",
        unit: "people",
        baseline: 0,
        target: 50,
        source: "auto",
        metric: "V03",
        actual: 54,
        share: 1.08,
        evidence: [],
      },
      {
        indicator: "b",
        label: "Prototypes",
        unit: "pieces",
        baseline: 2,
        target: 12,
        source: "manual",
        actual: 4,
        share: 0.2,
        evidence: [
          { on: "2026-03-02", value: 4, evidence: "Photographs, folder 3" },
          { on: "2026-03-20", value: 4, evidence: longNames.join("; ") },
        ],
      },
      {
        indicator: "c",
        label: "Visits",
        unit: "",
        baseline: 0,
        target: 0,
        source: "counted",
        count: "events",
        kind: null,
        group: null,
        actual: null,
        share: null,
        evidence: [],
      },
    ],
    assets: machines.slice(0, 4).map(({ id, label, metrics }) => ({ machine: id, label, from: "2026-02-10", metrics })),
  };
};

/** All documents about one month. @param input  of the month; `isClosed`: under its number, else a draft */
export function documentsOf(input: MonthInput, language: Language, isClosed = false): MonthReport[] {
  const figures = monthFigures(input);
  const before = monthFigures(aBusyMonth(3, { month: "2026-02", seed: 3 }));
  const head = isClosed ? { ...draft, seal } : draft;
  return [
    ...packNames.map((pack) => monthReport(figures, { ...head, pack, earlier: { month: before, year: before } }, language)),
    annualReport([before, figures], [figures], head, language),
    networkReport(figures, head, language),
    projectReport(aProject(input), head, language),
  ];
}

/** A month of which nothing is known. */
export const anEmptyMonth = (): MonthInput => aMonth({ siteName: "Darbnīca" });
