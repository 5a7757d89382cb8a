/**
 * The picture on a wall: one event stream, folded into one frozen state. Nothing is kept in this browser, and no cookie is sent.
 * `heardAt` is the page's monotonic clock at the last word: the measure of staleness, whatever the wall clocks say.
 */
import { beat, type Change, change, type Picture, picture, type Screen, screen } from "./wire.ts";

export type Wall = {
  readonly screen: Screen | undefined;
  readonly picture: Picture | undefined;
  readonly connected: boolean;
  /** performance.now() when the hub was heard last; null before the first time */
  readonly heardAt: number | null;
  /** hub's clock minus this browser's, ms */
  readonly offsetMs: number;
  /** the hub says that the link has ended */
  readonly ended: boolean;
};
export type WallStore = { get(): Wall; subscribe(listen: () => void): () => void };

const retryMs = 2000;
const answerMostMs = 8000;
/** A line that says nothing for so long is dead, even if nobody has said so. */
const deadMs = 20_000;

export function openWall(name: string, token: string): WallStore {
  let state: Wall = { screen: undefined, picture: undefined, connected: false, heardAt: null, offsetMs: 0, ended: false };
  const listeners = new Set<() => void>();
  const path = `/api/wall/${encodeURIComponent(name)}`;
  const query = `?token=${encodeURIComponent(token)}`;
  const set = (part: Partial<Wall>): void => {
    state = { ...state, ...part };
    for (const listen of listeners) listen();
  };
  const heard = (part: Partial<Wall> = {}): void => set({ heardAt: performance.now(), connected: true, ended: false, ...part });

  /** What the screen is to show may be another thing since the hub was away. */
  const begin = async (): Promise<void> => {
    try {
      const answer = await fetch(`${path}${query}`, { credentials: "omit", signal: AbortSignal.timeout(answerMostMs) });
      if (answer.status === 403 || answer.status === 404 || answer.status === 400) {
        set({ ended: true, connected: false });
        setTimeout(begin, 5 * retryMs);
        return;
      }
      const parsed = screen.safeParse(await answer.json());
      if (!answer.ok || !parsed.success) throw new Error(`HTTP ${answer.status}`);
      set({ screen: parsed.data.screen, ended: false });
      follow();
    } catch {
      // Whatever it was, the page says how old its data is, and asks again.
      set({ connected: false });
      setTimeout(begin, retryMs);
    }
  };
  const follow = (): void => {
    const openedAt = performance.now();
    const again = (): void => {
      clearInterval(watch);
      source.close();
      set({ connected: false });
      setTimeout(begin, retryMs / 4);
    };
    const watch = setInterval(() => {
      if (performance.now() - Math.max(openedAt, state.heardAt ?? 0) > deadMs) again();
    }, deadMs / 4);
    const source = new EventSource(`${path}/stream${query}`, { withCredentials: false });
    source.addEventListener("snapshot", ({ data }) => {
      const parsed = picture.safeParse(jsonOf(data));
      if (parsed.success) heard({ picture: parsed.data });
    });
    source.addEventListener("change", ({ data }) => {
      const parsed = change.safeParse(jsonOf(data));
      heard(parsed.success && state.picture !== undefined ? { picture: withChange(state.picture, parsed.data) } : {});
    });
    source.addEventListener("beat", ({ data }) => {
      const parsed = beat.safeParse(jsonOf(data));
      heard(parsed.success ? { offsetMs: parsed.data.hubMs - Date.now() } : {});
    });
    // The link may have ended: ask, rather than knock for ever.
    source.addEventListener("error", again);
  };
  void begin();
  return {
    get: () => state,
    subscribe(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
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

function withChange(now: Picture, change: Change): Picture {
  switch (change.kind) {
    case "site":
      return { ...now, site: change.site };
    case "machine":
      return { ...now, machines: now.machines.map((old) => (old.id === change.machine.id ? change.machine : old)) };
    case "node":
      return {
        ...now,
        nodes: now.nodes.some(({ id }) => id === change.node.id)
          ? now.nodes.map((old) => (old.id === change.node.id ? change.node : old))
          : [...now.nodes, change.node],
      };
    case "today":
      return { ...now, today: change.today };
    case "all":
      return change.picture;
  }
}
