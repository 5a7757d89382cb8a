/** Counts what the broker refuses, by name, says it in the log without flooding it, and notices identities that flap. */
import type { Log } from "../ports.ts";

/** Two programs fight for one identity: a cloned card image, or a stolen secret (security.md R23). */
export type BrokerAlarm = { readonly kind: "flap"; readonly node: string; readonly takeoversPerMinute: number };

const minuteMs = 60_000;
const flapsPerMinuteMax = 3;
const rememberedMax = 1000;
/** Names of refusals come from us; the limit is for the one that carries a text. */
const namesMax = 100;

export class Alarms {
  readonly #log: Log;
  readonly #onAlarm: ((alarm: BrokerAlarm) => void) | undefined;
  readonly #counts = new Map<string, number>();
  readonly #saidAtMs = new Map<string, number>();
  readonly #takeovers = new Map<string, number[]>();
  #isHushed = false;

  constructor(log: Log, onAlarm?: (alarm: BrokerAlarm) => void) {
    this.#log = log;
    this.#onAlarm = onAlarm;
  }

  /** Counts a refusal; logs it once a minute for each reason and place. */
  refuse(why: string, who: string, more: Record<string, unknown> = {}): void {
    if (this.#counts.has(why) || this.#counts.size < namesMax) this.#counts.set(why, (this.#counts.get(why) ?? 0) + 1);
    if (!this.#isHushed && this.#maySay(`${why} ${who}`))
      this.#log.warn({ why, who, ...more }, "The broker refused a connection or a message.");
  }

  /** From now on refusals are only counted: what breaks while the broker ends its connections is its own doing. */
  hush(): void {
    this.#isHushed = true;
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** A connection took the place of another one of the same identity. More than three in a minute raise the alarm. */
  takeover(node: string): void {
    const nowMs = performance.now();
    const recent = (this.#takeovers.get(node) ?? []).filter((atMs) => nowMs - atMs < minuteMs).slice(-50);
    recent.push(nowMs);
    if (this.#takeovers.size < rememberedMax || this.#takeovers.has(node)) this.#takeovers.set(node, recent);
    if (recent.length <= flapsPerMinuteMax || !this.#maySay(`flap ${node}`)) return;
    this.#log.warn({ node, takeoversPerMinute: recent.length }, "Two programs fight for one node's identity.");
    this.#onAlarm?.({ kind: "flap", node, takeoversPerMinute: recent.length });
  }

  /** May this be said now? Once a minute for each key. */
  #maySay(key: string): boolean {
    const nowMs = performance.now();
    const saidAtMs = this.#saidAtMs.get(key);
    if (saidAtMs !== undefined && nowMs - saidAtMs < minuteMs) return false;
    if (this.#saidAtMs.size >= rememberedMax) this.#saidAtMs.clear();
    this.#saidAtMs.set(key, nowMs);
    return true;
  }
}
