/**
 * The broker inside the hub: aedes behind our own listener, frame guard, quotas and access list. Nodes speak MQTT 3.1.1 to
 * it; the hub itself is no MQTT client: what nodes publish is handed over inside the access check, before any queue, and
 * what the hub says goes straight into the broker.
 *
 *   accept ─ gate ─ TLS ─ frame guard ─ aedes ─ authenticate ─┬─ authorizePublish ─► onMessage (the hub)
 *                                                             └─ authorizeSubscribe, authorizeForward
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Aedes } from "aedes";
import { type Topic, topicPath, topics } from "#contract";
import { HubError } from "../errors.ts";
import type { Bus, Log } from "../ports.ts";
import { Alarms, type BrokerAlarm } from "./alarms.ts";
import { FrameGuard } from "./frame-guard.ts";
import { makeAedes } from "./hub-aedes.ts";
import { Listener, type TlsPair } from "./listener.ts";
import { defaultQuotas, Gate, type Quotas, RetainedCount } from "./quotas.ts";
import { Rules, type Verify } from "./rules.ts";
import { Session } from "./session.ts";

export type EmbeddedBrokerConfig = {
  readonly site: string;
  /** null only together with a plain port */
  readonly tls: TlsPair | null;
  /** 8883; 0 takes any free port */
  readonly tlsPort?: number;
  /** only by explicit choice: everything on this port can be read and forged by anybody on the network */
  readonly plainPort?: number | null;
  /** where to listen once an owner exists; before that, loopback */
  readonly host?: string;
  readonly ownerExists?: boolean;
  readonly quotas?: Partial<Quotas>;
  /** is this the identity's secret? Must answer within 2 s */
  readonly verify: Verify;
  readonly onAlarm?: (alarm: BrokerAlarm) => void;
  readonly log: Log;
};

export type BrokerStats = {
  readonly connections: number;
  readonly unauthenticated: number;
  readonly online: number;
  readonly messagesIn: number;
  readonly retained: number;
  /** why connections and messages were refused, by name */
  readonly refused: Readonly<Record<string, number>>;
};

export type EmbeddedBroker = Bus & {
  readonly ports: { readonly tls: number | null; readonly plain: number | null };
  /** Opens to the network, or back to loopback, without ending connections. */
  setOwnerExists(exists: boolean): Promise<void>;
  /** Uses a renewed certificate. */
  replaceCertificate(pair: TlsPair): void;
  /** In-process publish to any path: for tools and tests; the hub's own messages go through `publish`. */
  publishRaw(path: string, bytes: Uint8Array, how?: { readonly qos?: 0 | 1; readonly retain?: boolean }): Promise<void>;
  isOnline(node: string): boolean;
  stats(): BrokerStats;
};

const loopback = "127.0.0.1";
const defaultTlsPort = 8883;
const publishMs = 2000;
const completeMs = 5000;
/** Rows that one node subscribes to by their very path, and of which nothing is retained. */
const isForOneNode = (topic: Topic): boolean => !topics[topic].retain && /^n\/\+\/[a-z-]+$/.test(topics[topic].path);
const connectBytesMax = 1024;
/** Acknowledgements answer what we sent: they cost a twentieth of a message. */
const ackCost = 0.05;

/** Starts the broker. Throws `HubError` when a port cannot be opened. */
export async function createEmbeddedBroker(config: EmbeddedBrokerConfig): Promise<EmbeddedBroker> {
  const broker = new Embedded(config);
  try {
    await broker.start();
  } catch (error) {
    await broker.close();
    throw error;
  }
  return broker;
}

class Embedded implements EmbeddedBroker {
  readonly endsConnections = true;
  readonly #config: EmbeddedBrokerConfig;
  readonly #quotas: Quotas;
  readonly #aedes: Aedes;
  readonly #gate: Gate;
  readonly #retained: RetainedCount;
  readonly #alarms: Alarms;
  readonly #rules: Rules;
  readonly #sockets = new Set<Socket>();
  readonly #tls: Listener | undefined;
  readonly #plain: Listener | undefined;
  #isClosed = false;
  #told = 0;

