/** A month on its way to being closed: its draft, what to look at first, where each month stands, and what two revisions differ in. */
import type { Ledger } from "../ledger/types.ts";
import { draftOf, monthOf } from "../reports/book.ts";
import { qualityOf } from "../reports/quality.ts";
import { differences, figuresText, hashOf, sealedFigures } from "../reports/seal.ts";
import { shownInstant } from "../reports/show.ts";
import type { MonthFigures } from "../reports/types.ts";
import { listing } from "./change.ts";
import { badUsage, command, failed } from "./command.ts";
import { monthArg, monthGiven, needOver, shownDifference, withBook } from "./report-close.ts";
import { wholeNumber } from "./values.ts";

export const check = command({
  summary: "list what is doubtful in a month, each with what mends it; --done says that somebody went through it",
  args: {
    ...monthArg,
    lang: { type: "enum", options: ["en", "lv", "sv", "nb"], description: "language (default that of the space)" },
    done: { type: "boolean", description: "note that the list was gone through" },
    undo: { type: "boolean", description: "take that note back" },
  },
  examples: ["koprade report check 2026-10", "koprade report check 2026-10 --done"],
  async run(given, context) {
    const month = monthGiven(given.month);
    if (given.done === true && given.undo === true) throw badUsage("--done and --undo do not go together.");
    return withBook(context, async (book, nowMs) => {
      if (given.done === true || given.undo === true) {
        await book.ledger.change.checkMonth({ month, checked: given.done === true }, context.actor);
      }
      const { figures } = monthOf(book, month, nowMs);
      const items = qualityOf(book, figures, given.lang ?? book.ledger.read.site().locale, nowMs);
      const { state } = stateOf(book.ledger, month);
      return {
        lines: [
          `${month} is ${state}.`,
          ...(items.length === 0 ? ["Nothing in it is doubtful."] : []),
          ...items.flatMap(({ sentence, fixes }) => [`- ${sentence}`, ...fixes.map((fix) => `    ${fix}`)]),
        ],
        json: { month, state, items },
      };
    });
  },
});

export const draft = command({
  summary: "make the draft of a month that is over, as the hub does on the 1st at 06:00; or tell what has changed since",
  args: monthArg,
  examples: ["koprade report draft 2026-10"],
  async run(given, context) {
    const month = monthGiven(given.month);
    return withBook(context, async (book, nowMs) => {
      const figures = draftOf(book, month, nowMs);
      needOver(figures, month);
      const [kept] = book.ledger.read.usage.drafts(month);
      if (kept === undefined) {
        const text = figuresText(figures);
        const hash = hashOf(text);
        await book.ledger.change.draftMonth({ month, hash, figures: text }, context.actor);
        return {
          lines: [`The draft of ${month} is made. Look at it first: koprade report check ${month}`],
          json: { month, hash, changed: [] },
        };
      }
      // the ledger took it only with its own hash
      const changed = differences(JSON.parse(kept.figures) as MonthFigures, figures);
      const lines = [
        `The draft of ${month} was made ${shownInstant(kept.madeMs, figures.zone)}; ${changed.length} values have changed since.`,
        ...changed.map(shownDifference),
      ];
      return { lines, json: { month, hash: kept.hash, changed } };
    });
  },
});

type State = { readonly month: string; readonly state: string; readonly revisions: number; readonly atMs: number | null };

/** `open` until there is a draft, then `draft`, `checked`, `closed`, and `revised` from revision 2 on. */
function stateOf({ read }: Ledger, month: string): State {
  const revisions = read.usage.closedMonths(month);
  const [kept] = read.usage.drafts(month);
  const last = revisions.at(-1);
  if (last !== undefined)
    return { month, state: last.revision === 1 ? "closed" : "revised", revisions: revisions.length, atMs: last.closedMs };
  if (kept === undefined) return { month, state: "open", revisions: 0, atMs: null };
  return { month, state: kept.checkedMs === null ? "draft" : "checked", revisions: 0, atMs: kept.checkedMs ?? kept.madeMs };
}

export const months = listing({
  summary: "list months with where they stand: draft, checked, closed or revised",
  args: {},
  examples: ["koprade report list"],
  header: ["MONTH", "STATE", "REVISIONS", "SINCE"],
  none: "No month has a draft yet: it is made on the 1st at 06:00.",
  rows: (_given, { ledger }) => [...ledger.read.usage.madeMonths()].sort().map((month) => stateOf(ledger, month)),
  line: (row, site) => [row.month, row.state, String(row.revisions), row.atMs === null ? "–" : site.wall(row.atMs)],
});

export const diff = command({
  summary: "show which values two revisions of a month differ in, and why the later one was made",
  args: {
    ...monthArg,
    from: { type: "string", valueHint: "n", description: "the earlier revision (default the one before the last)" },
    to: { type: "string", valueHint: "n", description: "the later revision (default the last)" },
  },
  examples: ["koprade report diff 2026-10", "koprade report diff 2026-10 --from 1 --to 3"],
  async run(given, context) {
    const month = monthGiven(given.month);
    return withBook(context, async (book) => {
      const revisions = book.ledger.read.usage.closedMonths(month);
      const number = (option: string, text: string | undefined, otherwise: number): number =>
        text === undefined ? otherwise : wholeNumber(option, text, 1, 1000);
      const to = number("--to", given.to, revisions.length);
      const from = number("--from", given.from, to - 1);
      const [earlier, later] = [from, to].map((n) => revisions.find(({ revision }) => revision === n));
      if (earlier === undefined || later === undefined || from >= to)
        throw failed(`${month} has no two such revisions to compare; it has ${revisions.length}.`);
      const changed = differences(sealedFigures(earlier), sealedFigures(later));
      return {
        lines: [`${month}, revision ${from} → ${to}: ${later.reason || "no reason given"}`, ...changed.map(shownDifference)],
        json: { month, from, to, reason: later.reason, by: later.closedBy, atMs: later.closedMs, changed },
      };
    });
  },
});
