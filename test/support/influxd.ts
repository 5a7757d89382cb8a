/** A real influxd 1.6 in a folder of its own, to be stopped and started again on the same port. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./hub-process.ts";

export type Influxd = { readonly url: string; readonly port: number; start(): Promise<void>; stop(): Promise<void> };

/** Prepares everything and starts it. `stop` more often than `start` does no harm. */
export async function startInfluxd(dir: string): Promise<Influxd> {
  const [http, rpc] = [await freePort(), await freePort()];
  mkdirSync(dir, { recursive: true });
  const path = join(dir, "influxdb.conf");
  writeFileSync(path, configuration(dir, http, rpc));
  const url = `http://127.0.0.1:${http}`;
  let server: ChildProcess | undefined;
  const influxd: Influxd = {
    url,
    port: http,
    async start() {
      server = await begin(path, url);
    },
    async stop() {
      const ending = server;
      server = undefined;
      if (ending === undefined) return;
      const ended = once(ending, "exit");
      ending.kill("SIGTERM");
      await ended;
    },
  };
  await influxd.start();
  return influxd;
}

/** Everything switched off that is not needed here. */
const configuration = (dir: string, http: number, rpc: number): string => `reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${dir}/meta"
[data]
  dir = "${dir}/data"
  wal-dir = "${dir}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
[logging]
  level = "error"
`;

async function begin(path: string, url: string): Promise<ChildProcess> {
  const server = spawn("influxd", ["run", "-config", path], { stdio: "ignore" });
  for (let i = 0; i < 200; i += 1) {
    const answer = await fetch(`${url}/ping`).catch(() => undefined); // not listening yet
    if (answer?.status === 204) return server;
    await pause(50);
  }
  server.kill("SIGKILL");
  throw new Error("influxd did not start within 10 s; is Debian's package influxdb installed?");
}
