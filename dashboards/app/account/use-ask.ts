/** One request of a form at a time, and what went wrong with the last one. */
import { useCallback, useState } from "react";
import { askAnew } from "../../shared/query.ts";

export type Ask = {
  readonly problem: unknown;
  readonly sending: boolean;
  /** Resolves with the answer, or undefined when it failed. Afterwards everything on screen is asked anew. */
  run<T>(work: () => Promise<T>): Promise<T | undefined>;
};

export function useAsk(): Ask {
  const [state, setState] = useState<{ readonly problem: unknown; readonly sending: boolean }>({ problem: undefined, sending: false });
  const run = useCallback(async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    setState({ problem: undefined, sending: true });
    try {
      const answer = await work();
      setState({ problem: undefined, sending: false });
      void askAnew();
      return answer;
    } catch (problem) {
      setState({ problem, sending: false });
      return undefined;
    }
  }, []);
  return { ...state, run };
}
