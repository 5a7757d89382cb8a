/**
 * The snapshot of one node: what its cards mean at its channels, signed. Kept packed: the card table is shared by all nodes,
 * a node adds its header and one number per class of members.
 */
import { createHash } from "node:crypto";
import {
  chunkBytes,
  encodeSnapshot,
  manifestBytes,
  type ResourceFacts,
  type SnapshotHeader,
  type SnapshotManifest,
  type SubjectFacts,
} from "#contract";
import type { Database } from "./database.ts";
import { type SiteFacts, subjectFactsOf } from "./facts.ts";
import { type ResourceFactsRow, resourceFactsOf } from "./facts-resource.ts";
import { packedBytes, type StandingClass, type Standings } from "./standings.ts";
import type { CompiledSnapshot } from "./types.ts";

export type ChannelRow = ResourceFactsRow & { readonly node: string; readonly ch: string };

/** What one node may know, before it has a version. `hash` is equal when nothing a node can see has changed. */
export type SnapshotContent = {
  readonly node: string;
  readonly channels: Readonly<Record<string, ResourceFacts>>;
  readonly schedules: SnapshotHeader["schedules"];
  readonly profiles: readonly Readonly<Record<string, SubjectFacts>>[];
  /** class of members → profile */
  readonly profileOf: Uint32Array;
  readonly hash: string;
};

/** How often a snapshot is issued again although nothing changed: its age is what nodes judge it by. */
const reissueMs = 12 * 3_600_000;

export const channelSql = `SELECT id, kind, node, ch, label, course, zone, risk_class AS riskClass, cut_hazard AS cutHazard, policy, next_step AS nextStep
  FROM resources`;

export function readChannels(db: Database): Map<string, ChannelRow[]> {
  const nodes = new Map<string, ChannelRow[]>();
  for (const row of db.all<ChannelRow>(`${channelSql} ORDER BY node, ch`)) {
    const known = nodes.get(row.node);
    if (known === undefined) nodes.set(row.node, [row]);
    else known.push(row);
  }
  return nodes;
}

export function compileContent(
  node: string,
  rows: readonly ChannelRow[],
  standings: Standings,
  site: SiteFacts,
  epoch: number,
): SnapshotContent {
  const channels = Object.fromEntries(rows.map((row) => [row.ch, resourceFactsOf(row, site)]));
  const schedules = site.planSchedules.map((name) => site.schedules.get(name) ?? { intervals: [], special: [] });
  const profiles: Record<string, SubjectFacts>[] = [];
  const index = new Map<string, number>();
  const profileOf = Uint32Array.from(standings.classes, (given) => {
    const profile = profileFor(given, rows, site);
    const name = JSON.stringify(profile);
    const known = index.get(name);
    if (known !== undefined) return known;
    const made = profiles.push(profile) - 1;
    index.set(name, made);
    return made;
  });
  const hash = createHash("sha256")
    .update(JSON.stringify([epoch, channels, schedules, profiles]))
    .update(profileOf)
    .update(standings.cards)
    .digest("hex");
  return { node, channels, schedules, profiles, profileOf, hash };
}

function profileFor(given: StandingClass, rows: readonly ChannelRow[], site: SiteFacts): Record<string, SubjectFacts> {
  return Object.fromEntries(rows.map((row) => [row.ch, subjectFactsOf(given.standing, given.card, row, site)]));
}

/** True when it is time to say again that nothing has changed. */
export function isDue(content: Pick<SnapshotContent, "channels">, issuedMs: number, nowMs: number): boolean {
  const ages = Object.values(content.channels).map((channel) => channel.offlineMaxAgeMs / 4);
  return nowMs - issuedMs >= Math.min(reissueMs, ...ages) || nowMs < issuedMs;
}

export type SnapshotName = { readonly site: string; readonly epoch: number; readonly version: number; readonly issuedMs: number };
/** A snapshot as it is kept: its bytes are put together when somebody asks. */
export type PackedSnapshot = {
  readonly node: string;
  readonly manifest: SnapshotManifest;
  readonly head: Uint8Array;
  readonly profileOf: Uint32Array;
  readonly cards: Uint8Array;
};

export function seal(
  content: SnapshotContent,
  standings: Standings,
  name: SnapshotName,
  sign: (bytes: Uint8Array) => Uint8Array,
): PackedSnapshot {
  const longest = Math.max(...Object.values(content.channels).map((channel) => channel.offlineMaxAgeMs));
  const notAfterMs = name.issuedMs + longest;
  const { channels, schedules, profiles, profileOf } = content;
  const head = headOf({
    ...name,
    node: content.node,
    notAfterMs,
    channels,
    schedules: [...schedules],
    profiles: [...profiles],
    count: standings.count,
  });
  const bytes = unpack({ head, profileOf, cards: standings.cards });
  const unsigned = {
    epoch: name.epoch,
    version: name.version,
    issuedMs: name.issuedMs,
    notAfterMs,
    hash: createHash("sha256").update(bytes).digest("hex"),
    sizeBytes: bytes.length,
    chunks: Math.ceil(bytes.length / chunkBytes),
  };
  const signature = sign(manifestBytes(name.site, content.node, unsigned));
  const manifest = { ...unsigned, sig: Buffer.from(signature).toString("base64url") };
  return { node: content.node, manifest, head, profileOf, cards: standings.cards };
}

/**
 * What stands before the records. The contract's encoder makes it, for no records; the count is put right and the length with
 * it. Encoding every record again for every node would make fifty times ten thousand objects.
 */
function headOf(header: SnapshotHeader): Uint8Array {
  const { count, ...rest } = header;
  const empty = Buffer.from(encodeSnapshot(rest, []));
  const json = Buffer.from(JSON.stringify({ ...JSON.parse(empty.toString("utf8", 8)), count }));
  const head = Buffer.concat([empty.subarray(0, 8), json]);
  head.writeUInt32BE(json.length, 4);
  return new Uint8Array(head);
}

/** The snapshot's bytes again: the header as it was, and every card with its class replaced by this node's profile. */
export function unpack(packed: Pick<PackedSnapshot, "head" | "profileOf" | "cards">): Uint8Array {
  const bytes = new Uint8Array(packed.head.length + packed.cards.length);
  bytes.set(packed.head);
  bytes.set(packed.cards, packed.head.length);
  const view = new DataView(bytes.buffer);
  for (let at = packed.head.length + 20; at < bytes.length; at += packedBytes)
    view.setUint32(at, packed.profileOf[view.getUint32(at)] ?? 0);
  return bytes;
}

export function asCompiled(packed: PackedSnapshot): CompiledSnapshot {
  let whole: Uint8Array | undefined;
  const bytes = (): Uint8Array => {
    whole ??= unpack(packed);
    return whole;
  };
  return {
    manifest: packed.manifest,
    get bytes() {
      return bytes();
    },
    chunk: (index) => bytes().subarray(index * chunkBytes, (index + 1) * chunkBytes),
  };
}

/** Member and class of a card, by binary search in the shared table. */
export function findCard(cards: Uint8Array, cardKey: string): { readonly member: number; readonly class: number } | undefined {
  if (!/^[0-9a-f]{32}$/.test(cardKey)) return undefined;
  const key = Buffer.from(cardKey, "hex");
  const table = Buffer.from(cards.buffer, cards.byteOffset, cards.byteLength);
  let low = 0;
  let high = cards.length / packedBytes - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = middle * packedBytes;
    const difference = table.compare(key, 0, 16, at, at + 16);
    if (difference === 0) return { member: table.readUInt32BE(at + 16), class: table.readUInt32BE(at + 20) };
    if (difference < 0) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
