/**
 * A device from the terminal, with the real hub, its host and `koprade` as processes: strangers are let in while somebody looks and only
 * then, a device is adopted, used, and cut off by every way there is.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDiscovery } from "../../hub/host/discovery.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { plugTasmota, type TasmotaPlug } from "../../simulators/foreign/tasmota.ts";
import { koprade } from "../support/command-line.ts";
import { by, pause, until } from "../support/hosted-space.ts";
import {
  freePort,
  furnishedFolder,
  type HubFolder,
  type HubProcess,
  openTestLedger,
  site,
  startHubProcess,
} from "../support/hub-process.ts";

const ada = "04A23B1C5D6E80";
let folder: HubFolder;
let hub: HubProcess;
let ledger: Ledger;
let url: string;
let plug: TasmotaPlug | undefined;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), "koprade-terminal-"));
  folder = await furnishedFolder(dir, async ({ change }) => {
    await change.addPlan({ plan: "member", label: "Member", always: true }, by);
    await change.addNode({ node: "desk", kind: "machine", label: "Desk" }, by);
    const place = { machine: "laser-1", node: "desk", ch: "machine", label: "Laser", course: null } as const;
    await change.addMachine({ ...place, riskClass: "C", cutHazard: false, settings: { profile: "laser" } }, by);
    const { member } = await change.addMember({ displayName: "Ada" }, by);
    await change.assignCard({ member, card: { number: `iso14443a:${ada}` }, label: "fob" }, by);
    await change.setMembership({ member, plan: "member", from: "2025-01-01", validThrough: null }, by);
  });
  const foreignPort = await freePort();
  // what the terminal reads as well
  await writeFile(join(dir, "koprade.yaml"), `site: ${site}\nmqtt:\n  tlsPort: ${folder.mqttPort}\n  foreignPort: ${foreignPort}\n`);
  hub = await startHubProcess(folder);
  ledger = await openTestLedger(dir, "tool");
  url = `mqtt://127.0.0.1:${foreignPort}`;
}, 120_000);

afterAll(async () => {
  await plug?.close();
  await ledger?.close();
  await hub?.stop();
  await rm(folder.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const env = () => ["--data", folder.dir];
async function said(...args: string[]): Promise<string> {
  const { code, said: text } = await koprade(...args, ...env());
  expect(`${code} ${text}`).toMatch(/^0 /);
  return text;
}
/** A client with whatever account; resolves with it when it was let in, else with null. */
function knock(username: string, password: string, clientId: string): Promise<MqttClient | null> {
  const client = connect(url, { username, password, clientId, protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 5000 });
  return new Promise((resolve) => {
    client.on("connect", () => resolve(client));
    for (const event of ["error", "close"] as const) client.on(event, () => resolve(null));
  });
}
const audited = (account: string): string[] =>
  ledger.read
    .audit(500)
    .filter(({ target }) => target === `account ${account}`)
    .map(({ actor, action }) => `${action} by ${actor}`)
    .reverse();

test("strangers are let in while somebody looks: they are listed, hear nothing, and go when nobody looks any more", async () => {
  expect(await knock("plug", "anything", "stranger")).toBeNull();
  const listed = koprade("node", "discover", "--min", "1", "--wait", "4", ...env());
  let stranger: MqttClient | null = null;
  const from = performance.now();
  while (stranger === null && performance.now() - from < 60_000) {
    await pause(300);
    stranger = await knock("plug", "anything", "stranger");
  }
  if (stranger === null) throw new Error("no stranger was let in");
  const heard: string[] = [];
  stranger.on("message", (topic) => heard.push(topic));
  stranger.subscribe("#");
  const tell = setInterval(() => {
    stranger?.publish("tele/laser-plug/INFO1", JSON.stringify({ Info1: { Module: "Gosund SP111\u001b[2J", Version: "13.1.0" } }));
    stranger?.publish("cmnd/laser-plug/POWER", "ON");
    stranger?.publish("tele/bad\u001b[2Jname/LWT", "Online");
  }, 100);
  const { code, said: text } = await listed;
  clearInterval(tell);
  expect(code).toBe(0);
  expect(text).toContain("tasmota:laser-plug  Gosund SP111");
  expect(text).toContain("koprade node adopt tasmota:laser-plug --node NODE --machine MACHINE");
  expect(text).toMatch(/cannot decide offline/);
  expect(text).not.toMatch(/bad/);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);

  // the window closes by itself, and whoever is there without an account goes
  openDiscovery(join(folder.dir, "hosted"), Date.now() + 2500);
  await pause(1500);
  expect(stranger.connected).toBe(true);
  await until("the end of the window", () => stranger?.connected === false);
  expect(heard).toEqual([]);
  expect(await knock("plug", "anything", "stranger")).toBeNull();
}, 90_000);

test("what each family cannot do is said at the width of a terminal", async () => {
  const text = await said("node", "discover", "--families");
  for (const family of ["tasmota", "shelly-gen1", "esp-rfid", "bambu", "json-path"]) expect(text).toContain(`${family}: `);
  // but for words that are to be copied whole
  for (const line of text.split("\n")) if (!line.includes('{"')) expect(line.length).toBeLessThanOrEqual(100);
}, 30_000);

