/**
 * The broker's answers to aedes' questions: who is this, may it publish, subscribe, receive. Keeps which connection speaks for
 * which identity, and hands what nodes publish to the hub inside the access check, before any queue.
 */
import type { AuthenticateError, Client, ConnectPacket, PublishPacket, Subscription } from "aedes";
import { topics } from "#contract";
import type { Bus, Log } from "../ports.ts";
import { type Identity, identityOf, maySubscribe, mayWill } from "./acl.ts";
import type { Alarms } from "./alarms.ts";
import type { Gate, Quotas, RetainedCount } from "./quotas.ts";
import type { Session } from "./session.ts";

/** Is this the identity's secret? The secrets are stored hashed, elsewhere. */
export type Verify = (identity: Identity, secret: Uint8Array) => Promise<boolean>;

export type RulesOptions = {
  readonly site: string;
  readonly quotas: Quotas;
  readonly verify: Verify;
  readonly gate: Gate;
  readonly retained: RetainedCount;
  readonly alarms: Alarms;
  readonly log: Log;
};

type OnMessage = Parameters<Bus["onMessage"]>[0];
type OnConnection = Parameters<Bus["onConnection"]>[0];

const verifyMs = 2000;
/** CONNACK return codes (MQTT 3.1.1 §3.2.2.3). */
const connack = { identifierRejected: 2, unavailable: 3, badCredentials: 4, notAuthorized: 5 } as const;

export class Rules {
  readonly onMessage: OnMessage[] = [];
  readonly onConnection: OnConnection[] = [];
  readonly #options: RulesOptions;
  /** by stream and by aedes client */
  readonly #sessions = new WeakMap<object, Session>();
  /** by user name: the one connection that speaks for it */
  readonly #online = new Map<string, Session>();
  #messagesIn = 0;

  constructor(options: RulesOptions) {
    this.#options = options;
  }

  get online(): number {
    return this.#online.size;
  }

  get messagesIn(): number {
    return this.#messagesIn;
  }

  sessionOf(of: object): Session | undefined {
    return this.#sessions.get(of);
  }

  bind(of: object, session: Session): void {
    this.#sessions.set(of, session);
  }

  speakerOf(node: string): Session | undefined {
    return this.#online.get(node);
  }

  /** Tells nobody anything from now on. */
  deafen(): void {
    this.onMessage.length = 0;
    this.onConnection.length = 0;
  }

  /** Ends a connection now and counts why. */
  end(session: Session, why: string): void {
    if (session.isEnded || session.socket.destroyed) return;
    this.#options.alarms.refuse(why, session.identity?.id ?? session.guest.address);
    session.end();
  }

  /** Notes what CONNECT says. Sessions end with the connection: store and forward is the outbox's work (security.md R37). */
  preConnect(client: Client, packet: ConnectPacket): boolean {
    const session = this.#sessions.get(client.conn) ?? this.#sessions.get(client);
    if (session === undefined) return false;
    this.#sessions.set(client, session);
    packet.clean = true;
    session.client = client;
    session.clientId = packet.clientId;
    session.will = packet.will;
    return true;
  }

  /** Undefined when the client is who it says it is; else what to answer. */
  async authenticate(client: Client, username: string | undefined, secret: Buffer | undefined): Promise<AuthenticateError | undefined> {
    const session = this.#sessions.get(client);
    if (session === undefined) return refusal("no-session", connack.unavailable);
    const answer = await this.#judge(session, username, secret);
    if (answer !== undefined) this.#options.alarms.refuse(answer.message, session.guest.address, { username: username?.slice(0, 40) });
    return answer;
  }

