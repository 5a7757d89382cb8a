/**
 * Who is known to be in, and where: from doors taken, machines started and exits tapped. Soft evidence (domain.md D6): people tailgate
 * and leave by handles, so somebody counts for 14 hours at most, and nothing that protects a body rests on it alone.
 */
import type { EventBody } from "#contract";

/** Where somebody was last known to be. `cameMs`: when they last came in by a door; `isOut`: they have left the space since. */
export type Stay = { readonly zone: string | null; readonly sinceMs: number; readonly cameMs: number | null; readonly isOut: boolean };
/** Where the event's door or machine stands; a door leads from `fromZone` (null: outside) to `zone`. */
export type Place = { readonly zone: string | null; readonly fromZone: string | null };

/** The kinds of events that say where somebody is. */
export const presenceKinds = ["door.opened", "door.opened_again", "mach.session_started", "access.decided"] as const;

/**
 * What an event says of its people: the stays that are other than before. A node that was away tells late; what is known by then
 * of a later time stands.
 */
export function staysAfter(
  { evtMs, body }: { readonly evtMs: number; readonly body: EventBody },
  { zone, fromZone }: Place,
  stayOf: (member: number) => Stay | undefined,
): readonly (readonly [member: number, stay: Stay])[] {
  const each = (members: readonly number[], what: { zone: string | null; byDoor?: boolean; isOut?: boolean }) =>
    members.flatMap((member): readonly (readonly [number, Stay])[] => {
      const before = stayOf(member);
      if (member === 0 || (before !== undefined && before.sinceMs > evtMs)) return [];
      const cameMs = what.byDoor === true ? evtMs : (before?.cameMs ?? null);
      return [[member, { zone: what.zone, sinceMs: evtMs, cameMs, isOut: what.isOut ?? false }]];
    });
  switch (body.kind) {
    case "door.opened":
    case "door.opened_again":
      return each(body.who, { zone, byDoor: true });
    case "mach.session_started":
      return each([body.member], { zone });
    case "access.decided":
      return body.request === "exit" && body.outcome === "grant" ? each([body.member], { zone: fromZone, isOut: fromZone === null }) : [];
    default:
      return [];
  }
}

/** Those who count as being in: not known to have left, and their last sign is young enough. */
export const isIn = ({ sinceMs, isOut }: Stay, nowMs: number, expireMs: number): boolean => !isOut && nowMs - sinceMs < expireMs;
