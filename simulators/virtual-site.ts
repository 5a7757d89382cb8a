/**
 * A space that lives in memory for the virtual building: who may what, compiled and signed as the real ledger does it, and a
 * log that dedupes by (node, boot, seq). Everything is made from the seed; what a scenario changes is compiled anew.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import {
  chunkBytes,
  encodeSnapshot,
  manifestBytes,
  type NodeConfig,
  type Restrictions,
  readSnapshot,
  type Schedule,
  type SiteMode,
  type SnapshotManifest,
  type SubjectFacts,
  toBase64Url,
} from "#contract";
import { foldSessions } from "#core";
import type { Ledger, LedgerEvent, Resource } from "../hub/ports.ts";

export type VirtualPerson = {
  readonly member: number;
  readonly name: string;
  /** EM4100 numbers, 10 hexadecimal digits each */
  readonly cards: readonly string[];
  /** by door or machine; absent = not known there */
  readonly facts: Readonly<Record<string, SubjectFacts>>;
};
export type VirtualSpace = {
  readonly epoch: number;
  readonly mode: SiteMode;
  readonly resources: readonly Resource[];
  readonly people: readonly VirtualPerson[];
  readonly schedules: readonly Schedule[];
  readonly lockouts: readonly {
    readonly resource: string;
    readonly kind: Restrictions["lockouts"][number]["kind"];
    readonly mode: "when_idle" | "immediate";
    readonly reason: string;
  }[];
  /** cards that are refused whatever any snapshot says */
  readonly revoked: readonly string[];
};
export type VirtualSite = {
  readonly ledger: Ledger;
  readonly events: readonly LedgerEvent[];
  readonly hubKey: Uint8Array;
  readonly cardKey: Uint8Array;
  macKeyOf(node: string): Uint8Array;
  /** Somebody at the desk changes a fact; everybody concerned is told, as the ledger does after a COMMIT. */
  change(changes: Partial<VirtualSpace>): void;
  /** An old data folder is put back: as things are, but at an earlier version of the same epoch. */
  rewind(version: number): void;
  /** From now on nothing is written for this long; what waits is written then. */
  stallDisk(ms: number): void;
  /** What the desk, or the hub, decides about a node. */
  admit(node: string, status: "active" | "quarantined" | "revoked"): void;
  space(): VirtualSpace;
};

/** far ahead, for what has no end */
export const never = 8_640_000_000_000_000 - 1;
export const virtualSiteId = "virtual";

