/** `koprade member share`, `ask-erasure`, `keep`, `erasures`: what members decide about themselves, at the desk for whoever asks there. */
import { changing, listing, theMemberArg } from "./change.ts";
import { badUsage } from "./command.ts";

export const share = changing({
  change: "setSharing",
  summary: "say who may see that a member is in the space; nobody, unless they choose otherwise",
  args: {
    member: theMemberArg,
    presence: {
      type: "enum",
      options: ["nobody", "members", "alias"],
      required: true,
      description: "members see the name; alias: the name given",
    },
    alias: { type: "string", valueHint: "name", description: "what they want to be called, with alias" },
  },
  examples: ["koprade member share 'Ada Ozola' --presence members", "koprade member share 12 --presence alias --alias Fox"],
  input(given, site) {
    const { presence, alias = null } = given;
    if (presence !== "nobody" && presence !== "members" && presence !== "alias") throw badUsage("--presence is missing.");
    if ((presence === "alias") !== (alias !== null)) throw badUsage("--alias belongs to --presence alias, and is needed there.");
    return { member: site.member("<member>", given.member), presence, alias };
  },
  says: ({ member, presence }, _result, site) =>
    `${site.name(member)} is seen by ${presence === "alias" ? "members under the alias" : presence}.`,
});

export const askErasure = changing({
  change: "askErasure",
  summary: "note that a member asks to be forgotten; a manager looks at it",
  args: { member: theMemberArg, reason: { type: "string", valueHint: "text", description: "in their own words" } },
  examples: ["koprade member ask-erasure 'Ada Ozola' --reason 'moves away'"],
  input: (given, site) => ({
    member: site.member("<member>", given.member),
    ...(given.reason === undefined ? {} : { reason: given.reason }),
  }),
  says: ({ member }, _result, site) =>
    `${site.name(member)} asks to be forgotten. Do it: koprade member erase ${member} --reason … --for-good`,
});

export const keep = changing({
  change: "takeBackErasure",
  summary: "take back that a member asks to be forgotten",
  args: { member: theMemberArg },
  examples: ["koprade member keep 'Ada Ozola'"],
  input: (given, site) => ({ member: site.member("<member>", given.member) }),
  says: ({ member }, _result, site) => `${site.name(member)} stays.`,
});

export const erasures = listing({
  summary: "list who asks to be forgotten, longest first",
  args: {},
  examples: ["koprade member erasures --json"],
  header: ["MEMBER", "ASKED", "REASON"],
  none: "Nobody asks to be forgotten.",
  rows: (_given, site) => site.ledger.read.erasureRequests(),
  line: (row, site) => [site.name(row.member), site.wall(row.askedMs), row.reason],
});
