/**
 * The process: arguments, environment, signals and exit codes of `koprade`. The only file of the hub that knows `process`.
 * A failure that a person can mend is one sentence with its remedy; anything else is a bug, and the process ends.
 */
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { controlPath, serveControl } from "./cli/control.ts";
import { markDemoFolder } from "./cli/data.ts";
import type { StartOptions, World } from "./cli/world.ts";
import { runCli } from "./cli.ts";
import { HubError } from "./errors.ts";
import type { BuildingMaker, HubOptions } from "./start.ts";
import { systemClock, systemIds, systemLog } from "./system.ts";
import { terminalLog } from "./terminal-log.ts";

const stopLimitMs = 10_000;
/** One click on the first page should show something within seconds: an evening twelve times as lively as a real one. */
const livelyTempo = 12;

/** Runs one hub until a signal; resolves with the exit code. */
async function run(given: StartOptions, building: Pick<HubOptions, "space" | "makeBuilding">): Promise<number> {
  // Loaded here, not above: most commands of the terminal need neither broker nor pages.
  const [{ startHub }, { controlHandlers }] = await Promise.all([import("./start.ts"), import("./control-handlers.ts")]);
  const { logLevel } = given.config;
  const log = process.stderr.isTTY
    ? terminalLog(
        logLevel,
        () => systemClock.nowMs(),
        (line) => process.stderr.write(line),
      )
    : systemLog(logLevel);
  const hub = await startHub({
    dir: given.dataDir,
    config: given.config,
    clock: systemClock,
    ids: systemIds,
    log,
    markSimulated: markDemoFolder,
    version: version(),
    ...building,
  });
  const control = await serveControl(controlPath(given.dataDir), controlHandlers(hub, version())).catch(async (error: unknown) => {
    await hub.stop();
    throw error;
  });
  // Before the greeting: whoever reads it may stop the hub at once.
  const signal = new Promise<unknown>((resolve) => {
    // More than once: a terminal's Ctrl+C reaches this process and the launcher, which passes it on.
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, resolve);
  });
  greet(hub.url, hub.firstRunCode, building.space, hub.foreignPort());
  // Written by itself only at a clean end; a hub that loses its power after a year should not compile everything again.
  flushCompileCache();
  await signal;
  process.stdout.write("\n  Stopping …\n");
  const limit = setTimeout(() => process.exit(1), stopLimitMs);
  await control.close();
  await hub.stop();
  clearTimeout(limit);
  process.stdout.write("  Stopped.\n");
  return 0;
}

function greet(url: string, code: string | null, space: HubOptions["space"], foreignPort: number | null): void {
  const red = (text: string): string => (process.stdout.isTTY ? `\u001b[31m${text}\u001b[39m` : text);
  const lines = [
    "",
    space === "building" ? "  Koprade runs a simulated building." : "  Koprade runs.",
    `  Pages:  ${url}`,
    ...(code === null
      ? []
      : [
          `  First run: open the page on this computer and enter the code  ${code}`,
          `             or open it with the code in it:  ${url}/#${code}`,
        ]),
    ...(foreignPort === null
      ? []
      : [
          red(
            `  Foreign devices: port ${foreignPort}, WITHOUT ENCRYPTION. What is said there can be read and forged by anybody on the network.`,
          ),
        ]),
    ...(space === "building" ? [] : ["  Nothing to connect yet? The page can simulate a building."]),
    "  Stop with Ctrl+C. It is no safety function: E-stop, guards and exits are wired.",
    "",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as { version: string };
  return text;
}

/** The building is loaded when somebody wants one: a real hub carries no simulator. */
const simulated =
  (seed: number, tempo: number): BuildingMaker =>
  async (building) =>
    (await import("../simulators/demo.ts")).startBuilding({ ...building, seed, tempo });

const world: World = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stdin: () => process.stdin,
  env: process.env,
  cwd: process.cwd(),
  isTty: process.stdout.isTTY === true,
  clock: systemClock,
  startHub: (given) => run(given, { space: "real", makeBuilding: simulated(1, livelyTempo) }),
  startDemo: ({ seed, speed, ...given }) => run(given, { space: "building", makeBuilding: simulated(seed, speed) }),
  runNode: async (path) => (await import("../devices/run.ts")).runNode(path, (sentence) => process.stderr.write(`${sentence}\n`)),
};

process.on("unhandledRejection", (reason) => {
  process.stderr.write(`koprade: a fault in the program: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}\n`);
  process.exit(70);
});

try {
  process.exitCode = await runCli(process.argv.slice(2), world);
} catch (error) {
  if (!(error instanceof HubError)) throw error;
  process.stderr.write(`koprade: ${error.message}\n  ${error.fix}\n`);
  process.exitCode = 1;
}
