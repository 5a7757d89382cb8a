/**
 * What this machine knows of overrides before the hub has heard of it (domain.md §3.5), kept on the disk: those whose session has
 * ended here, and when the machine was last reported broken. Permissions that were signed before still name them.
 */
import * as z from "zod";
import { instantMs, type SubjectFacts } from "#contract";
import type { LiveFacts } from "#core";
import type { NodeFiles } from "../kit/node-files.ts";
import type { Log } from "../kit/ports.ts";

type Given = Pick<NonNullable<SubjectFacts["overrides"]>[number], "sinceMs" | "untilMs">;
const given = z.object({ sinceMs: instantMs, untilMs: instantMs });
const overMost = 64;
const kept = z.object({
  /** what the open session was begun under */
  under: z.array(given).max(8),
  over: z.array(given).max(overMost),
  oopsMs: instantMs.nullable(),
});

export type OwnOverrides = {
  /** A session begins, of a member for whom these hold. */
  began(overrides: readonly Given[]): void;
  /** It has ended; one in which the machine was not used leaves them as they were. */
  ended(wasUsed: boolean): void;
  /** Somebody reports the machine broken; `atMs` is no earlier than anything that is known here was signed. */
  reported(atMs: number): void;
  live(): Pick<LiveFacts, "overridesOver" | "oopsMs">;
};

export function keepOverrides(files: NodeFiles, log: Log): OwnOverrides {
  const parsed = kept.safeParse(files.load("overrides"));
  let own: z.infer<typeof kept> = parsed.success ? parsed.data : { under: [], over: [], oopsMs: null };
  const save = (change: Partial<typeof own>): void => {
    own = { ...own, ...change };
    files
      .save("overrides", own)
      .catch((error: unknown) => log.warn({ cause: String(error) }, "what became of overrides could not be saved"));
  };
  return {
    began(overrides) {
      if (own.under.length + overrides.length > 0) save({ under: overrides.map(({ sinceMs, untilMs }) => ({ sinceMs, untilMs })) });
    },
    ended(wasUsed) {
      if (own.under.length > 0) save({ under: [], over: wasUsed ? [...own.over, ...own.under].slice(-overMost) : own.over });
    },
    reported: (atMs) => save({ oopsMs: Math.trunc(atMs) }),
    live: () => ({
      ...(own.over.length === 0 ? {} : { overridesOver: own.over.map(({ sinceMs }) => sinceMs) }),
      ...(own.oopsMs === null ? {} : { oopsMs: own.oopsMs }),
    }),
  };
}
