/**
 * Reads all members in one pass and packs them: members with equal standing and equal cards fall into one class, and a card
 * becomes 24 bytes (card key, member, class). Ten thousand members never stand in memory as objects.
 */
import type { SQLInputValue } from "node:sqlite";
import { recordBytes } from "#contract";
import type { Database } from "./database.ts";
import { localToday } from "./dates.ts";
import {
  type BlockFact,
  type CardFact,
  type ClassFact,
  classMarginMs,
  currentMembership,
  type GuestFact,
  type MembershipFact,
  type Standing,
} from "./facts.ts";
import type { Revision, TrainingFact } from "./facts-training.ts";
import { readSite } from "./meta.ts";
import { readRevisions } from "./site-facts.ts";

export const packedBytes = recordBytes;
export type StandingClass = { readonly standing: Standing; readonly card: CardFact };
/** Cards sorted by key; `classes[i]` is what record field "class" i stands for. */
export type Standings = { readonly cards: Uint8Array; readonly count: number; readonly classes: readonly StandingClass[] };

type MemberRow = {
  readonly member: number;
  readonly status: Standing["status"];
  readonly roles: string;
  readonly waiver: number | null;
  readonly birthDate: string | null;
  readonly hasPin: number;
};
type CardRow = CardFact & { readonly cardKey: string };
type Skill = { readonly role: "trainer" | "maintainer"; readonly scope: string | null };

const memberSql = "SELECT member, status, roles, waiver, birth_date AS birthDate, pin IS NOT NULL AS hasPin FROM members";

/** Rows that belong to members: a query that begins with the member, its values, and what sorts the rows of one member. */
type Source = {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
  readonly order: string;
  readonly owner?: string;
  readonly group?: string;
};
type Rows = {
  memberships: MembershipFact;
  trainings: Omit<TrainingFact, "suspended"> & { readonly suspended: number };
  blocks: BlockFact;
  skills: Skill;
  guests: { readonly host: number; readonly untilMs: number; readonly visits: number | null };
  visits: { readonly date: string };
  consents: { readonly guardian: number };
  classes: Omit<ClassFact, "places"> & { readonly places: string };
  uses: { readonly course: string; readonly lastMs: number };
};

function sourcesAt(nowMs: number, today: string, courses: readonly string[]): { readonly [K in keyof Rows]: Source } {
  return {
    memberships: {
      sql: `SELECT member, plan, from_date AS "from", valid_through AS validThrough, grace_days AS graceDays FROM memberships WHERE 1`,
      values: [],
      order: "from_date, id",
    },
    trainings: {
      sql: `SELECT member, course, rev, result, on_date AS "on", valid_through AS validThrough, suspended_ms IS NOT NULL AS suspended
        FROM records WHERE revoked_ms IS NULL AND result <> 'failed' AND on_date <= ?`,
      values: [today],
      order: "course, record",
    },
    blocks: {
      sql: "SELECT member, place, through FROM blocks WHERE cleared_ms IS NULL AND (through IS NULL OR through >= ?)",
      values: [today],
      order: "place, through",
    },
    skills: {
      sql: `SELECT DISTINCT member, role, scope FROM qualifications
        WHERE (from_date IS NULL OR from_date <= ?1) AND (through IS NULL OR through >= ?1)`,
      values: [today],
      order: "role, scope",
    },
    guests: { sql: "SELECT member, host, until_ms AS untilMs, visits FROM guests WHERE 1", values: [], order: "host" },
    visits: { sql: "SELECT member, date FROM visits WHERE date < ?", values: [today], order: "date" },
    consents: { sql: "SELECT member, guardian FROM guardians WHERE consent_ms IS NOT NULL", values: [], order: "guardian" },
    classes: {
      sql: `SELECT e.member, c.from_ms - ${classMarginMs} AS fromMs, c.until_ms + ${classMarginMs} AS untilMs, c.places
        FROM enrolments e JOIN classes c ON c.class = e.class WHERE c.cancelled_ms IS NULL AND c.until_ms > ?`,
      values: [nowMs - classMarginMs],
      order: "fromMs, c.class",
      owner: "e.member",
    },
    uses: {
      sql: `SELECT s.member, r.course, max(coalesce(s.end_ms, ?)) AS lastMs FROM sessions s JOIN resources r ON r.node = s.node AND r.ch = s.ch
        WHERE r.course IN (SELECT value FROM json_each(?)) AND s.start_ms <= ?`,
      values: [nowMs, JSON.stringify(courses), nowMs],
      order: "r.course",
      owner: "s.member",
      group: "GROUP BY s.member, r.course",
    },
  };
}

