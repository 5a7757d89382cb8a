/** What a person sees when the hub cannot start: one sentence with its remedy and exit code 1, within seconds, and nothing left behind. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort, startHubProcess } from "../support/hub-process.ts";
import { hubProgram } from "../support/runtime.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "koprade-fail-"));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Starts the hub and gives what it said when it ended by itself; code null when it had to be killed. */
async function start(given: { data?: string; httpPort?: number; mqttPort?: number } = {}): Promise<{ code: number | null; said: string }> {
  const { data = "space", httpPort = 0, mqttPort = 0 } = given;
  const args = ["start", "--data", resolve(home, data), "--http-port", String(httpPort), "--mqtt-port", String(mqttPort)];
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", hubProgram, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), 90_000);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
  await once(child, "close");
  clearTimeout(limit);
  return { code: child.exitCode, said };
}

/** One line that begins with the first part and holds the others in this order. */
const sentence = (...parts: string[]): RegExp => new RegExp(`^koprade start: ${parts.map((part) => RegExp.escape(part)).join(".*")}.*\\n$`);

async function taken(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
}

test("a port that another program uses, of the pages or of the broker", async () => {
  const { server, port } = await taken();
  const says = sentence("The port is taken by another program.", `127.0.0.1:${port}`, "Stop the other program or choose another port");
  for (const given of [{ httpPort: port }, { mqttPort: port }]) {
    const { code, said } = await start(given);
    expect(said).toMatch(says);
    expect(code).toBe(1);
  }
  server.close();
}, 120_000);

test("a configuration that cannot be read or understood, with its line or its field", async () => {
  await mkdir(join(home, "space"));
  const path = join(home, "space", "koprade.yaml");
  for (const [text, ...parts] of [
    ["site: valmiera\nhttp: {port: 1\nfoo\n", `${path}:3:1: `],
    ["http:\n  host: 7\n", `${path}: http.host: `],
    ["sit: valmiera\n", `${path}: unknown field "sit"`],
  ] as const) {
    await writeFile(path, text);
    const { code, said } = await start();
    expect(said).toMatch(sentence(...parts));
    expect(code).toBe(1);
  }
}, 120_000);

test("a data folder that is a file or cannot be, and files in it that are damaged", async () => {
  await writeFile(join(home, "file"), "");
  for (const data of ["file", "/proc/1/koprade"]) {
    expect(await start({ data })).toEqual({
      code: 1,
      said: expect.stringMatching(sentence("The data folder cannot be used.", "Check that")),
    });
  }
  for (const [name, says, fix] of [
    ["accounts.sqlite", "The accounts of the pages cannot be opened.", "Restore accounts.sqlite from a backup"],
    ["series.sqlite", "The usage series cannot be opened.", "Restore series.sqlite from a backup"],
  ] as const) {
    await mkdir(join(home, name));
    await writeFile(join(home, name, name), "this is no database, but something else that somebody copied here by mistake");
    expect(await start({ data: name })).toEqual({ code: 1, said: expect.stringMatching(sentence(says, fix)) });
  }
}, 120_000);

test("a second hub on the same folder, also when the socket of the first is gone, and not after that one was killed", async () => {
  const folder = { dir: join(home, "space"), mqttPort: await freePort(), caPem: "" };
  const first = await startHubProcess(folder);
  try {
    expect(await start()).toEqual({
      code: 1,
      said: expect.stringMatching(sentence("A hub is running on this data folder already", "Stop it first")),
    });
    await rm(join(folder.dir, "control.sock"));
    const deaf = await start();
    expect(deaf.said).toMatch(sentence("A hub is running on this data folder already", "Stop it first"));
    expect(deaf.code).toBe(1);
  } finally {
    await first.kill();
  }
  const again = await startHubProcess(folder);
  expect(await again.stop()).toBe(0);
}, 120_000);
