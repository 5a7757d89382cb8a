/**
 * Where foreign devices come to: a broker of its own, without encryption, on a port of its own, that knows nothing of Koprade's topics.
 * Whoever forges here forges one plug. Each account may say and hear what its family's topics are, and nothing else; nothing is kept,
 * so that no message of yesterday meets anybody; and no device hears another.
 *
 *   device ─ gate ─ frame guard ─ aedes ─ account ─── says ─▶ onMessage (the host), and no further
 *   host ─ publish ────────────────────────────────── hears ─▶ device
 *
 * While somebody discovers, strangers are let in too: what they say is looked at and goes nowhere, and they hear nothing.
 */
import type { Socket } from "node:net";
import { Aedes, type Client, type ConnectPacket } from "aedes";
import { FrameGuard } from "../broker/frame-guard.ts";
import { Listener } from "../broker/listener.ts";
import { addressKey, defaultQuotas, Gate, type Guest, RateLimit } from "../broker/quotas.ts";
import { type DeviceTopics, isAmong } from "../hosted/family.ts";
import type { Log } from "../ports.ts";

export type ForeignAccount = { readonly account: string; readonly topics: DeviceTopics; isPassword(given: Uint8Array): boolean };

export type ForeignListenerGiven = {
  readonly port: number;
  readonly host: string;
  /** asked at every connection: accounts come and go */
  readonly accountOf: (username: string) => ForeignAccount | undefined;
  readonly isDiscovering: () => boolean;
  readonly onMessage: (account: string, topic: string, payload: string) => void;
  readonly onStranger: (topic: string, payload: string, address: string) => void;
  readonly onConnection: (account: string, connected: boolean) => void;
  readonly log: Log;
};
export type ForeignListener = {
  readonly port: number;
  publish(topic: string, payload: string): void;
  /** Ends the connection of an account that is gone or has another password. */
  drop(account: string): void;
  /** Nobody looks any more: whoever has no account goes. */
  dropStrangers(): void;
  refused(): Readonly<Record<string, number>>;
  close(): Promise<void>;
};

/** CONNECT with a last will of a device's longest topic and payload. */
const connectBytesMax = 2048;
/** A Shelly's whole status, Bambu's even; a reader sends less than 1 KB. */
const frameBytesMax = 65_536;
const payloadBytesMax = 32_768;
const completeMs = 5000;
const strangersMax = 16;
const nowhere = "$nowhere";
const subscriptionsMax = 20;
/** several plugs behind one address is how Wi-Fi repeaters look */
const quotas = { ...defaultQuotas, connections: 400, connectionsPerAddress: 40 };

type Visitor = {
  readonly socket: Socket;
  readonly guest: Guest;
  readonly rate: RateLimit;
  username: string;
  /** null: a stranger, while somebody discovers; undefined: not known yet */
  account: ForeignAccount | null | undefined;
  filters: number;
};

export async function openForeignListener(given: ForeignListenerGiven): Promise<ForeignListener> {
  const listener = new Foreign(given);
  await listener.open();
  return listener;
}

class Foreign implements ForeignListener {
  readonly #given: ForeignListenerGiven;
  readonly #gate = new Gate(quotas);
  readonly #aedes: Aedes;
  readonly #listener: Listener;
  readonly #guests = new WeakMap<object, Visitor>();
  readonly #online = new Map<string, Visitor>();
  readonly #all = new Set<Visitor>();
  readonly #refused = new Map<string, number>();
  #isClosed = false;
  #strangers = 0;

