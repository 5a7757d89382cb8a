/** A process that makes one month in every format, and says how long that took and how much memory it ever had. */
import { monthFigures } from "../../hub/reports/figures.ts";
import { monthReport } from "../../hub/reports/month.ts";
import { formats, reportFiles } from "../../hub/reports/render.ts";
import { aBusyMonth } from "../hub/reports/busy-month.ts";

const input = aBusyMonth(Number(process.argv[2] ?? "50"));
const started = performance.now();
const report = monthReport(monthFigures(input), { madeMs: input.madeMs, seal: null }, "lv");
let bytes = 0;
for (const format of formats) for (const file of await reportFiles(report, format)) bytes += file.bytes.length;
const ms = performance.now() - started;
process.stdout.write(JSON.stringify({ ms, bytes, mb: process.resourceUsage().maxRSS / 1024 }));
