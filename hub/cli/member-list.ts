/** `koprade member import` and `export`: lists of members, from other systems and to them. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { systemCode } from "../errors.ts";
import { readCsv } from "../exchange/csv.ts";
import { type ImportSite, planImport, type RowResult } from "../exchange/members-in.ts";
import { membersOut } from "../exchange/members-out.ts";
import type { ResultOf } from "../ledger/inputs.ts";
import type { Ledger } from "../ledger/types.ts";
import { badUsage, type Context, command, failed, type Outcome } from "./command.ts";
import { withLedger } from "./data.ts";
import { paint } from "./text.ts";
import { cardNumberOf, theMember } from "./values.ts";
import { writeNew } from "./write.ts";

const fileBytesMax = 8 * 1024 * 1024;

export const importFile = command({
  summary: "add and change members from a CSV file; whoever is known by number or mail address is not added twice",
  args: {
    file: { type: "positional", required: true, description: "CSV file in UTF-8; headers in English, Latvian, Swedish or Norwegian" },
    "dry-run": { type: "boolean", description: "check every row and change nothing" },
    partial: { type: "boolean", description: "take the good rows even if others are bad; without it, all or none" },
    plan: { type: "string", valueHint: "plan", description: "the plan of rows that have dates and name none" },
    by: { type: "string", valueHint: "member", description: "who vouches for the trainings in the file" },
  },
  examples: ["koprade member import members.csv --dry-run", "koprade member import members.csv --by 'Kim Trainer'"],
  async run(given, context) {
    const read = readCsv(readFile(resolve(context.world.cwd, given.file)));
    if (!read.ok) throw failed(`${given.file}: ${read.sentence}`);
    return withLedger(context, async (ledger) => {
      const plan = planImport(read.records, siteOf(ledger, given.plan));
      if (!plan.ok) throw failed(`${given.file}: ${plan.sentence}`);
      const good = plan.results.flatMap((result) => (result.ok ? [result.row] : []));
      const needsVoucher = good.some((row) => (row.courses ?? []).length > 0);
      if (needsVoucher && given.by === undefined)
        throw badUsage("--by is missing: the file names trainings, and somebody must vouch for them.");
      const by = given.by === undefined ? undefined : theMember(ledger, "--by", given.by).member;
      const bad = plan.results.length - good.length;
      const writes = given["dry-run"] !== true && good.length > 0 && (bad === 0 || given.partial === true);
      const done = writes
        ? await ledger.change.importMembers({ rows: good, ...(by === undefined ? {} : { signedOffBy: by }) }, context.actor)
        : nothing;
      return importOutcome(context, { ...plan, done, dryRun: given["dry-run"] === true });
    });
  },
});

type Done = ResultOf<"importMembers">;
const nothing: Done = { members: [], outcomes: [] };

function importOutcome(
  context: Context,
  given: { readonly results: readonly RowResult[]; readonly ignored: readonly string[]; readonly done: Done; readonly dryRun: boolean },
): Outcome {
  const { results, ignored, done, dryRun } = given;
  const colour = paint(context.world);
  const bad = results.filter((result) => !result.ok).length;
  const count = (outcome: Done["outcomes"][number]): number => done.outcomes.filter((each) => each === outcome).length;
  const good = results.filter((result) => result.ok);
  const outcomes = new Map(good.map((result, index) => [result.line, done.outcomes[index] ?? null]));
  const rows = results.map((result) =>
    result.ok
      ? `${colour.good("✓")} Line ${result.line}: ${result.name}${ending[outcomes.get(result.line) ?? "none"]}`
      : `${colour.bad("✕")} ${result.sentence}`,
  );
  const end =
    done.members.length > 0
      ? `Added ${count("added")} members, changed ${count("changed")}; ${count("same")} were so already; ${bad} rows were left out.`
      : dryRun
        ? `${good.length} of ${results.length} rows can be taken. Nothing was changed.`
        : `Nothing was changed: ${bad} of ${results.length} rows cannot be taken. Correct them, or take the others with --partial.`;
  const note = ignored.length === 0 ? [] : [colour.dim(`Not kept: ${ignored.join(", ")}.`)];
  return {
    lines: [...rows.slice(0, 1000), ...(rows.length > 1000 ? [`… and ${rows.length - 1000} more rows.`] : []), ...note, end],
    json: {
      added: count("added"),
      changed: count("changed"),
      same: count("same"),
      members: done.members,
      dryRun,
      ignored,
      rows: results.map((result) => ({
        line: result.line,
        name: result.name,
        ok: result.ok,
        outcome: outcomes.get(result.line) ?? null,
        sentence: result.ok ? null : result.sentence,
      })),
    },
    exit: bad > 0 && (dryRun || done.members.length === 0) ? 1 : 0,
  };
}
const ending = { added: "", changed: " (changed)", same: " (as it was)", none: "" } as const;

function readFile(path: string): Uint8Array {
  try {
    if (statSync(path).size > fileBytesMax) throw failed(`${path}: larger than 8 MB; split it.`);
    return readFileSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(
      code === "ENOENT"
        ? `${path}: there is no such file; check its name.`
        : `${path}: cannot be read (${code}); check that it is a file you may read.`,
    );
  }
}

function siteOf(ledger: Ledger, usual: string | undefined): ImportSite {
  const plans = byName(ledger.read.plans().map(({ plan, label }) => [plan, label]));
  const courses = byName(ledger.read.courses().map(({ course, label }) => [course, label]));
  const usualPlan = usual === undefined ? null : plans.get(usual.toLowerCase());
  if (usualPlan === undefined) throw badUsage(`--plan: there is no plan "${usual}"; see \`koprade plan list\`.`);
  return {
    usualPlan,
    plan: (text) => plans.get(text),
    course: (text) => courses.get(text),
    card: cardNumberOf,
    known: (row) => ledger.read.knownAs(row),
    keyOf: (number) => ledger.keys.cardKeyOf(number),
    holder(number) {
      const held = ledger.read.card(ledger.keys.cardKeyOf(number));
      return held === undefined || held.status === "returned" ? null : held.member;
    },
  };
}

/** Their short name by label or short name, in lower case. */
function byName(rows: readonly (readonly [name: string, label: string])[]): ReadonlyMap<string, string> {
  return new Map(rows.flatMap(([name, label]) => [[label.toLowerCase(), name] as const, [name.toLowerCase(), name] as const]));
}

export const exportFile = command({
  summary: "write all members as a CSV file that `member import` takes, here and in another space",
  args: { out: { type: "string", valueHint: "file", description: "file to write (default standard output)" } },
  examples: ["koprade member export --out members.csv"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const { text, members } = membersOut(ledger.read);
      if (given.out === undefined) return { lines: [text.trimEnd()], json: { members, csv: text } };
      const path = resolve(context.world.cwd, given.out);
      writeNew(path, text);
      return { lines: [`Wrote ${members} members to ${path}. Card numbers are not in it: the space keeps none.`], json: { members, path } };
    });
  },
});
