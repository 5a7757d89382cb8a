/** The other way to build a hub: a client beside mosquitto that answers requests. Args: port of the broker. */
import mqtt from "mqtt";
import { answerQuestions } from "./children.ts";
import { noDelay } from "./clients.ts";
import { echoOf } from "./echo.ts";

const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${process.argv[2]}`, { clean: true, reconnectPeriod: 0 });
noDelay(client);
client.on("message", (_topic, request) => {
  const { topic, payload } = echoOf(request);
  client.publish(topic, payload, { qos: 1 });
});
await client.subscribeAsync("koprade/1/bench/n/+/req", { qos: 1 });
answerQuestions();
process.send?.({ kind: "ready" });
