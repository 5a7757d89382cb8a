/**
 * Messages to bytes and back. `encode` throws: the sender is ours, a bad body is our bug. `decode` never throws: the sender
 * is not, and whatever arrives becomes a message or a reason.
 */
import { type Envelope, envelope, type Sender, sealed, wireVersion } from "./envelope.ts";
import { slug, slugPattern } from "./ids.ts";
import { isPlainBody, isPlainEnvelope } from "./plain.ts";
import { type Body, type Topic, topics } from "./topics.ts";

/** HMAC-SHA-256 of the bytes, 32 bytes. Rooms with `node:crypto` bring it; this one has no cryptography. */
export type Mac = (bytes: Uint8Array) => Uint8Array;

export type Message<T extends Topic = Topic> = T extends Topic
  ? { readonly topic: T; readonly ids: readonly string[]; readonly envelope: Envelope; readonly body: Body<T> }
  : never;
export type Decoded = ({ readonly ok: true } & Message) | { readonly ok: false; readonly path: string; readonly reason: string };

const names = Object.keys(topics) as Topic[];
const root = "koprade/1";

/** The full path of a topic, e.g. `topicPath("valmiera", "command", "laser-node")`. Throws on a bad identifier. */
export function topicPath(site: string, topic: Topic, ...ids: readonly string[]): string {
  const segments = topics[topic].path.split("/");
  let next = 0;
  const filled = segments.map((segment) => {
    if (segment !== "+") return segment;
    const id = ids[next];
    next += 1;
    if (id === undefined || !idPattern.test(id)) throw new Error(`topic ${topic}: bad identifier "${id}"`);
    return id;
  });
  if (next !== ids.length) throw new Error(`topic ${topic}: takes ${next} identifiers, got ${ids.length}`);
  return `${root}/${slugPattern.test(site) ? site : slug.parse(site)}/${filled.join("/")}`;
}

/** A subscription to a topic for all identifiers, or for the leading ones given. */
export function topicFilter(site: string, topic: Topic, ...ids: readonly string[]): string {
  let next = 0;
  const filled = topics[topic].path.split("/").map((segment) => (segment === "+" ? (ids[next++] ?? "+") : segment));
  return `${root}/${site}/${filled.join("/")}`;
}

/** Which row a path belongs to and its identifiers, or undefined. Exact segments only. */
export function matchPath(site: string, path: string): { topic: Topic; ids: string[] } | undefined {
  const prefix = `${root}/${site}/`;
  if (!path.startsWith(prefix)) return undefined;
  const given = path.slice(prefix.length).split("/");
  for (const { topic, pattern } of patterns.get(given.length) ?? []) {
    const ids = idsIn(pattern, given);
    if (ids !== undefined) return { topic, ids };
  }
  return undefined;
}

function idsIn(pattern: readonly string[], given: readonly string[]): string[] | undefined {
  const ids: string[] = [];
  for (let i = 0; i < pattern.length; i += 1) {
    const text = given[i] ?? "";
    if (pattern[i] !== "+") {
      if (pattern[i] !== text) return undefined;
    } else {
      if (!idPattern.test(text)) return undefined;
      ids.push(text);
    }
  }
  return ids;
}
const idPattern = /^[a-z0-9.-]{1,40}$/;
/** the rows by their number of segments */
const patterns = Map.groupBy(
  names.map((topic) => ({ topic, pattern: topics[topic].path.split("/") })),
  ({ pattern }) => pattern.length,
);

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });

/** The bytes of a plain message. */
export function encode<T extends Topic>(topic: T, sender: Sender, body: Body<T>): Uint8Array {
  if (topics[topic].form !== "plain") throw new Error(`${topic} is ${topics[topic].form}: use encodeSealed or raw bytes`);
  return within(topic, open(topic, sender, body));
}

/** The bytes of a sealed message: the envelope's bytes and their MAC. */
export function encodeSealed<T extends Topic>(topic: T, sender: Sender, body: Body<T>, mac: Mac): Uint8Array {
  if (topics[topic].form !== "sealed") throw new Error(`${topic} is ${topics[topic].form}: use encode`);
  const bytes = open(topic, sender, body);
  return within(topic, utf8.encode(`{"p":"${toBase64Url(bytes)}","m":"${toBase64Url(mac(bytes))}"}`));
}

