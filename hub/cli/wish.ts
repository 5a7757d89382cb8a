/** `koprade wish`: who would like to learn a course, or to be told when a machine is free. */
import { changing, listing, memberArg as member } from "./change.ts";
import type { Noun } from "./command.ts";
import { wholeNumber } from "./values.ts";

export const wish: Noun = {
  summary: "who would like to learn a course, or to hear when a machine is free",
  verbs: {
    add: changing({
      change: "addWish",
      summary: "note a wish; one for a machine that is in use is told once when it is free",
      args: {
        member,
        course: { type: "string", valueHint: "name", description: "a course to be learned" },
        machine: { type: "string", valueHint: "machine", description: "a machine that is in use now" },
      },
      examples: ["koprade wish add --member 'Ada Ozola' --course laser", "koprade wish add --member 'Ada Ozola' --machine laser-1"],
      input: (given, site) => ({
        member: site.member("--member", given.member),
        course: given.course ?? null,
        machine: given.machine ?? null,
      }),
      says: (input, result, site) => `Wish ${result.wish}: ${site.name(input.member)}, ${input.course ?? input.machine}.`,
    }),
    end: changing({
      change: "endWish",
      summary: "end a wish that is fulfilled or was a mistake",
      args: { wish: { type: "positional", required: true, description: "its number (koprade wish list)" } },
      examples: ["koprade wish end 3"],
      input: (given) => ({ wish: wholeNumber("<wish>", given.wish, 1, 1e9) }),
      says: (input) => `Wish ${input.wish} is over.`,
    }),
    list: listing({
      summary: "list the wishes that are open",
      args: {},
      examples: ["koprade wish list"],
      header: ["WISH", "WHO", "FOR", "SINCE"],
      none: "Nobody has a wish on record. Note one with: koprade wish add",
      rows: (_given, site) => site.ledger.read.wishes(),
      line: (row, site) => [String(row.wish), site.name(row.member), row.course ?? row.machine ?? "", site.wall(row.atMs)],
    }),
  },
};
