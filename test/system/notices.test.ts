/** Notices leave the running hub: real processes, and a real server where a phone's ntfy would be. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { NoticeWay } from "#core";
import type { Ledger } from "../../hub/ledger/types.ts";
import { furnishedFolder, type HubProcess, openTestLedger, startHubProcess } from "../support/hub-process.ts";
import { aPushBrowser, vapidClaims } from "../support/push-browser.ts";
import { hubProgram } from "../support/runtime.ts";
import { aMailServer } from "../support/smtp.ts";
import { until } from "../support/terminal.ts";

type Arrived = {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
  readonly title: string;
  readonly body: string;
  readonly bytes: Buffer;
};
let dir: string;
let hub: HubProcess;
const arrived: Arrived[] = [];
const server = createServer((request, response) => {
  void bytesOf(request).then((bytes) => {
    const { url: path = "", method = "", headers } = request;
    arrived.push({ path, method, headers, title: String(headers.title), body: bytes.toString(), bytes });
    response.writeHead(path === "/broken" ? 503 : path === "/over" ? 410 : 200).end();
  });
});
async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
const at = (path: string): Arrived | undefined => arrived.find((one) => one.path === path);
const koprade = async (...words: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [hubProgram, ...words, "--data", dir], { timeout: 60_000 })).stdout;
let address = "";
let mail: Awaited<ReturnType<typeof aMailServer>>;
let ledger: Ledger;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  dir = await mkdtemp(join(tmpdir(), "koprade-notices-"));
  const folder = await furnishedFolder(dir, async ({ change }) => {
    await change.addMember({ displayName: "Ada", locale: "lv" }, "cli:test");
    await change.addMember({ displayName: "Max" }, "cli:test");
    await change.addMember({ displayName: "Eva Unseen", locale: "nb" }, "cli:test");
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
  mail = await aMailServer();
  const config = {
    site: "test-site",
    notices: {
      mail: { host: "127.0.0.1", port: mail.port, security: "none", from: "Koprade <koprade@example.org>" },
      telegram: { url: address, token: "123456:abcdefghijklmnopqrstuvwxyz" },
      matrix: { url: address, token: "secret-token" },
      contact: "info@example.org",
    },
  };
  await writeFile(join(dir, "koprade.yaml"), JSON.stringify(config));
  hub = await startHubProcess(folder);
  ledger = await openTestLedger(dir, "tool");
}, 120_000);
afterAll(async () => {
  await ledger?.close();
  await hub?.stop();
  mail?.close();
  server.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

test("a notice reaches the address of its member in their language, and the list says so", async () => {
  expect(await koprade("notice", "add-channel", "Ada", "post", `${address}/ada`)).toContain("koprade notice try 1");
  await koprade("notice", "try", "Ada");
  await until("the notice is there", () => arrived.length > 0, 30_000);
  expect(arrived).toMatchObject([{ path: "/ada", body: expect.stringContaining("Paziņojumi jūs sasniedz šeit.") }]);
  expect(Buffer.from(/^=\?UTF-8\?B\?(\S+)\?=$/.exec(arrived[0]?.title ?? "")?.[1] ?? "", "base64").toString()).toBe("Koprade: pārbaude");
  const [row] = JSON.parse(await koprade("notice", "list", "--member", "Ada", "--json"));
  expect(row).toMatchObject({ kind: "test", deliveries: [{ way: "post", problem: null, tries: 1, doneMs: expect.any(Number) }] });
});

test("a maintainer hears of an override; a server that fails is tried again, and the hub goes on", async () => {
  await koprade("notice", "add-channel", "Max", "post", `${address}/broken`);
  const given = ["--codes", "OUT_OF_ORDER", "--reason", "class", "--by", "Ada"];
  await koprade("member", "role", "Ada", "maintainer");
  await koprade("override", "add", "--member", "Max", "--at", "laser-1", ...given);
  await until("it was tried", () => arrived.some(({ path }) => path === "/broken"), 30_000);
  expect(arrived.at(-1)?.body).not.toMatch(/Ada|Max/);
  expect(await koprade("notice", "list", "--member", "Max")).toContain("post waiting: the server answered 503");
});

const by = "cli:test";
const eva = 3;
const outcomes = () => ledger.read.noticeChannels(eva).map(({ way, triedMs, problem }) => [way, triedMs === null ? "untried" : problem]);

test("one notice goes on every way in the shape that is asked for there, and names nobody", async () => {
  const browser = aPushBrowser();
  const add = (way: NoticeWay, to: string, more: object = {}) =>
    ledger.change.addNoticeChannel({ member: eva, way, address: to, ...more }, by);
  await add("mail", "eva@example.org");
  await add("mail", "nobody@example.org");
  await add("push", `${address}/push`, { pushKeys: browser.pushKeys });
  await add("push", `${address}/over`, { pushKeys: browser.pushKeys });
  await add("telegram", "-1001234");
  await add("matrix", "!room:example.org");
  await add("discord", `${address}/discord`);
  await add("slack", `${address}/slack`);
  await ledger.noteNotices([{ kind: "alone_late", facts: { label: "<Saw> & @everyone" }, source: "test/ways", to: [eva] }]);
  await until("each was tried", () => outcomes().every(([, state]) => state !== "untried"), 30_000);
  expect(outcomes()).toEqual([
    ["mail", null],
    ["mail", "the mail server refuses this address (550)"],
    ["push", null],
    ["push", "the browser has ended it: switch it on there again"],
    ["telegram", null],
    ["matrix", null],
    ["discord", null],
    ["slack", null],
  ]);
  const title = "<Saw> & @everyone: noen arbeider alene etter stengetid";
  expect(mail.mails).toMatchObject([{ from: "koprade@example.org", to: ["eva@example.org"] }]);
  expect(mail.mails[0]?.text).toMatch(/^Subject: <Saw> & @everyone: noen arbeider alene etter stengetid$/m);
  expect(mail.mails[0]?.text).toMatch(/^Auto-Submitted: auto-generated$/m);
  expect(mail.mails[0]?.text).toContain("Se innom eller ring.");

  const pushed = at("/push");
  expect(pushed?.headers).toMatchObject({ "content-encoding": "aes128gcm", urgency: "high", ttl: "86400" });
  expect(browser.read(pushed?.bytes ?? Buffer.alloc(0))).toMatchObject({ title, body: expect.stringContaining("Se innom eller ring.") });
  expect(() => aPushBrowser().read(pushed?.bytes ?? Buffer.alloc(0)), "for this browser only").toThrow();
  const keysFile = join(dir, "keys", "push.json");
  expect((await stat(keysFile)).mode & 0o777).toBe(0o600);
  const { publicKey } = JSON.parse(await readFile(keysFile, "utf8"));
  const claims = vapidClaims(String(pushed?.headers.authorization), publicKey);
  expect(claims).toMatchObject({ aud: address, sub: "mailto:info@example.org" });
  expect(claims.exp * 1000).toBeLessThan(Date.now() + 24 * 3_600_000 + 60_000);

  expect(JSON.parse(at("/bot123456:abcdefghijklmnopqrstuvwxyz/sendMessage")?.body ?? "")).toMatchObject({
    chat_id: "-1001234",
    text: expect.stringContaining(title),
  });
  const room = arrived.find(({ method }) => method === "PUT");
  expect(room?.path).toMatch(/^\/_matrix\/client\/v3\/rooms\/!room%3Aexample\.org\/send\/m\.room\.message\/koprade-\d+-\d+-1$/);
  expect([room?.headers.authorization, JSON.parse(room?.body ?? "").msgtype]).toEqual(["Bearer secret-token", "m.text"]);
  expect(JSON.parse(at("/discord")?.body ?? "")).toMatchObject({
    content: expect.stringContaining(title),
    allowed_mentions: { parse: [] },
  });
  expect(JSON.parse(at("/slack")?.body ?? "").text).toContain("&lt;Saw&gt; &amp; @everyone");
  for (const { body } of arrived) expect(body).not.toContain("Eva Unseen");
  expect(mail.mails[0]?.text).not.toContain("Eva Unseen");
}, 60_000);
