/** Documents about more than a month: a year that adds only what may be added, a network without single people, a funder's project. */
import { describe, expect, it } from "vitest";
import { networkReport } from "../../../hub/reports/document-network.ts";
import { projectReport } from "../../../hub/reports/document-project.ts";
import { annualReport } from "../../../hub/reports/document-year.ts";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { reportShape } from "../../../hub/reports/json-shape.ts";
import type { ProjectFigures } from "../../../hub/reports/project.ts";
import { reportFile } from "../../../hub/reports/render.ts";
import { languages, type MonthReport } from "../../../hub/reports/types.ts";
import { aMonth } from "./builders.ts";
import { aBusyMonth } from "./busy-month.ts";

const head = { madeMs: Date.UTC(2026, 3, 3), seal: null };
const march = monthFigures(aBusyMonth(2));
const february = monthFigures(aBusyMonth(2, { month: "2026-02" }));
const cell = (report: MonthReport, table: string, row: string, key: string) => {
  const found = report.tables.find(({ id }) => id === table);
  const at = found?.columns.findIndex((column) => column.key === key) ?? -1;
  return found?.rows.find(([name]) => name === row)?.[at];
};
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const project: ProjectFigures = {
  schema: "koprade-project-figures/1",
  project: "ngslv",
  label: "Makers <b>",
  number: "NGSLV-566",
  funder: "Norden",
  programme: "Nordplus",
  from: "2026-02-01",
  through: "2026-12-31",
  publicity: "Paid by the Nordic Council of Ministers.",
  logo: onePixel,
  siteName: "Darbnīca",
  zone: "Europe/Riga",
  simulated: false,
  months: [
    { month: "2026-02", revision: 2 },
    { month: "2026-03", revision: null },
  ],
  indicators: [
    {
      indicator: "a",
      label: "Young people",
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
      evidence: [{ on: "2026-03-02", value: 4, evidence: "Photographs, folder 3" }],
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
  assets: [{ machine: "laser-1", label: "Lāzers", from: "2026-02-10", metrics: march.machines[0]?.metrics ?? [] }],
};

describe("the review of a year", () => {
  it("adds what may be added, and knows nothing of a sum with an unknown month in it", () => {
    const report = annualReport([february, march], [march, null], head, "en");
    const days = (of: typeof march) => of.people.metrics.find(({ id }) => id === "V01")?.value ?? 0;
    expect(cell(report, "year", "Person-days", "value")).toBe(days(february) + days(march));
    expect(cell(report, "year", "Person-days", "year_before")).toBe(null);
    const months = report.tables.find(({ id }) => id === "months");
    expect(months?.columns[1]?.key).toBe("people");
    expect(months?.total?.[1], "people cannot be added over months").toBe(null);
    expect(report.period).toBe("February 2026 – March 2026");
  });
});

describe("figures for a network", () => {
  it("give no number of people below five, and say what may be added", () => {
    const few = monthFigures(
      aMonth({
        people: { ...aMonth().people, signs: [{ kind: "entry", member: 1, fromMs: Date.UTC(2026, 2, 5), toMs: Date.UTC(2026, 2, 5) }] },
      }),
    );
    const report = networkReport(few, head, "en");
    expect(cell(report, "network", "people", "value")).toBe("< 5");
    expect(cell(report, "network", "person_days", "value")).toBe("< 5");
    expect(cell(report, "network", "busy_h", "value")).toBe(0);
    expect(cell(report, "network", "people", "additive")).toBe("no");
    expect(cell(networkReport(march, head, "en"), "network", "people", "value")).toBe(
      march.people.metrics.find(({ id }) => id === "V03")?.value,
    );
  });
});

describe("a funder's report", () => {
  it("has promised, reached and its source, the evidence, the machines, and the words and mark of the funder", async () => {
    const report = projectReport(project, head, "en");
    expect(report.tables.find(({ id }) => id === "indicators")?.rows).toEqual([
      ["Young people", "people", 0, 50, 54, 108, "automatic"],
      ["Prototypes", "pieces", 2, 12, 4, 20, "manual"],
      ["Visits", "", 0, 0, "·", "·", "counted"],
    ]);
    expect(report.sentences).toEqual(["Reached: 1 of 3 indicators.", "Paid by the Nordic Council of Ministers."]);
    const html = new TextDecoder().decode((await reportFile(report, "html")).bytes);
    expect(html).toContain(`src="data:image/png;base64,${onePixel}"`);
    expect(html).not.toMatch(/<script|<b>|href=/);
  });
  it("is whole without a mark, and with one that is no picture", async () => {
    for (const logo of [null, "bm8gcGljdHVyZQ=="]) {
      const { bytes } = await reportFile(projectReport({ ...project, logo }, head, "lv"), "pdf");
      expect(Buffer.from(bytes).toString("latin1", 0, 5)).toBe("%PDF-");
    }
  });
});

describe("every document", () => {
  it.each(languages)("is whole in %s, as JSON of the published shape", async (language) => {
    for (const report of [
      annualReport([february, march], [], head, language),
      networkReport(march, head, language),
      projectReport(project, head, language),
    ]) {
      expect(JSON.stringify(report)).not.toMatch(/undefined|NaN|\{\w+\}/);
      const json: unknown = JSON.parse(new TextDecoder().decode((await reportFile(report, "json")).bytes));
      expect(reportShape.safeParse(json).error?.issues).toBeUndefined();
    }
  });
});
