/** `koprade series`: power and use over time for other programs, and the past told anew by other thresholds. */
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { powerClassesOf } from "#core";
import { influxTarget } from "../config.ts";
import { systemCode } from "../errors.ts";
import { hourMs } from "../series/energy.ts";
import { exported, exportFormats, exportKinds, machinesOf } from "../series/export.ts";
import { exportedParquet } from "../series/parquet.ts";
import { sendAgain } from "../series/send-again.ts";
import { retellHours } from "../series/use.ts";
import { badUsage, type Context, command, failed, type Noun } from "./command.ts";
import { configOf, withLedger } from "./data.ts";
import { listed } from "./parse.ts";
import { date, list } from "./values.ts";

const span = {
  from: { type: "string", valueHint: "date", description: "from the beginning of this day on (default the first that is kept)" },
  to: { type: "string", valueHint: "date", description: "through this day (default until now)" },
  machine: { type: "string", valueHint: "ids", description: "only these machines, with commas" },
} as const;

type Span = { readonly from: string | undefined; readonly to: string | undefined; readonly machine: string | undefined };
type Asked = { readonly fromMs: number; readonly toMs: number; readonly machines: readonly string[] };

/** Local days of the space as instants. */
function asked(given: Span, zone: string, nowMs: number): Asked {
  const day = (option: string, text: string | undefined): Temporal.PlainDate | undefined => {
    const read = date(option, text);
    return read === undefined ? undefined : Temporal.PlainDate.from(read);
  };
  const start = (of: Temporal.PlainDate): number => of.toZonedDateTime(zone).epochMilliseconds;
  const [from, to] = [day("--from", given.from), day("--to", given.to)];
  const fromMs = from === undefined ? 0 : start(from);
  const toMs = to === undefined ? nowMs : Math.min(nowMs, start(to.add({ days: 1 })));
  if (toMs <= fromMs)
    throw badUsage(`--from ${given.from ?? ""} is not before the end; give a day that has begun, and --to not before it.`);
  return { fromMs, toMs, machines: list(given.machine) };
}

async function withSeries<Result>(
  context: Context,
  given: Span,
  options: { readonly readOnly: boolean },
  work: (db: DatabaseSync, of: Asked) => Promise<Result> | Result,
): Promise<Result> {
  const zone = await withLedger(context, async (ledger) => ledger.read.site().tz);
  const path = join(context.dataDir, "series.sqlite");
  if (!existsSync(path)) throw failed(`There is no series in ${context.dataDir} yet; it begins with the first sample of a meter.`);
  const of = asked(given, zone, context.world.clock.nowMs());
  const db = new DatabaseSync(path, { readOnly: options.readOnly, timeout: 5000 });
  try {
    const known = new Set(machinesOf(db).map(({ machine }) => machine));
    const stranger = of.machines.find((machine) => !known.has(machine));
    if (stranger !== undefined) throw failed(`Nothing was ever measured of "${stranger}"; there is power of ${listed([...known])}.`);
    return await work(db, of);
  } finally {
    db.close();
  }
}

function oneOf<T extends string>(option: string, text: string, from: readonly T[]): T {
  const found = from.find((each) => each === text);
  if (found === undefined) throw badUsage(`${option} cannot be "${text}"; give ${listed(from)}.`);
  return found;
}

