/**
 * One port of the broker, with TLS or plain: opens, moves between loopback and the network without ending the connections it
 * has, and hands each accepted connection on. Whoever it hands to decides at the TCP accept, before a handshake costs anything.
 */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import { portError, systemCode } from "../errors.ts";

export type TlsPair = { readonly certPem: string; readonly keyPem: string };

export type ListenerOptions = {
  /** null: a plain port, everything on it can be read and forged */
  readonly tls: TlsPair | null;
  readonly port: number;
  /** at TCP accept; false when the socket was closed at once */
  readonly accept: (socket: Socket) => boolean;
  /** when bytes can flow; `socket` is the accepted one, `stream` the decrypted side of it */
  readonly ready: (socket: Socket, stream: Socket | TLSSocket) => void;
  /** a handshake failed: old TLS version, foreign certificate, rubbish */
  readonly handshakeFailed: (address: string | undefined, error: Error) => void;
};

const handshakeMs = 5000;
const bindTries = 20;
const bindPauseMs = 50;

export class Listener {
  readonly #options: ListenerOptions;
  readonly #tls: TlsServer | undefined;
  #server: Server | undefined;
  #port: number;
  /** accepted, handshake under way; the key is what both sides of a TLS socket know of it */
  readonly #shaking = new Map<string, Socket>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#tls = options.tls === null ? undefined : this.#makeTls(options.tls);
  }

  /** The bound port; the one asked for, or the one given for 0. */
  get port(): number {
    return this.#port;
  }

  /** Listens on `host`, closing the former address first. Throws `HubError`. */
  async listen(host: string): Promise<void> {
    const moving = this.#server !== undefined;
    this.#server?.close();
    for (let tried = 1; ; tried += 1) {
      const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, (socket) => this.#accept(socket));
      try {
        await bind(server, this.#port, host);
        this.#server = server;
        const address = server.address();
        if (typeof address === "object" && address !== null) this.#port = address.port;
        return;
      } catch (cause) {
        const taken = systemCode(cause) === "EADDRINUSE";
        // The kernel may need a moment to let go of our own former listener.
        if (!taken || !moving || tried === bindTries) throw portError(cause, `${host}:${this.#port}`);
        await new Promise((resolve) => setTimeout(resolve, bindPauseMs));
      }
    }
  }

  /** Uses a renewed certificate for connections from now on. */
  replaceCertificate(pair: TlsPair): void {
    this.#tls?.setSecureContext({ cert: pair.certPem, key: pair.keyPem, minVersion: "TLSv1.2" });
  }

  /** Stops accepting; connections live on. */
  close(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  #accept(socket: Socket): void {
    // A reset before anybody listens would otherwise end the process.
    socket.on("error", () => undefined);
    if (!this.#options.accept(socket)) return;
    // Until its first byte a connection costs a socket and nothing more: no TLS state, no parser.
    socket.once("readable", () => setImmediate(() => this.#begin(socket)));
  }

  #begin(socket: Socket): void {
    if (socket.readableLength === 0) socket.destroy();
    if (socket.destroyed) return;
    if (this.#tls === undefined) {
      this.#options.ready(socket, socket);
      return;
    }
    const key = keyOf(socket);
    this.#shaking.set(key, socket);
    socket.once("close", () => this.#shaking.delete(key));
    this.#tls.emit("connection", socket);
  }

  #makeTls(pair: TlsPair): TlsServer {
    const server = createTlsServer({ cert: pair.certPem, key: pair.keyPem, minVersion: "TLSv1.2", handshakeTimeout: handshakeMs });
    server.on("secureConnection", (stream) => {
      stream.on("error", () => undefined); // its end is what counts, and that is heard of the accepted socket
      const socket = this.#shaking.get(keyOf(stream));
      if (socket === undefined) stream.destroy();
      else this.#options.ready(socket, stream);
    });
    server.on("tlsClientError", (error, stream) => {
      this.#options.handshakeFailed(stream.remoteAddress, error);
      stream.destroy();
    });
    return server;
  }
}

const keyOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // An accept that fails (too many open files) concerns that connection only; the next one is tried by the kernel.
      server.on("error", () => undefined);
      resolve();
    });
  });
}
