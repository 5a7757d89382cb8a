/** What this disk takes for one fdatasync after a 4 KB append: the unit in which durable answers are measured. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { quantile, round } from "./stats.ts";

export type Fsync = { readonly p50Ms: number; readonly p99Ms: number };

export function fsyncProbe(dir: string, times: number): Fsync {
  const file = openSync(join(dir, "fsync-probe"), "a");
  const page = Buffer.alloc(4096, 1);
  const took: number[] = [];
  for (let i = 0; i < times; i += 1) {
    writeSync(file, page);
    const from = performance.now();
    fdatasyncSync(file);
    took.push(performance.now() - from);
  }
  closeSync(file);
  return { p50Ms: round(quantile(took, 0.5), 3), p99Ms: round(quantile(took, 0.99), 3) };
}

/** The same, one at a time between other work and as programs do it, off the loop: for what is measured in the same moments. */
export async function openFsyncProbe(dir: string): Promise<{ once(): Promise<number>; close(): Promise<void> }> {
  const file = await open(join(dir, "fsync-probe-between"), "a");
  const page = Buffer.alloc(4096, 1);
  return {
    async once() {
      const from = performance.now();
      await file.write(page);
      await file.datasync();
      return performance.now() - from;
    },
    close: () => file.close(),
  };
}
