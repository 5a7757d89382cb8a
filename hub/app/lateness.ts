/**
 * How much later than the fastest one a node's message came. By the steady clocks of both sides, so that nobody's wall clock has a part in
 * it: meters tell every second, and a batch that a bad network held back for ten seconds was not measured ten seconds later.
 */
import type { Envelope } from "#contract";
import type { Clock } from "../ports.ts";

/** The fastest of the last five to ten minutes counts: two crystals drift apart by less than 0.1 s meanwhile. */
const windowMs = 300_000;
type Fastest = { readonly boot: string; readonly fromMono: number; readonly before: number; readonly now: number };

/** @returns asks and notes: whole ms, never negative; 0 for the first message of a boot */
export function createLateness(clock: Pick<Clock, "monoMs">): (node: string, envelope: Pick<Envelope, "boot" | "mono">) => number {
  const fastest = new Map<string, Fastest>();
  return (node, { boot, mono }) => {
    const nowMono = clock.monoMs();
    const apart = nowMono - mono;
    const known = fastest.get(node);
    const none = Number.POSITIVE_INFINITY;
    const last = known !== undefined && known.boot === boot ? known : { boot, fromMono: nowMono, before: none, now: none };
    const ageMs = nowMono - last.fromMono;
    // Its window is over: it is the one before. Two are over: it says nothing any more.
    const { fromMono, before, now } =
      ageMs < windowMs ? last : { fromMono: nowMono, before: ageMs < 2 * windowMs ? last.now : none, now: none };
    const least = { boot, fromMono, before, now: Math.min(now, apart) };
    fastest.set(node, least);
    return Math.round(apart - Math.min(least.before, least.now));
  };
}
