/**
 * What the commands should do, told a second time and much more simply: lists of people and things in memory, no SQL, no facts, no
 * transactions. It shares nothing with the ledger but the names of commands and refusals.
 */
export type Outcome = "ok" | "NOT_FOUND" | "CONFLICT" | "BAD_INPUT";
/** A step: what is done, about whom, and two small numbers that say which. */
export type Step = { readonly what: string; readonly member: number; readonly a: number; readonly b: number };
export const whats = [
  ...["addHold", "clearHold", "restrict", "liftRestriction", "suspend", "activate", "setMembership", "endMembership"],
  ...["assignCard", "blockCard", "restoreCard", "grantTraining", "revokeTraining", "restoreTraining", "suspendTraining"],
  ...["resumeTraining", "undoTraining", "lockMachine", "unlockMachine", "addBooking", "cancelBooking", "restoreBooking"],
  ...["addCredit", "undoCredit", "addOverride", "endOverride", "setMode", "signWaiver", "session", "wait"],
];

export const steward = 3;
export const results = ["passed", "supervised_only", "failed"] as const;
export const statuses = ["lost", "stolen", "returned", "revoked"] as const;
export const kinds = ["maintenance", "oops", "fault"] as const;
export const modes = ["normal", "lockdown", "evacuate"] as const;
export const codes = ["OUTSIDE_OPENING_HOURS", "IN_USE", "OUT_OF_ORDER", "HOLD_ACTIVE"] as const;
const minute = 60_000;
const hour = 60 * minute;
export const overrideMs = [10 * minute, 2 * hour, 25 * hour] as const;
export const waitMs = [1000, 5 * minute, 11 * minute, 3 * hour] as const;

type Training = { result: (typeof results)[number]; atMs: number; suspended: boolean; revokedMs: number | null };
type Person = {
  suspended: boolean;
  held: boolean;
  restricted: boolean;
  /** days from today, inclusive; `to` 999 without an end */
  memberships: { from: number; to: number }[];
  trainings: Training[];
  credit: number;
  waiver: number | null;
};
type Booking = { slot: number; member: number; state: "confirmed" | "cancelled" };
type Entry = { member: number; cents: number; undone: boolean; reverses: boolean };
type Override = { member: number; code: string; atMs: number; untilMs: number; ended: boolean };

/** From noon the day lasts so long: what the calendar does is another test's matter. */
export const dayMs = 11 * hour;

export class Model {
  nowMs: number;
  private readonly startMs: number;
  readonly people = new Map<number, Person>();
  readonly cards = new Map<number, { member: number; status: string }>();
  readonly lockouts: string[] = [];
  readonly bookings: Booking[] = [];
  readonly entries: Entry[] = [];
  readonly overrides: Override[] = [];
  mode: string = "normal";

  constructor(nowMs: number, members: readonly number[]) {
    this.nowMs = nowMs;
    this.startMs = nowMs;
    for (const member of members)
      this.people.set(member, {
        suspended: false,
        held: false,
        restricted: false,
        memberships: [],
        trainings: [],
        credit: 0,
        waiver: null,
      });
  }

