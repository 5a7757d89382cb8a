/** What the host knows of its devices, for `koprade node show`, `doctor` and the pages: one file, replaced whole when something changed. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Log } from "../../devices/kit/ports.ts";

const name = "status.json";
const status = z.object({
  port: z.number().nullable(),
  refused: z.record(z.string(), z.number()),
  devices: z.array(
    z.object({
      node: z.string(),
      account: z.string(),
      name: z.string(),
      family: z.string(),
      online: z.boolean().nullable(),
      model: z.string().nullable(),
      firmware: z.string().nullable(),
      /** of its machine's meter: what is counted, and which part of it nobody can be sure of, Wh */
      energy: z
        .object({ totalWh: z.number(), uncertainWh: z.number(), sinceMs: z.number(), doubts: z.record(z.string(), z.number()) })
        .nullable(),
      unset: z.record(z.string(), z.string().nullable()),
    }),
  ),
});
export type HostStatus = z.infer<typeof status>;

/** energy moves all the time, and a memory card does not like to be written to */
const energyEveryMs = 10_000;

export function createStatusFile(folder: string, log: Log) {
  let last = "";
  let lastFacts = "";
  let writtenMono = Number.NEGATIVE_INFINITY;
  return {
    write(now: HostStatus): void {
      const text = JSON.stringify(now);
      const facts = JSON.stringify(now, (key, value: unknown) => (key === "energy" ? undefined : value));
      const isDue = facts !== lastFacts || performance.now() - writtenMono >= energyEveryMs;
      if (text === last || !isDue) return;
      writtenMono = performance.now();
      lastFacts = facts;
      try {
        writeFileSync(join(folder, `${name}.new`), text, { mode: 0o600 });
        renameSync(join(folder, `${name}.new`), join(folder, name));
        last = text;
      } catch (error) {
        log.warn({ cause: String(error) }, "how hosted devices are could not be written down");
      }
    },
  };
}

/** Null where no host has run. */
export function readHostStatus(folder: string): HostStatus | null {
  try {
    const parsed = status.safeParse(JSON.parse(readFileSync(join(folder, name), "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