  constructor(config: EmbeddedBrokerConfig) {
    const plainPort = config.plainPort ?? null;
    if (config.tls === null && plainPort === null) throw new Error("the broker needs a TLS or a plain port");
    const { site, verify, log } = config;
    this.#config = config;
    this.#quotas = { ...defaultQuotas, ...config.quotas };
    this.#gate = new Gate(this.#quotas);
    this.#retained = new RetainedCount(this.#quotas);
    this.#alarms = new Alarms(log, config.onAlarm);
    const { quotas, gate, retained, alarms } = { quotas: this.#quotas, gate: this.#gate, retained: this.#retained, alarms: this.#alarms };
    this.#rules = new Rules({ site, verify, log, quotas, gate, retained, alarms });
    this.#aedes = makeAedes(this.#rules, this.#alarms, log);
    this.#tls = config.tls === null ? undefined : this.#makeListener(config.tls, config.tlsPort ?? defaultTlsPort);
    this.#plain = plainPort === null ? undefined : this.#makeListener(null, plainPort);
  }

  get ports(): { tls: number | null; plain: number | null } {
    return { tls: this.#tls?.port ?? null, plain: this.#plain?.port ?? null };
  }

  async start(): Promise<void> {
    await this.#aedes.listen();
    await this.setOwnerExists(this.#config.ownerExists ?? false);
    if (this.ports.plain === null) return;
    const facts = { port: this.ports.plain };
    this.#config.log.warn(facts, "The broker's plain port is open: everything on it can be read and forged by anybody on the network.");
  }

  async setOwnerExists(exists: boolean): Promise<void> {
    const host = exists ? (this.#config.host ?? "0.0.0.0") : loopback;
    await this.#tls?.listen(host);
    await this.#plain?.listen(host);
  }

  replaceCertificate(pair: TlsPair): void {
    this.#tls?.replaceCertificate(pair);
  }

  async publish(topic: Topic, ids: readonly string[], bytes: Uint8Array): Promise<void> {
    const { from, qos, retain } = topics[topic];
    if (from !== "hub") throw new Error(`${topic} is not the hub's to publish`);
    const path = topicPath(this.#config.site, topic, ...ids);
    if (isForOneNode(topic)) this.#tell(ids[0] ?? "", path, bytes, qos);
    else await this.publishRaw(path, bytes, { qos, retain });
  }

  /**
   * The way of what only one node may read and nobody keeps: straight to that node if it is there and has subscribed, without
   * matching and queueing. Numbered apart from what goes through the queue, so that the one may overtake the other.
   */
  #tell(node: string, path: string, bytes: Uint8Array, qos: 0 | 1): void {
    if (this.#isClosed) throw new HubError("BUS_CLOSED");
    const session = this.#rules.speakerOf(node);
    if (session?.client?.connected !== true || !session.filters.has(path)) return;
    this.#told += 1;
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const packet = {
      cmd: "publish",
      topic: path,
      payload,
      qos,
      retain: false,
      dup: false,
      brokerId: "hub",
      brokerCounter: this.#told,
    } as const;
    session.client.publish(packet, () => undefined); // a connection that ends meanwhile is heard of as such
    setImmediate(() => session.release()); // aedes writes in the immediate before
  }

  async publishRaw(path: string, bytes: Uint8Array, how: { qos?: 0 | 1; retain?: boolean } = {}): Promise<void> {
    const { qos = 0, retain = false } = how;
    if (this.#isClosed) throw new HubError("BUS_CLOSED");
    if (retain && !this.#retained.admit(path, "", bytes.length)) throw new HubError("RETAINED_FULL", path);
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new HubError("BUS_TIMEOUT", path)), publishMs);
      this.#aedes.publish({ cmd: "publish", topic: path, payload, qos, retain, dup: false }, (error) => {
        clearTimeout(limit);
        if (error) reject(new HubError("BUS_CLOSED", path, error));
        else resolve();
      });
    });
  }

  onMessage(handle: Parameters<Bus["onMessage"]>[0]): void {
    this.#rules.onMessage.push(handle);
  }

  onConnection(handle: Parameters<Bus["onConnection"]>[0]): void {
    this.#rules.onConnection.push(handle);
  }

  isOnline(node: string): boolean {
    return this.#rules.speakerOf(node) !== undefined;
  }

  drop(node: string, why: string): void {
    const session = this.#rules.speakerOf(node);
    if (session === undefined) return;
    this.#config.log.info({ node, why }, "The hub ended a node's connection.");
    session.end();
  }

  stats(): BrokerStats {
    return {
      connections: this.#gate.connections,
      unauthenticated: this.#gate.unauthenticated,
      online: this.#rules.online,
      messagesIn: this.#rules.messagesIn,
      retained: this.#retained.size,
      refused: this.#alarms.counts(),
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The wills of nodes whose connections end here are not about them.
    this.#rules.deafen();
    this.#alarms.hush();
    this.#tls?.close();
    this.#plain?.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      const limit = setTimeout(resolve, publishMs);
      this.#aedes.close(() => {
        clearTimeout(limit);
        resolve();
      });
    });
  }

  #makeListener(tls: TlsPair | null, port: number): Listener {
    return new Listener({
      tls,
      port,
      accept: (socket) => this.#accept(socket),
      ready: (socket, stream) => this.#attach(socket, stream),
      handshakeFailed: (address) => this.#alarms.refuse("tls-handshake", address ?? "gone"),
    });
  }

  /** At TCP accept: counts the connection and gives it its time to say who it is. */
  #accept(socket: Socket): boolean {
    const session = new Session(socket, this.#quotas, performance.now());
    const refusal = this.#isClosed ? "closed" : this.#gate.enter(session.guest);
    if (refusal !== undefined) {
      this.#alarms.refuse(refusal, session.guest.address);
      socket.destroy();
      return false;
    }
    this.#rules.bind(socket, session);
    this.#sockets.add(socket);
    const limit = setTimeout(() => {
      if (session.identity === undefined) this.#rules.end(session, "unauthenticated-too-long");
    }, this.#quotas.unauthenticatedMs);
    socket.once("close", () => {
      clearTimeout(limit);
      this.#sockets.delete(socket);
      this.#gate.leave(session.guest);
      this.#rules.depart(session);
    });
    return true;
  }

  /** Puts the frame guard between the stream and the parser: aedes takes bytes with `read` and by no other way. */
  #attach(socket: Socket, stream: Socket | TLSSocket): void {
    const session = this.#rules.sessionOf(socket);
    if (session === undefined || socket.destroyed) return;
    const guard = new FrameGuard({
      connectBytesMax,
      frameBytesMax: () => session.frameBytesMax,
      completeWithinMs: completeMs,
      onFrame: (packetType) => session.rate.take(packetType >= 4 && packetType <= 7 ? ackCost : 1, performance.now()),
      onDeadline: () => this.#rules.end(session, "incomplete"),
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
    });
    const read = stream.read.bind(stream);
    stream.read = (size?: number): unknown => {
      // aedes would handle what follows a CONNECT before the secret is verified (MQTT 3.1.1 §3.1.4 lets clients send it).
      if (size !== 0 && guard.hasConnect && session.identity === undefined) return null;
      const chunk: unknown = read(size);
      if (!(chunk instanceof Uint8Array)) return chunk;
      const fault = guard.accept(chunk);
      if (fault !== undefined) {
        this.#rules.end(session, fault);
        return null;
      }
      if (guard.taken === chunk.length) return chunk;
      stream.unshift(chunk.subarray(guard.taken));
      return chunk.subarray(0, guard.taken);
    };
    stream.once("close", () => guard.close());
    this.#rules.bind(stream, session);
    this.#aedes.handle(stream);
  }
}
