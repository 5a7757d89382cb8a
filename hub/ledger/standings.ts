/**
 * Reads all members in one pass and packs them: members with equal standing and equal cards fall into one class, and a card
 * becomes 24 bytes (card key, member, class). Ten thousand members never stand in memory as objects.
 */
import { recordBytes } from "#contract";
import type { Database } from "./database.ts";
import { DayCache, localToday } from "./dates.ts";
import {
  type CardFact,
  currentMembership,
  type MembershipFact,
  type Plan,
  type SiteFacts,
  type Standing,
  type TrainingFact,
} from "./facts.ts";
import { readSite } from "./meta.ts";

export const packedBytes = recordBytes;
export type StandingClass = { readonly standing: Standing; readonly card: CardFact };
/** Cards sorted by key; `classes[i]` is what record field "class" i stands for. */
export type Standings = { readonly cards: Uint8Array; readonly count: number; readonly classes: readonly StandingClass[] };

export function readSiteFacts(db: Database, nowMs: number): SiteFacts {
  const site = readSite(db);
  const plans = new Map<string, Plan>();
  for (const row of db.all<{ plan: string; always: number; covers: string | null; schedule: string | null }>(
    "SELECT plan, always, covers, schedule FROM plans",
  )) {
    const covers = row.covers === null ? null : new Set<string>(JSON.parse(row.covers));
    plans.set(row.plan, { plan: row.plan, always: row.always === 1, covers, schedule: row.schedule });
  }
  const schedules = db.all<{ schedule: string; hours: string }>("SELECT schedule, hours FROM schedules ORDER BY schedule");
  const used = new Set([...plans.values()].map((plan) => plan.schedule));
  return {
    nowMs,
    tz: site.tz,
    days: new DayCache(site.tz),
    waiverRevision: site.waiverRevision,
    plans,
    schedules: new Map(schedules.map((row) => [row.schedule, JSON.parse(row.hours)])),
    planSchedules: schedules.map((row) => row.schedule).filter((name) => used.has(name)),
    openingHours: site.openingHours,
  };
}

type MemberRow = {
  readonly member: number;
  readonly status: Standing["status"];
  readonly roles: string;
  readonly waiver: number | null;
  readonly hold: string | null;
};
type CardRow = CardFact & { readonly member: number; readonly cardKey: string };

const memberSql = "SELECT member, status, roles, waiver, hold FROM members";
const membershipSql = `SELECT member, plan, from_date AS "from", valid_through AS validThrough, grace_days AS graceDays FROM memberships`;
const trainingSql = "SELECT member, course, level, valid_through AS validThrough FROM trainings WHERE revoked_ms IS NULL";
const restrictionSql = "SELECT member, resource FROM restrictions";
const cardSql = "SELECT member, card_key AS cardKey, status, valid_from AS validFrom, valid_through AS validThrough FROM cards";

/** Every card of every member, also of those who would be refused, so that a node can say why. */
export function readStandings(db: Database, nowMs: number): Standings {
  const today = localToday(readSite(db).tz, nowMs);
  const memberships = follow<MembershipFact>(db, `${membershipSql} ORDER BY member, from_date, id`);
  const trainings = follow<TrainingFact>(db, `${trainingSql} ORDER BY member, course, id`);
  const restrictions = follow<{ resource: string }>(db, `${restrictionSql} ORDER BY member, resource`);
  const cards = follow<CardRow>(db, `${cardSql} ORDER BY member, card_key`);
  const index = new Map<string, number>();
  const classes: StandingClass[] = [];
  const packed: { key: string; member: number; class: number }[] = [];
  for (const row of db.prepare(`${memberSql} ORDER BY member`).iterate()) {
    const member = row as unknown as MemberRow;
    const standing = standingOf(member, memberships(member.member), trainings(member.member), restrictions(member.member), today);
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
  const memberships = db.all<MembershipFact & Owned>(`${membershipSql} WHERE member = ? ORDER BY from_date, id`, member);
  const trainings = db.all<TrainingFact & Owned>(`${trainingSql} AND member = ? ORDER BY course, id`, member);
  const restrictions = db.all<{ resource: string } & Owned>(`${restrictionSql} WHERE member = ? ORDER BY resource`, member);
  return standingOf(row, memberships, trainings, restrictions, localToday(readSite(db).tz, nowMs));
}

function standingOf(
  row: MemberRow,
  memberships: readonly MembershipFact[],
  trainings: readonly TrainingFact[],
  restrictions: readonly { readonly resource: string }[],
  today: string,
): Standing {
  const held = currentMembership(memberships, today);
  return {
    status: row.status,
    hold: row.hold !== null,
    roles: JSON.parse(row.roles),
    waiver: row.waiver,
    membership: held === null ? null : { plan: held.plan, from: held.from, validThrough: held.validThrough, graceDays: held.graceDays },
    trainings: trainings.map(({ course, level, validThrough }) => ({ course, level, validThrough })),
    restricted: restrictions.map((restriction) => restriction.resource),
  };
}

type Owned = { readonly member: number };

/** Walks rows sorted by member beside the members: asked for a rising number, gives that member's rows. */
function follow<Row>(db: Database, sql: string): (member: number) => (Row & Owned)[] {
  const rows = db.prepare(sql).iterate();
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
