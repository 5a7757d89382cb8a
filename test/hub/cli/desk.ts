/** A terminal in a temporary folder: runs command lines in-process, on a real data folder, and keeps what they say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DemoOptions, StartOptions, World } from "../../../hub/cli/world.ts";
import { runCli } from "../../../hub/cli.ts";
import { openLedger } from "../../../hub/ledger/ledger.ts";
import type { Clock } from "../../../hub/ports.ts";
import { realClock } from "../../support/ledger.ts";

export type Said = { readonly code: number; readonly out: string; readonly err: string };
export type Desk = {
  readonly folder: string;
  readonly dataDir: string;
  readonly asked: { hub: StartOptions[]; demo: DemoOptions[]; node: string[] };
  run(...words: string[]): Promise<Said>;
  /** runs a command with text on its standard input */
  pipe(input: string, ...words: string[]): Promise<Said>;
  /** the JSON value a command prints; fails when it fails */
  json(...words: string[]): Promise<unknown>;
  /** makes the site's ledger, as the hub's first start does */
  makeSite(): Promise<void>;
  remove(): void;
};

/** Wednesday, 9 December 2026, 12:00 in Riga. */
export const nowMs = Date.UTC(2026, 11, 9, 10);

export const clock: Clock = { ...realClock, nowMs: () => nowMs };
export const quiet = { info: () => {}, warn: () => {}, error: () => {} };

export function openDesk(env: Readonly<Record<string, string>> = {}): Desk {
  const folder = mkdtempSync(join(tmpdir(), "koprade-cli-"));
  const dataDir = join(folder, "data");
  const asked: Desk["asked"] = { hub: [], demo: [], node: [] };
  const pipe = async (input: string, ...words: string[]): Promise<Said> => {
    const said: { out: string[]; err: string[] } = { out: [], err: [] };
    const world: World = {
      stdout: (text) => void said.out.push(text),
      stderr: (text) => void said.err.push(text),
      async *stdin() {
        yield Buffer.from(input);
      },
      env: { USER: "kim", ...env },
      cwd: folder,
      isTty: false,
      clock,
      startHub: async (options) => asked.hub.push(options) - asked.hub.length,
      startDemo: async (options) => asked.demo.push(options) - asked.demo.length,
      runNode: async (path) => asked.node.push(path) - asked.node.length,
    };
    const code = await runCli(words, world);
    return { code, out: said.out.join(""), err: said.err.join("") };
  };
  const run = (...words: string[]) => pipe("", ...words);
  return {
    folder,
    dataDir,
    asked,
    run,
    pipe,
    async json(...words) {
      const { code, out, err } = await run(...words, "--json");
      if (code !== 0) throw new Error(`${words.join(" ")}: ${code} ${err}`);
      return JSON.parse(out);
    },
    async makeSite() {
      const ledger = await openLedger({ dir: dataDir, site: "my-space", tz: "Europe/Riga" }, { clock, log: quiet });
      await ledger.close();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
