/** `koprade screen`: screens on walls and tablets at desks, each with a link of its own. */
import { boards } from "../ledger/inputs-screens.ts";
import type { ScreenRow } from "../ledger/screens.ts";
import { changing, listing, type Site } from "./change.ts";
import { badUsage, type Noun } from "./command.ts";
import { list as parts, wholeNumber } from "./values.ts";

const dayMs = 86_400_000;
const languages = ["en", "lv", "sv", "nb"] as const;
const name = { type: "positional", required: true, description: "name of the screen (koprade screen list)" } as const;
const days = { type: "string", default: "365", valueHint: "days", description: "how long the link holds, 1 to 730" } as const;
const endOf = (text: string, { nowMs }: Site): number => nowMs + wholeNumber("--days", text, 1, 730) * dayMs;

export const screen: Noun = {
  summary: "screens on walls and the tablet at the desk: links without an account",
  verbs: {
    list: listing({
      summary: "list the screens and until when their links hold",
      args: {},
      examples: ["koprade screen list", "koprade screen list --json"],
      header: ["SCREEN", "SHOWS", "LANGUAGES", "LINK UNTIL"],
      none: "No screens. Make one: koprade screen add entrance --show machines,today",
      rows: (_given, site) => site.ledger.read.screens(),
      line: (row, site) => [
        row.screen,
        [...row.boards, ...(row.reader === null ? [] : [`cards at ${row.reader}`])].join(", "),
        row.languages.join(", "),
        until(row, site),
      ],
    }),
    add: changing({
      change: "addScreen",
      summary: "make a link for a wall; nobody's name is on it",
      args: {
        screen: { type: "positional", required: true, description: "a name such as entrance" },
        show: {
          type: "string",
          required: true,
          valueHint: "a,b",
          description: `what a wall shows in turn: ${boards.join(", ")}; or kiosk, the tablet at the desk`,
        },
        reader: { type: "string", valueHint: "place", description: "door or machine whose reader stands beside the kiosk" },
        lang: { type: "string", valueHint: "a,b", description: "languages in turn (default that of the space)" },
        days,
      },
      examples: [
        "koprade screen add entrance --show machines,today,month --lang lv,en",
        "koprade screen add desk --show kiosk --reader front-door",
      ],
      input: (given, site) => ({
        screen: given.screen,
        boards: parts(given.show).map((word) => oneOf([...boards, "kiosk"] as const, "--show", word)),
        languages:
          given.lang === undefined ? [site.ledger.read.site().locale] : parts(given.lang).map((word) => oneOf(languages, "--lang", word)),
        reader: given.reader ?? null,
        untilMs: endOf(given.days, site),
      }),
      says: (input, result) => linkOf(result, input.boards.includes("kiosk")),
    }),
    renew: changing({
      change: "renewScreen",
      summary: "make another link for a screen; the old one ends at once",
      args: { screen: name, days },
      examples: ["koprade screen renew entrance --days 730"],
      input: (given, site) => ({ screen: given.screen, untilMs: endOf(given.days, site) }),
      says: (_input, result, site) => linkOf(result, isKiosk(site, result.screen)),
    }),
    remove: changing({
      change: "removeScreen",
      summary: "end a screen's link at once",
      args: { screen: name },
      examples: ["koprade screen remove entrance"],
      input: (given) => ({ screen: given.screen }),
      says: (input) => `Screen ${input.screen} is gone, and its link with it.`,
    }),
  },
  byDefault: "list",
};

const isKiosk = ({ ledger }: Site, screen: string): boolean =>
  ledger.read.screens().some((row) => row.screen === screen && row.boards.includes("kiosk"));

/** The only time the link is seen. */
function linkOf({ screen, token }: { readonly screen: string; readonly token: string }, kiosk: boolean): string {
  const path = kiosk ? "kiosk" : "wall";
  return `Open this on the screen, with the hub's address in front. It is shown only now:\n/${path}/${screen}?token=${token}`;
}

const until = (row: ScreenRow, { nowMs, wall }: Site): string => (row.untilMs <= nowMs ? `ended ${wall(row.untilMs)}` : wall(row.untilMs));

function oneOf<const T extends readonly string[]>(known: T, option: string, word: string): T[number] {
  const found = known.find((one) => one === word);
  if (found === undefined) throw badUsage(`${option} cannot be "${word}"; give some of ${known.join(", ")}.`);
  return found;
}
