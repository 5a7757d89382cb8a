/** Who is known to be in at this moment (core/presence.ts), for the decisions that ask. */
import { hubDefaults, isIn, presenceKinds, registerWith, type Stay, staysAfter } from "#core";
import type { LedgerEvent, Registry, Resource } from "../ports.ts";

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
    const resource = resourceAt(event.node, event.ch);
    if (resource === undefined) return;
    for (const [member, stay] of staysAfter(event, resource, (one) => stays.get(one))) stays.set(member, stay);
  };
  for (const event of registry.eventsSince(nowMs - dayMs, presenceKinds)) apply(event);

  return {
    events: (events) => events.forEach(apply),
    within(zone, atMs) {
      const parents = registry.zones();
      const { presenceExpireMs } = registerWith(hubDefaults, registry.site().settings);
      const found = new Set<number>();
      for (const [member, stay] of stays) {
        if (isIn(stay, atMs, presenceExpireMs) && isWithin(stay.zone, zone, parents)) found.add(member);
      }
      return found;
    },
    cameMs: (member) => stays.get(member)?.cameMs ?? null,
  };
}

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
