/**
 * The ways to foreign devices that do not come to us: asked over HTTP again and again, or brokers themselves (Bambu), or beyond a broker
 * that the space has already. One question at a time, each with a limit; what is not answered was not said.
 */
import type { Socket } from "node:net";
import { MqttClient } from "mqtt";
import { openSocket } from "../../devices/kit/mqtt-wire.ts";
import type { Clock, Log } from "../../devices/kit/ports.ts";
import type { DeviceAddress, Heard, Request, Transport } from "../hosted/family.ts";
import { dialPinned } from "./pinned-tls.ts";

export type Reach = {
  send(request: Request): void;
  /** The device has just got power: one that was away is looked for at once. */
  wake?(): void;
  close(): void;
};
export type ReachGiven = {
  readonly account: string;
  readonly address: DeviceAddress;
  readonly hear: (heard: Heard) => void;
  readonly connected: (isConnected: boolean) => void;
  readonly clock: Clock;
  readonly log: Log;
};

const bodyCharsMax = 262_144;
const againMs = 5000;
const againMostMs = 60_000;

/** A connection of ours to a broker; comes back after 5 s … 1 min. */
function reachBroker(
  given: Omit<ReachGiven, "hear" | "address">,
  how: {
    readonly dial: () => Socket | Promise<Socket>;
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
  const again = (why: string): void => {
    if (isClosed) return;
    if (pauseMs === againMs) log.warn({ device: account, cause: why }, "the broker of a hosted device cannot be reached");
    given.connected(false);
    cancel = clock.after(`${account} again`, pauseMs, open);
    pauseMs = Math.min(pauseMs * 2, againMostMs);
  };
  const open = (): void =>
    void Promise.resolve()
      .then(how.dial)
      .then(
        (socket) => (isClosed ? void socket.destroy() : talk(socket)),
        (error: unknown) => again(error instanceof Error ? error.message : String(error)),
      );
  const talk = (socket: Socket): void => {
    let isDown = false;
    const mine = new MqttClient(() => socket, {
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
      again(why);
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

/** The device is a broker with a certificate of its own, which is pinned; what it is asked for is asked as seldom as it bears. */
export function reachDevice(transport: Extract<Transport, { kind: "mqtts" }>, given: ReachGiven): Reach {
  const { port, username, password, subscribe, fingerprint, askLeastMs } = transport.dial(given.address);
  const dial = async (): Promise<Socket> => {
    const found = await dialPinned(given.address.name, port, fingerprint);
    if (found.ok) return found.socket;
    throw new Error(
      found.shown === null
        ? found.why
        : `${found.why}; it shows ${found.shown}: look whether it is your printer, then set --option fingerprint=${found.shown}`,
    );
  };
  const reach = reachBroker(
    given,
    { dial, clientId: `koprade-${given.account}`, username, password, subscribe },
    (topic, payload, retained) => given.hear({ kind: "mqtt", topic, payload, retained }),
  );
  let askedMono = Number.NEGATIVE_INFINITY;
  return {
    ...reach,
    send(request) {
      const nowMono = given.clock.monoMs();
      if (nowMono - askedMono < askLeastMs) return;
      askedMono = nowMono;
      reach.send(request);
    },
  };
}

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