/** Courses that lapse by disuse; for the others nobody looks through the sessions. */
const lapsing = (revisions: ReadonlyMap<string, readonly Revision[]>): string[] =>
  [...revisions].filter(([, each]) => each.some((revision) => revision.currencyDays !== null)).map(([course]) => course);

type Found = { readonly [K in keyof Rows]: readonly Rows[K][] };

/** Every card of every member, also of those who would be refused, so that a node can say why. */
export function readStandings(db: Database, nowMs: number): Standings {
  const site = readSite(db);
  const times: Times = { tz: site.tz, today: localToday(site.tz, nowMs), adultAge: site.adultAge };
  const revisions = readRevisions(db);
  const courses = lapsing(revisions);
  const sources = sourcesAt(nowMs, times.today, courses);
  const followed = Object.entries(sources).map(([name, source]) => [
    name,
    name === "uses" && courses.length === 0 ? () => [] : follow<object>(db, source),
  ]) as [keyof Rows, (member: number) => object[]][];
  const cards = follow<CardRow>(db, {
    sql: "SELECT member, card_key AS cardKey, status, valid_from AS validFrom, valid_through AS validThrough FROM cards WHERE 1",
    values: [],
    order: "card_key",
  });
  const index = new Map<string, number>();
  const classes: StandingClass[] = [];
  const packed: { key: string; member: number; class: number }[] = [];
  for (const row of db.prepare(`${memberSql} ORDER BY member`).iterate()) {
    const member = row as unknown as MemberRow;
    const found = Object.fromEntries(followed.map(([name, of]) => [name, of(member.member)])) as unknown as Found;
    const standing = standingOf(member, found, times, revisions);
    for (const card of cards(member.member)) {
      const fact: CardFact = { status: card.status, validFrom: card.validFrom, validThrough: card.validThrough };
      const name = JSON.stringify([standing, fact]);
      let number = index.get(name);
      if (number === undefined) {
        number = classes.push({ standing, card: fact }) - 1;
        index.set(name, number);
      }
      packed.push({ key: card.cardKey, member: member.member, class: number });
    }
  }
  return { cards: pack(packed), count: packed.length, classes };
}

/** Standing of one member, for questions about a person rather than a card. */
export function readStanding(db: Database, member: number, nowMs: number): Standing | undefined {
  const row = db.one<MemberRow>(`${memberSql} WHERE member = ?`, member);
  if (row === undefined) return undefined;
  const site = readSite(db);
  const times: Times = { tz: site.tz, today: localToday(site.tz, nowMs), adultAge: site.adultAge };
  const revisions = readRevisions(db);
  const sources = sourcesAt(nowMs, times.today, lapsing(revisions));
  const found = Object.fromEntries(
    Object.entries(sources).map(([name, { sql, values, order, owner = "member", group = "" }]: [string, Source]) => [
      name,
      db.all<object>(`${sql} AND ${owner} = ? ${group} ORDER BY ${order}`, ...values, member),
    ]),
  ) as unknown as Found;
  return standingOf(row, found, times, revisions);
}

type Times = { readonly tz: string; readonly today: string; readonly adultAge: number };

