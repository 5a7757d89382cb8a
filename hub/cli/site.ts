/** `koprade site`: what holds for the whole space and has no noun of its own. */
import { changing, listing } from "./change.ts";
import { badUsage, type Noun } from "./command.ts";
import { changedSettingsOf } from "./machine.ts";
import { applySite, diffSite, exportSite } from "./site-file.ts";
import { wholeNumber } from "./values.ts";

export const site: Noun = {
  summary: "the space: its name, language, time zone and age of adults",
  verbs: {
    set: changing({
      change: "setSite",
      summary: "change the name, language, time zone, age of adults or a constant of all doors and machines",
      args: {
        name: { type: "string", valueHint: "text", description: "name of the space on screens and reports" },
        locale: { type: "enum", options: ["en", "lv", "sv", "nb"], description: "language of the space" },
        tz: { type: "string", valueHint: "zone", description: "time zone such as Europe/Riga" },
        "adult-age": { type: "string", valueHint: "years", description: "younger people are minors" },
        set: {
          type: "string",
          valueHint: "name=value,…",
          description: "constants such as readerHoldMs=2000; without a value, one goes away",
        },
      },
      examples: [
        "koprade site set --name 'Ozo lab' --locale lv --tz Europe/Riga",
        "koprade site set --adult-age 18",
        "koprade site set --set windowMs=20000",
      ],
      input(given) {
        const age = given["adult-age"];
        const change = {
          ...(given.name === undefined ? {} : { name: given.name }),
          ...(given.locale === undefined ? {} : { locale: given.locale }),
          ...(given.tz === undefined ? {} : { tz: given.tz }),
          ...(age === undefined ? {} : { adultAge: wholeNumber("--adult-age", age, 1, 30) }),
          ...(given.set === undefined ? {} : { settings: changedSettingsOf(given.set) }),
        };
        if (Object.keys(change).length === 0) throw badUsage("Say what to change: --name, --locale, --tz, --adult-age or --set.");
        return change;
      },
      says: () => "The space is changed.",
    }),
    export: exportSite,
    diff: diffSite,
    apply: applySite,
    show: listing({
      summary: "show what holds for the whole space",
      args: {},
      examples: ["koprade site show"],
      header: ["FACT", "VALUE"],
      none: "Nothing is known of the space.",
      rows: (_given, { ledger }) => Object.entries(ledger.read.site()).map(([fact, value]) => ({ fact, value })),
      line: ({ fact, value }) => [fact, value === null ? "–" : typeof value === "object" ? settingsText(value) : String(value)],
    }),
  },
};

const settingsText = (settings: object): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(",") || "–";
