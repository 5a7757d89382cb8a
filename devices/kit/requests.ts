/**
 * Questions that no snapshot can answer, put to the hub (domain.md D1). An answer counts only for the nonce that is
 * outstanding, once, and for 2.5 s; a hub that did not answer is not waited for again for 45 s.
 */
import type { AccessRequest, AccessResponse } from "#contract";
import type { NodeTimes } from "#core";
import type { Cancel, Clock } from "./ports.ts";

const outstandingMax = 16;

export type Ask = {
  /** After 700 ms without an answer: the offline policy may act now. Answer true to forget the question. */
  onSlow(): boolean;
  /** The answer, or null when none came in time. Exactly once, unless `onSlow` answered true. */
  onAnswer(answer: AccessResponse | null): void;
};
export type Requests = {
  /** Is it worth asking now? */
  isReachable(): boolean;
  ask(request: Omit<AccessRequest, "nonce">, asker: Ask): void;
  answer(response: AccessResponse): boolean;
  /** The connection is gone: nothing outstanding can be answered on it. */
  reset(): void;
};

type Outstanding = { readonly asker: Ask; readonly cancel: Cancel };

export function createRequests(given: {
  readonly clock: Clock;
  readonly nonce: () => string;
  readonly isOnline: () => boolean;
  readonly send: (request: AccessRequest) => void;
  readonly times: () => Pick<NodeTimes, "askSoftMs" | "askHardMs" | "failFastMs">;
}): Requests {
  const { clock, times } = given;
  const outstanding = new Map<string, Outstanding>();
  let failFastUntilMono = 0;

  const take = (nonce: string): Outstanding | undefined => {
    const found = outstanding.get(nonce);
    outstanding.delete(nonce);
    found?.cancel();
    return found;
  };
  const slow = (nonce: string) => {
    const found = outstanding.get(nonce);
    if (found === undefined) return;
    failFastUntilMono = clock.monoMs() + times().failFastMs;
    if (found.asker.onSlow()) return void outstanding.delete(nonce);
    const cancel = clock.after("ask hard limit", Math.max(0, times().askHardMs - times().askSoftMs), () =>
      take(nonce)?.asker.onAnswer(null),
    );
    outstanding.set(nonce, { asker: found.asker, cancel });
  };

  return {
    isReachable: () => given.isOnline() && clock.monoMs() >= failFastUntilMono,
    ask(request, asker) {
      if (outstanding.size >= outstandingMax) return asker.onAnswer(null);
      const nonce = given.nonce();
      outstanding.set(nonce, { asker, cancel: clock.after("ask soft limit", times().askSoftMs, () => slow(nonce)) });
      given.send({ ...request, nonce });
    },
    answer(response) {
      const found = take(response.nonce);
      if (found === undefined) return false;
      failFastUntilMono = 0;
      found.asker.onAnswer(response);
      return true;
    },
    reset() {
      for (const nonce of [...outstanding.keys()]) {
        const found = take(nonce);
        if (found !== undefined && !found.asker.onSlow()) found.asker.onAnswer(null);
      }
    },
  };
}
