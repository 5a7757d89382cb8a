/** `koprade screen`: screens on walls, each with a link of its own. */
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
  summary: "screens on walls: links without an account",
  verbs: {
    list: listing({
      summary: "list the screens and until when their links hold",
      args: {},
      examples: ["koprade screen list", "koprade screen list --json"],
      header: ["SCREEN", "SHOWS", "LANGUAGES", "LINK UNTIL"],
      none: "No screens. Make one: koprade screen add entrance --show machines,today",
      rows: (_given, site) => site.ledger.read.screens(),
      line: (row, site) => [row.screen, row.boards.join(", "), row.languages.join(", "), until(row, site)],
    }),
    add: changing({
      change: "addScreen",
      summary: "make a link for a wall; nobody's name is on it",
      args: {
        screen: { type: "positional", required: true, description: "a name such as entrance" },
        show: { type: "string", required: true, valueHint: "a,b", description: `what a wall shows in turn: ${boards.join(", ")}` },
        lang: { type: "string", valueHint: "a,b", description: "languages in turn (default that of the space)" },
        days,
      },
      examples: ["koprade screen add entrance --show machines,today,month --lang lv,en"],
      input: (given, site) => ({
        screen: given.screen,
        boards: parts(given.show).map((word) => oneOf(boards, "--show", word)),
        languages:
          given.lang === undefined ? [site.ledger.read.site().locale] : parts(given.lang).map((word) => oneOf(languages, "--lang", word)),
        untilMs: endOf(given.days, site),
      }),
      says: (_input, result) => linkOf(result),
    }),
    renew: changing({
      change: "renewScreen",
      summary: "make another link for a screen; the old one ends at once",
      args: { screen: name, days },
      examples: ["koprade screen renew entrance --days 730"],
      input: (given, site) => ({ screen: given.screen, untilMs: endOf(given.days, site) }),
      says: (_input, result) => linkOf(result),
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

/** The only time the link is seen. */
function linkOf({ screen, token }: { readonly screen: string; readonly token: string }): string {
  return `Open this on the screen, with the hub's address in front. It is shown only now:\n/wall/${screen}?token=${token}`;
}

const until = (row: ScreenRow, { nowMs, wall }: Site): string => (row.untilMs <= nowMs ? `ended ${wall(row.untilMs)}` : wall(row.untilMs));

function oneOf<const T extends readonly string[]>(known: T, option: string, word: string): T[number] {
  const found = known.find((one) => one === word);
  if (found === undefined) throw badUsage(`${option} cannot be "${word}"; give some of ${known.join(", ")}.`);
  return found;
}
