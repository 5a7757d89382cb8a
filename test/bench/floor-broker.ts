/** The floor: a bare embedded aedes that echoes requests in-process, and that parses what it is told. No checks, no store. Args: [certificate key]. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Aedes } from "aedes";
import { answerQuestions } from "./children.ts";
import { echoOf } from "./echo.ts";

const [cert, key] = process.argv.slice(2);
const broker = await Aedes.createBroker({ drainTimeout: 1500 });
let parsed = 0;
await new Promise<void>((resolve) =>
  broker.subscribe(
    "koprade/1/bench/n/+/req",
    (packet, done) => {
      done();
      const { topic, payload } = echoOf(packet.payload);
      broker.publish({ cmd: "publish", qos: 1, retain: false, dup: false, topic, payload }, () => undefined);
    },
    () => resolve(),
  ),
);
const parse = (packet: { payload: Buffer | string }, done: () => void): void => {
  done();
  if (typeof JSON.parse(packet.payload.toString()) === "object") parsed += 1;
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
