/**
 * What to look at before a month is closed, each with the command that mends it (reports.md §6.3): what is missing or doubtful in its
 * figures, sessions without an end, corrections that wait, nodes that are silent, classes without a headcount.
 */
import { monthSpan, within } from "#core";
import type { Book } from "./book.ts";
import { monthReport } from "./month.ts";
import { qualityWords } from "./quality-words.ts";
import { shownInstant } from "./show.ts";
import type { Doubt, Language, MonthFigures } from "./types.ts";
import { fill } from "./words.ts";

export type QualityItem = { readonly what: string; readonly sentence: string; readonly fixes: readonly string[] };
export type QualityBook = Book & {
  readonly ledger: {
    readonly read: {
      corrections(query: { readonly open: boolean }): readonly unknown[];
      classes(fromMs: number): readonly {
        readonly class: string;
        readonly label: string;
        readonly fromMs: number;
        readonly isCancelled: boolean;
      }[];
      readonly usage: { lastHeard(): readonly { readonly node: string; readonly atMs: number | null }[] };
    };
  };
};

const dayMs = 86_400_000;
const namedMost = 10;

/** What mends a doubt; `{…}` are its values, or something that only a person knows. */
const fixes: Readonly<Record<string, readonly string[]>> = {
  qCutShort: ["koprade report explain {month}/M01/MACHINE"],
  qNoData: ["koprade doctor", "koprade node list"],
  qCoverage: ["koprade doctor"],
  qLost: ["koprade doctor --config node.yaml"],
  qUnreadable: ["koprade doctor"],
  qUnowned: ["koprade report explain {month}/unauthorised/MACHINE", "koprade policy show MACHINE"],
  qClock: ["koprade doctor --config node.yaml"],
  qClockOff: ["koprade doctor --config node.yaml"],
  qUnknownCards: ["koprade card assign --member NAME --tap"],
  qEstimated: ["koprade correction sessions NAME", "koprade correction ask SESSION --member NAME --to TIME --reason TEXT"],
  qNoEnergy: ["koprade doctor"],
  qMeterDoubt: ["koprade node show NODE"],
};

/** In the order of the figures' doubts, then what only the ledger knows. `nowMs` is when somebody looks. */
export function qualityOf(book: QualityBook, figures: MonthFigures, language: Language, nowMs: number): QualityItem[] {
  const month = monthSpan(figures.month, figures.zone);
  if (month === undefined) return [];
  const sentences = monthReport(figures, { madeMs: nowMs, seal: null }, language).quality;
  return [
    ...figures.doubts.map(
      (doubt, i): QualityItem => ({ what: doubt.doubt, sentence: sentences[i] ?? doubt.doubt, fixes: fixesOf(book, figures, doubt) }),
    ),
    ...waiting(book, language),
    ...silent(book, figures, language, Math.min(month.toMs, nowMs)),
    ...uncounted(book, figures, language),
  ];
}

function fixesOf(book: QualityBook, figures: MonthFigures, { doubt, values }: Doubt): string[] {
  const month = monthSpan(figures.month, figures.zone);
  if (doubt !== "qOpen" || month === undefined)
    return (fixes[doubt] ?? ["koprade report explain {month}/NUMBER"]).map((fix) => fill(fix, { ...values, month: figures.month }));
  return book.ledger.read
    .sessions({ ...month, limit: 100_000 })
    .filter((session) => session.endedMs === null)
    .slice(0, namedMost)
    .map(({ session, member }) => `koprade correction ask ${session} --member ${member} --to TIME --reason TEXT`);
}

function waiting({ ledger }: QualityBook, language: Language): QualityItem[] {
  const n = ledger.read.corrections({ open: true }).length;
  if (n === 0) return [];
  return [{ what: "corrections", sentence: fill(qualityWords[language].corrections, { n }), fixes: ["koprade correction list --open"] }];
}

/** A node that was silent for the last day of the month may hold more of it. */
function silent({ ledger }: QualityBook, { zone }: MonthFigures, language: Language, untilMs: number): QualityItem[] {
  const w = qualityWords[language];
  return ledger.read.usage
    .lastHeard()
    .filter(({ atMs }) => atMs === null || atMs < untilMs - dayMs)
    .map(({ node, atMs }) => ({
      what: "silent",
      sentence: fill(atMs === null ? w.never : w.silent, { node, at: atMs === null ? "" : shownInstant(atMs, zone) }),
      fixes: [`koprade doctor --config node.yaml`],
    }));
}

function uncounted({ ledger }: QualityBook, figures: MonthFigures, language: Language): QualityItem[] {
  const month = monthSpan(figures.month, figures.zone);
  if (month === undefined) return [];
  const on = (ms: number): string => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(figures.zone).toPlainDate().toString();
  return ledger.read
    .classes(month.fromMs)
    .filter((one) => !one.isCancelled && within(one.fromMs, month))
    .filter((one) => ledger.read.usage.headcounts(on(one.fromMs), on(one.fromMs)).every(({ kind }) => kind !== "class"))
    .map((one) => ({
      what: "uncounted",
      sentence: fill(qualityWords[language].uncounted, { class: one.label, on: on(one.fromMs) }),
      fixes: [`koprade report count PEOPLE --on ${on(one.fromMs)} --kind class`],
    }));
}
