/**
 * The same `Bus` over somebody else's MQTT 3.1.1 or 5 broker. There the hub is a client, and a message's node is read from its
 * topic: the broker's access list must see to it that nobody else may publish there. `mosquitto.ts` writes such a list from
 * the same contract rows.
 */
import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { decode, matchPath, type Topic, topicFilter, topicPath, topics } from "#contract";
import { nodeTimes } from "#core";
import { HubError, type HubErrorCode } from "../errors.ts";
import type { Bus, Log } from "../ports.ts";

export type ExternalBusConfig = {
  readonly site: string;
  /** `mqtt://host:port` or `mqtts://host:port` */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** PEM file of the authority that signed the broker's certificate; without it the computer's own list counts */
  readonly caFile?: string;
  /** 5 also shows the hub which live messages were retained; 4 is MQTT 3.1.1. Without a choice 5 is tried first. */
  readonly protocolVersion?: 4 | 5;
  /** what the broker says for the hub when the hub is gone */
  readonly will?: { readonly topic: Topic; readonly ids: readonly string[]; readonly bytes: Uint8Array };
  readonly log: Log;
};

export type ExternalBus = Bus & {
  isConnected(): boolean;
  /** when the broker is there again after an absence: the hub's retained messages should be published anew */
  onReturn(handle: () => void): void;
};

const connectMs = 10_000;
const publishMs = 2000;
const reconnectMs = 2000;
/** CONNACK codes of MQTT 3.1.1 §3.2.2.3 and MQTT 5 §3.2.2.2. */
const refusals = new Map<number, HubErrorCode>([
  [1, "BROKER_OLD"],
  [132, "BROKER_OLD"],
  [4, "BROKER_CREDENTIALS"],
  [5, "BROKER_CREDENTIALS"],
  [134, "BROKER_CREDENTIALS"],
  [135, "BROKER_CREDENTIALS"],
]);
const handled = Object.keys(topics).filter((name): name is Topic => topics[name as Topic].from !== "hub");

/** Connects and subscribes; rejects with `HubError` when that takes more than 10 s or the account is refused. */
export async function createExternalBus(config: ExternalBusConfig): Promise<ExternalBus> {
  const ca = config.caFile === undefined ? undefined : await readAuthority(config.caFile);
  if (config.protocolVersion !== undefined) return await open(config, config.protocolVersion, ca);
  try {
    return await open(config, 5, ca);
  } catch (error) {
    if (!(error instanceof HubError) || error.code !== "BROKER_OLD") throw error;
    return await open(config, 4, ca);
  }
}

async function readAuthority(path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: unknown) => {
    throw new HubError("CONFIG_BAD", `mqtt.external.caFile: ${path} cannot be read`, cause);
  });
}

async function open(config: ExternalBusConfig, protocolVersion: 4 | 5, ca: Buffer | undefined): Promise<ExternalBus> {
  const bus = new External(config, { ...optionsOf(config), protocolVersion, ...(ca === undefined ? {} : { ca }) });
  try {
    await bus.start();
  } catch (error) {
    await bus.close();
    throw error;
  }
  return bus;
}

class External implements ExternalBus {
  readonly endsConnections = false;
  readonly #config: ExternalBusConfig;
  readonly #client: MqttClient;
  readonly #onMessage: Parameters<Bus["onMessage"]>[0][] = [];
  readonly #onConnection: Parameters<Bus["onConnection"]>[0][] = [];
  readonly #onReturn: (() => void)[] = [];
  /** the connection number each node last said it is online with; absent while it is gone */
  readonly #online = new Map<string, number>();
  /** dropped nodes and the connection they were dropped from */
  readonly #dropped = new Map<string, number | undefined>();

