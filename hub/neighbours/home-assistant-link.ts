/**
 * Keeps Home Assistant's broker told: everything at the first connection and when Home Assistant says that it has started, afterwards
 * what has changed. Devices of machines that are gone are taken back. That broker may be away for as long as it likes.
 */
import mqtt, { type IClientOptions } from "mqtt";
import type { Clock, Log } from "../ports.ts";
import { type HaMessage, type HaPicture, haConfigFilter, haHubTopic, haStatusTopic, isOurConfig } from "./home-assistant.ts";

export type HaGiven = {
  /** `mqtt://host:port` or `mqtts://host:port` */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM of the authority that signed the broker's certificate; absent: the computer's own list */
  readonly ca?: string;
};

const lookMs = 5000;
const retryMs = 10_000;
const limitMs = 10_000;
const sameMost = 2000;

/** The returned function says `offline` and ends it, within a second. Never rejects: a neighbour's trouble is not ours. */
export function linkHomeAssistant(
  given: HaGiven & { readonly site: string },
  ports: { readonly clock: Clock; readonly log: Log; readonly picture: () => HaPicture },
): () => Promise<void> {
  const { url, site, ca } = given;
  const { clock, log, picture } = ports;
  const sent = new Map<string, string>();
  const client = mqtt.connect(url, optionsOf(given, ca));
  const say = (message: HaMessage): void => {
    client.publish(message.topic, message.payload, { qos: 1, retain: true }, () => undefined);
  };
  const look = (isWhole: boolean): void => {
    if (!client.connected) return;
    if (isWhole || sent.size > sameMost) sent.clear();
    const { configs, states } = picture();
    for (const message of [...configs, ...states]) {
      if (sent.get(message.topic) === message.payload) continue;
      sent.set(message.topic, message.payload);
      say(message);
    }
    takeBack([...sent.keys()], configs);
  };
  /** An empty configuration removes a device; one that the hub has forgotten over a restart is found among the retained. */
  const takeBack = (topics: readonly string[], configs: readonly HaMessage[]): void => {
    for (const topic of topics) {
      if (!isOurConfig(site, topic) || configs.some((config) => config.topic === topic)) continue;
      sent.delete(topic);
      say({ topic, payload: "" });
    }
  };
  let isAway = false;
  client.on("connect", () => {
    if (isAway) log.info({}, "Home Assistant's broker is back.");
    isAway = false;
    client.subscribe([haStatusTopic, haConfigFilter], { qos: 1 }, () => undefined);
    say({ topic: haHubTopic(site), payload: "online" });
    look(true);
  });
  client.on("message", (topic, payload, packet) => {
    if (topic === haStatusTopic) {
      if (!packet.retain && payload.toString() === "online") look(true);
    } else if (packet.retain && payload.length > 0) takeBack([topic], picture().configs);
  });
  client.on("close", () => {
    if (!isAway) log.warn({}, "Home Assistant's broker is away; it is tried again. Nothing here waits for it.");
    isAway = true;
  });
  client.on("error", (error) => log.warn({ error: error.message }, "Home Assistant's broker reports an error."));
  const cancel = clock.every("home assistant", lookMs, () => look(false));
  return async () => {
    cancel();
    if (client.connected) say({ topic: haHubTopic(site), payload: "offline" });
    await Promise.race([client.endAsync(), new Promise<void>((resolve) => clock.after("home assistant ends", 1000, resolve))]);
    client.end(true);
  };
}

function optionsOf({ username, password, site }: HaGiven & { readonly site: string }, ca: string | undefined): IClientOptions {
  return {
    protocolVersion: 5,
    clientId: `koprade-${site}-hub`,
    clean: true,
    reconnectPeriod: retryMs,
    connectTimeout: limitMs,
    queueQoSZero: false,
    will: { topic: haHubTopic(site), payload: Buffer.from("offline"), qos: 1, retain: true },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  };
}
