import type { LiveFacts } from "./types.ts";

/**
 * What cannot be known ahead or afterwards, taken as favourable: others are in, nothing else runs, nothing is locked out. So that a
 * refusal under it rests on what is recorded alone.
 * @param atMs  UTC ms at which the question is asked
 */
export function favourableLive(atMs: number): LiveFacts {
  return {
    lockouts: [],
    online: null,
    session: null,
    ancillariesReady: true,
    readerPenaltyUntilMono: null,
    nowMono: 0,
    revoked: false,
    freeSinceMs: atMs,
    checkedIn: true,
    creditCents: Number.MAX_SAFE_INTEGER,
    memberSessions: { all: 0, attendedA: 0 },
    supervised: 0,
    groupBusy: false,
    circuitLoadW: 0,
    occupancy: 0,
    othersPresent: 1,
    hostPresent: true,
  };
}