export function createVirtualSite(given: {
  seed: number;
  nowMs: () => number;
  after: (delayMs: number, run: () => void) => void;
  space: VirtualSpace;
}): VirtualSite {
  const derive = (purpose: string): Uint8Array => new Uint8Array(createHash("sha256").update(`${given.seed}:${purpose}`).digest());
  const cardKey = derive("cards");
  const hub = ed25519(derive("hub"));
  const macKeyOf = (node: string): Uint8Array => derive(`mac ${node}`);
  const log = createLog(given);
  let { space } = given;
  let version = 1;
  let modeVersion = 1;
  let snapshots = new Map<string, Compiled>();
  const compileAll = (): void => {
    snapshots = new Map(nodesOf(space).map((node) => [node, compile(node, space, version, cardKey, hub.key, given.nowMs())]));
  };
  compileAll();
  const admitted = new Map<string, "active" | "quarantined" | "revoked">();
  const nodeRows = () => nodesOf(space).map((node) => ({ node, label: node, status: admitted.get(node) ?? "active" }));
  const admit: VirtualSite["admit"] = (node, status) => {
    admitted.set(node, status);
    log.tell({ kind: "permissions", version, nodes: [node] });
  };
  const keyOf = (card: string): string => cardKeyOf(cardKey, numberOf(card));
  const placeOf = (resource: string): Resource | undefined => space.resources.find((row) => row.id === resource);
  const lockoutsAt = (node: string, ch: string) =>
    space.lockouts.filter(({ resource }) => placeOf(resource)?.node === node && placeOf(resource)?.ch === ch);
  return {
    events: log.events,
    hubKey: hub.publicKey,
    cardKey,
    macKeyOf,
    space: () => space,
    stallDisk: log.stall,
    rewind(earlier) {
      version = earlier;
      compileAll();
    },
    admit,
    change(changes) {
      const isModeNew = changes.mode !== undefined && changes.mode !== space.mode;
      space = { ...space, ...changes };
      version += 1;
      if (changes.epoch !== undefined) version = 1;
      compileAll();
      log.tell({ kind: "permissions", version, nodes: nodesOf(space) });
      if (!isModeNew) return;
      modeVersion += 1;
      log.tell({ kind: "mode", mode: space.mode, version: modeVersion });
    },
    ledger: {
      ...log.port,
      cutOff: async (node) => admit(node, "quarantined"),
      // nobody comes anew to a building that is not there
      adoption: {
        untilMs: () => null,
        offer: () => undefined,
        faceOf: () => ({ words: "", fp: "" }),
        hub: "",
        sign: (bytes) => bytes,
        nextKeys: () => new Map(),
        rekey: async () => {},
      },
      macOf: (node) => (bytes) => new Uint8Array(createHmac("sha256", macKeyOf(node)).update(bytes).digest()),
      permits: {
        snapshot: (node) => snapshots.get(node),
        decideFacts(node, ch, key) {
          const resource = snapshots.get(node)?.snapshot.header.channels[ch];
          const person = space.people.find(({ cards }) => cards.some((card) => keyOf(card) === key));
          if (resource === undefined) return undefined;
          const facts = person?.facts[resource.id];
          return {
            resource,
            schedules: space.schedules,
            subject: person === undefined || facts === undefined ? null : { member: person.member, facts },
            lockouts: lockoutsAt(node, ch).map(({ kind }) => kind),
            revoked: space.revoked.some((card) => keyOf(card) === key),
            snapshot: { epoch: space.epoch, version },
          };
        },
        checkPin: async () => "wrong",
        isFreshCounter: () => true, // nobody here has a card that counts
        restrictions: (node) => ({
          version,
          lockouts: space.resources
            .filter((row) => row.node === node)
            .flatMap((row) => lockoutsAt(node, row.ch).map(({ kind, mode, reason }) => ({ ch: row.ch, kind, mode, reason }))),
          revoked: space.revoked.map(keyOf),
        }),
        nodeConfig: (node): NodeConfig => ({
          version,
          channels: space.resources
            .filter((row) => row.node === node)
            .map((row) => ({ ch: row.ch, resource: row.id, settings: row.settings })),
        }),
      },
      registry: {
        site: () => ({ epoch: space.epoch, mode: space.mode, modeVersion, demo: true, settings: {} }),
        resources: () => space.resources,
        nodes: nodeRows,
        memberName: (member) => space.people.find((person) => person.member === member)?.name ?? null,
        exceptions: () => [],
        recentEvents: (limit) => log.events.slice(-limit).reverse(),
        openSessions: () =>
          [...foldSessions(log.events).sessions.values()]
            .filter(({ endMs }) => endMs === null)
            .map(({ session, node, ch, member, startMs }) => ({ session, node, ch, member, startedMs: startMs })),
        eventsSince: (fromMs, kinds) => log.events.filter((event) => event.evtMs >= fromMs && kinds.includes(event.body.kind)),
        lastEnds: () =>
          [...foldSessions(log.events).sessions.values()].flatMap(({ node, ch, endMs }) => (endMs === null ? [] : [{ node, ch, endMs }])),
        zones: () => new Map(),
        creditCents: () => 0,
        lockouts: (machine) =>
          space.lockouts.filter(({ resource }) => resource === machine).map(({ kind, reason }) => ({ kind, reason, atMs: given.nowMs() })),
      },
    },
  };
}

const nodesOf = (space: VirtualSpace): string[] => [...new Set(space.resources.map(({ node }) => node))];

