/**
 * A new node becomes one of the site: the real hub, the real node program as a process of its own, the real command line. Then everybody
 * who would like to be adopted, or to adopt, and must not: another hub, a stolen fingerprint, an old offer, a closed window, a flood.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decode, type EnrolOffer, encode, topicFilter, topicPath } from "#contract";
import { type EnrolKey, enrolKeyAt, openOffer } from "../../devices/kit/enrol-offer.ts";
import { hubWordsOf } from "../../hub/ledger/offers.ts";
import { furnishedFolder, type HubFolder, type HubProcess, openTestLedger, site, startHubProcess } from "../support/hub-process.ts";
import { temporaryDir } from "../support/ledger.ts";
import { hubProgram, runtime } from "../support/runtime.ts";
import { slowdown } from "../support/slowdown.ts";

const temporary = temporaryDir();
let folder: HubFolder;
let hub: HubProcess;
let hubWords: string;
const processes = new Set<ChildProcess>();
const clients = new Set<MqttClient>();

beforeAll(async () => {
  folder = await furnishedFolder(join(temporary.dir, "hub"), async ({ change, keys }) => {
    hubWords = hubWordsOf(keys.signingPublicKey);
    await change.addNode({ node: "old-node", kind: "door" }, "cli:test");
    await change.addDoor({ door: "front", node: "old-node", ch: "door", label: "Front", failMode: "safe" }, "cli:test");
  });
  hub = await startHubProcess(folder);
}, 120_000);
afterAll(async () => {
  for (const client of clients) client.end(true);
  for (const child of processes) child.kill("SIGKILL");
  await hub.stop();
  temporary.remove();
});

type Said = { readonly code: number | null; readonly out: string };
async function koprade(...args: readonly string[]): Promise<Said> {
  const child = spawn(process.execPath, [...runtime.flags, hubProgram, ...args], {
    env: { ...process.env, ...runtime.environment, KOPRADE_DATA: folder.dir },
  });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (out += text.toString()));
  await once(child, "close");
  return { code: child.exitCode, out };
}

type Running = { readonly child: ChildProcess; said(): string; ended: Promise<unknown> };
function runNode(configPath: string): Running {
  const child = spawn(process.execPath, [...runtime.flags, hubProgram, "node", "run", "--config", configPath], {
    env: { ...process.env, ...runtime.environment },
  });
  processes.add(child);
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (out += text.toString()));
  return { child, said: () => out, ended: once(child, "close") };
}

async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const endMs = Date.now() + slowdown() * 30_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`not within its time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function newNode(name: string, words = hubWords): Promise<string> {
  const dir = join(temporary.dir, name);
  await mkdir(dir, { recursive: true });
  const path = join(dir, "node.yaml");
  const text = `site: ${site}
kind: door
hub:
  url: mqtts://127.0.0.1:${folder.mqttPort}
  words: ${words}
board: { port: /dev/null }
door: { reader: { kind: rdm6300, port: /dev/null }, strike: { pin: 4 } }
times: { heartbeatMs: 500, backoffMinMs: 50, backoffMaxMs: 400 }
`;
  writeFileSync(path, text);
  return path;
}

const wordsIn = (said: string): string | undefined => /^ {4}((?:[a-z]+ ){7}[a-z]+)$/m.exec(said)?.[1];
const keysOf = (configPath: string) => join(configPath, "..", "node-keys.json");
const json = async (...args: readonly string[]) => JSON.parse((await koprade(...args, "--json")).out);

it("takes a node in by its words, binds it, and has it online with all that it must hold; a power cut at any step is mended by starting again", async () => {
  const config = await newNode("fresh");
  let node = runNode(config);
  const words = await until("the node's words", () => wordsIn(node.said()));
  expect((await koprade("node", "pending")).out).toContain("The window is closed");
  expect((await koprade("node", "adopt", words, "--node", "door-node")).out).toContain("No new node is heard now");

  const opened = await koprade("node", "window", "open", "--min", "10");
  expect(opened.out).toContain(`words: ${hubWords}`);
  await until("the node in the list", async () => (await koprade("node", "pending")).out.includes(words));

  // Cut before it is adopted: the same words again.
  node.child.kill("SIGKILL");
  await node.ended;
  expect(existsSync(keysOf(config))).toBe(false);
  const keyFile = join(config, "..", "node-data", "enrol-key.json");
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect((await koprade("node", "adopt", words, "--door", "front")).out).toContain("The node proposes no name");
  const adopted = await koprade("node", "adopt", words.toUpperCase(), "--node", "door-node", "--door", "front");
  expect(adopted).toMatchObject({ code: 0, out: expect.stringContaining("front hangs on its channel door now.") });

  // The window closes, and the hub is cut, before the keys are fetched: they wait in the ledger.
  await koprade("node", "window", "close");
  await hub.kill();
  hub = await startHubProcess(folder);
  node = runNode(config);
  await until("its keys", () => existsSync(keysOf(config)));
  expect(wordsIn(node.said())).toBe(words);
  expect(statSync(keysOf(config)).mode & 0o777).toBe(0o600);
  await until("the private half to be gone", () => !existsSync(keyFile));
  const online = await until("it to be online", async () => {
    const rows: { node: string; live: { status: string; config: { applied: number } } | null }[] = await json("node", "list");
    return rows.find((row) => row.node === "door-node" && row.live?.status === "online");
  });
  expect(online.live?.config.applied).toBeGreaterThan(0);
  const shown = await json("node", "show", "door-node");
  expect(shown.channels).toEqual([{ ch: "door", kind: "door", id: "front" }]);
  expect(["wired", "number"]).toContain(shown.live.signal === "wired" ? "wired" : typeof shown.live.signal);
  expect((await koprade("audit", "list", "--about", "door-node")).out).toContain("adoptNode");
  expect(readdirSync(join(config, ".."))).not.toContain("node-keys.json.new");

  await rekeyed(
    config,
    () => node,
    (again) => {
      node = again;
    },
  );

  // A copy of its card: two with one identity are cut off until somebody has looked at it.
  cpSync(join(config, ".."), join(temporary.dir, "copy"), { recursive: true });
  const copy = runNode(join(temporary.dir, "copy", "node.yaml"));
  const stateIs = async (state: string) =>
    (await json("node", "list")).some(
      (row: { node: string; live: { status: string } }) => row.node === "door-node" && row.live?.status === state,
    );
  await until("both to be cut off", () => stateIs("quarantined"));
  copy.child.kill("SIGKILL");
  await copy.ended;
  await koprade("node", "release", "door-node");
  await until("the one that is left to be back", () => stateIs("online"));

  // Revoked, its connection ends; the keys of the folder open nothing any more.
  await koprade("node", "revoke", "door-node");
  await until("it to be cut off", async () =>
    (await json("node", "list")).some(
      (row: { node: string; live: { status: string } }) => row.node === "door-node" && row.live?.status === "revoked",
    ),
  );
  node.child.kill("SIGKILL");
  await node.ended;
}, 300_000);

type Keys = { readonly secret: string; readonly mac: string; readonly previous?: { readonly secret: string } };

/** New keys, once while the node is there and once while it is cut off in the middle. */
async function rekeyed(config: string, node: () => Running, start: (again: Running) => void): Promise<void> {
  const held = (): Keys => JSON.parse(readFileSync(keysOf(config), "utf8"));
  const isOwn = async (secret: string) => {
    const ledger = await openTestLedger(folder.dir);
    const own = ledger.nodeSecretMatches("door-node", secret);
    await ledger.close();
    return own;
  };
  const isOnline = async () =>
    (await json("node", "list")).some(
      (row: { node: string; live: { status: string } | null }) => row.node === "door-node" && row.live?.status === "online",
    );
  const first = held();
  expect((await koprade("node", "rekey", "door-node")).out).toContain("door-node has new keys; the old ones are void.");
  const second = held();
  expect([second.secret === first.secret, second.mac === first.mac, await isOwn(first.secret), await isOwn(second.secret)]).toEqual([
    false,
    false,
    false,
    true,
  ]);
  await until("it to be online again", isOnline);
  // What the hub seals from now on opens with the new key, and the node lets go of the old one.
  await until("the old keys to be gone", () => held().previous === undefined);
  await koprade("policy", "set", "front", "--set", "preAlarmMs=12000");
  await until("the new configuration at the node", async () => {
    const { live } = await json("node", "show", "door-node");
    return live?.config.applied === live?.config.sent && live?.config.trouble === null;
  });

  // Cut off before it has them: the old ones hold, and it gets others at its next start, which has another key to encrypt to.
  node().child.kill("SIGKILL");
  await node().ended;
  const ledger = await openTestLedger(folder.dir);
  const { publicKey } = await enrolKeyAt(join(temporary.dir, "nobody.json"));
  await ledger.change.rekeyNode({ node: "door-node", boxKey: publicKey, ca: folder.caPem }, "cli:test");
  await ledger.close();
  expect(await isOwn(second.secret)).toBe(true);
  start(runNode(config));
  await until("its third keys", () => held().secret !== second.secret);
  await until("the second ones to be void", async () => !(await isOwn(second.secret)));
  expect(await isOwn(held().secret)).toBe(true);
  await until("it to be online with them", isOnline);
  expect((await koprade("audit", "list", "--about", "door-node")).out).toMatch(/confirmKeys[\s\S]*rekeyNode|rekeyNode[\s\S]*confirmKeys/);
  expect((await koprade("node", "rekey", "old-node")).out).toContain("old-node is not there");
}

