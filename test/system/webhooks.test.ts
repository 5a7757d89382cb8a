/** Webhooks of the running hub: a real server that checks the signature, fails, and hears nothing twice but what it asked for. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ledger } from "../../hub/ledger/types.ts";
import { furnishedFolder, type HubProcess, openTestLedger, startHubProcess } from "../support/hub-process.ts";
import { anEvent } from "../support/ledger.ts";
import { until } from "../support/terminal.ts";

let dir: string;
let hub: HubProcess;
let ledger: Ledger;
let secret = "";
let isBroken = true;
let tried = 0;
const heard: string[] = [];
const wrong: string[] = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (piece: Buffer) => {
    body += piece.toString();
  });
  request.on("end", () => {
    tried += 1;
    const [, t = "", v1 = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers["koprade-signature"])) ?? [];
    if (createHmac("sha256", secret).update(`${t}.${body}`).digest("hex") !== v1 || Math.abs(Date.now() / 1000 - Number(t)) > 60)
      wrong.push(body);
    if (!isBroken) heard.push(...(JSON.parse(body) as { events: { id: string }[] }).events.map(({ id }) => id));
    response.writeHead(isBroken ? 500 : 204).end();
  });
});

const oopses = (count: number) =>
  Array.from({ length: count }, (_, i) => anEvent(i + 1, { kind: "mach.oops" }, { node: "node-1", ch: "laser" }));

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  dir = await mkdtemp(join(tmpdir(), "koprade-webhooks-"));
  const folder = await furnishedFolder(dir, async ({ change }) => {
    await change.addNode({ node: "node-1", kind: "machine" }, "cli:test");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    ({ secret } = await change.addWebhook({ url, kinds: ["mach.oops"] }, "cli:test"));
  });
  hub = await startHubProcess(folder);
  ledger = await openTestLedger(dir, "tool");
}, 120_000);
afterAll(async () => {
  await ledger.close();
  await hub.stop();
  server.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

test("a webhook that fails loses nothing: it is told everything once, in order and signed, and again when it asks", async () => {
  const events = oopses(250);
  await ledger.append("node-1", events);
  await until("it was tried", () => tried > 0, 30_000);
  isBroken = false;
  await ledger.change.setWebhook({ webhook: 1, paused: false }, "cli:test");
  await until("it has heard everything", () => heard.length >= 250, 30_000);
  const all = events.map(({ node, boot, seq }) => `${node}/${boot}/${seq}`);
  expect([heard, wrong]).toEqual([all, []]);
  await ledger.change.setWebhook({ webhook: 1, fromMs: 0 }, "cli:test");
  await until("it was told again", () => heard.length >= 500, 30_000);
  expect(heard.slice(250)).toEqual(all);
});
