/**
 * What a door node and a machine node have in common, assembled: loop, clock, outbox, permissions, link and watchdog.
 * The kind of node adds its hardware and its state machine. Nothing here knows a port or a pin.
 */
import { createHmac } from "node:crypto";
import {
  type Birth,
  type EventBody,
  type Heartbeat,
  type NodeConfig,
  type NodeKeysMessage,
  type Restrictions,
  type SiteMode,
  settingsFrom,
  settingsProblem,
} from "#contract";
import { type NodeTimes, nodeTimes, type ReaderPenalty } from "#core";
import { type Authoriser, type AuthoriserGiven, createAuthoriser } from "./authorise.ts";
import type { Order, OrderDone } from "./commands.ts";
import { createIds, type Ids, newBootId } from "./ids.ts";
import type { Journal } from "./journal.ts";
import { type KeptFacts, keepFacts } from "./kept-facts.ts";
import type { Keyring } from "./keyring.ts";
import { createLink, type Link, type LinkHost } from "./link.ts";
import { createNodeClock, type NodeClock } from "./node-clock.ts";
import { loadMemory, type NodeFiles, type NodeMemory } from "./node-files.ts";
import { type Outbox, openOutbox } from "./outbox.ts";
import type { Clock, Dice, Log } from "./ports.ts";
import { createRuntime, type Runtime } from "./runtime.ts";
import { openSnapshotStore, type SnapshotStore } from "./snapshot-store.ts";
import { startWatchdog, type Watchdog } from "./watchdog.ts";
import type { Wire } from "./wire.ts";

/** The keys a node was given when it was adopted. */
export type NodeKeys = {
  /** seals what the hub sends to this node alone; 32 bytes */
  readonly mac: Uint8Array;
  /** hashes card numbers for this node alone; 32 bytes */
  readonly card: Uint8Array;
  /** the hub's Ed25519 public key, SPKI */
  readonly hub: Uint8Array;
  /** by which cards prove themselves to the readers of this site; absent: every card is its number */
  readonly cards?: { readonly generation: number; readonly identity: Uint8Array; readonly proof: Uint8Array };
};

/** The world of one node. A real one is bound in `main.ts`; a simulation brings virtual time and memory. */
export type NodePorts = {
  readonly site: string;
  readonly node: string;
  readonly keys: NodeKeys;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly log: Log;
  readonly wire: Wire;
  readonly journal: Journal;
  readonly files: NodeFiles;
  /** the keys it speaks with; without it `keys` alone, and it is given no new ones */
  readonly keyring?: Keyring;
  /** New keys are on the disk and nothing is on: run again with them. */
  readonly onNewKeys?: () => void;
  /** UTC ms at which this program was made: no true time is before it */
  readonly builtMs: number;
  readonly trustSystemClock: boolean;
  readonly restart: Birth["restart"];
  /** fingerprint of what its file says is wired where (node-wiring.ts) */
  readonly wiring?: string;
  /** memory the process holds, for the heartbeat */
  readonly rssBytes: () => number;
  /** of the computer's own radio: null when it is wired; absent where nobody can tell */
  readonly signalDbm?: () => number | null;
  /** what the node's file says; the hub's word wins over it */
  readonly times?: Partial<NodeTimes>;
  /** The node has lost touch for good and nothing is on: end the process so that it is started anew. */
  readonly onRestart: (why: string) => void;
};

/** What the kind of node answers for. All calls arrive on the loop. */
export type NodeHost = {
  readonly about: Pick<Birth, "model" | "fw" | "hw" | "channels">;
  /** an output is on, a door is open or a session is running */
  isInUse(): boolean;
  boards(): Heartbeat["boards"];
  onOrder(order: Order, done: OrderDone): void;
  /** snapshot, restrictions, settings or the site's mode are other than before */
  onFacts(change: "snapshot" | "restrictions" | "mode" | "config"): void;
  onHub(isReachable: boolean): void;
  /** when a reader of this node is silenced, as the settings say now */
  penalty(): ReaderPenalty;
};

export type Node = {
  readonly boot: string;
  readonly runtime: Runtime;
  readonly ids: Ids;
  readonly nodeClock: NodeClock;
  readonly outbox: Outbox;
  readonly snapshots: SnapshotStore;
  readonly link: Link;
  readonly authoriser: Authoriser;
  readonly watchdog: Watchdog;
  restrictions(): Restrictions;
  mode(): SiteMode;
  config(): NodeConfig | null;
  /** of the link and the watchdog, as the register, the node's file and the hub have them now */
  times(): NodeTimes;
  /** Puts an event on record and on its way. */
  record(ch: string, body: EventBody): void;
  /** Begins to talk to the hub. Before this the node already works from what it kept. */
  start(): void;
};

