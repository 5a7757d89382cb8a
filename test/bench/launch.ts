/** `koprade start` as a person starts it: through the launcher, which hands over to the pinned runtime. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { site } from "./seed.ts";

const launcher = join(import.meta.dirname, "..", "..", "hub", "koprade.mjs");
const readyLimitMs = 60_000;

export type Launched = { readonly pid: number; kill(): Promise<void> };

/** Resolves when the hub says that it runs; `pid` is the hub's, not the launcher's. */
export async function launchHub(dir: string, mqttPort: number): Promise<Launched> {
  const args = [launcher, "start", "--data", dir, "--http-port", "0", "--mqtt-port", String(mqttPort)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, KOPRADE_SITE: site, KOPRADE_LOG_LEVEL: "error" },
  });
  await greeting(child);
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ")[0]);
  return {
    pid,
    async kill() {
      const gone = once(child, "exit");
      process.kill(pid, "SIGKILL");
      await gone;
    },
  };
}

function greeting(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const limit = setTimeout(() => reject(new Error(`bench: the hub did not start in ${readyLimitMs} ms; it said: ${said}`)), readyLimitMs);
    child.stdout?.on("data", (text: Buffer) => {
      said += text.toString();
      if (!said.includes("Stop with Ctrl+C")) return;
      clearTimeout(limit);
      resolve();
    });
    child.once("exit", (code) => {
      clearTimeout(limit);
      reject(new Error(`bench: the hub ended with ${code}; it said: ${said}`));
    });
  });
}

/** Resident set of a process in MB (proc(5), VmRSS). */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
