/** aedes with every question it can ask answered by the rules, and without the work that nobody needs. */
import type { EventEmitter } from "node:events";
import { Aedes, type Client, type PublishPacket } from "aedes";
import type { Log } from "../ports.ts";
import type { Alarms } from "./alarms.ts";
import { findByName, type RetainedStore } from "./retained.ts";
import type { Rules } from "./rules.ts";

const drainMs = 1500;
const connectMs = 5000;
const keepaliveSecondsMax = 300;
/** aedes publishes the wills of brokers whose heartbeat is old by the wall clock; a Pi's clock jumps by years. Effectively never. */
const heartbeatMs = 500_000_000;

/**
 * aedes without the way that nobody takes: copying, matching and announcing a message that only the hub may read and already
 * has costs more than everything before it.
 */
class HubAedes extends Aedes {
  isForTheHubOnly: (client: object, packet: PublishPacket) => boolean = () => false;

  override async listen(): Promise<void> {
    await super.listen();
    findByName((this as unknown as { readonly persistence: RetainedStore }).persistence); // not in its types
  }

  /**
   * aedes itself calls it with the publishing client before the callback. Answered a tick later: aedes reads on in the callback, and
   * from within the parser's own event that would parse this very packet's bytes again.
   */
  override publish(packet: PublishPacket, ...rest: readonly unknown[]): void {
    const [client, done] = rest;
    if (typeof client === "object" && client !== null && typeof done === "function" && this.isForTheHubOnly(client, packet))
      queueMicrotask(() => done(null));
    else Reflect.apply(super.publish, this, [packet, ...rest]);
  }
}

/** The broker proper, with every question it can ask answered by the rules. */
export function makeAedes(rules: Rules, alarms: Alarms, log: Log): Aedes {
  const aedes = new HubAedes({
    // With no limit on concurrency one client that does not read holds up nobody; `waitingBytes` bounds what it may hold.
    concurrency: 0,
    drainTimeout: drainMs,
    connectTimeout: connectMs,
    heartbeatInterval: heartbeatMs,
    keepaliveLimit: keepaliveSecondsMax,
    maxClientsIdLength: 32,
    maxTopicLevels: 10,
    maxInflightInbound: 20,
    preConnect: (client, packet, done) => (rules.preConnect(client, packet) ? done(null, true) : done(new Error("no session"), false)),
    authenticate: (client, username, secret, done) => {
      rules.authenticate(client, username, secret).then(
        (refusal) => (refusal === undefined ? done(null, true) : done(refusal, null)),
        (error: unknown) => {
          log.error({ error: String(error) }, "A secret could not be checked; the connection is refused.");
          done(null, false);
        },
      );
    },
    authorizePublish: (client, packet, done) => done(rules.authorizePublish(client, packet)),
    authorizeSubscribe: (client, subscription, done) => done(null, rules.maySubscribe(client, subscription) ? subscription : null),
    authorizeForward: (client, packet) => (rules.mayForward(client, packet.topic) ? packet : null),
  });
  aedes.isForTheHubOnly = (client, packet) => rules.isForTheHubOnly(client, packet);
  aedes.on("clientReady", (client) => {
    const session = rules.sessionOf(client);
    if (session !== undefined) rules.arrive(session);
  });
  aedes.on("unsubscribe", (filters, client) => {
    for (const filter of filters) rules.sessionOf(client)?.filters.delete(filter);
  });
  const noteError = (client: Client, error: Error): void =>
    alarms.refuse("connection-error", client.id ?? "unknown", { error: error.message });
  aedes.on("clientError", noteError);
  aedes.on("connectionError", noteError);
  // Unheard, the error event of one message would end the process.
  const emitter: EventEmitter = aedes;
  emitter.on("error", (error: unknown) => alarms.refuse("broker-error", "aedes", { error: String(error) }));
  return aedes;
}
