/** Short questions to the ledger, answered at once from the reading connection. */
import type { RunRecord, SessionRecord } from "#core";
import { readLookUps } from "./acts.ts";
import { brokenAudit, lastOf, readAudit } from "./audit.ts";
import { correctedEnd } from "./corrections.ts";
import type { Database } from "./database.ts";
import { readNextKeys, readOffer, windowUntilMs } from "./enrolment.ts";
import { queryEvents, readGaps, readQuarantine } from "./events.ts";
import { resourceFactsOf } from "./facts-resource.ts";
import { readSite } from "./meta.ts";
import { longMs } from "./migration-history.ts";
import { resourceThen } from "./places-of.ts";
import { rowReads } from "./reads-rows.ts";
import { screenReads } from "./screens.ts";
import { readSiteFacts } from "./site-facts.ts";
import { type ChannelRow, channelSql } from "./snapshots.ts";
import type { CardRow, LockoutRow, MemberRow, NodeRow, PlanRow, Reads, ResourceRow, SessionQuery, SessionRow } from "./types.ts";
import { usageReads } from "./usage-reads.ts";

const memberSql = `SELECT m.member, m.display_name AS displayName, m.locale, m.status, m.birth_date AS birthDate, m.more_time AS moreTime,
    m.external_ref AS externalRef, m.mail,
    (SELECT json_group_array(role) FROM (SELECT value AS role FROM json_each(m.roles) UNION SELECT role FROM qualifications q
      WHERE q.member = m.member AND coalesce(q.from_date, '') <= date('now') AND coalesce(q.through, '9') >= date('now') ORDER BY role)) AS roles,
    (SELECT reason FROM blocks b WHERE b.member = m.member AND place IS NULL AND cleared_ms IS NULL
      AND coalesce(through, '9') >= date('now') ORDER BY block DESC LIMIT 1) AS hold,
    s.plan, s.from_date AS "from", s.valid_through AS validThrough, coalesce(s.grace_days, 0) AS graceDays,
    (SELECT count(*) FROM cards c WHERE c.member = m.member AND c.status = 'active') AS cards
  FROM members m LEFT JOIN memberships s ON s.id =
    (SELECT id FROM memberships x WHERE x.member = m.member ORDER BY (x.from_date <= date('now')) DESC, x.from_date DESC LIMIT 1)`;
const cardSql = `SELECT card_key AS cardKey, member, label, status, valid_from AS validFrom, valid_through AS validThrough,
    status_since_ms AS statusSinceMs FROM cards`;
const lockoutSql =
  "SELECT lockout, machine, kind, mode, reason, at_ms AS atMs, by_actor AS by, taken_by AS takenBy FROM lockouts WHERE cleared_ms IS NULL";
const resourceSql = channelSql.replace(
  "next_step AS nextStep",
  "next_step AS nextStep, settings, fail_mode AS failMode, from_zone AS fromZone",
);
type StoredResource = ChannelRow & {
  readonly settings: string;
  readonly failMode: "safe" | "secure" | null;
  readonly fromZone: string | null;
};

type StoredNode = Omit<NodeRow, "accounts"> & { readonly accounts: string };
const nodeColumns = "SELECT node, kind, label, status, mac_serial AS macSerial, accounts FROM nodes";
const nodeRow = (row: StoredNode): NodeRow => ({ ...row, accounts: JSON.parse(row.accounts) as string[] });

