/** One press, one effect: a command sent twice with the same key gets the first one's answer, and happens once. */
import { Problem } from "./problem.ts";

export type Once = <T>(
  given: { readonly user: string; readonly key: string; readonly fingerprint: string },
  run: () => Promise<T>,
) => Promise<T>;

/** Remembers the last `most` commands for `keepMs`. A command that threw is forgotten, so that it can be tried again. */
export function createOnce(given: { readonly nowMs: () => number; readonly keepMs?: number; readonly most?: number }): Once {
  const { nowMs, keepMs = 600_000, most = 500 } = given;
  const done = new Map<string, { readonly fingerprint: string; readonly atMs: number; readonly answer: Promise<unknown> }>();
  return async <T>(
    { user, key, fingerprint }: { readonly user: string; readonly key: string; readonly fingerprint: string },
    run: () => Promise<T>,
  ): Promise<T> => {
    const name = `${user}\n${key}`;
    const now = nowMs();
    for (const [old, entry] of done) {
      if (now - entry.atMs < keepMs && done.size < most) break;
      done.delete(old);
    }
    const earlier = done.get(name);
    if (earlier !== undefined) {
      if (earlier.fingerprint !== fingerprint) {
        throw new Problem(422, "key_reused", {
          detail: "This Idempotency-Key belongs to another command.",
          fix: "Use a new random key for every command.",
          where: "Idempotency-Key",
        });
      }
      // The fingerprint holds method, path and body: the same one has the same type of answer.
      return earlier.answer as Promise<T>;
    }
    const answer = run();
    done.set(name, { fingerprint, atMs: now, answer });
    try {
      return await answer;
    } catch (error) {
      done.delete(name);
      throw error;
    }
  };
}
