/** One whole space on real ports: what its parts do for each other over days, restarts and a broker that forgets. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Birth, decode, encode, type Topic, topicFilter, topicPath } from "#contract";
import { configSchema } from "../../hub/config.ts";
import { controlHandlers } from "../../hub/control-handlers.ts";
import { raiseEpoch } from "../../hub/ledger/backup.ts";
import type { Clock, Log } from "../../hub/ports.ts";
import { openStack, type Stack } from "../../hub/stack.ts";
import { startHub } from "../../hub/start.ts";
import { systemClock, systemIds } from "../../hub/system.ts";
import { connect, type Endpoint, inbox, pause, silentLog, site, subscribe, until } from "../support/bus-suite.ts";
import { anEvent, anId } from "../support/ledger.ts";
import { hub, startMosquitto } from "../support/mosquitto.ts";

let dir: string;
const opened: Stack[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-stack-"));
});
afterEach(async () => {
  for (const stack of opened.splice(0)) await stack.close();
  await rm(dir, { recursive: true, force: true });
});

async function open(mqtt: Record<string, unknown>, clock: Clock = systemClock, log: Log = silentLog): Promise<Stack> {
  const config = configSchema.parse({ site, mqtt });
  const stack = await openStack({ dir, config, ownerExists: false, clock, ids: systemIds, log });
  opened.push(stack);
  return stack;
}

const kept = ["hubState", "siteMode", "nodeConfig", "restrictions", "snapshotManifest"] as const satisfies readonly Topic[];

/** Everything retained that the node `door-1` finds when it comes now: each path, and the hub's state. */
async function found(endpoint: Endpoint): Promise<{ paths: string[]; hubState: string | undefined }> {
  const node = await connect(endpoint, "door-1");
  const got = inbox(node);
  for (const topic of kept) await subscribe(node, topicFilter(site, topic, "door-1"));
  await pause(300);
  node.end(true);
  const retained = got.filter((message) => message.retained);
  const state = retained.map(({ path, bytes }) => decode(site, path, bytes)).find((message) => message.ok && message.topic === "hubState");
  return {
    paths: retained.map(({ path }) => path.split("/").slice(3).join("/")).sort(),
    hubState: state?.ok === true && state.topic === "hubState" ? state.body.state : undefined,
  };
}

test("an external broker that comes back empty is told everything again, and says for the hub that it is gone", async () => {
  const mosquitto = await startMosquitto();
  try {
    const url = `mqtts://localhost:${mosquitto.endpoint.port}`;
    const stack = await open({ external: { url, username: hub.username, password: hub.secret, caFile: mosquitto.caFile } });
    await stack.ledger.change.addNode({ node: "door-1", kind: "door" }, "cli:test");
    await stack.ledger.change.addDoor({ door: "front", node: "door-1", ch: "door", label: "Front", failMode: "secure" }, "cli:test");
    await pause(1000);
    const all = ["hub/state", "mode", "n/door-1/cfg", "n/door-1/lock", "n/door-1/snap"];
    expect(await found(mosquitto.endpoint)).toEqual({ paths: all, hubState: "online" });

    await mosquitto.restart();
    await pause(3500);
    expect(await found(mosquitto.endpoint)).toEqual({ paths: all, hubState: "online" });

    // Another with the hub's account takes its place: the hub's connection ends without a word, as if it had died.
    const other = await connect(mosquitto.endpoint, hub.username, { password: hub.secret });
    await pause(200);
    expect((await found(mosquitto.endpoint)).hubState).toBe("offline");
    other.end(true);
    await pause(3000);
    expect((await found(mosquitto.endpoint)).hubState).toBe("online");

    await stack.close();
    expect((await found(mosquitto.endpoint)).hubState).toBe("offline");
  } finally {
    await mosquitto.stop();
  }
}, 120_000);

/** Until when the broker's certificate is valid, as a node sees it that connects now. */
function validUntil(stack: Stack): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host: "127.0.0.1",
      port: stack.broker?.ports.tls ?? 0,
      servername: "localhost",
      ca: stack.tls?.caPem ?? "",
    });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_to));
      socket.destroy();
    });
  });
}

