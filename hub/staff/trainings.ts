/** What is taught, who waits for it, who may teach it, and whose training ends soon. */
import { localDateAt } from "#core";
import type { Stack } from "../stack.ts";
import type { CourseRow, TrainingsView } from "../views-staff.ts";
import { personOf } from "./names.ts";
import { stateOf } from "./people.ts";

type Book = Pick<Stack, "ledger">;

const dayMs = 86_400_000;
const wishDays = 30;
const expiringDays = 30;
const rowsMost = 200;

export function trainingsOf({ ledger: { read } }: Book, nowMs: number): TrainingsView {
  const { tz } = read.site();
  const today = localDateAt(tz, nowMs);
  const soon = Temporal.PlainDate.from(today).add({ days: expiringDays }).toString();
  const labels = new Map(read.courses().map(({ course, label }) => [course, label]));
  const named = (course: string) => ({ id: course, label: labels.get(course) ?? course });
  const members = read.members().filter(({ status }) => status === "active");
  const valid = members.flatMap(({ member }) =>
    read.trainings(member).filter((row) => row.result === "passed" && stateOf(row, today) === "valid"),
  );
  const has = new Set(valid.map(({ member, course }) => `${member} ${course}`));
  const classes = read.classes(nowMs).filter(({ isCancelled }) => !isCancelled);
  const taught = read.usage.courseClasses(nowMs, nowMs + 366 * dayMs);
  const isMember = new Set(members.map(({ member }) => member));
  return {
    courses: read.courses().map(({ course, label, validityMonths }): CourseRow => {
      const next = taught.find((row) => row.course === course);
      const at = classes.find(({ fromMs }) => fromMs === next?.fromMs);
      return {
        id: course,
        label,
        validityMonths,
        machines: read.resources().flatMap((row) => (row.course === course ? [{ id: row.id, label: row.label }] : [])),
        teachers: [
          ...new Set(read.usage.trainers(today).flatMap((one) => (one.course === null || one.course === course ? [one.member] : []))),
        ]
          .filter((member) => isMember.has(member))
          .map((member) => personOf(read, member)),
        valid: valid.filter((row) => row.course === course).length,
        nextClass:
          next === undefined
            ? null
            : {
                label: at?.label ?? label,
                fromMs: next.fromMs,
                free: next.seats === null ? null : Math.max(0, next.seats - next.enrolled.length),
              },
      };
    }),
    queue: queueOf({ ledger: { read } } as Book, nowMs, has)
      .slice(0, rowsMost)
      .map(({ member, course, atMs, times, signedUp }) => ({ who: personOf(read, member), course: named(course), atMs, times, signedUp })),
    expiring: valid
      .flatMap(({ member, course, validThrough }) =>
        validThrough !== null && validThrough <= soon ? [{ who: personOf(read, member), course: named(course), validThrough }] : [],
      )
      .sort((a, b) => (a.validThrough < b.validThrough ? -1 : 1))
      .slice(0, rowsMost),
    classes: classes.slice(0, rowsMost).map(({ class: name, label, fromMs, untilMs, enrolled }) => ({
      class: name,
      label,
      fromMs,
      untilMs,
      enrolled: enrolled.map((member) => personOf(read, member)),
    })),
  };
}

type Wish = { readonly member: number; readonly course: string; atMs: number; times: number; signedUp: string | null };

/** Whoever stood at a machine and was refused for want of its course, and whoever is signed up to learn it. */
function queueOf({ ledger: { read } }: Book, nowMs: number, has: ReadonlySet<string>): Wish[] {
  const wishes = new Map<string, Wish>();
  const wish = (member: number, course: string, atMs: number): Wish | undefined => {
    const key = `${member} ${course}`;
    if (has.has(key) || read.member(member)?.status !== "active") return undefined;
    const found = wishes.get(key) ?? { member, course, atMs, times: 0, signedUp: null };
    wishes.set(key, found);
    return found;
  };
  for (const { member, course, atMs } of read.usage.courseWishes(nowMs - wishDays * dayMs, nowMs + 1)) {
    const found = wish(member, course, atMs);
    if (found !== undefined) Object.assign(found, { atMs, times: found.times + 1 });
  }
  for (const { course, fromMs, enrolled } of read.usage.courseClasses(nowMs, nowMs + 366 * dayMs)) {
    for (const { member, signedUpMs } of enrolled) {
      const found = wish(member, course, signedUpMs ?? nowMs);
      if (found !== undefined) found.signedUp ??= new Date(fromMs).toISOString();
    }
  }
  return [...wishes.values()].sort((a, b) => b.atMs - a.atMs);
}
