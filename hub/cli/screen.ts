/** `koprade screen`: screens on walls and the tablet at the desk, each with a link of its own. */
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
  summary: "screens on walls, and the tablet at the desk: links without an account",
  verbs: {
    list: listing({
      summary: "list the screens and until when their links hold",
      args: {},
      examples: ["koprade screen list", "koprade screen list --json"],
      header: ["SCREEN", "KIND", "SHOWS", "LANGUAGES", "LINK UNTIL"],
      none: "No screens. Make one: koprade screen add entrance --show machines,today",
      rows: (_given, site) => site.ledger.read.screens(),
      line: (row, site) => [row.screen, row.kind, shows(row), row.languages.join(", "), until(row, site)],
    }),
    add: changing({
      change: "addScreen",
      summary: "make a link for a wall (nobody's name is on it), or for the tablet at the desk",
      args: {
        screen: { type: "positional", required: true, description: "a name such as entrance" },
        show: { type: "string", valueHint: "a,b", description: `what a wall shows in turn: ${boards.join(", ")}` },
        kiosk: { type: "boolean", description: "it is the tablet at the desk" },
        reader: { type: "string", valueHint: "place", description: "door or machine whose reader the tablet listens to" },
        lang: { type: "string", valueHint: "a,b", description: "languages in turn (default that of the space)" },
        days,
      },
      examples: [
        "koprade screen add entrance --show machines,today,month --lang lv,en",
        "koprade screen add desk --kiosk --reader front-door",
      ],
      input: (given, site) => ({
        screen: given.screen,
        kind: given.kiosk === true ? "kiosk" : "wall",
        boards: parts(given.show).map((word) => oneOf(boards, "--show", word)),
        languages:
          given.lang === undefined ? [site.ledger.read.site().locale] : parts(given.lang).map((word) => oneOf(languages, "--lang", word)),
        reader: given.reader ?? null,
        untilMs: endOf(given.days, site),
      }),
      says: (input, result) => linkOf(input.kind, result),
    }),
    renew: changing({
      change: "renewScreen",
      summary: "make another link for a screen; the old one ends at once",
      args: { screen: name, days },
      examples: ["koprade screen renew entrance --days 730"],
      input: (given, site) => ({ screen: given.screen, untilMs: endOf(given.days, site) }),
      says: (input, result, site) => linkOf(site.ledger.read.screens().find((row) => row.screen === input.screen)?.kind ?? "wall", result),
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
function linkOf(kind: ScreenRow["kind"], { screen, token }: { readonly screen: string; readonly token: string }): string {
  const path = kind === "wall" ? `/wall/${screen}` : `/kiosk/${screen}`;
  return `Open this on the screen, with the hub's address in front. It is shown only now:\n${path}?token=${token}`;
}

const shows = (row: ScreenRow): string => (row.kind === "wall" ? row.boards.join(", ") : `cards at ${row.reader ?? "no reader"}`);
const until = (row: ScreenRow, { nowMs, wall }: Site): string => (row.untilMs <= nowMs ? `ended ${wall(row.untilMs)}` : wall(row.untilMs));

function oneOf<const T extends readonly string[]>(known: T, option: string, word: string): T[number] {
  const found = known.find((one) => one === word);
  if (found === undefined) throw badUsage(`${option} cannot be "${word}"; give some of ${known.join(", ")}.`);
  return found;
}
