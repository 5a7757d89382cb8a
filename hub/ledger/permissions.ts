/**
 * Permissions as the hub and its nodes use them: packed snapshots, and facts for the hub's own decisions read from the very
 * same bytes. Lockouts, checks and blocked cards must not wait for a snapshot: they are read again after every change.
 */
import type { ResourceFacts, Schedule, SubjectFacts } from "#contract";
import { isFreshCounter } from "./card-counters.ts";
import type { Database } from "./database.ts";
import { type Standing, subjectFactsOf } from "./facts.ts";
import { resourceFactsOf } from "./facts-resource.ts";
import { anyCard, memberFactsAt } from "./member-facts.ts";
import { readSite } from "./meta.ts";
import { configContent, restrictionsContent } from "./node-tables.ts";
import { pinIs } from "./pin.ts";
import { readSiteFacts } from "./site-facts.ts";
import { asCompiled, type ChannelRow, channelSql, findCard, type PackedSnapshot } from "./snapshots.ts";
import { eachStanding } from "./standings.ts";
import type { DecideFacts, EveryFacts, LockoutRow, Permissions } from "./types.ts";

/** Headers kept as objects: those of the nodes for which the hub decides right now; a few kilobytes each. */
const headersKept = 64;
type Header = {
  readonly channels: Readonly<Record<string, ResourceFacts>>;
  readonly schedules: readonly Schedule[];
  readonly profiles: readonly Readonly<Record<string, SubjectFacts>>[];
};

/** What forbids at once: kinds of lockouts and the check that is due, by machine, and the keys of cards that are lost, stolen or taken back. */
type Bans = {
  readonly lockouts: ReadonlyMap<string, readonly LockoutRow["kind"][]>;
  readonly checks: ReadonlyMap<string, { readonly rejected: boolean; readonly lastMember: number }>;
  readonly blocked: ReadonlySet<string>;
};

export class CompiledPermissions implements Permissions {
  private readonly db: Database;
  private bans: Bans | null = null;
  private readonly packed = new Map<string, PackedSnapshot>();
  private readonly headers = new Map<string, { readonly of: PackedSnapshot; readonly header: Header }>();

  constructor(db: Database) {
    this.db = db;
  }

  put(snapshot: PackedSnapshot): void {
    this.packed.set(snapshot.node, snapshot);
  }

  /** Something was recorded: by this hub's own command, or by another program. */
  changed(): void {
    this.bans = null;
  }

  snapshot(node: string): ReturnType<Permissions["snapshot"]> {
    const packed = this.packed.get(node);
    return packed === undefined ? undefined : asCompiled(packed);
  }

  decideFacts(node: string, ch: string, cardKey: string): DecideFacts | undefined {
    const packed = this.packed.get(node);
    if (packed === undefined) return undefined;
    const header = this.headerOf(packed);
    const resource = header.channels[ch];
    if (resource === undefined) return undefined;
    const card = findCard(packed.cards, cardKey);
    const facts = card === undefined ? undefined : header.profiles[packed.profileOf[card.class] ?? -1]?.[ch];
    const { epoch, version } = packed.manifest;
    return {
      resource,
      schedules: header.schedules,
      subject: card === undefined || facts === undefined ? null : { member: card.member, facts },
      ...this.bansOf(resource.id),
      revoked: this.bansNow().blocked.has(cardKey),
      snapshot: { epoch, version },
    };
  }

  memberFacts(member: number, resource: string, atMs: number): DecideFacts | undefined {
    const found = memberFactsAt(this.db, member, resource, atMs);
    if (found === undefined) return undefined;
    const { node, ...facts } = found;
    return {
      ...facts,
      ...this.bansOf(resource),
      revoked: false,
      snapshot: { epoch: readSite(this.db).epoch, version: this.packed.get(node)?.manifest.version ?? 0 },
    };
  }

