/** One request to somebody else's server: bounded in time, without redirects, its answer unread. */
const answerMs = 10_000;

export type Parcel = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly method?: "POST" | "PUT";
};
/** `problem` null when it was taken, else why not; never the address, whoever knows that reads along. `status` null: nobody answered. */
export type Posted = { readonly problem: string | null; readonly status: number | null };

/** Null when it was taken, else why not. Never rejects. */
export const post = async (address: string, given: Parcel, ending: AbortSignal): Promise<string | null> =>
  (await send(address, given, ending)).problem;

/** Never rejects. */
export async function send(address: string, { method = "POST", ...given }: Parcel, ending: AbortSignal): Promise<Posted> {
  try {
    const answer = await fetch(address, {
      method,
      ...given,
      redirect: "error",
      signal: AbortSignal.any([ending, AbortSignal.timeout(answerMs)]),
    });
    await answer.body?.cancel();
    return { problem: answer.ok ? null : `the server answered ${answer.status}`, status: answer.status };
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return { problem: `no answer within ${answerMs / 1000} s`, status: null };
    const cause = error instanceof Error && error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : "";
    return { problem: `the server cannot be reached${cause === "" ? "" : ` (${cause})`}`, status: null };
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
