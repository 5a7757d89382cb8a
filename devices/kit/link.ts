/**
 * The node's side of the bus: connects, says who it is, keeps saying that it is there, delivers the outbox, and hands what
 * the hub says to the node. Losing the hub changes nothing but what can be asked (I2).
 *
 *   dial ─▶ up ─▶ subscribe ─▶ state, birth, reports ─▶ outbox, snapshot ─▶ heartbeats
 *     ▲                                                                        │
 *     └────────────── 1 → 60 s, full jitter ◀──────────── down ◀───────────────┘
 */
import {
  type AccessRequest,
  type Acknowledgement,
  type Birth,
  type Body,
  type Decoded,
  decode,
  encode,
  type Heartbeat,
  type Mac,
  type NodeConfig,
  type Reported,
  type Restrictions,
  type Telemetry,
  type Topic,
  topicFilter,
  topicPath,
  topics,
} from "#contract";
import type { NodeTimes } from "#core";
import { type ChunkIntake, createChunkIntake } from "./chunk-intake.ts";
import { type CommandGate, createCommandGate, type Order, type OrderDone } from "./commands.ts";
import { createDelivery, type Delivery } from "./delivery.ts";
import { createHubReach, type HubReach } from "./hub-reach.ts";
import type { Ids } from "./ids.ts";
import type { NodeClock } from "./node-clock.ts";
import type { Outbox } from "./outbox.ts";
import { type Cancel, type Clock, type Dice, type Log, postingClock } from "./ports.ts";
import { createRequests, type Requests } from "./requests.ts";
import type { SnapshotStore } from "./snapshot-store.ts";
import type { Wire, WireConnection, WireMessage } from "./wire.ts";

/** A disk that hangs must not keep lockouts and evacuations away: the number is dialled with unsaved; another boot makes it void anyway. */
const saveConnLimitMs = 2000;

/** What the node tells the link about itself and hears from it. All calls arrive on the node's loop. */
export type LinkHost = {
  birth(): Omit<Birth, "outboxDepth" | "snapshot">;
  heartbeat(): Omit<Heartbeat, "outboxDepth" | "clockErrorMs" | "uptimeMs">;
  onOrder(order: Order, done: OrderDone): void;
  onRestrictions(restrictions: Restrictions): void;
  onConfig(config: NodeConfig): void;
  onMode(mode: Body<"siteMode">): void;
  onKeys(keys: Body<"nodeKeys">): void;
  /** the hub can (not) be asked any more */
  onHub(isReachable: boolean): void;
  /** a living hub said something */
  onExchange(): void;
};
export type LinkGiven = {
  readonly site: string;
  readonly node: string;
  readonly boot: string;
  readonly mac: Mac;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly nodeClock: NodeClock;
  readonly ids: Ids;
  readonly dice: Dice;
  readonly log: Log;
  readonly outbox: Outbox;
  readonly snapshots: SnapshotStore;
  readonly host: LinkHost;
  /** the connection number of the last life */
  readonly lastConn: number;
  readonly saveConn: (conn: number) => Promise<void>;
  readonly post: (task: () => void) => void;
  /** asked at every use: the hub may change them */
  readonly times: () => NodeTimes;
};
export type Link = {
  start(): void;
  readonly requests: Requests;
  /** The newest state of a channel: sent now and after every reconnect. */
  report(ch: string, reported: Reported): void;
  telemetry(ch: string, samples: Telemetry): void;
  /** Something was appended to the outbox. */
  deliver(): void;
  /** Something of the node's health is other than the hub knows: a heartbeat now. */
  tellHealth(): void;
  isHubReachable(): boolean;
  conn(): number;
  close(): Promise<void>;
};

export function createLink(given: LinkGiven): Link {
  return new NodeLink(given);
}

