/** R50–R53 row by row: is the time known, and is it the right time. */
import { describe } from "vitest";
import type { ResourceFacts, SubjectFacts } from "#contract";
import { afternoon, asking, berlin, beside, daily, door, laser } from "./builders.ts";
import type { Table } from "./rows.ts";
import { passes, play, refuses, silent } from "./rows.ts";

const day = 86_400_000;
const noClock = { nowMs: null, quality: "unknown" } as const;
const floorMs = afternoon - day;
const always = { ...laser, openingHours: null } satisfies ResourceFacts;
const trusting = { ...always, unknownClock: "floor" } satisfies ResourceFacts;
const open = { ...door, openingHours: daily(8 * 60, 23 * 60) } satisfies ResourceFacts;
const bookable = (mode: "optional" | "required", bookings: ResourceFacts["bookings"] = []) => ({
  ...always,
  booking: { mode, leadMs: 300_000, noShowMs: 900_000 },
  bookings,
});
const booking = (fromMs: number, untilMs: number, member = 3) => ({ fromMs, untilMs, member, checkedIn: false });
const membership = (changes: Partial<SubjectFacts["membership"]>) => ({
  membership: { state: "held" as const, fromMs: null, untilMs: null, graceUntilMs: null, ...changes },
});
const trained = (untilMs: number) => ({ competence: { level: "competent" as const, untilMs } });
const lesson = [{ fromMs: afternoon, untilMs: afternoon + 3_600_000 }];
const job = { member: 7, phase: "unattended", idleForMs: 0 } as const;
const night = berlin("2026-03-11T03:00");
const evenings = { schedules: [daily(18 * 60, 20 * 60)] };
const afternoons = { schedules: [daily(13 * 60, 15 * 60)] };
const holiday = {
  ...daily(8 * 60, 23 * 60),
  special: [{ date: "2026-03-11", reason: "stocktaking", open: [{ startMin: 900, endMin: 960 }] }],
};
/** closing time so that this much is left */
const closesIn = (leftMs: number) => berlin("2026-03-11T23:00") - leftMs;

