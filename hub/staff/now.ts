/** The lanes of `/now` that the live picture does not hold: who waits for staff, what comes soon, who is on duty. */
import { isOpen, nextChangeMs } from "#core";
import type { Stack } from "../stack.ts";
import type { Named, Need, NowLanes, Shift, Soon } from "../views-staff.ts";
import { labelOf, personOf } from "./names.ts";

const dayMs = 86_400_000;
/** Whoever is refused so often in so short a time will not find out alone. */
const deniedTimes = 3;
const deniedWithinMs = 900_000;
const unknownWithinMs = 1_800_000;
/** A part that nobody fetches by then is somebody's decoration. */
const doneWithinMs = dayMs;
const shownMost = 50;

type Book = Pick<Stack, "ledger">;

export function lanesOf(book: Book, nowMs: number): NowLanes {
  const { read } = book.ledger;
  const needs = [...locked(book), ...refusals(book, nowMs), ...jobsDone(book, nowMs), ...exceptions(book), ...requests(book, nowMs)];
  return {
    needs: needs.sort((a, b) => urgency(a) - urgency(b) || b.atMs - a.atMs).slice(0, shownMost),
    soon: soonOf(book, nowMs),
    shifts: read
      .shifts(nowMs)
      .filter(({ fromMs }) => fromMs < nowMs + dayMs)
      .slice(0, shownMost)
      .map((row): Shift => ({ ...row, who: personOf(read, row.member) })),
    roster: read.site().roster,
  };
}

const order: readonly Need["kind"][] = ["reported", "denied", "unknown_card", "check", "job_done", "exception", "booking"];
const urgency = ({ kind }: Need): number => order.indexOf(kind);

const need = (given: Pick<Need, "id" | "kind" | "atMs" | "where"> & Partial<Need>): Need => ({
  who: null,
  reason: null,
  count: 1,
  note: null,
  row: null,
  ...given,
});

/** A member has reported a problem, or a machine waits for a look before its next use. Faults are in the live picture. */
function locked({ ledger: { read } }: Book): Need[] {
  return read.lockouts().flatMap(({ lockout, kind, machine, reason, atMs, by }) => {
    if (kind !== "oops" && kind !== "check") return [];
    const member = /^member:(\d+)$/.exec(by)?.[1];
    const who = member === undefined ? null : personOf(read, Number(member));
    const where = labelOf(read, machine);
    return [need({ id: `lockout.${lockout}`, kind: kind === "oops" ? "reported" : "check", atMs, where, who, note: reason, row: lockout })];
  });
}

/** Who was refused again and again at one place and has not got in since; and cards that nobody knows. */
function refusals({ ledger: { read } }: Book, nowMs: number): Need[] {
  const found = new Map<string, Need>();
  const events = read.events({ kinds: ["access.decided"], fromMs: nowMs - unknownWithinMs, limit: 2000 }).reverse();
  for (const { node, ch, evtMs, body } of events) {
    if (body.kind !== "access.decided" || node === "hub") continue;
    const place = read.resourceAt(node, ch);
    const where: Named = { id: place?.id ?? ch, label: place?.label ?? ch };
    const unknown = body.reason === "UNKNOWN_CREDENTIAL";
    const id = `${unknown ? "card" : `denied.${body.member}`}.${where.id}`;
    if (body.outcome === "grant") found.delete(id);
    if (body.outcome !== "deny" || (!unknown && evtMs < nowMs - deniedWithinMs)) continue;
    const count = (found.get(id)?.count ?? 0) + 1;
    const who = body.member === 0 ? null : personOf(read, body.member);
    found.set(id, need({ id, kind: unknown ? "unknown_card" : "denied", atMs: evtMs, where, who, reason: body.reason, count }));
  }
  return [...found.values()].filter(({ kind, count }) => kind === "unknown_card" || count >= deniedTimes);
}

/** A job that ended by itself with nobody there, until somebody uses the machine again or unloads it. */
function jobsDone({ ledger: { read } }: Book, nowMs: number): Need[] {
  const found = new Map<string, Need>();
  const kinds = ["mach.job", "mach.session_started"] as const;
  for (const { node, ch, evtMs, body } of read.events({ kinds, fromMs: nowMs - doneWithinMs, limit: 2000 }).reverse()) {
    const place = read.resourceAt(node, ch);
    if (place === undefined) continue;
    found.delete(place.id);
    if (body.kind !== "mach.job" || (body.state !== "complete" && body.state !== "error")) continue;
    const last = read.sessions({ machine: place.id, toMs: evtMs + 1, limit: 1 })[0];
    const who = last === undefined || last.member === 0 ? null : personOf(read, last.member);
    const where: Named = { id: place.id, label: place.label };
    found.set(place.id, need({ id: `job.${place.id}.${evtMs}`, kind: "job_done", atMs: evtMs, where, who, note: body.state }));
  }
  return [...found.values()];
}

function exceptions({ ledger: { read } }: Book): Need[] {
  return read.exceptions({}).map(({ exception, member, resource, code, evtMs }) =>
    need({
      id: `exception.${exception}`,
      kind: "exception",
      atMs: evtMs,
      where: labelOf(read, resource),
      who: personOf(read, member),
      reason: code,
      row: exception,
    }),
  );
}

function requests({ ledger: { read } }: Book, nowMs: number): Need[] {
  return read.bookings(nowMs).flatMap(({ booking, machine, member, fromMs, state }) =>
    state === "requested"
      ? [
          need({
            id: `booking.${booking}`,
            kind: "booking",
            atMs: fromMs,
            where: labelOf(read, machine),
            who: member === null ? null : personOf(read, member),
            row: booking,
          }),
        ]
      : [],
  );
}

function soonOf({ ledger: { read } }: Book, nowMs: number): Soon[] {
  const untilMs = nowMs + dayMs;
  const bookings = read
    .bookings(nowMs)
    .filter(
      ({ state, class: ofClass, fromMs }) => (state === "confirmed" || state === "checked_in") && ofClass === null && fromMs < untilMs,
    )
    .map(
      ({ booking, machine, member, fromMs, untilMs: endMs }): Soon => ({
        id: `booking.${booking}`,
        kind: "booking",
        label: labelOf(read, machine).label,
        who: member === null ? null : personOf(read, member),
        fromMs,
        untilMs: endMs,
      }),
    );
  const classes = read
    .classes(nowMs)
    .filter(({ isCancelled, fromMs }) => !isCancelled && fromMs < untilMs)
    .map(
      (row): Soon => ({ id: `class.${row.class}`, kind: "class", label: row.label, who: null, fromMs: row.fromMs, untilMs: row.untilMs }),
    );
  return [...bookings, ...classes, ...hours({ ledger: { read } } as Book, nowMs)].sort((a, b) => a.fromMs - b.fromMs).slice(0, shownMost);
}

/** When the space closes, or opens again. */
function hours({ ledger: { read } }: Book, nowMs: number): Soon[] {
  const { openingHours, tz } = read.site();
  const schedule = read.schedules().find((row) => row.schedule === openingHours)?.hours;
  if (schedule === undefined) return [];
  const atMs = nextChangeMs(schedule, tz, nowMs);
  if (atMs === null || atMs > nowMs + dayMs) return [];
  const kind = isOpen(schedule, tz, nowMs) ? "closing" : "opening";
  return [{ id: "hours", kind, label: "", who: null, fromMs: atMs, untilMs: null }];
}
