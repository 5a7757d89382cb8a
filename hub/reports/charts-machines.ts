/** Machines in pictures: the month as lanes, use of open hours as bars, energy as bars. */
import { derivedStates, monthSpan } from "#core";
import { type Chart, chartWidth, legend, metricOf, most, spelled, spelledHours } from "./chart.ts";
import { valueIn } from "./figures.ts";
import { type Box, boxPath, filled, fitted, ink, label, linePath, type Pattern, patterned, type Shape, stroked } from "./scene.ts";
import { looks, stateOf } from "./state-look.ts";
import type { Language, MonthFigures } from "./types.ts";
import { fill, words } from "./words.ts";

type Machine = MonthFigures["machines"][number];
const hourMs = 3_600_000;
const names = 104;
const plot = chartWidth - names;
const row = 14;
/** Lanes and bars in one picture: as many as fit a page. */
const rowsMost = 40;

const joined = (sentences: readonly (string | false)[]): string => sentences.filter((one) => one !== false).join(" ");
const name = (machine: Machine, y: number): Shape => label(0, y, fitted(machine.label, 7.5, names - 6));

function chunks<T>(list: readonly T[]): (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / rowsMost) }, (_, i) => list.slice(i * rowsMost, (i + 1) * rowsMost));
}

/** Lanes of the month, one a machine. None for months that were closed before lanes were kept. */
export function laneCharts(figures: MonthFigures, language: Language): Chart[] {
  const w = words[language];
  const machines = figures.machines.filter(({ lane }) => lane !== undefined && lane !== "");
  const named = (machine: ReturnType<typeof most>, sentence: "sumLanes" | "sumLanesDown" | "sumLanesUnknown") =>
    machine !== undefined && fill(w[sentence], { machine: machine.label, hours: spelledHours(machine.amount, language) });
  const summary = joined([
    w.lanesNote,
    named(
      most(machines, ({ states }) => states.busy + states.unattended_busy),
      "sumLanes",
    ),
    named(
      most(machines, ({ states }) => states.down_unplanned),
      "sumLanesDown",
    ),
    named(
      most(machines, ({ states }) => states.unknown),
      "sumLanesUnknown",
    ),
  ]);
  return chunks(machines).map((part, i, all) => ({
    id: `lanes${i === 0 ? "" : i + 1}`,
    title: all.length === 1 ? w.chartLanes : `${w.chartLanes} (${i + 1}/${all.length})`,
    summary,
    table: "states",
    scene: lanesScene(figures, part, language),
  }));
}

function lanesScene(figures: MonthFigures, machines: readonly Machine[], language: Language): Chart["scene"] {
  const w = words[language];
  const days = daysOf(figures);
  const hours = days.at(-1)?.toHour ?? 1;
  const x = (hour: number): number => names + (hour / hours) * plot;
  const top = 14;
  const bottom = top + machines.length * row;
  const shapes: Shape[] = days.flatMap(({ day, fromHour, toHour, weekend }) => [
    label((x(fromHour) + x(toHour)) / 2, 9, String(day), {
      size: 6.5,
      anchor: "middle",
      bold: weekend,
      colour: weekend ? ink.text : ink.quiet,
    }),
  ]);
  machines.forEach((machine, i) => {
    const y = top + i * row;
    shapes.push(name(machine, y + 9.5), ...laneShapes(machine.lane ?? "", { x: 0, y: y + 2, w: 0, h: row - 4 }, x));
  });
  const bounds = [...days.map(({ fromHour }) => fromHour), hours].map((hour) => linePath(x(hour), top, x(hour), bottom)).join("");
  const rows = machines.map((_, i) => linePath(names, top + i * row, chartWidth, top + i * row)).join("");
  shapes.push(stroked(bounds + rows + linePath(names, bottom, chartWidth, bottom), ink.rule, 0.35));
  const seen = new Set(machines.flatMap(({ lane }) => [...(lane ?? "")].map(stateOf)));
  const key = legend(
    derivedStates
      .filter((state) => seen.has(state))
      .map((state) => ({ text: `${looks[state].letter} ${w[`state_${state}`]}`, ...looks[state] })),
    bottom + 8,
  );
  return { width: chartWidth, height: bottom + 8 + key.height, shapes: [...shapes, ...key.shapes] };
}

/** Days of the month in hours that went by since its beginning: one has 23 of them, one 25. */
function daysOf({ month, zone }: MonthFigures) {
  const span = monthSpan(month, zone);
  if (span === undefined) return [];
  const first = Temporal.PlainDate.from(`${month}-01`);
  return Array.from({ length: first.daysInMonth }, (_, i) => {
    const date = first.add({ days: i });
    const hour = (at: Temporal.PlainDate): number => (at.toZonedDateTime(zone).epochMilliseconds - span.fromMs) / hourMs;
    return { day: date.day, fromHour: hour(date), toHour: hour(date.add({ days: 1 })), weekend: date.dayOfWeek > 5 };
  });
}

