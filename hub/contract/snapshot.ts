/**
 * The permissions of one node, as bytes: made and signed by the hub, read by the node, the same facts on both sides.
 *
 *   "KPS1" │ header length u32 │ header JSON │ records, 24 bytes each, sorted by card key
 *   record: card key 16 │ member u32 │ profile u32            (big-endian)
 *
 * Hundreds of members share few distinct sets of facts ("profiles"), so a record is 24 bytes and lookups read the bytes in
 * place (domain.md §5.6, D3: at most 40 bytes per credential).
 */
import * as z from "zod";
import type { SnapshotManifest } from "./bodies.ts";
import { resourceFacts, schedule, subjectFacts } from "./facts.ts";
import { slug } from "./ids.ts";
import { instantMs } from "./units.ts";

export const snapshotHeader = z.object({
  site: slug,
  node: slug,
  epoch: z.int().min(0),
  version: z.int().min(0),
  issuedMs: instantMs,
  notAfterMs: instantMs,
  /** channel → the door or machine it serves */
  channels: z.record(slug, resourceFacts),
  schedules: z.array(schedule).max(255),
  /** distinct sets of facts, one entry per channel */
  profiles: z.array(z.record(slug, subjectFacts)).max(200_000),
  count: z.int().min(0).max(200_000),
});
export type SnapshotHeader = z.infer<typeof snapshotHeader>;
export type SnapshotRecord = { readonly cardKey: string; readonly member: number; readonly profile: number };

const magic = 0x4b505331;
export const recordBytes = 24;
export const chunkBytes = 32_768;
const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });

/** The bytes of a snapshot. Records are sorted here; a card key may stand once. Throws on what our own schema refuses. */
export function encodeSnapshot(header: Omit<SnapshotHeader, "count">, records: readonly SnapshotRecord[]): Uint8Array {
  const head = utf8.encode(JSON.stringify(snapshotHeader.parse({ ...header, count: records.length })));
  const sorted = [...records].sort((a, b) => (a.cardKey < b.cardKey ? -1 : a.cardKey > b.cardKey ? 1 : 0));
  const bytes = new Uint8Array(8 + head.length + sorted.length * recordBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  view.setUint32(4, head.length);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const record of sorted) {
    bytes.set(Uint8Array.fromHex(record.cardKey), at);
    view.setUint32(at + 16, record.member);
    view.setUint32(at + 20, record.profile);
    at += recordBytes;
  }
  return bytes;
}

export type Snapshot = {
  readonly header: SnapshotHeader;
  /** Member and facts of a card, or undefined when the card is not in this snapshot. Binary search in the bytes. */
  find(cardKey: string): { readonly member: number; readonly profile: Readonly<Record<string, z.infer<typeof subjectFacts>>> } | undefined;
};

/** Reads a snapshot. The caller has checked its hash and signature; this checks its shape. Never throws. */
export function readSnapshot(bytes: Uint8Array): { ok: true; snapshot: Snapshot } | { ok: false; reason: string } {
  if (bytes.length < 8) return { ok: false, reason: "too short for a snapshot" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== magic) return { ok: false, reason: "not a snapshot" };
  const headEnd = 8 + view.getUint32(4);
  if (headEnd > bytes.length) return { ok: false, reason: "header cut short" };
  let json: unknown;
  try {
    json = JSON.parse(text.decode(bytes.subarray(8, headEnd)));
  } catch {
    return { ok: false, reason: "header is not JSON" };
  }
  const header = snapshotHeader.safeParse(json);
  if (!header.success) return { ok: false, reason: `header: ${header.error.issues[0]?.path.join(".")} ${header.error.issues[0]?.message}` };
  if (headEnd + header.data.count * recordBytes !== bytes.length) return { ok: false, reason: "records cut short or too long" };
  return { ok: true, snapshot: lookup(header.data, bytes, view, headEnd) };
}

function lookup(header: SnapshotHeader, bytes: Uint8Array, view: DataView, start: number): Snapshot {
  const compare = (index: number, key: Uint8Array): number => {
    const at = start + index * recordBytes;
    for (let i = 0; i < 16; i += 1) {
      const difference = (bytes[at + i] ?? 0) - (key[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  return {
    header,
    find(cardKey) {
      if (!/^[0-9a-f]{32}$/.test(cardKey)) return undefined;
      const key = Uint8Array.fromHex(cardKey);
      let low = 0;
      let high = header.count - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        const order = compare(middle, key);
        if (order === 0) {
          const at = start + middle * recordBytes;
          const profile = header.profiles[view.getUint32(at + 20)];
          return profile === undefined ? undefined : { member: view.getUint32(at + 16), profile };
        }
        if (order < 0) low = middle + 1;
        else high = middle - 1;
      }
      return undefined;
    },
  };
}

/** What the hub signs and the node verifies: every field that says which snapshot this is, for which node. */
export function manifestBytes(site: string, node: string, manifest: Omit<SnapshotManifest, "sig">): Uint8Array {
  const fields = [
    manifest.epoch,
    manifest.version,
    manifest.issuedMs,
    manifest.notAfterMs,
    manifest.hash,
    manifest.sizeBytes,
    manifest.chunks,
  ];
  return utf8.encode(`koprade-snapshot:1:${site}:${node}:${fields.join(":")}`);
}
