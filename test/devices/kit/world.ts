/** What tests of nodes share: virtual time, seeded dice, a silent log, keys, and snapshots signed as the hub signs them. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  chunkBytes,
  encodeSnapshot,
  manifestBytes,
  type ResourceFacts,
  type SnapshotManifest,
  type SnapshotRecord,
  type SubjectFacts,
} from "#contract";
import { cardKeyOf } from "../../../devices/kit/authorise.ts";
import type { NodeKeys } from "../../../devices/kit/node.ts";
import type { Clock, Dice, Log } from "../../../devices/kit/ports.ts";
import { goodStanding, plainDoor } from "../../../simulators/virtual-facts.ts";

type Timer = { atMs: number; order: number; run: () => void };
export type VirtualClock = Clock & { advance(ms: number): void; set(nowMs: number): void };

/** Time that moves only when told, timers in their order. */
export function virtualClock(startMs = Date.UTC(2026, 5, 1, 12)): VirtualClock {
  let mono = 0;
  let wallOffset = startMs;
  let order = 0;
  const timers = new Set<Timer>();
  const after = (delayMs: number, run: () => void) => {
    const timer = { atMs: mono + delayMs, order: order++, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    nowMs: () => Math.floor(wallOffset + mono),
    monoMs: () => mono,
    after: (_name, delayMs, run) => after(delayMs, run),
    every(_name, periodMs, run) {
      let cancel = () => {};
      const again = () => {
        cancel = after(periodMs, again);
        run();
      };
      cancel = after(periodMs, again);
      return () => cancel();
    },
    advance(ms) {
      const end = mono + ms;
      for (;;) {
        const next = [...timers].filter((timer) => timer.atMs <= end).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
        if (next === undefined) break;
        timers.delete(next);
        mono = Math.max(mono, next.atMs);
        next.run();
      }
      mono = end;
    },
    set(nowMs) {
      wallOffset = nowMs - mono;
    },
  };
}

/** Same seed, same bytes (SplitMix32). */
export function seededDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  return (count) => Uint8Array.from({ length: count }, () => next() & 0xff);
}

export type KeptLog = Log & { readonly lines: { level: string; sentence: string; facts: Readonly<Record<string, unknown>> }[] };
export function keptLog(): KeptLog {
  const lines: KeptLog["lines"] = [];
  const at = (level: string) => (facts: Readonly<Record<string, unknown>>, sentence: string) => void lines.push({ level, sentence, facts });
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}

export type TestHub = { readonly keys: NodeKeys; readonly signing: KeyObject };
export function testHub(): TestHub {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const hub = Uint8Array.from(publicKey.export({ type: "spki", format: "der" }));
  return { signing: privateKey, keys: { mac: new Uint8Array(32).fill(7), card: new Uint8Array(32).fill(9), hub } };
}

export const site = "valmiera";
export const doorFacts: ResourceFacts = { ...plainDoor, id: "front-door", label: "Front door", tz: "Europe/Riga" };
export const laserFacts: ResourceFacts = {
  ...doorFacts,
  id: "laser",
  kind: "machine",
  label: "Laser",
  riskClass: "A",
  sharing: "exclusive",
  requiresTraining: true,
  lease: { leaseMs: 900_000, idleMs: 1_200_000, graceMs: 90_000, enableMs: 120_000 },
  door: null,
};
export const goodMember: SubjectFacts = {
  ...goodStanding,
  membership: { state: "held", fromMs: 0, untilMs: Date.UTC(2036, 0, 1), graceUntilMs: null },
};
export const untrained: SubjectFacts = { ...goodMember, competence: { level: "none", untilMs: null } };
export const cards = { good: "em4100:0F00184E31", untrained: "em4100:0F00184E32", unknown: "em4100:0F00184E33" } as const;

/** the card of the i-th further member */
export const extraCard = (i: number) => `em4100:${(0x10_0000_0000 + i).toString(16).toUpperCase()}`;

export type SignedSnapshot = { readonly manifest: SnapshotManifest; readonly bytes: Uint8Array; readonly chunks: readonly Uint8Array[] };

/** A snapshot as the hub would make it: one door or machine on channel `ch`, member 1 good, member 2 untrained. */
export function signedSnapshot(
  hub: TestHub,
  about: {
    node: string;
    ch: string;
    facts: ResourceFacts;
    epoch?: number;
    version?: number;
    issuedMs?: number;
    site?: string;
    extra?: number;
    /** further cards of member 1 */
    more?: readonly string[];
    without?: readonly string[];
    /** further people, each with facts of their own */
    people?: readonly { readonly card: string; readonly member: number; readonly facts: SubjectFacts }[];
  },
): SignedSnapshot {
  const { node, ch, facts, epoch = 1, version = 1, issuedMs = Date.UTC(2026, 5, 1, 11) } = about;
  const { extra = 0, more = [], without = [], people = [] } = about;
  const records: SnapshotRecord[] = [
    { cardKey: cardKeyOf(hub.keys.card, cards.good), member: 1, profile: 0 },
    { cardKey: cardKeyOf(hub.keys.card, cards.untrained), member: 2, profile: 1 },
    ...more.map((number) => ({ cardKey: cardKeyOf(hub.keys.card, number), member: 1, profile: 0 })),
    ...Array.from({ length: extra }, (_, i) => ({
      cardKey: cardKeyOf(hub.keys.card, extraCard(i)),
      member: 100 + i,
      profile: 0,
    })),
    ...people.map(({ card, member }, i) => ({ cardKey: cardKeyOf(hub.keys.card, card), member, profile: 2 + i })),
  ].filter((record) => !without.map((number) => cardKeyOf(hub.keys.card, number)).includes(record.cardKey));
  const notAfterMs = issuedMs + 604_800_000;
  const bytes = encodeSnapshot(
    {
      site: about.site ?? site,
      node,
      epoch,
      version,
      issuedMs,
      notAfterMs,
      channels: { [ch]: facts },
      schedules: [],
      profiles: [{ [ch]: goodMember }, { [ch]: untrained }, ...people.map(({ facts: one }) => ({ [ch]: one }))],
    },
    records,
  );
  const hash = createHash("sha256").update(bytes).digest("hex");
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  const unsigned = { epoch, version, issuedMs, notAfterMs, hash, sizeBytes: bytes.length, chunks: chunks.length };
  const sig = sign(null, manifestBytes(about.site ?? site, node, unsigned), hub.signing).toString("base64url");
  return { manifest: { ...unsigned, sig }, bytes, chunks };
}

/** Lets promises that are already settled run on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
