/**
 * Every topic on the bus, one row each: this is the only place a topic is spelled. From these rows follow the broker's
 * access list, the retained and QoS flags, the documentation table and the fuzz tests.
 *
 *   koprade/1/{site}/n/{node}/…   one node's own subtree
 *   koprade/1/{site}/hub/…        what the hub tells everybody
 *
 * A retained message may make the world safer, never more open (domain.md §5.1, D11). Permissive messages are sealed,
 * bound to boot and connection, expire, and are never retained.
 */
import * as z from "zod";
import * as bodies from "./bodies.ts";

export type Direction = "node" | "hub" | "newcomer";
type Row<S extends z.ZodType = z.ZodType> = {
  /** below `koprade/1/{site}/`; `+` stands for one identifier */
  readonly path: string;
  readonly from: Direction;
  /** `sealed`: the payload carries an HMAC of its exact bytes; `binary`: not JSON */
  readonly form: "plain" | "sealed" | "binary";
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly maxBytes: number;
  readonly body: S;
  readonly note: string;
};
const row = <S extends z.ZodType>(given: Row<S>): Row<S> => given;

export const topics = {
  nodeState: row({
    path: "n/+/state",
    from: "node",
    form: "plain",
    qos: 1,
    retain: true,
    maxBytes: 1024,
    body: bodies.nodeState,
    note: "Is the node there? Also its last will: `lost` with this connection's `conn`.",
  }),
  nodeBirth: row({
    path: "n/+/birth",
    from: "node",
    form: "plain",
    qos: 1,
    retain: true,
    maxBytes: 8192,
    body: bodies.birth,
    note: "What the node is and which versions it holds.",
  }),
  nodeHeartbeat: row({
    path: "n/+/hb",
    from: "node",
    form: "plain",
    qos: 0,
    retain: false,
    maxBytes: 2048,
    body: bodies.heartbeat,
    note: "Every 10 s: health.",
  }),
  channelReported: row({
    path: "n/+/c/+/rep",
    from: "node",
    form: "plain",
    qos: 1,
    retain: true,
    maxBytes: 2048,
    body: bodies.reported,
    note: "What a channel is doing, as the node knows it.",
  }),
  channelTelemetry: row({
    path: "n/+/c/+/tele",
    from: "node",
    form: "plain",
    qos: 0,
    retain: false,
    maxBytes: 4096,
    body: bodies.telemetry,
    note: "Meter samples in batches.",
  }),
  accessRequest: row({
    path: "n/+/req",
    from: "node",
    form: "plain",
    qos: 1,
    retain: false,
    maxBytes: 2048,
    body: bodies.accessRequest,
    note: "A tap whose answer no snapshot can prove.",
  }),
  accessResponse: row({
    path: "n/+/res",
    from: "hub",
    form: "sealed",
    qos: 1,
    retain: false,
    maxBytes: 4096,
    body: bodies.accessResponse,
    note: "The answer to exactly one nonce.",
  }),
  command: row({
    path: "n/+/cmd",
    from: "hub",
    form: "sealed",
    qos: 1,
    retain: false,
    maxBytes: 4096,
    body: bodies.command,
    note: "A command, bound to one boot and connection, with a time to live.",
  }),
  acknowledgement: row({
    path: "n/+/ack",
    from: "node",
    form: "plain",
    qos: 1,
    retain: false,
    maxBytes: 1024,
    body: bodies.acknowledgement,
    note: "What became of a command.",
  }),
  events: row({
    path: "n/+/evt",
    from: "node",
    form: "plain",
    qos: 1,
    retain: false,
    maxBytes: 16_384,
    body: bodies.eventBatch,
    note: "The outbox, at least once.",
  }),
  eventAck: row({
    path: "n/+/evt-ack",
    from: "hub",
    form: "plain",
    qos: 1,
    retain: false,
    maxBytes: 512,
    body: bodies.eventAck,
    note: "Sent after COMMIT: the outbox may forget.",
  }),
  nodeConfig: row({
    path: "n/+/cfg",
    from: "hub",
    form: "sealed",
    qos: 1,
    retain: true,
    maxBytes: 16_384,
    body: bodies.nodeConfig,
    note: "Timers, thresholds, bindings of channels.",
  }),
  nodeKeys: row({
    path: "n/+/keys",
    from: "hub",
    form: "sealed",
    qos: 1,
    retain: false,
    maxBytes: 24_576,
    body: bodies.nodeKeys,
    note: "New keys, encrypted to the key that its birth shows; the old ones hold until it has come with these.",
  }),
  restrictions: row({
    path: "n/+/lock",
    from: "hub",
    form: "sealed",
    qos: 1,
    retain: true,
    maxBytes: 24_576,
    body: bodies.restrictions,
    note: "Lockouts and revoked cards. Restrictive only.",
  }),
  snapshotManifest: row({
    path: "n/+/snap",
    from: "hub",
    form: "plain",
    qos: 1,
    retain: true,
    maxBytes: 1024,
    body: bodies.snapshotManifest,
    note: "Which snapshot is current, signed.",
  }),
  snapshotRequest: row({
    path: "n/+/snap-req",
    from: "node",
    form: "plain",
    qos: 1,
    retain: false,
    maxBytes: 512,
    body: bodies.snapshotRequest,
    note: "Send me the chunks from this one on.",
  }),
  snapshotChunk: row({
    path: "n/+/snap/+/+",
    from: "hub",
    form: "binary",
    qos: 1,
    retain: false,
    maxBytes: 32_768,
    body: z.never(),
    note: "`{epoch}.{version}/{i}`: up to 32 KiB of the snapshot.",
  }),
  hubState: row({
    path: "hub/state",
    from: "hub",
    form: "plain",
    qos: 1,
    retain: true,
    maxBytes: 512,
    body: bodies.hubState,
    note: "Is the hub there?",
  }),
  hubTime: row({
    path: "hub/time",
    from: "hub",
    form: "plain",
    qos: 0,
    retain: false,
    maxBytes: 512,
    body: bodies.hubTime,
    note: "Every 5 s: the hub's clock.",
  }),
  siteMode: row({
    path: "mode",
    from: "hub",
    form: "plain",
    qos: 1,
    retain: true,
    maxBytes: 512,
    body: bodies.siteMode,
    note: "Normal, evacuate, lockdown. Doors are released by wire; this mirrors it.",
  }),
  enrolHello: row({
    path: "enrol/+/hello",
    from: "newcomer",
    form: "plain",
    qos: 1,
    retain: false,
    maxBytes: 4096,
    body: bodies.enrolHello,
    note: "A node that wants to be adopted.",
  }),
  enrolOffer: row({
    path: "enrol/+/offer",
    from: "hub",
    form: "plain",
    qos: 1,
    retain: false,
    maxBytes: 16_384,
    body: bodies.enrolOffer,
    note: "Its identity, encrypted to it.",
  }),
  machinePublic: row({
    path: "pub/+",
    from: "hub",
    form: "plain",
    qos: 0,
    retain: true,
    maxBytes: 1024,
    body: bodies.machinePublic,
    note: "For displays; no names.",
  }),
} as const;

export type Topic = keyof typeof topics;
export type Body<T extends Topic> = z.infer<(typeof topics)[T]["body"]>;
