/**
 * Reads all members in one pass and packs them: members with equal standing and equal cards fall into one class, and a card
 * becomes 24 bytes (card key, member, class). Ten thousand members stand in memory as rows only while they are read.
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
  type OverrideFact,
  type Standing,
} from "./facts.ts";
import type { TrainingFact } from "./facts-training.ts";
import { readSite } from "./meta.ts";
import { resourceThen } from "./places-of.ts";
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
  /** only of those who may still be too young for something */
  readonly birthDate: string | null;
  readonly hasPin: number;
  readonly moreTime: number;
};
type MemberTuple = readonly [number, MemberRow["status"], string, number | null, string | null, number, number];

/** Rows that belong to a member; SQLite gives all of one kind as one JSON text. */
type Rows = {
  memberships: MembershipFact;
  trainings: Omit<TrainingFact, "suspended"> & { readonly suspended: number };
  blocks: BlockFact;
  skills: { readonly role: "trainer" | "maintainer"; readonly scope: string | null };
  guests: { readonly host: number; readonly untilMs: number; readonly visits: number | null };
  visits: { readonly date: string };
  consents: { readonly guardian: number };
  classes: ClassFact;
  overrides: OverrideFact;
  uses: { readonly course: string; readonly lastMs: number };
};
type Found = { readonly [K in keyof Rows]: readonly Rows[K][] };
type Source = {
  /** field of the row → SQL */
  readonly fields: Readonly<Record<string, string>>;
  readonly from: string;
  readonly values: readonly SQLInputValue[];
  readonly order: string;
};

/** Times and courses that the queries need. */
type Times = {
  readonly nowMs: number;
  /** what was taken back since counts, and what was made since does not */
  readonly isPast: boolean;
  readonly tz: string;
  readonly today: string;
  /** born on this day or later: perhaps too young for something */
  readonly youngFrom: string;
  /** courses that lapse by disuse, as JSON; for the others nobody looks through the sessions */
  readonly lapsing: string;
};

function timesAt(db: Database, nowMs: number, isPast: boolean): Times {
  const { tz, adultAge } = readSite(db);
  const today = localToday(tz, nowMs);
  const revisions = [...readRevisions(db)];
  const oldest = Math.max(adultAge, ...revisions.flatMap(([, each]) => each.map((revision) => revision.minAge ?? 0)));
  const lapsing = revisions.filter(([, each]) => each.some((revision) => revision.currencyDays !== null)).map(([course]) => course);
  return {
    nowMs,
    isPast,
    tz,
    today,
    youngFrom: `${Number(today.slice(0, 4)) - oldest - 1}${today.slice(4)}`,
    lapsing: JSON.stringify(lapsing),
  };
}

/** Roles of an override's author at its place on a day (?2), in order: those of the member, and what they are qualified for there. */
export const authorRolesSql = `(SELECT json_group_array(role ORDER BY role) FROM (
  SELECT value AS role FROM members author, json_each(author.roles) WHERE author.member = overrides.by_member
  UNION SELECT role FROM qualifications q WHERE q.member = overrides.by_member AND (from_date IS NULL OR from_date <= ?2)
    AND (through IS NULL OR through >= ?2) AND (scope IS NULL OR scope = CASE role WHEN 'maintainer' THEN overrides.resource
      ELSE (SELECT course FROM resources r WHERE r.id = overrides.resource) END)))`;

const memberSql = `SELECT member, status, roles, waiver, CASE WHEN birth_date >= ? THEN birth_date END AS birthDate, pin IS NOT NULL AS hasPin,
  more_time AS moreTime FROM members`;

