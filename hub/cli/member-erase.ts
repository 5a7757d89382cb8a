/** `koprade member erase`: whoever asks to be forgotten is; what happened stays, under numbers that say nothing of them. */
import { changing, reasonArg as reason, theMemberArg } from "./change.ts";
import { badUsage } from "./command.ts";

export const erase = changing({
  change: "eraseMember",
  summary: "erase a person for good; hours and people of past months stay as they were counted",
  args: { member: theMemberArg, reason, "for-good": { type: "boolean", description: "yes: nobody can bring them back" } },
  examples: ["koprade member erase 'Ada Ozola' --reason 'asked by mail' --for-good"],
  input(given, site) {
    const member = site.member("<member>", given.member);
    if (given["for-good"] !== true) throw badUsage("--for-good is missing: whoever is erased cannot be brought back.");
    return { member, reason: given.reason };
  },
  says: ({ member }, { periods }) =>
    `Member ${member} is erased. ${periods} periods keep a number of their own. Older backups still hold the name: let them go, too.`,
});