/** Somebody with a key of their own on the bus, as the broker lets them. */
async function newcomer(
  key: EnrolKey,
  fp = key.fp,
): Promise<{ readonly client: MqttClient; readonly offers: EnrolOffer[]; hello(change?: object): void }> {
  const client = await mqtt.connectAsync(
    `mqtts://127.0.0.1:${folder.mqttPort}`,
    {
      clientId: `enrol-${fp}`,
      username: `enrol-${fp}`,
      password: key.publicKey,
      ca: folder.caPem,
      reconnectPeriod: 0,
      protocolVersion: 4,
      connectTimeout: 20_000,
    },
    false,
  );
  clients.add(client);
  const offers: EnrolOffer[] = [];
  client.on("message", (path, bytes) => {
    const heard = decode(site, path, bytes);
    if (heard.ok && heard.topic === "enrolOffer") offers.push(heard.body);
  });
  await client.subscribeAsync(topicPath(site, "enrolOffer", fp), { qos: 1 });
  const sender = {
    id: "01J00000000000000000000000",
    src: `enrol-${fp}`,
    boot: "0".repeat(16),
    conn: 1,
    mono: 1,
    ts: null,
    tq: "unknown",
  } as const;
  return {
    client,
    offers,
    hello(change = {}) {
      const body = {
        fp,
        publicKey: key.publicKey,
        nonce: "a".repeat(24),
        model: "m",
        fw: "1",
        serial: "s",
        wants: null,
        channels: [],
        ...change,
      };
      client.publish(topicPath(site, "enrolHello", fp), Buffer.from(encode("enrolHello", sender, body)), { qos: 1 });
    },
  };
}
const aKey = (name: string) => enrolKeyAt(join(temporary.dir, `${name}.json`));
const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => "let in",
    (error: Error) => error.message,
  );

