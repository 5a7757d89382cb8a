import { expect, test } from "vitest";
import { energyOf } from "../../dashboards/shared/format.ts";
import type { Language } from "../../dashboards/shared/wire.ts";

const words = (language: Language) => ({
  number: (value: number, digits = 0): string => new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value),
});

test("energy below a kilowatt-hour is shown in watt-hours, above it in kilowatt-hours, each as the reader writes numbers", () => {
  const said = (energyWh: number) => energyOf(energyWh, words("lv"));
  expect([0, 3.4, 640, 999.4].map(said)).toEqual(["0 Wh", "3 Wh", "640 Wh", "999 Wh"]);
  expect([999.6, 1250, 48_300].map(said)).toEqual(["1 kWh", "1,25 kWh", "48,3 kWh"]);
  expect(energyOf(1250, words("en"))).toBe("1.25 kWh");
});
