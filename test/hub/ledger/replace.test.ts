/** A new node takes the place of an old one: the machine keeps its history, and what is at the new one counts for it. */
import { expect, test } from "vitest";
import { aLedger, anEvent, anId, bootOf, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
const laser = { machine: "laser-1", label: "Laser", riskClass: "B" as const, cutHazard: false, course: "laser" };

/** A whole session of one member, at this node and channel. */
function used(node: string, ch: string, member: number, boot: number) {
  const session = anId();
  const at = { node, ch, boot: bootOf(boot) };
  return {
    session,
    events: [
      anEvent(1, { kind: "mach.session_started", session, decision: anId(), member, provisional: false }, at),
      anEvent(2, { kind: "mach.run_started", run: anId(), session, startMono: 2000 }, at),
      anEvent(3, { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 1000, energyWh: 12 }, at),
    ],
  };
}

test("the history stays with the machine, whatever hangs on the old channel later", async () => {
  const folder = temporaryDir();
  const { change, read, append, close } = bound(await aLedger(folder.dir));
  for (const node of ["old-node", "new-node"]) await change.addNode({ node, kind: "machine" }, by);
  await change.addCourse({ course: "laser", label: "Laser" }, by);
  await change.addMachine({ ...laser, node: "old-node", ch: "machine" }, by);
  const before = used("old-node", "machine", 4, 1);
  await append("old-node", before.events);
  const open = anId();
  const begun = { kind: "mach.session_started", session: open, decision: anId(), member: 5, provisional: false } as const;
  await append("old-node", [anEvent(9, begun, { node: "old-node", ch: "machine", boot: bootOf(1) })]);
  const told = read.sessions({ machine: "laser-1", limit: 9 });
  const uses = read.usage.courseUses(0, Date.now());
  expect([told.length, read.sessions({ open: true, limit: 9 }).length, uses.length]).toEqual([2, 1, 2]);

  await expect(change.replaceNode({ node: "old-node", by: "none" }, by)).rejects.toThrow(/no node/i);
  await expect(change.replaceNode({ node: "old-node", by: "old-node" }, by)).rejects.toThrow("cannot take its own place");
  await expect(change.replaceNode({ node: "old-node", by: "new-node", channels: { motor: "laser" } }, by)).rejects.toThrow("channel motor");
  await change.setNode({ node: "new-node", status: "revoked" }, by);
  await expect(change.replaceNode({ node: "old-node", by: "new-node" }, by)).rejects.toThrow("new-node is revoked");
  await change.setNode({ node: "new-node", status: "active" }, by);
  const { moved } = await change.replaceNode({ node: "old-node", by: "new-node", channels: { machine: "laser" } }, by);

  expect(moved).toEqual([{ resource: "laser-1", ch: "laser" }]);
  expect(read.node("old-node")?.status).toBe("revoked");
  expect(read.resource("laser-1")).toMatchObject({ node: "new-node", ch: "laser" });
  expect(read.sessions({ machine: "laser-1", limit: 9 })).toEqual(told);
  expect(read.usage.courseUses(0, Date.now())).toEqual(uses);
  expect(read.sessions({ open: true, limit: 9 })).toEqual([]); // nobody will tell its end
  const after = used("new-node", "laser", 6, 2);
  await append("new-node", after.events);
  expect(read.sessions({ machine: "laser-1", limit: 9 }).map(({ session }) => session)).toContain(after.session);

  // The old box, mended, looks after another machine on the same channel: each keeps what is its own.
  await change.setNode({ node: "old-node", status: "active" }, by);
  await change.addMachine({ ...laser, machine: "saw-1", label: "Saw", node: "old-node", ch: "machine" }, by);
  const later = Date.now() + 60_000;
  const sawn = used("old-node", "machine", 7, 3);
  await append(
    "old-node",
    sawn.events.map((event, i) => ({ ...event, evtMs: later + i, recvMs: later + i })),
  );
  expect(read.sessions({ machine: "saw-1", limit: 9 }).map(({ session }) => session)).toEqual([sawn.session]);
  expect(read.sessions({ machine: "laser-1", limit: 9 }).length).toBe(3);
  expect(read.runs({ machine: "laser-1", limit: 9 }).length).toBe(2);
  await expect(change.removeMachine({ machine: "laser-1" }, by)).rejects.toThrow(/recorded/);
  await close();
  folder.remove();
});

/** The ledger's functions without the ledger in front. */
function bound(ledger: Awaited<ReturnType<typeof aLedger>>) {
  const append: typeof ledger.append = (node, events) => ledger.append(node, events);
  return { change: ledger.change, read: ledger.read, append, close: () => ledger.close() };
}
