/**
 * MQTT 3.1.1 frames made by hand, also wrong ones, and a seeded fuzzer that sends them to a broker. The same seed sends the
 * same bytes.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { topicFilter, topicPath } from "#contract";

/** A frame: header byte, remaining length (MQTT 3.1.1 §2.2.3), body. */
export function frame(header: number, body: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([header, ...length]), body]);
}

const number = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);
const text = (value: string | Buffer): Buffer => {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([number(bytes.length), bytes]);
};

export type ConnectGiven = {
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly keepaliveS?: number;
  readonly will?: { readonly topic: string; readonly payload: string };
};

export function connectFrame(given: ConnectGiven): Buffer {
  const { will, username, password } = given;
  const flags = 2 | (will ? 0x2c : 0) | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  return frame(
    0x10,
    Buffer.concat([
      text("MQTT"),
      Buffer.from([4, flags]),
      number(given.keepaliveS ?? 30),
      text(given.clientId),
      ...(will ? [text(will.topic), text(will.payload)] : []),
      ...[username, password].flatMap((value) => (value === undefined ? [] : [text(value)])),
    ]),
  );
}

export type PublishHow = { readonly qos?: 0 | 1 | 2 | 3; readonly retain?: boolean; readonly dup?: boolean; readonly id?: number };
export function publishFrame(topic: string, payload: Uint8Array, how: PublishHow = {}): Buffer {
  const { qos = 0, retain = false, dup = false, id = 1 } = how;
  const header = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  return frame(header, Buffer.concat([text(topic), qos === 0 ? Buffer.alloc(0) : number(id), payload]));
}
export const subscribeFrame = (id: number, filters: readonly string[]): Buffer =>
  frame(0x82, Buffer.concat([number(id), ...filters.flatMap((filter) => [text(filter), Buffer.from([1])])]));
export const unsubscribeFrame = (id: number, filters: readonly string[]): Buffer =>
  frame(0xa2, Buffer.concat([number(id), ...filters.map(text)]));
export const ackFrame = (type: 4 | 5 | 6 | 7, id: number): Buffer => frame((type << 4) | (type === 6 ? 2 : 0), number(id));
export const pingFrame = frame(0xc0, Buffer.alloc(0));
export const disconnectFrame = frame(0xe0, Buffer.alloc(0));

/** Frames that ended some MQTT broker once, or come near one that did. The first killed aedes before 1.2.0. */
export function crashFrames(account: ConnectGiven, topic: string): readonly { readonly name: string; readonly bytes: Buffer }[] {
  const hello = connectFrame(account);
  const deep = `${topic}/${"a/".repeat(150)}`;
  const after = (...frames: Uint8Array[]): Buffer => Buffer.concat([hello, ...frames]);
  const x = Buffer.from("x");
  return [
    { name: "QoS 2 and two PUBREL in one write", bytes: after(publishFrame(topic, x, { qos: 2, id: 7 }), ackFrame(6, 7), ackFrame(6, 7)) },
    { name: "client id __proto__", bytes: connectFrame({ ...account, clientId: "__proto__", username: "__proto__" }) },
    { name: "topic of 150 levels", bytes: after(publishFrame(deep, x)) },
    { name: "filter of 150 levels", bytes: after(subscribeFrame(3, [deep])) },
    { name: "unsubscribe from 150 levels", bytes: after(unsubscribeFrame(3, [deep])) },
    { name: "will of 150 levels", bytes: connectFrame({ ...account, will: { topic: deep, payload: "x" } }) },
    { name: "256 MB declared", bytes: after(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 97])) },
    { name: "length of five bytes", bytes: Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]) },
    { name: "QoS 3", bytes: after(publishFrame(topic, x, { qos: 3 })) },
    { name: "empty topic", bytes: after(publishFrame("", x)) },
    { name: "topic longer than its frame", bytes: after(frame(0x30, Buffer.from([0xff, 0xff, 97]))) },
    { name: "subscribe to nothing", bytes: after(frame(0x82, number(1))) },
    { name: "unsubscribe from nothing", bytes: after(frame(0xa2, number(1))) },
    { name: "packet id 0", bytes: after(subscribeFrame(0, ["a"]), publishFrame(topic, x, { qos: 1, id: 0 })) },
    { name: "PUBREC, PUBREL, PUBCOMP out of nothing", bytes: after(ackFrame(5, 9), ackFrame(6, 9), ackFrame(7, 9), ackFrame(4, 9)) },
    { name: "CONNECT twice", bytes: after(hello) },
    {
      name: "MQTT 5",
      bytes: frame(0x10, Buffer.concat([text("MQTT"), Buffer.from([5, 2]), number(30), Buffer.from([0]), text("door-1")])),
    },
    { name: "invalid UTF-8 in a topic", bytes: after(frame(0x30, Buffer.concat([text(Buffer.from([0xc3, 0x28, 0xff])), x]))) },
    { name: "$SYS takeover", bytes: after(publishFrame("$SYS/x/new/clients", Buffer.from(account.clientId))) },
    {
      name: "a thousand pipelined",
      bytes: after(...Array.from({ length: 1000 }, (_, i) => publishFrame(topic, x, { qos: 1, id: i + 1 }))),
    },
  ];
}

