/** `koprade course`: what can be learned here; a machine may ask for a course. */
import { changing, listing } from "./change.ts";
import type { Noun } from "./command.ts";
import { date, list as parts, wholeNumber } from "./values.ts";

const name = { type: "positional", required: true, description: "short name such as laser-basics" } as const;
const content = {
  months: { type: "string", valueHint: "number", description: "how long a training stays valid (default for ever)" },
  "lapse-days": { type: "string", valueHint: "number", description: "lapses after so many days without use (default never)" },
  "min-age": { type: "string", valueHint: "years", description: "least age at its machines (default none)" },
  needs: { type: "string", valueHint: "a,b", description: "courses that come first and must still count" },
} as const;
type Content = { readonly [K in keyof typeof content]?: string | undefined };

const contentOf = (given: Content) => ({
  validityMonths: given.months === undefined ? null : wholeNumber("--months", given.months, 1, 120),
  currencyDays: given["lapse-days"] === undefined ? null : wholeNumber("--lapse-days", given["lapse-days"], 1, 3660),
  minAge: given["min-age"] === undefined ? null : wholeNumber("--min-age", given["min-age"], 1, 99),
  prerequisites: parts(given.needs),
});

const add = changing({
  change: "addCourse",
  summary: "add a course, or replace the words and numbers of its present revision",
  args: { course: name, label: { type: "string", valueHint: "text", description: "name on screens (default the short name)" }, ...content },
  examples: [
    "koprade course add laser-basics --label 'Laser basics' --months 24",
    "koprade course add laser-rotary --needs laser-basics --lapse-days 180 --min-age 16",
  ],
  input: (given) => ({ course: given.course, label: given.label ?? given.course, ...contentOf(given) }),
  says: (input) => `Course ${input.course} is there.`,
});

const revise = changing({
  change: "reviseCourse",
  summary: "teach a course differently from a day on",
  args: {
    course: name,
    from: { type: "string", valueHint: "date", description: "first day of the new revision (default today)" },
    earlier: {
      type: "enum",
      required: true,
      options: ["keep", "until", "end"],
      description: "earlier trainings: keep counting, count until --until, or end with the first day of this revision",
    },
    until: { type: "string", valueHint: "date", description: "last day of earlier trainings, with --earlier until" },
    ...content,
  },
  examples: ["koprade course revise laser-basics --earlier until --until 2027-03-31 --months 24"],
  input(given) {
    const effective = date("--from", given.from);
    const supersedes = ({ keep: "keep", until: "require_by", end: "require_now" } as const)[given.earlier];
    const requireBy = date("--until", given.until) ?? null;
    return { course: given.course, supersedes, requireBy, ...(effective === undefined ? {} : { effective }), ...contentOf(given) };
  },
  says: (input, { rev }) => `Revision ${rev} of ${input.course} begins ${input.effective ?? "today"}.`,
});

const withdraw = changing({
  change: "withdrawRevision",
  summary: "take the newest revision back, while nobody has been trained in it",
  args: { course: name },
  examples: ["koprade course withdraw laser-basics"],
  input: (given) => ({ course: given.course }),
  says: (input, { rev }) => `Revision ${rev} of ${input.course} is withdrawn.`,
});

const list = listing({
  summary: "list the courses as their newest revisions have them",
  args: {},
  examples: ["koprade course list"],
  header: ["COURSE", "LABEL", "REVISION", "VALID", "LAPSES", "AGE", "NEEDS"],
  none: "No courses. Add one with: koprade course add laser-basics",
  rows: (_given, { ledger }) => ledger.read.courses(),
  line: (row) => [
    row.course,
    row.label,
    row.rev === 1 ? "1" : `${row.rev} from ${row.effective}`,
    row.validityMonths === null ? "for ever" : `${row.validityMonths} months`,
    row.currencyDays === null ? "–" : `after ${row.currencyDays} days`,
    row.minAge === null ? "–" : String(row.minAge),
    row.prerequisites.join(", "),
  ],
});

const remove = changing({
  change: "removeCourse",
  summary: "remove a course that nothing asks for and nobody was trained in",
  args: { course: name },
  examples: ["koprade course remove lasr"],
  input: (given) => ({ course: given.course }),
  says: (input) => `Course ${input.course} is removed.`,
});

export const course: Noun = { summary: "what can be learned", verbs: { add, revise, withdraw, remove, list } };
