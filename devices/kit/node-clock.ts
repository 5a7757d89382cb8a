/**
 * What a node knows of the time (domain.md §3.4). Between beacons the wall clock is carried by the monotonic clock, so a
 * stepping system clock moves nothing. Truth is never before the floor: the newest time that is proven to have passed.
 *
 *   no beacon yet          unknown (holdover when the operator vouches for the system clock)
 *   beacon                 synced for 24 h, then holdover while the estimated error is below 120 s, then unknown
 *   beacon disagrees       back by > 1 s or on by > 5 min: unknown until three beacons agree
 */
import { type ClockQuality, hour, minute, second } from "#contract";
import { accessDefaults } from "#core";
import type { Clock } from "./ports.ts";

export type NodeClock = {
  /** The node's best UTC time and how far to trust it; null when nothing better than the floor is known. */
  read(): { readonly nowMs: number | null; readonly floorMs: number; readonly quality: ClockQuality };
  /** The head of an event or message made now. */
  stamp(): { readonly atMono: number; readonly atMs: number | null; readonly tq: ClockQuality };
  /** One `hub/time` message, as it arrived now. Answers what changed, for the log, or null. */
  beacon(hubMs: number, hubQuality: ClockQuality): { readonly quality: ClockQuality; readonly stepMs: number } | null;
  raiseFloor(provenMs: number): void;
  /** How far the operating system's clock is from ours, or null. */
  errorMs(): number | null;
};

const beaconsKept = 8;
const agreeMs = 1 * second;
const jumpMsMax = 5 * minute;
const syncedMs = 24 * hour;
const holdoverErrorMsMax = accessDefaults.floorSlackMs;
/** drift to reckon with in holdover: a Pi's crystal, with margin */
const driftPpm = 100;
const beaconsToTrust = 3;

export type NodeClockGiven = {
  readonly clock: Clock;
  /** the newest of build time, snapshot and events known at start */
  readonly floorMs: number;
  /** the operator says that this computer has a battery clock or its own NTP */
  readonly trustSystemClock: boolean;
};

export function createNodeClock(given: NodeClockGiven): NodeClock {
  const { clock } = given;
  let floorMs = given.floorMs;
  /** estimates of (UTC − mono), newest last; the largest one had the least delay on its way */
  let offsets: number[] = [];
  let doubtful: number[] = [];
  let syncedAtMono: number | null = null;
  let hubVouches: ClockQuality = "unknown";
  let quality: ClockQuality = "unknown";

  const offset = () => (offsets.length === 0 ? null : Math.max(...offsets));
  const readQuality = (): ClockQuality => {
    if (syncedAtMono === null) {
      const isPlausible = clock.nowMs() >= floorMs;
      return given.trustSystemClock && isPlausible && doubtful.length === 0 ? "holdover" : "unknown";
    }
    const ageMs = clock.monoMs() - syncedAtMono;
    if (ageMs <= syncedMs && hubVouches === "synced") return "synced";
    return (ageMs * driftPpm) / 1_000_000 < holdoverErrorMsMax ? "holdover" : "unknown";
  };
  const bestMs = (): number | null => {
    if (readQuality() === "unknown") return null;
    const known = offset();
    return known !== null && syncedAtMono !== null ? Math.max(floorMs, Math.round(clock.monoMs() + known)) : Math.round(clock.nowMs());
  };
  const changed = (stepMs: number) => {
    const now = readQuality();
    if (now === quality && stepMs === 0) return null;
    quality = now;
    return { quality: now, stepMs: Math.round(stepMs) };
  };
  /** A beacon that contradicts us: believed when three in a row say the same. */
  const doubt = (candidate: number, differenceMs: number) => {
    doubtful = doubtful.filter((earlier) => Math.abs(earlier - candidate) < agreeMs);
    doubtful.push(candidate);
    if (doubtful.length >= beaconsToTrust) {
      offsets = doubtful;
      doubtful = [];
      syncedAtMono = clock.monoMs();
      return changed(differenceMs);
    }
    const wasKnown = syncedAtMono !== null;
    syncedAtMono = null;
    return changed(wasKnown ? differenceMs : 0);
  };

  return {
    read: () => ({ nowMs: bestMs(), floorMs, quality: readQuality() }),
    stamp: () => ({ atMono: Math.max(0, Math.floor(clock.monoMs())), atMs: bestMs(), tq: readQuality() }),
    beacon(hubMs, hubQuality) {
      if (hubQuality === "unknown") return null;
      hubVouches = hubQuality;
      const candidate = hubMs - clock.monoMs();
      if (hubMs < floorMs - agreeMs) return doubt(candidate, hubMs - floorMs);
      const known = offset();
      const differenceMs = known === null ? 0 : candidate - known;
      if (known !== null && (differenceMs < -agreeMs * 5 || differenceMs > jumpMsMax)) return doubt(candidate, differenceMs);
      if (syncedAtMono === null && known !== null) return doubt(candidate, differenceMs);
      doubtful = [];
      offsets = Math.abs(differenceMs) > agreeMs ? [candidate] : [...offsets, candidate].slice(-beaconsKept);
      syncedAtMono = clock.monoMs();
      return changed(0);
    },
    raiseFloor(provenMs) {
      floorMs = Math.max(floorMs, provenMs);
    },
    errorMs: () => difference(clock.nowMs(), bestMs()),
  };
}

function difference(systemMs: number, ourMs: number | null): number | null {
  return ourMs === null ? null : Math.round(systemMs - ourMs);
}
