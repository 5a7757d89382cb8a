/** A ledger that cannot be read, behind answers and ingest: nobody gets a grant or an ack, and the hub lives. */
import { expect, test } from "vitest";
import type { AccessRequest, Envelope, NodeEvent, SiteSettings } from "#contract";
import { createAnswers } from "../../../hub/app/answers.ts";
import { createCommandDesk } from "../../../hub/app/commands.ts";
import { createIngest } from "../../../hub/app/ingest.ts";
import { createJudge } from "../../../hub/app/judge.ts";
import type { LiveFactsOf } from "../../../hub/app/live-facts.ts";
import type { Wire } from "../../../hub/app/wire.ts";
import type { Clock, Ids, Ledger } from "../../../hub/ports.ts";
import { keptLog, virtualClock } from "../../devices/kit/world.ts";

const broken = () => {
  throw new Error("disk I/O error");
};
const ids: Ids = { ulid: () => "01JDGC5F7W9ZK3T5V0QXN2B8MA", nonce: () => "0123456789abcdef01234567" };

/** Counts what leaves. */
function countingWire() {
  const sent: string[] = [];
  const note = async (topic: string) => sent.push(topic) > 0;
  return { sent, wire: { send: note, sendSealed: note, sendBytes: () => {} } as Wire };
}

test("a permission that cannot be read is no answer: the node decides by itself, and the hub lives", async () => {
  const { sent, wire } = countingWire();
  const log = keptLog();
  const ledger = { permits: { decideFacts: broken }, append: async () => ({ stored: 1, duplicates: 0, gaps: 0 }) } as unknown as Ledger;
  const clock: Clock = virtualClock();
  const time = { read: () => ({ nowMs: 1, floorMs: 1, quality: "synced" as const }), noteEvent: () => {} };
  const judge = createJudge({ ledger, clock, time, liveFacts: broken, mode: () => "normal" });
  const answers = createAnswers({ ledger, wire, clock, time, ids, log, boot: "b", judge, settings: () => ({}) });
  const request: AccessRequest = {
    nonce: "0123456789abcdef01234567",
    ch: "door",
    kind: "enter",
    presented: [{ cardKey: "0".repeat(32), ageMs: 5 }],
    gesture: "tap",
    snapshot: null,
  };
  await expect(answers.answer("door-1", { boot: "b", conn: 1 }, request)).resolves.toBeUndefined();
  expect(sent).toEqual([]);
  expect(log.lines.at(-1)?.level).toBe("error");
});

function ingestOver(ledger: Pick<Ledger, "append" | "ackUpTo">) {
  const { sent, wire } = countingWire();
  const offences: string[] = [];
  const time = { read: () => ({ nowMs: 1, floorMs: 1, quality: "synced" as const }), noteEvent: () => {} };
  const given = { ledger: ledger as Ledger, wire, clock: virtualClock(), time, log: keptLog() };
  return { sent, offences, ingest: createIngest({ ...given, onOffence: (_node, what) => void offences.push(what) }) };
}
const rex = (seq: number, atMono: number): NodeEvent => ({
  ...{ boot: "b", seq, ch: "door", atMono, atMs: null, tq: "unknown" },
  body: { kind: "door.rex" },
});
const append = async () => ({ stored: 1, duplicates: 0, gaps: 0 });

test("events whose acknowledgement cannot be read are sent again, and the hub lives", async () => {
  const { sent, ingest } = ingestOver({ append, ackUpTo: broken });
  await expect(ingest.events("door-1", { boot: "b", mono: 10 } as Envelope, [rex(1, 5)])).resolves.toBeUndefined();
  expect(sent).toEqual([]);
});

test("a number given anew within one boot is an offence; events sent again are none", async () => {
  const { offences, ingest } = ingestOver({ append, ackUpTo: () => 0 });
  const take = (...events: readonly NodeEvent[]) => ingest.events("door-1", { boot: "b", mono: 99_000 } as Envelope, events);
  await take(rex(1, 1000), rex(2, 5000), rex(3, 9000));
  await take(rex(2, 5000), rex(3, 9000), rex(4, 12_000));
  expect(offences).toEqual([]);
  await take(rex(1, 20_000));
  expect(offences).toEqual(["its events are numbered anew within one boot"]);
});

