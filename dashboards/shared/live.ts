/**
 * The live picture: one event stream, folded into one frozen state that components read.
 *
 *   EventSource ─► snapshot | change | beat ─► state ─(at most every 100 ms)─► listeners
 *
 * `heardAt` is the page's monotonic clock at the last message: the measure of staleness, whatever the wall clocks say.
 */
import { beat, type LiveChange, type LiveSnapshot, liveChange, liveSnapshot } from "./wire.ts";

export type Live = {
  readonly snapshot: LiveSnapshot | undefined;
  readonly connected: boolean;
  /** performance.now() when the hub was heard last; null before the first time */
  readonly heardAt: number | null;
  /** hub's clock minus this browser's, ms */
  readonly offsetMs: number;
  /** power of the last half hour per machine, newest last */
  readonly power: Readonly<Record<string, readonly PowerPoint[]>>;
};
export type PowerPoint = { readonly atMs: number; readonly powerW: number | null };

export type LiveStore = {
  get(): Live;
  subscribe(listen: () => void): () => void;
  /** every change as it comes; the returned function ends it */
  onChange(hear: (change: LiveChange) => void): () => void;
  seedPower(machine: string, points: readonly PowerPoint[]): void;
  close(): void;
};

const feedMost = 50;
const powerMost = 400;
const tellMs = 100;
const retryMs = 2000;

/** What is known before the hub has said anything, or where nobody may hear it. */
export const nothingLive: Live = { snapshot: undefined, connected: false, heardAt: null, offsetMs: 0, power: {} };

/** @param onRefused  the hub answered with something that is no stream: signed out, or too many pages */
export function openLive(onRefused: () => void): LiveStore {
  let state = nothingLive;
  const listeners = new Set<() => void>();
  const hearers = new Set<(change: LiveChange) => void>();
  let telling: ReturnType<typeof setTimeout> | undefined;
  let retrying: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | undefined;

  const set = (part: Partial<Live>): void => {
    state = { ...state, ...part };
    telling ??= setTimeout(() => {
      telling = undefined;
      for (const listen of listeners) listen();
    }, tellMs);
  };
  const heard = (): Pick<Live, "heardAt" | "connected"> => ({ heardAt: performance.now(), connected: true });

  const connect = (): void => {
    source = new EventSource("/api/live/stream");
    source.addEventListener("snapshot", (event) => {
      const parsed = liveSnapshot.safeParse(jsonOf(event.data));
      if (parsed.success) set({ ...heard(), snapshot: parsed.data });
    });
    source.addEventListener("change", (event) => {
      const parsed = liveChange.safeParse(jsonOf(event.data));
      if (!parsed.success || state.snapshot === undefined) return set(heard());
      set({ ...heard(), snapshot: withChange(state.snapshot, parsed.data), power: withPower(state.power, parsed.data) });
      for (const hear of hearers) hear(parsed.data);
    });
    source.addEventListener("beat", (event) => {
      const parsed = beat.safeParse(jsonOf(event.data));
      set({ ...heard(), ...(parsed.success ? { offsetMs: parsed.data.hubMs - Date.now() } : {}) });
    });
    source.addEventListener("error", () => {
      set({ connected: false });
      if (source?.readyState !== EventSource.CLOSED) return;
      onRefused();
      retrying = setTimeout(connect, retryMs);
    });
  };
  connect();

  return {
    get: () => state,
    subscribe(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
    onChange(hear) {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    seedPower(machine, points) {
      const newer = (state.power[machine] ?? []).filter((point) => point.atMs > (points.at(-1)?.atMs ?? 0));
      set({ power: { ...state.power, [machine]: [...points, ...newer].slice(-powerMost) } });
    },
    close() {
      source?.close();
      clearTimeout(telling);
      clearTimeout(retrying);
    },
  };
}

function jsonOf(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined; // the shape refuses it
  }
}

function withChange(now: LiveSnapshot, change: LiveChange): LiveSnapshot {
  switch (change.kind) {
    case "site":
      return { ...now, site: change.site };
    case "door":
      return { ...now, doors: replaced(now.doors, change.door) };
    case "machine":
      return { ...now, machines: replaced(now.machines, change.machine) };
    case "session":
      return { ...now, sessions: replaced(now.sessions, change.session) };
    case "session_ended":
      return { ...now, sessions: now.sessions.filter((one) => one.id !== change.id) };
    case "node":
      return { ...now, nodes: replaced(now.nodes, change.node) };
    case "feed":
      return { ...now, feed: [change.item, ...now.feed.filter((one) => one.id !== change.item.id)].slice(0, feedMost) };
  }
}

function replaced<T extends { readonly id: string }>(list: T[], one: T): T[] {
  return list.some((old) => old.id === one.id) ? list.map((old) => (old.id === one.id ? one : old)) : [...list, one];
}

function withPower(power: Live["power"], change: LiveChange): Live["power"] {
  if (change.kind !== "machine") return power;
  const { id, powerAtMs, powerW } = change.machine;
  const known = power[id] ?? [];
  if (powerAtMs === null || powerAtMs <= (known.at(-1)?.atMs ?? 0)) return power;
  return { ...power, [id]: [...known, { atMs: powerAtMs, powerW }].slice(-powerMost) };
}
