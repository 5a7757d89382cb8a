/** People in pictures: the hours of the week as a heat map, and from training to use by cohort. */
import { type Chart, chartWidth, legend } from "./chart.ts";
import { type Box, boxPath, filled, ink, label, linePath, patterned, type Shape, stroked } from "./scene.ts";
import { shownCell } from "./show.ts";
import { looks } from "./state-look.ts";
import type { Language, MonthFigures } from "./types.ts";
import { fill, words } from "./words.ts";

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const two = (n: number): string => String(n).padStart(2, "0");

/** Mean people by weekday and hour: darker is more, and the number stands in the cell. */
export function heatChart({ people }: MonthFigures, language: Language): Chart {
  const w = words[language];
  const { largest, summary } = heatSummary(people.heat, w.sumHeat, language);
  const shown = largest === 0 ? w.sNobody : summary;
  return { id: "heat", title: w.chartHeat, summary: shown, table: "heat", scene: heatScene(people.heat, largest, language) };
}

/** The same of machines at work; none for months closed before it was counted. */
export function busyHeatCharts({ busyHeat }: MonthFigures, language: Language): Chart[] {
  const w = words[language];
  if (busyHeat === undefined) return [];
  const { largest, summary } = heatSummary(busyHeat, w.sumBusyHeat, language);
  return [
    {
      id: "busy",
      title: w.busyHeat,
      summary: largest === 0 ? w.sIdle : summary,
      table: "busy_heat",
      scene: heatScene(busyHeat, largest, language),
    },
  ];
}

function heatSummary(heat: readonly (number | null)[], sentence: string, language: Language) {
  const largest = Math.max(0, ...heat.map((mean) => mean ?? 0));
  const best = heat.findIndex((mean) => mean !== null && mean === largest);
  const summary = fill(sentence, {
    day: weekdayIn(Math.floor(best / 24), language),
    hour: `${two(best % 24)}:00`,
    n: shownCell(Math.round(largest * 100) / 100, undefined, language),
    hours: heat.filter((mean) => (mean ?? 0) > 0).length,
  });
  return { largest, summary };
}

/** 2024-01-01 was a Monday. */
const weekdayIn = (day: number, language: Language): string =>
  new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + day));

/** From white to dark blue in even steps of lightness, so that order shows in grey too. */
const steps = ["#ffffff", "#dcebf6", "#b6d5eb", "#84b8dc", "#4e95c8", "#2573ad", "#0d5189", "#08366a"] as const;

function heatScene(heat: readonly (number | null)[], largest: number, language: Language): Chart["scene"] {
  const w = words[language];
  const [left, top, height] = [26, 13, 15];
  const width = (chartWidth - left) / 24;
  const shapes: Shape[] = [];
  for (let hour = 0; hour < 24; hour += 1) {
    shapes.push(label(left + (hour + 0.5) * width, 9, two(hour), { size: 6.5, anchor: "middle", colour: ink.quiet }));
  }
  weekdays.forEach((day, d) => {
    shapes.push(label(0, top + d * height + 10, w[day], { size: 7.5 }));
    for (let hour = 0; hour < 24; hour += 1) {
      const mean = heat[d * 24 + hour] ?? null;
      const box: Box = { x: left + hour * width + 0.4, y: top + d * height + 0.4, w: width - 0.8, h: height - 0.8 };
      if (mean === null) shapes.push(...patterned([box], "dots", looks.unknown.colour));
      const shade = mean === null || largest === 0 ? 0 : Math.ceil((mean / largest) * (steps.length - 1));
      if (shade === 0) continue;
      shapes.push(filled(boxPath(box), steps[shade] ?? steps[0]));
      const text = mean !== null && mean >= 0.05 ? shownCell(Math.round(mean * 10) / 10, undefined, language) : "";
      const colour = shade > 3 ? "#ffffff" : ink.text;
      if (text !== "") shapes.push(label(box.x + box.w / 2, box.y + 9.7, text, { size: 6.5, anchor: "middle", colour }));
    }
  });
  const bottom = top + 7 * height;
  const lines = Array.from({ length: 8 }, (_, d) => linePath(left, top + d * height, chartWidth, top + d * height)).join("");
  const columns = Array.from({ length: 25 }, (_, hour) => linePath(left + hour * width, top, left + hour * width, bottom)).join("");
  shapes.unshift(stroked(lines + columns, ink.rule, 0.3));
  return { width: chartWidth, height: bottom + 2, shapes };
}

type Step = {
  readonly month: string;
  readonly attended: number;
  readonly passed: number;
  readonly used: number;
  readonly settled: number;
  readonly running: boolean;
};
const stages = ["attended", "passed", "used", "settled"] as const;
/** Below so many a share would tell about single people (reports.md §4.5). */
const shareLeast = 10;

