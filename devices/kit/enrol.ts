/**
 * A node without keys asks to be adopted (domain.md §5.7): it shows its words, says hello while the hub's window is open, and keeps what
 * its hub offers it. Started again after a power cut at any point it goes on with the same words, or as itself.
 *
 *   key on the disk ─ dial ─ hello every 5 s ─ offer ─ of the hub in the file? ─ keys on the disk ─ the node runs
 *        ▲              └──────── 2 … 10 s ◀── refused, or gone
 */
import { randomBytes, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { MqttClient } from "mqtt";
import { decode, type EnrolHello, encode, type NodeIdentity, newcomerPrefix, topicPath } from "#contract";
import { writeDurably } from "./durable-file.ts";
import { type EnrolKey, enrolKeyAt, forgetEnrolKey, openOffer } from "./enrol-offer.ts";
import { fileAt, jsonLog, systemClock } from "./host.ts";
import { createIds, newBootId } from "./ids.ts";
import { openSocket } from "./mqtt-wire.ts";
import type { NodeConfigFile } from "./node-config.ts";
import { programVersion } from "./package-version.ts";
import type { Log } from "./ports.ts";
import type { ProcessPort } from "./run-node.ts";

const helloEveryMs = 5000;
const againMs = { from: 2000, to: 10_000 };
const connectLimitMs = 10_000;

/** A node's file before the node has a name; `wants` is the one that it proposes. */
export type NewNodeFile = NodeConfigFile & { readonly wants: string | null };

/** Waits until the node has its keys. Resolves with null then; with an exit code when a signal or a mistake ends it before. */
export async function enrol(
  file: NewNodeFile,
  configPath: string,
  port: ProcessPort & { readonly complain: (sentence: string) => void },
): Promise<number | null> {
  const complain = (sentence: string): number => {
    port.complain(sentence);
    return 1;
  };
  const { words: hubWords } = file.hub;
  if (hubWords === undefined)
    return complain(
      `${configPath}: there is no ${file.keysFile}, and hub.words is missing: a new node takes keys from no hub that it does not know. On the hub, \`koprade node window open\` shows the line.`,
    );
  const keyPath = join(fileAt(configPath, file.dataFolder), "enrol-key.json");
  let key: EnrolKey;
  try {
    key = await enrolKeyAt(keyPath);
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  }
  const log = jsonLog(file.wants ?? "new node", file.logLevel, port.write);
  for (const line of greeting(key)) port.write(`${line}\n`);
  const ended = Promise.withResolvers<null>();
  port.onSignal(() => ended.resolve(null));
  const newcomer = startNewcomer({ file, configPath, key, hubWords, log });
  const identity = await Promise.race([newcomer.identity, ended.promise]);
  newcomer.close();
  if (identity === null) return 0;
  await writeDurably(fileAt(configPath, file.keysFile), Buffer.from(`${JSON.stringify(identity, null, 2)}\n`));
  forgetEnrolKey(keyPath);
  log.info({ is: identity.node, site: identity.site }, "adopted; the node has its keys");
  return null;
}

const greeting = ({ words, fp }: EnrolKey): string[] => [
  "This node is new. Its words, and its fingerprint:",
  `    ${words}`,
  `    ${fp}`,
  "On the hub: koprade node window open, then koprade node adopt WORDS --node NAME",
];

type Given = {
  readonly file: NewNodeFile;
  readonly configPath: string;
  readonly key: EnrolKey;
  readonly hubWords: string;
  readonly log: Log;
};

/** Dials, says hello and listens, again and again, until an offer of our hub opens. */
function startNewcomer(given: Given): { readonly identity: Promise<NodeIdentity>; close(): void } {
  const { file, key, hubWords, log } = given;
  const { promise, resolve } = Promise.withResolvers<NodeIdentity>();
  const nonce = randomBytes(12).toString("hex");
  let client: MqttClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let said = "";
  const say = (why: string): void => {
    if (why !== said) log.warn({ cause: why }, "no keys yet; trying again");
    said = why;
  };
  const dial = (): void => {
    if (isClosed) return;
    client = connect(given);
    const { paths, hello } = messages(given, nonce);
    let refusal = "";
    let beat: NodeJS.Timeout | undefined;
    client.on("connect", () => {
      client?.subscribe(paths.offer, { qos: 1 });
      const greet = (): void => void client?.publish(paths.hello, Buffer.from(hello()), { qos: 1 });
      beat = setInterval(greet, helloEveryMs);
      greet();
    });
    client.on("message", (path, bytes) => {
      const heard = decode(file.site, path, bytes);
      if (!heard.ok || heard.topic !== "enrolOffer") return;
      const opened = openOffer({ key, site: file.site, nonce, hubWords }, heard.body);
      if (opened.ok) resolve(opened.identity);
      else say(`an offer was refused: ${opened.why}`);
    });
    client.on("error", (error) => {
      refusal ||= "code" in error && (error.code === 4 || error.code === 5) ? "the hub takes no new nodes now" : error.message;
    });
    client.once("close", () => {
      clearInterval(beat);
      client?.end(true);
      if (isClosed) return;
      say(refusal || "the connection was closed");
      timer = setTimeout(dial, randomInt(againMs.from, againMs.to));
    });
  };
  dial();
  return {
    identity: promise,
    close() {
      isClosed = true;
      clearTimeout(timer);
      client?.end(true);
    },
  };
}

/**
 * Without the site's certificate the connection is encrypted to whoever is there: nothing in it is secret, and what comes back is
 * believed for its signature only.
 */
function connect({ file, configPath, key }: Given): MqttClient {
  const { url, caFile } = file.hub;
  const ca = caFile === undefined ? undefined : readFileSync(fileAt(configPath, caFile), "utf8");
  const socket = openSocket({ url, ca, believesAnybody: caFile === undefined });
  const name = `${newcomerPrefix}${key.fp}`;
  const client = new MqttClient(() => socket, {
    protocolVersion: 4,
    clean: true,
    clientId: name,
    username: name,
    password: key.publicKey,
    keepalive: 15,
    reconnectPeriod: 0,
    connectTimeout: connectLimitMs,
    queueQoSZero: false,
    resubscribe: false,
  });
  socket.on("error", (error) => client.emit("error", error));
  return client;
}

function messages({ file, key }: Given, nonce: string) {
  const clock = systemClock();
  const boot = newBootId((count) => randomBytes(count));
  const ids = createIds({ clock, dice: (count) => randomBytes(count) });
  const { ch, kind } =
    file.kind === "door" ? { ch: file.door.ch, kind: "door" as const } : { ch: file.machine.ch, kind: "interlock" as const };
  const body: EnrolHello = {
    ...{ fp: key.fp, publicKey: key.publicKey, nonce },
    ...{ model: `koprade-${file.kind}`, fw: programVersion(), serial: serialNumber(), wants: file.wants },
    channels: [{ ch, kind, can: [] }],
  };
  const sender = () => ({
    ...{ id: ids.ulid(), src: `${newcomerPrefix}${key.fp}`, boot, conn: 1 },
    ...{ mono: Math.floor(clock.monoMs()), ts: null, tq: "unknown" as const },
  });
  return {
    paths: { hello: topicPath(file.site, "enrolHello", key.fp), offer: topicPath(file.site, "enrolOffer", key.fp) },
    hello: () => encode("enrolHello", sender(), body),
  };
}

/** Of a Raspberry Pi; elsewhere the computer's own name. */
function serialNumber(): string {
  try {
    return readFileSync("/proc/device-tree/serial-number", "utf8")
      .replace(/[^\w-]/g, "")
      .slice(0, 60);
  } catch {
    return hostname().slice(0, 60); // no device tree: no Pi
  }
}
