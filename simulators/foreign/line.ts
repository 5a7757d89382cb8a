/** What every simulated foreign device has in common: a client of its own at a broker, that comes back by itself, and a last will. */
import { connect, type MqttClient } from "mqtt";

export type Line = {
  say(topic: string, payload: string, how?: { readonly retain?: boolean }): void;
  isUp(): boolean;
  /** the plug is pulled: nobody says goodbye, and the broker tells the will */
  pull(): void;
  /** power returns */
  plug(): void;
  close(): Promise<void>;
};
export type LineGiven = {
  readonly url: string;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly will?: { readonly topic: string; readonly payload: string; readonly retain: boolean };
  readonly subscribe: readonly string[];
  readonly onUp: (line: Line) => void;
  readonly hear: (topic: string, payload: string) => void;
  /** how often each word is said; a broker may deliver again what it is not sure of */
  readonly copies?: number;
};

export function openLine(given: LineGiven): Line {
  let client: MqttClient | undefined;
  const dial = (): void => {
    const { will } = given;
    client = connect(given.url, {
      protocolVersion: 4,
      clientId: given.clientId,
      clean: true,
      reconnectPeriod: 300,
      reconnectOnConnackError: true, // a device knows nothing better than to try again
      connectTimeout: 5000,
      keepalive: 15,
      queueQoSZero: false,
      ...(given.username === undefined ? {} : { username: given.username }),
      ...(given.password === undefined ? {} : { password: given.password }),
      ...(will === undefined ? {} : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 0, retain: will.retain } }),
    });
    client.on("error", () => undefined); // it comes back, as devices do
    client.on("message", (topic, payload) => given.hear(topic, payload.toString("utf8")));
    client.on("connect", () => {
      for (const topic of given.subscribe) client?.subscribe(topic, { qos: 0 });
      given.onUp(line);
    });
  };
  const line: Line = {
    say(topic, payload, { retain = false } = {}) {
      for (let copy = 0; copy < (given.copies ?? 1); copy += 1)
        if (client?.connected === true) client.publish(topic, payload, { qos: 0, retain });
    },
    isUp: () => client?.connected === true,
    pull() {
      client?.stream.destroy();
      client?.end(true);
      client = undefined;
    },
    plug: dial,
    close: () => new Promise<void>((resolve) => (client === undefined ? resolve() : client.end(true, {}, () => resolve()))),
  };
  dial();
  return line;
}
