/** A piece of work that the hub does for a command, which may take it a while; when it is done, everything on screen is asked anew. */
import { useCallback, useState } from "react";
import type * as z from "zod";
import { post, workMostMs } from "../../shared/api.ts";
import { askAnew } from "../../shared/query.ts";
import type { CommandState } from "../../shared/use-command.ts";

/** `run` resolves with the answer, or undefined when it failed; then `state` says why and stays. */
export function useWork(): {
  readonly state: CommandState;
  run<S extends z.ZodType>(path: string, body: object, shape: S): Promise<z.infer<S> | undefined>;
} {
  const [state, setState] = useState<CommandState>({ kind: "ready" });
  const run = useCallback(async <S extends z.ZodType>(path: string, body: object, shape: S): Promise<z.infer<S> | undefined> => {
    setState({ kind: "sent" });
    try {
      const answer = await post(path, body, shape, undefined, workMostMs);
      setState({ kind: "done" });
      void askAnew();
      return answer;
    } catch (problem) {
      setState({ kind: "failed", problem });
      void askAnew();
      return undefined;
    }
  }, []);
  return { state, run };
}