  async #judge(session: Session, username: string | undefined, secret: Buffer | undefined): Promise<AuthenticateError | undefined> {
    const identity = username === undefined ? undefined : identityOf(username);
    if (identity === undefined || secret === undefined || secret.length === 0) return refusal("no-credentials", connack.badCredentials);
    if (session.clientId !== username) return refusal("client-id-differs", connack.identifierRejected);
    const { will } = session;
    if (will !== undefined) {
      const given = { path: will.topic, retain: will.retain ?? false, qos: will.qos ?? 0, sizeBytes: Buffer.byteLength(will.payload) };
      if (!mayWill(this.#options.site, identity, given)) return refusal("will", connack.notAuthorized);
    }
    const good = await within(verifyMs, this.#options.verify(identity, secret));
    if (good === undefined) return refusal("verify-too-slow", connack.unavailable);
    if (!good) return refusal("bad-credentials", connack.badCredentials);
    if (identity.role === "newcomer" && !this.#online.has(username ?? "")) this.#makeRoom();
    if (this.#online.has(username ?? "")) this.#options.alarms.takeover(identity.id);
    if (identity.role === "newcomer") session.after(this.#options.quotas.newcomerMs, () => this.end(session, "newcomer-long"));
    session.become(identity);
    this.#options.gate.known(session.guest);
    return undefined;
  }

  /** Newcomers take no place of a node's: the one that is there for longest goes, and says hello again. */
  #makeRoom(): void {
    const there = [...this.#online.values()].filter(({ identity }) => identity?.role === "newcomer");
    const [longest] = there;
    if (longest !== undefined && there.length >= this.#options.quotas.newcomers) this.end(longest, "newcomers");
  }

  /**
   * Null when the message may pass; it has been handed to the hub by then. `client` is null for wills of other brokers, of
   * which there are none.
   */
  authorizePublish(client: Client | null, packet: PublishPacket): Error | null {
    const session = client === null ? undefined : this.#sessions.get(client);
    const identity = session?.identity;
    if (client === null || session === undefined || identity === undefined) return this.#refuse("no-session", "nobody", packet.topic);
    if (session.isEnded && !client.closed) return new Error("ended");
    // aedes publishes the wills of the living when the wall clock jumps; a will is published by a closed client only.
    if (packet === session.will && !client.closed) return this.#refuse("will-of-the-living", identity.id, packet.topic);
    const verdict = session.publishVerdict(this.#options.site, identity, packet.topic, packet.retain);
    if (!verdict.ok) return this.#refuse(verdict.why, identity.id, packet.topic);
    if (packet.qos > 1) return this.#refuse("qos", identity.id, packet.topic);
    const bytes = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    if (bytes.length > topics[verdict.topic].maxBytes) return this.#refuse("too-long", identity.id, packet.topic);
    if (packet.retain && !this.#options.retained.admit(packet.topic, identity.id, bytes.length)) {
      return this.#refuse("retained-full", identity.id, packet.topic);
    }
    // What is stored must not hold on to the 64 KB chunk it came in.
    if (packet.retain) packet.payload = Buffer.from(bytes);
    if (!client.closed) this.arrive(session);
    this.#messagesIn += 1;
    if (verdict.topic === "accessRequest") session.hold();
    for (const handle of this.onMessage) handle({ path: packet.topic, node: identity.id, bytes, retained: false });
    return null;
  }

  /**
   * True for a message that the hub has been handed and that nobody else may read: such a one need not go through the broker.
   * Of what nodes and newcomers say, only a node's own state has another reader, the node itself.
   */
  isForTheHubOnly(client: object, packet: PublishPacket): boolean {
    const session = this.#sessions.get(client);
    if (packet.retain || session?.identity === undefined) return false;
    const verdict = session.publishVerdict(this.#options.site, session.identity, packet.topic, false);
    return verdict.ok && verdict.topic !== "nodeState";
  }

  maySubscribe(client: Client, subscription: Subscription): boolean {
    const session = this.#sessions.get(client);
    if (session?.identity === undefined || session.isEnded) return false;
    const { site, quotas, alarms } = this.#options;
    const { filters, identity } = session;
    const filter = subscription.topic;
    const isMore = filters.size >= quotas.subscriptions && !filters.has(filter);
    if (!isMore && maySubscribe(site, identity, filter)) {
      filters.add(filter);
      return true;
    }
    alarms.refuse(isMore ? "subscriptions" : "subscribe", identity.id, { filter: filter.slice(0, 80) });
    // A refused filter weighs as much as a message: thousands fit into one SUBSCRIBE. Whoever goes on asking is ended.
    session.refusedFilters += 1;
    const goesOn = session.refusedFilters > quotas.refusedSubscriptions || !session.rate.take(1, performance.now());
    if (goesOn) this.end(session, "flood");
    return false;
  }

  /** Asked for each delivery, so that no subscription, however it came about, reveals what is somebody else's. */
  mayForward(client: Client, path: string): boolean {
    const session = this.#sessions.get(client);
    if (session?.identity === undefined || !session.receiveVerdict(this.#options.site, session.identity, path)) return false;
    if ("writableLength" in client.conn && client.conn.writableLength > this.#options.quotas.waitingBytes) {
      this.end(session, "does-not-read");
      return false;
    }
    return true;
  }

  /** The connection now speaks for its identity. Said twice it counts once. */
  arrive(session: Session): void {
    if (session.hasArrived || session.identity === undefined || session.socket.destroyed) return;
    session.hasArrived = true;
    const before = this.#online.get(session.clientId);
    this.#online.set(session.clientId, session);
    before?.end();
    this.#announce(session.identity, true);
  }

  /** The connection is gone. Of a connection that was taken over nobody hears: the identity is still there. */
  depart(session: Session): void {
    if (session.identity === undefined || this.#online.get(session.clientId) !== session) return;
    this.#online.delete(session.clientId);
    this.#announce(session.identity, false);
  }

  #announce(identity: Identity, connected: boolean): void {
    if (identity.role !== "node") return;
    for (const handle of this.onConnection) handle({ node: identity.id, connected });
  }

  #refuse(why: string, who: string, path: string): Error {
    this.#options.alarms.refuse(why, who, { path: path.slice(0, 120) });
    return new Error(why);
  }
}

function refusal(why: string, returnCode: number): AuthenticateError {
  return Object.assign(new Error(why), { returnCode });
}

/** The answer, or undefined when it takes longer. */
function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => resolve(undefined), limitMs);
    promise.then(resolve, reject).finally(() => clearTimeout(limit));
  });
}