test("an order that was only taken in, or met again, is not said to be carried out", async () => {
  const clock = virtualClock();
  for (const status of ["accepted", "duplicate"] as const) {
    const { wire } = countingWire();
    const desk = createCommandDesk({ wire, clock, ids, settings: () => ({}) });
    const outcome = desk.order("door-1", { boot: "b", conn: 1 }, { op: "relock", ch: "door", actor: "7" });
    await Promise.resolve();
    desk.acknowledged("door-1", { of: ids.ulid(), status, code: null, challenge: null });
    expect(await outcome).toEqual({ status: "unconfirmed" });
  }
});

test("an order is good for as long as the space has set, the permissive ones by a time of their own", () => {
  const sent: { readonly op: string; readonly ttlMs: number }[] = [];
  const sendSealed = async (_topic: string, _node: string, body: { readonly op: string; readonly ttlMs: number }) => sent.push(body) > 0;
  const wire = { sendSealed } as unknown as Wire;
  const ordered = (settings: SiteSettings) => {
    const desk = createCommandDesk({ wire, clock: virtualClock(), ids, settings: () => settings });
    for (const op of ["prepare", "relock"] as const) void desk.order("door-1", { boot: "b", conn: 1 }, { op, ch: "door", actor: "7" });
    return sent.splice(0).map(({ op, ttlMs }) => [op, ttlMs]);
  };
  expect(ordered({})).toEqual([
    ["prepare", 3000],
    ["relock", 10_000],
  ]);
  expect(ordered({ commandTtlPermissiveMs: 2000, commandTtlMs: 20_000 })).toEqual([
    ["prepare", 2000],
    ["relock", 20_000],
  ]);
});

const pinOf = (member: number): string => String(1000 + member);
/** A judge over cards whose last eight digits are their member, and PINs that take a while to compare. */
function pinJudge() {
  const compared: number[] = [];
  const permits = {
    decideFacts: (_node: string, _ch: string, cardKey: string) => ({ subject: { member: Number(cardKey), facts: {} }, revoked: true }),
    async checkPin(member: number, pin: string) {
      compared.push(member);
      await Promise.resolve();
      return pin === pinOf(member) ? "right" : "wrong";
    },
  };
  const time = { read: () => ({ nowMs: 1, floorMs: 1, quality: "synced" as const }) };
  const given = { ledger: { permits } as unknown as Ledger, clock: virtualClock(), time };
  const judge = createJudge({ ...given, liveFacts: () => ({}) as ReturnType<LiveFactsOf>, mode: () => "normal" });
  const enter = async (member: number, pin: string) => {
    const presented = [{ cardKey: String(member).padStart(32, "0"), ageMs: 5 }];
    const request = { nonce: ids.nonce(), ch: "door", kind: "enter" as const, presented, gesture: "tap" as const, snapshot: null, pin };
    await judge.request("door-1", request).catch(() => undefined); // what is decided is no matter here
  };
  return { compared, enter };
}

test("two hundred PINs sent at once are five guesses, and a right one gives its tries back", async () => {
  const { compared, enter } = pinJudge();
  await Promise.all(Array.from({ length: 200 }, () => enter(7, "0000")));
  expect(compared.length).toBe(5);
  for (let i = 0; i < 20; i += 1) await enter(8, i % 5 === 4 ? pinOf(8) : "0000");
  expect(compared.length).toBe(25);
});

test("wrong PINs of many others make only the oldest forgotten", async () => {
  const { compared, enter } = pinJudge();
  await enter(1, "0000");
  for (let i = 0; i < 5; i += 1) await enter(2, "0000");
  for (let member = 3; member <= 501; member += 1) await enter(member, "0000");
  const before = compared.length;
  await enter(2, "0000");
  expect(compared.length).toBe(before);
});
