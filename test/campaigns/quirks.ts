/** Months of plugs with every recorded quirk: the energy that the hub makes of them beside what was really taken. */

import { counterGainWh } from "#core/counter.ts";
import { createMemoryFiles } from "../../devices/kit/node-files.ts";
import { countEnergy, energySaid } from "../../hub/host/hosted-energy.ts";
import { noEnergy, readEnergy, socketTraits } from "../../hub/hosted/energy-reader.ts";
import { countsOf, type HostedFamily } from "../../hub/hosted/family.ts";
import { hostedFamilies } from "../../hub/hosted/hosted.ts";
import type { MachineKind } from "../../simulators/loads.ts";
import { type PlugKind, type PlugReport, quirkyMonth } from "../../simulators/quirky-plug.ts";
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

/** What such a plug says of a report in its own dialect. */
const dialects = {
  tasmota: ({ powerW, counterWh, relayOn, atMs, bootedAtMs }) => [
    [
      "tele/plug/STATE",
      { UptimeSec: Math.floor((atMs - (bootedAtMs ?? 0)) / 1000), ...(relayOn === null ? {} : { POWER: relayOn ? "ON" : "OFF" }) },
    ],
    ["tele/plug/SENSOR", { ENERGY: { Total: counterWh === null ? null : Number((counterWh / 1000).toFixed(3)), Power: powerW } }],
  ],
  shelly1: ({ powerW, counterWh, relayOn }) => [
    ...(relayOn === null ? [] : [["shellies/plug/relay/0", relayOn ? "on" : "off"] as const]),
    ...(powerW === null ? [] : [["shellies/plug/relay/0/power", powerW.toFixed(2)] as const]),
    ...(counterWh === null ? [] : [["shellies/plug/relay/0/energy", String(Math.round(counterWh * 60))] as const]),
  ],
  shelly2: ({ powerW, counterWh, relayOn, atMs, bootedAtMs }) => [
    [
      "plug/events/rpc",
      {
        method: "NotifyStatus",
        params: {
          sys: { uptime: Math.floor((atMs - (bootedAtMs ?? 0)) / 1000) },
          "switch:0": { id: 0, apower: powerW, aenergy: { total: counterWh }, ...(relayOn === null ? {} : { output: relayOn }) },
        },
      },
    ],
  ],
  zigbee: ({ powerW, counterWh, relayOn }) => [
    [
      "zigbee2mqtt/plug",
      {
        power: powerW,
        energy: counterWh === null ? null : counterWh / 1000,
        ...(relayOn === null ? {} : { state: relayOn ? "ON" : "OFF" }),
      },
    ],
  ],
} as const satisfies Record<PlugKind, (report: PlugReport) => readonly (readonly [string, unknown])[]>;
const familyOf = { tasmota: "tasmota", shelly1: "shelly-gen1", shelly2: "shelly-gen2", zigbee: "zigbee2mqtt" } as const;

/**
 * The same month from the wire to the sum in the series: messages of the family, the counter of the host, which ends twice a week, once in
 * order and once killed, and what the hub makes of the counter that it is told.
 */
export async function playThrough(kind: PlugKind, seed: number, days = 30) {
  const random = dice(seed, `quirks ${kind} through`);
  const machine = machines[seed % machines.length] ?? "laser";
  const family = hostedFamilies[familyOf[kind]] as HostedFamily;
  const address = { name: kind === "zigbee" ? "zigbee2mqtt/plug" : "plug", channel: 0, options: {} };
  const files = createMemoryFiles();
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, monoMs: () => nowMs, after: () => () => {}, every: () => () => {} };
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  let [doubts, lives, doubtWh] = [0, 1, 0];
  const onDoubt = (_why: string, wh: number) => {
    doubts += 1;
    doubtWh += wh;
  };
  const traits = countsOf(family, address) ?? socketTraits;
  const begin = () => ({ device: family.open(address), counter: countEnergy({ device: kind, traits, files, clock, log: quiet, onDoubt }) });
  let { device, counter } = begin();
  let endsMs = 3.5 * dayMs;
  let [monthWh, truthWh, firstWh]: [number, number, number | null] = [0, 0, null];
  let told: { readonly atMs: number; readonly wh: number } | null = null;
  for (const { report, truthWh: reallyWh } of quirkyMonth(kind, machine, random, days)) {
    nowMs = report.atMs;
    if (nowMs >= endsMs) {
      if (lives % 2 === 0) await counter.close();
      ({ device, counter } = begin());
      lives += 1;
      endsMs += 3.5 * dayMs;
    }
    for (const [topic, body] of dialects[kind](report)) {
      const payload = typeof body === "string" ? body : JSON.stringify(body);
      const energy = energySaid(device.hear({ kind: "mqtt", topic, payload, retained: false }, nowMs));
      if (energy !== null) counter.hear(energy);
    }
    const wh = counter.totalWh(true);
    if (wh === null) continue;
    firstWh ??= reallyWh;
    truthWh = reallyWh - firstWh;
    if (told !== null) monthWh += counterGainWh(told.wh, wh, nowMs - told.atMs);
    told = { atMs: nowMs, wh };
  }
  return { kind, seed, machine, truthWh, totalWh: monthWh, uncertainWh: counter.report()?.uncertainWh ?? 0, doubts, doubtWh, lives };
}
const dayMs = 86_400_000;

export const wrongBy = ({ truthWh, totalWh }: { truthWh: number; totalWh: number }): number => Math.abs(totalWh - truthWh) / truthWh;

export async function run(seed: number): Promise<{ figures: Record<string, number | string> }> {
  const months = Array.from({ length: 25 }, (_, i) => plugs.map((kind) => playMonth(kind, seed + i))).flat();
  const percent = (part: number) => Math.round(part * 100_000) / 1000;
  const worst = months.toSorted((a, b) => wrongBy(b) - wrongBy(a))[0];
  const bad = months.filter((month) => wrongBy(month) > 0.005 || month.uncoveredWh > 0 || month.fellWh > 0);
  const through = await Promise.all(plugs.flatMap((kind) => [0, 1].map((i) => playThrough(kind, seed + i))));
  bad.push(...through.filter((month) => wrongBy(month) > 0.005).map((month) => ({ ...month, uncoveredWh: 0, fellWh: 0, met: {} })));
  if (bad.length > 0) throw new Error(bad.map((month) => JSON.stringify({ ...month, off: percent(wrongBy(month)) })).join("\n"));
  return {
    figures: {
      months: months.length,
      kWh: Math.round(months.reduce((sum, { truthWh }) => sum + truthWh, 0) / 1000),
      throughMonths: through.length,
      throughWorstPercent: percent(Math.max(...through.map(wrongBy))),
      worstPercent: worst === undefined ? 0 : percent(wrongBy(worst)),
      meanPercent: percent(months.reduce((sum, month) => sum + wrongBy(month), 0) / months.length),
      uncertainPercent: percent(months.reduce((sum, { uncertainWh, truthWh }) => sum + uncertainWh / truthWh, 0) / months.length),
      uncovered: 0,
      fell: 0,
    },
  };
}
