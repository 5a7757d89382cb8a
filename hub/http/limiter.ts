/** Counts attempts per key in a sliding window, with bounded memory: login, first-run code, and requests in general. */

export type Limiter = {
  /** Counts one attempt. Milliseconds to wait when there have been too many, otherwise 0. */
  take(key: string): number;
  /** Forgets a key, e.g. after a right password. */
  clear(key: string): void;
};

/**
 * @param most   attempts allowed per window
 * @param keys   how many keys are remembered; the one that was used longest ago is forgotten first
 */
export function createLimiter(given: {
  readonly most: number;
  readonly windowMs: number;
  readonly nowMs: () => number;
  readonly keys?: number;
}): Limiter {
  const { most, windowMs, nowMs, keys = 5000 } = given;
  const windows = new Map<string, { count: number; fromMs: number }>();
  return {
    take(key) {
      const now = nowMs();
      const known = windows.get(key);
      const window = known === undefined || now - known.fromMs >= windowMs ? { count: 0, fromMs: now } : known;
      window.count += 1;
      windows.delete(key);
      windows.set(key, window);
      if (windows.size > keys) {
        const oldest = windows.keys().next().value;
        if (oldest !== undefined) windows.delete(oldest);
      }
      return window.count > most ? Math.max(1, window.fromMs + windowMs - now) : 0;
    },
    clear(key) {
      windows.delete(key);
    },
  };
}
