/** `koprade start`: runs the hub on its data folder until it is stopped. */
import { command, failed } from "./command.ts";
import { configOf, isDemoFolder, makeFolder, needNoHub } from "./data.ts";

/** Options that override the configuration, as its environment variables (hub/config.ts). */
export const portOptions = {
  "http-port": { type: "string", valueHint: "port", description: "port of the pages (default 8080)" },
  "mqtt-port": { type: "string", valueHint: "port", description: "port of the broker, TLS (default 8883)" },
  "plain-port": {
    type: "string",
    valueHint: "port",
    description: "port of the broker without encryption: anybody on the network can read and forge",
  },
} as const;
export const portVariables = (given: {
  "http-port"?: string | undefined;
  "mqtt-port"?: string | undefined;
  "plain-port"?: string | undefined;
}) => ({
  KOPRADE_HTTP_PORT: given["http-port"],
  KOPRADE_MQTT_PORT: given["mqtt-port"],
  KOPRADE_MQTT_PLAIN_PORT: given["plain-port"],
});

export const start = command({
  summary: "run the hub",
  args: portOptions,
  examples: ["koprade start", "koprade start --data /var/lib/koprade --http-port 80"],
  async run(given, { world, dataDir }) {
    if (isDemoFolder(dataDir))
      throw failed(`${dataDir} holds simulated data. Run \`koprade demo\` for it, or name another folder with --data.`);
    await needNoHub(dataDir, "A hub is running on this data folder already");
    makeFolder(dataDir);
    const config = configOf(dataDir, world, portVariables(given));
    return { lines: [], json: { stopped: true }, exit: await world.startHub({ dataDir, config }) };
  },
});
