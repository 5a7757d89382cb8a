/** All runs of a series file as Parquet, in a process of its own: the most memory, which must not grow with the years. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runtime } from "../support/runtime.ts";
import type { Line } from "./lines.ts";

const limitMb = 200;

export function exportLine(path: string, samples: number): Line {
  const child = fileURLToPath(new URL("./export-child.ts", import.meta.url));
  // As the launcher starts it.
  const env = { ...process.env, ...runtime.environment };
  const args = [...runtime.flags, child, path, `${path}.parquet`];
  const said = execFileSync(process.execPath, args, { encoding: "utf8", timeout: 120_000, env });
  const { ms, bytes, mb } = JSON.parse(said) as { ms: number; bytes: number; mb: number }; // our own child wrote it
  return {
    what: `runs of ${(samples / 1e6).toFixed(1)} million samples as Parquet (${(bytes / 1e6).toFixed(1)} MB, ${(ms / 1000).toFixed(1)} s): the most resident memory`,
    ours: `${Math.round(mb)} MB`,
    floor: "–",
    ratio: "–",
    target: `≤ ${limitMb} MB`,
    met: mb <= limitMb,
  };
}