export function makeReads(db: Database, nowMs: () => number): Reads {
  const member = (row: MemberRow & { readonly roles: unknown }): MemberRow => ({
    ...row,
    roles: JSON.parse(String(row.roles)),
    moreTime: Number(row.moreTime) === 1,
  });
  const resources = (where: string, ...values: string[]): ResourceRow[] => {
    const rows = db.all<StoredResource>(`${resourceSql} ${where} ORDER BY id`, ...values);
    if (rows.length === 0) return [];
    const site = readSiteFacts(db, nowMs());
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      label: row.label,
      node: row.node,
      ch: row.ch,
      course: row.course,
      zone: row.zone,
      fromZone: row.fromZone,
      failMode: row.failMode,
      facts: resourceFactsOf(row, site),
      settings: JSON.parse(row.settings),
    }));
  };
  const members = (query: { readonly text?: string; readonly limit?: number } = {}): MemberRow[] => {
    const pattern = `%${(query.text ?? "").replace(/[\\%_]/g, "\\$&")}%`;
    return db
      .all<MemberRow>(
        `${memberSql} WHERE m.display_name <> '' AND m.display_name LIKE ? ESCAPE '\\' ORDER BY m.member LIMIT ?`,
        pattern,
        query.limit ?? 100_000,
      )
      .map(member);
  };
  const oneMember = (ref: number): MemberRow | undefined => {
    const row = db.one<MemberRow>(`${memberSql} WHERE m.member = ?`, ref);
    return row === undefined ? undefined : member(row);
  };
  return {
    site: () => readSite(db),
    members,
    activeMembers: () => db.one<{ c: number }>("SELECT count(*) AS c FROM members WHERE status = 'active'")?.c ?? 0,
    member: oneMember,
    findMember: (text) => findMember(text, oneMember, members),
    cards: (ref) => db.all<CardRow>(`${cardSql} WHERE member = ? ORDER BY card_key`, ref),
    card: (cardKey) => db.one<CardRow>(`${cardSql} WHERE card_key = ?`, cardKey),
    ...rowReads(db),
    ...screenReads(db, nowMs),
    plans: () => readPlans(db),
    schedules: () =>
      db
        .all<{ schedule: string; hours: string }>("SELECT schedule, hours FROM schedules ORDER BY schedule")
        .map((row) => ({ ...row, hours: JSON.parse(row.hours) })),
    resources: () => resources(""),
    resource: (id) => resources("WHERE id = ?", id)[0],
    resourceAt: (node, ch) => resources("WHERE node = ? AND ch = ?", node, ch)[0],
    nodes: () => db.all<StoredNode>(`${nodeColumns} ORDER BY node`).map(nodeRow),
    node(node) {
      const row = db.one<StoredNode>(`${nodeColumns} WHERE node = ?`, node);
      return row === undefined ? undefined : nodeRow(row);
    },
    enrolUntilMs: () => windowUntilMs(db, nowMs()),
    nextKeys: () => readNextKeys(db),
    offer: (fp) => readOffer(db, fp, nowMs()),
    lockouts: (machine) =>
      machine === undefined
        ? db.all<LockoutRow>(`${lockoutSql} ORDER BY lockout`)
        : db.all<LockoutRow>(`${lockoutSql} AND machine = ? ORDER BY lockout`, machine),
    events: (query) => queryEvents(db, query),
    gaps: () => readGaps(db),
    quarantined: () => readQuarantine(db),
    audit: (limit) => readAudit(db, limit),
    versionOf: (command, target) => lastOf(db, target, command)?.n ?? 0,
    lookUps: (member, { before = Number.MAX_SAFE_INTEGER, limit }) => readLookUps(db, member, before, limit),
    brokenAudit: () => brokenAudit(db),
    sessions: (query) => readSessions(db, query),
    runs: (query) => readRuns(db, query),
    usage: usageReads(db),
  };
}

function findMember(
  text: string,
  byRef: (ref: number) => MemberRow | undefined,
  byText: Reads["members"],
): ReturnType<Reads["findMember"]> {
  const wanted = text.trim();
  if (/^#?\d{1,10}$/.test(wanted)) {
    const found = byRef(Number(wanted.replace("#", "")));
    return found === undefined ? { found: null, candidates: [] } : { found };
  }
  const candidates = byText({ text: wanted, limit: 20 });
  const exact = candidates.filter((row) => row.displayName.toLowerCase() === wanted.toLowerCase());
  const only = exact.length === 1 ? exact[0] : candidates.length === 1 ? candidates[0] : undefined;
  return only === undefined ? { found: null, candidates } : { found: only };
}

function readPlans(db: Database): PlanRow[] {
  const rows = db.all<{ plan: string; label: string; always: number; covers: string | null; schedule: string | null; finish: number }>(
    "SELECT plan, label, always, covers, schedule, unattended_may_finish AS finish FROM plans ORDER BY plan",
  );
  return rows.map(({ always, covers, finish, ...row }) => ({
    ...row,
    always: always === 1,
    covers: covers === null ? "everything" : JSON.parse(covers),
    unattendedMayFinish: finish === 1,
  }));
}

