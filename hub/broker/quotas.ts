/**
 * Who may take how much of the broker: connections in all and per address, unauthenticated connections and their time,
 * messages per second, subscriptions and retained messages (security.md R31, R33). Counting only; closing is the caller's.
 */

export type Quotas = {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly unauthenticatedPerAddress: number;
  /** from accept to a verified CONNECT, TLS handshake included */
  readonly unauthenticatedMs: number;
  /** loopback connections count in all, but not per address: a demo runs its whole building there */
  readonly loopbackExempt: boolean;
  /** nodes that are not adopted yet, in all */
  readonly newcomers: number;
  /** for so long each; then it comes again, if it still may */
  readonly newcomerMs: number;
  readonly subscriptions: number;
  /** filters refused before the client is ended */
  readonly refusedSubscriptions: number;
  readonly messagesPerSecond: number;
  readonly messagesBurst: number;
  readonly retained: number;
  readonly retainedPerNode: number;
  /** bytes waiting for one client that does not read; above it the client is dropped */
  readonly waitingBytes: number;
};

export const defaultQuotas: Quotas = {
  connections: 500,
  connectionsPerAddress: 10,
  unauthenticatedPerAddress: 5,
  unauthenticatedMs: 8000,
  loopbackExempt: true,
  newcomers: 24,
  newcomerMs: 600_000,
  subscriptions: 20,
  refusedSubscriptions: 100,
  messagesPerSecond: 50,
  messagesBurst: 200,
  retained: 2000,
  retainedPerNode: 24,
  waitingBytes: 4_194_304,
};

/** A bucket of tokens: `burst` at once, `perSecond` in the long run. Time is monotonic milliseconds. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** Takes tokens; false when there are too few. */
  take(cost: number, nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}

/**
 * The address to count by: IPv4 as it is, also when mapped into IPv6; of IPv6 the /64, which is what one household is given.
 * Undefined when the socket is already gone.
 */
export function addressKey(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return "gone";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remoteAddress);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!remoteAddress.includes(":")) return remoteAddress;
  const [head = "", tail = ""] = remoteAddress.split("%", 1)[0]?.split("::") ?? [];
  const before = head === "" ? [] : head.split(":");
  const behind = tail === "" ? [] : tail.split(":");
  const gap = Array.from({ length: Math.max(0, 8 - before.length - behind.length) }, () => "0");
  return [...before, ...gap, ...behind].slice(0, 4).join(":");
}

export function isLoopback(key: string): boolean {
  return key.startsWith("127.") || key === "0:0:0:0";
}

export type DoorRefusal = "connections" | "connections-per-address" | "unauthenticated-per-address";

/** One accepted connection as the gate sees it. `evict` closes it. */
export type Guest = { readonly address: string; readonly evict: () => void };

/**
 * Counts connections at the door. When the house is full, the longest unauthenticated one makes room: somebody who opens
 * sockets and says nothing keeps nobody out.
 */
export class Gate {
  readonly #quotas: Quotas;
  readonly #all = new Map<string, number>();
  readonly #waiting = new Map<string, number>();
  readonly #inside = new Set<Guest>();
  /** in order of arrival */
  readonly #unauthenticated = new Set<Guest>();

  constructor(quotas: Quotas) {
    this.#quotas = quotas;
  }

  get connections(): number {
    return this.#inside.size;
  }

  get unauthenticated(): number {
    return this.#unauthenticated.size;
  }

  /** Counts a new connection, or says why it may not stay. */
  enter(guest: Guest): DoorRefusal | undefined {
    const { address } = guest;
    if (!(this.#quotas.loopbackExempt && isLoopback(address))) {
      if ((this.#all.get(address) ?? 0) >= this.#quotas.connectionsPerAddress) return "connections-per-address";
      if ((this.#waiting.get(address) ?? 0) >= this.#quotas.unauthenticatedPerAddress) return "unauthenticated-per-address";
    }
    if (this.#inside.size >= this.#quotas.connections) {
      const [longest] = this.#unauthenticated;
      if (longest === undefined) return "connections";
      this.leave(longest);
      longest.evict();
    }
    this.#inside.add(guest);
    this.#unauthenticated.add(guest);
    add(this.#all, address, 1);
    add(this.#waiting, address, 1);
    return undefined;
  }

  /** The guest has shown who it is. */
  known(guest: Guest): void {
    if (this.#unauthenticated.delete(guest)) add(this.#waiting, guest.address, -1);
  }

  /** The guest is gone. Said twice, as after an eviction, it counts once. */
  leave(guest: Guest): void {
    if (!this.#inside.delete(guest)) return;
    add(this.#all, guest.address, -1);
    this.known(guest);
  }
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const next = (counts.get(key) ?? 0) + change;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}

/** Which retained messages exist, by whom, so that nobody fills the memory with them. */
export class RetainedCount {
  readonly #quotas: Pick<Quotas, "retained" | "retainedPerNode">;
  readonly #owners = new Map<string, string>();
  readonly #perOwner = new Map<string, number>();

  constructor(quotas: Pick<Quotas, "retained" | "retainedPerNode">) {
    this.#quotas = quotas;
  }

  get size(): number {
    return this.#owners.size;
  }

  /** Notes a retained publish; an empty one forgets the topic (MQTT 3.1.1 §3.3.1.3). False when there is no room. */
  admit(path: string, owner: string, sizeBytes: number): boolean {
    const known = this.#owners.get(path);
    if (sizeBytes === 0) {
      if (known !== undefined) add(this.#perOwner, known, -1);
      this.#owners.delete(path);
      return true;
    }
    if (known !== undefined) return true;
    if (this.#owners.size >= this.#quotas.retained) return false;
    if (owner !== "" && (this.#perOwner.get(owner) ?? 0) >= this.#quotas.retainedPerNode) return false;
    this.#owners.set(path, owner);
    add(this.#perOwner, owner, 1);
    return true;
  }
}
