/** What is missing or doubtful in a month, worst first: each with what to do about it, in words of the report. */
import { clockOffMs, type Metric } from "#core";
import type { MachineLine } from "./figures.ts";
import { clockWorst } from "./trust.ts";
import type { Doubt, MonthInput } from "./types.ts";

export function doubtsOf(input: MonthInput, machines: readonly MachineLine[], trust: readonly Metric[]): Doubt[] {
  const of = (machine: MachineLine, id: string): Metric | undefined => machine.metrics.find((metric) => metric.id === id);
  const tooLittle = (machine: MachineLine): boolean => of(machine, "M01")?.value === null;
  const counted = (doubt: string, id: string): Doubt[] => {
    const n = trust.find((metric) => metric.id === id)?.value ?? 0;
    return n > 0 ? [{ doubt, values: { n } }] : [];
  };
  const share = (machine: MachineLine): number => of(machine, "Q01")?.value ?? 0;
  const hourMs = 3_600_000;
  return [
    ...(input.cutShort ? [{ doubt: "qCutShort", values: {} }] : []),
    ...machines.filter(tooLittle).map(({ label }) => ({ doubt: "qNoData", values: { machine: label } })),
    ...machines
      .filter((machine) => !tooLittle(machine) && of(machine, "M01")?.mark === "flagged")
      .map((machine) => ({ doubt: "qCoverage", values: { machine: machine.label, percent: rounded(share(machine) * 100) } })),
    ...counted("qLost", "lost_events"),
    ...counted("qUnreadable", "unreadable"),
    ...machines
      .filter((machine) => (of(machine, "unauthorised")?.value ?? 0) >= 60_000)
      .map((machine) => ({
        doubt: "qUnowned",
        values: { machine: machine.label, hours: rounded((of(machine, "unauthorised")?.value ?? 0) / hourMs) },
      })),
    ...counted("qClock", "untrusted_clock"),
    ...[...new Set(input.clocks.map(({ node }) => node))].sort().flatMap((node) => {
      const offMs = clockWorst(input.clocks, node) ?? 0;
      return offMs > clockOffMs ? [{ doubt: "qClockOff", values: { node, seconds: rounded(offMs / 1000) } }] : [];
    }),
    ...counted("qUnknownCards", "unknown_cards"),
    ...counted("qEstimated", "estimated_ends"),
    ...counted("qOpen", "open_sessions"),
    ...machines
      .filter((machine) => !tooLittle(machine) && of(machine, "M28")?.value === null)
      .map(({ label }) => ({ doubt: "qNoEnergy", values: { machine: label } })),
    ...input.machines
      .filter(({ meterDoubtWh }) => meterDoubtWh >= 1)
      .map(({ label, meterDoubtWh }) => ({ doubt: "qMeterDoubt", values: { machine: label, energyWh: rounded(meterDoubtWh) } })),
  ];
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
