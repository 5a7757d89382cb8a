/** `koprade export`: everything a space owns, in forms that other programs read. Whoever leaves takes it along. */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemCode } from "../errors.ts";
import { membersOut } from "../exchange/members-out.ts";
import { writeSpace } from "../exchange/space-file.ts";
import { withheld } from "../ledger/everything.ts";
import type { Ledger } from "../ledger/types.ts";
import { exported } from "../series/export.ts";
import { badUsage, type Context, command, failed } from "./command.ts";
import { withLedger } from "./data.ts";
import { writeNew } from "./write.ts";

const linesAtOnce = 500;

export const everything = command({
  summary: "write everything the space owns into a folder: members, what the space is, every table, power and use",
  args: { out: { type: "string", required: true, valueHint: "folder", description: "a folder that is empty or not there yet" } },
  examples: ["koprade export --out koprade-2026-11-30"],
  async run(given, context) {
    const folder = resolve(context.world.cwd, given.out);
    if (existsSync(folder) && readdirSync(folder).length > 0) throw badUsage(`--out: ${folder} is not empty; give a new folder.`);
    return withLedger(context, async (ledger) => {
      makeFolder(join(folder, "tables"));
      const { text, members } = membersOut(ledger.read);
      writeNew(join(folder, "members.csv"), text);
      writeNew(join(folder, "space.yaml"), writeSpace(ledger.read.spaceFacts()));
      const rows = tablesInto(join(folder, "tables"), ledger);
      const hasSeries = seriesInto(folder, context);
      writeNew(join(folder, "README.txt"), readme(hasSeries));
      const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
      return {
        lines: [
          `Wrote ${members} members and ${total} rows of ${Object.keys(rows).length} tables to ${folder}. README.txt says what is what.`,
        ],
        json: { folder, members, rows, series: hasSeries },
      };
    });
  },
});

function tablesInto(folder: string, ledger: Ledger): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { table, rows } of ledger.read.everyTable()) {
    counts[table] = writeLines(join(folder, `${table}.ndjson`), jsonLines(rows()));
  }
  return counts;
}

function* jsonLines(rows: Iterable<object>): Iterable<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** Hours and runs are what is kept for ever; minutes are gone in a week. */
function seriesInto(folder: string, { dataDir, world }: Context): boolean {
  const path = join(dataDir, "series.sqlite");
  if (!existsSync(path)) return false;
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    const span = { fromMs: 0, toMs: world.clock.nowMs(), machines: [], format: "csv" } as const;
    for (const what of ["hours", "runs"] as const) writeLines(join(folder, `power-${what}.csv`), exported(db, { ...span, what }));
  } finally {
    db.close();
  }
  return true;
}

/** Lines written a few hundred at a time: a log of years needs no memory. Gives their number. */
function writeLines(path: string, lines: Iterable<string>): number {
  let count = 0;
  let waiting = "";
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      for (const line of lines) {
        waiting += line;
        count += 1;
        if (count % linesAtOnce > 0) continue;
        writeSync(file, waiting);
        waiting = "";
      }
      writeSync(file, waiting);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unwritable(path, error);
  }
  return count;
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): unknown {
  const code = systemCode(error);
  return code === undefined ? error : failed(`${path} cannot be written (${code}); choose another folder with --out, or free some space.`);
}

function readme(hasSeries: boolean): string {
  const secrets = Object.entries(withheld).map(([table, columns]) => `  ${table}: ${Object.keys(columns).join(", ")}`);
  return `Everything this space owns, as koprade wrote it. It holds names: keep it as you keep the members' list.

members.csv     who belongs here; \`koprade member import\` takes it, here and in another space
space.yaml      hours, courses, zones, machines, doors, plans; \`koprade site apply\` takes it
tables/         every table of the ledger, a JSON object a line. Times are UTC milliseconds, power watts, energy watt-hours.
                events.ndjson is the log: everything else about doors and machines follows from it.
                Cards stand there as keyed hashes; nobody, the space included, has their numbers.
${hasSeries ? "power-*.csv     energy and use of each hour, and the runs of unchanged power\n" : ""}
Left out, because it opens this house and no other:
${secrets.join("\n")}
For a copy that another hub can start from, secrets included and encrypted: \`koprade backup\`.
`;
}
