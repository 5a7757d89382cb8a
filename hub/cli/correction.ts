/** `koprade correction`: a session ended at another time than its node told, says its member; a manager grants or refuses. */
import type { CorrectionRow } from "../ledger/corrections.ts";
import { changing, listing, memberArg, reasonArg as reason, theMemberArg } from "./change.ts";
import type { Noun } from "./command.ts";
import { wholeNumber } from "./values.ts";

const number = { type: "positional", required: true, description: "its number (koprade correction list)" } as const;
const numberOf = (text: string): number => wholeNumber("<correction>", text, 1, 1e9);
const closed = "A month that is closed keeps what it was closed with, until `koprade report revise` makes a revision.";

const ask = changing({
  change: "askCorrection",
  summary: "ask for another end of a session of one's own",
  args: {
    session: { type: "positional", required: true, description: "the session (koprade correction sessions)" },
    member: memberArg,
    to: { type: "string", required: true, valueHint: "time", description: "when it ended: local time such as 2026-11-10T13:30" },
    reason,
  },
  examples: ["koprade correction ask 01JC… --member 'Ada Ozola' --to 2026-11-10T13:30 --reason 'forgot to log out'"],
  input: (given, site) => ({
    member: site.member("--member", given.member),
    session: given.session,
    toMs: site.instant("--to", given.to),
    reason: given.reason,
  }),
  says: (_input, { correction }) => `Correction ${correction} is asked for; a manager answers it.`,
});

const grant = changing({
  change: "grantCorrection",
  summary: "grant a correction that somebody else asked for",
  args: { correction: number, reason },
  examples: ["koprade correction grant 3 --reason 'the door says the same'"],
  input: (given) => ({ correction: numberOf(given.correction), reason: given.reason }),
  says: (input, { member }, site) => `Correction ${input.correction} of ${site.name(member)} is granted. ${closed}`,
});

const refuse = changing({
  change: "refuseCorrection",
  summary: "refuse a correction that somebody else asked for",
  args: { correction: number, reason },
  examples: ["koprade correction refuse 3 --reason 'the machine was running until then'"],
  input: (given) => ({ correction: numberOf(given.correction), reason: given.reason }),
  says: (input, { member }, site) => `Correction ${input.correction} of ${site.name(member)} is refused; they may ask again.`,
});

const outcome = (row: CorrectionRow): string => (row.outcome === null ? "asked" : `${row.outcome}: ${row.answer}`);

export const correction: Noun = {
  summary: "other ends of sessions, asked for by members and answered by a manager",
  verbs: {
    list: listing({
      summary: "list corrections with their answers, the newest first",
      args: {
        member: { type: "string", valueHint: "member", description: "only those of this member" },
        open: { type: "boolean", description: "only those that wait for an answer" },
      },
      examples: ["koprade correction list --open", "koprade correction list --member 'Ada Ozola' --json"],
      header: ["NUMBER", "MEMBER", "MACHINE", "BEGAN", "ENDED", "SAID TO END", "WHY", "OUTCOME"],
      none: "No correction was asked for.",
      rows: (given, site) =>
        site.ledger.read.corrections({
          open: given.open === true,
          ...(given.member === undefined ? {} : { member: site.member("--member", given.member) }),
        }),
      line: (row, site) => [
        String(row.correction),
        site.name(row.member),
        row.machine,
        site.wall(row.startMs),
        row.wasMs === null ? "–" : site.wall(row.wasMs),
        site.wall(row.toMs),
        row.reason,
        outcome(row),
      ],
    }),
    sessions: listing({
      summary: "list the sessions of a member with their names, the newest first",
      args: { member: theMemberArg, limit: { type: "string", default: "20", valueHint: "number", description: "at most so many" } },
      examples: ["koprade correction sessions 'Ada Ozola'"],
      header: ["SESSION", "MACHINE", "BEGAN", "ENDED", "HOW"],
      none: "They have no session yet.",
      rows: (given, site) =>
        site.ledger.read.sessions({
          member: site.member("<member>", given.member),
          limit: wholeNumber("--limit", given.limit, 1, 10_000),
        }),
      line: (row, site) => [
        row.session,
        row.machine,
        site.wall(row.startedMs),
        row.endedMs === null ? "–" : site.wall(row.endedMs),
        row.reason ?? "open",
      ],
    }),
    ask,
    grant,
    refuse,
  },
  byDefault: "list",
};