  /** What the command answers; the state changes when that is "ok". */
  do({ what, member, a, b }: Step): Outcome {
    const person = this.person(member);
    const live = person.trainings.filter((each) => each.revokedMs === null);
    switch (what) {
      case "addHold":
        person.held = true;
        return "ok";
      case "clearHold":
        return person.held ? this.done(() => (person.held = false)) : "NOT_FOUND";
      case "restrict":
        person.restricted = true;
        return "ok";
      case "liftRestriction":
        return person.restricted ? this.done(() => (person.restricted = false)) : "NOT_FOUND";
      case "suspend":
      case "activate":
        person.suspended = what === "suspend";
        return "ok";
      case "signWaiver":
        person.waiver = a === 0 ? null : a;
        return "ok";
      case "setMembership":
        return this.setMembership(person, a - 1, b === 3 ? 999 : a - 2 + b);
      case "endMembership":
        return this.endMembership(person, a - 1);
      case "assignCard":
      case "blockCard":
      case "restoreCard":
        return this.card(what, member, a, b);
      case "grantTraining":
        if (member === steward) return "BAD_INPUT"; // nobody signs off their own
        person.trainings.push({ result: results[a % 3] ?? "passed", atMs: this.nowMs, suspended: false, revokedMs: null });
        return "ok";
      case "revokeTraining":
        for (const each of live) each.revokedMs = this.nowMs;
        return live.length > 0 ? "ok" : "NOT_FOUND";
      case "restoreTraining":
        return this.restore(person);
      case "suspendTraining": {
        const open = live.filter((each) => !each.suspended);
        for (const each of open) each.suspended = true;
        return open.length > 0 ? "ok" : "NOT_FOUND";
      }
      case "resumeTraining": {
        const suspended = person.trainings.filter((each) => each.suspended);
        for (const each of suspended) each.suspended = false;
        return suspended.length > 0 ? "ok" : "NOT_FOUND";
      }
      case "undoTraining": {
        const last = live.at(-1);
        if (last === undefined) return "NOT_FOUND";
        if (this.nowMs - last.atMs > 10 * minute) return "CONFLICT";
        last.revokedMs = this.nowMs;
        return "ok";
      }
      default:
        return this.doThing({ what, member, a, b });
    }
  }

  private doThing({ what, member, a, b }: Step): Outcome {
    switch (what) {
      case "lockMachine":
        this.lockouts.push(kinds[a % 3] ?? "oops");
        return "ok";
      case "unlockMachine": {
        const left = this.lockouts.filter((kind) => b !== 0 && kind !== kinds[a % 3]);
        if (left.length === this.lockouts.length) return "CONFLICT";
        this.lockouts.splice(0, this.lockouts.length, ...left);
        return "ok";
      }
      case "addBooking":
        if (!this.isFree(a)) return "CONFLICT";
        this.bookings.push({ slot: a, member, state: "confirmed" });
        return "ok";
      case "cancelBooking": {
        const booking = this.bookings[a];
        if (booking === undefined) return "NOT_FOUND";
        return booking.state === "confirmed" ? this.done(() => (booking.state = "cancelled")) : "CONFLICT";
      }
      case "restoreBooking": {
        const booking = this.bookings[a];
        if (booking === undefined) return "NOT_FOUND";
        return booking.state === "cancelled" && this.isFree(booking.slot) ? this.done(() => (booking.state = "confirmed")) : "CONFLICT";
      }
      case "addCredit":
        return this.book(member, (a + 1) * 100, false);
      case "undoCredit": {
        const entry = this.entries[a];
        if (entry === undefined) return "NOT_FOUND";
        if (entry.undone || entry.reverses) return "CONFLICT";
        entry.undone = true;
        return this.book(entry.member, -entry.cents, true);
      }
      case "addOverride":
        return this.override(member, codes[a] ?? "IN_USE", overrideMs[b % 3] ?? hour);
      case "endOverride": {
        const given = this.overrides[a];
        if (given === undefined) return "NOT_FOUND";
        return given.ended || given.untilMs <= this.nowMs ? "CONFLICT" : this.done(() => (given.ended = true));
      }
      case "setMode":
        this.mode = modes[a % 3] ?? "normal";
        return "ok";
      case "session":
        for (const given of this.overrides) if (given.member === member && given.untilMs > this.nowMs) given.ended = true;
        return "ok";
      default:
        this.nowMs = Math.min(this.nowMs + (waitMs[a] ?? 1000), this.startMs + dayMs);
        return "ok";
    }
  }

  /** What is true now, in the order and the words of the test's view of the ledger. */
  view(): object {
    return {
      people: [...this.people].map(([member, person]) => ({
        member,
        status: person.suspended ? "suspended" : "active",
        hold: person.held,
        restricted: person.restricted,
        inMembership: person.memberships.some(({ from, to }) => from <= 0 && to >= 0),
        competence: levelOf(person.trainings),
        waiver: person.waiver,
        credit: person.credit,
        overrides: this.overridesOf(member),
      })),
      cards: [...this.cards].map(([card, held]) => [card, held.member, held.status]).sort(),
      lockouts: [...new Set(this.lockouts)].sort(),
      bookings: this.bookings.map(({ member, state }) => [member, state]),
      mode: this.mode,
    };
  }

