/** The ledger under kill -9, on a full disk, on a stalled disk, and killed in the middle of a migration. Real processes, real files. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Database } from "../../hub/ledger/database.ts";
import { ledgerPath } from "../../hub/ledger/ledger.ts";
import { aLedger, anEvent, bootOf, temporaryDir } from "../support/ledger.ts";
import { dice } from "../support/ledger-log.ts";
import { slowdown } from "../support/slowdown.ts";

const child = (script: string, args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [new URL(`../support/${script}`, import.meta.url).pathname, ...args], { stdio: ["ignore", "pipe", "inherit"] });
/** When to kill and what to damage: another seed, other moments (KOPRADE_SEED). */
const roll = dice(Number(process.env.KOPRADE_SEED ?? 1));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** of three events each: by then it is at work */
const acksLeast = 20;

/** Starts the child, kills it after a while of real work, and gives what it had acknowledged. */
async function runAndKill(dir: string, boot: number, workMs: number): Promise<Map<string, number>> {
  const acked = new Map<string, number>();
  const running = child("ledger-child.ts", [dir, String(boot)]);
  let rest = "";
  let acks = 0;
  const started = new Promise<void>((resolve, reject) => {
    running.once("exit", (code) => reject(new Error(`the ledger's process ended with ${code} before it was killed`)));
    running.stdout?.on("data", (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [node, seq] = line.split(" ");
        if (line === "ready") continue;
        acks += 1;
        if (acks === acksLeast) resolve();
        if (node !== undefined && seq !== undefined) acked.set(node, Math.max(acked.get(node) ?? 0, Number(seq)));
      }
    });
  });
  const ended = new Promise((resolve) => running.once("close", resolve));
  await started;
  await pause(workMs);
  running.kill("SIGKILL");
  await ended;
  return acked;
}

test("20 kills under load lose no acknowledged event, double none, and leave no wrong session", async () => {
  const folder = temporaryDir();
  const kills = Number(process.env.KOPRADE_KILLS ?? 20);
  const acked = new Map<string, number>();
  for (let boot = 1; boot <= kills; boot += 1) {
    for (const [node, seq] of await runAndKill(folder.dir, boot, 20 + roll() * 200)) acked.set(`${node} ${bootOf(boot)}`, seq);
  }
  const ledger = await aLedger(folder.dir, { role: "tool" });
  const db = new Database(ledgerPath(folder.dir), { readOnly: true });
  let lost = 0;
  for (const [key, upTo] of acked) {
    const [node = "", boot = ""] = key.split(" ");
    const row = db.one<{ c: number }>(
      "SELECT count(*) AS c FROM events e JOIN boots b ON b.id = e.boot WHERE b.node = ? AND b.boot = ? AND seq <= ?",
      node,
      boot,
      upTo,
    );
    lost += upTo - (row?.c ?? 0);
  }
  const totals = db.one<{ c: number; d: number }>("SELECT count(*) AS c, count(DISTINCT boot * 1000000 + seq) AS d FROM events");
  const open = db.one<{ worst: number }>(
    "SELECT max(c) AS worst FROM (SELECT count(*) AS c FROM sessions WHERE end_ms IS NULL GROUP BY node)",
  );
  const integrity = db.raw.prepare("PRAGMA integrity_check").get();
  db.close();
  const before = ledger.exportProjections();
  await ledger.rebuild();
  console.log(
    `${kills} kills: ${totals?.c} events, ${lost} acknowledged lost, ${(totals?.c ?? 0) - (totals?.d ?? 0)} doubled, projections ${ledger.exportProjections() === before ? "identical" : "DIFFERENT"} after rebuilding`,
  );
  expect(totals?.c).toBeGreaterThan(kills * 60);
  expect(lost).toBe(0);
  expect(totals?.c).toBe(totals?.d);
  expect(open?.worst ?? 0).toBeLessThanOrEqual(1);
  expect(integrity).toMatchObject({ integrity_check: "ok" });
  expect(ledger.exportProjections()).toBe(before);
  await ledger.close();
  folder.remove();
}, 300_000);

