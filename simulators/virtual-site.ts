/**
 * A space that lives in memory for the virtual building: who may what, compiled and signed as the real ledger does it, and a
 * log that dedupes by (node, boot, seq). Everything is made from the seed.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import {
  chunkBytes,
  encodeSnapshot,
  manifestBytes,
  type NodeConfig,
  type ResourceFacts,
  type Restrictions,
  readSnapshot,
  type SnapshotManifest,
  type SubjectFacts,
  toBase64Url,
} from "#contract";
import type { Ledger, LedgerEvent, Resource } from "../hub/ports.ts";
import type { MachineKind } from "./loads.ts";
import { cast, type Person } from "./people.ts";

export type VirtualSite = {
  readonly ledger: Ledger;
  readonly events: readonly LedgerEvent[];
  readonly hubKey: Uint8Array;
  readonly cardKey: Uint8Array;
  macKeyOf(node: string): Uint8Array;
};
export type VirtualResource = { readonly node: string; readonly id: string; readonly kind: "door" | MachineKind };

const site = "virtual";
const never = 8_640_000_000_000_000 - 1;

export function createVirtualSite(given: { seed: number; issuedMs: number; resources: readonly VirtualResource[] }): VirtualSite {
  const derive = (purpose: string): Uint8Array => new Uint8Array(createHash("sha256").update(`${given.seed}:${purpose}`).digest());
  const cardKey = derive("cards");
  const hub = ed25519(derive("hub"));
  const rows = given.resources.map(resourceOf);
  const snapshots = new Map(given.resources.map((entry) => [entry.node, compile(entry, rows, cardKey, hub.key, given.issuedMs)]));
  const config = (node: string): NodeConfig => ({
    version: 1,
    channels: rows.filter((row) => row.node === node).map((row) => ({ ch: row.ch, resource: row.id, settings: row.settings })),
  });
  const restrictions: Restrictions = { version: 1, lockouts: [], revoked: [] };
  const macKeyOf = (node: string): Uint8Array => derive(`mac ${node}`);
  const log = createLog();
  return {
    events: log.events,
    hubKey: hub.publicKey,
    cardKey,
    macKeyOf,
    ledger: {
      ...log.port,
      macOf: (node) => (bytes) => new Uint8Array(createHmac("sha256", macKeyOf(node)).update(bytes).digest()),
      permits: {
        snapshot: (node) => snapshots.get(node),
        decideFacts(node, ch, cardKey) {
          const snapshot = snapshots.get(node)?.snapshot;
          const resource = snapshot?.header.channels[ch];
          if (snapshot === undefined || resource === undefined) return undefined;
          const found = snapshot.find(cardKey);
          const facts = found?.profile[ch];
          const subject = found === undefined || facts === undefined ? null : { member: found.member, facts };
          return { resource, schedules: [], subject, lockouts: [], revoked: false, snapshot: { epoch: 1, version: 1 } };
        },
        restrictions: () => restrictions,
        nodeConfig: config,
      },
      registry: {
        site: () => ({ epoch: 1, mode: "normal", modeVersion: 1, demo: true }),
        resources: () => rows,
        nodes: () => given.resources.map(({ node }) => ({ node, label: node, status: "active" as const })),
        memberName: (member) => cast[member - 1]?.name ?? null,
        recentEvents: () => [],
        openSessions: () => [],
        lockouts: () => [],
      },
    },
  };
}

/** An append-only log that knows an event by (node, boot, seq). */
function createLog(): { events: LedgerEvent[]; port: Pick<Ledger, "append" | "quarantine" | "ackUpTo" | "onChange"> } {
  const events: LedgerEvent[] = [];
  const known = new Set<string>();
  const upTo = new Map<string, number>();
  const listeners = new Set<Parameters<Ledger["onChange"]>[0]>();
  return {
    events,
    port: {
      async append(node, batch) {
        const fresh = batch.filter((event) => !known.has(`${node} ${event.boot} ${event.seq}`));
        for (const event of fresh) {
          known.add(`${node} ${event.boot} ${event.seq}`);
          events.push(event);
          const key = `${node} ${event.boot}`;
          upTo.set(key, Math.max(upTo.get(key) ?? 0, event.seq));
        }
        for (const listen of listeners) if (fresh.length > 0) listen({ kind: "events", events: fresh });
        return { stored: fresh.length, duplicates: batch.length - fresh.length, gaps: 0 };
      },
      quarantine: async (node, path, _bytes, reason) => {
        throw new Error(`virtual: ${node} sent what nobody can read on ${path}: ${reason}`);
      },
      ackUpTo: (node, boot) => upTo.get(`${node} ${boot}`) ?? 0,
      onChange(handle) {
        listeners.add(handle);
        return () => listeners.delete(handle);
      },
    },
  };
}

