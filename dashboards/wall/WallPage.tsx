/** One screen on a wall: its boards in turn, in its languages in turn; and what nobody may miss above everything. */
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { MonthBoard, OpenNow, Printers, Sign, Today } from "./boards.tsx";
import type { Wall, WallStore } from "./live.ts";
import { Machines, tilesPerPage } from "./Machines.tsx";
import { clean, type Sight, sightOf } from "./sight.ts";
import type { Board, Language, Screen } from "./wire.ts";
import { type Words, wordsOf } from "./words.ts";

/** The hub sends a beat every 5 s: one may be late. Within 10 s of the last word the wall says that it is old (experience.md §7). */
const silentMostMs = 7500;
const brokenMostMs = 2500;
const stepMsUsual = 15_000;
const stepMsMax = 3_600_000;
/** A picture that never moves burns itself into some screens. */
const shifts = ["0 0", "3px 0", "3px 3px", "0 3px", "-3px 3px", "-3px 0", "-3px -3px", "0 -3px"] as const;

type Step = { readonly board: Board; readonly page: number; readonly language: Language };

/** `everyS`: for how long a board stays, in seconds, as the address may say. */
export function WallPage(props: { readonly store: WallStore; readonly path: string; readonly query: string; readonly everyS: number }) {
  const { store, path, query, everyS } = props;
  const stepMs = everyS >= 1 ? Math.min(everyS * 1000, stepMsMax) : stepMsUsual;
  const wall = useSyncExternalStore(store.subscribe, store.get);
  const now = useTick();
  const steps = useMemo(() => stepsOf(wall.screen, wall.picture?.machines.length ?? 0), [wall.screen, wall.picture?.machines.length]);
  const turning = useTurning(steps.length, stepMs);
  const step = steps[turning.at % steps.length] ?? { board: "machines", page: 0, language: "en" };
  const zone = wall.picture?.site.zone ?? "UTC";
  const words = useMemo(() => wordsOf(step.language, zone), [step.language, zone]);
  useEffect(() => {
    document.documentElement.lang = step.language;
  }, [step.language]);

  if (wall.ended && wall.heardAt === null) return <Notice title={words.t("ended")} text={words.t("ended_next", { name: nameIn(path) })} />;
  if (wall.picture === undefined) return <Notice title={words.t("never")} text="" />;
  const nowMs = Date.now() + wall.offsetMs;
  const { deafSinceMs } = wall.picture.site;
  const staleMs = Math.max(staleFor(wall, now), deafSinceMs === null ? 0 : nowMs - deafSinceMs);
  const sight = sightOf({ words, picture: wall.picture, nowMs, staleMs });
  const { site } = wall.picture;
  if (site.mode === "evacuate") return <Evacuation sight={sight} staleMs={staleMs} />;
  const hour = Number(new Intl.DateTimeFormat("en-GB", { hour: "2-digit", timeZone: zone, hourCycle: "h23" }).format(nowMs));
  const isNight = hour >= 22 || hour < 6;
  const shift = shifts[Math.floor(nowMs / 60_000) % shifts.length] ?? "0 0";
  return (
    <div
      className="wall"
      data-stale={staleMs > 0 || undefined}
      data-night={isNight || undefined}
      data-board={step.board}
      style={step.board === "sign" ? {} : { translate: shift }}
    >
      {staleMs > 0 && <Stale words={words} fromMs={nowMs - staleMs} ended={wall.ended} name={nameIn(path)} />}
      {site.mode === "lockdown" && (
        <div className="banner" role="alert">
          {words.t("lockdown")}
        </div>
      )}
      {step.board === "sign" ? (
        <main>
          <Sign sight={sight} />
        </main>
      ) : (
        <>
          <Head sight={sight} board={step.board} turning={turning} steps={steps.length} />
          <main>
            <Shown sight={sight} step={step} monthPath={`${path}/month${query}`} />
          </main>
        </>
      )}
    </div>
  );
}

function Shown({ sight, step, monthPath }: { readonly sight: Sight; readonly step: Step; readonly monthPath: string }) {
  switch (step.board) {
    case "machines":
      return <Machines sight={sight} page={step.page} />;
    case "today":
      return <Today sight={sight} />;
    case "printers":
      return <Printers sight={sight} />;
    case "month":
      return <MonthBoard sight={sight} path={monthPath} />;
    case "sign":
      return <Sign sight={sight} />;
  }
}

function Head(props: { readonly sight: Sight; readonly board: Board; readonly turning: Turning; readonly steps: number }) {
  const { words, picture, nowMs } = props.sight;
  const { turning } = props;
  return (
    <header>
      <h1>
        {clean(picture.site.name)} <span>{words.t(props.board === "sign" ? "board.today" : `board.${props.board}`)}</span>
      </h1>
      {picture.site.simulated && <span className="tag">{words.t("simulated")}</span>}
      {props.board !== "today" && <OpenNow sight={props.sight} />}
      {props.steps > 1 && (
        <button type="button" onClick={turning.toggle} aria-pressed={turning.held}>
          {words.t(turning.held ? "resume" : "pause")}
        </button>
      )}
      <time className="clock">{words.time(nowMs, nowMs)}</time>
    </header>
  );
}

function Stale(props: { readonly words: Words; readonly fromMs: number; readonly ended: boolean; readonly name: string }) {
  const { words } = props;
  return (
    <div className="banner" role="alert" data-testid="stale">
      <strong>{words.t("stale", { time: words.seconds(props.fromMs) })}</strong>{" "}
      <span>{props.ended ? `${words.t("ended")} ${words.t("ended_next", { name: props.name })}` : words.t("stale_long")}</span>
    </div>
  );
}

function Evacuation({ sight, staleMs }: { readonly sight: Sight; readonly staleMs: number }) {
  const { words, nowMs } = sight;
  return (
    <main className="evacuate" role="alert" data-testid="evacuate">
      <h1>{words.t("evacuate")}</h1>
      <p>{words.t("evacuate_next")}</p>
      {staleMs > 0 && <p>{words.t("stale", { time: words.seconds(nowMs - staleMs) })}</p>}
    </main>
  );
}

export function Notice({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <main className="notice">
      <h1>{title}</h1>
      <p>{text}</p>
    </main>
  );
}

const nameIn = (path: string): string => decodeURIComponent(path.split("/")[3] ?? "");

/** For how long nothing was heard, once that is too long to be believed; 0 while the picture is fresh. */
function staleFor({ heardAt, connected }: Wall, now: number): number {
  const silentMs = heardAt === null ? 0 : now - heardAt;
  return silentMs > silentMostMs || (!connected && silentMs > brokenMostMs) ? silentMs : 0;
}

function stepsOf(screen: Screen | undefined, machines: number): readonly Step[] {
  if (screen === undefined) return [{ board: "machines", page: 0, language: "en" }];
  return screen.boards.flatMap((board) => {
    const pages = board === "machines" ? Math.max(1, Math.ceil(machines / tilesPerPage)) : 1;
    return Array.from({ length: pages }, (_, page) => page).flatMap((page) =>
      screen.languages.map((language) => ({ board, page, language })),
    );
  });
}

type Turning = { readonly at: number; readonly held: boolean; toggle(): void };

/** From step to step, unless somebody holds it to read on (WCAG 2.2.2). */
function useTurning(steps: number, stepMs: number): Turning {
  const [at, setAt] = useState(0);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || steps < 2) return;
    const timer = setInterval(() => setAt((now) => now + 1), stepMs);
    return () => clearInterval(timer);
  }, [held, steps, stepMs]);
  return { at, held, toggle: () => setHeld((now) => !now) };
}

function useTick(): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
