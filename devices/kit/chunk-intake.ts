/** A snapshot on its way to this node: its chunks by number, asked for again and again until none is missing. */
import { topicPath, topics } from "#contract";
import type { SnapshotStore } from "./snapshot-store.ts";
import type { WireMessage } from "./wire.ts";

export type ChunkIntake = {
  /** Asks for what is missing of the offered snapshot, if anything is. */
  ask(): void;
  /** True when the message was a chunk, of use or not. */
  hear(message: WireMessage): boolean;
};

export type ChunkIntakeGiven = {
  readonly site: string;
  readonly node: string;
  readonly snapshots: SnapshotStore;
  readonly isUp: () => boolean;
  readonly request: (wanted: NonNullable<ReturnType<SnapshotStore["missing"]>>) => void;
  readonly againMs: () => number;
  /** named timer of the link: a second start replaces the first */
  readonly after: (delayMs: number, run: () => void) => void;
  readonly cancel: () => void;
};

export function createChunkIntake(given: ChunkIntakeGiven): ChunkIntake {
  const { snapshots } = given;
  const prefix = `${topicPath(given.site, "snapshotManifest", given.node)}/`;
  const ask = () => {
    const wanted = snapshots.missing();
    if (wanted === null || !given.isUp()) return;
    given.request(wanted);
    given.after(given.againMs(), ask);
  };
  return {
    ask,
    hear(message) {
      if (!message.path.startsWith(prefix)) return false;
      const [id = "", index = ""] = message.path.slice(prefix.length).split("/");
      if (message.bytes.length <= topics.snapshotChunk.maxBytes && /^\d{1,4}$/.test(index))
        snapshots.chunk(id, Number(index), message.bytes);
      if (snapshots.missing() === null) given.cancel();
      return true;
    },
  };
}
