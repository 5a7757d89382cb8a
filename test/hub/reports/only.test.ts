/** A month of some machines: sums of theirs alone, no word about the others, and nothing that is counted over the whole space. */
import { expect, it } from "vitest";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { monthReport } from "../../../hub/reports/month.ts";
import { type Only, ofSome, tablesOfSome } from "../../../hub/reports/only.ts";
import { contentOf, packNames } from "../../../hub/reports/packs.ts";
import { aBusyMonth } from "./busy-month.ts";

const input = aBusyMonth(5);
const other = { untilMs: null, label: "Virpa", detail: "", atMs: input.madeMs - 9e8, place: "machine-4", kind: "trip" as const };
const all = monthFigures({ ...input, incidents: [other, { ...other, place: "machine-3", label: "Lentzāģis" }] });
const only: Only = { label: "Wood shop", machines: ["machine-1", "machine-3"], doors: [], courses: ["cnc"] };
const valueIn = (metrics: readonly { readonly id: string; readonly value: number | null }[], id: string) =>
  metrics.find((one) => one.id === id)?.value ?? null;

it("adds up what is theirs, and does not know how many people used any of them", () => {
  const some = ofSome(all, only);
  expect(some.machines.map(({ id }) => id)).toEqual(only.machines);
  const busy = some.machines.map(({ metrics }) => valueIn(metrics, "M01") ?? 0);
  expect(valueIn(some.all, "M01")).toBe(busy.reduce((sum, ms) => sum + ms, 0));
  expect(valueIn(some.all, "M16")).toBe(null);
  expect([some.training.map(({ course }) => course), some.doors, some.incidents?.map(({ place }) => place)]).toEqual([
    ["cnc"],
    [],
    ["machine-3"],
  ]);
});

it.each(packNames)("%s says nothing of the rest", (pack) => {
  const report = monthReport(all, { madeMs: 0, seal: null, pack, only }, "en");
  expect(report.title).toMatch(/: Wood shop$/);
  expect(report.tables.filter(({ id }) => !tablesOfSome.has(id))).toEqual([]);
  expect(report.sentences).toEqual([]);
  const said = JSON.stringify([report.tables, report.charts, report.quality]);
  for (const { id, label } of all.machines.filter((machine) => !only.machines.includes(machine.id))) expect(said, id).not.toContain(label);
});

it.each(packNames)("%s has its tables in its own order: what it is about comes first", (pack) => {
  const { tables } = contentOf(pack);
  const made = monthReport(all, { madeMs: 0, seal: null, pack }, "en").tables.map(({ id }) => id);
  if (tables !== null) expect(made).toEqual(tables.filter((id) => made.includes(id)));
});
