/**
 * The hub's end of a real TLS broker, as much of it as a node needs: confirms events after "committing" them to a list,
 * keeps the snapshot on offer, sends time. With it the node's own connection, disk and process are tested without a ledger.
 */
import { createHmac } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import {
  type Body,
  decode,
  encode,
  encodeSealed,
  type NodeEvent,
  type ResourceFacts,
  type Sender,
  type Topic,
  topicPath,
  topics,
} from "#contract";
import { createEmbeddedBroker } from "../../../hub/broker/embedded.ts";
import { loadSiteTls } from "../../../hub/broker/site-ca.ts";
import { signedSnapshot, site, testHub } from "./world.ts";

const secret = "s".repeat(43);
const silent = { info: () => {}, warn: () => {}, error: () => {} };
let ids = 0;
const id = () => `01J${String(ids++).padStart(23, "0")}`;
export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export type RealHub = Awaited<ReturnType<typeof startRealHub>>;

/** Starts the broker and the hub's end for one node with one door or machine. */
export async function startRealHub(about: { node: string; ch: string; facts: ResourceFacts; extra?: number; more?: readonly string[] }) {
  const folder = mkdtempSync(join(tmpdir(), "koprade-node-"));
  const hub = testHub();
  const tls = await loadSiteTls({ dir: join(folder, "ca"), site, names: [], nowMs: Date.now() });
  const events = new Map<string, NodeEvent>();
  const birthConns: number[] = [];
  const acks: Body<"acknowledgement">[] = [];
  const recorded: { path: string; bytes: Uint8Array }[] = [];
  const state = { repeats: 0, isAcking: true, online: false, conn: 0, boot: "" };
  const broker = await createEmbeddedBroker({
    site,
    tls,
    tlsPort: 0,
    verify: async () => true,
    log: silent,
    quotas: { messagesPerSecond: 500, messagesBurst: 2000 },
  });
  const mac = (bytes: Uint8Array) => createHmac("sha256", hub.keys.mac).update(bytes).digest();
  const sender = (): Sender => ({ id: id(), src: "hub", boot: "00000000000000aa", conn: 1, mono: 1, ts: Date.now(), tq: "synced" });

  async function say<T extends Topic>(topic: T, rest: readonly string[], body: Body<T>): Promise<{ path: string; bytes: Uint8Array }> {
    const bytes = topics[topic].form === "sealed" ? encodeSealed(topic, sender(), body, mac) : encode(topic, sender(), body);
    const rowIds = topics[topic].path.startsWith("n/") ? [about.node, ...rest] : rest;
    await broker.publish(topic, rowIds, bytes);
    const path = topicPath(site, topic, ...rowIds);
    const sent = { path, bytes };
    if (topic === "command") recorded.push(sent);
    return sent;
  }
  let snapshot = signedSnapshot(hub, { ...about, issuedMs: Date.now() });
  broker.onMessage((message) => {
    const heard = decode(site, message.path, message.bytes);
    if (!heard.ok) throw new Error(`${message.path}: ${heard.reason}`);
    if (heard.topic === "nodeState") {
      state.online = heard.body.state === "online";
      if (state.online) Object.assign(state, { conn: heard.envelope.conn, boot: heard.envelope.boot });
    } else if (heard.topic === "nodeBirth") birthConns.push(heard.envelope.conn);
    else if (heard.topic === "acknowledgement") acks.push(heard.body);
    else if (heard.topic === "snapshotRequest") {
      for (const [i, chunk] of snapshot.chunks.entries()) {
        if (i >= heard.body.from)
          void broker.publish("snapshotChunk", [about.node, `${snapshot.manifest.epoch}.${snapshot.manifest.version}`, String(i)], chunk);
      }
    } else if (heard.topic === "events") {
      for (const event of heard.body.events) {
        const key = `${event.boot}:${event.seq}`;
        if (events.has(key)) state.repeats += 1;
        events.set(key, event);
      }
      const last = heard.body.events.at(-1);
      if (state.isAcking && last !== undefined) void say("eventAck", [], { boot: last.boot, upTo: last.seq });
    }
  });
  await say("hubState", [], { state: "online", epoch: 1 });
  await say("snapshotManifest", [], snapshot.manifest);
  const beacon = setInterval(() => void say("hubTime", [], { hubMs: Date.now(), quality: "synced" }), 500);

  return {
    hub,
    folder,
    broker,
    events,
    birthConns,
    acks,
    recorded,
    state,
    say,
    port: broker.ports.tls ?? 0,
    caPem: tls.caPem,
    bodies: () => [...events.values()].map((event) => event.body),
    async offer(version: number, without: readonly string[] = []) {
      snapshot = signedSnapshot(hub, { ...about, issuedMs: Date.now(), version, without });
      await say("snapshotManifest", [], snapshot.manifest);
    },
    /** Writes `node.yaml` and keys; `more` is the wiring, `moreKeys` what the keys hold beside those of every node. */
    writeConfig(port: number, more: Record<string, unknown>, moreKeys: Record<string, unknown> = {}): string {
      const keys = { ...moreKeys, secret, mac: base64(hub.keys.mac), card: base64(hub.keys.card), hub: base64(hub.keys.hub) };
      mkdirSync(join(folder, "node"), { recursive: true });
      writeFileSync(join(folder, "node", "node-keys.json"), JSON.stringify(keys));
      chmodSync(join(folder, "node", "node-keys.json"), 0o600);
      writeFileSync(join(folder, "node", "ca.pem"), tls.caPem);
      const path = join(folder, "node", "node.yaml");
      const times = { heartbeatMs: 1000, backoffMinMs: 20, backoffMaxMs: 100, ackLimitMs: 1000 };
      writeFileSync(
        path,
        stringify({ site, node: about.node, hub: { url: `mqtts://127.0.0.1:${port}`, caFile: "ca.pem" }, times, ...more }),
      );
      return path;
    },
    async close() {
      clearInterval(beacon);
      await broker.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** A cable that can be cut: every connection through it dies at once, and can dial again the next moment. */
export async function startProxy(to: () => number) {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connectTcp({ port: to(), host: "127.0.0.1", noDelay: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cut() {
      for (const [near, far] of pairs) {
        near.destroy();
        far.resetAndDestroy();
      }
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** Waits until `check` holds; says what was waited for when it does not. */
export async function until(what: string, check: () => boolean, limitMs = 10_000, everyMs = 2): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!check()) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await pause(everyMs);
  }
}

export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
