/** Our hub under measurement: a whole furnished space on a plain loopback port. Args: dir. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configSchema } from "../../hub/config.ts";
import { openStack } from "../../hub/stack.ts";
import { systemClock, systemIds, systemLog } from "../../hub/system.ts";
import { answerQuestions } from "./children.ts";

const [dir = ""] = process.argv.slice(2);
const { site, mqtt } = JSON.parse(readFileSync(join(dir, "koprade.yaml"), "utf8")) as { site: string; mqtt: Record<string, number> };
const config = configSchema.parse({ site, mqtt: { ...mqtt, tlsPort: 0, plainPort: 0, host: "127.0.0.1" } });
const stack = await openStack({
  dir,
  config,
  ownerExists: false,
  clock: systemClock,
  ids: systemIds,
  log: systemLog("error"),
});
answerQuestions({
  waiting: () => stack.ledger.health().waiting,
  received: () => (stack.broker?.stats().messagesIn ?? 0) - stack.hub.refused(),
});
process.send?.({ kind: "ready", port: stack.broker?.ports.plain ?? 0, tls: stack.broker?.ports.tls ?? 0 });
