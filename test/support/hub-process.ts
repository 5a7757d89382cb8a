/** The real hub as a process of its own (`koprade start`), on a data folder that the test has furnished, to be killed and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { loadSiteTls } from "../../hub/broker/site-ca.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { systemClock, systemLog } from "../../hub/system.ts";
import { takeOverAll } from "./ledger.ts";
import { hubProgram, runtime } from "./runtime.ts";

export const site = "test-site";
const readyLimitMs = 90_000;

export type HubFolder = {
  readonly dir: string;
  readonly mqttPort: number;
  readonly caPem: string;
  /** absent: any free one */
  readonly httpPort?: number;
};

/** Furnishes a data folder through the ledger's own commands, before any hub runs on it. */
export async function furnishedFolder(dir: string, furnish: (ledger: Ledger) => Promise<void>): Promise<HubFolder> {
  const ledger = await openTestLedger(dir);
  await furnish(ledger);
  await takeOverAll(ledger);
  await ledger.close();
  const { caPem } = await loadSiteTls({ dir: join(dir, "ca"), site, names: [], nowMs: Date.now() });
  return { dir, mqttPort: await freePort(), caPem };
}

export function openTestLedger(dir: string, role: "hub" | "tool" = "hub"): Promise<Ledger> {
  return openLedger({ dir, site, tz: "Europe/Riga", demo: false, role }, { clock: systemClock, log: systemLog("error") });
}

export type HubProcess = {
  readonly url: string;
  readonly firstRunCode: string | null;
  /** the page with the code in it, as the terminal prints it */
  readonly firstRunLink: string | null;
  readonly pid: number;
  /** SIGKILL: nothing is written any more, nothing said */
  kill(): Promise<void>;
  /** SIGTERM; the exit code */
  stop(): Promise<number | null>;
};

/** Resolves when the hub says that it runs. */
export async function startHubProcess(folder: HubFolder, env: Record<string, string> = {}): Promise<HubProcess> {
  const args = [
    hubProgram,
    "start",
    "--data",
    folder.dir,
    "--http-port",
    String(folder.httpPort ?? 0),
    "--mqtt-port",
    String(folder.mqttPort),
  ];
  const child = spawn(process.execPath, [...runtime.flags, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...runtime.environment, KOPRADE_SITE: site, KOPRADE_LOG_LEVEL: "error", ...env },
  });
  const said = await greeting(child);
  return {
    url: /http:\/\/\S+/.exec(said)?.[0] ?? "",
    firstRunLink: /code in it:\s+(\S+)/.exec(said)?.[1] ?? null,
    firstRunCode: /enter the code\s+(\S+)/.exec(said)?.[1] ?? null,
    pid: child.pid ?? 0,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      return child.exitCode;
    },
  };
}

function greeting(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const limit = setTimeout(() => reject(new Error(`the hub did not start in ${readyLimitMs} ms; it said: ${said}`)), readyLimitMs);
    child.stdout?.on("data", (text: Buffer) => {
      said += text.toString();
      if (!said.includes("Stop with Ctrl+C")) return;
      clearTimeout(limit);
      resolve(said);
    });
    child.once("exit", (code) => {
      clearTimeout(limit);
      reject(new Error(`the hub ended with ${code}; it said: ${said}`));
    });
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
