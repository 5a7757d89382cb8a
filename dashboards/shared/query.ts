/**
 * Questions to the hub that are answered by a page of rows rather than by the live stream. Answers are kept by address, so a late answer
 * to an earlier choice never overwrites a newer one, and asked anew when the stream tells of something they show.
 */
import { keepPreviousData, QueryClient, useQuery } from "@tanstack/react-query";
import { use, useEffect } from "react";
import type * as z from "zod";
import { get } from "./api.ts";
import { LiveContext } from "./use-live.ts";
import type { LiveChange } from "./wire.ts";

/** Lists are asked anew at most this often, however much happens in the building. */
const askAgainMs = 2000;

export const queryClient = new QueryClient({
  // The hub is on the local network: whether there is an internet says nothing about it.
  defaultOptions: { queries: { networkMode: "always", staleTime: 3000, retry: 1, retryDelay: 1000, placeholderData: keepPreviousData } },
});

/** After a change that this page made: everything on screen is asked anew. */
export const askAnew = (): Promise<void> => queryClient.invalidateQueries();

export type Answer<T> = {
  readonly data: T | undefined;
  /** what went wrong at the last attempt; `data` is then from before */
  readonly problem: unknown;
  readonly isLoading: boolean;
  /** `data` answers the question asked before this one */
  readonly isPrevious: boolean;
};

/**
 * @param url     the question; null asks nothing yet
 * @param follow  true for those changes of the live picture after which the answer may be another one; keep it the same function
 * @param reason  why a member's page is looked at, where the hub wants to know
 * @param limitMs  how long the answer may take, where that is longer than usual
 */
export function useRead<S extends z.ZodType>(
  url: string | null,
  shape: S,
  follow?: (change: LiveChange) => boolean,
  reason?: string,
  limitMs?: number,
): Answer<z.infer<S>> {
  const found = useQuery({ queryKey: [url], enabled: url !== null, queryFn: () => get(url ?? "", shape, reason, limitMs) });
  const store = use(LiveContext);
  useEffect(() => {
    if (store === undefined || follow === undefined || url === null) return;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const end = store.onChange((change) => {
      if (!follow(change)) return;
      waiting ??= setTimeout(() => {
        waiting = undefined;
        void queryClient.invalidateQueries({ queryKey: [url] });
      }, askAgainMs);
    });
    return () => {
      clearTimeout(waiting);
      end();
    };
  }, [store, follow, url]);
  return { data: found.data, problem: found.error, isLoading: found.isLoading, isPrevious: found.isPlaceholderData };
}
