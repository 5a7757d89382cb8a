/** One command of the ledger and what is known of it. When it is done, everything on screen is asked anew. */
import { useCallback, useState } from "react";
import { post } from "./api.ts";
import { askAnew } from "./query.ts";
import type { CommandState } from "./use-command.ts";
import { anything } from "./wire.ts";

const showMs = 6000;

/**
 * `give` resolves with the command's answer, or undefined when it failed; then `state` says why and stays.
 * @param whose  `own`: about the account's own member, also while the simulated building is shown
 */
export function useGive(whose: "shown" | "own" = "shown"): {
  readonly state: CommandState;
  give(name: string, input: object): Promise<unknown>;
} {
  const [state, setState] = useState<CommandState>({ kind: "ready" });
  const give = useCallback(
    async (name: string, input: object): Promise<unknown> => {
      setState({ kind: "sent" });
      try {
        const answer = await post(`/api/commands/${name}`, input, anything, whose === "own" ? { "x-space": "own" } : {});
        const next: CommandState = { kind: "done" };
        setState(next);
        setTimeout(() => setState((now) => (now === next ? { kind: "ready" } : now)), showMs);
        void askAnew();
        return answer ?? {};
      } catch (problem) {
        setState({ kind: "failed", problem });
        return undefined;
      }
    },
    [whose],
  );
  return { state, give };
}