function resourceOf(entry: VirtualResource): Resource {
  const isDoor = entry.kind === "door";
  const facts: ResourceFacts = {
    id: entry.id,
    kind: isDoor ? "door" : "machine",
    label: entry.id,
    tz: "Europe/Riga",
    riskClass: isDoor ? null : entry.kind === "printer" ? "C" : "B",
    cutHazard: entry.kind === "printer",
    sharing: "exclusive",
    attendance: entry.kind === "printer" ? "unattended_ok" : "attended",
    requiresTraining: !isDoor,
    nextStep: {},
    openingHours: null,
    unknownClock: "deny",
    offline: "snapshot",
    offlineMaxAgeMs: 604_800_000,
    minUsefulMs: isDoor ? 0 : 120_000,
    asks: [],
    disabled: false,
    lease: { leaseMs: 14_400_000, idleMs: 900_000, graceMs: 30_000, enableMs: 60_000 },
    door: isDoor ? { strikeMs: 5000, shuntMs: 30_000 } : null,
  };
  const settings = isDoor ? {} : { profile: entry.kind === "printer" ? "fdm" : entry.kind };
  return { id: entry.id, kind: facts.kind, label: entry.id, node: entry.node, ch: isDoor ? "door" : "machine", facts, settings };
}

function subjectOf(person: Person, entry: VirtualResource): SubjectFacts {
  const trained = entry.kind !== "door" && person.trainedFor.includes(entry.kind);
  return {
    member: "active",
    credential: "active",
    credentialFromMs: null,
    credentialUntilMs: null,
    hold: false,
    restricted: false,
    membership: {
      state: "held",
      fromMs: 0,
      untilMs: person.membership === "expired" ? 1 : never,
      graceUntilMs: person.membership === "expired" ? 1 : never,
    },
    inPlan: true,
    always: true,
    schedule: null,
    waiver: "ok",
    competence: { level: trained ? "competent" : "none", untilMs: null },
    roles: [],
  };
}

function compile(
  entry: VirtualResource,
  rows: readonly Resource[],
  cardKey: Uint8Array,
  key: ReturnType<typeof createPrivateKey>,
  issuedMs: number,
) {
  const known = cast.map((person, index) => ({ person, member: index + 1 })).filter(({ person }) => person.membership !== "none");
  const row = rows.find((candidate) => candidate.node === entry.node);
  if (row === undefined) throw new Error(`virtual: no resource at ${entry.node}`);
  const bytes = encodeSnapshot(
    {
      site,
      node: entry.node,
      epoch: 1,
      version: 1,
      issuedMs,
      notAfterMs: never,
      channels: { [row.ch]: row.facts },
      schedules: [],
      profiles: known.map(({ person }) => ({ [row.ch]: subjectOf(person, entry) })),
    },
    known.map(({ person, member }, profile) => ({ cardKey: cardKeyOf(cardKey, `em4100:${person.card}`), member, profile })),
  );
  const draft = {
    epoch: 1,
    version: 1,
    issuedMs,
    notAfterMs: never,
    hash: createHash("sha256").update(bytes).digest("hex"),
    sizeBytes: bytes.length,
    chunks: Math.ceil(bytes.length / chunkBytes),
  };
  const manifest: SnapshotManifest = {
    ...draft,
    sig: toBase64Url(new Uint8Array(sign(null, manifestBytes(site, entry.node, draft), key))),
  };
  const read = readSnapshot(bytes);
  if (!read.ok) throw new Error(`virtual: ${read.reason}`);
  return { manifest, snapshot: read.snapshot, chunk: (index: number) => bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes) };
}

/** domain.md §1.1: keyed hash of scheme and number, 16 bytes. */
function cardKeyOf(key: Uint8Array, number: string): string {
  return createHmac("sha256", key).update(`card:v1:${number}`).digest("hex").slice(0, 32);
}

/** An Ed25519 key pair from 32 bytes (RFC 8410: the seed behind its PKCS #8 prefix). */
function ed25519(seed: Uint8Array): { key: ReturnType<typeof createPrivateKey>; publicKey: Uint8Array } {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const key = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: "der", type: "pkcs8" });
  return { key, publicKey: new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" })) };
}