class NodeLink implements Link {
  readonly requests: Requests;
  readonly #given: LinkGiven;
  readonly #times: () => NodeTimes;
  readonly #gate: CommandGate;
  readonly #delivery: Delivery;
  readonly #chunks: ChunkIntake;
  readonly #reach: HubReach;
  readonly #reports = new Map<string, Reported>();
  readonly #timers = new Map<string, Cancel>();
  #wire: WireConnection | null = null;
  #conn: number;
  #isUp = false;
  #attempt = 0;
  #isClosed = false;
  /** The hub waits for this word after a connection: until then the node is catching up. */
  #hasSaidEmpty = false;
  #hasIntroduced = false;

  constructor(given: LinkGiven) {
    this.#given = given;
    this.#times = given.times;
    this.#conn = given.lastConn;
    this.#reach = createHubReach({
      log: given.log,
      lossMs: () => this.#times().hubLossMs,
      isUp: () => this.#isUp,
      onHub: (isReachable) => given.host.onHub(isReachable),
      after: (delayMs, run) => {
        this.#after("hub loss", delayMs, run);
        return () => this.#cancel("hub loss");
      },
    });
    this.requests = createRequests({
      clock: postingClock(given.clock, given.post),
      times: this.#times,
      nonce: () => given.ids.nonce(),
      isOnline: () => this.#reach.isReachable() && this.#isUp,
      send: (request: AccessRequest) => this.#publish("accessRequest", [], request),
    });
    this.#delivery = createDelivery({
      outbox: given.outbox,
      ackLimitMs: () => this.#times().ackLimitMs,
      isUp: () => this.#isUp,
      send: (events) => this.#publish("events", [], { events: [...events] }),
      after: (name, delayMs, run) => this.#after(name, delayMs, run),
      cancel: (name) => this.#cancel(name),
    });
    this.#chunks = createChunkIntake({
      ...{ site: given.site, node: given.node, snapshots: given.snapshots },
      isUp: () => this.#isUp,
      request: (wanted) => this.#publish("snapshotRequest", [], wanted),
      againMs: () => this.#times().ackLimitMs,
      after: (delayMs, run) => this.#after("chunks", delayMs, run),
      cancel: () => this.#cancel("chunks"),
    });
    this.#gate = createCommandGate({
      boot: given.boot,
      conn: () => this.#conn,
      monoMs: () => given.clock.monoMs(),
      nowMs: () => given.nodeClock.read().nowMs,
      nonce: () => given.ids.nonce(),
      carryOut: (order, done) => this.#carryOut(order, done),
    });
  }

  start(): void {
    if (this.#isClosed) return;
    this.#conn += 1;
    const conn = this.#conn;
    const dial = () => this.#given.post(() => this.#dial(conn));
    this.#after("dial", saveConnLimitMs, dial);
    this.#given.saveConn(conn).then(dial, (error: unknown) => {
      this.#given.log.warn({ cause: String(error) }, "the connection number could not be saved");
      dial();
    });
  }

  #dial(conn: number): void {
    if (this.#isClosed || conn !== this.#conn || this.#wire !== null) return;
    this.#cancel("dial");
    const { wire, post, site, node } = this.#given;
    const isMine = () => conn === this.#conn && !this.#isClosed;
    const will = encode("nodeState", this.#sender(), { state: "lost" });
    this.#wire = wire.dial(
      { path: topicPath(site, "nodeState", node), bytes: will },
      {
        onUp: () => post(() => isMine() && this.#up()),
        onMessage: (message) => post(() => isMine() && this.#hear(message)),
        onDown: (why) => post(() => isMine() && this.#down(why)),
      },
      this.#times().mqttKeepaliveMs,
    );
  }

  #up(): void {
    const { site, node, log } = this.#given;
    this.#isUp = true;
    this.#hasIntroduced = false;
    this.#gate.reset();
    log.info({ conn: this.#conn }, "connected to the broker");
    const own = (topic: Topic) => topicFilter(site, topic, node);
    const filters = [
      ...(
        ["accessResponse", "command", "eventAck", "nodeConfig", "nodeKeys", "restrictions", "snapshotManifest", "snapshotChunk"] as const
      ).map(own),
      ...(["hubState", "hubTime", "siteMode"] as const).map((topic) => topicFilter(site, topic)),
    ];
    this.#wire?.subscribe(filters, (error) =>
      this.#given.post(() => (error === null ? this.#introduce() : this.#redial(`subscription refused: ${error.message}`))),
    );
    this.#wire?.subscribe(
      [own("nodeState")],
      (error) => error !== null && log.warn({ cause: error.message }, "cannot watch the own state topic"),
    );
  }

  /** Everything a newcomer to the bus must know, then what waits. */
  #introduce(): void {
    if (!this.#isUp) return;
    this.#attempt = 0;
    this.#hasSaidEmpty = false;
    this.#hasIntroduced = true;
    this.#publish("nodeState", [], { state: "online" });
    this.#tellAbout();
    this.#chunks.ask();
    this.#delivery.restart();
    this.#beat();
  }

  /** What this node is and holds: to the bus, and to a hub that has begun anew, for which the retained birth may be out of date. */
  #tellAbout(): void {
    const { outbox, snapshots, host } = this.#given;
    this.#publish("nodeBirth", [], { ...host.birth(), snapshot: snapshots.version(), outboxDepth: outbox.depth() });
    for (const [ch, reported] of this.#reports) this.#publish("channelReported", [ch], reported);
  }

  #beat(): void {
    const { clock, nodeClock, outbox, host } = this.#given;
    const body = {
      ...host.heartbeat(),
      uptimeMs: Math.floor(clock.monoMs()),
      outboxDepth: outbox.depth(),
      clockErrorMs: nodeClock.errorMs(),
    };
    this.#publish("nodeHeartbeat", [], body);
    this.#hasSaidEmpty ||= body.outboxDepth === 0;
    this.#after("heartbeat", this.#times().heartbeatMs, () => this.#beat());
  }

  #redial(why: string): void {
    const wire = this.#wire;
    this.#down(why);
    void wire?.close();
  }

  #down(why: string): void {
    const { dice, log } = this.#given;
    if (this.#isUp || this.#attempt === 0)
      log.warn({ conn: this.#conn, cause: why }, "no connection to the broker; decisions go on from the snapshot");
    this.#isUp = false;
    this.#wire = null;
    for (const name of ["heartbeat", "chunks"]) this.#cancel(name);
    this.requests.reset();
    this.#reach.noteGone();
    const { backoffMinMs, backoffMaxMs } = this.#times();
    const ceilingMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 16);
    const part = new DataView(Uint8Array.from(dice(2)).buffer).getUint16(0) / 65_536;
    this.#after("redial", Math.max(backoffMinMs / 10, ceilingMs * part), () => this.start());
  }

  #hear(message: WireMessage): void {
    const { site, node, mac, snapshots } = this.#given;
    if (this.#chunks.hear(message)) return;
    const heard = decode(site, message.path, message.bytes, mac);
    if (!heard.ok) {
      this.#given.log.warn({ path: message.path, cause: heard.reason }, "a message was refused");
      return;
    }
    const isForMe = !topics[heard.topic].path.startsWith("n/") || heard.ids[0] === node;
    if (!isForMe) return;
    if (heard.topic === "snapshotManifest") {
      if (snapshots.offer(heard.body) !== null) this.#chunks.ask();
    } else this.#take(heard, message.retained);
  }

  #take(heard: Extract<Decoded, { ok: true }>, isRetained: boolean): void {
    const { host, boot } = this.#given;
    if (heard.topic === "nodeState") {
      const isMine = heard.envelope.boot === boot && heard.envelope.conn === this.#conn;
      if (!isMine && heard.body.state !== "online") this.#publish("nodeState", [], { state: "online" });
    } else if (heard.topic === "hubState") {
      if (heard.body.state === "online") {
        this.#hubIsThere();
        if (!isRetained) this.#tellAbout();
      } else this.#reach.noteGone();
    } else if (heard.topic === "hubTime") this.#takeTime(heard.body, isRetained);
    else if (heard.topic === "siteMode") host.onMode(heard.body);
    else if (heard.topic === "nodeConfig") host.onConfig(heard.body);
    else if (heard.topic === "nodeKeys" && !isRetained) host.onKeys(heard.body);
    else if (heard.topic === "restrictions") host.onRestrictions(heard.body);
    else if (heard.topic === "eventAck" && !isRetained) {
      this.#hubIsThere();
      this.#delivery.acknowledge(heard.body.boot, heard.body.upTo);
      if (!this.#hasSaidEmpty && this.#given.outbox.depth() === 0) this.#beat();
    } else if (heard.topic === "accessResponse" && !isRetained) {
      if (heard.body.boot !== boot || heard.body.conn !== this.#conn) return;
      this.#hubIsThere();
      this.requests.answer(heard.body);
    } else if (heard.topic === "command") {
      this.#gate.take(heard.envelope.id, heard.body, isRetained, (answer) =>
        this.#publish("acknowledgement", [], { of: heard.envelope.id, ...answer } satisfies Acknowledgement),
      );
    }
  }

  #takeTime(body: Body<"hubTime">, isRetained: boolean): void {
    if (isRetained) return;
    this.#hubIsThere();
    const changed = this.#given.nodeClock.beacon(body.hubMs, body.quality);
    if (changed === null) return;
    this.#given.outbox.append("node", { kind: "node.clock", ...changed });
    this.deliver();
  }

  #hubIsThere(): void {
    this.#given.host.onExchange();
    this.#reach.noteThere();
  }

  deliver(): void {
    this.#delivery.wake();
  }

  tellHealth(): void {
    if (this.#isUp && this.#hasIntroduced) this.#beat();
  }

  #carryOut(order: Order, done: OrderDone): void {
    if (order.kind === "plain" && order.op === "resend") {
      this.#delivery.restart();
      this.#tellAbout();
      done("applied", null);
    } else this.#given.host.onOrder(order, done);
  }

  report(ch: string, reported: Reported): void {
    this.#reports.set(ch, reported);
    this.#publish("channelReported", [ch], reported);
  }

  telemetry(ch: string, samples: Telemetry): void {
    if (this.#wire?.isCongested() !== true) this.#publish("channelTelemetry", [ch], samples);
  }

  isHubReachable(): boolean {
    return this.requests.isReachable();
  }

  conn(): number {
    return this.#conn;
  }

  async close(): Promise<void> {
    if (this.#isUp) this.#publish("nodeState", [], { state: "disconnected" });
    this.#isClosed = true;
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
    await this.#wire?.close();
  }

  #publish<T extends Topic>(topic: T, rest: readonly string[], body: Body<T>): void {
    if (!this.#isUp) return;
    const { site, node } = this.#given;
    const { qos, retain } = topics[topic];
    this.#wire?.publish(topicPath(site, topic, node, ...rest), encode(topic, this.#sender(), body), { qos, retain });
  }

  #sender() {
    const { atMono, atMs, tq } = this.#given.nodeClock.stamp();
    return { id: this.#given.ids.ulid(), src: this.#given.node, boot: this.#given.boot, conn: this.#conn, mono: atMono, ts: atMs, tq };
  }

  #after(name: string, delayMs: number, run: () => void): void {
    this.#cancel(name);
    const fire = () => {
      this.#timers.delete(name);
      this.#given.post(() => !this.#isClosed && run());
    };
    this.#timers.set(name, this.#given.clock.after(`link ${name}`, delayMs, fire));
  }

  #cancel(name: string): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }
}
