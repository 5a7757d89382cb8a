/** Pictures: what an hour of a lane shows, looks that need no colour, sentences by rules, and the same marks for the same month. */
import { describe, expect, it } from "vitest";
import { derivedStates, timeline } from "#core";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { laneOf } from "../../../hub/reports/lane.ts";
import { monthReport } from "../../../hub/reports/month.ts";
import { packNames } from "../../../hub/reports/packs.ts";
import { sceneSvg } from "../../../hub/reports/render-svg.ts";
import { patterned } from "../../../hub/reports/scene.ts";
import { looks, stateOf } from "../../../hub/reports/state-look.ts";
import { languages } from "../../../hub/reports/types.ts";
import { aMachine, busy, heldBy, idle, session, span } from "../core/utilisation/builders.ts";
import { aBusyMonth } from "./busy-month.ts";
import { contrast, distance, eyes, lightness } from "./colour.ts";

const figures = monthFigures(aBusyMonth(3));
const earlier = { month: monthFigures(aBusyMonth(3, { month: "2026-02" })), year: null };
const inLanguage = (language: (typeof languages)[number], pack: (typeof packNames)[number] = "full") =>
  monthReport(figures, { madeMs: 0, seal: null, pack, earlier }, language);

describe("an hour of a lane", () => {
  const day = span("2026-03-10T12:00", "2026-03-10T18:00");
  const laneWith = (given: Parameters<typeof aMachine>[0]) => laneOf(timeline(aMachine(given), day), day);
  it("shows what lasted longest", () => {
    const use = [heldBy(session("s", 1, "2026-03-10T12:00", "2026-03-10T14:00"))];
    const power = [idle("2026-03-10T12:00", "2026-03-10T12:15"), busy("2026-03-10T12:15", "2026-03-10T13:20")];
    expect(laneWith({ use, power: [...power, idle("2026-03-10T13:20", "2026-03-10T14:00")] })).toBe("BL----");
  });
  it("shows a quarter of an hour of work, and not less", () => {
    const held = session("s", 1, "2026-03-10T13:00", "2026-03-10T15:00");
    const use = [heldBy(held)];
    expect(laneWith({ use, power: [busy("2026-03-10T13:00", "2026-03-10T13:15"), busy("2026-03-10T14:00", "2026-03-10T14:14")] })).toBe(
      "-B----",
    );
  });
  it("has as many letters as hours went by: 743 in the March of a summer time, and a last one that is cut short", () => {
    expect(figures.machines[0]?.lane).toHaveLength(743);
    const short = { fromMs: day.fromMs, toMs: day.fromMs + 90 * 60_000 };
    expect(laneOf(timeline(aMachine(), short), short)).toBe("--");
  });
});

describe("the looks of states", () => {
  const marked = derivedStates.filter((state) => looks[state].pattern !== "blank" && state !== "closed");
  it("need no colour: letter, and pattern with height, are each state's own", () => {
    expect(new Set(derivedStates.map((state) => looks[state].letter)).size).toBe(derivedStates.length);
    expect(new Set(marked.map((state) => `${looks[state].pattern} ${looks[state].height}`)).size).toBe(marked.length);
  });
  it("stand 3 : 1 on white", () => {
    for (const state of marked) expect(contrast(looks[state].colour, "#ffffff"), state).toBeGreaterThanOrEqual(3);
  });
  it.each(eyes)("of one pattern stand apart for %s: nobody needs more than the one pair of eyes they have", (by) => {
    for (const a of marked)
      for (const b of marked.slice(marked.indexOf(a) + 1)) {
        if (looks[a].pattern === looks[b].pattern && Math.abs(looks[a].height - looks[b].height) < 0.25)
          expect(distance(looks[a].colour, looks[b].colour, by), `${a} and ${b}`).toBeGreaterThanOrEqual(0.08);
      }
    for (const state of [...marked, "closed"] as const)
      expect(distance(looks[state].colour, "#ffffff", by), `${state} and paper`).toBeGreaterThanOrEqual(0.06);
    for (const ground of ["closed", "free"] as const)
      expect(distance(looks.busy.colour, looks[ground].colour, by), `busy and ${ground}`).toBeGreaterThanOrEqual(0.3);
  });
  it("are found again by their letters, and a letter of a later program is unknown", () => {
    for (const state of derivedStates) expect(stateOf(looks[state].letter)).toBe(state);
    expect(stateOf("Z")).toBe("unknown");
  });
});

describe("the shades of a chart", () => {
  /** What areas are filled with; lines and letters aside. */
  const shadesOf = (id: string): string[] => {
    const { shapes } = inLanguage("en").charts.find((chart) => chart.id === id)?.scene ?? { shapes: [] };
    const fills = shapes.flatMap((shape) => (shape.kind === "path" && shape.fill !== null ? [shape.fill] : []));
    return [...new Set(fills)].sort((a, b) => lightness(b) - lightness(a));
  };
  it.each(["heat", "busy", "funnel"])("%s: each step is darker than the one before, for every kind of eyes and on grey paper", (id) => {
    const shades = shadesOf(id);
    expect(shades.length).toBeGreaterThanOrEqual(4);
    for (const by of eyes)
      shades.forEach((shade, i) => {
        const next = shades[i + 1];
        if (next !== undefined) expect(distance(shade, next, by), `${shade} and ${next} for ${by}`).toBeGreaterThanOrEqual(0.06);
      });
  });
});

