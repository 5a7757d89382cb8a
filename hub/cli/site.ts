/** `koprade site`: what holds for the whole space and has no noun of its own. */
import { changing, listing } from "./change.ts";
import { badUsage, type Noun } from "./command.ts";
import { wholeNumber } from "./values.ts";

export const site: Noun = {
  summary: "the space: its name, language, time zone and age of adults",
  verbs: {
    set: changing({
      change: "setSite",
      summary: "change the name, language, time zone or age of adults",
      args: {
        name: { type: "string", valueHint: "text", description: "name of the space on screens and reports" },
        locale: { type: "enum", options: ["en", "lv", "sv", "nb"], description: "language of the space" },
        tz: { type: "string", valueHint: "zone", description: "time zone such as Europe/Riga" },
        "adult-age": { type: "string", valueHint: "years", description: "younger people are minors" },
      },
      examples: ["koprade site set --name 'Ozo lab' --locale lv --tz Europe/Riga", "koprade site set --adult-age 18"],
      input(given) {
        const age = given["adult-age"];
        const change = {
          ...(given.name === undefined ? {} : { name: given.name }),
          ...(given.locale === undefined ? {} : { locale: given.locale }),
          ...(given.tz === undefined ? {} : { tz: given.tz }),
          ...(age === undefined ? {} : { adultAge: wholeNumber("--adult-age", age, 1, 30) }),
        };
        if (Object.keys(change).length === 0) throw badUsage("Say what to change: --name, --locale, --tz or --adult-age.");
        return change;
      },
      says: () => "The space is changed.",
    }),
    show: listing({
      summary: "show what holds for the whole space",
      args: {},
      examples: ["koprade site show"],
      header: ["FACT", "VALUE"],
      none: "Nothing is known of the space.",
      rows: (_given, { ledger }) => Object.entries(ledger.read.site()).map(([fact, value]) => ({ fact, value })),
      line: ({ fact, value }) => [fact, value === null ? "–" : String(value)],
    }),
  },
};
