/** W1: every machine as a tile that says in word, letter and pattern what it is, since when, and how old that is. */
import { memo } from "react";
import { clean, type Key, type Sight } from "./sight.ts";
import type { Machine, Status } from "./wire.ts";

type Tone = "ok" | "work" | "wait" | "stop" | "alarm" | "none";
const marks: Readonly<Record<Status, readonly [letter: string, tone: Tone]>> = {
  emergency: ["E", "alarm"],
  fault: ["!", "alarm"],
  tamper: ["T", "alarm"],
  locked_out: ["L", "stop"],
  out_of_order: ["O", "stop"],
  unknown: ["?", "none"],
  busy: ["B", "work"],
  idle: ["I", "wait"],
  grace: ["G", "wait"],
  run_on: ["N", "wait"],
  needs_check: ["C", "wait"],
  reserved: ["R", "wait"],
  free: ["F", "ok"],
};
const askFor: ReadonlySet<Status> = new Set(["emergency", "fault", "tamper", "locked_out", "out_of_order", "unknown", "needs_check"]);
/** How far ahead a booking is worth a word on a tile. */
const soonMs = 4 * 3_600_000;

export const tilesPerPage = 40;

export function Machines({ sight, page }: { readonly sight: Sight; readonly page: number }) {
  const { words, picture } = sight;
  const { machines } = picture;
  if (machines.length === 0) return <p className="empty">{words.t("machines.none")}</p>;
  const shown = machines.slice(page * tilesPerPage, (page + 1) * tilesPerPage);
  return (
    <ul className="tiles" data-count={shown.length} style={gridOf(shown.length)}>
      {shown.map((machine) => {
        const status = sight.statusOf(machine);
        const [letter, tone] = marks[status];
        return (
          <Tile
            key={machine.id}
            id={machine.id}
            label={machine.label}
            {...{ status, letter, tone }}
            word={words.status(status)}
            when={whenOf(machine, status, sight)}
            age={sight.ageOf(machine)}
            ask={askFor.has(status) ? words.t("ask") : ""}
          />
        );
      })}
    </ul>
  );
}

/** A tile is drawn anew only when one of its words is another one: of forty, usually one. */
const Tile = memo(function Tile(props: {
  readonly id: string;
  readonly label: string;
  readonly status: Status;
  readonly letter: string;
  readonly tone: Tone;
  readonly word: string;
  readonly when: string;
  readonly age: string;
  readonly ask: string;
}) {
  return (
    <li className="tile" data-tone={props.tone} data-status={props.status} data-testid={`wall-${props.id}`}>
      <div className="tile-body">
        <h2>{clean(props.label)}</h2>
        <p className="status">
          <span className="letter" aria-hidden="true">
            {props.letter}
          </span>
          <span>{props.word}</span>
        </p>
        <p className="when">{[props.when, props.ask].filter((part) => part !== "").join(" · ")}</p>
        <p className="age">{props.age}</p>
      </div>
    </li>
  );
});

function whenOf({ id, sinceMs }: Machine, status: Status, { words, picture, nowMs }: Sight): string {
  if (status === "unknown") return "";
  const next = picture.today.bookings.find((one) => one.machine === id && one.untilMs > nowMs);
  const say = (key: Key, atMs: number): string => words.t(key, { time: words.time(atMs, nowMs) });
  if (status === "free" && next !== undefined && next.fromMs > nowMs && next.fromMs < nowMs + soonMs)
    return say("until_booking", next.fromMs);
  if (next !== undefined && next.fromMs <= nowMs) return say("until", next.untilMs);
  return sinceMs === null ? "" : say("since", sinceMs);
}

/** As many columns as make tiles a little wider than high, on any screen. */
function gridOf(count: number): Record<string, string | number> {
  const ratio = innerWidth / Math.max(1, innerHeight - 120) / 1.7;
  const columns = Math.max(1, Math.min(count, Math.round(Math.sqrt(count * ratio))));
  return { "--columns": columns, "--rows": Math.ceil(count / columns) };
}
