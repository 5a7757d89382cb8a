/** Which page is open: the browser's own address and history, through wouter. */
import { useLocation } from "wouter";
import { navigate } from "wouter/use-browser-location";

export function usePath(): string {
  return useLocation()[0];
}

export function go(path: string): void {
  if (path !== location.pathname + location.search) navigate(path);
}
