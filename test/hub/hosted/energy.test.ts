/** Energy of one plug, quirk by quirk; whole months are in simulation/quirks. */
import { expect, it } from "vitest";
import { type EnergyReading, noEnergy, readEnergy, socketTraits } from "../../../hub/hosted/energy-reader.ts";

type Row = Omit<EnergyReading, "atMs">;
/** One reading each ten seconds; the rounded total and doubt after the last one, and every word of doubt. */
function read(rows: readonly Row[], traits = socketTraits) {
  const said: string[] = [];
  let state = noEnergy;
  for (const [i, row] of rows.entries()) {
    const [next, doubt] = readEnergy(state, { atMs: i * 10_000, ...row }, traits);
    if (doubt !== null) said.push(doubt);
    state = next;
  }
  return { totalWh: Math.round(state.totalWh), uncertainWh: Math.round(state.uncertainWh), said };
}
/** 720 W are 2 Wh in ten seconds. */
const run = (from: number, count: number, row: Row = {}): Row[] =>
  Array.from({ length: count }, (_, i) => ({ powerW: 719 + 2 * (i % 2), counterWh: from + 2 * i, ...row }));

it("a counter that rises is believed, whatever single zeros power says", () => {
  const rows = run(5000, 101).map((row, i) => (i === 50 ? { ...row, powerW: 0 } : row));
  expect(read(rows)).toEqual({ totalWh: 200, uncertainWh: 0, said: [] });
});
it("a counter that falls by a part counts on from there; the step between is power's, and uncertain", () => {
  const { totalWh, uncertainWh, said } = read([...run(183_360, 51), ...run(181_522, 50)]);
  expect({ totalWh, said }).toEqual({ totalWh: 200, said: ["fell"] });
  expect(uncertainWh).toBeGreaterThanOrEqual(2);
});
it("a counter in watt-hours instead of kilowatt-hours, and back, is the same counter", () => {
  const there = [...run(5000, 51), ...run(5102, 50).map((row) => ({ ...row, counterWh: Number(row.counterWh) * 1000 }))];
  expect(read([...there, ...run(5202, 50)])).toMatchObject({ totalWh: 300, said: ["unit_changed", "unit_changed"] });
});
it("a single zero of the counter was wrong, and nothing is lost by it", () => {
  const rows = run(5000, 101).map((row, i) => (i === 50 ? { ...row, counterWh: 0 } : row));
  expect(read(rows)).toEqual({ totalWh: 200, uncertainWh: 0, said: ["fell", "was_wrong"] });
});
it("a counter that jumps up after a restart is not believed", () => {
  const rows = [...run(5000, 51), ...run(9000, 50, { bootedAtMs: 508_000 })];
  expect(read(rows)).toMatchObject({ totalWh: 200, said: ["jumped"] });
});
it("without a counter power counts, and its pulsing is uncertain; nulls are no zeros", () => {
  const rows = run(0, 101, { counterWh: null }).map((row, i) => (i % 3 === 2 ? { ...row, powerW: null } : row));
  expect(read(rows)).toEqual({ totalWh: 200, uncertainWh: 20, said: [] });
});
it("power that stays at 33 W when the relay is off is none", () => {
  expect(read([...run(5000, 51), ...run(0, 500, { powerW: 33, counterWh: null, relayOn: false })])).toMatchObject({ totalWh: 101 });
});
it("a counter that stands still while power flows has not counted, and says so when it moves again", () => {
  const { totalWh, uncertainWh, said } = read([...run(5000, 51), ...run(0, 100, { counterWh: 5100 }), ...run(5102, 50)]);
  expect(totalWh).toBeGreaterThan(380);
  expect(Math.abs(totalWh - 400)).toBeLessThanOrEqual(uncertainWh);
  expect(said).toEqual(["stuck"]);
});
it("a silence is counted once the counter comes back; until then as much is uncertain as could have been", () => {
  const away = Array.from({ length: 360 }, () => ({}));
  expect(read([...run(5000, 51), ...away]).uncertainWh).toBeGreaterThan(700);
  expect(read([...run(5000, 51), ...away, ...run(5822, 1)])).toMatchObject({ totalWh: 822, uncertainWh: 0 });
});
it("a counter that starts at 0 with each boot counts what it has", () => {
  const rows = [...run(5000, 51), ...run(0, 51)];
  expect(read(rows, { ...socketTraits, atBoot: "zero" })).toMatchObject({ totalWh: 202, said: ["fell"] });
});
it("a counter that moves once a second is believed in words that come twenty milliseconds apart", () => {
  let state = noEnergy;
  const said: string[] = [];
  for (let s = 0; s < 600; s += 1) {
    const rows = [0, 20].map((laterMs, i) => ({ atMs: s * 1000 + laterMs, powerW: 123 + (s % 2), counterWh: 5000 + (s + i) * 0.0343 }));
    for (const row of rows) {
      const [next, doubt] = readEnergy(state, row, { ...socketTraits, stepWh: 0.001 });
      state = next;
      if (doubt !== null) said.push(doubt);
    }
  }
  expect([state.totalWh.toFixed(1), said]).toEqual(["20.6", []]);
});