const exporting = command({
  summary: "write hours, minutes or runs of power as CSV, InfluxDB line protocol or Parquet",
  args: {
    ...span,
    what: {
      type: "string",
      default: "hours",
      valueHint: exportKinds.join("|"),
      description: "hours and runs are kept for ever, minutes for a week",
    },
    format: {
      type: "string",
      default: "csv",
      valueHint: exportFormats.join("|"),
      description: "line: as the hub sends it to InfluxDB; parquet: for DuckDB, pandas, R",
    },
    out: { type: "string", valueHint: "file", description: "file to write (default standard output)" },
  },
  examples: [
    "koprade series export --from 2026-11-01 --to 2026-11-30 --out november.csv",
    "koprade series export --machine laser-1 --what runs --format line",
    "koprade series export --format parquet --out hours.parquet",
  ],
  async run(given, context) {
    const what = oneOf("--what", given.what, exportKinds);
    const format = oneOf("--format", given.format, exportFormats);
    if (format === "parquet" && given.out === undefined) throw badUsage("--format parquet is no text; give --out FILE.");
    return withSeries(context, given, { readOnly: true }, (db, of) => {
      if (format === "parquet" && given.out !== undefined) {
        const file = resolve(context.world.cwd, given.out);
        const size = written(file, exportedParquet(db, { what, ...of }));
        return { lines: [`Wrote ${file} (${size} bytes).`], json: { file, bytes: size } };
      }
      const pieces = exported(db, { what, format: format === "line" ? "line" : "csv", ...of });
      if (given.out === undefined) {
        for (const piece of pieces) context.world.stdout(piece);
        return { lines: [], json: undefined };
      }
      const path = resolve(context.world.cwd, given.out);
      const bytes = written(path, pieces);
      return { lines: [`Wrote ${path} (${bytes} bytes).`], json: { file: path, bytes } };
    });
  },
});

function written(path: string, pieces: Iterable<string | Uint8Array>): number {
  try {
    const file = openSync(path, "w", 0o600);
    try {
      let bytes = 0;
      for (const piece of pieces) bytes += typeof piece === "string" ? writeSync(file, piece) : writeSync(file, piece);
      return bytes;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(`${path} cannot be written (${code}); choose another file with --out, or free some space.`);
  }
}

const recompute = command({
  summary: "tell busy, idle and off of past hours anew, by the thresholds that machines have now",
  args: span,
  examples: ["koprade series recompute --machine laser-1 --from 2026-11-01"],
  async run(given, context) {
    const machines = await withLedger(context, async (ledger) => ledger.read.resources().filter(({ kind }) => kind === "machine"));
    const settings = new Map(machines.map((machine) => [machine.id, machine.settings]));
    return withSeries(context, given, { readOnly: false }, (db, of) => {
      const nowMs = context.world.clock.nowMs();
      // The hour that is under way, and the work in it, is told by what is measured now.
      const toMs = Math.min(of.toMs, nowMs - hourMs);
      const told = machinesOf(db)
        .filter(({ machine }) => of.machines.length === 0 || of.machines.includes(machine))
        .map(({ id, machine }) => {
          const classes = powerClassesOf(settings.get(machine) ?? {});
          if (classes === null) return { machine, version: null, hours: 0 };
          const made = retellHours(db, id, { classes, fromMs: of.fromMs, toMs, nowMs });
          return { machine, version: made?.version ?? null, hours: made?.hours ?? 0 };
        });
      return {
        lines: told.map(({ machine, version, hours }) =>
          version === null
            ? `${machine}: nothing to tell; it has no thresholds (koprade machine learn, or machine set --set onW=…), or no hours then.`
            : `${machine}: ${hours} hours told anew as version ${version}; what was told before is kept. Closed months stay as they were closed.`,
        ),
        json: { machines: told },
      };
    });
  },
});

const send = command({
  summary: "send kept minutes and hours to InfluxDB again, as after a loss there; what it has already stays the same",
  args: span,
  examples: ["koprade series send --from 2026-11-01"],
  async run(given, context) {
    const target = influxTarget(configOf(context.dataDir, context.world));
    if (target === null) throw failed("No InfluxDB is configured; name one under influx in koprade.yaml.");
    return withSeries(context, given, { readOnly: true }, async (db, of) => {
      const sent = await sendAgain(db, target, of);
      if (sent.trouble !== null)
        throw failed(`InfluxDB does not take the points: ${sent.trouble}. Mend it and send again; nothing is doubled.`);
      return { lines: [`Sent ${sent.points} minutes and hours.`], json: { points: sent.points } };
    });
  },
});

export const series: Noun = {
  summary: "power and use of machines over time: export it, tell it anew, send it to InfluxDB again",
  verbs: { export: exporting, recompute, send },
};