  constructor(given: ForeignListenerGiven) {
    this.#given = given;
    this.#aedes = this.#makeAedes();
    this.#listener = new Listener({
      tls: null,
      port: given.port,
      accept: (socket) => this.#accept(socket),
      ready: (socket) => this.#attach(socket),
      handshakeFailed: () => undefined,
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  async open(): Promise<void> {
    await this.#aedes.listen();
    await this.#listener.listen(this.#given.host);
  }

  publish(topic: string, payload: string): void {
    if (this.#isClosed) return;
    const packet = { cmd: "publish", topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false } as const;
    this.#aedes.publish(packet, (error) => error && this.#refuse("publish"));
  }

  drop(account: string): void {
    this.#online.get(account)?.socket.destroy();
  }

  dropStrangers(): void {
    for (const { account, socket } of this.#all) if (account === null) socket.destroy();
  }

  refused(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refused);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    for (const { socket } of this.#all) socket.destroy();
    await new Promise<void>((resolve) => {
      const limit = setTimeout(resolve, 2000);
      this.#aedes.close(() => {
        clearTimeout(limit);
        resolve();
      });
    });
  }

  #makeAedes(): Aedes {
    const aedes = new Aedes({
      concurrency: 0,
      drainTimeout: 1500,
      connectTimeout: 5000,
      heartbeatInterval: 500_000_000,
      keepaliveLimit: 600,
      maxClientsIdLength: 64,
      maxTopicLevels: 12,
      maxInflightInbound: 20,
      preConnect: (client, packet, done) => done(null, this.#preConnect(client, packet)),
      authenticate: (client, _username, secret, done) => {
        const isWelcome = this.#authenticate(client, secret ?? Buffer.alloc(0));
        if (isWelcome) done(null, true);
        else done(Object.assign(new Error("bad credentials"), { returnCode: 4 }), null);
      },
      authorizePublish: (client, packet, done) => {
        const isHeard = this.#hear(client, packet.topic, packet.payload);
        // Nothing of a foreign device is kept or passed on, nor its will: a relay or a card of yesterday, or an order of somebody in
        // the hub's name, must meet nobody. The broker goes on with an empty word to a topic that no device hears.
        packet.retain = false;
        packet.topic = nowhere;
        packet.payload = Buffer.alloc(0);
        done(isHeard ? null : new Error("not yours"));
      },
      authorizeSubscribe: (client, subscription, done) => done(null, this.#maySubscribe(client) ? { ...subscription, qos: 0 } : null),
      authorizeForward: (client, packet) => (this.#mayHear(client, packet.topic) ? packet : null),
    });
    const note = () => this.#refuse("connection-error");
    aedes.on("clientError", note);
    aedes.on("connectionError", note);
    (aedes as unknown as NodeJS.EventEmitter).on("error", () => this.#refuse("broker-error"));
    return aedes;
  }

  #accept(socket: Socket): boolean {
    const guest: Guest = { address: addressKey(socket.remoteAddress), evict: () => socket.destroy() };
    const refusal = this.#isClosed ? "closed" : this.#gate.enter(guest);
    if (refusal !== undefined) {
      this.#refuse(refusal);
      socket.destroy();
      return false;
    }
    const rate = new RateLimit(quotas.messagesPerSecond, quotas.messagesBurst, performance.now());
    const one: Visitor = { socket, guest, rate, username: "", account: undefined, filters: 0 };
    this.#guests.set(socket, one);
    this.#all.add(one);
    const limit = setTimeout(() => one.account === undefined && socket.destroy(), quotas.unauthenticatedMs);
    socket.once("close", () => {
      clearTimeout(limit);
      this.#all.delete(one);
      this.#gate.leave(guest);
      if (one.account == null || this.#online.get(one.username) !== one) return;
      this.#online.delete(one.username);
      this.#given.onConnection(one.username, false);
    });
    return true;
  }

  /** Between the socket and the parser, as at the hub's own broker (broker/embedded.ts). */
  #attach(socket: Socket): void {
    const one = this.#guests.get(socket);
    if (one === undefined || socket.destroyed) return;
    const guard = new FrameGuard({
      connectBytesMax,
      frameBytesMax: () => (one.account === undefined ? connectBytesMax : frameBytesMax),
      completeWithinMs: completeMs,
      onFrame: (type) => one.rate.take(type >= 4 && type <= 7 ? 0.05 : 1, performance.now()),
      onDeadline: () => this.#end(one, "incomplete"),
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
    });
    const read = socket.read.bind(socket);
    socket.read = (size?: number): unknown => {
      if (size !== 0 && guard.hasConnect && one.account === undefined) return null;
      const chunk: unknown = read(size);
      if (!(chunk instanceof Uint8Array)) return chunk;
      const fault = guard.accept(chunk);
      if (fault !== undefined) {
        this.#end(one, fault);
        return null;
      }
      if (guard.taken === chunk.length) return chunk;
      socket.unshift(chunk.subarray(guard.taken));
      return chunk.subarray(0, guard.taken);
    };
    socket.once("close", () => guard.close());
    this.#aedes.handle(socket);
  }

  /** The client id is made of who comes and nothing else: with another's it would throw that one off. */
  #preConnect(client: Client, packet: ConnectPacket): boolean {
    const one = this.#guests.get(client.conn);
    if (one === undefined) return false;
    this.#guests.set(client, one);
    one.username = (packet.username ?? "").slice(0, 64);
    const known = this.#given.accountOf(one.username);
    packet.clean = true;
    this.#strangers += 1;
    packet.clientId = known === undefined ? `stranger-${this.#strangers}` : one.username;
    return true;
  }

  #authenticate(client: Client, secret: Uint8Array): boolean {
    const one = this.#guests.get(client);
    if (one === undefined) return false;
    const account = this.#given.accountOf(one.username);
    if (account?.isPassword(secret) === true) {
      one.account = account;
      this.#gate.known(one.guest);
      this.#online.set(one.username, one);
      this.#given.onConnection(one.username, true);
      return true;
    }
    const strangers = [...this.#all].filter((other) => other.account === null).length;
    if (account === undefined && this.#given.isDiscovering() && strangers < strangersMax) {
      one.account = null;
      this.#gate.known(one.guest);
      return true;
    }
    this.#refuse("bad-credentials");
    return false;
  }

  #hear(client: Client | null, topic: string, payload: string | Buffer): boolean {
    const one = client === null ? undefined : this.#guests.get(client);
    if (one?.account === undefined) return false;
    if (payload.length > payloadBytesMax) return this.#refuse("too-long");
    const text = typeof payload === "string" ? payload : payload.toString("utf8");
    if (one.account === null) {
      if (this.#given.isDiscovering()) this.#given.onStranger(topic.slice(0, 300), text, one.guest.address);
      return true;
    }
    if (!isAmong(one.account.topics.says, topic)) return this.#refuse("not-yours");
    this.#given.onMessage(one.username, topic, text);
    return true;
  }

  /** Any filter may be asked for, as devices do (groups, `shellies/command`); what comes through is judged at every delivery. */
  #maySubscribe(client: Client): boolean {
    const one = this.#guests.get(client);
    if (one === undefined) return false;
    one.filters += 1;
    return one.filters <= subscriptionsMax || this.#refuse("subscriptions");
  }

  /** Only what its account hears; and of that only what the host says, for no device says into what another hears. */
  #mayHear(client: Client, topic: string): boolean {
    const account = this.#guests.get(client)?.account;
    return account != null && isAmong(account.topics.hears, topic);
  }

  #end(one: Visitor, why: string): void {
    this.#refuse(why);
    one.socket.destroy();
  }

  #refuse(why: string): false {
    const count = (this.#refused.get(why) ?? 0) + 1;
    this.#refused.set(why, count);
    if (count === 1) this.#given.log.warn({ why }, "The listener for foreign devices refused something; repeats are only counted.");
    return false;
  }
}
