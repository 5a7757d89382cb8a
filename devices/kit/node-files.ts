/**
 * What a node keeps between lives beside its outbox: snapshot, restrictions, connection counter, time floor and, for
 * machines, the open session. One folder, one owner; every file is replaced whole.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import { instantMs, slug } from "#contract";
import { readIfThere, syncFolder, writeDurably } from "./durable-file.ts";
import type { SnapshotStorage } from "./snapshot-store.ts";

/** A value under a name, replaced as a whole and durable when `save` resolves. Saves of one name keep their order. */
export type NodeFiles = {
  readonly snapshot: SnapshotStorage;
  load(name: string): unknown;
  save(name: string, value: unknown): Promise<void>;
  /** Resolves when everything that was saved before is on the disk, or has failed. */
  idle(): Promise<void>;
};

export const nodeMemory = z.object({ conn: z.int().min(0), floorMs: instantMs });
export type NodeMemory = z.infer<typeof nodeMemory>;

/** The connection counter and the time floor of earlier lives; zeros in the first one. */
export function loadMemory(files: NodeFiles): NodeMemory {
  const parsed = nodeMemory.safeParse(files.load("memory"));
  return parsed.success ? parsed.data : { conn: 0, floorMs: 0 };
}

const owner = z.object({ site: slug, node: slug });

/**
 * Sets aside what this computer kept as another node: its events are not this one's, and its snapshots' versions would hide this one's.
 * Gives the folder's new name, or null when there was nothing to move. The folder is this node's afterwards.
 */
export function keepFor(folder: string, now: { readonly site: string; readonly node: string }): string | null {
  const path = join(folder, "owner.json");
  const held = owner.safeParse(parse(readIfThere(path)));
  if (held.success && held.data.site === now.site && held.data.node === now.node) return null;
  let aside: string | null = null;
  if (held.success) {
    aside = `${folder}-of-${held.data.node}`;
    for (let n = 2; existsSync(aside); n += 1) aside = `${folder}-of-${held.data.node}-${n}`;
    renameSync(folder, aside);
    syncFolder(dirname(folder));
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path, JSON.stringify(now), { mode: 0o600 });
  syncFolder(folder);
  return aside;
}

/** Files in a folder, which is made when missing. */
export function openNodeFiles(folder: string): NodeFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let last: Promise<void> = Promise.resolve();
  const inOrder = (work: () => Promise<void>): Promise<void> => {
    const mine = last.then(work);
    last = mine.catch(() => {}); // the caller of this save hears of it; the next save starts afresh
    return mine;
  };
  return {
    load: (name) => parse(readIfThere(join(folder, `${name}.json`))),
    idle: () => last,
    save: (name, value) => inOrder(() => writeDurably(join(folder, `${name}.json`), Buffer.from(JSON.stringify(value)))),
    snapshot: {
      load: () => ({ snapshot: readIfThere(join(folder, "snapshot.kps")), mark: readIfThere(join(folder, "snapshot.mark")) }),
      save: (snapshot, mark) =>
        inOrder(async () => {
          await writeDurably(join(folder, "snapshot.kps"), snapshot);
          await writeDurably(join(folder, "snapshot.mark"), mark);
        }),
    },
  };
}

/** The same in memory, for the simulation. */
export function createMemoryFiles(): NodeFiles {
  const kept = new Map<string, Uint8Array>();
  const keep = (name: string, bytes: Uint8Array) => void kept.set(name, Uint8Array.from(bytes));
  return {
    load: (name) => parse(kept.get(name) ?? null),
    idle: async () => {},
    save: async (name, value) => keep(name, Buffer.from(JSON.stringify(value))),
    snapshot: {
      load: () => ({ snapshot: kept.get("snapshot.kps") ?? null, mark: kept.get("snapshot.mark") ?? null }),
      save: async (snapshot, mark) => {
        keep("snapshot.kps", snapshot);
        keep("snapshot.mark", mark);
      },
    },
  };
}

function parse(bytes: Uint8Array | null): unknown {
  if (bytes === null) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined; // a damaged file counts as no file; the owner starts from its defaults
  }
}