test("a hub that runs for a year renews its broker's certificate in time, without a restart", async () => {
  let aheadMs = 0;
  const daily: (() => void)[] = [];
  const clock: Clock = {
    ...systemClock,
    nowMs: () => Date.now() + aheadMs,
    every(name, periodMs, run) {
      if (name === "certificate") daily.push(run);
      return systemClock.every(name, periodMs, run);
    },
  };
  const stack = await open({ tlsPort: 0 }, clock);
  const first = await validUntil(stack);
  const pass = (days: number): void => {
    aheadMs += days * 86_400_000;
    for (const run of daily) run();
  };
  pass(300);
  await pause(500);
  expect(await validUntil(stack)).toBe(first);
  pass(75);
  let second = first;
  for (let tried = 0; second === first && tried < 50; tried += 1) {
    await pause(100);
    second = await validUntil(stack);
  }
  expect(second - first).toBeGreaterThan(300 * 86_400_000);
}, 120_000);

const endpointOf = (stack: Stack): Endpoint => ({ port: stack.broker?.ports.tls ?? 0, caPem: stack.tls?.caPem ?? "" });
const nodesOf = (stack: Stack) => controlHandlers({ stack }, "cli:test").nodes({ op: "nodes" });

async function beBorn(node: Awaited<ReturnType<typeof connect>>, boot: string, conn: number, snapshot: Birth["snapshot"]): Promise<void> {
  const sender = { id: systemIds.ulid(), src: "door-1", boot, conn, mono: 1000, ts: null, tq: "unknown" } as const;
  const birth: Birth = {
    ...{ model: "door", fw: "1.2.3", hw: "test", channels: [], configVersion: 0, lockVersion: 0, outboxDepth: 0, restart: "start" },
    snapshot,
  };
  await node.publishAsync(topicPath(site, "nodeBirth", "door-1"), Buffer.from(encode("nodeBirth", sender, birth)), {
    qos: 1,
    retain: true,
  });
}

/** What the hub says of `door-1` after that node has been born with the given snapshot. */
async function afterBirth(stack: Stack, secret: string, snapshot: Birth["snapshot"]) {
  const node = await connect(endpointOf(stack), "door-1", { password: secret });
  await beBorn(node, "00112233445566aa", 1, snapshot);
  const about = async () => (await nodesOf(stack)).find(({ id }) => id === "door-1");
  for (let tried = 0; (await about())?.firmware === null && tried < 50; tried += 1) await pause(50);
  node.end(true);
  return await about();
}

test("an old data folder put back is told apart by what a node remembers, until its epoch is raised", async () => {
  let stack = await open({ tlsPort: 0 });
  const { secret } = await stack.ledger.change.addNode({ node: "door-1", kind: "door" }, "cli:test");
  await stack.ledger.change.addDoor({ door: "front", node: "door-1", ch: "door", label: "Front", failMode: "secure" }, "cli:test");
  await stack.close();
  const old = `${dir}-old`;
  await cp(dir, old, { recursive: true });

  stack = await open({ tlsPort: 0 });
  const held = (): { epoch: number; version: number } => stack.ledger.permissions.snapshot("door-1")?.manifest ?? { epoch: 0, version: 0 };
  const before = held().version;
  await stack.ledger.change.addDoor({ door: "back", node: "door-1", ch: "back", label: "Back", failMode: "secure" }, "cli:test");
  await until("the snapshot is newer", () => held().version > before);
  const { epoch, version } = held();
  expect(await afterBirth(stack, secret, { epoch, version })).toMatchObject({ firmware: "1.2.3", trouble: null });
  await stack.close();

  await rm(dir, { recursive: true });
  await cp(old, dir, { recursive: true });
  await rm(old, { recursive: true });
  stack = await open({ tlsPort: 0 });
  expect((await afterBirth(stack, secret, { epoch, version }))?.trouble).toContain("koprade restore --raise-epoch");
  await stack.close();

  raiseEpoch(dir, Date.now());
  stack = await open({ tlsPort: 0 });
  expect((await afterBirth(stack, secret, { epoch, version }))?.trouble).toBeNull();
  expect(stack.ledger.permissions.snapshot("door-1")?.manifest.epoch).toBeGreaterThan(epoch);
}, 120_000);

