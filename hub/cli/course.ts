/** `koprade course`: what can be learned here; a machine may ask for a course. */
import { command, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { columns } from "./text.ts";
import { wholeNumber } from "./values.ts";

const add = command({
  summary: "add a course, or change one",
  args: {
    course: { type: "positional", required: true, description: "short name such as laser-basics" },
    label: { type: "string", valueHint: "text", description: "name on screens (default the short name)" },
    months: { type: "string", valueHint: "number", description: "how long a training stays valid (default for ever)" },
  },
  examples: ["koprade course add laser-basics --label 'Laser basics' --months 24"],
  async run(given, context) {
    const validityMonths = given.months === undefined ? null : wholeNumber("--months", given.months, 1, 120);
    return withLedger(context, async (ledger) => {
      const label = given.label ?? given.course;
      await ledger.change.addCourse({ course: given.course, label, validityMonths }, context.actor);
      return { lines: [`Course ${given.course} is there.`], json: { course: given.course, label, validityMonths } };
    });
  },
});

const list = command({
  summary: "list the courses",
  args: {},
  examples: ["koprade course list"],
  async run(_given, context) {
    return withLedger(context, async (ledger) => {
      const rows = ledger.read.courses();
      if (rows.length === 0) return { lines: ["No courses. Add one with: koprade course add laser-basics"], json: [] };
      const lines = columns(
        ["COURSE", "LABEL", "VALID"],
        rows.map((row) => [row.course, row.label, row.validityMonths === null ? "for ever" : `${row.validityMonths} months`]),
      );
      return { lines, json: rows };
    });
  },
});

export const course: Noun = { summary: "what can be learned", verbs: { add, list } };
