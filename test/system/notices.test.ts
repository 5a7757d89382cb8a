/** Notices leave the running hub: real processes, and a real server where a phone's ntfy would be. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { furnishedFolder, type HubProcess, startHubProcess } from "../support/hub-process.ts";
import { hubProgram } from "../support/runtime.ts";
import { until } from "../support/terminal.ts";

type Arrived = { readonly path: string; readonly title: string; readonly body: string };
let dir: string;
let hub: HubProcess;
const arrived: Arrived[] = [];
const server = createServer((request, response) => {
  void textOf(request).then((body) => {
    arrived.push({ path: request.url ?? "", title: String(request.headers.title), body });
    response.writeHead(request.url === "/broken" ? 503 : 200).end();
  });
});
async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return text;
}
const koprade = async (...words: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [hubProgram, ...words, "--data", dir], { timeout: 60_000 })).stdout;
let address = "";

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  dir = await mkdtemp(join(tmpdir(), "koprade-notices-"));
  const folder = await furnishedFolder(dir, async ({ change }) => {
    await change.addMember({ displayName: "Ada", locale: "lv" }, "cli:test");
    await change.addMember({ displayName: "Max" }, "cli:test");
    await change.addNode({ node: "node-1", kind: "machine" }, "cli:test");
    const machine = {
      machine: "laser-1",
      node: "node-1",
      ch: "laser",
      label: "Lāzers",
      riskClass: "B" as const,
      cutHazard: false,
      course: null,
    };
    await change.addMachine(machine, "cli:test");
    await change.addQualification({ member: 2, role: "maintainer", scope: "laser-1" }, "cli:test");
  });
  hub = await startHubProcess(folder);
}, 120_000);
afterAll(async () => {
  await hub.stop();
  server.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

test("a notice reaches the address of its member in their language, and the list says so", async () => {
  expect(await koprade("notice", "address", "Ada", `${address}/ada`)).toContain("koprade notice try 1");
  await koprade("notice", "try", "Ada");
  await until("the notice is there", () => arrived.length > 0, 30_000);
  expect(arrived).toMatchObject([{ path: "/ada", body: expect.stringContaining("Paziņojumi jūs sasniedz šeit.") }]);
  expect(Buffer.from(/^=\?UTF-8\?B\?(\S+)\?=$/.exec(arrived[0]?.title ?? "")?.[1] ?? "", "base64").toString()).toBe("Koprade: pārbaude");
  const [row] = JSON.parse(await koprade("notice", "list", "--member", "Ada", "--json"));
  expect(row).toMatchObject({ kind: "test", problem: null, tries: 1, doneMs: expect.any(Number) });
});

test("a maintainer hears of an override; a server that fails is tried again, and the hub goes on", async () => {
  await koprade("notice", "address", "Max", `${address}/broken`);
  const given = ["--codes", "OUT_OF_ORDER", "--reason", "class", "--by", "Ada"];
  await koprade("member", "role", "Ada", "maintainer");
  await koprade("override", "add", "--member", "Max", "--at", "laser-1", ...given);
  await until("it was tried", () => arrived.some(({ path }) => path === "/broken"), 30_000);
  expect(arrived.at(-1)?.body).not.toMatch(/Ada|Max/);
  expect(await koprade("notice", "list", "--member", "Max")).toContain("waiting: the server answered 503");
});
