/**
 * What the hub tells its nodes without being asked: configuration, restrictions and snapshots, whenever they are new, and
 * again to a node whose birth shows that it holds another version. Every change reaches a connected node within 2 s (D1).
 */
import type { Birth, Heartbeat } from "#contract";
import type { Clock, Ledger, Log } from "../ports.ts";
import type { Wire } from "./wire.ts";

/** Chunks per request: a node that lost some asks again from the first one it misses. */
const chunksAtOnce = 64;

/** domain.md S38: an old ledger was put in place beside `koprade restore`, which would have begun an epoch of its own. */
export const rollbackSentence =
  "It holds later permissions than the hub, so it ignores the hub's: was an old data folder put back? Stop the hub, run `koprade restore --raise-epoch` and start it again.";

/** Versions in force at a node, as its birth and its heartbeats say. */
export type Holds = NonNullable<Heartbeat["holds"]>;

export type Pushes = {
  /** Everything this node should hold; retained, so a node that connects later finds it. */
  everything(node: string): void;
  /** Has the node in force what was published for it? */
  isApplied(node: string, holds: Holds): boolean;
  /** the configuration that was sent last, and since when it is that one; as far as this start of the hub knows */
  sentConfig(node: string): { readonly version: number; readonly sinceMs: number } | null;
  /** A node has said what it holds. True when that is later than what the hub has, so that it would refuse the hub's for ever. */
  born(node: string, birth: Birth): boolean;
  /** Something was recorded: perhaps new keys, or that a node has come with them and its seals are other ones now. */
  look(): void;
  /** to which key a node's new keys are encrypted; undefined when it has said none, as an older one does */
  boxKeyOf(node: string): string | undefined;
  chunks(node: string, request: { readonly epoch: number; readonly version: number; readonly from: number }): void;
};

export function createPushes(given: { ledger: Ledger; wire: Wire; clock: Pick<Clock, "nowMs">; log: Log }): Pushes {
  const { ledger, wire, clock, log } = given;
  /** by node: to what new keys may be encrypted, as its last birth says */
  const boxKeys = new Map<string, string | undefined>();
  const serials = new Map<string, number>();
  /** by node: the box that was sent last */
  const keysSent = new Map<string, string>();
  const sent = new Map<string, { readonly version: number; readonly sinceMs: number }>();

  const manifest = (node: string): void => {
    const snapshot = ledger.permits.snapshot(node);
    if (snapshot !== undefined) wire.send("snapshotManifest", [node], snapshot.manifest);
  };

  const everything = (node: string): void => {
    const config = ledger.permits.nodeConfig(node);
    if (sent.get(node)?.version !== config.version) sent.set(node, { version: config.version, sinceMs: clock.nowMs() });
    void wire.sendSealed("nodeConfig", node, config);
    void wire.sendSealed("restrictions", node, ledger.permits.restrictions(node));
    manifest(node);
  };

  return {
    everything,
    look() {
      for (const { node, macSerial = 0 } of ledger.registry.nodes()) {
        if ((serials.get(node) ?? macSerial) !== macSerial) everything(node);
        serials.set(node, macSerial);
      }
      for (const [node, keys] of ledger.adoption.nextKeys()) {
        if (keysSent.get(node) === keys.cipher) continue;
        keysSent.set(node, keys.cipher);
        void wire.sendSealed("nodeKeys", node, keys);
      }
    },
    boxKeyOf: (node) => boxKeys.get(node),
    isApplied(node, { config, lock, snapshot }) {
      const { permits } = ledger;
      const wanted = permits.snapshot(node)?.manifest;
      const isNew =
        wanted === undefined ||
        (snapshot !== null && (snapshot.epoch > wanted.epoch || (snapshot.epoch === wanted.epoch && snapshot.version >= wanted.version)));
      return isNew && config >= permits.nodeConfig(node).version && lock >= permits.restrictions(node).version;
    },
    sentConfig: (node) => sent.get(node) ?? null,
    born(node, birth) {
      const { permits, adoption } = ledger;
      boxKeys.set(node, birth.boxKey);
      const keys = adoption.nextKeys().get(node);
      if (keys !== undefined && birth.boxKey !== undefined) {
        if (keys.boxKey === birth.boxKey) void wire.sendSealed("nodeKeys", node, keys);
        else
          void adoption
            .rekey(node, birth.boxKey)
            .catch((error: unknown) => log.warn({ node, error: String(error) }, "It gets no new keys yet."));
      }
      if (permits.nodeConfig(node).version !== birth.configVersion) void wire.sendSealed("nodeConfig", node, permits.nodeConfig(node));
      if (permits.restrictions(node).version !== birth.lockVersion) void wire.sendSealed("restrictions", node, permits.restrictions(node));
      const current = permits.snapshot(node)?.manifest;
      if (current === undefined) return false;
      const holds = birth.snapshot;
      if (current.epoch !== holds?.epoch || current.version !== holds.version) manifest(node);
      const isAhead = holds !== null && (holds.epoch > current.epoch || (holds.epoch === current.epoch && holds.version > current.version));
      if (isAhead) {
        const { epoch, version } = current;
        log.error({ node, holds, current: { epoch, version } }, `Node ${node}: ${rollbackSentence}`);
      }
      return isAhead;
    },
    chunks(node, request) {
      const snapshot = ledger.permits.snapshot(node);
      // An old version is no longer at hand; the manifest of the current one is retained and the node will ask for that.
      if (snapshot === undefined || snapshot.manifest.epoch !== request.epoch || snapshot.manifest.version !== request.version)
        return manifest(node);
      const end = Math.min(snapshot.manifest.chunks, request.from + chunksAtOnce);
      for (let index = request.from; index < end; index += 1) {
        wire.sendBytes("snapshotChunk", [node, `${request.epoch}.${request.version}`, String(index)], snapshot.chunk(index));
      }
    },
  };
}
