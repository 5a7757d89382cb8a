/** R40–R46 row by row: is the member in good standing. */
import { describe } from "vitest";
import type { SubjectFacts } from "#contract";
import { afternoon, asking, door, laser, onNode } from "./builders.ts";
import type { Table } from "./rows.ts";
import { passes, play, refuses, silent } from "./rows.ts";

const day = 86_400_000;
const noClock = { nowMs: null, quality: "unknown" } as const;
const floorMs = afternoon - day;
const job = { member: 7, phase: "unattended", idleForMs: 0 } as const;
const near = { where: onNode(1000, true) };
const alone = { where: onNode(1000, false) };
const membership = (changes: Partial<SubjectFacts["membership"]>) => ({
  membership: { state: "held" as const, fromMs: null, untilMs: null, graceUntilMs: null, ...changes },
});
const lesson = [{ fromMs: afternoon, untilMs: afternoon + 3_600_000 }];
const guest = (changes: Partial<NonNullable<SubjectFacts["guest"]>> = {}) => ({
  ...membership({ state: "none" }),
  inPlan: false,
  guest: { host: 4, untilMs: afternoon + 1, visitsLeft: null, ...changes },
});
const openToGuests = { ...door, guests: "with_host" as const };
const hostIn = { hostPresent: true };
const paid = { ...door, minCreditCents: 500 };
const counted = { ...door, checkIn: true };