function standingOf(row: MemberRow, found: Found, times: Times, revisions: ReadonlyMap<string, readonly Revision[]>): Standing {
  const held = currentMembership(found.memberships, times.today);
  const guest = found.guests[0];
  const scopes = (role: Skill["role"]) => found.skills.filter((skill) => skill.role === role).map((skill) => skill.scope);
  return {
    status: row.status,
    blocks: found.blocks.map(({ place, through }) => ({ place, through })),
    roles: JSON.parse(row.roles),
    trains: scopes("trainer"),
    maintains: scopes("maintainer"),
    waiver: row.waiver,
    membership: held === null ? null : { plan: held.plan, from: held.from, validThrough: held.validThrough, graceDays: held.graceDays },
    trainings: found.trainings.map(({ course, rev, result, on, validThrough, suspended }) => ({
      course,
      rev,
      result,
      // The day matters only where disuse counts; without it members of one course share their facts.
      on: lapsesIn(revisions, course) ? on : "",
      validThrough,
      suspended: suspended === 1,
    })),
    lastUse: found.uses.map(({ course, lastMs }) => ({ course, on: localToday(times.tz, lastMs) })),
    hasPin: row.hasPin === 1,
    birthDate: isYoung(row.birthDate, times, revisions) ? row.birthDate : null,
    consent: isYoung(row.birthDate, times, revisions) && found.consents.length > 0,
    guest: guest === undefined ? null : guestOf(guest, found.visits.length),
    classes: found.classes.map(({ fromMs, untilMs, places }) => ({ fromMs, untilMs, places: JSON.parse(places) })),
  };
}

const lapsesIn = (revisions: ReadonlyMap<string, readonly Revision[]>, course: string): boolean =>
  revisions.get(course)?.some((revision) => revision.currencyDays !== null) ?? false;

/** Visits of earlier days are used up; who has come today may come again today. */
const guestOf = ({ host, untilMs, visits }: Rows["guests"], before: number): GuestFact => ({
  host,
  untilMs,
  visitsLeft: visits === null ? null : Math.max(0, visits - before),
});

/** Younger than the adult age or than any course asks for; others need no birthday in their facts. */
function isYoung(birthDate: string | null, { today, adultAge }: Times, revisions: ReadonlyMap<string, readonly Revision[]>): boolean {
  if (birthDate === null) return false;
  const ages = [...revisions.values()].flat().map((revision) => revision.minAge ?? 0);
  const oldest = Math.max(adultAge, ...ages);
  return Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4)) <= oldest + 1;
}

type Owned = { readonly member: number };

/** Walks rows sorted by member beside the members: asked for a rising number, gives that member's rows. */
function follow<Row>(db: Database, { sql, values, order, owner = "member", group = "" }: Source): (member: number) => (Row & Owned)[] {
  const rows = db.prepare(`${sql} ${group} ORDER BY ${owner}, ${order}`).iterate(...values);
  const pull = (): (Row & Owned) | undefined => {
    const step = rows.next();
    return step.done === true ? undefined : (step.value as unknown as Row & Owned);
  };
  let waiting = pull();
  return (member) => {
    const found: (Row & Owned)[] = [];
    while (waiting !== undefined && waiting.member <= member) {
      if (waiting.member === member) found.push(waiting);
      waiting = pull();
    }
    return found;
  };
}

function pack(cards: { readonly key: string; readonly member: number; readonly class: number }[]): Uint8Array {
  cards.sort((a, b) => (a.key < b.key ? -1 : 1));
  const bytes = new Uint8Array(new SharedArrayBuffer(cards.length * packedBytes));
  const view = new DataView(bytes.buffer);
  cards.forEach((card, i) => {
    bytes.set(Uint8Array.fromHex(card.key), i * packedBytes);
    view.setUint32(i * packedBytes + 16, card.member);
    view.setUint32(i * packedBytes + 20, card.class);
  });
  return bytes;
}
