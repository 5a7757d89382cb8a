/** A month on the manager's page: what is doubtful and where it is mended, its numbers, its revisions and what differs. */
import { draftOf, earlierOf } from "../reports/book.ts";
import { monthReport } from "../reports/month.ts";
import { type QualityItem, qualityOf } from "../reports/quality.ts";
import { type Difference, differences, figuresText, hashOf, isWhole, metricsOf, sealedFigures } from "../reports/seal.ts";
import type { Language, MonthFigures } from "../reports/types.ts";
import type { MendLink, MonthDesk, MonthDifference, MonthDoubt, MonthRevision } from "../views-manager.ts";
import type { DeskBook } from "./desk-work.ts";
import { stateOf } from "./month-list.ts";
import { shownIn, unitWord } from "./number.ts";

/** A month that changed in more than these says so at the terminal. */
const differencesMost = 500;

export function monthDesk(book: DeskBook, month: string, language: Language, nowMs: number): MonthDesk {
  const { read } = book.ledger;
  const today = draftOf(book, month, nowMs);
  const closed = read.usage.closedMonths(month);
  const last = closed.at(-1);
  const figures = last === undefined ? today : sealedFigures(last);
  const text = figuresText(today);
  const seal = last === undefined ? null : { number: last.number, revision: last.revision, hash: last.hash, closedMs: last.closedMs };
  const report = monthReport(figures, { madeMs: nowMs, seal, earlier: earlierOf(book, month, nowMs) }, language);
  const metrics = metricsOf(figures);
  return {
    month,
    zone: figures.zone,
    state: stateOf(read, month, nowMs).state,
    checkedMs: read.usage.drafts(month)[0]?.checkedMs ?? null,
    hash: hashOf(text),
    values: metricsOf(today).size,
    doubts: qualityOf(book, figures, language, nowMs).map((item, i) => doubtOf(item, figures, i)),
    sentences: report.sentences,
    tables: report.tables.filter(({ id }) => id !== "method").map((table) => ({ ...table, names: table.names ?? [] })),
    marks: Object.fromEntries(
      [...metrics]
        .filter(([, { mark, coverage }]) => mark !== null || (coverage !== null && coverage < 1))
        .map(([name, { mark, coverage }]) => [name, { mark, coverage }]),
    ),
    revisions: closed.map((one, i): MonthRevision => {
      const { number, revision, hash, closedMs, closedBy, reason } = one;
      const before = closed[i - 1];
      const changed = before === undefined || !isWhole(one) ? [] : differences(sealedFigures(before), sealedFigures(one));
      return { number, revision, hash, whole: isWhole(one), closedMs, closedBy, reason, changed: shown(changed, sealedFigures(one)) };
    }),
    since: last === undefined ? [] : shown(differences(figures, today), today),
  };
}

function shown(changed: readonly Difference[], figures: MonthFigures): MonthDifference[] {
  const metrics = metricsOf(figures);
  return changed.slice(0, differencesMost).map(({ of, before, after }) => {
    const unit = metrics.get(of)?.unit ?? "count";
    return { of, unit: unitWord(unit), before: shownIn(before, unit), after: shownIn(after, unit) };
  });
}

function doubtOf({ what, sentence, fixes }: QualityItem, figures: MonthFigures, at: number): MonthDoubt {
  const label = figures.doubts[at]?.doubt === what ? figures.doubts[at].values["machine"] : undefined;
  const machine = figures.machines.find((one) => one.label === label)?.id;
  return { what, sentence, links: linksOf(what, figures.month, machine), commands: fixes };
}

/** Where a page shows or mends it. What no page can mend has the lines for the terminal alone. */
function linksOf(what: string, month: string, machine: string | undefined): MendLink[] {
  const number = (name: string): MendLink => ({ to: `/months/${month}/${name.replace("/", "~")}`, label: "number" });
  const there: MendLink[] = machine === undefined ? [] : [{ to: `/machines/${machine}`, label: "machine" }];
  const nodes: MendLink = { to: "/nodes", label: "node" };
  switch (what) {
    case "qNoData":
      return [...there, nodes];
    case "qCoverage":
      return [...(machine === undefined ? [] : [number(`Q01/${machine}`)]), nodes];
    case "qLost":
      return [number("lost_events"), nodes];
    case "qUnreadable":
      return [number("unreadable"), nodes];
    case "qUnowned":
      return [...(machine === undefined ? [] : [number(`unauthorised/${machine}`)]), ...there];
    case "qClock":
      return [number("untrusted_clock"), nodes];
    case "qClockOff":
    case "silent":
      return [nodes];
    case "qUnknownCards":
      return [number("unknown_cards"), { to: "/people", label: "people" }];
    case "qEstimated":
      return [number("estimated_ends"), { to: "/corrections", label: "corrections" }];
    case "qOpen":
      return [number("open_sessions"), { to: "/corrections", label: "corrections" }];
    case "corrections":
      return [{ to: "/corrections", label: "corrections" }];
    case "qNoEnergy":
    case "qMeterDoubt":
      return [...there, { to: "/energy", label: "energy" }];
    default:
      return [];
  }
}
