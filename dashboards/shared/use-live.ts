/** React's side of the live picture: one store per page, a clock that ticks each second, and what "stale" means. */
import { createContext, use, useSyncExternalStore } from "react";
import { type Live, type LiveStore, nothingLive } from "./live.ts";
import type { MachineStatus, Node } from "./wire.ts";

/** The hub sends a beat every 5 s. One may be late; after this long the page says so (experience.md §7: within 10 s). */
const silentMostMs = 7500;
/** A broken connection often comes back at once; after this long it has not. */
const brokenMostMs = 2500;

export const LiveContext = createContext<LiveStore | undefined>(undefined);

export function useLiveStore(): LiveStore {
  const store = use(LiveContext);
  if (store === undefined) throw new Error("no live store around this component");
  return store;
}

const deaf = (): (() => void) => () => undefined;
const nothing = (): Live => nothingLive;

/** The live picture; for accounts without a stream it stays empty, and never turns stale. */
export function useLive(): Live {
  const store = use(LiveContext);
  return useSyncExternalStore(store?.subscribe ?? deaf, store?.get ?? nothing);
}

let tickAt = performance.now();
let ticking: ReturnType<typeof setInterval> | undefined;
const tickers = new Set<() => void>();

function onTick(run: () => void): () => void {
  tickers.add(run);
  if (ticking === undefined) tickAt = performance.now();
  ticking ??= setInterval(() => {
    tickAt = performance.now();
    for (const ticker of tickers) ticker();
  }, 1000);
  return () => {
    tickers.delete(run);
    if (tickers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** `performance.now()`, once a second, and at the same instant everywhere: a banner and the tiles under it turn stale together. */
export function useTick(): number {
  return useSyncExternalStore(onTick, () => tickAt);
}

/** The hub's wall clock as this page believes it, once a second. */
export function useHubNow(): number {
  useTick();
  return Date.now() + useLive().offsetMs;
}

/** When the data is from, if it is too old to be believed; undefined while it is fresh. */
export function useStaleSince(): number | undefined {
  const { heardAt, connected, offsetMs } = useLive();
  const now = useTick();
  if (heardAt === null) return undefined;
  const silentMs = now - heardAt;
  return silentMs > silentMostMs || (!connected && silentMs > brokenMostMs) ? Date.now() - silentMs + offsetMs : undefined;
}

/** A status is only as good as the node that says it: without the node, or with old data, nothing is known. Never `free`. */
export function believable(status: MachineStatus, node: Node | undefined, stale: boolean): MachineStatus {
  if (stale) return "unknown";
  return node === undefined || node.status === "online" || node.status === "suspect" || node.status === "syncing" ? status : "unknown";
}