  private person(member: number): Person {
    const found = this.people.get(member);
    if (found === undefined) throw new Error(`no member ${member}`);
    return found;
  }

  private done(change: () => unknown): "ok" {
    change();
    return "ok";
  }

  private isFree(slot: number): boolean {
    return !this.bookings.some((booking) => booking.slot === slot && booking.state === "confirmed");
  }

  private book(member: number, cents: number, reverses: boolean): "ok" {
    this.entries.push({ member, cents, undone: false, reverses });
    this.person(member).credit += cents;
    return "ok";
  }

  /** The new one takes over from its first day. */
  private setMembership(person: Person, from: number, to: number): Outcome {
    if (to < from) return "BAD_INPUT";
    person.memberships = person.memberships
      .filter((each) => each.from < from)
      .map((each) => ({ ...each, to: Math.min(each.to, from - 1) }));
    person.memberships.push({ from, to });
    return "ok";
  }

  private endMembership(person: Person, last: number): Outcome {
    const kept = person.memberships.filter((each) => each.from <= last);
    if (kept.length === person.memberships.length && !kept.some((each) => each.to > last)) return "NOT_FOUND";
    person.memberships = kept.map((each) => ({ ...each, to: Math.min(each.to, last) }));
    return "ok";
  }

  private card(what: string, member: number, card: number, status: number): Outcome {
    const held = this.cards.get(card);
    if (what === "assignCard") {
      const isFree = held === undefined || held.status === "returned" || (held.member === member && held.status === "active");
      if (!isFree) return "CONFLICT";
      return this.done(() => this.cards.set(card, { member, status: "active" }));
    }
    if (what === "blockCard") {
      if (held === undefined) return "NOT_FOUND";
      return this.done(() => (held.status = statuses[status] ?? "lost"));
    }
    if (held === undefined || held.status === "active") return "CONFLICT";
    return this.done(() => (held.status = "active"));
  }

  /** What was taken back last, all of it that went at that moment. */
  private restore(person: Person): Outcome {
    const lastMs = Math.max(...person.trainings.map((each) => each.revokedMs ?? -1));
    if (lastMs < 0) return "NOT_FOUND";
    for (const each of person.trainings) if (each.revokedMs === lastMs) each.revokedMs = null;
    return "ok";
  }

  private override(member: number, code: string, forMs: number): Outcome {
    if (member === steward) return "CONFLICT";
    if (forMs > 24 * hour) return "BAD_INPUT";
    const author = this.person(steward);
    const mayGive = code === "OUTSIDE_OPENING_HOURS" || code === "IN_USE"; // of the others one is a maintainer's, one nobody's
    if (!mayGive || author.suspended || author.held || author.restricted) return "CONFLICT";
    const open = this.overrides.filter((each) => each.member === member && !each.ended && each.untilMs > this.nowMs);
    if (open.length >= 8) return "CONFLICT";
    this.overrides.push({ member, code, atMs: this.nowMs, untilMs: this.nowMs + forMs, ended: false });
    return "ok";
  }

  private overridesOf(member: number): readonly (readonly [string, number])[] {
    const author = this.person(steward);
    if (author.suspended || author.held) return [];
    return this.overrides
      .filter((each) => each.member === member && !each.ended && each.untilMs > this.nowMs)
      .map((each) => [each.code, each.untilMs] as const);
  }
}

function levelOf(trainings: readonly Training[]): string {
  const live = trainings.filter((each) => each.revokedMs === null && each.result !== "failed");
  const counting = live.filter((each) => !each.suspended);
  if (counting.some((each) => each.result === "passed")) return "competent";
  if (counting.length > 0) return "trainee";
  return live.length > 0 ? "suspended" : "none";
}