test("an adopted device has an account; cut off by terminal, page or another program it is out at once, and in again when it is let in", async () => {
  const adopted = await said("node", "adopt", "tasmota:laser-plug", "--node", "laser-plug", "--machine", "laser-1");
  const password = /MqttPassword (\S+);/.exec(adopted)?.[1] ?? "";
  expect(password).toMatch(/^[0-9a-f]{32}$/);
  await ledger.change.takeOver({ resource: "laser-1", reason: "test" }, by);
  plug = plugTasmota({ url, topic: "laser-plug", username: "laser-plug", password, loadW: () => 500, periodMs: 500 });
  const isUp = () => plug?.isUp() === true;
  await until("its connection", isUp);
  expect(audited("laser-plug").length).toBe(1);

  // with a session running: it ends, and its relay falls
  await until("its settings", () => plug?.setting("PowerOnState") === "0", 20_000);
  await pause(2500);
  await until(
    "the relay",
    () => {
      if (!plug?.isOn()) plug?.card(ada);
      return plug?.isOn() === true;
    },
    20_000,
  );
  expect(await said("node", "show", "laser-plug")).toMatch(
    /accounts of devices +laser-plug \(open\)[\s\S]*energy +\d+\.\d{3} kWh; since .* uncertain/,
  );
  expect(await said("node", "revoke", "laser-plug")).toContain("the accounts of its devices, laser-plug");
  await until("it is out", () => !isUp());
  expect(plug.isOn()).toBe(false);
  expect(await knock("laser-plug", password, "again")).toBeNull();
  await said("node", "release", "laser-plug");
  await until("it is in again", isUp);

  const ways = {
    page: async (status: "revoked" | "active") => {
      const answer = await give("setNode", { node: "laser-plug", status });
      expect(answer).toBe(200);
    },
    "another program": async (status: "revoked" | "active") => {
      await ledger.change.setNode({ node: "laser-plug", status }, "hub:links");
    },
  };
  for (const [way, set] of Object.entries(ways)) {
    await set("revoked");
    await until(`${way}: it is out`, () => !isUp());
    expect(await knock("laser-plug", password, "again")).toBeNull();
    await set("active");
    await until(`${way}: it is in again`, isUp);
  }
  const entries = audited("laser-plug").map((entry) => entry.replace(/ by (cli|staff|account|owner|user|hub).*/, " by $1"));
  expect(entries.map((entry) => entry.split(" ")[0])).toEqual(
    ["open", "close", "open", "close", "open", "close", "open"].map((what) => `${what}DeviceAccount`),
  );
  expect(entries.at(-1)).toBe("openDeviceAccount by hub");
}, 120_000);

test("new keys of a hosted node are put where it lies: its host begins anew with them, and its device keeps its account", async () => {
  const keys = join(folder.dir, "hosted", "laser-plug", "node-keys.json");
  const boots = () => ledger.read.events({ node: "laser-plug", limit: 500 }).filter(({ body }) => body.kind === "node.boot").length;
  const [oldKeys, before] = [readFileSync(keys, "utf8"), boots()];
  expect(await said("node", "renew", "laser-plug")).toContain("has new keys where it lies");
  expect(readFileSync(keys, "utf8")).not.toBe(oldKeys);
  expect(existsSync("node-laser-plug")).toBe(false);
  await until("it is there with them", () => boots() > before, 20_000);
  await until("its device", () => plug?.isUp() === true);
  const bridged = await koprade("node", "adopt", "tasmota:mill-plug", "--machine", "laser-1", "--bridge", ...env());
  expect(bridged).toMatchObject({ code: 1, said: expect.stringContaining("Set mqtt.bridge in koprade.yaml") });
  const slip = await koprade("node", "adopt", "tasmota:mill-plug", "--machine", "laser-1", "--option", "maxw=11000", ...env());
  expect(slip).toMatchObject({
    code: 2,
    said: expect.stringContaining("--option maxw is nothing that tasmota can be told; known: order, maxW"),
  });
}, 60_000);

let cookie = "";
/** As the pages give a command: an owner's cookie, and a key that makes it count once. */
async function give(name: string, input: unknown): Promise<number> {
  const post = (path: string, body: unknown, more: Record<string, string> = {}) =>
    fetch(new URL(path, hub.url), {
      method: "POST",
      headers: { "content-type": "application/json", origin: new URL(hub.url).origin, cookie, ...more },
      body: JSON.stringify(body),
    });
  if (cookie === "") {
    const owner = { mail: "kim@example.org", password: "correct horse battery", ownerName: "Kim" };
    const space = { space: "Lab", zone: "Europe/Riga", language: "en" };
    const made = await post("/api/first-run", { code: hub.firstRunCode, ...space, ...owner });
    expect(`${made.status} ${made.ok ? "" : await made.text()}`).toBe("200 ");
    cookie = made.headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; ");
    await pause(4000); // now that there is an owner the ports move to the network
    await until("the plug is back", () => plug?.isUp() === true, 20_000);
  }
  const answer = await post(`/api/commands/${name}`, input, { "idempotency-key": crypto.randomUUID() });
  if (!answer.ok) console.log(await answer.text());
  return answer.status;
}
