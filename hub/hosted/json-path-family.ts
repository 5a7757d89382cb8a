/**
 * Anything else that sends JSON as a hosted family: a gateway with an SDM or PZEM behind it, a script on a CNC. The owner writes which path
 * is what (json-path.ts) under the names below; what no path names is not known.
 *
 *   power_w, energy_wh, voltage_v   numbers, with a factor where the unit differs
 *   online                          whether it is there
 *   job_state                       one of idle, preparing, printing, paused, attention, finished, cancelled, error
 *   job, job_percent, job_left_s, temp_c
 */
import { socketTraits } from "./energy-reader.ts";
import { defineFamily, type FamilyDescription, meterOptions, type Sense, type Steadied, steadied, steadyFrom } from "./family.ts";
import type { JobState } from "./job.ts";
import { parseJson, said } from "./json.ts";
import { type JsonPathMap, type JsonPathValues, jsonPathCannot, readJsonPath, readJsonPathMap } from "./json-path.ts";

type Memory = { readonly map: JsonPathMap | null; readonly steady: Steadied };

const jobStates: ReadonlySet<string> = new Set(["idle", "preparing", "printing", "paused", "attention", "finished", "cancelled", "error"]);

export const jsonPathFamily = defineFamily<Memory>({
  label: "anything that sends JSON",
  transport: { kind: "mqtt", topics: ({ name }) => ({ says: [name, `${name}/#`], hears: [] }) },
  parts: ["meter", "controller"],
  options: {
    map: {
      about: 'which path is what: {"paths":{"power_w":"meter.P","energy_wh":"meter.E_kWh"},"factors":{"energy_wh":1000}}',
      secret: false,
      required: true,
    },
    ...meterOptions,
  },
  cannot: jsonPathCannot,
  silentMs: 60_000,
  counter: { ...socketTraits, reportMs: 60_000 },
  initial: ({ options }) => ({ map: mapOf(options.map ?? ""), steady: steadyFrom }),
  read(heard, memory, address, nowMs) {
    if (heard.kind !== "mqtt" || heard.topic !== address.name || memory.map === null) return [memory, []];
    const values = readJsonPath(heard.payload, memory.map);
    if (values === undefined) return [memory, []];
    const number = (name: string): number | null | undefined => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return value === null || typeof value === "number" ? value : undefined;
    };
    const raw = number("power_w");
    const [steady, powerW] = raw === undefined ? [memory.steady, undefined] : steadied(memory.steady, raw, false, nowMs);
    const power = said({ powerW, energyWh: number("energy_wh"), voltageV: number("voltage_v") });
    const online = values.online;
    return [
      { ...memory, steady },
      [
        ...(typeof online === "boolean" ? [{ kind: "availability", online } as const] : []),
        ...(Object.keys(power).length === 0 ? [] : [{ kind: "power", ...power } as const]),
        ...jobIn(values, number),
      ],
    ];
  },
  orders: () => [],
  provision: () => null,
  recognise: () => null,
} satisfies FamilyDescription<Memory>);

function mapOf(text: string): JsonPathMap | null {
  const map = readJsonPathMap(parseJson(text)?.value);
  return "why" in map ? null : map;
}

function jobIn(values: JsonPathValues, number: (name: string) => number | null | undefined): readonly Sense[] {
  const state = typeof values.job_state === "string" ? values.job_state.toLowerCase() : "";
  if (!jobStates.has(state)) return [];
  const job = values.job;
  return [
    {
      kind: "job",
      state: state as JobState,
      job: typeof job === "string" || typeof job === "number" ? String(job) : null,
      percent: number("job_percent") ?? null,
      remainingS: number("job_left_s") ?? null,
      tempC: number("temp_c") ?? null,
    },
  ];
}
