/** Projections are the same bytes from any order of arrival, and from rebuilding. */
import { expect, test } from "vitest";
import type { EventBody } from "../../../hub/contract/index.ts";
import type { LedgerEvent } from "../../../hub/ports.ts";
import { aLedger, anEvent, anId, bootOf, startMs, temporaryDir } from "../../support/ledger.ts";

/** Small, seeded, good enough to shuffle (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
function shuffled<T>(list: readonly T[], roll: () => number): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = Math.floor(roll() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

/** Days of sessions, runs, reboots and open ends on three nodes. */
function aLog(seed: number, sessions: number): LedgerEvent[] {
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

async function projectionsOf(
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
function split(events: readonly LedgerEvent[], roll: () => number): LedgerEvent[][] {
  const batches: LedgerEvent[][] = [];
  for (const event of events) {
    const last = batches.at(-1);
    if (last !== undefined && last[0]?.node === event.node && last.length < 40 && roll() < 0.8) last.push(event);
    else batches.push([event]);
  }
  return batches;
}

test("a log delivered three times, shuffled and split, gives byte-identical projections, as does rebuilding", async () => {
  for (const seed of [1, 2]) {
    const log = aLog(seed, 40);
    const roll = dice(seed + 100);
    const inOrder = await projectionsOf(split(log, () => 0));
    const thrice = await projectionsOf(split(shuffled([...log, ...log, ...log], roll), roll));
    expect(thrice.stored).toBe(log.length);
    expect(inOrder.text.split("\n").length).toBeGreaterThan(200);
    expect(inOrder.rebuilt).toBe(inOrder.text);
    expect(thrice.text).toBe(inOrder.text);
    expect(thrice.rebuilt).toBe(inOrder.text);
  }
});

test("a restart in the middle of the log changes nothing", async () => {
  const log = aLog(7, 30);
  const whole = await projectionsOf(split(log, () => 0));
  const folder = temporaryDir();
  for (const part of [log.slice(0, 100), log.slice(100, 101), log.slice(101)]) {
    const ledger = await aLedger(folder.dir, { role: "tool" });
    for (const batch of split(part, () => 0)) await ledger.append(batch[0]?.node ?? "", batch);
    if (part.at(-1) === log.at(-1)) expect(ledger.exportProjections()).toBe(whole.text);
    await ledger.close();
  }
  folder.remove();
});

test("sessions are read with their machine, their end and their runs", async () => {
  const folder = temporaryDir();
  const ledger = await aLedger(folder.dir);
  await ledger.change.addNode({ node: "node-1", kind: "machine" }, "test");
  await ledger.change.addMachine(
    { machine: "laser-1", node: "node-1", ch: "ch-1", label: "Laser", riskClass: "B", cutHazard: false, course: null },
    "test",
  );
  const [session, run] = [anId(), anId()];
  await ledger.append("node-1", [
    anEvent(1, { kind: "mach.session_started", session, decision: anId(), member: 4, provisional: false }),
    anEvent(2, { kind: "mach.run_started", run, session, startMono: 2000 }),
  ]);
  expect(ledger.read.sessions({ open: true, limit: 5 })).toMatchObject([
    { session, machine: "laser-1", member: 4, endedMs: null, phase: "attended", runs: 1 },
  ]);
  await ledger.append("node-1", [
    anEvent(3, { kind: "mach.run_ended", run, session, endMono: 3000, energyWh: 12, peakW: 800, uncertainMs: 0 }),
    anEvent(4, { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 1000, energyWh: 12 }),
  ]);
  expect(ledger.read.sessions({ open: true, limit: 5 })).toEqual([]);
  expect(ledger.read.sessions({ machine: "laser-1", limit: 5 })).toMatchObject([
    { endedMs: startMs + 4000, reason: "tap_out", energyWh: 12, busyMs: 1000 },
  ]);
  expect(ledger.read.runs({ machine: "laser-1", limit: 5 })).toMatchObject([
    { run, machine: "laser-1", energyWh: 12, endMs: startMs + 3000 },
  ]);
  await ledger.close();
  folder.remove();
});