describe("patterns", () => {
  it.each(["dots", "cross", "diagonal", "stripes", "hollow"] as const)("of %s stay inside their box", (pattern) => {
    const box = { x: 10, y: 20, w: 31, h: 9 };
    const [shape] = patterned([box], pattern, "#000000");
    const numbers =
      shape?.kind === "path" ? [...shape.d.matchAll(/([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const) : [];
    expect(numbers.length).toBeGreaterThan(3);
    for (const [x, y] of numbers) expect(x >= 10 && x <= 41.01 && y >= 20 && y <= 29.01, `${x} ${y}`).toBe(true);
  });
});

describe("the charts of a month", () => {
  it.each(languages)("say in %s what they show, without a gap, and have their table beside them", (language) => {
    const report = inLanguage(language);
    expect(report.charts.map(({ id }) => id).sort()).toEqual(["bars", "busy", "energy", "funnel", "heat", "lanes"]);
    expect(report.sentences).toHaveLength(3);
    for (const { summary, table, scene } of report.charts) {
      expect(summary).not.toMatch(/[{}]|undefined|NaN/);
      expect(report.tables.map(({ id }) => id)).toContain(table);
      expect(JSON.stringify(scene)).not.toMatch(/undefined|NaN|null,null/);
    }
  });
  it("are the same marks for the same month", () => {
    const drawn = () => inLanguage("sv").charts.map(({ scene, summary }) => sceneSvg(scene, summary));
    expect(drawn()).toEqual(drawn());
  });
  it("escape what they name", () => {
    const [first, ...rest] = figures.machines;
    const named = { ...figures, machines: first === undefined ? [] : [{ ...first, label: '<script>"&' }, ...rest] };
    const bars = monthReport(named, { madeMs: 0, seal: null }, "en").charts.find(({ id }) => id === "bars");
    const svg = bars === undefined ? "" : sceneSvg(bars.scene, bars.summary);
    expect(svg).toContain("&lt;script&gt;&quot;&amp;");
    expect(svg).not.toContain("<script");
  });
  it("leave no room for half a thing: a month without anything has charts that say so", () => {
    const empty = monthReport(
      monthFigures({ ...aBusyMonth(0), training: { ...aBusyMonth(0).training, records: [] } }),
      { madeMs: 0, seal: null },
      "en",
    );
    expect(empty.charts.map(({ id, summary }) => [id, summary])).toEqual([
      ["heat", "Nobody was here."],
      ["busy", "No machine worked."],
    ]);
    expect(empty.sentences[0]).toBe("No machine worked.");
  });
  it("say that they do not know, where nobody knows", () => {
    const unknown = figures.machines.map((machine) => ({
      ...machine,
      metrics: machine.metrics.map((metric) => (metric.id === "M01" ? { ...metric, value: null } : metric)),
    }));
    const report = monthReport({ ...figures, machines: unknown }, { madeMs: 0, seal: null }, "en");
    expect(report.sentences[0]).toBe("How long machines worked is not known.");
  });
});

describe("the documents of a month", () => {
  it.each(packNames)("%s has tables, and every number of it is the one of the whole month", (pack) => {
    const whole = new Map(inLanguage("lv").tables.map((table) => [table.id, table]));
    const report = inLanguage("lv", pack);
    expect(report.tables.length).toBeGreaterThan(0);
    for (const table of report.tables) {
      const all = whole.get(table.id);
      // A document defines its own numbers, the annex all of them.
      const rows = table.id === "method" ? (all?.rows ?? []).filter(([id]) => table.rows.some(([own]) => own === id)) : all?.rows;
      expect(table).toEqual({ ...all, rows });
      expect(table.id !== "method" || pack === "full" || pack === "method" || table.rows.length < (all?.rows.length ?? 0)).toBe(true);
    }
  });
  it("can be about some machines only", () => {
    const report = monthReport(
      figures,
      { madeMs: 0, seal: null, pack: "machines", only: { label: "3D printeris «Ķīna»", machines: ["machine-2"], doors: [], courses: [] } },
      "en",
    );
    const machines = report.tables.find(({ id }) => id === "machines");
    expect(machines?.rows.map(([name]) => name)).toEqual(["3D printeris «Ķīna»"]);
    expect(machines?.total?.slice(1, 6), "sums are of those machines alone").toEqual(machines?.rows[0]?.slice(1, 6));
    expect(report.title).toBe("Machines: 3D printeris «Ķīna»");
  });
});