test("a hub that stops says so to every node that is there, and complains of nothing", async () => {
  const lines: string[] = [];
  const note = (facts: Record<string, unknown>, sentence: string): void => void lines.push(`${sentence} ${JSON.stringify(facts)}`);
  const stack = await open({ tlsPort: 0 }, systemClock, { ...silentLog, warn: note, error: note });
  const { secret } = await stack.ledger.change.addNode({ node: "door-1", kind: "door" }, "cli:test");
  const node = await connect(endpointOf(stack), "door-1", { password: secret });
  const got = inbox(node);
  await subscribe(node, topicFilter(site, "hubState"));
  await until("the hub is heard", () => got.length === 1);
  await stack.close();
  await until("it says goodbye", () => got.length === 2);
  const [, last] = got.map(({ path, bytes }) => decode(site, path, bytes));
  expect(last).toMatchObject({ ok: true, topic: "hubState", body: { state: "offline" } });
  expect(lines).toEqual([]);
  node.end(true);
}, 120_000);

test("two computers with one node's keys are shut out, and let in when a person says so", async () => {
  const stack = await open({ tlsPort: 0 });
  const { secret } = await stack.ledger.change.addNode({ node: "door-1", kind: "door" }, "cli:test");
  const come = () => connect(endpointOf(stack), "door-1", { password: secret });
  const statusNow = async () => (await nodesOf(stack)).find(({ id }) => id === "door-1")?.status;
  const boots = ["00112233445566aa", "00112233445566bb"] as const;
  for (let turn = 0; turn < 4; turn += 1) {
    // whoever is shut out while it speaks gets no acknowledgement
    beBorn(await come(), boots[turn % 2] ?? "", 1 + Math.floor(turn / 2), null).catch(() => undefined);
    await pause(200);
  }
  await until("it is shut out", () => stack.ledger.read.node("door-1")?.status === "quarantined");
  expect(await statusNow()).toBe("quarantined");
  await expect(come()).rejects.toThrow("refused");
  await stack.ledger.change.setNode({ node: "door-1", status: "active" }, "cli:test");
  for (let tried = 0; (await statusNow()) === "quarantined" && tried < 50; tried += 1) await pause(100);
  const node = await come();
  await beBorn(node, boots[0], 9, null);
  // Let in; online is who says that it has applied what it was sent, which nobody has sent here.
  for (let tried = 0; (await statusNow()) !== "syncing" && tried < 50; tried += 1) await pause(100);
  expect(await statusNow()).toBe("syncing");
  node.end(true);
}, 120_000);

