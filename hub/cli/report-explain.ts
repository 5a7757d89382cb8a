/** `koprade report explain`: what stands behind a number of a month. Its rows name members: the terminal is the console of the space. */
import { draftOf } from "../reports/book.ts";
import { explained } from "../reports/explain.ts";
import type { ExplainedRow } from "../reports/explain-rows.ts";
import { monthInput } from "../reports/gather.ts";
import { metricsOf, sealedFigures } from "../reports/seal.ts";
import { shownInstant } from "../reports/show.ts";
import { siteOf } from "./change.ts";
import { command, failed } from "./command.ts";
import { listed } from "./parse.ts";
import { monthGiven, withBook } from "./report-close.ts";

export const explain = command({
  summary: "show what stands behind a number of a month: formula, parts, coverage, method version and rows",
  args: {
    number: {
      type: "positional",
      required: true,
      description: "month/metric, and machine, course or all where it has one: 2026-10/M09/laser-1, 2026-10/T5/laser, 2026-10/V01",
    },
    lang: { type: "enum", options: ["en", "lv", "sv", "nb"], description: "language of the formula (default that of the space)" },
  },
  examples: [
    "koprade report explain 2026-10/M09/laser-1",
    "koprade report explain 2026-10/V01",
    "koprade report explain 2026-10/S06.public",
  ],
  async run(given, context) {
    const [text = "", ...rest] = given.number.split("/");
    const month = monthGiven(text);
    const name = rest.join("/");
    return withBook(context, async (book, nowMs) => {
      const { read } = book.ledger;
      const last = read.usage.closedMonths(month).at(-1);
      const figures = last === undefined ? draftOf(book, month, nowMs) : sealedFigures(last);
      const input = monthInput({ ...book, month, madeMs: nowMs });
      const found = explained(figures, input, name, read, given.lang ?? read.site().locale);
      if (found === undefined) throw failed(`${month} has no number "${name}"; ${nearby(name, [...metricsOf(figures).keys()])}`);
      const { metric, formula, rows, by, isCut } = found;
      const site = siteOf(book.ledger, context);
      const from = last === undefined ? "draft" : `revision ${last.revision}, No. ${last.number}; rows as the log says today`;
      const lines = [
        `${name} of ${month} (${from})`,
        `  formula      ${formula}`,
        `  value        ${amount(metric.value, metric.unit)}${metric.mark === null ? "" : ` (${metric.mark})`}`,
        `  numerator    ${amount(metric.numerator, metric.unit === "share" ? "" : metric.unit)}`,
        `  denominator  ${amount(metric.denominator, "")}`,
        `  coverage     ${metric.coverage === null ? "–" : `${Math.round(metric.coverage * 10_000) / 100} %`}`,
        `  n            ${metric.n}`,
        `  method       version ${metric.methodVersion}`,
        ...(metric.value === null && rows.length === 0
          ? ["  Nothing that it counts is on record: it is not known, which is not zero."]
          : []),
        ...(rows.length > 0 && by !== "sum" ? [`  ${standing[by]}`] : []),
        ...rows.map((one) => `  ${shownRow(one, figures.zone, (member) => site.name(member))}`),
        ...(isCut ? ["  … and more; ask for one machine or course"] : []),
      ];
      return { lines, json: { month, revision: last?.revision ?? null, ...found } };
    });
  },
});

const standing = {
  order: "The rows stand in order of size; the value is the one that so many percent of them reach.",
  sizes: "The sizes of the rows make the value.",
} as const;

function shownRow(
  { fromMs, toMs, what, member, amount: adds, base }: ExplainedRow,
  zone: string,
  nameOf: (member: number) => string,
): string {
  const until = fromMs === toMs || toMs === null ? "" : ` – ${shownInstant(toMs, zone)}`;
  const when = fromMs === null ? "" : `${shownInstant(fromMs, zone)}${until}  `;
  const sums = [...(adds === undefined ? [] : [`+${rounded(adds)}`]), ...(base === undefined ? [] : [`of ${rounded(base)}`])].join(" ");
  return `${when}${what}${member === undefined ? "" : `, ${nameOf(member)}`}${sums === "" ? "" : `  (${sums})`}`;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** What somebody may have meant: other parts of the same metric, or the metrics that there are. */
function nearby(name: string, names: readonly string[]): string {
  const id = (name.split("/")[0] ?? "").toUpperCase();
  const same = names.filter((one) => one.toUpperCase().split("/")[0] === id).slice(0, 5);
  return same.length > 0
    ? `there is ${listed(same)}.`
    : "name a metric of the method annex, and a machine, course or all where it has one, such as M01/laser-1.";
}

/** Raw, as it is counted: a reader of this wants to add up. */
function amount(value: number | null, unit: string): string {
  if (value === null) return "–";
  return unit === "ms"
    ? `${value} ms (${Math.round(value / 36_000) / 100} h)`
    : `${value}${unit === "" || unit === "count" ? "" : ` ${unit}`}`;
}