  constructor(config: ExternalBusConfig, options: IClientOptions) {
    this.#config = config;
    this.#client = mqtt.connect(config.url, options);
    // Off by default in the client: small messages would wait 40 ms for each other.
    this.#client.on("connect", () => {
      const { stream } = this.#client;
      if (stream instanceof Socket) stream.setNoDelay(true);
    });
    this.#client.on("message", (path, bytes, packet) => this.#receive(path, bytes, packet.retain));
  }

  async start(): Promise<void> {
    const { log, url, site } = this.#config;
    await this.#firstConnect();
    let isAway = false;
    this.#client.on("close", () => {
      if (isAway) return;
      isAway = true;
      log.warn({ url }, "The external broker is gone; nodes decide by themselves.");
    });
    this.#client.on("error", (error) => log.warn({ error: error.message }, "The external broker reports an error."));
    this.#client.on("connect", () => {
      isAway = false;
      log.info({ url }, "The external broker is back.");
      for (const handle of this.#onReturn) handle();
    });
    const filters = Object.fromEntries(handled.map((topic) => [topicFilter(site, topic), { qos: 1 as const, rap: true }]));
    const granted = await this.#client.subscribeAsync(filters).catch((cause: unknown) => {
      throw new HubError("BUS_REFUSED", "subscribe", cause);
    });
    if (granted.some(({ qos }) => qos >= 128)) throw new HubError("BUS_REFUSED", "subscribe");
  }

  async publish(topic: Topic, ids: readonly string[], bytes: Uint8Array): Promise<void> {
    const { from, qos, retain } = topics[topic];
    if (from !== "hub") throw new Error(`${topic} is not the hub's to publish`);
    const path = topicPath(this.#config.site, topic, ...ids);
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    // Nothing waits for a connection: what was true then may be false later, and permissive.
    if (!this.#client.connected) throw new HubError("BUS_CLOSED", path);
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => {
        if (id !== undefined) this.#client.removeOutgoingMessage(id);
        reject(new HubError("BUS_TIMEOUT", path));
      }, publishMs);
      this.#client.publish(path, payload, { qos, retain }, (error) => {
        clearTimeout(limit);
        if (error) reject(new HubError("BUS_REFUSED", path, error));
        else resolve();
      });
      const id = qos === 0 ? undefined : this.#client.getLastMessageId();
    });
  }

  onMessage(handle: Parameters<Bus["onMessage"]>[0]): void {
    this.#onMessage.push(handle);
  }

  onConnection(handle: Parameters<Bus["onConnection"]>[0]): void {
    this.#onConnection.push(handle);
  }

  onReturn(handle: () => void): void {
    this.#onReturn.push(handle);
  }

  isConnected(): boolean {
    return this.#client.connected;
  }

  /**
   * A broker that is not ours cannot be told to end a connection: the hub stops listening to the node until it says `online`
   * with another connection, and the log says so. Revoking for good takes the node's account at the broker.
   */
  drop(node: string, why: string): void {
    this.#config.log.warn(
      { node, why },
      "The hub no longer listens to this node. Remove its account at the external broker to end its connection.",
    );
    this.#dropped.set(node, this.#online.get(node));
    this.#change(node, undefined);
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #firstConnect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: HubError): void => {
        clearTimeout(limit);
        this.#client.off("error", refused);
        if (error === undefined) resolve();
        else reject(error);
      };
      const refused = (cause: Error): void => {
        const code = "code" in cause && typeof cause.code === "number" ? refusals.get(cause.code) : undefined;
        if (code !== undefined) settle(new HubError(code, this.#config.url, cause));
      };
      const limit = setTimeout(() => settle(new HubError("BROKER_UNREACHABLE", this.#config.url)), connectMs);
      this.#client.on("error", refused);
      this.#client.once("connect", () => settle());
    });
  }

  #receive(path: string, bytes: Buffer, retained: boolean): void {
    const match = matchPath(this.#config.site, path);
    const node = match?.ids[0];
    if (match === undefined || node === undefined) return;
    if (retained && !topics[match.topic].retain) {
      // An access list cannot forbid the retain flag; what it let through is not acted on and does not stay (domain.md D11).
      if (bytes.length > 0) this.#client.publish(path, "", { qos: 1, retain: true });
      return;
    }
    if (match.topic === "nodeState") this.#readState(path, node, bytes);
    if (this.#dropped.has(node)) return;
    for (const handle of this.#onMessage) handle({ path, node, bytes, retained });
  }

  /** Comings and goings are what nodes and their wills say; a will of a connection before the current one says nothing. */
  #readState(path: string, node: string, bytes: Buffer): void {
    const message = decode(this.#config.site, path, bytes);
    if (!message.ok || message.topic !== "nodeState") return;
    const { conn } = message.envelope;
    if (message.body.state === "online") {
      if (this.#dropped.has(node) && this.#dropped.get(node) !== conn) this.#dropped.delete(node);
      if (!this.#dropped.has(node)) this.#change(node, conn);
    } else if (conn >= (this.#online.get(node) ?? 0)) {
      this.#change(node, undefined);
    }
  }

  #change(node: string, conn: number | undefined): void {
    const before = this.#online.get(node);
    if (before === conn) return;
    if (conn === undefined) this.#online.delete(node);
    else this.#online.set(node, conn);
    for (const handle of this.#onConnection) handle({ node, connected: conn !== undefined });
  }
}

function optionsOf(config: ExternalBusConfig): IClientOptions {
  const { will, site } = config;
  return {
    username: config.username,
    password: config.password,
    clientId: config.username,
    clean: true,
    keepalive: nodeTimes.mqttKeepaliveMs / 1000,
    queueQoSZero: false,
    reconnectPeriod: reconnectMs,
    connectTimeout: connectMs,
    rejectUnauthorized: true,
    ...(will === undefined
      ? {}
      : {
          will: {
            topic: topicPath(site, will.topic, ...will.ids),
            payload: Buffer.from(will.bytes),
            qos: topics[will.topic].qos,
            retain: topics[will.topic].retain,
          },
        }),
  };
}
