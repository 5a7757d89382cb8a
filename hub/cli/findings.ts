/** What a doctor finds: one line each, with the way out where there is one; and what hub and node have in common. */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { hubDefaults } from "#core";
import { systemCode } from "../errors.ts";
import type { Outcome } from "./command.ts";
import { paint } from "./text.ts";
import type { World } from "./world.ts";

/** `ok` null: could not be looked at, or only worth knowing. */
export type Finding = { readonly check: string; readonly ok: boolean | null; readonly sentence: string; readonly fix: string };
export const good = (check: string, sentence: string): Finding => ({ check, ok: true, sentence, fix: "" });
export const bad = (check: string, sentence: string, fix: string): Finding => ({ check, ok: false, sentence, fix });
export const note = (check: string, sentence: string, fix = ""): Finding => ({ check, ok: null, sentence, fix });

const freeBytesMin = 500 * 1024 * 1024;
/** No true time is before this software was made. */
export const softwareTimeMs = Date.UTC(2026, 10, 1);

/** Exit code 1 when anything is wrong. */
export function outcomeOf(findings: readonly Finding[], world: World): Outcome {
  const colour = paint(world);
  const mark = (ok: boolean | null) => (ok === null ? colour.dim("–") : ok ? colour.good("✓") : colour.bad("✕"));
  const lines = findings.map(({ check, ok, sentence, fix }) => `${mark(ok)} ${check}: ${sentence}${fix === "" ? "" : ` ${fix}`}`);
  return { lines, json: findings, exit: findings.some((finding) => finding.ok === false) ? 1 : 0 };
}

export function writable(dataDir: string, monoMs: () => number): Finding {
  const path = join(dataDir, `.doctor-${Math.floor(monoMs() * 1000)}`);
  const beganMs = monoMs();
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, Buffer.alloc(4096));
      fsyncSync(file);
    } finally {
      closeSync(file);
      rmSync(path);
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const fix = code === "ENOSPC" ? "Free some space." : `Give this user the folder: chown -R "$USER" ${dataDir}`;
    return bad("data folder", `${dataDir} cannot be written (${code}).`, fix);
  }
  const tookMs = monoMs() - beganMs;
  if (tookMs > hubDefaults.persistBudgetMs)
    return bad("data folder", `a small write took ${Math.round(tookMs)} ms.`, "Replace the SD card or disk before it fails.");
  return good("data folder", `${dataDir} can be written; a durable write took ${tookMs.toFixed(1)} ms.`);
}

export function diskFree(dataDir: string, leastBytes = freeBytesMin): Finding {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GB free.`;
  return free < leastBytes ? bad("disk", text, "Free at least 0.5 GB; old backups and logs go first.") : good("disk", text);
}

export function clockFinding(nowMs: number): Finding {
  const text = Temporal.Instant.fromEpochMilliseconds(nowMs).toString({ smallestUnit: "second" });
  if (nowMs < softwareTimeMs)
    return bad("clock", `it says ${text}, before this software was made.`, "Set this computer's clock: timedatectl set-ntp true");
  return good("clock", `it says ${text}.`);
}
