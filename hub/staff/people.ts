/** People as staff look them up: a list to search, and one person with everything that binds them here. */
import { localDateAt } from "#core";
import type { MemberRow, Reads } from "../ledger/types.ts";
import type { TrainingRow } from "../ledger/types-rows.ts";
import type { Stack } from "../stack.ts";
import type { CaptureState, Choices, Part, PeopleQuery, PersonDetail, PersonRow } from "../views-staff.ts";
import { lineOf } from "./log.ts";
import { sessionLine } from "./machines.ts";
import { labelOf, personOf } from "./names.ts";

type Book = Pick<Stack, "ledger">;

const partMost = 50;
const endingDays = 30;
const visitsMost = 30;

export function peopleOf({ ledger: { read } }: Book, query: PeopleQuery, nowMs: number): Part<PersonRow> {
  const seen = read.usage.lastSeen(nowMs + 1);
  const { tz, locale } = read.site();
  const today = localDateAt(tz, nowMs);
  const { compare } = new Intl.Collator(locale, { sensitivity: "base", numeric: true });
  const asked = /^#?(\d{1,10})$/.exec(query.text.trim())?.[1];
  const byNumber = asked === undefined ? undefined : read.member(Number(asked));
  const found = byNumber === undefined ? read.members({ text: query.text.trim() }) : [byNumber];
  const rows = found
    .filter((row) => isShown(row, query.show, today, read))
    .sort((a, b) => compare(a.displayName, b.displayName) || a.member - b.member);
  const from = query.after === undefined ? 0 : rows.findIndex(({ member }) => member === Number(query.after)) + 1;
  const part = rows.slice(from, from + partMost);
  const last = part.at(-1);
  const plans = plansOf(read);
  return {
    rows: part.map((row) => rowOf(row, seen, plans)),
    next: last !== undefined && from + partMost < rows.length ? String(last.member) : null,
  };
}

function isShown(row: MemberRow, show: PeopleQuery["show"], today: string, read: Reads): boolean {
  switch (show) {
    case "all":
      return row.status !== "left";
    case "left":
      return row.status === "left";
    case "active":
      return row.status === "active" && row.plan !== null && (row.validThrough ?? "9") >= today;
    case "hold":
      return row.hold !== null || row.status === "suspended" || row.status === "banned";
    case "ending":
      return row.status === "active" && row.validThrough !== null && row.validThrough <= later(today, endingDays);
    case "no_training":
      return row.status === "active" && row.plan !== null && !read.trainings(row.member).some(({ result }) => result === "passed");
  }
}

const later = (date: string, days: number): string => Temporal.PlainDate.from(date).add({ days }).toString();

const plansOf = (read: Reads): ReadonlyMap<string, string> => new Map(read.plans().map(({ plan, label }) => [plan, label]));

const rowOf = (row: MemberRow, seen: ReadonlyMap<number, number>, plans: ReadonlyMap<string, string>): PersonRow => ({
  member: row.member,
  name: row.displayName === "" ? `#${row.member}` : row.displayName,
  status: row.status,
  plan: row.plan === null ? null : (plans.get(row.plan) ?? row.plan),
  validThrough: row.validThrough,
  cards: row.cards,
  hold: row.hold,
  roles: row.roles,
  lastSeenMs: seen.get(row.member) ?? null,
});

export function personDetail(book: Book, member: number, nowMs: number): PersonDetail | undefined {
  const { read } = book.ledger;
  const row = read.member(member);
  if (row === undefined) return undefined;
  const today = localDateAt(read.site().tz, nowMs);
  const plans = plansOf(read);
  const courses = new Map(read.courses().map(({ course, label }) => [course, label]));
  return {
    ...rowOf(row, read.usage.lastSeen(nowMs + 1), plans),
    locale: row.locale,
    birthDate: row.birthDate,
    cardList: read.cards(member).map(({ cardKey, label, status, statusSinceMs }) => ({ cardKey, label, status, sinceMs: statusSinceMs })),
    trainings: newestOf(read.trainings(member)).map((one) => ({
      course: { id: one.course, label: courses.get(one.course) ?? one.course },
      result: one.result,
      by: personOf(read, one.signedOffBy),
      on: one.on,
      validThrough: one.validThrough,
      state: stateOf(one, today),
    })),
    memberships: read
      .memberships(member)
      .map(({ plan, from, validThrough }) => ({ plan: { id: plan, label: plans.get(plan) ?? plan }, from, validThrough }))
      .reverse(),
    holds: read.blocks(member).map(({ place, reason, atMs, through }) => ({ place, reason, atMs, through })),
    visits: read
      .events({ member, kinds: ["access.decided"], limit: visitsMost * 2 })
      .flatMap((event) => (event.node === "hub" ? [] : [lineOf(read, event)]))
      .slice(0, visitsMost),
    sessions: read
      .sessions({ member, limit: visitsMost })
      .map((one) => ({ ...sessionLine(book, one), machine: labelOf(read, one.machine) })),
  };
}

/** Of each course what counts now: the last row about it. */
function newestOf(rows: readonly TrainingRow[]): TrainingRow[] {
  return [...new Map(rows.map((row) => [row.course, row])).values()];
}

export function stateOf(row: TrainingRow, today: string): PersonDetail["trainings"][number]["state"] {
  if (row.revokedMs !== null) return "revoked";
  if (row.result === "failed") return "failed";
  if (row.suspendedMs !== null) return "suspended";
  return row.validThrough !== null && row.validThrough < today ? "expired" : "valid";
}

export function choicesOf({ ledger: { read } }: Book): Choices {
  return {
    plans: read.plans().map(({ plan, label }) => ({ id: plan, label })),
    courses: read.courses().map(({ course, label }) => ({ id: course, label })),
    readers: read.resources().map(({ id, label }) => ({ id, label })),
  };
}

export function captureOf({ ledger: { read } }: Book, capture: number, nowMs: number): CaptureState | undefined {
  const row = read.capture(capture);
  if (row === undefined) return undefined;
  const { cardKey, refused, untilMs } = row;
  const state = cardKey !== null ? "done" : refused !== null ? "refused" : untilMs < nowMs ? "over" : "waiting";
  return { state, untilMs, refused };
}
