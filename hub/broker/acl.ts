/**
 * Who may publish, subscribe to and receive what: pure, and derived from the contract's rows alone. Everything that no rule
 * here allows is refused (security.md R24, R25, R27).
 *
 *   node       publishes its own rows `from: "node"`, retains where the row says so; reads its own rows `from: "hub"` and
 *              what the hub tells everybody
 *   newcomer   `enrol/{fp}/hello` out, `enrol/{fp}/offer` in, nothing else
 *   display    reads `pub/+`
 */
import { displayPrefix, matchPath, newcomerPrefix, slug, type Topic, topicFilter, topics } from "#contract";

export type Role = "node" | "newcomer" | "display";
/** Who a connection is. `id`: a node's or display's name, a newcomer's fingerprint. */
export type Identity = { readonly role: Role; readonly id: string };

/** Why a publish was refused; counted and shown by name. */
export type PublishRefusal = "no-such-topic" | "not-yours" | "retain" | "qos" | "too-long";
export type PublishVerdict =
  | { readonly ok: true; readonly topic: Topic; readonly ids: readonly string[] }
  | { readonly ok: false; readonly why: PublishRefusal };

/**
 * The identity behind an MQTT user name, which is also the client id: `laser-node`, `enrol-{16 hex digits}` or `display-hall`.
 * Undefined for anything else: no name here can hold `/`, `+`, `#` or `$`.
 */
export function identityOf(username: string): Identity | undefined {
  if (username.startsWith(newcomerPrefix)) {
    const id = username.slice(newcomerPrefix.length);
    return /^[0-9a-f]{16}$/.test(id) ? { role: "newcomer", id } : undefined;
  }
  if (!slug.safeParse(username).success) return undefined;
  return { role: username.startsWith(displayPrefix) ? "display" : "node", id: username };
}

/** The MQTT user name and client id of an identity. */
export function usernameOf(identity: Identity): string {
  return identity.role === "newcomer" ? `${newcomerPrefix}${identity.id}` : identity.id;
}

/** May this connection publish to this path with this retain flag? */
export function mayPublish(site: string, identity: Identity, path: string, retain: boolean): PublishVerdict {
  const match = matchPath(site, path);
  if (match === undefined) return { ok: false, why: "no-such-topic" };
  const row = topics[match.topic];
  if (row.from !== identity.role || match.ids[0] !== identity.id) return { ok: false, why: "not-yours" };
  if (retain && !row.retain) return { ok: false, why: "retain" };
  return { ok: true, topic: match.topic, ids: match.ids };
}

/** The same with the message's weight: QoS 2 is nowhere in the contract, and each row limits its bytes. */
export function mayPublishMessage(
  site: string,
  identity: Identity,
  message: { readonly path: string; readonly retain: boolean; readonly qos: number; readonly sizeBytes: number },
): PublishVerdict {
  const verdict = mayPublish(site, identity, message.path, message.retain);
  if (!verdict.ok) return verdict;
  if (message.qos > 1) return { ok: false, why: "qos" };
  return message.sizeBytes > topics[verdict.topic].maxBytes ? { ok: false, why: "too-long" } : verdict;
}

/** A last will is allowed on the node's own state topic only. */
export function mayWill(
  site: string,
  identity: Identity,
  will: { path: string; retain: boolean; qos: number; sizeBytes: number },
): boolean {
  const verdict = mayPublishMessage(site, identity, will);
  return verdict.ok && verdict.topic === "nodeState";
}

const segmentsOf = Object.entries(topics).map(([name, row]) => ({ topic: name as Topic, row, segments: row.path.split("/") }));
const readableId = /^[a-z0-9.-]{1,40}$/;

/**
 * May this connection subscribe to this filter? Only to a row it may read, spelled as the row spells it: `+` stands where the
 * row has an identifier, and never in the place of the subscriber's own name.
 */
export function maySubscribe(site: string, identity: Identity, filter: string): boolean {
  const root = rootOf(site);
  if (!filter.startsWith(root)) return false;
  const given = filter.slice(root.length).split("/");
  return segmentsOf.some(
    ({ topic, segments }) => segments.length === given.length && mayRead(identity, topic) && fits(identity, topic, segments, given),
  );
}

/** May this connection be sent a message of this path? Checked at every delivery, whatever it subscribed to. */
export function mayReceive(site: string, identity: Identity, path: string): boolean {
  const match = matchPath(site, path);
  if (match === undefined || !mayRead(identity, match.topic)) return false;
  return !isOwned(identity, match.topic) || match.ids[0] === identity.id;
}

function fits(identity: Identity, topic: Topic, segments: readonly string[], given: readonly string[]): boolean {
  let own = isOwned(identity, topic);
  return segments.every((segment, i) => {
    const text = given[i] ?? "";
    if (segment !== "+") return text === segment;
    if (own) {
      own = false;
      return text === identity.id;
    }
    return text === "+" || readableId.test(text);
  });
}

/** Rows a role reads. A node also reads its own state, to correct a will that overtook its return (domain.md §5.5). */
function mayRead(identity: Identity, topic: Topic): boolean {
  const row = topics[topic];
  const top = row.path.split("/")[0];
  switch (identity.role) {
    case "node":
      return topic === "nodeState" || (row.from === "hub" && top !== "pub" && top !== "enrol");
    case "newcomer":
      return row.from === "hub" && top === "enrol";
    case "display":
      return row.from === "hub" && top === "pub";
  }
}

/** The row's first identifier is the reader's own name. */
function isOwned(identity: Identity, topic: Topic): boolean {
  const { path } = topics[topic];
  return identity.role === "node" ? path.startsWith("n/+/") : identity.role === "newcomer" && path.startsWith("enrol/+/");
}

/** Longest frame a role may send after CONNECT: 16 KB, or its longest row with topic, packet id and headers. */
export function frameBytesMax(role: Role): number {
  const longest = Math.max(0, ...Object.values(topics).flatMap((row) => (row.from === role ? [row.maxBytes] : [])));
  return Math.max(16_384, longest + 512);
}

/** What every path of a site begins with, taken from the contract, which alone spells it. */
function rootOf(site: string): string {
  return topicFilter(site, "siteMode").slice(0, -topics.siteMode.path.length);
}
