/** How far webhooks have been told: on a real ledger. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, anEvent, realClock, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
const minute = 60_000;
let nowMs = Date.parse("2026-11-25T10:00:00Z");
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" }, { ...realClock, nowMs: () => nowMs });
  await ledger.change.addNode({ node: "node-1", kind: "machine" }, by);
  for (let seq = 1; seq <= 4; seq += 1) await happens(seq);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

async function happens(seq: number): Promise<void> {
  nowMs += minute;
  await ledger.append("node-1", [{ ...anEvent(seq, { kind: "mach.oops" }), evtMs: nowMs, atMs: nowMs }]);
}
const given = { url: "https://example.org/hook", kinds: ["mach.oops" as const] };
const row = (webhook: number) => ledger.read.webhooks().find((one) => one.webhook === webhook);
const due = (webhook: number) => ledger.read.webhooksDue(nowMs).find((one) => one.webhook === webhook);

it("begins with what comes, or with what was since a time", async () => {
  const { webhook, secret } = await ledger.change.addWebhook(given, by);
  expect(secret.length).toBeGreaterThanOrEqual(32);
  expect(JSON.stringify([ledger.read.audit(1), ledger.read.webhooks()]), "the key is shown once").not.toContain(secret);
  const { webhook: older } = await ledger.change.addWebhook({ ...given, fromMs: nowMs - 90_000 }, by);
  expect([due(webhook)?.told, due(older)?.told]).toEqual([4, 2]);
  await ledger.change.setWebhook({ webhook: older, fromMs: 0 }, by);
  expect(due(older)?.told).toBe(0);
  await ledger.change.removeWebhook({ webhook: older }, by);
});

it("waits longer each time, forgets nothing, and is told at once when it is set", async () => {
  const waits: number[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    await ledger.noteTold({ webhook: 1, from: 4, told: 9, problem: "the server answered 500" });
    waits.push(((row(1)?.nextMs ?? 0) - nowMs) / 1000);
    expect(due(1)).toBeUndefined();
  }
  expect([waits, row(1)?.told]).toEqual([[5, 30, 300, 1800, 3600, 3600], 4]);
  await ledger.change.setWebhook({ webhook: 1, paused: true }, by);
  expect(due(1)).toBeUndefined();
  await ledger.change.setWebhook({ webhook: 1, paused: false }, by);
  expect([due(1)?.told, row(1)?.problem]).toEqual([4, null]);
});

it("is not overtaken: whoever goes back while a batch is on its way is told again", async () => {
  await ledger.change.setWebhook({ webhook: 1, fromMs: 0 }, by);
  await ledger.noteTold({ webhook: 1, from: 4, told: 5, problem: null });
  expect(row(1)?.told).toBe(0);
  await ledger.noteTold({ webhook: 1, from: 0, told: 4, problem: null });
  expect(row(1)).toMatchObject({ told: 4, toldMs: nowMs });
});

it("refuses what is no address, no kind, or the keyed hash of a card", async () => {
  const refused: readonly [object, RegExp][] = [
    [{ ...given, url: "ftp://x" }, /url/],
    [{ ...given, kinds: [] }, /kinds/],
    [{ ...given, kinds: ["card.captured"] }, /kinds/],
  ];
  for (const [input, why] of refused) await expect(ledger.change.addWebhook(input as typeof given, by)).rejects.toThrow(why);
  await expect(ledger.change.setWebhook({ webhook: 99, paused: true }, by)).rejects.toThrow(/webhook/);
});
