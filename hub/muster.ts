/**
 * The muster list (domain.md §1, S11): who may be in the building, for whoever counts heads at the assembly point. Best effort, as all
 * presence is (D6): who came in behind somebody else is missing, who left by a handle is still on it. An evacuation freezes it at its
 * beginning; exits tapped since are told beside the names, and an entry that a node tells late still counts for its own time.
 */
import { hubDefaults, isIn, presenceKinds, registerWith, type Stay, staysAfter } from "#core";
import type { Ledger } from "./ledger/types.ts";
import type { Muster, Mustered } from "./views.ts";

/** as many events as one reading of the ledger gives; the newest count */
const eventsMax = 10_000;

export function musterOf({ ledger }: { readonly ledger: Pick<Ledger, "read"> }, nowMs: number): Muster {
  const { read } = ledger;
  const { mode, modeSinceMs, settings } = read.site();
  const { presenceExpireMs } = registerWith(hubDefaults, settings);
  const isFrozen = mode === "evacuate" && modeSinceMs > 0;
  const asOfMs = isFrozen ? modeSinceMs : nowMs;
  const fromMs = asOfMs - presenceExpireMs;
  const at = staysOf(ledger, fromMs, asOfMs);
  const since = isFrozen ? staysOf(ledger, fromMs, nowMs) : at;
  const labels = new Map(read.zones().map(({ zone, label }) => [zone, label]));
  const people = [...at].flatMap(([member, stay]): readonly Mustered[] => {
    if (!isIn(stay, asOfMs, presenceExpireMs)) return [];
    const later = since.get(member);
    const zone = stay.zone === null ? null : (labels.get(stay.zone) ?? stay.zone);
    const outMs = later?.isOut === true ? later.sinceMs : null;
    return [{ member, name: read.member(member)?.displayName ?? `#${member}`, zone, sinceMs: stay.sinceMs, outMs }];
  });
  const { compare } = new Intl.Collator(read.site().locale);
  return { asOfMs, isFrozen, people: people.sort((a, b) => compare(a.zone ?? "", b.zone ?? "") || compare(a.name, b.name)) };
}

function staysOf({ read }: Pick<Ledger, "read">, fromMs: number, toMs: number): ReadonlyMap<number, Stay> {
  const stays = new Map<number, Stay>();
  const events = read.events({ fromMs, toMs: toMs + 1, kinds: presenceKinds, limit: eventsMax });
  for (const event of events.reverse()) {
    const place = read.resourceAt(event.node, event.ch);
    if (place === undefined) continue;
    for (const [member, stay] of staysAfter(event, place, (one) => stays.get(one))) stays.set(member, stay);
  }
  return stays;
}
