/** `koprade training`: what members have learned, and who has said so. */
import { changing, listing, memberArg as member, reasonArg as reason, theMemberArg } from "./change.ts";
import type { Noun } from "./command.ts";
import { date } from "./values.ts";

const course = {
  type: "string",
  required: true,
  valueHint: "course",
  description: "short name of the course (koprade course list)",
} as const;

const grant = changing({
  change: "grantTraining",
  summary: "record what a trainer has seen of a member",
  args: {
    member,
    course,
    by: { type: "string", required: true, valueHint: "member", description: "the trainer who has seen it and signs off" },
    result: {
      type: "enum",
      options: ["passed", "supervised-only", "failed"],
      default: "passed",
      description: "supervised-only works under supervision; failed is kept as evidence",
    },
    on: { type: "string", valueHint: "date", description: "day of the training (default today)" },
    through: { type: "string", valueHint: "date", description: "last valid day (default as the course says)" },
  },
  examples: ["koprade training grant --member 'Ada Ozola' --course laser-basics --by 'Kim Trainer'"],
  input(given, site) {
    const [on, validThrough] = [date("--on", given.on), date("--through", given.through)];
    return {
      member: site.member("--member", given.member),
      course: given.course,
      signedOffBy: site.member("--by", given.by),
      result: given.result === "supervised-only" ? "supervised_only" : given.result,
      ...(on === undefined ? {} : { on }),
      ...(validThrough === undefined ? {} : { validThrough }),
    };
  },
  says(input, { validThrough }, site) {
    const until = validThrough === null ? "without an end" : `until ${validThrough}`;
    return `${site.name(input.member)}: ${(input.result ?? "passed").replace("_", " ")} in ${input.course}, ${until}.`;
  },
});

const about = (
  given: { readonly member: string; readonly course: string; readonly reason: string },
  find: (option: string, text: string) => number,
) => ({
  member: find("--member", given.member),
  course: given.course,
  reason: given.reason,
});

const revoke = changing({
  change: "revokeTraining",
  summary: "take a training back",
  args: { member, course, reason },
  examples: ["koprade training revoke --member 12 --course laser-basics --reason 'needs a refresher'"],
  input: (given, site) => about(given, site.member),
  says: (input, _result, site) => `${site.name(input.member)} no longer has ${input.course}.`,
});

const restore = changing({
  change: "restoreTraining",
  summary: "bring back the training that was taken back last",
  args: { member, course, reason },
  examples: ["koprade training restore --member 12 --course laser-basics --reason 'revoked by mistake'"],
  input: (given, site) => about(given, site.member),
  says: (input, _result, site) => `${site.name(input.member)} has ${input.course} again.`,
});

const suspend = changing({
  change: "suspendTraining",
  summary: "let a training count for nothing until it is resumed",
  args: { member, course, reason },
  examples: ["koprade training suspend --member 12 --course laser-basics --reason 'left it running alone'"],
  input: (given, site) => about(given, site.member),
  says: (input, _result, site) => `The training of ${site.name(input.member)} in ${input.course} is suspended.`,
});

const resume = changing({
  change: "resumeTraining",
  summary: "let a suspended training count again",
  args: { member, course, reason },
  examples: ["koprade training resume --member 12 --course laser-basics --reason 'talked about it'"],
  input: (given, site) => about(given, site.member),
  says: (input, _result, site) => `The training of ${site.name(input.member)} in ${input.course} counts again.`,
});

const undo = changing({
  change: "undoTraining",
  summary: "take back the last sign-off, within ten minutes of it",
  args: { member, course },
  examples: ["koprade training undo --member 12 --course laser-basics"],
  input: (given, site) => ({ member: site.member("--member", given.member), course: given.course }),
  says: (input, { result }, site) => `Undone: ${site.name(input.member)}, ${result.replace("_", " ")} in ${input.course}.`,
});

const list = listing({
  summary: "list the trainings of a member",
  args: { member: theMemberArg },
  examples: ["koprade training list 'Ada Ozola'"],
  header: ["COURSE", "REVISION", "RESULT", "SINCE", "UNTIL", "SIGNED OFF BY"],
  none: "No training.",
  rows: (given, site) => site.ledger.read.trainings(site.member("<member>", given.member)),
  line: (row, site) => [
    row.course,
    String(row.rev),
    row.revokedMs !== null ? "taken back" : row.suspendedMs !== null ? "suspended" : row.result.replace("_", " "),
    row.on,
    row.validThrough ?? "–",
    site.name(row.signedOffBy),
  ],
});

export const training: Noun = { summary: "who may use what", verbs: { grant, revoke, restore, suspend, resume, undo, list } };