export type Random = () => number;
/** Mulberry32: seeded, 32 bits of state, uniform in [0, 1). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of the ways a frame goes wrong: bits, bytes, cuts, repeats, lies about its length; or, framed well, a wrong body. */
function mutate(random: Random, given: Buffer): Buffer {
  const bytes = Buffer.from(given);
  const at = Math.floor(random() * bytes.length);
  switch (Math.floor(random() * 10)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      return bytes;
    case 1:
      bytes[at] = Math.floor(random() * 256);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.floor(random() * at))]);
    case 4:
      bytes[1] = Math.floor(random() * 256);
      return bytes;
    case 5:
      return Buffer.concat([bytes, randomBytes(random, Math.floor(random() * 40))]);
    default:
      return frame(bytes[0] ?? 0, wrongBody(random, bytes.subarray(2)));
  }
}

/** A body with bits turned, its end cut or random bytes at its end. */
function wrongBody(random: Random, body: Buffer): Buffer {
  const at = Math.floor(random() * body.length);
  const kind = random();
  if (kind < 0.3) return body.subarray(0, at);
  if (kind < 0.5) return Buffer.concat([body, randomBytes(random, 1 + Math.floor(random() * 9))]);
  for (let flips = 0; flips < 3; flips += 1) {
    const place = Math.floor(random() * body.length);
    if (place < body.length) body[place] = Math.floor(random() * 256);
  }
  return body;
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

function frameOf(random: Random, account: ConnectGiven, topics: readonly string[]): Buffer {
  const topic = topics[Math.floor(random() ** 3 * topics.length)] ?? "";
  const id = Math.floor(random() * 8);
  const payload = randomBytes(random, Math.floor(random() * 200));
  const makes: (() => Buffer)[] = [
    () => publishFrame(topic, payload, { qos: 1, id }),
    () => subscribeFrame(id, [topic]),
    () => publishFrame(topic, payload, { qos: Math.floor(random() * 3) as 0 | 1 | 2, retain: random() < 0.3, dup: random() < 0.2, id }),
    () => publishFrame(topic, payload, { qos: 2, id }),
    () => subscribeFrame(id, [topic, "#", `${topic}/+`].slice(0, 1 + Math.floor(random() * 3))),
    () => unsubscribeFrame(id, [topic]),
    () => ackFrame((4 + Math.floor(random() * 4)) as 4 | 5 | 6 | 7, id),
    () => pingFrame,
  ];
  // What ends a conversation at once comes seldom, so that conversations get long.
  const rare = random();
  if (rare < 0.02) return connectFrame(account);
  if (rare < 0.04) return disconnectFrame;
  if (rare < 0.06) return randomBytes(random, 1 + Math.floor(random() * 60));
  return makes[Math.floor(random() * makes.length)]?.() ?? pingFrame;
}

/** Paths for `FuzzRequest.topics`: an account's own, some of them open for it, then what is nobody's. */
export const topicsOf =
  (site: string) =>
  ({ username = "" }: ConnectGiven): readonly string[] => [
    topicPath(site, "nodeState", username),
    topicPath(site, "events", username),
    topicPath(site, "channelReported", username, "door"),
    topicPath(site, "enrolHello", username.replace("enrol-", "")),
    topicFilter(site, "snapshotChunk", username),
    topicPath(site, "hubState"),
    topicPath(site, "command", "victim-1"),
    "$SYS/x/new/clients",
    "",
  ];

export type FuzzRequest = {
  readonly port: number;
  readonly seed: number;
  readonly frames: number;
  readonly accounts: readonly ConnectGiven[];
  /** topics to try as this account; its own ones lead deepest */
  readonly topics: (account: ConnectGiven) => readonly string[];
  readonly parallel?: number;
  /** asked between connections; false ends the fuzzing early */
  readonly isAlive?: () => boolean;
};
export type FuzzResult = { readonly frames: number; readonly connections: number; readonly bytes: number };

/** Sends `frames` frames over many short connections: most begin with a good CONNECT, then everything may be wrong. */
export async function fuzz(request: FuzzRequest): Promise<FuzzResult> {
  const done = { frames: 0, connections: 0, bytes: 0 };
  const lane = async (number: number): Promise<void> => {
    const random = seededRandom(request.seed * 1009 + number);
    while (done.frames < request.frames && (request.isAlive?.() ?? true)) {
      const account = request.accounts[Math.floor(random() * request.accounts.length)];
      if (account === undefined) throw new Error("fuzz: no accounts");
      const writes = random() < 0.85 ? [connectFrame(account)] : [];
      const count = 1 + Math.floor(random() * 16);
      for (let i = 0; i < count; i += 1) {
        const made = frameOf(random, account, request.topics(account));
        writes.push(random() < 0.2 ? mutate(random, made) : made);
      }
      const bytes = random() < 0.5 ? [Buffer.concat(writes)] : writes;
      await talk(request.port, bytes);
      done.frames += writes.length;
      done.connections += 1;
      done.bytes += bytes.reduce((sum, one) => sum + one.length, 0);
    }
  };
  await Promise.all(Array.from({ length: request.parallel ?? 16 }, (_, i) => lane(i)));
  return done;
}

/**
 * Writes the pieces one after another and answers with what came back, once the broker has closed, `enough` says so, or
 * `lingerMs` have passed since the last piece.
 */
export function talk(port: number, pieces: readonly Buffer[], lingerMs = 30, enough?: (answer: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve) => {
    let answered = Buffer.alloc(0);
    const socket: Socket = connectTcp({ port, host: "127.0.0.1", noDelay: true });
    const limit = setTimeout(() => socket.destroy(), 5000);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      answered = Buffer.concat([answered, chunk]);
      if (enough?.(answered)) socket.destroy();
    });
    socket.once("close", () => {
      clearTimeout(limit);
      resolve(answered);
    });
    socket.once("connect", async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
        if (pieces.length > 1) await new Promise((next) => setImmediate(next));
      }
      setTimeout(() => socket.destroy(), lingerMs);
    });
  });
}