export function createNode(ports: NodePorts, host: NodeHost): Node {
  const { clock, dice, log, files } = ports;
  const runtime = createRuntime({ clock, log });
  const boot = newBootId(dice);
  const ids = createIds({ clock, dice });
  const memory = loadMemory(files);
  const nodeClock = createNodeClock({ clock, floorMs: Math.max(ports.builtMs, memory.floorMs), trustSystemClock: ports.trustSystemClock });
  const outbox = openOutbox({ journal: ports.journal, boot, clock, nodeClock, log });
  const facts = keepFacts(files, log, {
    configProblem: (config) => configProblem(config, host.about.channels),
    onFacts(change) {
      host.onFacts(change);
      link.tellHealth();
    },
  });
  const times = (): NodeTimes => ({ ...nodeTimes, ...ports.times, ...settingsFrom("node", facts.config()?.settings) });
  const remembered = keepMemory(ports, nodeClock, memory);
  const record = (ch: string, body: EventBody) => {
    outbox.append(ch, body);
    link.deliver();
  };
  const applied = (): void => {
    host.onFacts("snapshot");
    link.tellHealth();
  };
  const snapshots = openSnapshots(ports, { runtime, nodeClock, record, onApplied: applied });
  const watchdog = startWatchdog({
    clock,
    log,
    files,
    isInUse: host.isInUse,
    limitMs: () => times().watchdogMs,
    onExpired: (silentMs) => ports.onRestart(`no word from the hub for ${Math.round(silentMs / 1000)} s`),
  });
  const link: Link = createLink({
    ...{ site: ports.site, node: ports.node, wire: ports.wire, boot, clock, nodeClock, ids, dice, log, outbox, snapshots, times },
    mac: ports.keyring?.mac ?? ((bytes) => createHmac("sha256", ports.keys.mac).update(bytes).digest()),
    lastConn: memory.conn,
    saveConn: remembered.saveConn,
    post: runtime.input,
    host: linkHostOf({ ports, host, facts, snapshots, nodeClock, watchdog }),
  });
  const { requests } = link;
  const { penalty } = host;
  const authoriser = createAuthoriser({
    ...{ clock, nodeClock, ids, snapshots, requests, mode: facts.mode, record, penalty },
    ...restrictionsOf(facts),
  });
  runtime.own("journal", () => outbox.close());
  runtime.own("memory", remembered.close);
  runtime.own("link", () => link.close());
  runtime.own("watchdog", watchdog.close);
  record("node", {
    kind: "node.boot",
    restart: ports.restart,
    fw: host.about.fw,
    ...(ports.wiring === undefined ? {} : { wiring: ports.wiring }),
  });
  return {
    boot,
    runtime,
    ids,
    nodeClock,
    outbox,
    snapshots,
    link,
    authoriser,
    watchdog,
    restrictions: facts.restrictions,
    mode: facts.mode,
    config: facts.config,
    times,
    record,
    start: () => link.start(),
  };
}

/** What the hub compiles for this node; each that is applied proves that its time of issue has passed. */
function openSnapshots(
  { site, node, keys, files, log }: NodePorts,
  given: Pick<Node, "runtime" | "nodeClock" | "record"> & { readonly onApplied: () => void },
): SnapshotStore {
  const raiseFloor = () => given.nodeClock.raiseFloor(snapshots.current()?.header.issuedMs ?? 0);
  const snapshots = openSnapshotStore({
    ...{ site, node, publicKey: keys.hub, storage: files.snapshot },
    onOutcome: (id, outcome, why) =>
      given.runtime.input(() => {
        given.record("node", { kind: "node.snapshot", ...id, outcome });
        if (outcome !== "applied") return log.warn({ ...id, outcome, cause: why }, "a snapshot was refused");
        raiseFloor();
        given.onApplied();
      }),
  });
  raiseFloor();
  return snapshots;
}

/** The connection number and the proven time, for the next life: saved at every connection, every ten minutes and at the end. */
function keepMemory(ports: NodePorts, nodeClock: NodeClock, earlier: NodeMemory) {
  const { clock, files, log } = ports;
  let { conn } = earlier;
  const save = () => files.save("memory", { conn, floorMs: nodeClock.read().nowMs ?? nodeClock.read().floorMs });
  const complain = (error: unknown) => log.warn({ cause: String(error) }, "the time floor could not be saved");
  const cancel = clock.every("memory", 600_000, () => void save().catch(complain));
  return {
    saveConn(next: number) {
      conn = next;
      return save();
    },
    close() {
      cancel();
      return save();
    },
  };
}