function open<T extends Topic>(topic: T, sender: Sender, body: Body<T>): Uint8Array {
  const { id, src, boot, conn, mono, ts, tq } = sender;
  const whole = {
    v: wireVersion,
    id,
    type: topic,
    src,
    boot,
    conn,
    mono,
    ts,
    tq,
    body: isPlainBody(topic, body) ? body : topics[topic].body.parse(body),
  };
  if (!isPlainEnvelope(whole)) envelope.parse(whole);
  return utf8.encode(JSON.stringify(whole));
}

function within(topic: Topic, bytes: Uint8Array): Uint8Array {
  if (bytes.length > topics[topic].maxBytes) throw new Error(`${topic}: ${bytes.length} bytes, at most ${topics[topic].maxBytes}`);
  return bytes;
}

/**
 * Bytes from the bus to a message. `mac` is needed for sealed rows (without it they are refused); binary rows are not
 * decoded here.
 */
export function decode(site: string, path: string, bytes: Uint8Array, mac?: Mac): Decoded {
  const refuse = (reason: string): Decoded => ({ ok: false, path, reason });
  const match = matchPath(site, path);
  if (match === undefined) return refuse("no such topic");
  const rowOf = topics[match.topic];
  if (bytes.length > rowOf.maxBytes) return refuse(`${bytes.length} bytes, at most ${rowOf.maxBytes}`);
  if (rowOf.form === "binary") return refuse("binary, not JSON");
  let plain = bytes;
  if (rowOf.form === "sealed") {
    const seal = sealed.safeParse(jsonOf(bytes));
    if (!seal.success) return refuse("not a sealed message");
    const inner = fromBase64Url(seal.data.p);
    if (inner === undefined) return refuse("not base64url");
    if (mac === undefined) return refuse("sealed, and no key at hand");
    if (!sameBytes(toBase64Url(mac(inner)), seal.data.m)) return refuse("BAD_MAC");
    plain = inner;
  }
  return read(match, plain, refuse);
}

function read(match: { topic: Topic; ids: string[] }, bytes: Uint8Array, refuse: (reason: string) => Decoded): Decoded {
  const value = jsonOf(bytes);
  const head = headOf(value);
  if (typeof head === "string") return refuse(`envelope: ${head}`);
  if (head.type !== match.topic) return refuse(`type ${head.type} on a ${match.topic} topic`);
  const body = bodyOf(match.topic, typeof value === "object" && value !== null && "body" in value ? value.body : undefined);
  if (!body.ok) return refuse(`body: ${body.reason}`);
  // The one place where the schema's row and its type meet: the body was parsed with the very row that names it.
  return { ok: true, topic: match.topic, ids: match.ids, envelope: head, body: body.value } as Decoded;
}

/** The envelope, or what is wrong with it. */
function headOf(value: unknown): Envelope | string {
  if (isPlainEnvelope(value)) {
    const { v, id, type, src, boot, conn, mono, ts, tq } = value;
    return { v, id, type, src, boot, conn, mono, ts, tq };
  }
  const head = envelope.safeParse(value);
  return head.success ? head.data : `${head.error.issues[0]?.path.join(".") ?? ""} ${head.error.issues[0]?.message ?? "not JSON"}`;
}

function bodyOf(
  topic: Topic,
  value: unknown,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string } {
  if (isPlainBody(topic, value)) return { ok: true, value };
  const body = topics[topic].body.safeParse(value);
  if (body.success) return { ok: true, value: body.data };
  return { ok: false, reason: `${body.error.issues[0]?.path.join(".") ?? ""} ${body.error.issues[0]?.message ?? ""}` };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(text.decode(bytes));
  } catch {
    return undefined; // neither UTF-8 nor JSON: the schema says so to the caller
  }
}

export function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

export function fromBase64Url(given: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(given, { alphabet: "base64url" });
  } catch {
    return undefined; // refused by the caller with its own words
  }
}

/** Compares without telling by its time where the first difference is. */
function sameBytes(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ (b.charCodeAt(i) || 0);
  return difference === 0;
}
