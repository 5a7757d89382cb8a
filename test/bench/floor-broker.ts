/**
 * The floor: a bare embedded aedes that echoes requests in-process, and that parses what it is told. No checks, no store.
 * Args: [certificate key], or `keep FILE`: then each request is a row that a thread commits before the echo goes out, and each
 * sample is a row that another thread writes within a second.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Worker } from "node:worker_threads";
import { Aedes } from "aedes";
import { answerQuestions } from "./children.ts";
import { echoOf } from "./echo.ts";

const args = process.argv.slice(2);
const file = args[0] === "keep" ? args[1] : undefined;
const [cert, key] = file === undefined ? args : [];
const broker = await Aedes.createBroker({ drainTimeout: 1500 });
const whenDurable = file === undefined ? (_body: string, go: () => void): void => go() : commits(file);
const store = file === undefined ? () => undefined : stores(`${file}-samples`);
let parsed = 0;
await new Promise<void>((resolve) =>
  broker.subscribe(
    "koprade/1/bench/n/+/req",
    (packet, done) => {
      done();
      const { topic, payload } = echoOf(packet.payload);
      whenDurable(packet.payload.toString(), () =>
        broker.publish({ cmd: "publish", qos: 1, retain: false, dup: false, topic, payload }, () => undefined),
      );
    },
    () => resolve(),
  ),
);
const parse = (packet: { payload: Buffer | string }, done: () => void): void => {
  done();
  const { src, body } = JSON.parse(packet.payload.toString()) as { src: string; body: { powerW: number[] } };
  store(src, body.powerW);
  parsed += 1;
};
await new Promise<void>((resolve) => broker.subscribe("koprade/1/bench/n/+/c/+/tele", parse, () => resolve()));

const server =
  cert === undefined || key === undefined
    ? createServer({ noDelay: true }, broker.handle)
    : createTlsServer({ cert: readFileSync(cert), key: readFileSync(key), noDelay: true }, broker.handle);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  answerQuestions({ received: () => parsed });
  process.send?.({ kind: "ready", port: typeof address === "object" && address !== null ? address.port : 0 });
});

/** Resolves in order: the thread answers with how many rows it has just committed. */
function commits(path: string): (body: string, go: () => void) => void {
  const thread = new Worker(new URL("./commit-thread.ts", import.meta.url), { workerData: path });
  const waiting: (() => void)[] = [];
  thread.on("message", (count: number) => {
    for (const go of waiting.splice(0, count)) go();
  });
  return (body, go) => {
    waiting.push(go);
    thread.postMessage(body);
  };
}

function stores(path: string): (machine: string, powerW: readonly number[]) => void {
  const thread = new Worker(new URL("./store-thread.ts", import.meta.url), { workerData: path });
  let batch: (readonly [string, number, readonly number[]])[] = [];
  setInterval(() => {
    thread.postMessage(batch);
    batch = [];
  }, 1000);
  return (machine, powerW) => batch.push([machine, Date.now(), powerW]);
}