/** What the link asks and tells: the kind of node answers for itself, the rest is known here. */
function linkHostOf(given: {
  readonly ports: NodePorts;
  readonly host: NodeHost;
  readonly facts: KeptFacts;
  readonly snapshots: SnapshotStore;
  readonly nodeClock: NodeClock;
  readonly watchdog: Watchdog;
}): LinkHost {
  const { ports, host, facts, snapshots, nodeClock, watchdog } = given;
  return {
    birth: () => ({
      ...host.about,
      configVersion: facts.config()?.version ?? 0,
      lockVersion: facts.restrictions().version,
      restart: ports.restart,
      ...(ports.keyring === undefined ? {} : { boxKey: ports.keyring.boxKey }),
    }),
    heartbeat: () => ({
      snapshotAgeMs: ageOf(snapshots, nodeClock),
      boards: host.boards(),
      rssBytes: ports.rssBytes(),
      holds: { config: facts.config()?.version ?? 0, lock: facts.restrictions().version, snapshot: snapshots.version() },
      ...(facts.configTrouble() === null ? {} : { configTrouble: facts.configTrouble() ?? "" }),
      ...(ports.signalDbm === undefined ? {} : { signalDbm: ports.signalDbm() }),
    }),
    onOrder: host.onOrder,
    onRestrictions(next) {
      ports.keyring?.heard();
      facts.takeRestrictions(next);
    },
    onConfig: facts.takeConfig,
    onKeys: (message) => takeKeys(ports, host, message),
    onMode: facts.takeMode,
    onHub: host.onHub,
    onExchange: watchdog.noteExchange,
  };
}

/** Once the new keys are on the disk the node runs again with them, as soon as nothing is on. */
function takeKeys(ports: NodePorts, host: Pick<NodeHost, "isInUse">, message: NodeKeysMessage): void {
  const { keyring, onNewKeys, clock, log } = ports;
  if (keyring === undefined || onNewKeys === undefined) return;
  const runAgain = (): void => {
    if (host.isInUse()) clock.after("new keys", idleLookMs, runAgain);
    else onNewKeys();
  };
  keyring.take(message).then(
    (isTaken) => {
      if (!isTaken) return;
      log.info({}, "new keys are on the disk; the node uses them as soon as nothing is on");
      runAgain();
    },
    (error: unknown) => log.warn({ cause: String(error) }, "new keys could not be written; the old ones go on"),
  );
}
const idleLookMs = 1000;

/** What restricts a decision here and now, whatever the snapshot says. */
function restrictionsOf(facts: KeptFacts): Pick<AuthoriserGiven, "lockouts" | "isRevoked"> {
  return {
    lockouts: (ch) =>
      facts
        .restrictions()
        .lockouts.filter((lockout) => lockout.ch === ch)
        .map((lockout) => lockout.kind),
    isRevoked: (cardKey) => facts.restrictions().revoked.includes(cardKey),
  };
}

function ageOf(snapshots: SnapshotStore, nodeClock: NodeClock): number | null {
  const header = snapshots.current()?.header;
  const { nowMs, floorMs } = nodeClock.read();
  return header === undefined ? null : Math.max(0, Math.round((nowMs ?? floorMs) - header.issuedMs));
}

/** What this node cannot do of a configuration: a channel that it has not, a setting that it does not know or that is out of bounds. */
export function configProblem(config: NodeConfig, channels: Birth["channels"]): string | null {
  for (const { ch, resource, settings } of config.channels) {
    const own = channels.find((channel) => channel.ch === ch);
    if (own === undefined) return cut(`${resource} hangs on channel "${ch}", and this node has ${listOf(channels)}`);
    const problem = own.kind === "door" || own.kind === "interlock" ? settingsProblem(kindOf(own.kind), settings) : null;
    if (problem !== null) return cut(`${resource}: ${problem}`);
  }
  const problem = settingsProblem("node", config.settings ?? {});
  return problem === null ? null : cut(problem);
}

const kindOf = (kind: "door" | "interlock") => (kind === "door" ? "door" : "machine");
const listOf = (channels: Birth["channels"]) => (channels.length === 0 ? "none" : channels.map(({ ch }) => `"${ch}"`).join(", "));
const cut = (sentence: string) => sentence.slice(0, 160);