/** An append-only log that knows an event by (node, boot, seq). */
function createLog(given: { readonly nowMs: () => number; readonly after: (delayMs: number, run: () => void) => void }): {
  events: LedgerEvent[];
  stall(ms: number): void;
  tell: Parameters<Ledger["onChange"]>[0];
  port: Pick<Ledger, "append" | "quarantine" | "ackUpTo" | "bootsOf" | "onChange">;
} {
  const events: LedgerEvent[] = [];
  const known = new Set<string>();
  const upTo = new Map<string, number>();
  const listeners = new Set<Parameters<Ledger["onChange"]>[0]>();
  let stalledUntilMs = 0;
  const written = async (): Promise<void> => {
    const waitMs = stalledUntilMs - given.nowMs();
    if (waitMs > 0) await new Promise<void>((resolve) => given.after(waitMs, resolve));
  };
  const tell: Parameters<Ledger["onChange"]>[0] = (change) => {
    for (const listen of [...listeners]) listen(change);
  };
  return {
    events,
    tell,
    stall(ms) {
      stalledUntilMs = given.nowMs() + ms;
    },
    port: {
      async append(node, batch) {
        await written();
        const fresh = batch.filter((event) => !known.has(`${node} ${event.boot} ${event.seq}`));
        for (const event of fresh) {
          known.add(`${node} ${event.boot} ${event.seq}`);
          events.push(event);
          const key = `${node} ${event.boot}`;
          upTo.set(key, Math.max(upTo.get(key) ?? 0, event.seq));
        }
        if (fresh.length > 0) tell({ kind: "events", events: fresh });
        return { stored: fresh.length, duplicates: batch.length - fresh.length, gaps: 0 };
      },
      quarantine: async (node, path, _bytes, reason) => {
        throw new Error(`virtual: ${node} sent what nobody can read on ${path}: ${reason}`);
      },
      ackUpTo: (node, boot) => upTo.get(`${node} ${boot}`) ?? 0,
      bootsOf: (node) => {
        const newest = new Map<string, LedgerEvent>();
        for (const event of events)
          if (event.node === node && event.seq >= (newest.get(event.boot)?.seq ?? 0)) newest.set(event.boot, event);
        return [...newest.values()];
      },
      onChange(handle) {
        listeners.add(handle);
        return () => listeners.delete(handle);
      },
    },
  };
}

type Compiled = {
  readonly manifest: SnapshotManifest;
  readonly snapshot: Extract<ReturnType<typeof readSnapshot>, { ok: true }>["snapshot"];
  chunk(index: number): Uint8Array;
};

function compile(
  node: string,
  space: VirtualSpace,
  version: number,
  cardKey: Uint8Array,
  key: ReturnType<typeof createPrivateKey>,
  issuedMs: number,
): Compiled {
  const { epoch } = space;
  const rows = space.resources.filter((row) => row.node === node);
  const known = space.people.filter(({ facts }) => rows.some((row) => facts[row.id] !== undefined));
  const profileOf = ({ facts }: VirtualPerson) =>
    Object.fromEntries(rows.flatMap((row) => (facts[row.id] === undefined ? [] : [[row.ch, facts[row.id]]]))) as Record<
      string,
      SubjectFacts
    >;
  const bytes = encodeSnapshot(
    {
      site: virtualSiteId,
      node,
      epoch,
      version,
      issuedMs,
      notAfterMs: never,
      channels: Object.fromEntries(rows.map((row) => [row.ch, row.facts])),
      schedules: [...space.schedules],
      profiles: known.map(profileOf),
    },
    known.flatMap(({ cards, member }, profile) => cards.map((card) => ({ cardKey: cardKeyOf(cardKey, numberOf(card)), member, profile }))),
  );
  const draft = {
    epoch,
    version,
    issuedMs,
    notAfterMs: never,
    hash: createHash("sha256").update(bytes).digest("hex"),
    sizeBytes: bytes.length,
    chunks: Math.ceil(bytes.length / chunkBytes),
  };
  const manifest: SnapshotManifest = {
    ...draft,
    sig: toBase64Url(new Uint8Array(sign(null, manifestBytes(virtualSiteId, node, draft), key))),
  };
  const read = readSnapshot(bytes);
  if (!read.ok) throw new Error(`virtual: ${read.reason}`);
  return { manifest, snapshot: read.snapshot, chunk: (index) => bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes) };
}

/** EM4100 unless it names another medium */
const numberOf = (card: string): string => (card.includes(":") ? card : `em4100:${card}`);

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
