import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encode, type NodeEvent } from "#contract";
import { systemClock } from "../../../devices/kit/host.ts";
import { openFileJournal } from "../../../devices/kit/journal.ts";
import { createNodeClock } from "../../../devices/kit/node-clock.ts";
import { openOutbox, outboxEventsMax } from "../../../devices/kit/outbox.ts";
import { keptLog } from "./world.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "koprade-outbox-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let boots = 0;
function open() {
  boots += 1;
  const boot = boots.toString(16).padStart(16, "0");
  const clock = systemClock();
  const log = keptLog();
  const nodeClock = createNodeClock({ clock, floorMs: 0, trustSystemClock: true });
  return { boot, log, outbox: openOutbox({ journal: openFileJournal(folder), boot, clock, nodeClock, log }) };
}
const rex = { kind: "door.rex" } as const;
const durable = (outbox: ReturnType<typeof open>["outbox"]) => new Promise<boolean>((resolve) => outbox.whenDurable(2000, resolve));
const segment = () => join(folder, readdirSync(folder).sort()[0] ?? "");

describe("the outbox", () => {
  test("keeps what was appended over a crash, in order and with its numbers", async () => {
    const first = open();
    for (let i = 0; i < 100; i += 1) first.outbox.append("door", rex);
    expect(await durable(first.outbox)).toBe(true);
    const second = open(); // nothing was closed: as after kill -9
    expect(second.outbox.depth()).toBe(100);
    const batch = second.outbox.nextBatch();
    expect(batch.map((event) => event.seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(new Set(batch.map((event) => event.boot))).toEqual(new Set([first.boot]));
  });

  test("touches its file no more once it is closed, and complains to nobody", async () => {
    const { outbox, log } = open();
    outbox.append("door", rex);
    await outbox.close();
    const before = readFileSync(segment());
    outbox.append("door", rex);
    expect(await durable(outbox)).toBe(false);
    expect(readFileSync(segment())).toEqual(before);
    expect(log.lines).toEqual([]);
  });

  test("survives a torn last line at every byte and loses that line only", async () => {
    const first = open();
    for (let i = 0; i < 3; i += 1) first.outbox.append("door", rex);
    await durable(first.outbox);
    const whole = readFileSync(segment());
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
    const lastStart = ends[1] ?? 0;
    for (let cut = lastStart; cut < whole.length; cut += 1) {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      writeFileSync(join(folder, "00000001.log"), whole.subarray(0, cut));
      const again = open();
      const kept = again.outbox.nextBatch().filter((event) => event.boot === first.boot);
      expect(kept.map((event) => event.seq)).toEqual(cut === whole.length - 1 ? [1, 2, 3] : [1, 2]);
      await again.outbox.close();
    }
  });

  test("reports a rotten line in the middle as a gap and keeps the rest", async () => {
    const first = open();
    for (let i = 0; i < 5; i += 1) first.outbox.append("door", rex);
    await durable(first.outbox);
    const lines = readFileSync(segment(), "utf8").split("\n");
    lines[2] = `${lines[2]?.slice(0, -3)}xyz`;
    writeFileSync(segment(), lines.join("\n"));
    const second = open();
    const events = drain(second.outbox);
    expect(events.filter((event) => event.boot === first.boot).map((event) => event.seq)).toEqual([1, 2, 4, 5]);
    expect(events.find((event) => event.body.kind === "node.gap")?.body).toEqual({ kind: "node.gap", ofBoot: first.boot, from: 3, to: 3 });
  });

  test("is released only by the hub's acknowledgement, for good", async () => {
    const first = open();
    for (let i = 0; i < 10; i += 1) first.outbox.append("door", rex);
    expect(first.outbox.release(first.boot, 7)).toBe(7);
    await durable(first.outbox);
    const second = open();
    expect(second.outbox.nextBatch().map((event) => event.seq)).toEqual([8, 9, 10]);
    expect(second.outbox.release(first.boot, 10)).toBe(3);
    await second.outbox.close();
    const third = open();
    expect(third.outbox.depth()).toBe(0);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("takes more than ten thousand events, then drops the oldest and says which", () => {
    const { outbox, boot } = open();
    for (let i = 0; i < outboxEventsMax + 1; i += 1) outbox.append("door", rex);
    expect(outbox.depth()).toBeGreaterThanOrEqual(10_000);
    const events = drain(outbox);
    expect(events[0]?.seq).toBe(1001);
    expect(events.find((event) => event.body.kind === "node.gap")?.body).toEqual({ kind: "node.gap", ofBoot: boot, from: 1, to: 1000 });
  });

  test("fills messages to forty events of one boot and never beyond sixteen kilobytes", () => {
    const { outbox } = open();
    const long = Array.from({ length: 40 }, () => "TRAINING_MISSING" as const);
    const body = {
      kind: "access.decided",
      request: "start",
      decision: "01J00000000000000000000000",
      outcome: "deny",
      reason: "TRAINING_MISSING",
      also: long,
      warnings: [],
      member: 1,
      where: "node",
      snapshot: null,
      tookMs: 1,
    } as const;
    for (let i = 0; i < 100; i += 1) outbox.append("laser-1", { ...body, also: [...long], warnings: [] });
    const sender = {
      id: "01J00000000000000000000000",
      src: "a-node-with-the-longest-name-ok1",
      boot: "0123456789abcdef",
      conn: 999_999,
      mono: 999_999_999,
      ts: 1_900_000_000_000,
      tq: "synced",
    } as const;
    const seen: number[] = [];
    for (let batch = outbox.nextBatch(); batch.length > 0; batch = outbox.nextBatch()) {
      expect(encode("events", sender, { events: [...batch] }).length).toBeLessThanOrEqual(16_384);
      seen.push(...batch.map((event) => event.seq));
      outbox.release(batch[0]?.boot ?? "", batch.at(-1)?.seq ?? 0);
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test("forty process starts without a hub leave no heap of files", async () => {
    for (let i = 0; i < 40; i += 1) {
      const { outbox } = open();
      outbox.append("node", { kind: "node.boot", restart: "start", fw: "0" });
      await durable(outbox);
    }
    const last = open();
    await durable(last.outbox);
    expect(last.outbox.depth()).toBe(40);
    expect(readdirSync(folder).length).toBeLessThanOrEqual(12);
  });

  test("says durable only when everything before it can be read back, whatever else is being written and flushed", async () => {
    const journal = openFileJournal(folder);
    let wrong = 0;
    let answered = 0;
    const waits = Array.from({ length: 120 }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i % 7));
      journal.append(`line ${i}`);
      if (i % 3 === 0) return;
      const before = `line ${i}\n`;
      await new Promise<void>((resolve, reject) => {
        journal.sync((error) => {
          answered += 1;
          if (!readFileSync(segment(), "utf8").includes(before)) wrong += 1;
          if (error === null) resolve();
          else reject(error);
        });
      });
    });
    await Promise.all(waits);
    expect([answered, wrong]).toEqual([80, 0]);
    await new Promise<void>((resolve) => journal.sync(() => resolve()));
    let isAtOnce = false;
    journal.sync(() => {
      isAtOnce = true;
    });
    expect(isAtOnce, "what is on the disk is not flushed again").toBe(true);
    await journal.close();
  });

  test("a journal cut to nothing is an empty journal", async () => {
    const first = open();
    first.outbox.append("door", rex);
    await durable(first.outbox);
    truncateSync(segment(), 0);
    expect(open().outbox.depth()).toBe(0);
  });
});

function drain(outbox: ReturnType<typeof open>["outbox"]): NodeEvent[] {
  const events: NodeEvent[] = [];
  for (let batch = outbox.nextBatch(); batch.length > 0; batch = outbox.nextBatch()) {
    events.push(...batch);
    const last = batch.at(-1);
    if (last !== undefined) outbox.release(last.boot, last.seq);
  }
  return events;
}