it("lets nobody in while the window is closed, nobody under another's fingerprint, and nobody to anything but their own two topics", async () => {
  const [own, other] = [await aKey("own"), await aKey("other")];
  expect(await refused(newcomer(own))).toMatch(/Bad username or password|Not authorized/i);
  await koprade("node", "window", "open");
  expect(await refused(newcomer(own, other.fp))).toMatch(/Bad username or password|Not authorized/i);
  const { client } = await newcomer(own);
  for (const filter of [
    "#",
    topicFilter(site, "enrolOffer"),
    topicFilter(site, "enrolHello", own.fp),
    topicFilter(site, "hubState"),
    topicFilter(site, "command", "door-node"),
  ]) {
    const granted = await client.subscribeAsync(filter).catch(() => [{ qos: 128 }]);
    expect([filter, granted[0]?.qos]).toEqual([filter, 128]);
  }
  const gone = new Promise<void>((resolve) => client.once("close", resolve));
  client.publish(topicPath(site, "nodeBirth", "door-node"), "{}", { qos: 1 });
  await gone;
});

it("offers keys to the adopted key only; neither the fingerprint nor the offer is of use to anybody else, nor to another hello", async () => {
  await koprade("node", "window", "open");
  const [own, thief] = [await aKey("adopted"), await aKey("thief")];
  const one = await newcomer(own);
  one.hello();
  one.hello({ publicKey: thief.publicKey }); // under this name, with another key
  await until("it in the list", async () => (await koprade("node", "pending")).out.includes(own.words));
  expect((await koprade("node", "pending")).out).not.toContain(thief.words);
  await koprade("node", "adopt", own.fp, "--node", "side-node", "--ch", "door");
  expect((await koprade("node", "adopt", own.words, "--node", "side-node")).out).toContain("Node side-node exists already.");
  const offer = await until("the offer", () => one.offers[0]);
  const nonce = "a".repeat(24);
  const opens = (key: EnrolKey, change: object = {}, words = hubWords, asked = nonce) =>
    openOffer({ key, site, nonce: asked, hubWords: words }, { ...offer, ...change });
  expect(opens(own)).toMatchObject({ ok: true, identity: { node: "side-node", site, ca: folder.caPem } });
  expect(opens(thief)).toMatchObject({ ok: false, why: "the hub has not signed it" });
  expect(opens({ ...thief, fp: own.fp })).toMatchObject({ ok: false, why: "it does not open with this node's key" });
  expect(opens(own, {}, hubWords, "b".repeat(24))).toMatchObject({ ok: false, why: "it answers an earlier hello" });
  expect(opens(own, { nonce: "b".repeat(24) }, hubWords, "b".repeat(24))).toMatchObject({ ok: false, why: "the hub has not signed it" });
  expect(opens(own, { cipher: `${offer.cipher.slice(0, -2)}AA` })).toMatchObject({ ok: false });
  expect(opens(own, {}, own.words)).toMatchObject({ ok: false, why: expect.stringContaining("other words") });
  expect((await koprade("node", "replace", "door-node", "side-node", "--ch", "door=main")).out).toContain(
    "side-node has the place of door-node, which is revoked: front on main.",
  );
  const ledger = await openTestLedger(folder.dir);
  const identity = opens(own);
  expect(identity.ok && ledger.nodeSecretMatches("side-node", identity.identity.secret)).toBe(true);
  expect(
    ledger.read
      .audit(5)
      .map(({ detail }) => detail)
      .join(),
  ).not.toContain("BEGIN CERTIFICATE");
  await ledger.close();
});

