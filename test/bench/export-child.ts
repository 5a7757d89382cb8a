/** A process that exports the runs of a series file as Parquet, and says how long that took and how much memory it ever had. */
import { closeSync, openSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { exportedParquet } from "../../hub/series/parquet.ts";

const [path = "", out = ""] = process.argv.slice(2);
const db = new DatabaseSync(path, { readOnly: true });
const began = performance.now();
const file = openSync(out, "w");
let bytes = 0;
for (const piece of exportedParquet(db, { what: "runs", machines: [], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }))
  bytes += writeSync(file, piece);
closeSync(file);
process.stdout.write(JSON.stringify({ ms: performance.now() - began, bytes, mb: process.resourceUsage().maxRSS / 1024 }));