const standing: Table = {
  R40: [
    ...(["suspended", "banned", "left"] as const).map((member) =>
      refuses(`refuses a member who is ${member}`, "MEMBER_SUSPENDED", asking(door, { who: { member } })),
    ),
    passes("passes an active member", asking(door)),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(door, { who: null })),
  ],
  R41: [
    ["refuses under a hold", "fail HOLD_ACTIVE; pass", "deny HOLD_ACTIVE", asking(door, { who: { hold: true } })],
    [
      "refuses under a hold until it ends",
      "fail HOLD_ACTIVE; pass",
      "deny HOLD_ACTIVE",
      asking(door, { who: { hold: true, holdUntilMs: afternoon + 1 } }),
    ],
    ["passes from the end of the hold", "pass; pass", "grant GRANT", asking(door, { who: { hold: true, holdUntilMs: afternoon } })],
    [
      "without the time, holds on until the floor has passed the end",
      "fail HOLD_ACTIVE; pass",
      "deny HOLD_ACTIVE",
      asking(door, { who: { hold: true, holdUntilMs: floorMs + 1 }, clock: noClock }),
    ],
    [
      "without the time, passes what ended by the floor",
      "pass; pass",
      "grant GRANT_DEGRADED",
      asking(door, { who: { hold: true, holdUntilMs: floorMs, restricted: true, restrictedUntilMs: floorMs }, clock: noClock }),
    ],
    [
      "refuses where the member is restricted",
      "pass; fail RESTRICTED_HERE",
      "deny RESTRICTED_HERE",
      asking(door, { who: { restricted: true } }),
    ],
    [
      "refuses there until the restriction ends",
      "pass; fail RESTRICTED_HERE",
      "deny RESTRICTED_HERE",
      asking(door, { who: { restricted: true, restrictedUntilMs: afternoon + 1 } }),
    ],
    [
      "passes from the end of the restriction",
      "pass; pass",
      "grant GRANT",
      asking(door, { who: { restricted: true, restrictedUntilMs: afternoon } }),
    ],
    [
      "without the time, restricts until the floor has passed the end",
      "pass; fail RESTRICTED_HERE",
      "deny RESTRICTED_HERE",
      asking(door, { who: { restricted: true, restrictedUntilMs: floorMs + 1 }, clock: noClock }),
    ],
    ["passes who is neither", "pass; pass", "grant GRANT", asking(door)],
    [
      "forgets an end without a hold",
      "pass; pass",
      "grant GRANT",
      asking(door, { who: { holdUntilMs: afternoon + 1, restrictedUntilMs: afternoon + 1 } }),
    ],
    ["says nothing of nobody", "skip; skip", "deny UNKNOWN_CREDENTIAL", asking(door, { who: null })],
  ],
  R42: [
    [
      "refuses who has no membership",
      "fail MEMBERSHIP_NONE; skip",
      "deny MEMBERSHIP_NONE",
      asking(door, { who: membership({ state: "none" }) }),
    ],
    [
      "refuses before the first instant",
      "fail MEMBERSHIP_NOT_STARTED; skip",
      "deny MEMBERSHIP_NOT_STARTED",
      asking(door, { who: membership({ fromMs: afternoon + 1 }) }),
    ],
    ["passes from that instant", "pass; skip", "grant GRANT", asking(door, { who: membership({ fromMs: afternoon }) })],
    [
      "refuses from the end",
      "fail MEMBERSHIP_EXPIRED; skip",
      "deny MEMBERSHIP_EXPIRED",
      asking(door, { who: membership({ untilMs: afternoon }) }),
    ],
    [
      "passes until the end, and says that it is near",
      "pass; warn MEMBERSHIP_ENDS",
      "grant GRANT; warns MEMBERSHIP_ENDS",
      asking(door, { who: membership({ untilMs: afternoon + 1 }) }),
    ],
    [
      "says so a fortnight before",
      "pass; warn MEMBERSHIP_ENDS",
      "grant GRANT; warns MEMBERSHIP_ENDS",
      asking(door, { who: membership({ untilMs: afternoon + 14 * day }) }),
    ],
    ["not earlier", "pass; skip", "grant GRANT", asking(door, { who: membership({ untilMs: afternoon + 14 * day + 1 }) })],
    [
      "lets in during the days of grace, and says so",
      "warn MEMBERSHIP_OVERDUE; skip",
      "grant GRANT; warns MEMBERSHIP_OVERDUE",
      asking(door, { who: membership({ untilMs: afternoon, graceUntilMs: afternoon + 1 }) }),
    ],
    [
      "refuses from their end",
      "fail MEMBERSHIP_EXPIRED; skip",
      "deny MEMBERSHIP_EXPIRED",
      asking(door, { who: membership({ untilMs: afternoon - day, graceUntilMs: afternoon }) }),
    ],
    [
      "without the time, refuses what ended by the floor",
      "fail MEMBERSHIP_EXPIRED; skip",
      "deny MEMBERSHIP_EXPIRED; also CLOCK_UNTRUSTED",
      asking(door, { who: membership({ untilMs: floorMs }), clock: noClock }),
    ],
    [
      "without the time, leaves a later end to R50, and does not warn",
      "pass; skip",
      "deny CLOCK_UNTRUSTED",
      asking(door, { who: membership({ untilMs: floorMs + 1 }), clock: noClock }),
    ],
    [
      "without the time, leaves a beginning to R50",
      "pass; skip",
      "deny CLOCK_UNTRUSTED",
      asking(door, { who: membership({ fromMs: floorMs + 1 }), clock: noClock }),
    ],
    [
      "lets a job finish that outlives the membership",
      "pass; skip",
      "grant GRANT_EXTENSION",
      asking(laser, { kind: "extend", who: membership({ untilMs: afternoon }), live: { session: job } }),
    ],
    [
      "but not where the plan says no",
      "fail MEMBERSHIP_EXPIRED; skip",
      "deny MEMBERSHIP_EXPIRED",
      asking(laser, { kind: "extend", who: { ...membership({ untilMs: afternoon }), unattendedMayFinish: false }, live: { session: job } }),
    ],
    [
      "nor a job of somebody else",
      "fail MEMBERSHIP_EXPIRED; skip",
      "deny MEMBERSHIP_EXPIRED",
      asking(
        { ...laser, sharing: "shared" },
        { kind: "extend", who: membership({ untilMs: afternoon }), live: { session: { ...job, member: 3 } } },
      ),
    ],
    [
      "nor a machine that is attended",
      "fail MEMBERSHIP_EXPIRED; skip",
      "deny MEMBERSHIP_EXPIRED",
      asking(laser, { kind: "extend", who: membership({ untilMs: afternoon }), live: { session: { ...job, phase: "busy" } } }),
    ],
    [
      "nor a new start beside the job",
      "fail MEMBERSHIP_EXPIRED; skip",
      "deny MEMBERSHIP_EXPIRED",
      asking(laser, { who: membership({ untilMs: afternoon }), live: { session: job } }),
    ],
    ["lets a guest in until the visit ends", "pass; skip", "grant GRANT", asking(openToGuests, { who: guest(), live: hostIn })],
    [
      "not after",
      "fail MEMBERSHIP_EXPIRED; skip",
      "deny MEMBERSHIP_EXPIRED",
      asking(openToGuests, { who: guest({ untilMs: afternoon }), live: hostIn }),
    ],
    [
      "not when all visits are used up",
      "fail MEMBERSHIP_EXPIRED; skip",
      "deny MEMBERSHIP_EXPIRED",
      asking(openToGuests, { who: guest({ visitsLeft: 0 }), live: hostIn }),
    ],
    ["but on the last of them", "pass; skip", "grant GRANT", asking(openToGuests, { who: guest({ visitsLeft: 1 }), live: hostIn })],
    [
      "whose last visit does not end at the machine",
      "pass; skip",
      "grant GRANT",
      asking({ ...laser, guests: "with_host" }, { who: guest({ visitsLeft: 0, untilMs: afternoon + day }), live: hostIn }),
    ],
    [
      "a guest's own membership does not matter",
      "pass; skip",
      "grant GRANT",
      asking(openToGuests, { who: { ...guest(), ...membership({ untilMs: afternoon + 1 }) }, live: hostIn }),
    ],
    [
      "says nothing of who is in a class",
      "skip; skip",
      "grant GRANT_EVENT",
      asking(door, { who: { ...membership({ state: "none" }), events: lesson } }),
    ],
    ["says nothing of nobody", "skip; skip", "deny UNKNOWN_CREDENTIAL", asking(door, { who: null })],
  ],
  R43: [
    refuses("refuses what the plan does not cover", "NOT_IN_PLAN", asking(door, { who: { inPlan: false } })),
    refuses("refuses guests where none are allowed", "NOT_IN_PLAN", asking(door, { who: { ...guest(), inPlan: true }, live: hostIn })),
    passes("passes guests where they are", asking(openToGuests, { who: guest(), live: hostIn })),
    [
      "passes who is in a class, which names the grant",
      "pass GRANT_EVENT",
      "grant GRANT_EVENT",
      asking(door, { who: { inPlan: false, events: lesson } }),
    ],
    refuses("not before the class", "NOT_IN_PLAN", asking(door, { who: { inPlan: false, events: lesson }, at: afternoon - 1 })),
    refuses("not after it", "NOT_IN_PLAN", asking(door, { who: { inPlan: false, events: lesson }, at: afternoon + 3_600_000 })),
    refuses("not without the time", "NOT_IN_PLAN", asking(door, { who: { inPlan: false, events: lesson }, clock: noClock })),
    passes("passes what the plan covers", asking(door)),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(door, { who: null })),
  ],
  R44: [
    refuses("refuses without a signed waiver", "WAIVER_MISSING", asking(door, { who: { waiver: "missing" } })),
    refuses("refuses an older text", "WAIVER_OUTDATED", asking(door, { who: { waiver: "outdated" } })),
    passes("passes the present one", asking(door)),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(door, { who: null })),
  ],
  R45: [
    refuses("refuses below the least credit", "INSUFFICIENT_CREDIT", asking(paid, { live: { creditCents: 499 } })),
    passes("passes with it", asking(paid, { live: { creditCents: 500 } })),
    ["asks the hub", "ask INSUFFICIENT_CREDIT", "ask INSUFFICIENT_CREDIT", asking(paid, { rest: near })],
    ["passes without the hub: it protects money only", "pass", "grant GRANT_DEGRADED", asking(paid, { rest: alone })],
    silent("says nothing where none is needed", "grant GRANT", asking(door, { live: { creditCents: -5000 } })),
    silent(
      "says nothing to a stop",
      "deny IN_USE",
      asking({ ...laser, minCreditCents: 500 }, { kind: "stop", live: { creditCents: 0, session: { ...job, member: 3 } } }),
    ),
    silent(
      "says nothing to who mends",
      "grant GRANT_MAINTENANCE",
      asking({ ...laser, minCreditCents: 500 }, { kind: "maintain", who: { roles: ["maintainer"] }, live: { creditCents: 0 } }),
    ),
    silent(
      "says nothing to who opens from afar",
      "grant GRANT",
      asking(paid, { kind: "remote_unlock", who: { roles: ["staff"] }, live: { creditCents: 0 } }),
    ),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(paid, { who: null, live: { creditCents: 0 } })),
  ],
  R46: [
    refuses("refuses who has not come in by a door today", "NOT_CHECKED_IN", asking(counted, { live: { checkedIn: false } })),
    passes("passes who has", asking(counted, { live: { checkedIn: true } })),
    ["asks the hub", "ask NOT_CHECKED_IN", "ask NOT_CHECKED_IN", asking(counted, { rest: near })],
    ["passes without the hub: it protects nobody", "pass", "grant GRANT_DEGRADED", asking(counted, { rest: alone })],
    silent("says nothing where it is not asked for", "grant GRANT", asking({ ...door, checkIn: false }, { live: { checkedIn: false } })),
    silent(
      "says nothing to who mends",
      "grant GRANT_MAINTENANCE",
      asking({ ...laser, checkIn: true }, { kind: "maintain", who: { roles: ["maintainer"] }, live: { checkedIn: false } }),
    ),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(counted, { who: null, live: { checkedIn: false } })),
  ],
};

describe("standing", () => play(standing));
