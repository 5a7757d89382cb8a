/**
 * The permissions a node decides from: received in chunks, verified, kept on the disk, never older than before.
 *
 *   manifest ─ signature ─ newer? ─ ask for chunks ─ size, hash ─ site, node, epoch, version ─ disk ─ in force
 *
 * A power cut at any point leaves the old snapshot or the new one (domain.md §5.6).
 */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  chunkBytes,
  type EventBody,
  fromBase64Url,
  manifestBytes,
  readSnapshot,
  type Snapshot,
  type SnapshotManifest,
  snapshotManifest,
} from "#contract";

export type SnapshotOutcome = Extract<EventBody, { kind: "node.snapshot" }>["outcome"];

/** Where the snapshot and the high-water mark live. The file form is `openSnapshotFiles`; a simulation keeps bytes in memory. */
export type SnapshotStorage = {
  load(): { readonly snapshot: Uint8Array | null; readonly mark: Uint8Array | null };
  save(snapshot: Uint8Array, mark: Uint8Array): Promise<void>;
};

export type SnapshotStore = {
  current(): Snapshot | null;
  version(): { readonly epoch: number; readonly version: number } | null;
  /** A manifest from the bus. Answers the first chunk wanted, or null when there is nothing to fetch. */
  offer(manifest: SnapshotManifest): { readonly epoch: number; readonly version: number; readonly from: number } | null;
  /** One chunk. Chunks of anything else than the wanted snapshot are ignored. */
  chunk(id: string, index: number, bytes: Uint8Array): void;
  /** What is still missing, to ask again after a pause or a reconnect. */
  missing(): { readonly epoch: number; readonly version: number; readonly from: number } | null;
};

export type SnapshotGiven = {
  readonly site: string;
  readonly node: string;
  /** the hub's Ed25519 public key, SPKI */
  readonly publicKey: Uint8Array;
  readonly storage: SnapshotStorage;
  readonly onOutcome: (id: { readonly epoch: number; readonly version: number }, outcome: SnapshotOutcome, why: string) => void;
};

type Id = { readonly epoch: number; readonly version: number };
type Fetch = { readonly manifest: SnapshotManifest; readonly bytes: Uint8Array; readonly have: boolean[] };

/** Opens the store and puts the kept snapshot in force when it still verifies. */
export function openSnapshotStore(given: SnapshotGiven): SnapshotStore {
  const key = ed25519Key(given.publicKey);
  const kept = given.storage.load();
  let mark = readMark(kept.mark);
  let current: Snapshot | null = null;
  let fetch: Fetch | null = null;

  const verified = (manifest: SnapshotManifest) => isSigned(given, key, manifest);
  const refuse = (id: Id, outcome: SnapshotOutcome, why: string) => {
    fetch = null;
    given.onOutcome(id, outcome, why);
    return null;
  };
  const stored = readStored(kept.snapshot);
  if (stored !== null && verified(stored.manifest) && !isOlder(stored.manifest, mark)) {
    const result = check(given, stored.manifest, stored.bytes);
    if ("header" in result) {
      current = result;
      mark = stored.manifest;
    }
  }

  const complete = (whole: Fetch) => {
    const id = { epoch: whole.manifest.epoch, version: whole.manifest.version };
    const result = check(given, whole.manifest, whole.bytes);
    if (!("header" in result)) return void refuse(id, result.outcome, result.why);
    const isNewer = () => current === null || isOlder(current.header, id);
    given.storage.save(store(whole.manifest, whole.bytes), Buffer.from(JSON.stringify(id))).then(
      () => {
        if (!isNewer()) return;
        current = result;
        mark = id;
        given.onOutcome(id, "applied", "");
      },
      (error: unknown) => given.onOutcome(id, "incomplete", `not saved: ${error instanceof Error ? error.message : String(error)}`),
    );
    fetch = null;
  };
  const missing = () => {
    if (fetch === null) return null;
    const from = fetch.have.indexOf(false);
    return { epoch: fetch.manifest.epoch, version: fetch.manifest.version, from: Math.max(0, from) };
  };

  return {
    current: () => current,
    version: () => (current === null ? null : { epoch: current.header.epoch, version: current.header.version }),
    offer(manifest) {
      const id = { epoch: manifest.epoch, version: manifest.version };
      if (!verified(manifest)) return refuse(id, "bad_signature", "the manifest is not signed by this site's hub");
      if (mark !== null && isOlder(id, mark)) return refuse(id, "rollback", `older than ${mark.epoch}.${mark.version}`);
      if (current !== null && !isOlder(current.header, id)) return null;
      if (manifest.chunks !== Math.ceil(manifest.sizeBytes / chunkBytes)) return refuse(id, "incomplete", "chunk count and size disagree");
      if (fetch?.manifest.sig !== manifest.sig) {
        fetch = { manifest, bytes: new Uint8Array(manifest.sizeBytes), have: Array.from({ length: manifest.chunks }, () => false) };
      }
      return missing();
    },
    chunk(id, index, bytes) {
      if (fetch === null || id !== `${fetch.manifest.epoch}.${fetch.manifest.version}`) return;
      if (!Number.isInteger(index) || fetch.have[index] !== false) return;
      const at = index * chunkBytes;
      if (bytes.length !== Math.min(chunkBytes, fetch.bytes.length - at)) return;
      fetch.bytes.set(bytes, at);
      fetch.have[index] = true;
      if (!fetch.have.includes(false)) complete(fetch);
    },
    missing,
  };
}