function sourcesAt({ nowMs, isPast, today, lapsing }: Times): { readonly [K in keyof Rows]: Source } {
  return {
    memberships: {
      fields: { plan: "plan", from: "from_date", validThrough: "valid_through", graceDays: "grace_days" },
      from: "memberships WHERE 1",
      values: [],
      order: "from_date, id",
    },
    trainings: {
      // The day matters only where disuse counts; without it members of one course share their facts.
      fields: {
        course: "course",
        rev: "rev",
        result: "result",
        on: "CASE WHEN course IN (SELECT value FROM json_each(?)) THEN on_date ELSE '' END",
        validThrough: "valid_through",
        suspended: "suspended_ms IS NOT NULL",
      },
      from: "records WHERE revoked_ms IS NULL AND result <> 'failed' AND on_date <= ?",
      values: [lapsing, today],
      order: "course, record",
    },
    blocks: {
      fields: { place: "place", through: "through" },
      from: `blocks WHERE ${isPast ? "at_ms <= ?2 AND (cleared_ms IS NULL OR cleared_ms > ?2)" : "cleared_ms IS NULL"}
        AND (through IS NULL OR through >= ?1)`,
      values: isPast ? [today, nowMs] : [today],
      order: "place, through",
    },
    skills: {
      fields: { role: "role", scope: "scope" },
      from: "qualifications WHERE (from_date IS NULL OR from_date <= ?) AND (through IS NULL OR through >= ?)",
      values: [today, today],
      order: "role, scope",
    },
    guests: { fields: { host: "host", untilMs: "until_ms", visits: "visits" }, from: "guests WHERE 1", values: [], order: "host" },
    visits: { fields: { date: "date" }, from: "visits WHERE date < ?", values: [today], order: "date" },
    consents: { fields: { guardian: "guardian" }, from: "guardians WHERE consent_ms IS NOT NULL", values: [], order: "guardian" },
    classes: {
      fields: { fromMs: `from_ms - ${classMarginMs}`, untilMs: `until_ms + ${classMarginMs}`, places: "json(places)" },
      from: "enrolments NATURAL JOIN classes WHERE cancelled_ms IS NULL AND until_ms > ?",
      values: [nowMs - classMarginMs],
      order: "from_ms, class",
    },
    overrides: {
      // Not when its author has left or is kept out meanwhile: then it is worth nothing. Their roles are those of now.
      fields: { resource: "resource", codes: "json(codes)", sinceMs: "at_ms", untilMs: "until_ms", by: `json(${authorRolesSql})` },
      from: `overrides WHERE ${isPast ? "(ended_ms IS NULL OR ended_ms > ?1)" : "ended_ms IS NULL"} AND at_ms <= ?1 AND until_ms > ?1
        AND by_member IN (SELECT m.member FROM members m WHERE m.status = 'active')
        AND by_member NOT IN (SELECT b.member FROM blocks b WHERE b.place IS NULL AND b.cleared_ms IS NULL
          AND (b.through IS NULL OR b.through >= ?2))`,
      values: [nowMs, today],
      order: "resource, override",
    },
    uses: {
      fields: { course: "course", lastMs: "last_ms" },
      from: `(SELECT s.member, r.course, max(coalesce(s.end_ms, ?)) AS last_ms FROM sessions s JOIN resources r ON r.id = ${resourceThen("s", "start_ms")}
        WHERE r.course IN (SELECT value FROM json_each(?)) AND s.start_ms <= ? GROUP BY s.member, r.course) WHERE 1`,
      values: [nowMs, lapsing, nowMs],
      order: "course",
    },
  };
}

function sqlOf({ fields, from, order }: Source, more: string): string {
  const object = Object.entries(fields).map(([field, sql]) => `'${field}', ${sql}`);
  return `SELECT member, json_group_array(json_object(${object.join(", ")}) ORDER BY ${order}) AS found FROM ${from} ${more}`;
}

/** The standing of every member, in order of their numbers; members of equal rows share one object. */
export function* eachStanding(db: Database, nowMs: number): Generator<readonly [number, Standing]> {
  const times = timesAt(db, nowMs, false);
  const sources = Object.entries(sourcesAt(times)).filter(([name]) => name !== "uses" || times.lapsing !== "[]");
  const texts = sources.map(([, source]) => follow(db, sqlOf(source, "GROUP BY member ORDER BY member"), source.values));
  const known = new Map<string, Standing>();
  const members = tuples<MemberTuple>(db, `${memberSql} ORDER BY member`, [times.youngFrom]);
  for (const [member, status, roles, waiver, birthDate, hasPin, moreTime] of members) {
    let name = `${status} ${roles} ${waiver} ${birthDate} ${hasPin} ${moreTime}`;
    for (const textOf of texts) name += `\n${textOf(member)}`;
    let standing = known.get(name);
    if (standing === undefined) {
      const [, ...found] = name.split("\n"); // JSON holds no line end of its own
      const rows = Object.fromEntries(sources.map(([source], i) => [source, found[i] === "" ? [] : JSON.parse(found[i] ?? "")]));
      standing = standingOf({ status, roles, waiver, birthDate, hasPin, moreTime }, rows as unknown as Partial<Found>, times);
      known.set(name, standing);
    }
    yield [member, standing];
  }
}

const cardSql = "SELECT member, card_key, status, valid_from, valid_through FROM cards ORDER BY member, card_key";
type CardTuple = readonly [number, string, CardFact["status"], string | null, string | null];

/** Every card of every member, also of those who would be refused, so that a node can say why. */
export function readStandings(db: Database, nowMs: number): Standings {
  const numberOf = numbered();
  const index = new Map<string, number>();
  const classes: StandingClass[] = [];
  const packed: Packed[] = [];
  const cards = tuples<CardTuple>(db, cardSql, []);
  let card = cards.next();
  for (const [member, standing] of eachStanding(db, nowMs)) {
    for (; card.done !== true && card.value[0] <= member; card = cards.next()) {
      const [, key, status, validFrom, validThrough] = card.value;
      const whole = `${status} ${validFrom} ${validThrough} ${numberOf(standing)}`;
      let number = index.get(whole);
      if (number === undefined) {
        number = classes.push({ standing, card: { status, validFrom, validThrough } }) - 1;
        index.set(whole, number);
      }
      packed.push({ key, member, class: number });
    }
  }
  return { cards: pack(packed), count: packed.length, classes };
}

