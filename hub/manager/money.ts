/** The sustainability sheet of a month (reports.md §4.6): its numbers from the desk, lines and rates from the ledger. */
import type { Reads } from "../ledger/types.ts";
import { monthOf } from "../reports/book.ts";
import { monthReport } from "../reports/month.ts";
import { cellOf } from "../reports/tables.ts";
import type { Language } from "../reports/types.ts";
import { labelOf } from "../staff/names.ts";
import type { MoneyCell, MoneySheet } from "../views-manager.ts";
import type { DeskBook } from "./desk-work.ts";
import { stateOf } from "./month-list.ts";

export type MoneyFigures = Pick<MoneySheet, "space" | "machines">;

/** In the thread of the desk. */
export function moneyFigures(book: DeskBook, month: string, language: Language, nowMs: number): MoneyFigures {
  const { figures, seal } = monthOf(book, month, nowMs);
  const space = monthReport(figures, { madeMs: nowMs, seal, pack: "sustainability" }, language).tables.find(({ id }) => id === "money");
  return {
    space: space === undefined ? null : { ...space, names: space.names ?? [] },
    machines: figures.machines
      .filter(({ metrics }) => metrics.some(({ id }) => id === "S01"))
      .map(({ id, label, metrics }) => {
        const of = (metric: string): MoneyCell => ({ name: `${metric}/${id}`, value: cellOf(metrics.find((one) => one.id === metric)) });
        return {
          machine: { id, label },
          cost: of("S01"),
          perBusyHour: of("S02"),
          income: of("S03"),
          recovery: of("S04"),
          breakEven: of("S05"),
          used: of("M09"),
        };
      }),
  };
}

const shownRates = ["machine_hour", "volunteer_hour", "reserve"] as const;

export function moneySheet(read: Reads, month: string, figures: MoneyFigures, nowMs: number): MoneySheet {
  const lastDay = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 31 }).toString();
  const inForce = new Map(
    read.usage
      .rates()
      .filter(({ from }) => from <= lastDay)
      .map((rate) => [`${rate.rate}/${rate.of}`, rate]),
  );
  return {
    month,
    zone: read.site().tz,
    state: stateOf(read, month, nowMs).state,
    ...figures,
    lines: read.usage
      .money(`${month}-01`, lastDay)
      .map(({ machine, ...line }) => ({ ...line, machine: machine === null ? null : labelOf(read, machine) })),
    rates: [...inForce.values()].flatMap(({ rate, of, value, from }) => {
      const name = shownRates.find((one) => one === rate);
      return name === undefined || value === null ? [] : [{ rate: name, of, value, from }];
    }),
    choices: read.resources().flatMap(({ id, kind, label }) => (kind === "machine" ? [{ id, label }] : [])),
  };
}
