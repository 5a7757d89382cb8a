/** One POST to somebody else's server: bounded in time, without redirects, its answer unread. */
const answerMs = 10_000;

/** Null when it was taken, else why not; never the address, whoever knows that reads along. Never rejects. */
export async function post(
  address: string,
  given: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  ending: AbortSignal,
): Promise<string | null> {
  try {
    const answer = await fetch(address, {
      method: "POST",
      ...given,
      redirect: "error",
      signal: AbortSignal.any([ending, AbortSignal.timeout(answerMs)]),
    });
    await answer.body?.cancel();
    return answer.ok ? null : `the server answered ${answer.status}`;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${answerMs / 1000} s`;
    const cause = error instanceof Error && error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : "";
    return `the server cannot be reached${cause === "" ? "" : ` (${cause})`}`;
  }
}

/** Looks again and again for what is to be posted, one round at a time. The returned function ends it, at most one attempt later. */
export function everyFew(
  name: string,
  periodMs: number,
  given: {
    readonly clock: { every(name: string, periodMs: number, run: () => void): () => void };
    readonly onTrouble: (error: unknown) => void;
  },
  round: (ending: AbortSignal) => Promise<void>,
): () => Promise<void> {
  const ending = new AbortController();
  let work: Promise<void> | null = null;
  const cancel = given.clock.every(name, periodMs, () => {
    work ??= round(ending.signal)
      .catch(given.onTrouble)
      .finally(() => {
        work = null;
      });
  });
  return async () => {
    cancel();
    ending.abort();
    await work;
  };
}
