/** One command to the hub and what is known of it: nothing, under way, done, not confirmed, or refused. */

import { useCallback, useState } from "react";
import type * as z from "zod";
import { post } from "./api.ts";
import { outcome } from "./wire.ts";

export type CommandState =
  | { readonly kind: "ready" | "sent" | "done" | "unconfirmed" }
  | { readonly kind: "rejected"; readonly sentence: string }
  | { readonly kind: "failed"; readonly problem: unknown };

const showMs = 6000;

/** Sends outcomes-shaped commands. The last result stays for 6 s, then the button is as before; a failure stays. */
export function useCommand(): { readonly state: CommandState; send(path: string, body?: unknown): Promise<CommandState> } {
  const [state, setState] = useState<CommandState>({ kind: "ready" });
  const send = useCallback(async (path: string, body: unknown = {}): Promise<CommandState> => {
    setState({ kind: "sent" });
    const next = await post(path, body, outcome).then(stateOf, (problem: unknown): CommandState => ({ kind: "failed", problem }));
    setState(next);
    if (next.kind === "done" || next.kind === "unconfirmed")
      setTimeout(() => setState((now) => (now === next ? { kind: "ready" } : now)), showMs);
    return next;
  }, []);
  return { state, send };
}

function stateOf({ status, sentence = "" }: z.infer<typeof outcome>): CommandState {
  switch (status) {
    case "applied":
    case "verified":
      return { kind: "done" };
    case "unconfirmed":
      return { kind: "unconfirmed" };
    case "rejected":
      return { kind: "rejected", sentence };
  }
}
