/** A month of 50 machines, from facts to PDF, XLSX, CSV, JSON and HTML, in a process of its own: time and the most memory. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runtime } from "../support/runtime.ts";
import type { Bench, Line } from "./lines.ts";
import { median } from "./stats.ts";

const machines = 50;
const [limitMs, limitMb] = [3000, 200];
type Made = { readonly ms: number; readonly mb: number; readonly bytes: number };

export async function measureReport({ size }: Bench): Promise<Line[]> {
  const child = fileURLToPath(new URL("./report-child.ts", import.meta.url));
  const made = Array.from({ length: size.rounds }, (): Made => {
    // As the launcher starts whatever makes a report.
    const env = { ...process.env, ...runtime.environment };
    const said = execFileSync(process.execPath, [...runtime.flags, child, String(machines)], { encoding: "utf8", timeout: 120_000, env });
    return JSON.parse(said) as Made; // our own child wrote it
  });
  const [ms, mb, bytes] = [median(made.map((one) => one.ms)), median(made.map((one) => one.mb)), median(made.map((one) => one.bytes))];
  const what = `the report of a month of ${machines} machines in every format (${Math.round(bytes / 1000)} kB)`;
  return [
    { what, ours: `${Math.round(ms)} ms`, floor: "–", ratio: "–", target: `≤ ${limitMs} ms`, met: ms <= limitMs },
    {
      what: `${what}: the most resident memory`,
      ours: `${Math.round(mb)} MB`,
      floor: "–",
      ratio: "–",
      target: `≤ ${limitMb} MB`,
      met: mb <= limitMb,
    },
  ];
}