/** Hours of one look are one path; a letter stands where there is room for it. */
function laneShapes(lane: string, at: Box, x: (hour: number) => number): Shape[] {
  const boxes = new Map<string, Box[]>();
  const letters: Shape[] = [];
  for (let from = 0; from < lane.length; ) {
    const letter = lane[from] ?? "?";
    let to = from + 1;
    while (lane[to] === letter) to += 1;
    const { height } = looks[stateOf(letter)];
    const box = { x: x(from), y: at.y + at.h * (1 - height), w: x(to) - x(from), h: at.h * height };
    boxes.set(letter, [...(boxes.get(letter) ?? []), box]);
    if ("?FM!".includes(letter) && box.w >= 12) {
      const middle = box.x + box.w / 2;
      letters.push(filled(boxPath({ x: middle - 3.5, y: at.y + 1, w: 7, h: at.h - 2 }), "#ffffff"));
      letters.push(
        label(middle, at.y + at.h - 2.3, letter, { size: 7, anchor: "middle", bold: true, colour: looks[stateOf(letter)].colour }),
      );
    }
    from = to;
  }
  return [
    ...[...boxes].flatMap(([letter, own]) => patterned(own, looks[stateOf(letter)].pattern, looks[stateOf(letter)].colour)),
    ...letters,
  ];
}

const blue = looks.busy.colour;
const late = looks.unattended_busy.colour;

/** How far open hours were used; without opening hours, how long each machine was at work. */
export function barCharts(figures: MonthFigures, language: Language, top: number | null = null): Chart[] {
  const w = words[language];
  const { machines } = figures;
  const hasOpen = machines.some((machine) => metricOf(machine, "M05") !== undefined);
  const amount = (machine: Machine): number => valueIn(machine, "M01") ?? 0;
  const sorted = [...machines].sort((a, b) => amount(b) - amount(a) || (a.id < b.id ? -1 : 1));
  const shown = top === null ? machines : sorted.slice(0, top);
  const scale = Math.max(hourMs, ...machines.map((machine) => barLength(machine)));
  return chunks(shown).map((part, i, all) => ({
    id: `bars${i === 0 ? "" : i + 1}`,
    title: `${hasOpen ? w.chartBars : w.chartBusy}${all.length === 1 ? "" : ` (${i + 1}/${all.length})`}`,
    summary: barSummary(machines, language),
    table: hasOpen ? "availability" : "machines",
    scene: barsScene(part, { scale, hasOpen, hidden: top === null ? 0 : machines.length - shown.length }, language),
  }));
}

const barLength = (machine: Machine): number =>
  Math.max(
    valueIn(machine, "M05") ?? 0,
    (metricOf(machine, "M09")?.numerator ?? 0) + (valueIn(machine, "M12") ?? 0),
    valueIn(machine, "M01") ?? 0,
  );

function barSummary(machines: readonly Machine[], language: Language): string {
  const w = words[language];
  const rated = machines.filter((machine) => valueIn(machine, "M09") !== null);
  const high = most(rated, (machine) => valueIn(machine, "M09"));
  if (high === undefined) {
    const longest = most(machines, (machine) => valueIn(machine, "M01"));
    if (longest === undefined) return w.sumNothing;
    return fill(w.sumLanes, { machine: longest.label, hours: spelledHours(longest.amount, language) });
  }
  const low = rated.reduce((least, machine) => ((valueIn(machine, "M09") ?? 0) < (valueIn(least, "M09") ?? 0) ? machine : least));
  const percent = (machine: Machine): string => spelled(metricOf(machine, "M09"), language);
  return joined([
    fill(w.sumBarsHigh, { machine: high.label, percent: percent(high) }),
    low.id !== high.id && fill(w.sumBarsLow, { machine: low.label, percent: percent(low) }),
  ]);
}

type Bars = { readonly scale: number; readonly hasOpen: boolean; readonly hidden: number };

