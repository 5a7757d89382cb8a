/** The floor: a bare embedded aedes that echoes requests in-process, and that parses what it is told. No checks, no store. */
import { createServer } from "node:net";
import { Aedes } from "aedes";
import { answerQuestions } from "./children.ts";

const broker = await Aedes.createBroker({ drainTimeout: 1500 });
let parsed = 0;
await new Promise<void>((resolve) =>
  broker.subscribe(
    "koprade/1/bench/n/+/req",
    (packet, done) => {
      done();
      const { body, src } = JSON.parse(packet.payload.toString()) as { body: { nonce: string }; src: string };
      broker.publish(
        {
          cmd: "publish",
          qos: 1,
          retain: false,
          dup: false,
          topic: `koprade/1/bench/n/${src}/res`,
          // Echo: the nonce and as many bytes as our sealed answer has.
          payload: Buffer.from(JSON.stringify({ nonce: body.nonce, filler: "x".repeat(900) })),
        },
        () => undefined,
      );
    },
    () => resolve(),
  ),
);
const parse = (packet: { payload: Buffer | string }, done: () => void): void => {
  done();
  if (typeof JSON.parse(packet.payload.toString()) === "object") parsed += 1;
};
await new Promise<void>((resolve) => broker.subscribe("koprade/1/bench/n/+/c/+/tele", parse, () => resolve()));

const server = createServer({ noDelay: true }, broker.handle);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  answerQuestions({ received: () => parsed });
  process.send?.({ kind: "ready", port: typeof address === "object" && address !== null ? address.port : 0 });
});
