/**
 * The month of a makerspace as tables: pure, from facts to cells. The definitions are those of reports.md §3 and §4
 * (M01–M08, M13, M15, M16, M18, M28, V01, V03, V12, Q01, Q06); each table says in its note how it counts.
 */
import { type MachineFigures, machineFigures } from "./figures.ts";
import { monthSpan } from "./period.ts";
import { availabilityTable, doorTable, machineTable, peopleTables, refusalTable, trustTable } from "./tables.ts";
import type { Language, MonthInput, MonthReport } from "./types.ts";
import { fill, words } from "./words.ts";

/** Throws RangeError when `input.month` is no month; whoever takes it from outside checks it with `monthSpan`. */
export function monthReport(input: MonthInput, language: Language): MonthReport {
  const month = monthSpan(input.month, input.zone);
  if (month === undefined) throw new RangeError(`report: "${input.month}" is no month`);
  const elapsed = { fromMs: month.fromMs, toMs: Math.min(month.toMs, Math.max(month.fromMs, input.madeMs)) };
  const figures = input.machines.map((machine) => machineFigures(machine, elapsed)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const w = words[language];
  const tables = [
    machineTable(figures, w),
    ...availabilityTable(figures, w),
    ...peopleTables(input, w),
    doorTable(input, w),
    refusalTable(input, language),
    trustTable(input, figures, w),
  ];
  return {
    month: input.month,
    siteName: input.siteName,
    zone: input.zone,
    madeMs: input.madeMs,
    simulated: input.simulated,
    language,
    running: input.madeMs < month.toMs,
    quality: quality(input, figures, language),
    tables,
  };
}

/** Sentences about what is missing or doubtful, worst first. */
function quality(input: MonthInput, figures: readonly MachineFigures[], language: Language): string[] {
  const w = words[language];
  const sum = (of: (machine: MachineFigures) => number) => figures.reduce((total, machine) => total + of(machine), 0);
  const counted = (text: string, n: number) => (n > 0 ? [fill(text, { n })] : []);
  const percent = new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  return [
    ...(input.cutShort ? [w.qCutShort] : []),
    ...figures.filter((machine) => machine.tooLittle).map((machine) => fill(w.qNoData, { machine: machine.label })),
    ...figures
      .filter((machine) => !machine.tooLittle && machine.coverage !== null && machine.coverage < 0.95)
      .map((machine) => fill(w.qCoverage, { machine: machine.label, percent: percent.format((machine.coverage ?? 0) * 100) })),
    ...counted(w.qLost, input.lostEvents),
    ...counted(w.qUnreadable, input.unreadableMessages),
    ...figures
      .filter((machine) => machine.unownedMs >= 60_000)
      .map((machine) => fill(w.qUnowned, { machine: machine.label, hours: percent.format(machine.unownedMs / 3_600_000) })),
    ...counted(w.qClock, input.decisions.filter((decision) => !decision.clockTrusted).length),
    ...counted(
      w.qEstimated,
      sum((machine) => machine.estimated),
    ),
    ...counted(
      w.qOpen,
      sum((machine) => machine.stillOpen),
    ),
    ...figures
      .filter((machine) => !machine.tooLittle && machine.energyWh === null)
      .map((machine) => fill(w.qNoEnergy, { machine: machine.label })),
  ];
}
