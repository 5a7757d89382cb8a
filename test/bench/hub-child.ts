/** Our hub under measurement: a whole space with members, nodes and machines on a plain loopback port. Args: dir members nodes tls. */
import { mkdirSync } from "node:fs";
import { configSchema } from "../../hub/config.ts";
import { openStack } from "../../hub/stack.ts";
import { systemClock, systemIds, systemLog } from "../../hub/system.ts";
import { answerQuestions } from "./children.ts";
import { seedSpace } from "./seed.ts";

const [dir = "", members = "10000", nodes = "20"] = process.argv.slice(2);
mkdirSync(dir, { recursive: true });
const config = configSchema.parse({
  site: "bench",
  mqtt: { tlsPort: 0, plainPort: 0, host: "127.0.0.1", maxConnections: 2500, messagesPerSecond: 10_000 },
});
const stack = await openStack({
  dir,
  config,
  ownerExists: false,
  clock: systemClock,
  ids: systemIds,
  log: systemLog("error"),
});
const seeded = await seedSpace(stack, Number(members), Number(nodes));
answerQuestions({ waiting: () => stack.ledger.health().waiting, received: () => stack.broker?.stats().messagesIn ?? 0 });
process.send?.({
  kind: "ready",
  plain: stack.broker?.ports.plain ?? 0,
  tls: stack.broker?.ports.tls ?? 0,
  ca: stack.tls?.caPem ?? "",
  ...seeded,
});