/** Sessions with the machine that hangs on their channel now; one whose machine is gone is named after its channel. */
function readSessions(db: Database, query: SessionQuery): SessionRow[] {
  // Whether one is open is a question about now, and its node's to answer.
  const corrected = query.open === undefined ? correctedEnd : "NULL";
  const end = `coalesce(${corrected}, s.end_ms)`;
  const select = `SELECT coalesce(r.id, s.ch) AS machine, s.record, s.start_ms AS startMs, s.session AS id, ${corrected} AS corrected,
       (SELECT count(*) FROM runs x WHERE x.node = s.node AND x.session = s.session) AS runs
     FROM sessions s LEFT JOIN resources r ON r.id = ${resourceThen("s", "start_ms")}`;
  const rows = readPlaced<Placed & { machine: string; record: string; runs: number; corrected: number | null }>(
    db,
    { select, end, order: "s.session" },
    query,
  );
  return rows.map((row) => {
    const record: SessionRecord = JSON.parse(row.record);
    const { session, node, ch, member, decision, provisional, busyMs, energyWh, phase, company, jobs, signedOffBy } = record;
    return {
      ...(company === undefined ? {} : { company }),
      ...(jobs === undefined ? {} : { jobs }),
      ...(signedOffBy === undefined ? {} : { signedOffBy }),
      session,
      node,
      ch,
      member,
      decision,
      provisional,
      busyMs,
      energyWh,
      phase,
      machine: row.machine,
      startedMs: record.startMs,
      endedMs: row.corrected ?? record.endMs,
      reason: row.corrected === null ? record.endReason : "corrected",
      runs: row.runs,
    };
  });
}

function readRuns(db: Database, query: SessionQuery): ReturnType<Reads["runs"]> {
  const select = `SELECT coalesce(r.id, s.ch) AS machine, s.record, s.start_ms AS startMs, s.run AS id
     FROM runs s LEFT JOIN resources r ON r.id = ${resourceThen("s", "start_ms")}`;
  const rows = readPlaced<Placed & { machine: string; record: string }>(
    db,
    { select, end: "s.end_ms", order: "s.run" },
    { ...query, member: undefined },
  );
  return rows.map((row) => ({ ...(JSON.parse(row.record) as RunRecord), machine: row.machine }));
}

type Placed = { readonly startMs: number; readonly id: string };
type Select = { readonly select: string; readonly end: string; readonly order: string };

/**
 * Newest first. Of one machine the places at which it was are asked one by one, each by its index: what began within 72 h of the time asked
 * for, and the few rows that are open or longer. Corrected ends lie within 72 h too (corrections.ts).
 */
function readPlaced<Row extends Placed>(
  db: Database,
  { select, end, order }: Select,
  query: Condition & { readonly limit: number },
): Row[] {
  const limit = Math.min(query.limit, 100_000);
  const { parts, values } = conditions("s", query, end);
  const read = (more: readonly string[], ...further: (string | number)[]): Row[] => {
    const all = [...parts, ...more];
    const where = all.length > 0 ? `WHERE ${all.join(" AND ")}` : "";
    return db.all<Row>(`${select} ${where} ORDER BY s.start_ms DESC, ${order} LIMIT ?`, ...values, ...further, limit);
  };
  if (query.machine === undefined) return read([]);
  const places = db.all<{ node: string; ch: string }>(
    "SELECT node, ch FROM resources WHERE id = ?1 UNION SELECT node, ch FROM former_places WHERE resource = ?1",
    query.machine,
  );
  const sinceMs = query.fromMs === undefined ? null : query.fromMs - longMs;
  const at = ["s.node = ?", "s.ch = ?"];
  const rows = places.flatMap(({ node, ch }) =>
    sinceMs === null
      ? read(at, node, ch)
      : [
          ...read([...at, "s.start_ms >= ?"], node, ch, sinceMs),
          ...read([...at, "s.start_ms < ?", `(s.end_ms IS NULL OR s.end_ms - s.start_ms > ${longMs})`], node, ch, sinceMs),
        ],
  );
  if (places.length === 1) return rows.slice(0, limit); // in order already: the second part is older than the first
  return rows.sort((a, b) => b.startMs - a.startMs || (a.id < b.id ? -1 : 1)).slice(0, limit);
}

type Condition = { readonly [K in keyof SessionQuery]?: SessionQuery[K] | undefined };

function conditions(table: "s", query: Condition, end: string): { readonly parts: string[]; readonly values: (string | number)[] } {
  const parts: string[] = [];
  const values: (string | number)[] = [];
  const add = (sql: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    parts.push(sql);
    values.push(value);
  };
  add("r.id = ?", query.machine);
  add(`${table}.member = ?`, query.member);
  add(`(${end} IS NULL OR ${end} > ?)`, query.fromMs);
  add(`${table}.start_ms < ?`, query.toMs);
  if (query.open !== undefined) parts.push(`${table}.end_ms IS ${query.open ? "" : "NOT "}NULL`);
  // Nobody will ever tell the end of one whose node was replaced meanwhile.
  if (query.open === true)
    parts.push(`NOT EXISTS (SELECT 1 FROM former_places f WHERE f.node = s.node AND f.ch = s.ch AND f.until_ms > s.start_ms)`);
  return { parts, values };
}
