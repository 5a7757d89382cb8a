/** Projections are the same bytes from any order of arrival, and from rebuilding. */
import { expect, test } from "vitest";
import { aLedger, anEvent, anId, startMs, temporaryDir } from "../../support/ledger.ts";
import { aLog, dice, projectionsOf, shuffled, split } from "../../support/ledger-log.ts";

test("a log delivered three times, shuffled and split, gives byte-identical projections, as does rebuilding", async () => {
  for (const seed of [1]) {
    const log = aLog(seed, 12);
    const roll = dice(seed + 100);
    const inOrder = await projectionsOf(split(log, () => 0));
    const thrice = await projectionsOf(split(shuffled([...log, ...log, ...log], roll), roll));
    expect(thrice.stored).toBe(log.length);
    expect(inOrder.text.split("\n").length).toBeGreaterThan(60);
    expect(inOrder.rebuilt).toBe(inOrder.text);
    expect(thrice.text).toBe(inOrder.text);
    expect(thrice.rebuilt).toBe(inOrder.text);
  }
});

test("a restart in the middle of the log changes nothing", async () => {
  const log = aLog(7, 20);
  const whole = await projectionsOf(split(log, () => 0));
  const folder = temporaryDir();
  for (const part of [log.slice(0, 50), log.slice(50, 51), log.slice(51)]) {
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
  await ledger.change.addNode({ node: "node-1", kind: "machine" }, "cli:test");
  await ledger.change.addMachine(
    { machine: "laser-1", node: "node-1", ch: "ch-1", label: "Laser", riskClass: "B", cutHazard: false, course: null },
    "cli:test",
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
