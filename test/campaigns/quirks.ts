/** Months of plugs with every recorded quirk: the energy that the hub makes of them beside what was really taken. */
import { noEnergy, readEnergy, socketTraits } from "../../hub/hosted/energy-reader.ts";
import type { MachineKind } from "../../simulators/loads.ts";
import { type PlugKind, quirkyMonth } from "../../simulators/quirky-plug.ts";
import { dice } from "../../simulators/random.ts";

export const name = "quirks";
export const plugs = ["tasmota", "shelly1", "shelly2", "zigbee"] as const satisfies readonly PlugKind[];
const machines: readonly MachineKind[] = ["laser", "printer", "saw"];
const traitsOf = {
  tasmota: socketTraits,
  shelly1: { ...socketTraits, reportMs: 30_000, atBoot: "zero" },
  shelly2: { ...socketTraits, reportMs: 15_000, stepWh: 0.001 },
  zigbee: { ...socketTraits, stepWh: 10 },
} as const;

/** One plug's month. `uncoveredWh`: by how much the truth was outside of what was called uncertain, at the worst moment. */
export function playMonth(kind: PlugKind, seed: number, days = 30) {
  const random = dice(seed, `quirks ${kind}`);
  const machine = machines[seed % machines.length] ?? "laser";
  const traits = traitsOf[kind];
  let state = noEnergy;
  let truthWh = 0;
  let firstWh: number | null = null;
  let uncoveredWh = 0;
  let fellWh = 0;
  let met = {};
  for (const { report, truthWh: nowWh, met: seen } of quirkyMonth(kind, machine, random, days)) {
    const [next] = readEnergy(state, report, traits);
    firstWh ??= nowWh;
    truthWh = nowWh - firstWh;
    fellWh = Math.max(fellWh, state.totalWh - next.totalWh);
    state = next;
    // what lies between two reports, and the counter's last digit
    const slackWh = 2 * traits.stepWh + truthWh * 0.0005 + (2.5 * traits.maxW * traits.reportMs) / 3_600_000;
    uncoveredWh = Math.max(uncoveredWh, Math.abs(state.totalWh - truthWh) - state.uncertainWh - slackWh);
    met = seen;
  }
  return { kind, seed, machine, truthWh, totalWh: state.totalWh, uncertainWh: state.uncertainWh, uncoveredWh, fellWh, met };
}
export const wrongBy = ({ truthWh, totalWh }: { truthWh: number; totalWh: number }): number => Math.abs(totalWh - truthWh) / truthWh;

export async function run(seed: number): Promise<{ figures: Record<string, number | string> }> {
  const months = Array.from({ length: 25 }, (_, i) => plugs.map((kind) => playMonth(kind, seed + i))).flat();
  const percent = (part: number) => Math.round(part * 100_000) / 1000;
  const worst = months.toSorted((a, b) => wrongBy(b) - wrongBy(a))[0];
  const bad = months.filter((month) => wrongBy(month) > 0.005 || month.uncoveredWh > 0 || month.fellWh > 0);
  if (bad.length > 0) throw new Error(bad.map((month) => JSON.stringify({ ...month, off: percent(wrongBy(month)) })).join("\n"));
  return {
    figures: {
      months: months.length,
      kWh: Math.round(months.reduce((sum, { truthWh }) => sum + truthWh, 0) / 1000),
      worstPercent: worst === undefined ? 0 : percent(wrongBy(worst)),
      meanPercent: percent(months.reduce((sum, month) => sum + wrongBy(month), 0) / months.length),
      uncertainPercent: percent(months.reduce((sum, { uncertainWh, truthWh }) => sum + uncertainWh / truthWh, 0) / months.length),
      uncovered: 0,
      fell: 0,
    },
  };
}
