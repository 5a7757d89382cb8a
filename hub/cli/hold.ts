/** `koprade hold`: what keeps a member out, everywhere or in one place, with a reason and perhaps an end. */
import { changing, listing, reasonArg as reason, siteOf, theMemberArg } from "./change.ts";
import { command, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { date, wholeNumber } from "./values.ts";

const at = { type: "string", valueHint: "place", description: "only at this door, machine or zone (default everywhere)" } as const;

const add = command({
  summary: "keep a member out, everywhere or at one place",
  args: {
    member: theMemberArg,
    at,
    reason,
    through: { type: "string", valueHint: "date", description: "last day (default until somebody clears it)" },
  },
  examples: [
    "koprade hold add 'Ada Ozola' --reason 'please talk to us'",
    "koprade hold add 12 --at wood-shop --reason 'left the saw unguarded' --through 2026-12-31",
  ],
  async run(given, context) {
    const through = date("--through", given.through) ?? null;
    return withLedger(context, async (ledger) => {
      const site = siteOf(ledger, context);
      const input = { member: site.member("<member>", given.member), reason: given.reason, through };
      if (given.at === undefined) await ledger.change.addHold(input, context.actor);
      else await ledger.change.restrict({ ...input, place: given.at }, context.actor);
      const until = through === null ? "until somebody clears it" : `through ${through}`;
      return {
        lines: [`${site.name(input.member)} is kept out ${given.at === undefined ? "everywhere" : `at ${given.at}`} ${until}.`],
        json: { ...input, place: given.at ?? null },
      };
    });
  },
});

const clear = command({
  summary: "let a member in again",
  args: { member: theMemberArg, at },
  examples: ["koprade hold clear 'Ada Ozola'", "koprade hold clear 12 --at wood-shop"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const site = siteOf(ledger, context);
      const member = site.member("<member>", given.member);
      if (given.at === undefined) await ledger.change.clearHold({ member }, context.actor);
      else await ledger.change.liftRestriction({ member, place: given.at }, context.actor);
      return {
        lines: [`${site.name(member)} is no longer kept out ${given.at === undefined ? "everywhere" : `at ${given.at}`}.`],
        json: { member, place: given.at ?? null },
      };
    });
  },
});

const list = listing({
  summary: "list holds and restrictions that nobody has cleared",
  args: { member: { type: "string", valueHint: "member", description: "only this member's" } },
  examples: ["koprade hold list"],
  header: ["MEMBER", "WHERE", "THROUGH", "SINCE", "BY", "WHY"],
  none: "Nobody is on hold.",
  rows: (given, site) => site.ledger.read.blocks(given.member === undefined ? undefined : site.member("--member", given.member)),
  line: (row, site) => [site.name(row.member), row.place ?? "everywhere", row.through ?? "–", site.wall(row.atMs), row.by, row.reason],
});

export const hold: Noun = { summary: "what keeps a member out", verbs: { add, clear, list } };

/** `koprade waiver`: the paper everybody signs. */
export const waiver: Noun = {
  summary: "the paper that everybody signs",
  verbs: {
    require: changing({
      change: "setSite",
      summary: "say which revision everybody must have signed",
      args: { revision: { type: "positional", required: true, description: "number of the revision, or none" } },
      examples: ["koprade waiver require 3", "koprade waiver require none"],
      input: (given) => ({ waiverRevision: given.revision === "none" ? null : wholeNumber("<revision>", given.revision, 1, 10_000) }),
      says: (input) =>
        input.waiverRevision === null ? "No waiver is asked for." : `Everybody must have signed revision ${input.waiverRevision}.`,
    }),
    sign: changing({
      change: "signWaiver",
      summary: "record that a member has signed, or take that back",
      args: {
        member: theMemberArg,
        revision: { type: "string", required: true, valueHint: "number", description: "revision that was signed, or none" },
      },
      examples: ["koprade waiver sign 'Ada Ozola' --revision 3"],
      input: (given, site) => ({
        member: site.member("<member>", given.member),
        revision: given.revision === "none" ? null : wholeNumber("--revision", given.revision, 1, 10_000),
      }),
      says: (input, _result, site) =>
        `${site.name(input.member)} has signed ${input.revision === null ? "nothing" : `revision ${input.revision}`}.`,
    }),
  },
};