  everyFacts(resources: readonly string[], atMs: number): EveryFacts[] {
    const site = readSiteFacts(this.db, atMs);
    const schedules = site.planSchedules.map((each) => site.schedules.get(each) ?? { intervals: [], special: [] });
    const standings = [...eachStanding(this.db, atMs)];
    return resources
      .flatMap((resource) => this.db.one<ChannelRow>(`${channelSql} WHERE id = ?`, resource) ?? [])
      .map((row) => {
        const known = new Map<Standing, SubjectFacts>();
        const members = standings.map(([member, standing]) => {
          const facts = known.get(standing) ?? subjectFactsOf(standing, anyCard, row, site);
          known.set(standing, facts);
          return [member, facts] as const;
        });
        return { resource: resourceFactsOf(row, site), schedules, members };
      });
  }

  async checkPin(member: number, pin: string): ReturnType<Permissions["checkPin"]> {
    const row = this.db.one<{ pin: string | null; duress: string | null }>(
      "SELECT pin, duress_pin AS duress FROM members WHERE member = ?",
      member,
    );
    if (row === undefined || row.pin === null) return "wrong";
    // side by side, whichever was typed: the time that it takes tells nobody
    const [isRight, isDuress] = await Promise.all([row.pin, row.duress].map((kept) => kept !== null && pinIs(kept, pin)));
    return isRight ? "right" : isDuress ? "duress" : "wrong";
  }

  isFreshCounter(node: string, cardKey: string, counter: number): boolean {
    return isFreshCounter(this.db, node, { card: cardKey, counter });
  }

  restrictions(node: string): ReturnType<Permissions["restrictions"]> {
    return { version: this.versionOf(node, "restrictions"), ...restrictionsContent(this.db, node) };
  }

  nodeConfig(node: string): ReturnType<Permissions["nodeConfig"]> {
    return { version: this.versionOf(node, "config"), ...configContent(this.db, node) };
  }

  private versionOf(node: string, what: "restrictions" | "config"): number {
    return this.db.one<{ version: number }>("SELECT version FROM published WHERE node = ? AND what = ?", node, what)?.version ?? 0;
  }

  private bansOf(machine: string): Pick<DecideFacts, "lockouts" | "check"> {
    const { lockouts, checks } = this.bansNow();
    const check = checks.get(machine);
    return { lockouts: lockouts.get(machine) ?? [], ...(check === undefined ? {} : { check }) };
  }

  private bansNow(): Bans {
    this.bans ??= readBans(this.db);
    return this.bans;
  }

  /** The header as objects, of the most recently asked nodes only. */
  private headerOf(packed: PackedSnapshot): Header {
    const known = this.headers.get(packed.node);
    if (known?.of === packed) {
      this.headers.delete(packed.node);
      this.headers.set(packed.node, known);
      return known.header;
    }
    // Our own bytes, made by the contract's encoder moments ago; the eight bytes before the JSON are magic and length.
    const header: Header = JSON.parse(Buffer.from(packed.head.subarray(8)).toString("utf8"));
    this.headers.delete(packed.node);
    this.headers.set(packed.node, { of: packed, header });
    const oldest = this.headers.keys().next().value;
    if (this.headers.size > headersKept && oldest !== undefined) this.headers.delete(oldest);
    return header;
  }
}

function readBans(db: Database): Bans {
  const lockouts = new Map<string, LockoutRow["kind"][]>();
  for (const { machine, kind } of db.all<Pick<LockoutRow, "machine" | "kind">>(
    "SELECT DISTINCT machine, kind FROM lockouts WHERE cleared_ms IS NULL ORDER BY machine, kind",
  )) {
    lockouts.set(machine, [...(lockouts.get(machine) ?? []), kind]);
  }
  const checks = db.all<{ machine: string; rejected: number; lastMember: number }>(
    "SELECT machine, rejected, last_member AS lastMember FROM checks",
  );
  const cards = db.all<{ cardKey: string }>("SELECT card_key AS cardKey FROM cards WHERE status <> 'active'");
  return {
    lockouts,
    checks: new Map(checks.map(({ machine, rejected, lastMember }) => [machine, { rejected: rejected === 1, lastMember }])),
    blocked: new Set(cards.map((row) => row.cardKey)),
  };
}