/** Gives equal standings the same number; each object is written out once, because its text is long and members are many. */
function numbered(): (standing: Standing) => number {
  const known = new Map<Standing, number>();
  const texts = new Map<string, number>();
  return (standing) => {
    let number = known.get(standing);
    if (number === undefined) {
      const text = JSON.stringify(standing);
      number = texts.get(text) ?? texts.size;
      texts.set(text, number);
      known.set(standing, number);
    }
    return number;
  };
}

/**
 * Standing of one member, for questions about a person rather than a card. Of the past it tells what is recorded with its time: holds,
 * restrictions and overrides; everything else is as of today. A clock that was set back makes no past: `isPast` says so.
 */
export function readStanding(db: Database, member: number, nowMs: number, isPast = false): Standing | undefined {
  const times = timesAt(db, nowMs, isPast);
  const row = db.one<MemberRow>(`${memberSql} WHERE member = ?`, times.youngFrom, member);
  if (row === undefined) return undefined;
  const found = Object.entries(sourcesAt(times)).map(([name, source]): [string, unknown] => {
    const text = db.one<{ found: string }>(sqlOf(source, "AND member = ?"), ...source.values, member)?.found;
    return [name, text === undefined ? [] : JSON.parse(text)];
  });
  return standingOf(row, Object.fromEntries(found) as unknown as Found, times);
}

function standingOf(row: Omit<MemberRow, "member">, found: Partial<Found>, times: Times): Standing {
  const held = currentMembership(found.memberships ?? [], times.today);
  const guest = found.guests?.[0];
  const scopes = (role: Rows["skills"]["role"]): (string | null)[] => [
    ...new Set((found.skills ?? []).filter((skill) => skill.role === role).map((skill) => skill.scope)),
  ];
  return {
    status: row.status,
    blocks: found.blocks ?? [],
    roles: JSON.parse(row.roles),
    trains: scopes("trainer"),
    maintains: scopes("maintainer"),
    waiver: row.waiver,
    membership: held === null ? null : { plan: held.plan, from: held.from, validThrough: held.validThrough, graceDays: held.graceDays },
    trainings: (found.trainings ?? []).map((training) => ({ ...training, suspended: training.suspended === 1 })),
    lastUse: (found.uses ?? []).map(({ course, lastMs }) => ({ course, on: localToday(times.tz, lastMs) })),
    hasPin: row.hasPin === 1,
    moreTime: row.moreTime === 1,
    birthDate: row.birthDate,
    consent: row.birthDate !== null && (found.consents ?? []).length > 0,
    guest: guest === undefined ? null : guestOf(guest, found.visits?.length ?? 0),
    classes: found.classes ?? [],
    overrides: found.overrides ?? [],
  };
}

/** Visits of earlier days are used up; who has come today may come again today. */
const guestOf = ({ host, untilMs, visits }: Rows["guests"], before: number): GuestFact => ({
  host,
  untilMs,
  visitsLeft: visits === null ? null : Math.max(0, visits - before),
});

/** Rows as tuples, all at once: a third of the cost of objects one by one, and a large space is read at every change. */
function tuples<Tuple>(db: Database, sql: string, values: readonly SQLInputValue[]): Iterator<Tuple> & Iterable<Tuple> {
  const statement = db.raw.prepare(sql);
  statement.setReturnArrays(true);
  return (statement.all(...values) as unknown as Tuple[]).values();
}

/** Walks texts sorted by member beside the members: a rising number gives that member's text, or none. */
function follow(db: Database, sql: string, values: readonly SQLInputValue[]): (member: number) => string {
  const rows = tuples<readonly [number, string]>(db, sql, values);
  let waiting = rows.next();
  return (member) => {
    while (waiting.done !== true && waiting.value[0] < member) waiting = rows.next();
    return waiting.done !== true && waiting.value[0] === member ? waiting.value[1] : "";
  };
}

type Packed = { readonly key: string; readonly member: number; readonly class: number };
function pack(cards: Packed[]): Uint8Array {
  cards.sort((a, b) => (a.key < b.key ? -1 : 1));
  const bytes = new Uint8Array(new SharedArrayBuffer(cards.length * packedBytes));
  const table = Buffer.from(bytes.buffer); // writes hexadecimal digits in place
  cards.forEach((card, i) => {
    table.write(card.key, i * packedBytes, "hex");
    table.writeUInt32BE(card.member, i * packedBytes + 16);
    table.writeUInt32BE(card.class, i * packedBytes + 20);
  });
  return bytes;
}
