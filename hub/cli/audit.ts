/** `koprade audit`: who has changed what. Names and card numbers do not stand there. */
import { listing } from "./change.ts";
import { command, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { wholeNumber } from "./values.ts";

const readMost = 100_000;
const shownMost = 100;

const verify = command({
  summary: "check that no entry was changed, removed or put elsewhere afterwards",
  args: {},
  examples: ["koprade audit verify"],
  async run(_given, context) {
    return withLedger(context, async ({ read }) => {
      const [broken, entries] = [read.brokenAudit(), read.audit(1)[0]?.n ?? 0];
      return broken === null
        ? { lines: [`The record is whole: ${entries} entries, each following from the one before.`], json: { entries, broken } }
        : {
            lines: [`Entry ${broken} does not follow from the one before: somebody has written into the file. Compare it with a backup.`],
            json: { entries, broken },
            exit: 1,
          };
    });
  },
});

export const audit: Noun = {
  summary: "who has changed what",
  byDefault: "list",
  verbs: {
    list: listing({
      summary: "list what was changed, newest first",
      args: {
        about: { type: "string", valueHint: "name", description: 'only about this, such as laser-1 or "member 12"' },
        by: { type: "string", valueHint: "actor", description: "only by this one, such as cli:kim" },
        limit: { type: "string", default: "50", valueHint: "number", description: "at most so many" },
      },
      examples: ["koprade audit", "koprade audit list --about laser-1"],
      header: ["ENTRY", "WHEN", "BY", "COMMAND", "ABOUT", "WHAT"],
      none: "Nothing was changed.",
      rows({ about, by, limit }, { ledger }) {
        const most = wholeNumber("--limit", limit, 1, readMost);
        return ledger.read
          .audit(readMost)
          .filter(
            ({ target, actor }) => (about === undefined || target === about || target.endsWith(` ${about}`)) && actor === (by ?? actor),
          )
          .slice(0, most);
      },
      line: ({ n, atMs, actor, action, target, detail }, site) => [
        String(n),
        site.wall(atMs),
        actor,
        action,
        target,
        detail.length > shownMost ? `${detail.slice(0, shownMost)}…` : detail,
      ],
    }),
    verify,
  },
};
