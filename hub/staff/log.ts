/** The log of everything that happened, a line at a time, newest first. Words are put to it where it is read. */
import type { EventBody, EventKind } from "#contract";
import type { Reads, StoredEvent } from "../ledger/types.ts";
import type { LogGroup, LogLine, LogQuery, Part } from "../views-staff.ts";
import { personOf } from "./names.ts";

export const logPartMost = 50;
/** how many events one answer looks through for lines of the group asked for */
const lookMost = 2000;

const access: readonly EventKind[] = ["access.decided", "access.duress", "card.suspect", "card.captured"];
const sessions: readonly EventKind[] = ["mach.session_started", "mach.session_closed", "mach.signed_off", "mach.job", "mach.checked"];
const alarms: readonly EventKind[] = [
  ...(["door.forced_open", "door.held_open", "door.jam", "door.tamper", "access.duress", "card.suspect", "mach.unattributed_use"] as const),
  ...(["mach.fault", "mach.current_while_off", "mach.verify_failed", "mach.manual_bypass", "mach.oops"] as const),
  ...(["mach.safety_input", "mach.meter_lost", "mach.bad_poweroff"] as const),
];
const nodes: readonly EventKind[] = ["node.boot", "node.gap", "node.board", "node.reader", "node.clock"];
const kindsOf: Readonly<Record<LogGroup, readonly EventKind[]>> = {
  all: [...new Set([...access, ...sessions, ...alarms, ...nodes])],
  refused: ["access.decided"],
  access,
  sessions,
  alarms,
  nodes,
};

export function logOf(read: Reads, query: LogQuery): Part<LogLine> {
  const place = query.place === undefined ? undefined : read.resource(query.place);
  if (query.place !== undefined && place === undefined) return { rows: [], next: null };
  const events = read.events({
    kinds: kindsOf[query.group],
    ...(place === undefined ? {} : { node: place.node, ch: place.ch }),
    ...(query.member === undefined ? {} : { member: query.member }),
    ...(query.beforeMs === undefined ? {} : { toMs: query.beforeMs }),
    limit: lookMost,
  });
  const shown = events.filter((event) => isShown(event, query.group));
  const rows = shown.slice(0, logPartMost).map((event) => lineOf(read, event));
  const last = rows.at(-1);
  const isMore = shown.length > logPartMost || events.length === lookMost;
  return { rows, next: isMore && last !== undefined ? String(last.atMs) : null };
}

/** The hub's own record of an answer comes again in the words of the node that asked. */
function isShown({ node, body }: StoredEvent, group: LogGroup): boolean {
  if (node === "hub" && body.kind === "access.decided") return false;
  return group !== "refused" || (body.kind === "access.decided" && body.outcome === "deny");
}

export function lineOf(read: Reads, event: StoredEvent): LogLine {
  const { body, ch, node, evtMs } = event;
  const shownAt = (body.kind === "card.suspect" || body.kind === "access.duress" ? body.node : undefined) ?? node;
  const place = read.resourceAt(shownAt, ch);
  const decision = body.kind === "access.decided" ? body : undefined;
  const member = memberOf(read, event);
  return {
    id: String(event.n),
    atMs: evtMs,
    kind: body.kind,
    where: { id: place?.id ?? shownAt, label: place?.label ?? read.node(shownAt)?.label ?? shownAt },
    who: member === 0 ? null : personOf(read, member),
    outcome: decision?.outcome ?? null,
    request: decision?.request ?? null,
    reason: decision?.reason ?? null,
    also: decision?.also ?? [],
    detail: detailOf(body),
    busyMs: body.kind === "mach.session_closed" ? body.busyMs : null,
    energyWh: body.kind === "mach.session_closed" ? body.energyWh : null,
  };
}

/** A closed session names no member: whoever began it, did. */
function memberOf(read: Reads, { node, evtMs, body }: StoredEvent): number {
  if ("member" in body && typeof body.member === "number") return body.member;
  if (body.kind !== "mach.session_closed") return 0;
  const found = read.sessions({ fromMs: evtMs - 1, toMs: evtMs + 1, limit: 200 });
  return found.find((row) => row.node === node && row.session === body.session)?.member ?? 0;
}

function detailOf(body: EventBody): string | null {
  switch (body.kind) {
    case "mach.session_closed":
      return body.reason;
    case "mach.fault":
      return body.cause;
    case "mach.job":
      return body.state;
    case "mach.checked":
      return body.accepted ? "accepted" : "rejected";
    case "mach.signed_off":
      return body.undone ? "undone" : "signed";
    case "node.boot":
      return body.restart;
    case "node.board":
    case "node.reader":
      return body.state;
    case "node.clock":
      return body.quality;
    case "card.suspect":
      return body.why;
    default:
      return null;
  }
}
