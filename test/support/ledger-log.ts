/** Logs to be delivered in any order, and what the ledger makes of them. */
import type { EventBody } from "../../hub/contract/index.ts";
import type { LedgerEvent } from "../../hub/ports.ts";
import { aLedger, anEvent, anId, bootOf, startMs, temporaryDir } from "./ledger.ts";

/** Small, seeded, good enough to shuffle (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
export function shuffled<T>(list: readonly T[], roll: () => number): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = Math.floor(roll() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

/** A second person who leaves and is replaced, a print that is paused and ends, a sign-off that is taken back. */
const companyAndJob = (session: string): readonly EventBody[] => [
  { kind: "mach.companion", session, role: "buddy", member: 31 },
  { kind: "mach.job", session, state: "running" },
  { kind: "mach.companion_missed", session, role: "buddy" },
  { kind: "mach.signed_off", session, member: 3, trainer: 4, undone: false },
  { kind: "mach.job", session, state: "paused" },
  { kind: "mach.companion", session, role: "buddy", member: 32 },
  { kind: "mach.signed_off", session, member: 3, trainer: 4, undone: true },
  { kind: "mach.job", session, state: "complete" },
];

/** Days of sessions, runs, reboots and open ends on three nodes. */
export function aLog(seed: number, sessions: number): LedgerEvent[] {
  const roll = dice(seed);
  const events: LedgerEvent[] = [];
  for (const node of ["node-a", "node-b", "node-c"]) {
    let boot = 1;
    let seq = 0;
    let atMs = startMs;
    const add = (body: EventBody, afterMs: number): void => {
      atMs += Math.floor(afterMs * (0.2 + roll()));
      seq += 1;
      events.push(anEvent(seq, body, { node, boot: bootOf(boot), ch: "machine", evtMs: atMs, atMono: atMs - startMs }));
    };
    for (let i = 0; i < sessions; i += 1) {
      const session = anId(Math.floor(roll() * 1e9));
      const run = anId(Math.floor(roll() * 1e9));
      add(
        { kind: "mach.session_started", session, decision: anId(1), member: 1 + Math.floor(roll() * 20), provisional: roll() < 0.1 },
        3_600_000 * 3,
      );
      add({ kind: "mach.run_started", run, session, startMono: atMs - startMs }, 60_000);
      add(
        { kind: "mach.run_ended", run, session, endMono: atMs - startMs, energyWh: Math.floor(roll() * 500), peakW: 900, uncertainMs: 0 },
        600_000,
      );
      if (i % 3 === 0) for (const body of companyAndJob(session)) add(body, 60_000);
      if (roll() < 0.1) {
        boot += 1;
        seq = 0;
        add({ kind: "node.boot", restart: "power", fw: "1" }, 5000);
      } else if (roll() < 0.9) {
        add({ kind: "mach.session_closed", session, reason: "tap_out", busyMs: 1000, energyWh: 3 }, 60_000);
      }
    }
  }
  return events;
}

export async function projectionsOf(
  batches: readonly LedgerEvent[][],
): Promise<{ readonly text: string; readonly rebuilt: string; readonly stored: number }> {
  const folder = temporaryDir();
  const ledger = await aLedger(folder.dir, { role: "tool" });
  let stored = 0;
  for (const batch of batches) stored += (await ledger.append(batch[0]?.node ?? "", batch)).stored;
  const text = ledger.exportProjections();
  await ledger.rebuild();
  const rebuilt = ledger.exportProjections();
  await ledger.close();
  folder.remove();
  return { text, rebuilt, stored };
}

/** Splits into batches of one node each. */
export function split(events: readonly LedgerEvent[], roll: () => number): LedgerEvent[][] {
  const batches: LedgerEvent[][] = [];
  for (const event of events) {
    const last = batches.at(-1);
    if (last !== undefined && last[0]?.node === event.node && last.length < 40 && roll() < 0.8) last.push(event);
    else batches.push([event]);
  }
  return batches;
}