/** From training to use: all cohorts as a funnel, each month beside it. None before the first training. */
export function funnelCharts({ training }: MonthFigures, language: Language): Chart[] {
  const w = words[language];
  const months = new Map<string, Step>();
  for (const cohort of training.flatMap(({ cohorts }) => cohorts)) {
    const sum = months.get(cohort.month) ?? { month: cohort.month, attended: 0, passed: 0, used: 0, settled: 0, running: false };
    months.set(cohort.month, {
      month: cohort.month,
      attended: sum.attended + cohort.attended,
      passed: sum.passed + cohort.passed,
      used: sum.used + cohort.used,
      settled: sum.settled + cohort.settled,
      running: sum.running || cohort.running,
    });
  }
  const cohorts = [...months.values()].sort((a, b) => (a.month < b.month ? -1 : 1)).slice(-12);
  if (cohorts.length === 0) return [];
  const all = Object.fromEntries(stages.map((stage) => [stage, cohorts.reduce((sum, cohort) => sum + cohort[stage], 0)])) as Record<
    (typeof stages)[number],
    number
  >;
  const summary = `${fill(w.sumFunnel, all)}${cohorts.some(({ running }) => running) ? ` ${w.sumFunnelRunning}` : ""}`;
  return [{ id: "funnel", title: w.chartFunnel, summary, table: "cohorts", scene: funnelScene(all, cohorts, language) }];
}

const tones: Readonly<Record<(typeof stages)[number], string>> = {
  attended: "#9db8cc",
  passed: "#5a9bc8",
  used: "#2573ad",
  settled: "#08366a",
};

function funnelScene(all: Record<(typeof stages)[number], number>, cohorts: readonly Step[], language: Language): Chart["scene"] {
  const w = words[language];
  const [line, names, bars] = [17, 92, 120];
  const titles = { attended: w.attended, passed: w.passed, used: w.funnelUsed, settled: w.funnelSettled };
  const largest = Math.max(1, ...stages.map((stage) => all[stage]));
  const funnel = stages.flatMap((stage, i): Shape[] => {
    const width = (all[stage] / largest) * bars;
    const before = i === 0 ? 0 : all[stages[i - 1] ?? "attended"];
    const share = before >= shareLeast ? ` · ${shownCell(Math.round((all[stage] / before) * 100), undefined, language)} %` : "";
    const y = i * line + 4;
    return [
      label(0, y + 10, titles[stage], { size: 7.5 }),
      ...(width > 0 ? [filled(boxPath({ x: names, y, w: width, h: line - 4 }), tones[stage])] : []),
      label(names + width + 4, y + 10, `${all[stage]}${share}`, { size: 7.5, bold: true }),
    ];
  });
  const right = cohortColumns(cohorts, { x: names + bars + 70, y: 4, w: chartWidth - names - bars - 70, h: stages.length * line - 14 });
  const bottom = stages.length * line + 6;
  const key = legend(
    [
      ...stages.map((stage) => ({ text: titles[stage], pattern: "solid" as const, colour: tones[stage] })),
      ...(cohorts.some(({ running }) => running) ? [{ text: w.legendRunning, pattern: "diagonal" as const, colour: ink.text }] : []),
    ],
    bottom + 4,
  );
  return { width: chartWidth, height: bottom + 4 + key.height, shapes: [...funnel, ...right, ...key.shapes] };
}

/** A group of four bars a month; what may still grow is hatched. */
function cohortColumns(cohorts: readonly Step[], { x, y, w, h }: Box): Shape[] {
  const largest = Math.max(1, ...cohorts.map(({ attended }) => attended));
  const slot = w / Math.max(6, cohorts.length);
  const bar = Math.min(7, (slot - 3) / 4);
  const ground = linePath(x, y + h, x + w, y + h);
  return [
    stroked(ground, ink.rule, 0.5),
    ...cohorts.flatMap((cohort, i): Shape[] => {
      const left = x + i * slot;
      const boxes = stages.map((stage, s) => ({
        x: left + s * bar,
        y: y + h - (cohort[stage] / largest) * (h - 9),
        w: bar - 0.4,
        h: (cohort[stage] / largest) * (h - 9),
      }));
      return [
        ...boxes.flatMap((box, s) => (box.h > 0 ? [filled(boxPath(box), tones[stages[s] ?? "attended"])] : [])),
        ...(cohort.running
          ? patterned(
              boxes.slice(2).filter((box) => box.h > 0),
              "diagonal",
              "#ffffff",
            )
          : []),
        label(left + bar / 2, (boxes[0]?.y ?? y) - 1.5, String(cohort.attended), { size: 5.5, anchor: "middle", colour: ink.quiet }),
        label(left + 2 * bar, y + h + 8, `${cohort.month.slice(5)}${cohort.running ? "*" : ""}`, {
          size: 6,
          anchor: "middle",
          colour: ink.quiet,
        }),
      ];
    }),
  ];
}
