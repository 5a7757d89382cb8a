/**
 * A hub's ledger in a process of its own, to be killed: twenty nodes append without pause, and every acknowledged seq is printed
 * after the ack. Arguments: folder, boot number, first seq.
 */
import { writeSync } from "node:fs";
import { HubError } from "../../hub/errors.ts";
import type { LedgerEvent } from "../../hub/ports.ts";
import { aLedger, anEvent, anId, bootOf } from "./ledger.ts";

const [dir = "", boot = "1"] = process.argv.slice(2);
const ledger = await aLedger(dir, { role: "tool" });
writeSync(1, "ready\n");

/** Sessions one after the other on each node, so that a kill can fall between any two events of one. */
function body(node: number, seq: number): LedgerEvent["body"] {
  const session = anId(Number(boot) * 1e6 + node * 1e4 + Math.floor((seq - 1) / 3));
  if (seq % 3 === 1) return { kind: "mach.session_started", session, decision: session, member: 1 + node, provisional: false };
  if (seq % 3 === 2) return { kind: "mach.powered", on: true };
  return { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 10, energyWh: 1 };
}

/** What a busy disk does not take in time is sent again, as a node does. */
async function isTaken(name: string, events: readonly LedgerEvent[]): Promise<boolean> {
  try {
    await ledger.append(name, events);
    return true;
  } catch (error) {
    if (error instanceof HubError && error.code === "LEDGER_STALLED") return false;
    throw error;
  }
}

async function work(node: number): Promise<void> {
  const name = `node-${node}`;
  for (let seq = 1; ; seq += 3) {
    const change = { node: name, boot: bootOf(Number(boot)), ch: "machine" };
    const at = Number(boot) * 10_000_000;
    const events = [seq, seq + 1, seq + 2].map((n) => anEvent(n, body(node, n), { ...change, evtMs: anEvent(n).evtMs + at }));
    while (!(await isTaken(name, events)));
    writeSync(1, `${name} ${ledger.ackUpTo(name, bootOf(Number(boot)))}\n`);
  }
}
await Promise.all(Array.from({ length: 20 }, (_, node) => work(node)));
