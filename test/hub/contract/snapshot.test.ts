import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeSnapshot,
  manifestBytes,
  readSnapshot,
  type SnapshotHeader,
  type SnapshotRecord,
  snapshotHeader,
  ulid,
  ulidOf,
} from "#contract";
import { arbitraryOf } from "../../support/arbitrary.ts";

const header = arbitraryOf(snapshotHeader.omit({ count: true })) as fc.Arbitrary<Omit<SnapshotHeader, "count">>;
const keys = fc.uniqueArray(fc.stringMatching(/^[0-9a-f]{32}$/), { maxLength: 30 });

describe("a snapshot", () => {
  it("finds every card that was put in, and none that was not", () => {
    fc.assert(
      fc.property(header, keys, fc.stringMatching(/^[0-9a-f]{32}$/), (given, cards, stranger) => {
        const profiles = given.profiles.length > 0 ? given.profiles : [{}];
        const records: SnapshotRecord[] = cards.map((cardKey, i) => ({ cardKey, member: i + 1, profile: i % profiles.length }));
        const read = readSnapshot(encodeSnapshot({ ...given, profiles }, records));
        if (!read.ok) throw new Error(read.reason);
        for (const record of records) expect(read.snapshot.find(record.cardKey)?.member).toBe(record.member);
        expect(read.snapshot.find(stranger)?.member).toBe(records.find((record) => record.cardKey === stranger)?.member);
      }),
      { numRuns: 60 },
    );
  });

  it("is read whole or refused with a reason, however it is cut", () => {
    const bytes = encodeSnapshot(
      { site: "valmiera", node: "door-1", epoch: 1, version: 2, issuedMs: 0, notAfterMs: 1, channels: {}, schedules: [], profiles: [{}] },
      [{ cardKey: "0".repeat(32), member: 1, profile: 0 }],
    );
    expect(readSnapshot(bytes).ok).toBe(true);
    for (let length = 0; length < bytes.length; length += 1) expect(readSnapshot(bytes.subarray(0, length)).ok).toBe(false);
  });

  it("costs at most 40 bytes per credential", () => {
    const empty = {
      site: "valmiera",
      node: "door-1",
      epoch: 1,
      version: 2,
      issuedMs: 0,
      notAfterMs: 1,
      channels: {},
      schedules: [],
      profiles: [{}],
    };
    const records = Array.from({ length: 10_000 }, (_, i) => ({ cardKey: i.toString(16).padStart(32, "0"), member: i, profile: 0 }));
    expect(encodeSnapshot(empty, records).length / records.length).toBeLessThan(40);
  });

  it("is signed for one node: the same facts for another node are other bytes", () => {
    const manifest = { epoch: 1, version: 2, issuedMs: 3, notAfterMs: 4, hash: "0".repeat(64), sizeBytes: 10, chunks: 1 };
    expect(manifestBytes("valmiera", "door-1", manifest)).not.toEqual(manifestBytes("valmiera", "door-2", manifest));
  });
});

describe("a ULID", () => {
  it("sorts by its time and fits its own schema", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.uint8Array({ minLength: 10, maxLength: 10 }), (a, b, random) => {
        expect(ulid.safeParse(ulidOf(a, random)).success).toBe(true);
        if (a < b) expect(ulidOf(a, random) < ulidOf(b, random)).toBe(true);
      }),
    );
  });
});
