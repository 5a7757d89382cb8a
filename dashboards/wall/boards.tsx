/** W2 Today, W5 jobs of printers, W4 the month, W7 door sign. */
import { useEffect, useState } from "react";
import { clean, type Key, type Sight } from "./sight.ts";
import { type Machine, type Month, month as monthShape } from "./wire.ts";

export function OpenNow({ sight }: { readonly sight: Sight }) {
  const { words, picture, nowMs } = sight;
  const { isOpen, changesMs } = picture.today;
  if (isOpen === null) return <p className="open">{words.t("hours_unknown")}</p>;
  const when = changesMs === null ? "" : words.t(isOpen ? "until" : "opens", { time: words.time(changesMs, nowMs) });
  return (
    <p className="open" data-open={isOpen}>
      <span className="letter" aria-hidden="true">
        {isOpen ? "✓" : "✕"}
      </span>{" "}
      <strong>{words.t(isOpen ? "open" : "closed")}</strong> {when}
    </p>
  );
}

export function Today({ sight }: { readonly sight: Sight }) {
  const { words, picture, nowMs } = sight;
  const { classes, bookings } = picture.today;
  const span = (one: { readonly fromMs: number; readonly untilMs: number }): string =>
    `${words.time(one.fromMs, nowMs)}–${words.time(one.untilMs, one.fromMs)}`;
  const seats = (free: number | null): string =>
    free === null ? "" : free === 0 ? words.t("today.full") : words.t("today.seats", { count: free });
  return (
    <div className="today" data-testid="today">
      <OpenNow sight={sight} />
      <section>
        <h2>{words.t("today.classes")}</h2>
        {classes.length === 0 && <p className="empty">{words.t("today.no_classes")}</p>}
        <ul>
          {classes.slice(0, 8).map((one) => (
            <li key={`${one.label} ${one.fromMs}`}>
              <span className="time">{span(one)}</span>
              <strong>{clean(one.label)}</strong>
              <span className="more">{[...one.places.map(clean), seats(one.freeSeats)].filter((part) => part !== "").join(" · ")}</span>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>{words.t("today.bookings")}</h2>
        {bookings.length === 0 && <p className="empty">{words.t("today.no_bookings")}</p>}
        <ul>
          {bookings.slice(0, 8).map((one) => (
            <li key={`${one.machine} ${one.fromMs}`}>
              <span className="time">{span(one)}</span>
              <strong>{clean(one.label)}</strong>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

const jobTones = { preparing: "wait", running: "work", paused: "wait", complete: "ok", failed: "alarm" } as const;
const jobLetters = { preparing: "…", running: "▶", paused: "Ⅱ", complete: "✓", failed: "✕" } as const;

export function Printers({ sight }: { readonly sight: Sight }) {
  const { words, picture, nowMs } = sight;
  const printers = picture.machines.filter((machine) => machine.job !== null);
  if (printers.length === 0) return <p className="empty">{words.t("printers.none")}</p>;
  const columns = { "--columns": Math.min(4, printers.length), "--rows": Math.ceil(printers.length / 4) } as Record<string, number>;
  const wordOf = (machine: Machine): { readonly tone: string; readonly letter: string; readonly word: string } => {
    const known = sight.statusOf(machine) !== "unknown";
    if (!known || machine.job === null) return { tone: "none", letter: "?", word: words.status("unknown") };
    const { state } = machine.job;
    return { tone: jobTones[state], letter: jobLetters[state], word: words.t(`job.${state}` satisfies Key) };
  };
  return (
    <ul className="tiles" style={columns} data-testid="printers">
      {printers.slice(0, 12).map((machine) => {
        const { tone, letter, word } = wordOf(machine);
        return (
          <li key={machine.id} className="tile" data-tone={tone} data-testid={`job-${machine.id}`}>
            <div className="tile-body">
              <h2>{clean(machine.label)}</h2>
              <p className="status">
                <span className="letter" aria-hidden="true">
                  {letter}
                </span>
                <span>{word}</span>
              </p>
              <p className="when">
                {tone === "none" || machine.job === null
                  ? ""
                  : `${words.t("since", { time: words.time(machine.job.sinceMs, nowMs) })} · ${words.t("job.for", { age: words.age(nowMs - machine.job.sinceMs) })}`}
              </p>
              <p className="age">{sight.ageOf(machine)}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

const monthEveryMs = 15 * 60_000;
const monthRetryMs = 10_000;

/** Fetched only while it is shown: it changes slowly and is a long sum. */
export function MonthBoard({ sight, path }: { readonly sight: Sight; readonly path: string }) {
  const { words } = sight;
  const [month, setMonth] = useState<Month>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const ask = async (): Promise<void> => {
      const found = await fetch(path, { credentials: "omit" })
        .then((answer) => answer.json())
        .then(
          (body) => monthShape.safeParse(body),
          () => undefined,
        );
      if (found?.success === true) setMonth(found.data);
      timer = setTimeout(ask, found?.success === true ? monthEveryMs : monthRetryMs);
    };
    void ask();
    return () => clearTimeout(timer);
  }, [path]);
  if (month === undefined) return <p className="empty">{words.t("never")}</p>;
  const cells: readonly (readonly [Key, string])[] = [
    ["month.hours", numberIn(month.busyHours, sight)],
    ["month.people", month.people === "few" ? words.t("month.few") : numberIn(month.people, sight)],
    ["month.events", numberIn(month.events, sight)],
    ["month.volunteers", numberIn(month.volunteerHours, sight)],
  ];
  const most = month.machines[0]?.hours ?? 1;
  return (
    <div className="month" data-testid="month">
      <h2 className="month-name">{words.t("month.shared", { month: words.month(month.month) })}</h2>
      <dl>
        {cells.map(([key, value]) => (
          <div key={key}>
            <dd data-word={/\d{2}|^\d$|^\d[.,]\d$/.test(value) ? undefined : true}>{value}</dd>
            <dt>{words.t(key)}</dt>
          </div>
        ))}
      </dl>
      {month.machines.length > 0 && (
        <section>
          <h2>{words.t("month.most")}</h2>
          <ol>
            {month.machines.map(({ label, hours }) => (
              <li key={label}>
                <span>{clean(label)}</span>
                <meter min={0} max={most} value={hours} aria-label={clean(label)} />
                <span className="time">{words.t("h", { count: words.number(hours) })}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}

const numberIn = (value: number | null, { words }: Sight): string => (value === null ? words.t("month.unknown") : words.number(value));

/** Black on white, no greys and no movement: for e-paper of 400 × 300. */
export function Sign({ sight }: { readonly sight: Sight }) {
  const { words, picture, nowMs } = sight;
  const { site, machines, today } = picture;
  const free = machines.filter((machine) => sight.statusOf(machine) === "free").length;
  const [next] = today.classes;
  return (
    <div className="sign" data-testid="sign">
      <p className="sign-name">{clean(site.name)}</p>
      <OpenNow sight={sight} />
      {!sight.stale && machines.length > 0 && <p>{words.t("machines.count", { free, all: machines.length })}</p>}
      {next !== undefined && (
        <p className="sign-next">
          {words.time(next.fromMs, nowMs)} {clean(next.label)}
        </p>
      )}
      <p className="sign-age">{words.t("stale", { time: words.time(nowMs, nowMs) })}</p>
    </div>
  );
}
