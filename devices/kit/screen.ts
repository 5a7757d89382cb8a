/**
 * What a small display says: why and what to do next in the node's language, and otherwise the name of the door or machine and how it
 * stands. Never a person: the texts are of the catalogue, and what it tells one it tells all who stand there.
 *
 *   idle ── say ──▶ page 1 ─ 2.5 s ─▶ page 2 … ─ 8 s after the word ─▶ idle
 */
import type { ResourceFacts } from "#contract";
import { type IdleKey, idleText, type Locale, nextText, type SayKey, shortText } from "#core";
import type { Node } from "./node.ts";
import type { Log } from "./ports.ts";

export type IdleFacts = {
  /** as the hub names the door or machine; null before the first snapshot */
  readonly label: string | null;
  readonly key: IdleKey | SayKey;
  readonly locale: Locale;
  readonly nextStep: ResourceFacts["nextStep"];
};
export type Screen = {
  /** @param forMs  8 s unless said */
  say(key: SayKey, forMs?: number): void;
  /** Name and state; shown at once unless somebody is being told something. */
  idle(facts: IdleFacts): void;
};
export type ScreenGiven = {
  readonly columns: number;
  readonly rows: number;
  /** shown until the hub has given it a name */
  readonly name: string;
  /** the language of the node's file; wins over the space's */
  readonly language: Locale | undefined;
  readonly show: (lines: readonly string[]) => void;
  /** Calls once, after so long; gives what takes it back. */
  readonly after: (delayMs: number, run: () => void) => () => void;
};

/** What the hub has said of this door or machine, and in which language the space speaks. */
export function idleFactsOf(node: Pick<Node, "snapshots" | "config">, ch: string, key: IdleFacts["key"]): IdleFacts {
  const channel = node.snapshots.current()?.header.channels[ch];
  return { label: channel?.label ?? null, key, locale: node.config()?.language ?? "en", nextStep: channel?.nextStep ?? {} };
}

export const pageMs = 2500;
export const sayMs = 8000;

export function createScreen(given: ScreenGiven): Screen {
  const { columns, rows, show, after } = given;
  let facts: IdleFacts = { label: null, key: "wait", locale: "en", nextStep: {} };
  let cancelEnd: (() => void) | null = null;
  let cancelTurn = (): void => undefined;
  const locale = (): Locale => given.language ?? facts.locale;

  const showIdle = (): void => {
    const [name = [], state = []] = [facts.label ?? given.name, idleText(facts.key, locale())].map((text) => wrap(text, columns));
    show(rows > 2 ? [...name.slice(0, 2), ...state.slice(0, 2)] : [name[0] ?? "", state[0] ?? ""]);
  };
  const turn = (pages: readonly (readonly string[])[], at: number): void => {
    show(pages[at % pages.length] ?? []);
    if (pages.length > 1) cancelTurn = after(pageMs, () => turn(pages, at + 1));
  };
  showIdle();
  return {
    say(key, forMs = sayMs) {
      cancelEnd?.();
      cancelTurn();
      turn(pagesOf(key, locale(), facts.nextStep, { columns, rows }), 0);
      cancelEnd = after(forMs, () => {
        cancelEnd = null;
        cancelTurn();
        showIdle();
      });
    },
    idle(next) {
      const { label, key, locale: language } = facts;
      const isSame = next.label === label && next.key === key && next.locale === language;
      facts = next;
      if (cancelEnd === null && !isSame) showIdle();
    },
  };
}

type DisplayLike = { show(lines: readonly string[]): void; onState(listener: (isThere: boolean) => void): unknown };

/** The screen of a node's file on its board's display; a display that goes is told to the log once, and so is its return. */
export function openScreen(
  { node, language }: { readonly node: string; readonly language?: Locale },
  size: Pick<ScreenGiven, "columns" | "rows">,
  display: DisplayLike,
  log: Log,
): Screen {
  let wasThere = true;
  display.onState((isThere) => {
    if (isThere !== wasThere)
      log.warn({}, isThere ? "the display is back" : "the display does not answer: look at its plug, its address and its supply");
    wasThere = isThere;
  });
  const after = (delayMs: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  };
  return createScreen({ columns: size.columns, rows: size.rows, name: node, language, show: (lines) => display.show(lines), after });
}

/** Head and reason first, then what to do next, as many lines at a time as there are. */
export function pagesOf(
  key: SayKey,
  locale: Locale,
  nextStep: ResourceFacts["nextStep"],
  { columns, rows }: Pick<ScreenGiven, "columns" | "rows">,
): readonly (readonly string[])[] {
  const lines = [...shortText(key, locale), nextText(key, locale, nextStep)].flatMap((text) => wrap(text, columns));
  return Array.from({ length: Math.max(1, Math.ceil(lines.length / rows)) }, (_, page) => lines.slice(page * rows, (page + 1) * rows));
}

/** Whole words while they fit; a word that is longer than a line is cut. Nothing gives no line. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter((each) => each !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else for (let at = 0; at < word.length; at += columns) lines.push(word.slice(at, at + columns));
  }
  return lines;
}
