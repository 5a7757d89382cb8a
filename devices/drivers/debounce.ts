/** Debouncing without a clock: a level counts once it has stayed for a while. */

export interface Debounce<Level> {
  /** Tells the raw level of this moment; returns how long to wait before `settle`, or nothing if nothing is pending. */
  feed(level: Level, atMs: number): number | undefined;
  /** The new settled level if one has stayed long enough by now. */
  settle(atMs: number): Level | undefined;
  /** The settled level; `undefined` until the first one has stayed long enough. */
  level(): Level | undefined;
}

/** `debounceMs`: how long a level must stay; 0 takes every change. */
export function createDebounce<Level>(debounceMs: number): Debounce<Level> {
  let settled: Level | undefined;
  let pending: { readonly level: Level; readonly sinceMs: number } | undefined;
  return {
    feed(level, atMs) {
      if (level === settled) pending = undefined;
      else if (pending?.level !== level) pending = { level, sinceMs: atMs };
      return pending === undefined ? undefined : Math.max(0, pending.sinceMs + debounceMs - atMs);
    },
    settle(atMs) {
      if (pending === undefined || atMs - pending.sinceMs < debounceMs) return undefined;
      settled = pending.level;
      pending = undefined;
      return settled;
    },
    level: () => settled,
  };
}
