/**
 * The ways to foreign devices that do not come to us: asked over HTTP again and again, or brokers themselves (Bambu), or beyond a broker
 * that the space has already. One question at a time, each with a limit; what is not answered was not said.
 */
import { createHash, X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { MqttClient } from "mqtt";
import { openSocket } from "../../devices/kit/mqtt-wire.ts";
import type { Clock, Log } from "../../devices/kit/ports.ts";
import type { DeviceAddress, Heard, Request, Transport } from "../hosted/family.ts";

export type Reach = { send(request: Request): void; close(): void };
export type ReachGiven = {
  readonly account: string;
  readonly address: DeviceAddress;
  readonly hear: (heard: Heard) => void;
  readonly connected: (isConnected: boolean) => void;
  readonly clock: Clock;
  readonly log: Log;
};

const httpLimitMs = 5000;
const bodyCharsMax = 262_144;
const requestsMax = 20;
const againMs = 5000;
const againMostMs = 60_000;

export function reachHttp(transport: Extract<Transport, { kind: "http" }>, given: ReachGiven): Reach {
  const { address, clock, log, account } = given;
  const base = address.name.replace(/\/$/, "");
  let waiting = 0;
  let isDown = false;
  const ask = async (method: string, path: string, body?: string): Promise<void> => {
    if (waiting >= requestsMax) return;
    waiting += 1;
    try {
      const headers = { ...transport.headers(address), ...(body === undefined ? {} : { "content-type": "application/json" }) };
      const answer = await fetch(`${base}${path}`, {
        method,
        headers,
        redirect: "error",
        signal: AbortSignal.timeout(httpLimitMs),
        ...(body === undefined ? {} : { body }),
      });
      given.hear({ kind: "http", path, status: answer.status, body: await limited(answer) });
      isDown = false;
    } catch (error) {
      if (!isDown)
        log.warn({ device: account, cause: error instanceof Error ? error.message : String(error) }, "a hosted device does not answer");
      isDown = true;
      given.hear({ kind: "http", path, status: 0, body: "" });
    } finally {
      waiting -= 1;
    }
  };
  const cancels = transport.polls(address).map(({ path, everyMs }) => {
    void ask("GET", path);
    return clock.every(`${account} ${path}`, everyMs, () => void ask("GET", path));
  });
  return {
    send(request) {
      if (request.kind === "http") void ask(request.method, request.path, request.body);
    },
    close() {
      for (const cancel of cancels) cancel();
    },
  };
}

async function limited(answer: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > bodyCharsMax) throw new Error("its answer is too long");
  }
  return text;
}

/** A connection of ours to a broker; comes back after 5 s … 1 min. */
function reachBroker(
  given: Omit<ReachGiven, "hear" | "address">,
  how: {
    readonly dial: () => Socket;
    readonly clientId: string;
    readonly username?: string;
    readonly password?: string;
    readonly subscribe: readonly string[];
  },
  hear: (topic: string, payload: string, retained: boolean) => void,
): Reach {
  const { clock, log, account } = given;
  let client: MqttClient | undefined;
  let isClosed = false;
  let pauseMs = againMs;
  let cancel = () => {};
  const open = (): void => {
    let isDown = false;
    const mine = new MqttClient(() => how.dial(), {
      protocolVersion: 4,
      clean: true,
      clientId: how.clientId,
      ...(how.username === undefined ? {} : { username: how.username }),
      ...(how.password === undefined ? {} : { password: how.password }),
      keepalive: 30,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      queueQoSZero: false,
      resubscribe: false,
    });
    client = mine;
    const down = (why: string): void => {
      if (isDown) return;
      isDown = true;
      mine.end(true);
      if (isClosed) return;
      if (pauseMs === againMs) log.warn({ device: account, cause: why }, "the broker of a hosted device cannot be reached");
      given.connected(false);
      cancel = clock.after(`${account} again`, pauseMs, open);
      pauseMs = Math.min(pauseMs * 2, againMostMs);
    };
    mine.on("error", (error) => down(error.message));
    mine.on("close", () => down("connection closed"));
    mine.on("message", (topic, payload, packet) => payload.length <= bodyCharsMax && hear(topic, payload.toString("utf8"), packet.retain));
    mine.on("connect", () => {
      pauseMs = againMs;
      mine.subscribe([...how.subscribe], { qos: 0 }, (error) => (error ? down(error.message) : given.connected(true)));
    });
  };
  open();
  return {
    send(request) {
      if (request.kind === "mqtt" && client?.connected === true) client.publish(request.topic, request.payload, { qos: 0, retain: false });
    },
    close() {
      isClosed = true;
      cancel();
      client?.end(true);
    },
  };
}

/** The device is a broker. Its certificate is its own: it is believed by its fingerprint, or, where none is known, not asked at all. */
export function reachDevice(transport: Extract<Transport, { kind: "mqtts" }>, given: ReachGiven): Reach {
  const { port, username, password, subscribe, fingerprint } = transport.dial(given.address);
  const dial = () => {
    const socket = connectTls({ host: given.address.name, port, minVersion: "TLSv1.2", rejectUnauthorized: false });
    socket.on("error", () => undefined);
    socket.once("secureConnect", () => {
      const { raw } = socket.getPeerCertificate();
      if (fingerprint !== null && fingerprintOf(raw) !== fingerprint.toLowerCase().replaceAll(":", ""))
        socket.destroy(new Error("another certificate"));
    });
    return socket;
  };
  return reachBroker(given, { dial, clientId: `koprade-${given.account}`, username, password, subscribe }, (topic, payload, retained) =>
    given.hear({ kind: "mqtt", topic, payload, retained }),
  );
}
const fingerprintOf = (raw: Uint8Array): string => createHash("sha256").update(new X509Certificate(raw).raw).digest("hex");

export type BridgeFile = {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly ca?: string | undefined;
};

/** A broker that the space has already; devices stay where they are, with the accounts that they have there. */
export function reachBridge(
  bridge: BridgeFile,
  given: Omit<ReachGiven, "hear" | "address"> & {
    readonly subscribe: readonly string[];
    readonly hear: (topic: string, payload: string, retained: boolean) => void;
  },
): Reach {
  const { url, ca, username, password } = bridge;
  return reachBroker(
    given,
    {
      dial: () => openSocket({ url, ca }),
      clientId: given.account,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      subscribe: given.subscribe,
    },
    given.hear,
  );
}
