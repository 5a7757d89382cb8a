/**
 * What a simulated device speaks through: a real MQTT client of its own account, or ears in the same process. A dialect never
 * knows which.
 */
import { connect, type IClientOptions } from "mqtt";

export type ForeignWire = {
  publish(topic: string, payload: string, retain?: boolean): void;
  subscribe(filter: string, listener: (topic: string, payload: string) => void): void;
  /** the network is gone without a goodbye: the broker speaks the last will */
  drop(): void;
  close(): Promise<void>;
};

export type ForeignAccount = {
  readonly url: string;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly will?: { readonly topic: string; readonly payload: string };
  /** a CA, or `insecure` where the device of the simulation does not care */
  readonly tls?: Pick<IClientOptions, "ca" | "rejectUnauthorized">;
};

const connectLimitMs = 10_000;

/** Connected, or an error within ten seconds. */
export async function connectForeign(account: ForeignAccount): Promise<ForeignWire> {
  const { url, clientId, username, password, will, tls } = account;
  const client = connect(url, {
    ...{ clientId, clean: true, protocolVersion: 4, queueQoSZero: false, reconnectPeriod: 200, connectTimeout: connectLimitMs },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(will === undefined ? {} : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1 as const, retain: true } }),
    ...tls,
  });
  const listeners: { readonly filter: string; readonly listener: (topic: string, payload: string) => void }[] = [];
  client.on("error", () => undefined); // refused or gone: it tries again, as devices do
  client.on("message", (topic, payload) => {
    for (const { filter, listener } of listeners) if (fits(filter, topic)) listener(topic, payload.toString());
  });
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`simulated device ${clientId}: no connection to ${url}`)), connectLimitMs);
    client.once("connect", () => {
      clearTimeout(limit);
      resolve();
    });
  }).catch(async (error: unknown) => {
    await client.endAsync(true);
    throw error;
  });
  return {
    publish: (topic, payload, retain = false) => void client.publish(topic, payload, { qos: 1, retain }, () => undefined),
    subscribe(filter, listener) {
      listeners.push({ filter, listener });
      client.subscribe(filter, { qos: 1 }, () => undefined);
    },
    drop: () => void client.stream.destroy(),
    close: async () => await client.endAsync(),
  };
}

/** Retained messages and listeners in memory: the broker's part of a test without one. */
export function createForeignEars(): ForeignWire & {
  readonly said: readonly { readonly topic: string; readonly payload: string; readonly retain: boolean }[];
  /** somebody says something to the device */
  say(topic: string, payload: string): void;
} {
  const said: { topic: string; payload: string; retain: boolean }[] = [];
  const listeners: { readonly filter: string; readonly listener: (topic: string, payload: string) => void }[] = [];
  return {
    said,
    publish: (topic, payload, retain = false) => void said.push({ topic, payload, retain }),
    subscribe: (filter, listener) => void listeners.push({ filter, listener }),
    say(topic, payload) {
      for (const { filter, listener } of listeners) if (fits(filter, topic)) listener(topic, payload);
    },
    drop: () => undefined,
    close: async () => undefined,
  };
}

/** What is said is heard at once by whoever listens in the same process; nothing is kept. */
export function createForeignPatch(
  hear: (topic: string, payload: string) => void,
): ForeignWire & { say(topic: string, payload: string): void } {
  const ears = createForeignEars();
  return { ...ears, publish: (topic, payload) => hear(topic, payload) };
}

/** MQTT 3.1.1 §4.7: `+` is one level, `#` the rest. */
export function fits(filter: string, topic: string): boolean {
  const levels = topic.split("/");
  const parts = filter.split("/");
  for (const [at, part] of parts.entries()) {
    if (part === "#") return true;
    if (at >= levels.length || (part !== "+" && part !== levels[at])) return false;
  }
  return parts.length === levels.length;
}