/** Checks the whole against its manifest and this node; answers the snapshot or why it is none. */
function check(given: SnapshotGiven, manifest: SnapshotManifest, bytes: Uint8Array): Snapshot | { outcome: SnapshotOutcome; why: string } {
  if (bytes.length !== manifest.sizeBytes) return { outcome: "incomplete", why: `${bytes.length} bytes instead of ${manifest.sizeBytes}` };
  if (createHash("sha256").update(bytes).digest("hex") !== manifest.hash) return { outcome: "incomplete", why: "the hash differs" };
  const read = readSnapshot(bytes);
  if (!read.ok) return { outcome: "incomplete", why: read.reason };
  const { site, node, epoch, version } = read.snapshot.header;
  if (site !== given.site || node !== given.node) return { outcome: "foreign", why: `made for ${node} at ${site}` };
  if (epoch !== manifest.epoch || version !== manifest.version)
    return { outcome: "foreign", why: "manifest and content name different versions" };
  return read.snapshot;
}

/** Throws on anything but an Ed25519 key. */
function ed25519Key(spki: Uint8Array): KeyObject {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`the hub's key is ${key.asymmetricKeyType}, not Ed25519`);
  return key;
}

function isSigned(given: SnapshotGiven, key: KeyObject, manifest: SnapshotManifest): boolean {
  const signature = fromBase64Url(manifest.sig);
  if (signature === undefined || signature.length !== 64) return false;
  return verify(null, manifestBytes(given.site, given.node, manifest), key, signature);
}

function isOlder(a: Id, than: Id | null): boolean {
  if (than === null) return false;
  return a.epoch !== than.epoch ? a.epoch < than.epoch : a.version < than.version;
}

/** On disk: the manifest as one line of JSON, then the snapshot's bytes. */
function store(manifest: SnapshotManifest, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(manifest)}\n`), bytes]);
}

function readStored(file: Uint8Array | null): { manifest: SnapshotManifest; bytes: Uint8Array } | null {
  const end = file?.indexOf(10) ?? -1;
  if (file === null || end < 0) return null;
  const manifest = snapshotManifest.safeParse(jsonOf(file.subarray(0, end)));
  return manifest.success ? { manifest: manifest.data, bytes: file.subarray(end + 1) } : null;
}

function readMark(file: Uint8Array | null): Id | null {
  const parsed = snapshotManifest.pick({ epoch: true, version: true }).safeParse(file === null ? null : jsonOf(file));
  return parsed.success ? parsed.data : null;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null; // a damaged file counts as no file
  }
}
