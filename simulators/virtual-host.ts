/** What a program of the virtual building stands on: its clock, wire, journal and files, kept from one life to the next. */
import { createMemoryJournal } from "../devices/kit/journal.ts";
import type { NodePorts } from "../devices/kit/node.ts";
import { createMemoryFiles, type NodeFiles } from "../devices/kit/node-files.ts";
import { dice } from "./random.ts";
import type { VirtualScheduler } from "./scheduler.ts";
import type { VirtualBus } from "./virtual-bus.ts";
import { bytesOf, type Life, silent, virtualClock } from "./virtual-parts.ts";
import { type VirtualSite, virtualSiteId } from "./virtual-site.ts";

/** How a node comes up: what its computer believes the time is (absent: the true time), and why it starts. */
export type NodeStart = { readonly wallMs?: number; readonly restart?: NodePorts["restart"] };

export type Said = { readonly atMs: number; readonly node: string; readonly key: string };

export type Host = {
  portsOf(node: string, life: Life, how: NodeStart): NodePorts;
  signsOf(
    node: string,
    life: Life,
  ): { say(key: string): void; beep(pattern: string): void; siren(on: boolean): void; lamp(state: string): void };
  /** the node's process is gone without a goodbye */
  died(node: string): void;
  readonly said: readonly Said[];
  readonly restarts: readonly string[];
};

export function createHost(given: {
  readonly seed: number;
  readonly startMs: number;
  readonly scheduler: VirtualScheduler;
  readonly site: VirtualSite;
  readonly bus: VirtualBus;
  /** nodes that may not trust their computer's clock */
  readonly withoutClock: ReadonlySet<string>;
}): Host {
  const { seed, startMs, scheduler, site, bus } = given;
  const disks = new Map<string, { files: NodeFiles; lines: readonly string[]; lives: number }>();
  const said: Said[] = [];
  const restarts: string[] = [];
  return {
    said,
    restarts,
    signsOf: (node, life) => ({
      say: (key) => life.alive && void said.push({ atMs: startMs + scheduler.nowMs(), node, key }),
      beep: (pattern) => life.alive && void said.push({ atMs: startMs + scheduler.nowMs(), node, key: `beep ${pattern}` }),
      siren: () => undefined,
      lamp: () => undefined,
    }),
    died: (node) => bus.drop(node, "died"),
    portsOf(node, life, how) {
      const disk = disks.get(node) ?? { files: createMemoryFiles(), lines: [], lives: 0 };
      const journal = createMemoryJournal(disk.lines);
      disks.set(node, { files: disk.files, lines: journal.kept, lives: disk.lives + 1 });
      const random = dice(seed, `node ${node} ${disk.lives}`);
      return {
        site: virtualSiteId,
        node,
        keys: { mac: site.macKeyOf(node), card: site.cardKey, hub: site.hubKey },
        clock: virtualClock(scheduler, startMs, life, {
          monoFromMs: scheduler.nowMs(),
          ...(how.wallMs === undefined ? {} : { wallMs: how.wallMs }),
        }),
        dice: (count) => bytesOf(random, count),
        log: silent,
        wire: bus.wireOf(node),
        journal,
        files: disk.files,
        builtMs: startMs - 86_400_000,
        trustSystemClock: !given.withoutClock.has(node),
        restart: how.restart ?? "start",
        rssBytes: () => 0,
        onRestart: (why) => void restarts.push(`${node} ${why}`),
      };
    },
  };
}