const time: Table = {
  R50: [
    refuses("refuses where opening hours bind", "CLOCK_UNTRUSTED", asking(laser, { clock: noClock })),
    refuses("refuses at a door with opening hours", "CLOCK_UNTRUSTED", asking(open, { clock: noClock })),
    refuses(
      "refuses who has a schedule of their own",
      "CLOCK_UNTRUSTED",
      asking(always, { who: { schedule: 0 }, clock: noClock, rest: afternoons }),
    ),
    refuses("refuses a schedule that is missing", "CLOCK_UNTRUSTED", asking(always, { who: { schedule: 3 }, clock: noClock })),
    refuses(
      "refuses where a roster says who is on duty",
      "CLOCK_UNTRUSTED",
      asking({ ...always, stewardRequired: true, duty: [] }, { clock: noClock }),
    ),
    ["passes where a roster does not matter", "pass", "grant GRANT_DEGRADED", asking({ ...always, duty: [] }, { clock: noClock })],
    [
      "passes where whoever has the role is on duty",
      "pass",
      "grant GRANT_DEGRADED",
      asking({ ...always, stewardRequired: true }, { clock: noClock }),
    ],
    refuses("refuses where a booking is required", "CLOCK_UNTRUSTED", asking(bookable("required"), { clock: noClock })),
    ["passes where one may be made", "pass", "grant GRANT_DEGRADED", asking(bookable("optional"), { clock: noClock })],
    refuses(
      "refuses what somebody has booked",
      "CLOCK_UNTRUSTED",
      asking(bookable("optional", [booking(afternoon, afternoon + day)]), { clock: noClock }),
    ),
    [
      "passes what the asker has booked",
      "pass",
      "grant GRANT_DEGRADED",
      asking(bookable("optional", [booking(afternoon, afternoon + day, 7)]), { clock: noClock }),
    ],
    [
      "passes when the floor is past the booking",
      "pass",
      "grant GRANT_DEGRADED",
      asking(bookable("optional", [booking(0, floorMs)]), { clock: noClock }),
    ],
    refuses(
      "refuses a booking that nobody came to, which only the time can tell",
      "CLOCK_UNTRUSTED",
      asking(bookable("optional", [booking(0, floorMs + 1)]), { clock: noClock, live: { freeSinceMs: 0 } }),
    ),
    [
      "passes a booked machine where the floor is trusted",
      "pass",
      "grant GRANT_DEGRADED",
      asking({ ...bookable("optional", [booking(afternoon, afternoon + day)]), unknownClock: "floor" }, { clock: noClock }),
    ],
    [
      "passes the door of a room where something is booked",
      "pass",
      "grant GRANT_DEGRADED",
      asking(
        { ...bookable("required", [booking(afternoon, afternoon + day)]), ...{ kind: "door", requiresTraining: false } },
        { kind: "enter", clock: noClock },
      ),
    ],
    refuses("refuses a card that ends", "CLOCK_UNTRUSTED", asking(always, { who: { credentialUntilMs: floorMs + 1 }, clock: noClock })),
    refuses(
      "refuses a membership that ends",
      "CLOCK_UNTRUSTED",
      asking(always, { who: membership({ untilMs: floorMs + 1 }), clock: noClock }),
    ),
    refuses("refuses a training that ends", "CLOCK_UNTRUSTED", asking(always, { who: trained(floorMs + 1), clock: noClock })),
    [
      "passes a training that ends where none is needed",
      "pass",
      "grant GRANT_DEGRADED",
      asking(door, { who: trained(floorMs + 1), clock: noClock }),
    ],
    [
      "passes all of them where the floor is trusted",
      "pass",
      "grant GRANT_DEGRADED",
      asking(trusting, {
        who: { credentialUntilMs: floorMs + 1, ...membership({ untilMs: floorMs + 1 }), ...trained(floorMs + 1) },
        clock: noClock,
      }),
    ],
    refuses(
      "refuses a card that begins after the floor",
      "CLOCK_UNTRUSTED",
      asking(trusting, { who: { credentialFromMs: floorMs + 1 }, clock: noClock }),
    ),
    refuses(
      "refuses a membership that begins after the floor",
      "CLOCK_UNTRUSTED",
      asking(trusting, { who: membership({ fromMs: floorMs + 1 }), clock: noClock }),
    ),
    [
      "passes what had begun by the floor, whatever the policy",
      "pass",
      "grant GRANT_DEGRADED",
      asking(always, { who: { credentialFromMs: floorMs, ...membership({ fromMs: floorMs }) }, clock: noClock }),
    ],
    refuses(
      "refuses a beginning after the floor under a strict policy too",
      "CLOCK_UNTRUSTED",
      asking(always, { who: { credentialFromMs: floorMs + 1 }, clock: noClock }),
    ),
    ["passes who has neither hours nor ends", "pass", "grant GRANT_DEGRADED", asking(always, { clock: noClock })],
    refuses("does not believe a clock of unknown quality", "CLOCK_UNTRUSTED", asking(laser, { clock: { quality: "unknown" } })),
    silent("believes one that held over", "grant GRANT", asking(laser, { clock: { quality: "holdover" } })),
    silent(
      "lifts a clock two minutes behind the floor",
      "grant GRANT",
      asking(laser, { clock: { nowMs: afternoon - 120_000, floorMs: afternoon } }),
    ),
    refuses(
      "does not believe one further behind",
      "CLOCK_UNTRUSTED",
      asking(laser, { clock: { nowMs: afternoon - 120_001, floorMs: afternoon } }),
    ),
    silent(
      "says nothing to a job that may finish",
      "grant GRANT_DEGRADED",
      asking(laser, { kind: "extend", clock: noClock, live: { session: job } }),
    ),
    silent(
      "says nothing to a stop",
      "deny IN_USE",
      asking(laser, { kind: "stop", clock: noClock, live: { session: { ...job, member: 3 } } }),
    ),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(laser, { who: null, clock: noClock })),
    silent("says nothing of nothing", "deny RESOURCE_UNKNOWN", asking(null, { clock: noClock })),
  ],
  R51: [
    refuses("refuses until the space opens", "OUTSIDE_OPENING_HOURS", asking(laser, { at: berlin("2026-03-11T08:00") - 1 })),
    passes("passes from then", asking(laser, { at: berlin("2026-03-11T08:00") })),
    refuses("refuses from closing time", "OUTSIDE_OPENING_HOURS", asking(laser, { at: closesIn(0) })),
    refuses("refuses at a door", "OUTSIDE_OPENING_HOURS", asking(open, { at: night })),
    refuses("names the special day", "HOLIDAY_CLOSED", asking({ ...laser, openingHours: holiday })),
    passes("passes in the special day's own hours", asking({ ...laser, openingHours: holiday }, { at: berlin("2026-03-11T15:30") })),
    refuses(
      "names the hours on the day after",
      "OUTSIDE_OPENING_HOURS",
      asking({ ...laser, openingHours: holiday }, { at: berlin("2026-03-12T07:00") }),
    ),
    silent("says nothing to a plan that is always open", "grant GRANT", asking(laser, { at: night, who: { always: true } })),
    silent(
      "says nothing of who is in a class",
      "grant GRANT_EVENT",
      asking({ ...laser, openingHours: holiday }, { who: { events: lesson } }),
    ),
    silent(
      "says nothing to a job that may finish",
      "grant GRANT_EXTENSION",
      asking(laser, { kind: "extend", at: night, live: { session: job } }),
    ),
    refuses(
      "ends a job where the plan says so",
      "OUTSIDE_OPENING_HOURS",
      asking(laser, { kind: "extend", at: night, who: { unattendedMayFinish: false }, live: { session: job } }),
    ),
    silent(
      "says nothing to who mends",
      "grant GRANT_MAINTENANCE",
      asking(laser, { kind: "maintain", at: night, who: { roles: ["maintainer"] } }),
    ),
    silent(
      "says nothing to who opens from afar",
      "grant GRANT",
      asking(open, { kind: "remote_unlock", at: night, who: { roles: ["staff"] } }),
    ),
    silent("says nothing to a stop", "deny IN_USE", asking(laser, { kind: "stop", at: night, live: { session: { ...job, member: 3 } } })),
    silent("says nothing where there are no hours", "grant GRANT", asking(always, { at: night })),
    silent("says nothing without the time", "deny CLOCK_UNTRUSTED", asking(laser, { clock: noClock })),
  ],
  R52: [
    refuses("refuses outside the member's hours", "OUTSIDE_SCHEDULE", asking(always, { who: { schedule: 0 }, rest: evenings })),
    passes("passes within them", asking(always, { who: { schedule: 0 }, rest: afternoons })),
    refuses("refuses a schedule that is missing", "OUTSIDE_SCHEDULE", asking(always, { who: { schedule: 1 }, rest: afternoons })),
    refuses(
      "binds a plan that is always open as well",
      "OUTSIDE_SCHEDULE",
      asking(laser, { who: { schedule: 0, always: true }, rest: evenings }),
    ),
    refuses("binds at the door", "OUTSIDE_SCHEDULE", asking(door, { who: { schedule: 0 }, rest: evenings })),
    refuses(
      "binds who mends",
      "OUTSIDE_SCHEDULE",
      asking(always, { kind: "maintain", who: { schedule: 0, roles: ["maintainer"] }, rest: evenings }),
    ),
    silent(
      "says nothing of who is in a class",
      "grant GRANT_EVENT",
      asking(always, { who: { schedule: 0, events: lesson }, rest: evenings }),
    ),
    silent(
      "says nothing to a job that may finish",
      "grant GRANT_EXTENSION",
      asking(always, { kind: "extend", who: { schedule: 0 }, live: { session: job }, rest: evenings }),
    ),
    silent(
      "says nothing to a stop",
      "deny IN_USE",
      asking(always, { kind: "stop", who: { schedule: 0 }, live: { session: { ...job, member: 3 } }, rest: evenings }),
    ),
    silent("says nothing to who has none", "grant GRANT", asking(always, { rest: evenings })),
    silent(
      "says nothing without the time",
      "deny CLOCK_UNTRUSTED",
      asking(always, { who: { schedule: 0 }, clock: noClock, rest: evenings }),
    ),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(always, { who: null })),
  ],
  R53: [
    refuses("refuses less than two minutes before closing time", "TIME_TOO_SHORT", asking(laser, { at: closesIn(119_999) })),
    passes("passes two minutes before it", asking(laser, { at: closesIn(120_000) })),
    refuses(
      "counts the member's hours",
      "TIME_TOO_SHORT",
      asking(always, { at: berlin("2026-03-11T15:00") - 119_999, who: { schedule: 0 }, rest: afternoons }),
    ),
    refuses(
      "counts the nearest of both",
      "TIME_TOO_SHORT",
      asking(laser, { at: berlin("2026-03-11T15:00") - 119_999, who: { schedule: 0 }, rest: afternoons }),
    ),
    refuses("counts the end of the card", "TIME_TOO_SHORT", asking(laser, { who: { credentialUntilMs: afternoon + 119_999 } })),
    passes("which may be just enough", asking(laser, { who: { credentialUntilMs: afternoon + 120_000 } })),
    refuses("counts the end of the membership", "TIME_TOO_SHORT", asking(laser, { who: membership({ untilMs: afternoon + 119_999 }) })),
    [
      "counts the days of grace",
      "pass",
      "grant GRANT; warns MEMBERSHIP_ENDS",
      asking(laser, { who: membership({ untilMs: afternoon + 1, graceUntilMs: afternoon + day }) }),
    ],
    refuses(
      "counts the end of the visit",
      "TIME_TOO_SHORT",
      asking(
        { ...always, guests: "with_host" },
        { who: { guest: { host: 4, untilMs: afternoon + 119_999, visitsLeft: null } }, live: { hostPresent: true } },
      ),
    ),
    refuses("counts the end of the training", "TIME_TOO_SHORT", asking(always, { who: trained(afternoon + 119_999) })),
    silent(
      "not where none is needed",
      "grant GRANT",
      asking({ ...always, requiresTraining: false }, { who: trained(afternoon + 119_999) }),
    ),
    silent(
      "not in a lesson",
      "grant GRANT_TEACH; warns TRAINING_ENDS",
      asking(always, { kind: "teach", who: trained(afternoon + 119_999), rest: { companions: [beside(4, { roles: ["trainer"] })] } }),
    ),
    silent(
      "says nothing of the membership of who is in a class",
      "grant GRANT_EVENT; warns MEMBERSHIP_ENDS",
      asking(always, { who: { ...membership({ untilMs: afternoon + 119_999 }), events: lesson } }),
    ),
    refuses(
      "counts the end of the booking that is needed",
      "TIME_TOO_SHORT",
      asking(bookable("required", [booking(afternoon - day, afternoon + 119_999, 7)])),
    ),
    passes(
      "takes bookings without a gap for one",
      asking(bookable("required", [booking(afternoon - day, afternoon + 60_000, 7), booking(afternoon + 60_000, afternoon + 120_000, 7)])),
    ),
    refuses(
      "takes bookings with a gap for two",
      "TIME_TOO_SHORT",
      asking(bookable("required", [booking(afternoon - day, afternoon + 60_000, 7), booking(afternoon + 60_001, afternoon + day, 7)])),
    ),
    silent(
      "says nothing of a booking that is not needed",
      "grant GRANT",
      asking(bookable("optional", [booking(afternoon - day, afternoon + 119_999, 7)])),
    ),
    silent("says nothing where no end is in sight", "grant GRANT", asking(always)),
    silent("says nothing of ends that are past", "deny CREDENTIAL_EXPIRED", asking(always, { who: { credentialUntilMs: afternoon } })),
    silent("says nothing outside opening hours", "deny OUTSIDE_OPENING_HOURS", asking(laser, { at: berlin("2026-03-11T07:59") })),
    silent("says nothing to an extension", "grant GRANT_EXTENSION", asking(laser, { kind: "extend", at: closesIn(1) })),
    silent("says nothing at a door", "grant GRANT", asking({ ...open, minUsefulMs: 120_000 }, { at: closesIn(1) })),
    silent("says nothing without the time", "grant GRANT_DEGRADED", asking(trusting, { who: trained(floorMs + 1), clock: noClock })),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(laser, { who: null, at: closesIn(1) })),
    silent("says nothing of nothing", "deny RESOURCE_UNKNOWN", asking(null, { at: closesIn(1) })),
  ],
};

describe("time", () => play(time));