function barsScene(machines: readonly Machine[], { scale, hasOpen, hidden }: Bars, language: Language): Chart["scene"] {
  const w = words[language];
  const values = 88;
  const x = (ms: number): number => (ms / scale) * (plot - values);
  const shapes = machines.flatMap((machine, i): Shape[] => {
    const y = i * row;
    const box = (from: number, to: number, inset: number): Box => ({
      x: names + x(from),
      y: y + 2 + inset,
      w: x(to - from),
      h: row - 4 - 2 * inset,
    });
    const worked = valueIn(machine, "M01");
    const inOpen = metricOf(machine, "M09")?.numerator ?? worked ?? 0;
    const open = valueIn(machine, "M05") ?? 0;
    const after = valueIn(machine, "M12") ?? 0;
    const utilisation = metricOf(machine, "M09");
    const text = `${spelled(metricOf(machine, "M01"), language)} h${hasOpen ? ` · ${spelled(utilisation, language)} %` : ""}`;
    return [
      name(machine, y + 9.5),
      ...(hasOpen
        ? [filled(boxPath(box(0, valueIn(machine, "M07") ?? 0, 0)), "#dfe4e9"), ...patterned([box(0, open, 0)], "hollow", "#7b8794")]
        : []),
      ...(hasOpen ? patterned([box(0, metricOf(machine, "M10")?.numerator ?? 0, 2)], "diagonal", looks.idle.colour) : []),
      ...patterned([box(0, inOpen, 2)], "solid", blue),
      ...(after > 0 ? patterned([box(Math.max(open, inOpen), Math.max(open, inOpen) + after, 2)], "stripes", late) : []),
      label(chartWidth, y + 9.5, text, { anchor: "end", size: 7 }),
    ];
  });
  const bottom = machines.length * row + 4;
  const more = hidden > 0 ? [label(names, bottom + 7, fill(w.moreMachines, { n: hidden }), { size: 7, colour: ink.quiet })] : [];
  const below = bottom + (hidden > 0 ? 12 : 0);
  const key = hasOpen
    ? legend(
        [
          { text: w.busy, pattern: "solid", colour: blue },
          { text: w.legendOccupied, pattern: "diagonal", colour: looks.idle.colour },
          { text: w.legendAvailable, pattern: "solid", colour: "#dfe4e9" },
          { text: w.legendOpen, pattern: "hollow", colour: "#7b8794" },
          { text: w.outOfHours, pattern: "stripes", colour: late },
        ],
        below + 4,
      )
    : { shapes: [], height: 0 };
  return { width: chartWidth, height: below + 4 + key.height, shapes: [...shapes, ...more, ...key.shapes] };
}

/** Energy in runs and idle; none where nothing is metered. */
export function energyCharts(figures: MonthFigures, language: Language): Chart[] {
  const w = words[language];
  const metered = figures.machines.filter((machine) => (valueIn(machine, "M28") ?? 0) > 0);
  const largest = most(metered, (machine) => valueIn(machine, "M28"));
  if (largest === undefined) return [];
  const all = metered.reduce((sum, machine) => sum + (valueIn(machine, "M28") ?? 0), 0);
  const idle = metered.reduce((sum, machine) => sum + (valueIn(machine, "M29.idle") ?? 0), 0);
  const kwh = (wh: number): string => spelled({ ...known, value: wh }, language);
  const summary = fill(w.sumEnergy, {
    kwh: kwh(all),
    machine: largest.label,
    most: kwh(largest.amount),
    percent: spelled({ ...known, unit: "share", value: idle / all }, language),
  });
  const values = 62;
  const x = (wh: number): number => (wh / largest.amount) * (plot - values);
  return chunks(metered).map((part, i, parts) => {
    const shapes = part.flatMap((machine, r): Shape[] => {
      const total = valueIn(machine, "M28") ?? 0;
      const waiting = Math.min(total, Math.max(0, valueIn(machine, "M29.idle") ?? 0));
      const box = (from: number, to: number): Box => ({ x: names + x(from), y: r * row + 3, w: x(to - from), h: row - 6 });
      const bar = (of: Box, pattern: Pattern, colour: string): Shape[] => (of.w > 0 ? patterned([of], pattern, colour) : []);
      return [
        name(machine, r * row + 9.5),
        ...bar(box(0, total - waiting), "solid", blue),
        ...bar(box(total - waiting, total), "diagonal", looks.down_planned.colour),
        label(chartWidth, r * row + 9.5, `${spelled(metricOf(machine, "M28"), language)} kWh`, { anchor: "end", size: 7 }),
      ];
    });
    const bottom = part.length * row + 6;
    const key = legend(
      [
        { text: w.legendRuns, pattern: "solid", colour: blue },
        { text: w.idleEnergy, pattern: "diagonal", colour: looks.down_planned.colour },
      ],
      bottom,
    );
    return {
      id: `energy${i === 0 ? "" : i + 1}`,
      title: `${w.chartEnergy}${parts.length === 1 ? "" : ` (${i + 1}/${parts.length})`}`,
      summary,
      table: "energy",
      scene: { width: chartWidth, height: bottom + key.height, shapes: [...shapes, ...key.shapes] },
    };
  });
}

const known = { id: "M28", unit: "Wh", numerator: null, denominator: null, coverage: 1, n: 1, mark: null, methodVersion: 1 } as const;
