/** Which page is open: the browser's own address and history, nothing else. */
import { useSyncExternalStore } from "react";

const moved = "koprade:moved";

export function usePath(): string {
  return useSyncExternalStore(listen, () => location.pathname);
}

export function go(path: string): void {
  if (path === location.pathname) return;
  history.pushState(null, "", path);
  dispatchEvent(new Event(moved));
}

function listen(run: () => void): () => void {
  addEventListener("popstate", run);
  addEventListener(moved, run);
  return () => {
    removeEventListener("popstate", run);
    removeEventListener(moved, run);
  };
}
