/**
 * The open session of a latching machine, kept so that a restarted node knows whose print is running (domain.md §4.2c). A
 * restart energises nothing from it. Times are kept relative to the moment of saving: the next life has another
 * monotonic clock.
 */
import * as z from "zod";
import { cardKey, instantMs, permit, requestKind, ulid } from "#contract";
import type { InterlockSession } from "#core";
import type { NodeFiles } from "../kit/node-files.ts";
import type { Log } from "../kit/ports.ts";
import type { Runtime } from "../kit/runtime.ts";

const wh = z.number().min(0).max(10_000_000);
const kept = z.object({
  session: ulid,
  decision: ulid,
  member: z.int().min(0),
  provisional: z.boolean(),
  wants: requestKind.default("start"),
  permit,
  unattended: z.boolean(),
  busyMs: z.number().min(0),
  runningForMs: z.number().min(0),
  energyWh: wh,
  counterWh: wh.nullable(),
  overrun: z.boolean(),
  cardKey: cardKey.nullable(),
  savedMs: instantMs,
});

export type Recovered = { readonly session: InterlockSession; readonly cardKey: string | null; readonly counterWh: number | null };
type About = { readonly cardKey: string | null; readonly counterWh: number | null; readonly nowMono: number; readonly nowMs: number };
export type SessionJournal = {
  /** the session of the last life, on this life's clocks */
  recover(nowMono: number, nowMs: number): Recovered | null;
  save(session: InterlockSession, about: About): Promise<void>;
  clear(): Promise<void>;
};

export function createSessionJournal(files: NodeFiles): SessionJournal {
  return {
    recover(nowMono, nowMs) {
      const parsed = kept.safeParse(files.load("session"));
      if (!parsed.success) return null;
      const { runningForMs, savedMs, cardKey: card, counterWh, ...rest } = parsed.data;
      const sinceMs = runningForMs + Math.max(0, nowMs - savedMs);
      const session = {
        ...rest,
        missed: [],
        asked: false,
        provisional: true,
        startedMono: nowMono - sinceMs,
        busySinceMono: null,
      };
      return { session, cardKey: card, counterWh };
    },
    save(session, { cardKey: card, counterWh, nowMono, nowMs }) {
      const { startedMono, busySinceMono, missed: _missed, asked: _asked, ...rest } = session;
      const value: z.infer<typeof kept> = {
        ...rest,
        busyMs: rest.busyMs + (busySinceMono === null ? 0 : nowMono - busySinceMono),
        runningForMs: Math.max(0, nowMono - startedMono),
        counterWh,
        cardKey: card,
        savedMs: Math.trunc(nowMs),
      };
      return files.save("session", value);
    },
    clear: () => files.save("session", null),
  };
}

const saveEveryMs = 300_000;

/** Saves the open session when it changes and every five minutes while it is open, and forgets it when it is over. */
export function keepJournal(given: {
  readonly journal: SessionJournal;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly session: () => InterlockSession | null;
  readonly about: () => About;
}): () => void {
  const { journal, runtime, log } = given;
  const complain = (error: unknown) => log.warn({ cause: String(error) }, "the open session could not be saved");
  const save = () => {
    const session = given.session();
    if (session === null) {
      runtime.stopTimer("journal");
      journal.clear().catch(complain);
      return;
    }
    journal.save(session, given.about()).catch(complain);
    runtime.startTimer("journal", saveEveryMs, save);
  };
  return save;
}
