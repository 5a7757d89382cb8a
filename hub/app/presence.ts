/**
 * Who is known to be in, and where: from doors taken, machines started and exits tapped. Soft evidence (domain.md D6): people tailgate
 * and leave by handles, so somebody counts for 14 hours at most, and nothing that protects a body rests on it alone.
 */
import { hubDefaults } from "#core";
import type { LedgerEvent, Registry, Resource } from "../ports.ts";

type Stay = { readonly zone: string | null; readonly sinceMs: number; readonly cameMs: number | null };

export type Presence = {
  events(events: readonly LedgerEvent[]): void;
  /** members known to be in the zone or in one within it; null stands for the whole space */
  within(zone: string | null, nowMs: number): ReadonlySet<number>;
  /** when the member last came in by a door */
  cameMs(member: number): number | null;
};

export function createPresence(
  registry: Registry,
  resourceAt: (node: string, ch: string) => Resource | undefined,
  nowMs: number,
): Presence {
  const stays = new Map<number, Stay>();

  const apply = (event: LedgerEvent): void => {
    const { body } = event;
    const resource = resourceAt(event.node, event.ch);
    if (resource === undefined) return;
    const enter = (member: number, byDoor: boolean): void => {
      if (member === 0) return;
      const cameMs = byDoor ? event.evtMs : (stays.get(member)?.cameMs ?? null);
      stays.set(member, { zone: resource.zone, sinceMs: event.evtMs, cameMs });
    };
    if (body.kind === "door.opened" || body.kind === "door.opened_again") for (const member of body.who) enter(member, true);
    else if (body.kind === "mach.session_started") enter(body.member, false);
    else if (body.kind === "access.decided" && body.request === "exit" && body.outcome === "grant") {
      if (resource.fromZone === null) stays.delete(body.member);
      else stays.set(body.member, { zone: resource.fromZone, sinceMs: event.evtMs, cameMs: stays.get(body.member)?.cameMs ?? null });
    }
  };
  for (const event of registry.eventsSince(nowMs - dayMs, arrivalKinds)) apply(event);

  return {
    events: (events) => events.forEach(apply),
    within(zone, atMs) {
      const parents = registry.zones();
      const found = new Set<number>();
      for (const [member, stay] of stays) {
        if (atMs - stay.sinceMs < hubDefaults.presenceExpireMs && isWithin(stay.zone, zone, parents)) found.add(member);
      }
      return found;
    },
    cameMs: (member) => stays.get(member)?.cameMs ?? null,
  };
}

const arrivalKinds = ["door.opened", "door.opened_again", "mach.session_started", "access.decided"] as const;
const dayMs = 25 * 3_600_000; // the longest local day: whoever came today is among them

function isWithin(at: string | null, zone: string | null, parents: ReadonlyMap<string, string | null>): boolean {
  if (zone === null) return true;
  const seen = new Set<string>();
  for (let here: string | null = at; here !== null && !seen.has(here); here = parents.get(here) ?? null) {
    if (here === zone) return true;
    seen.add(here);
  }
  return false;
}
