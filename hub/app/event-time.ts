/**
 * When did it happen (domain.md §5.2, golden case G15)? Within a boot the steady clock of the node tells how far its events lie apart,
 * so one instant of a boot tells them all:
 *
 *   the present boot             receipt minus the age of the event
 *   an earlier one               in this order: what the hub made of that boot's newest event before, where it was sure; the clock that
 *                                kept the hub's time; the node's own clock, less what it was off when the hub heard it last
 *   nothing of it is known       that boot ended just before the present one began
 *
 * No event of an earlier boot is later than the present boot's begin, nor earlier than what the hub knows of a boot before it. Where a
 * clock says otherwise its whole boot is moved as little as makes it possible. What is moved, by offset or bound, is `unknown`: an
 * estimate that reports count, and by which nobody is judged.
 */
import type { ClockQuality, Envelope, NodeEvent } from "#contract";
import { clockOffMs } from "#core";
import type { BootTime, LedgerEvent } from "../ports.ts";

/** more than messages differ in how long they travel */
const beforeBootMs = 10_000;
export type Heard = {
  readonly envelope: Pick<Envelope, "boot" | "mono">;
  readonly recvMs: number;
  /** how far the hub trusts its own clock */
  readonly hub: ClockQuality;
  /** how far the node's own clock was ahead when the hub first heard this boot of it; null when it told no time of its own */
  readonly ownOffMs: number | null;
};
/** `zeroMs`: UTC at which the boot's steady clock stood at zero; events lie between the other two whatever it says. */
type Axis = { readonly zeroMs: number; readonly tqHub: ClockQuality; readonly fromMs: number; readonly untilMs: number };
type Claim = Pick<Axis, "zeroMs" | "tqHub"> & { readonly isHubs: boolean };

/**
 * Events of one message with the times that the hub believes, in the order in which they came.
 * @param boots  what the ledger has of the node's boots, oldest first; asked only for events of another boot than the present one
 */
export function timedAll(node: string, events: readonly NodeEvent[], heard: Heard, boots: () => readonly BootTime[]): LedgerEvent[] {
  const { envelope, recvMs } = heard;
  const axes = new Map<string, Axis>();
  const groups = Map.groupBy(
    events.filter(({ boot }) => boot !== envelope.boot),
    ({ boot }) => boot,
  );
  const known = groups.size === 0 ? [] : boots();
  let endMs = recvMs - envelope.mono;
  // An outbox tells the oldest first: each boot ended before the next one began.
  for (const [boot, own] of [...groups].reverse()) {
    const axis = axisOf(own, { ...heard, endMs }, known);
    axes.set(boot, axis);
    endMs = Math.min(endMs, ...own.map((event) => within(axis, event.atMono)));
  }
  return events.map((event) => {
    const axis = axes.get(event.boot);
    return axis === undefined
      ? timed(node, event, heard)
      : { ...event, node, evtMs: within(axis, event.atMono), recvMs, tqHub: axis.tqHub };
  });
}

const within = ({ zeroMs, fromMs, untilMs }: Axis, atMono: number): number => Math.min(Math.max(zeroMs + atMono, fromMs), untilMs);

const tellsTime = (event: NodeEvent): event is NodeEvent & { readonly atMs: number } => event.atMs !== null && event.tq !== "unknown";

function timed(node: string, event: NodeEvent, { envelope, recvMs, hub }: Heard): LedgerEvent {
  // A hub that does not know the time itself believes a node that does.
  if (envelope.mono >= event.atMono && (hub !== "unknown" || !tellsTime(event)))
    return { ...event, node, evtMs: recvMs - (envelope.mono - event.atMono), recvMs, tqHub: hub };
  return tellsTime(event)
    ? { ...event, node, evtMs: event.atMs, recvMs, tqHub: event.tq }
    : { ...event, node, evtMs: recvMs, recvMs, tqHub: "unknown" };
}

/** @param events  of one earlier boot, which ended before `endMs` */
function axisOf(events: readonly NodeEvent[], heard: Heard & { readonly endMs: number }, boots: readonly BootTime[]): Axis {
  const { envelope, recvMs, hub, ownOffMs, endMs } = heard;
  const at = boots.findIndex(({ boot }) => boot === events[0]?.boot);
  const known = boots[at];
  const knownZeroMs = known === undefined ? null : known.evtMs - known.atMono;
  const nowMs = hub === "unknown" ? Number.POSITIVE_INFINITY : recvMs;
  const sure = (zeroMs: number, tqHub: ClockQuality): Axis => ({ zeroMs, tqHub, fromMs: Number.NEGATIVE_INFINITY, untilMs: nowMs });
  if (known !== undefined && knownZeroMs !== null && known.tqHub !== "unknown") return sure(knownZeroMs, known.tqHub);
  const claim = claimOf(events, ownOffMs);
  // A host starts its nodes anew within one process: both boots have one steady clock then, which began before the first one ended.
  const isSameClock = claim !== null && Math.abs(claim.zeroMs - (recvMs - envelope.mono)) <= clockOffMs;
  if (claim !== null && (hub === "unknown" || isSameClock)) return sure(claim.zeroMs, claim.tqHub);
  const before = boots.filter(({ boot }, i) => boot !== envelope.boot && (at < 0 || i < at));
  const newest = (of: readonly BootTime[]): number => Math.max(Number.NEGATIVE_INFINITY, ...of.map(({ evtMs }) => evtMs));
  const earliestMs = newest(before.filter(({ tqHub }) => tqHub !== "unknown"));
  const monos = events.map(({ atMono }) => atMono);
  const [first, last] = [Math.min(...monos), Math.max(...monos)];
  const isTooEarly = (zeroMs: number): boolean => zeroMs + first < earliestMs - clockOffMs;
  const untilMs = endMs - beforeBootMs;
  const moved = (zeroMs: number): Axis => ({ zeroMs, tqHub: "unknown", fromMs: newest(before), untilMs });
  // Once a part of a boot was moved, the rest goes with it.
  if (knownZeroMs !== null && claim?.isHubs !== true && !isTooEarly(knownZeroMs)) return moved(knownZeroMs);
  if (claim === null || claim.zeroMs + last > endMs + clockOffMs) return moved(untilMs - last);
  if (isTooEarly(claim.zeroMs)) return moved(Math.min(earliestMs - first, untilMs - last));
  return claim.tqHub === "unknown" ? moved(claim.zeroMs) : sure(claim.zeroMs, claim.tqHub);
}

/** What the node's clocks say: the newest time it had from the hub, else by its own clock, put right where that is known to be off. */
function claimOf(events: readonly NodeEvent[], ownOffMs: number | null): Claim | null {
  const told = events.filter(tellsTime);
  const best = told.findLast(({ tq }) => tq === "synced") ?? told.at(-1);
  if (best === undefined) return null;
  const isHubs = best.tq === "synced";
  const isOff = !isHubs && ownOffMs !== null && Math.abs(ownOffMs) > clockOffMs;
  return { zeroMs: best.atMs - best.atMono - (isOff ? ownOffMs : 0), tqHub: isOff ? "unknown" : best.tq, isHubs };
}
