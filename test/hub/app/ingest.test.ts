/** When did it happen: the hub's belief about the time of an event (domain.md §5.2). */
import { expect, test } from "vitest";
import type { Envelope, EventBody, NodeEvent } from "#contract";
import { foldSessions } from "#core";
import { timed } from "../../../hub/app/ingest.ts";

const recvMs = Date.UTC(2026, 5, 1, 12);
const ids = { session: "01JDGC5F7W9ZK3T5V0QXN2B8MA", decision: "01JDGC5F7W9ZK3T5V0QXN2B8MB" };
const envelope = (boot: string, mono: number) => ({ boot, mono }) as Envelope;
const event = (boot: string, seq: number, atMono: number, body: EventBody): NodeEvent => ({
  boot,
  seq,
  ch: "saw",
  atMono,
  atMs: null,
  tq: "unknown",
  body,
});
const started: EventBody = { kind: "mach.session_started", ...ids, member: 7, provisional: true };
const booted: EventBody = { kind: "node.boot", restart: "start", fw: "1" };

test("an event of this boot is as old as the node's monotonic clock says, however long it waited", () => {
  expect(timed("saw-node", event("b", 3, 1000, started), envelope("b", 3_601_000), recvMs, "synced")).toMatchObject({
    evtMs: recvMs - 3_600_000,
    tqHub: "synced",
  });
});

test("an event of an earlier boot without a time happened before the present boot: the session it opened does not outlive the power cut", () => {
  const presentMono = 60_000;
  const old = timed("saw-node", event("a", 9, 5_000_000, started), envelope("b", presentMono + 100), recvMs + 100, "synced");
  const boot = timed("saw-node", event("b", 1, 300, booted), envelope("b", presentMono), recvMs, "synced");
  expect(old.tqHub).toBe("unknown");
  expect(old.evtMs).toBeLessThan(boot.evtMs);
  const session = foldSessions([old, boot]).sessions.get(ids.session);
  expect(session).toMatchObject({ phase: "closed", endReason: "device_reboot" });
});

test("a hub that does not know the time believes a node that does, and marks what neither knows", () => {
  const lost = Date.UTC(2000, 0, 1);
  const known: NodeEvent = { ...event("b", 3, 1000, started), atMs: recvMs, tq: "synced" };
  expect(timed("saw-node", known, envelope("b", 2000), lost, "unknown")).toMatchObject({ evtMs: recvMs, tqHub: "synced" });
  expect(timed("saw-node", event("b", 4, 1000, started), envelope("b", 2000), lost, "unknown")).toMatchObject({ tqHub: "unknown" });
});