test("S18: what a node allowed alone stands in the feed as an exception, also after the hub's return", async () => {
  const mqtt = { tlsPort: 0, host: "127.0.0.1" };
  const stack = await open(mqtt);
  const { change } = stack.ledger;
  await change.addNode({ node: "door-1", kind: "door" }, "cli:test");
  await change.addDoor({ door: "front", node: "door-1", ch: "door", label: "Front", failMode: "secure" }, "cli:test");
  const { member } = await change.addMember({ displayName: "Ada" }, "cli:test");
  await change.addHold({ member, reason: "talk to us" }, "cli:test");
  const recvMs = Date.now() + 60_000;
  const times = { evtMs: recvMs - 30_000, atMs: recvMs - 30_000, recvMs };
  const grant = { outcome: "grant" as const, reason: "GRANT_DEGRADED" as const, also: [], warnings: [], member, where: "node" as const };
  const basis = { decision: anId(), snapshot: { epoch: 1, version: 1, ageMs: 0 }, tookMs: 1 };
  const body = { kind: "access.decided" as const, request: "enter" as const, ...grant, ...basis };
  await stack.ledger.append("door-1", [anEvent(1, body, { node: "door-1", ch: "door", ...times })]);
  const line = { kind: "exception", whereLabel: "Front", who: { name: "Ada" }, reason: "HOLD_ACTIVE" };
  expect(stack.hub.live.feed()).toMatchObject([line, { kind: "granted" }]);
  await stack.close();
  const again = await open(mqtt);
  expect(
    again.hub.live
      .feed()
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(["exception", "granted"]);
  const [open_] = again.ledger.read.exceptions({});
  await again.ledger.change.closeException({ exception: open_?.exception ?? 0, reason: "asked her" }, "cli:test");
  await again.close();
  expect((await open(mqtt)).hub.live.feed().map(({ kind }) => kind)).toEqual(["granted"]);
});

test("a space that is closed leaves no clock running that could ask its closed ledger", async () => {
  const running: string[] = [];
  const clock: Clock = {
    ...systemClock,
    every(name, periodMs, run) {
      running.push(name);
      const cancel = systemClock.every(name, periodMs, run);
      return () => {
        running.splice(running.indexOf(name), 1);
        cancel();
      };
    },
  };
  const stack = await open({ tlsPort: 0, host: "127.0.0.1" }, clock);
  expect(running).toEqual(expect.arrayContaining(["live picture", "ledger.watch", "hub time beacon"]));
  await stack.close();
  expect(running).toEqual([]);
});

test("while a simulated building is shown, a member's number is that of the member, not of whoever has it there", async () => {
  const started = await startHub({
    ...{ dir: join(dir, "hub"), clock: systemClock, ids: systemIds, log: silentLog, version: "test", space: "real" },
    config: configSchema.parse({ site, http: { port: 0 }, mqtt: { tlsPort: 0 } }),
    markSimulated: () => undefined,
    makeBuilding: async (given) => {
      const stack = await openStack({ ...given, demo: true });
      await stack.ledger.change.addMember({ displayName: "Simulated" }, "cli:test");
      const nothing = { cards: () => [], readers: () => [], tap: async () => ({ status: "missing" }) as const };
      return { stack, ...nothing, addBench: async () => undefined, stop: () => stack.close() };
    },
  });
  try {
    const { member } = await started.stack.ledger.change.addMember({ displayName: "Real" }, "cli:test");
    const account = { mail: "real@example.org", password: "a long enough password", name: "Real" };
    await started.auth.createUser({ ...account, mail: "owner@example.org", role: "owner" });
    await started.auth.createUser({ ...account, role: "staff", member });
    await started.simulation.start();
    const cookie = ((await started.auth.signIn(account))?.setCookies ?? []).map((one) => one.split(";")[0]).join("; ");
    const headers = { host: "localhost", origin: "http://localhost", cookie, "idempotency-key": "stack-key-1" };
    const me = await started.http.inject({ url: "/api/me", headers });
    expect(me.json()).toMatchObject({ name: "Real" });
    const share = { method: "POST", url: "/api/commands/setSharing", payload: { member, presence: "members", alias: null } } as const;
    expect((await started.http.inject({ ...share, headers: { ...headers, "x-space": "own" } })).statusCode).toBe(200);
    expect(started.stack.ledger.read.sharing(member).presence).toBe("members");
    // A member needs to say nothing: they have no other space.
    await started.auth.createUser({ ...account, mail: "member@example.org", role: "member", member });
    const theirs = await started.auth.signIn({ ...account, mail: "member@example.org" });
    const again = { ...headers, cookie: (theirs?.setCookies ?? []).map((one) => one.split(";")[0]).join("; ") };
    const hide = { ...share, payload: { member, presence: "nobody", alias: null } };
    expect((await started.http.inject({ ...hide, headers: again })).statusCode).toBe(200);
    expect(started.stack.ledger.read.sharing(member).presence).toBe("nobody");
  } finally {
    await started.stop();
  }
});
