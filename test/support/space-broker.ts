/** A mosquitto that a space has had all along, with its own accounts and access list: nothing of it is ours. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "mqtt";
import { freePort } from "./hub-process.ts";

export type SpaceBroker = {
  readonly url: string;
  stop(): Promise<void>;
  /** on the same port; what was retained is gone */
  start(): Promise<void>;
  /** it is gone with its folder */
  close(): Promise<void>;
};

/** `accounts`: passwords by name; the first may come while others cannot. `acl`: lines of mosquitto.conf(5), acl_file. */
export async function startSpaceBroker(accounts: Readonly<Record<string, string>>, acl: string): Promise<SpaceBroker> {
  const dir = await mkdtemp(join(tmpdir(), "koprade-space-broker-"));
  const port = await freePort();
  const url = `mqtt://127.0.0.1:${port}`;
  // As root mosquitto would change to a user of its own, who may not read this folder.
  const conf = `listener ${port} 127.0.0.1\nallow_anonymous false\npassword_file ${dir}/passwords\nacl_file ${dir}/acl\nuser root\n`;
  await Promise.all([
    writeFile(join(dir, "conf"), conf),
    writeFile(join(dir, "acl"), acl, { mode: 0o600 }),
    writeFile(join(dir, "passwords"), "", { mode: 0o600 }),
  ]);
  for (const [name, password] of Object.entries(accounts))
    execFileSync("mosquitto_passwd", ["-b", join(dir, "passwords"), name, password], { stdio: "ignore" });
  const [[username, password] = ["", ""]] = Object.entries(accounts);
  let broker: ChildProcess;
  const start = async (): Promise<void> => {
    broker = spawn("mosquitto", ["-c", join(dir, "conf")], { stdio: "ignore" });
    for (let i = 0; i < 100; i += 1) {
      const client = connect(url, { username, password, reconnectPeriod: 0 });
      const isUp = await new Promise<boolean>((resolve) => {
        client.once("connect", () => resolve(true));
        client.once("error", () => resolve(false));
        client.once("close", () => resolve(false));
      });
      client.end(true);
      if (isUp) return;
      await pause(50);
    }
    throw new Error("mosquitto did not start within 5 s; is Debian's package mosquitto installed?");
  };
  const stop = async (): Promise<void> => {
    const gone = once(broker, "exit");
    broker.kill("SIGTERM");
    await gone;
  };
  await start();
  return {
    url,
    start,
    stop,
    async close() {
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
