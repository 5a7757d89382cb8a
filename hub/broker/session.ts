/** What the broker knows of one connection between its accept and its end. */
import type { Socket } from "node:net";
import type { Client } from "aedes";
import { frameBytesMax, type Identity, mayPublish, mayReceive, type PublishVerdict } from "./acl.ts";
import { addressKey, type Guest, type Quotas, RateLimit } from "./quotas.ts";

/** The will as the parser made it; kept to recognise the very object when the broker publishes it. */
export type Will = { readonly topic: string; readonly payload: Uint8Array | string; readonly qos?: number; readonly retain?: boolean };

const verdictsKept = 64;
/** Longer than a disk takes, shorter than anybody notices. */
const holdMs = 20;
/** Between CONNECT and the verified credential (security.md R30). */
const unverifiedFrameBytesMax = 16_384;

export class Session {
  readonly socket: Socket;
  readonly guest: Guest;
  readonly rate: RateLimit;
  readonly filters = new Set<string>();
  refusedFilters = 0;
  clientId = "";
  /** what aedes knows of the connection, from its CONNECT on */
  client: Client | undefined;
  will: Will | undefined;
  /** set once the credential is verified */
  identity: Identity | undefined;
  hasArrived = false;
  /** ended by us; what was already read of it is not handled any more */
  isEnded = false;
  frameBytesMax = unverifiedFrameBytesMax;
  readonly #publishes = new Map<string, PublishVerdict>();
  readonly #receives = new Map<string, boolean>();
  #held: NodeJS.Timeout | undefined;

  constructor(socket: Socket, quotas: Quotas, monoMs: number) {
    this.socket = socket;
    this.guest = { address: addressKey(socket.remoteAddress), evict: () => socket.destroy() };
    this.rate = new RateLimit(quotas.messagesPerSecond, quotas.messagesBurst, monoMs);
  }

  /** Ends the connection now. */
  end(): void {
    this.isEnded = true;
    this.socket.destroy();
  }

  /** Runs after so long if the connection still is. A timer that outlives its connection would keep all of it in memory. */
  after(delayMs: number, run: () => void): void {
    if (this.socket.destroyed) return;
    const timer = setTimeout(run, delayMs);
    timer.unref();
    this.socket.once("close", () => clearTimeout(timer));
  }

  /** The connection has shown who it is. */
  become(identity: Identity): void {
    this.identity = identity;
    this.frameBytesMax = frameBytesMax(identity.role);
  }

  /**
   * Keeps back what is written to the node until `release`, 20 ms at most: the acknowledgement of a tap travels with its
   * answer, one packet in the place of two.
   */
  hold(): void {
    const conn = this.client?.conn;
    if (this.#held !== undefined || conn === undefined || !("cork" in conn)) return;
    conn.cork();
    this.#held = setTimeout(() => this.release(), holdMs);
    this.#held.unref();
  }

  release(): void {
    const conn = this.client?.conn;
    if (this.#held === undefined || conn === undefined || !("uncork" in conn)) return;
    clearTimeout(this.#held);
    this.#held = undefined;
    conn.uncork();
  }

  /** The access list's answer, remembered: a node says the same few topics all day. */
  publishVerdict(site: string, identity: Identity, path: string, retain: boolean): PublishVerdict {
    const key = retain ? `r ${path}` : path;
    const known = this.#publishes.get(key);
    if (known !== undefined) return known;
    const verdict = mayPublish(site, identity, path, retain);
    if (this.#publishes.size >= verdictsKept) this.#publishes.clear();
    this.#publishes.set(key, verdict);
    return verdict;
  }

  receiveVerdict(site: string, identity: Identity, path: string): boolean {
    const known = this.#receives.get(path);
    if (known !== undefined) return known;
    const verdict = mayReceive(site, identity, path);
    if (this.#receives.size >= verdictsKept) this.#receives.clear();
    this.#receives.set(path, verdict);
    return verdict;
  }
}
