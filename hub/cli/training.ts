/** `koprade training`: who may use what, and who has said so. */
import { command, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { columns } from "./text.ts";
import { date, theMember } from "./values.ts";

const member = { type: "string", required: true, valueHint: "member", description: "number or name of the member" } as const;
const course = {
  type: "string",
  required: true,
  valueHint: "course",
  description: "short name of the course (koprade course list)",
} as const;

const grant = command({
  summary: "record that a member has passed a course",
  args: {
    member,
    course,
    by: { type: "string", required: true, valueHint: "member", description: "who has seen it and signs off" },
    result: {
      type: "enum",
      options: ["passed", "failed", "supervised-only"],
      default: "passed",
      description: "supervised-only works under supervision; failed is kept as evidence",
    },
    on: { type: "string", valueHint: "date", description: "day of the training (default today)" },
    through: { type: "string", valueHint: "date", description: "last valid day (default as the course says)" },
  },
  examples: ["koprade training grant --member 'Ada Ozola' --course laser-basics --by 'Kim Trainer'"],
  async run(given, context) {
    const [on, through] = [date("--on", given.on), date("--through", given.through)];
    return withLedger(context, async (ledger) => {
      const who = theMember(ledger, "--member", given.member);
      const by = theMember(ledger, "--by", given.by);
      const dates = { ...(on === undefined ? {} : { on }), ...(through === undefined ? {} : { validThrough: through }) };
      const result = given.result === "supervised-only" ? ("supervised_only" as const) : given.result;
      const input = { member: who.member, course: given.course, signedOffBy: by.member, result, ...dates };
      const { validThrough } = await ledger.change.grantTraining(input, context.actor);
      const until = validThrough === null ? "without an end" : `until ${validThrough}`;
      return {
        lines: [`${who.displayName} (${who.member}): ${given.result} in ${given.course}, ${until}.`],
        json: { member: who.member, course: given.course, result, validThrough },
      };
    });
  },
});

const revoke = command({
  summary: "take a training back",
  args: { member, course, reason: { type: "string", required: true, valueHint: "text", description: "why, for the record" } },
  examples: ["koprade training revoke --member 12 --course laser-basics --reason 'needs a refresher'"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const who = theMember(ledger, "--member", given.member);
      await ledger.change.revokeTraining({ member: who.member, course: given.course, reason: given.reason }, context.actor);
      return {
        lines: [`${who.displayName} (${who.member}) no longer has ${given.course}.`],
        json: { member: who.member, course: given.course },
      };
    });
  },
});

const list = command({
  summary: "list the trainings of a member",
  args: { member: { type: "positional", required: true, description: "number or name of the member" } },
  examples: ["koprade training list 'Ada Ozola'"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const who = theMember(ledger, "<member>", given.member);
      const rows = ledger.read.trainings(who.member);
      if (rows.length === 0) return { lines: [`${who.displayName} has no training.`], json: [] };
      const lines = columns(
        ["COURSE", "RESULT", "SINCE", "UNTIL", "SIGNED OFF BY"],
        rows.map((row) => [
          `${row.course} (revision ${row.rev})`,
          row.revokedMs !== null ? "taken back" : row.suspendedMs !== null ? "suspended" : row.result.replace("_", " "),
          row.on,
          row.validThrough ?? "–",
          String(row.signedOffBy),
        ]),
      );
      return { lines, json: rows };
    });
  },
});

export const training: Noun = { summary: "who may use what", verbs: { grant, revoke, list } };