test("on a full disk nothing is acknowledged that is not stored, the hub lives on, and recovers by itself", async () => {
  const folder = temporaryDir();
  const disk = join(folder.dir, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]);
  try {
    const ballast = join(disk, "ballast");
    writeFileSync(ballast, Buffer.alloc(1_000_000));
    const ledger = await aLedger(join(disk, "site"), { role: "tool" });
    let acked = 0;
    let refused = "";
    for (let seq = 1; seq < 20_000 && refused === ""; seq += 10) {
      const events = Array.from({ length: 10 }, (_, i) => anEvent(seq + i, { kind: "mach.fault", cause: "x".repeat(70) }));
      await ledger.append("node-1", events).then(
        () => (acked = seq + 9),
        (error: { code: string }) => (refused = error.code),
      );
    }
    expect(refused).toBe("DISK_FULL");
    expect(ledger.health().ok).toBe(false);
    expect(ledger.read.events({ limit: 1 })[0]?.seq).toBe(acked);
    rmSync(ballast);
    const freed = performance.now();
    await ledger.append("node-1", [anEvent(acked + 1)]);
    const writableMs = performance.now() - freed;
    const stored = ledger.read.events({ limit: 10_000 }).filter((event) => event.seq <= acked).length;
    console.log(`full disk: ${acked} acknowledged, ${stored} of them stored; writing again after ${writableMs.toFixed(0)} ms`);
    expect(stored).toBe(acked);
    expect(ledger.ackUpTo("node-1", bootOf(1))).toBe(acked + 1);
    expect(ledger.health().ok).toBe(true);
    await ledger.close();
  } finally {
    execFileSync("umount", ["-l", disk]);
    folder.remove();
  }
}, 180_000);

test("a stalled disk makes callers wait 2 s and no longer; the batch may commit later, once", async () => {
  const folder = temporaryDir();
  const ledger = await aLedger(folder.dir, { role: "tool" });
  await ledger.append("node-1", [anEvent(1)]);
  const blocker = new Database(ledgerPath(folder.dir));
  blocker.exec("BEGIN IMMEDIATE");
  const before = performance.now();
  await expect(ledger.append("node-1", [anEvent(2)])).rejects.toMatchObject({ code: "LEDGER_STALLED" });
  const waitedMs = performance.now() - before;
  expect(ledger.health()).toMatchObject({ ok: false });
  const longest = await longestPause(500);
  blocker.exec("ROLLBACK");
  await ledger.append("node-1", [anEvent(2), anEvent(3)]);
  console.log(
    `stalled disk: caller answered after ${waitedMs.toFixed(0)} ms; the main thread never paused longer than ${longest.toFixed(0)} ms`,
  );
  const slow = slowdown();
  expect(waitedMs).toBeLessThan(2000 + 300 * slow);
  expect(longest).toBeLessThan(200 * slow);
  expect(ledger.read.events({ limit: 10 }).map((event) => event.seq)).toEqual([3, 2, 1]);
  blocker.close();
  await ledger.close();
  folder.remove();
}, 180_000);

async function longestPause(forMs: number): Promise<number> {
  let longest = 0;
  const end = performance.now() + forMs;
  for (let last = performance.now(); last < end; ) {
    await pause(1);
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}

test("a migration killed at random moments leaves a file that the next start brings up to date", async () => {
  let unfinished = 0;
  for (let i = 0; i < 15; i += 1) {
    const folder = temporaryDir();
    const running = child("migration-child.ts", [folder.dir]);
    const ended = new Promise((resolve) => running.once("close", resolve));
    await new Promise((resolve) => running.stdout?.once("data", resolve));
    await pause(roll() * 25);
    running.kill("SIGKILL");
    await ended;
    const db = new Database(join(folder.dir, "ledger.sqlite"));
    const { migrateThrice, stepsOf } = await import("../support/migration-child.ts");
    const before = stepsOf(db);
    if (before.version < 3) unfinished += 1;
    expect(before.rows).toBe(before.version === 0 ? 0 : before.version * 2000);
    migrateThrice(db);
    expect(stepsOf(db)).toEqual({ version: 3, rows: 6000 });
    expect(db.raw.prepare("PRAGMA integrity_check").get()).toMatchObject({ integrity_check: "ok" });
    db.close();
    folder.remove();
  }
  console.log(`15 migrations killed, ${unfinished} of them unfinished: all brought up to date`);
}, 180_000);

test("a truncated or scribbled file opens or is refused with a sentence, and nothing else", async () => {
  const folder = temporaryDir();
  const ledger = await aLedger(folder.dir, { role: "tool" });
  for (let i = 0; i < 20; i += 1) await ledger.change.addMember({ displayName: `Member ${i}` }, "cli:test");
  await ledger.close();
  const path = ledgerPath(folder.dir);
  const whole = readFileSync(path);
  let refused = 0;
  for (let i = 0; i < 20; i += 1) {
    const bytes = i % 2 === 0 ? Buffer.from(whole.subarray(0, Math.floor(roll() * whole.length))) : Buffer.from(whole);
    if (i % 2 === 1) for (let j = 0; j < 400; j += 1) bytes[Math.floor(roll() * bytes.length)] = Math.floor(roll() * 256);
    writeFileSync(path, bytes);
    for (const side of ["-wal", "-shm"]) rmSync(`${path}${side}`, { force: true });
    try {
      await (await aLedger(folder.dir, { role: "tool" })).close();
    } catch (error) {
      expect(error).toMatchObject({ name: "HubError", fix: expect.stringMatching(/\.$/) });
      refused += 1;
    }
  }
  console.log(`20 damaged files: ${refused} refused, ${20 - refused} opened`);
  expect(refused).toBeGreaterThan(10);
  folder.remove();
}, 180_000);
