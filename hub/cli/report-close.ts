/** The life of a month: closed under a number with a hash, revised when the log says otherwise, and verified. */
import { monthSpan } from "#core";
import type { Ledger } from "../ledger/types.ts";
import { draftOf } from "../reports/book.ts";
import { type Difference, differences, figuresText, hashOf, isWhole, sealedFigures } from "../reports/seal.ts";
import type { MonthFigures } from "../reports/types.ts";
import { createSeries } from "../series/index.ts";
import type { UsageSeries } from "../series/types.ts";
import { badUsage, type Context, command, failed } from "./command.ts";
import { withLedger } from "./data.ts";

const auditMost = 100_000;

export type OpenBook = { readonly ledger: Ledger; readonly series: UsageSeries };

/** Opens ledger and series of the data folder for one piece of work. */
export async function withBook<Result>(context: Context, work: (book: OpenBook, nowMs: number) => Promise<Result>): Promise<Result> {
  return withLedger(context, async (ledger) => {
    const { clock } = context.world;
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const series = await createSeries({ dir: context.dataDir, influx: null }, { clock, log });
    try {
      return await work({ ledger, series }, clock.nowMs());
    } finally {
      await series.close();
    }
  });
}

/** @throws CliError (2) for what is no month */
export function monthGiven(text: string): string {
  if (monthSpan(text, "UTC") === undefined) throw badUsage(`<month> cannot be "${text}"; give a month such as 2026-11.`);
  return text;
}

export const monthArg = { month: { type: "positional", required: true, description: "such as 2026-11" } } as const;

export const close = command({
  summary: "close a month: freeze its figures under a number",
  args: monthArg,
  examples: ["koprade report close 2026-10"],
  async run(given, context) {
    const month = monthGiven(given.month);
    return withBook(context, async (book, nowMs) => {
      if (book.ledger.read.usage.closedMonths(month).length > 0) {
        throw failed(`${month} is closed already; what came later goes into a revision: koprade report revise ${month} --reason "…"`);
      }
      const figures = draftOf(book, month, nowMs);
      needOver(figures, month);
      return sealed(book, context, figures, { revision: 1, reason: "" });
    });
  },
});

export const revise = command({
  summary: "make a new revision of a closed month from what is known now",
  args: { ...monthArg, reason: { type: "string", required: true, valueHint: "text", description: "why, for the record" } },
  examples: ['koprade report revise 2026-10 --reason "The laser\'s node delivered late"'],
  async run(given, context) {
    const month = monthGiven(given.month);
    return withBook(context, async (book, nowMs) => {
      const last = book.ledger.read.usage.closedMonths(month).at(-1);
      if (last === undefined) throw failed(`${month} is not closed yet; close it with: koprade report close ${month}`);
      const figures = draftOf(book, month, nowMs);
      const changed = differences(sealedFigures(last), figures);
      if (changed.length === 0)
        throw failed(`Nothing of ${month} has changed since revision ${last.revision}; there is nothing to revise.`);
      const since = sinceThen(book, last.closedMs, figures);
      const made = await sealed(book, context, figures, { revision: last.revision + 1, reason: given.reason });
      return {
        lines: [...made.lines, ...changed.map(shownDifference), ...since.lines],
        json: { ...made.json, changed, since: since.json },
      };
    });
  },
});

/** An unfinished month cannot be closed: the rest of it would be missing for ever. */
export function needOver(figures: MonthFigures, month: string): void {
  if (figures.untilMs !== null) throw failed(`${month} is not over yet; it can be closed when it is.`);
}

type Closing = { readonly revision: number; readonly reason: string };

async function sealed({ ledger }: OpenBook, context: Context, figures: MonthFigures, { revision, reason }: Closing) {
  const text = figuresText(figures);
  const hash = hashOf(text);
  const { month, doubts } = figures;
  const { number } = await ledger.change.closeMonth({ month, revision, reason, hash, figures: text }, context.actor);
  const doubtful = doubts.length === 0 ? [] : [`${doubts.length} things in it are doubtful; koprade report ${month} names them.`];
  return {
    lines: [`Closed ${month} as No. ${number}, revision ${revision}, SHA-256 ${hash}.`, ...doubtful],
    json: { month, number, revision, hash, doubts: doubts.length },
  };
}

/** Why a month says something else than it did: what has come since that touches it. */
export function sinceThen({ ledger }: OpenBook, atMs: number, { month, zone }: Pick<MonthFigures, "month" | "zone">) {
  const span = monthSpan(month, zone) ?? { fromMs: 0, toMs: 0 };
  const json = ledger.read.usage.since(atMs, span.fromMs, span.toMs);
  const lines = [
    ...json.late.map(({ node, events }) => `  since then: ${events} late events of ${node}`),
    ...json.corrections.map((correction) => `  since then: correction ${correction} was granted`),
    ...json.entered.map(({ command: name, times }) => `  since then: ${name}, ${times} times`),
  ];
  return { lines, json };
}

export const shownDifference = ({ of, before, after }: Difference): string => `  ${of}: ${before ?? "–"} → ${after ?? "–"}`;

export const verify = command({
  summary: "check that a closed month is as it was closed, and whether the log still says the same",
  args: monthArg,
  examples: ["koprade report verify 2026-10"],
  async run(given, context) {
    const month = monthGiven(given.month);
    return withBook(context, async (book, nowMs) => {
      const { read } = book.ledger;
      const revisions = read.usage.closedMonths(month);
      const last = revisions.at(-1);
      if (last === undefined) throw failed(`${month} is not closed yet; close it with: koprade report close ${month}`);
      const audited = new Set(
        read
          .audit(auditMost)
          .filter(({ action }) => action === "closeMonth")
          .map(({ detail }) => /"hash":"([0-9a-f]{64})"/.exec(detail)?.[1]),
      );
      const checked = revisions.map((one) => ({
        number: one.number,
        revision: one.revision,
        hash: one.hash,
        whole: isWhole(one),
        audited: audited.has(one.hash),
      }));
      const isSound = checked.every((one) => one.whole && one.audited);
      const changed = isWhole(last) ? differences(sealedFigures(last), draftOf(book, month, nowMs)) : [];
      const lines = checked.map(
        ({ number, revision, hash, whole, audited: isAudited }) =>
          `No. ${number}, revision ${revision}, SHA-256 ${hash}: ${whole ? "as it was closed" : "NOT what was closed"}, ${isAudited ? "in the audit" : "NOT in the audit"}`,
      );
      const why = changed.length === 0 ? null : sinceThen(book, last.closedMs, { month, zone: read.site().tz });
      const since =
        why === null
          ? ["The log says the same today."]
          : [`Since then ${changed.length} values have changed; koprade report revise ${month} makes a revision of them:`];
      return {
        lines: [...lines, ...since, ...changed.map(shownDifference), ...(why?.lines ?? [])],
        json: { month, checked, changed, since: why?.json ?? null },
        exit: isSound ? 0 : 1,
      };
    });
  },
});
