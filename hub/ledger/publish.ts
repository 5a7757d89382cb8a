/**
 * Brings what nodes may know in line with what is recorded, and gives it versions: restrictions and configurations at once,
 * snapshots node by node, so that appends can pass in between. A version rises only when the content differs.
 */
import { createHash } from "node:crypto";
import type { Database } from "./database.ts";
import type { SiteFacts } from "./facts.ts";
import type { SiteKeys } from "./keys.ts";
import { readSite } from "./meta.ts";
import { configContent, restrictionsContent } from "./node-tables.ts";
import { readSiteFacts } from "./site-facts.ts";
import { type ChannelRow, compileContent, isDue, type PackedSnapshot, readChannels, type SnapshotContent, seal } from "./snapshots.ts";
import { readStandings, type Standings } from "./standings.ts";

type Announce =
  | { readonly kind: "snapshot"; readonly snapshot: PackedSnapshot }
  | { readonly kind: "published"; readonly version: number; readonly nodes: readonly string[] };
type Round = {
  readonly nowMs: number;
  readonly site: SiteFacts;
  readonly standings: Standings;
  readonly epoch: number;
  readonly siteName: string;
  readonly left: [string, ChannelRow[]][];
  readonly version: number;
};
type Published = { readonly version: number; readonly hash: string; readonly issuedMs: number };
type What = "snapshot" | "restrictions" | "config";

const retryMs = 1000;

export class Publisher {
  readonly keys: SiteKeys;
  private readonly announce: (what: Announce) => void;
  private wantedMs: number | null = null;
  private round: Round | null = null;
  private readonly sent = new Map<string, string>();
  private paused = false;

  constructor(keys: SiteKeys, announce: (what: Announce) => void) {
    this.keys = keys;
    this.announce = announce;
  }

  get hasWork(): boolean {
    return !this.paused && (this.wantedMs !== null || this.round !== null);
  }

  /** Something may have changed as of now. A round under way starts over: its facts are old. */
  begin(nowMs: number): void {
    this.wantedMs = nowMs;
    this.paused = false;
  }

  /** All that is to do, at once. */
  finish(db: Database): void {
    while (this.wantedMs !== null || this.round !== null) this.step(db);
  }

  /** After a failure of the disk: the round starts over in a second. */
  retryLater(wake: () => void): void {
    if (this.round !== null) this.wantedMs ??= this.round.nowMs;
    this.round = null;
    this.paused = true;
    setTimeout(() => {
      this.paused = false;
      wake();
    }, retryMs).unref();
  }

  /** One piece of work: the start of a round, or one node's snapshot. */
  step(db: Database): void {
    if (this.paused) return;
    if (this.wantedMs !== null) {
      this.startRound(db, this.wantedMs);
      this.wantedMs = null;
      return;
    }
    const next = this.round?.left.shift();
    if (this.round === null || next === undefined) {
      this.round = null;
      return;
    }
    this.publishSnapshot(db, this.round, next[0], next[1]);
  }

  private startRound(db: Database, nowMs: number): void {
    const { epoch, site: siteName, permissionVersion: version } = readSite(db);
    const nodes = db.all<{ node: string }>("SELECT node FROM nodes WHERE status <> 'revoked' ORDER BY node").map((row) => row.node);
    const changed = db.transaction(() => nodes.filter((node) => this.publishTables(db, node, version, nowMs)));
    if (changed.length > 0) this.announce({ kind: "published", version, nodes: changed });
    const channels = readChannels(db);
    const left = nodes.flatMap((node): [string, ChannelRow[]][] => {
      const rows = channels.get(node);
      return rows === undefined ? [] : [[node, rows]];
    });
    this.round = { nowMs, site: readSiteFacts(db, nowMs), standings: readStandings(db, nowMs), epoch, siteName, left, version };
  }

  /** True when the node's restrictions or configuration differ from what was published. */
  private publishTables(db: Database, node: string, version: number, nowMs: number): boolean {
    const tables = [
      ["restrictions", restrictionsContent(db, node)],
      ["config", configContent(db, node)],
    ] as const;
    let changed = false;
    for (const [what, content] of tables) {
      const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex");
      if (published(db, node, what)?.hash === hash) continue;
      publish(db, node, what, { version: Math.max(1, version), hash, issuedMs: nowMs });
      changed = true;
    }
    return changed;
  }

  private publishSnapshot(db: Database, round: Round, node: string, rows: readonly ChannelRow[]): void {
    const content = compileContent(node, rows, round.standings, round.site, round.epoch);
    const name = this.nameOf(db, round, content);
    const stamp = `${name.epoch}.${name.version}.${content.hash}`;
    if (this.sent.get(node) === stamp) return;
    const snapshot = seal(content, round.standings, { ...name, site: round.siteName }, this.keys.sign);
    this.sent.set(node, stamp);
    this.announce({ kind: "snapshot", snapshot });
    this.announce({ kind: "published", version: round.version, nodes: [node] });
  }

  /** The version of a content: the one it has, or the next. The stored time of issue makes the same bytes after a restart. */
  private nameOf(
    db: Database,
    round: Round,
    content: SnapshotContent,
  ): { readonly epoch: number; readonly version: number; readonly issuedMs: number } {
    const last = published(db, content.node, "snapshot");
    if (last !== undefined && last.hash === content.hash && !isDue(content, last.issuedMs, round.nowMs))
      return { epoch: round.epoch, ...last };
    const next = { version: (last?.version ?? 0) + 1, hash: content.hash, issuedMs: round.nowMs };
    db.transaction(() => publish(db, content.node, "snapshot", next));
    return { epoch: round.epoch, ...next };
  }
}

function published(db: Database, node: string, what: What): Published | undefined {
  return db.one<Published>("SELECT version, hash, issued_ms AS issuedMs FROM published WHERE node = ? AND what = ?", node, what);
}

function publish(db: Database, node: string, what: What, now: Published): void {
  db.run(
    `INSERT INTO published (node, what, version, hash, issued_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (node, what) DO UPDATE SET version = excluded.version, hash = excluded.hash, issued_ms = excluded.issued_ms`,
    node,
    what,
    now.version,
    now.hash,
    now.issuedMs,
  );
}
