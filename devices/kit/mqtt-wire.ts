/**
 * The wire over MQTT 3.1.1 and TLS. One client per connection: nothing is queued, kept or replayed across connections
 * (domain.md §5.4), and the last will always names the connection that it belongs to.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { MqttClient } from "mqtt";
import packets from "mqtt-packet";
import type { Wire, WireConnection, WireEvents } from "./wire.ts";

export type MqttWireOptions = {
  /** `mqtts://host:8883`; `mqtt://…` only where the operator allowed it */
  readonly url: string;
  readonly clientId: string;
  /** asked at every dial */
  readonly password: () => string;
  /** the broker does not know this password */
  readonly onRefused?: () => void;
  /** the site's CA certificate, PEM; undefined trusts the system's CAs */
  readonly ca: string | undefined;
  readonly connectLimitMs?: number;
};

const congestedBytes = 64 * 1024;

/**
 * mqtt-packet keeps a buffer ready for each of 65,536 numbers, 7 MB of them, to send thousands of messages a second. A node sends one.
 * `mqtt` has no setting for it; the package is ours as well, at the one version that `mqtt` uses.
 */
Object.assign(packets.writeToStream, { cacheNumbers: false });

export function createMqttWire(options: MqttWireOptions): Wire {
  return { dial: (will, events, keepaliveMs) => dial(options, will, events, keepaliveMs) };
}

/** `believesAnybody`: encrypts without asking to whom; only for what carries its own proof. */
export function openSocket(options: Pick<MqttWireOptions, "url" | "ca"> & { readonly believesAnybody?: boolean }): Socket {
  const url = new URL(options.url);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || (url.protocol === "mqtts:" ? 8883 : 1883));
  const isName = !/^[\d.]+$|:/.test(host); // SNI carries names only (RFC 6066 §3)
  const socket =
    url.protocol === "mqtts:"
      ? connectTls({
          host,
          port,
          minVersion: "TLSv1.2",
          rejectUnauthorized: options.believesAnybody !== true,
          ...(options.ca === undefined ? {} : { ca: options.ca }),
          ...(isName ? { servername: host } : {}),
        })
      : connectTcp({ host, port });
  socket.setNoDelay(true);
  return socket;
}

function dial(
  options: MqttWireOptions,
  will: { readonly path: string; readonly bytes: Uint8Array },
  events: WireEvents,
  keepaliveMs: number,
): WireConnection {
  const socket = openSocket(options);
  const client = new MqttClient(() => socket, {
    protocolVersion: 4,
    clean: true,
    clientId: options.clientId,
    username: options.clientId,
    password: options.password(),
    keepalive: Math.round(keepaliveMs / 1000), // whole seconds, as MQTT counts
    reconnectPeriod: 0,
    connectTimeout: options.connectLimitMs ?? 10_000,
    queueQoSZero: false,
    resubscribe: false,
    will: { topic: will.path, payload: Buffer.from(will.bytes), qos: 1, retain: true },
  });
  let isDown = false;
  let lastError = "";
  const down = (why: string) => {
    if (isDown) return;
    isDown = true;
    client.end(true);
    events.onDown(lastError || why);
  };
  const noteError = (error: Error) => {
    if ("code" in error && (error.code === 4 || error.code === 5)) options.onRefused?.();
    lastError ||= error.message;
    if (!client.connected) down(error.message);
  };
  socket.on("error", noteError);
  client.on("error", noteError);
  client.on("close", () => down("connection closed"));
  client.on("connect", () => {
    if (!isDown) events.onUp();
  });
  client.on("message", (path, payload, packet) => {
    if (!isDown) events.onMessage({ path, bytes: payload, retained: packet.retain });
  });

  return {
    publish(path, bytes, flags) {
      if (isDown || !client.connected) return;
      client.publish(path, Buffer.from(bytes), flags, () => {}); // what matters is confirmed by the hub, not by the broker
    },
    subscribe(filters, done) {
      if (isDown) return done(new Error("connection closed"));
      client.subscribe([...filters], { qos: 1 }, (error) => done(error ?? null));
    },
    isCongested: () => socket.writableLength > congestedBytes,
    async close() {
      if (isDown) return;
      isDown = true; // the owner closes on purpose: no onDown
      await new Promise<void>((resolve) => {
        const limit = setTimeout(() => {
          client.end(true);
          resolve();
        }, 1000);
        client.end(false, {}, () => {
          clearTimeout(limit);
          resolve();
        });
      });
    },
  };
}