it("is not adopted by a hub that its file does not name", async () => {
  const strange = await aKey("strange-hub");
  const config = await newNode("misled", strange.words);
  await koprade("node", "window", "open");
  const node = runNode(config);
  const words = await until("its words", () => wordsIn(node.said()));
  await until("it in the list", async () => (await koprade("node", "pending")).out.includes(words));
  await koprade("node", "adopt", words, "--node", "misled-node");
  await until("its refusal", () => node.said().includes("an offer was refused: it is from a hub that has other words"));
  expect(existsSync(keysOf(config))).toBe(false);
  node.child.kill("SIGKILL");
  const without = runNode(await newNode("wordless", "none of these are words of any hub"));
  await without.ended;
  expect(without.said()).toContain("hub.words: eight words as `koprade node window open` on the hub shows them");
}, 120_000);

it("keeps its list short and its door open however many say hello, and sends them away when the window closes", async () => {
  await koprade("node", "window", "open");
  const crowd = await Promise.all(Array.from({ length: 30 }, async (_, i) => newcomer(await aKey(`crowd-${i}`)).catch(() => undefined)));
  for (const one of crowd) for (let i = 0; i < 20; i += 1) one?.hello();
  const listed = await until("a full list", async () => {
    const rows: unknown[] = await json("node", "pending");
    return rows.length >= 15 && rows;
  });
  expect(listed.length).toBeLessThanOrEqual(20);
  expect((await koprade("node", "list")).code).toBe(0);
  await koprade("node", "window", "close");
  await until("an empty list", async () => (await json("node", "pending")).length === 0);
  await until("everybody gone", () => crowd.every((one) => one === undefined || !one.client.connected));
  rmSync(join(temporary.dir, "crowd-0.json"));
}, 120_000);
