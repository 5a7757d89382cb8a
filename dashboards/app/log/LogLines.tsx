/** Lines of what happened: when, who, what, where; of a refusal also why, and what else stood in the way. */
import { Fragment } from "react";
import { dayOf, energyOf, spanOf, timeOf } from "../../shared/format.ts";
import { useWords, type Words } from "../../shared/language.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ToneIcon } from "../../shared/status-mark.tsx";
import type { LogLine } from "../staff/wire.ts";
import { endWord, lineTone, lineWords } from "./words.ts";

type LinesProps = {
  readonly lines: readonly LogLine[];
  readonly zone: string;
  /** where the page itself says who or where, the lines need not */
  readonly hide?: "who" | "where";
};

export function LogLines({ lines, zone, hide }: LinesProps) {
  const words = useWords();
  const days = Map.groupBy(lines, ({ atMs }) => dayOf(atMs, zone, words));
  return [...days].map(([day, ofDay]) => (
    <Fragment key={day}>
      <h3 className="day">{day}</h3>
      <ol className="rows">
        {ofDay.map((line) => (
          <Line key={line.id} line={line} zone={zone} hide={hide} words={words} />
        ))}
      </ol>
    </Fragment>
  ));
}

type LineProps = Pick<LinesProps, "zone"> & {
  readonly line: LogLine;
  readonly hide: LinesProps["hide"];
  readonly words: Words;
};

function Line({ line, zone, hide, words }: LineProps) {
  const { t, reason } = words;
  const { where, who, outcome, also, busyMs, energyWh, detail } = line;
  const [why, next] = line.reason === null || outcome !== "deny" ? ["", ""] : reason(line.reason);
  const tone = lineTone(line);
  const place = line.kind.startsWith("node.") ? "/nodes" : line.kind.startsWith("door.") ? `/doors/${where.id}` : undefined;
  return (
    <li className="row" data-kind={line.kind} data-outcome={outcome ?? undefined}>
      {tone === "none" ? <span className="dot" aria-hidden="true" /> : <ToneIcon tone={tone} />}
      <div className="row-text">
        <p>
          {hide !== "who" && who !== null && (
            <>
              <PageLink to={`/people/${who.member}`}>{who.name}</PageLink>{" "}
            </>
          )}
          {hide !== "who" && who === null && line.reason === "UNKNOWN_CREDENTIAL" && <strong>{t("feed.unknown_card")} </strong>}
          <span>{lineWords(line, words)}</span>
          {hide !== "where" && (
            <>
              {" · "}
              {place === undefined ? <strong>{where.label}</strong> : <PageLink to={place}>{where.label}</PageLink>}
            </>
          )}
        </p>
        {why !== "" && (
          <p className="feed-why">
            {why}
            {also.length > 0 && (
              <span className="quiet">
                {" "}
                · {t("feed.also")}: {also.map((code) => reason(code)[0]).join(", ")}
              </span>
            )}
          </p>
        )}
        {next !== "" && (
          <p className="quiet">
            <span aria-hidden="true">→ </span>
            {next}
          </p>
        )}
        {busyMs !== null && (
          <p className="quiet">
            {endWord(detail, words)} · {t("log.worked", { span: spanOf(busyMs, words) })}
            {energyWh !== null && ` · ${energyOf(energyWh, words)}`}
          </p>
        )}
      </div>
      <time dateTime={new Date(line.atMs).toISOString()}>{timeOf(line.atMs, zone, words)}</time>
    </li>
  );
}
