/** R80–R84, R90 and R91 row by row: who has to be there, and what a node may decide alone. */
import { describe } from "vitest";
import type { ResourceFacts } from "#contract";
import { afternoon, asking, beside, daily, door, laser, onNode } from "./builders.ts";
import type { Row, Table } from "./rows.ts";
import { passes, play, refuses, silent, waits } from "./rows.ts";

const day = 86_400_000;
const hour = 3_600_000;
const noClock = { nowMs: null, quality: "unknown" } as const;
const near = { where: onNode(1000, true) };
const alone = { where: onNode(1000, false) };
const always = { ...laser, openingHours: null, offline: "snapshot" } satisfies ResourceFacts;
const two = { ...always, twoPerson: "always" } satisfies ResourceFacts;
const twoAt = (fromMin: number, untilMin: number): ResourceFacts => ({ ...always, twoPerson: daily(fromMin, untilMin) });
const stopping = { kind: "stop", live: { session: { member: 3, phase: "busy", idleForMs: 0 } } } as const;
const maintainer = { kind: "maintain" as const, who: { roles: ["maintainer" as const] } };
const fromAfar = { kind: "remote_unlock" as const, who: { roles: ["staff" as const] } };
const job = { session: { member: 7, phase: "unattended", idleForMs: 0 } } as const;
const withOther = { companions: [beside(3)] };
const forbidden = { ...always, loneWorking: "forbid" } satisfies ResourceFacts;
const warned = { ...always, loneWorking: "warn" } satisfies ResourceFacts;
const shift = (member: number, fromMs = afternoon - hour, untilMs = afternoon + hour) => ({ member, fromMs, untilMs });
const onDuty = (...duty: readonly ReturnType<typeof shift>[]): ResourceFacts => ({ ...always, stewardRequired: true, duty: [...duty] });

const presence: Table = {
  R80: [
    waits("waits for a second person", "AWAIT_SECOND_PERSON", asking(two)),
    passes("starts with one", asking(two, { rest: withOther })),
    refuses(
      "takes the same member's other card for no second person",
      "SECOND_PERSON_SAME",
      asking(two, { rest: { companions: [beside(7)] } }),
    ),
    refuses(
      "not even beside somebody who does not count",
      "SECOND_PERSON_SAME",
      asking(two, { rest: { companions: [beside(3, { hold: true }), beside(7)] } }),
    ),
    waits("nor somebody under a hold", "AWAIT_SECOND_PERSON", asking(two, { rest: { companions: [beside(3, { hold: true })] } })),
    ["goes on while the second person is there", "pass", "grant GRANT_EXTENSION", asking(two, { kind: "extend", rest: withOther })],
    waits("not after", "AWAIT_SECOND_PERSON", asking(two, { kind: "extend" })),
    waits("binds at a door", "AWAIT_SECOND_PERSON", asking({ ...door, twoPerson: "always" })),
    waits("binds who mends", "AWAIT_SECOND_PERSON", asking(two, maintainer)),
    waits("waits in the hours for two", "AWAIT_SECOND_PERSON", asking(twoAt(14 * 60, 15 * 60))),
    silent("says nothing outside them", "grant GRANT", asking(twoAt(14 * 60 + 1, 15 * 60))),
    silent("says nothing from their end", "grant GRANT", asking(twoAt(13 * 60, 14 * 60))),
    waits("without the time, takes them for on", "AWAIT_SECOND_PERSON", asking(twoAt(1, 2), { clock: noClock })),
    silent("says nothing to a job that runs by itself", "grant GRANT_EXTENSION", asking(two, { kind: "extend", live: job })),
    silent("says nothing to who opens from afar", "grant GRANT", asking({ ...door, twoPerson: "always" }, fromAfar)),
    silent("says nothing to a stop", "deny IN_USE", asking(two, stopping)),
    silent("says nothing where one is enough", "grant GRANT", asking(always)),
  ],
  R81: [
    refuses("refuses to start alone where that is forbidden", "LONE_WORKING", asking(forbidden, { live: { othersPresent: 0 } })),
    passes("passes with others in", asking(forbidden, { live: { othersPresent: 1 } })),
    passes("passes who has tapped with another", asking(forbidden, { live: { othersPresent: 0 }, rest: withOther })),
    ["asks the hub who is in", "ask LONE_WORKING", "ask LONE_WORKING", asking(forbidden, { rest: near })],
    refuses("refuses without the hub: it protects people", "LONE_WORKING", asking(forbidden, { rest: alone })),
    refuses("refuses who mends alone", "LONE_WORKING", asking(forbidden, { ...maintainer, live: { othersPresent: 0 } })),
    [
      "never stops who has started, and warns",
      "warn LONE_WORKING",
      "grant GRANT_EXTENSION; warns LONE_WORKING",
      asking(forbidden, { kind: "extend", live: { othersPresent: 0 } }),
    ],
    ["nor warns while others are in", "pass", "grant GRANT_EXTENSION", asking(forbidden, { kind: "extend", live: { othersPresent: 2 } })],
    ["warns where that is enough", "warn LONE_WORKING", "grant GRANT; warns LONE_WORKING", asking(warned, { live: { othersPresent: 0 } })],
    ["warns where nobody knows", "warn LONE_WORKING", "grant GRANT; warns LONE_WORKING", asking(warned)],
    passes("not with others in", asking(warned, { live: { othersPresent: 1 } })),
    silent(
      "says nothing at a door: somebody must be first",
      "grant GRANT",
      asking({ ...door, loneWorking: "forbid" }, { live: { othersPresent: 0 } }),
    ),
    silent("says nothing to a job that runs by itself", "grant GRANT_EXTENSION", asking(warned, { kind: "extend", live: job })),
    silent("says nothing where working alone is fine", "grant GRANT", asking(always, { live: { othersPresent: 0 } })),
  ],
  R82: [
    refuses("refuses without a steward on duty", "STEWARD_REQUIRED", asking(onDuty(shift(9, afternoon + 1)))),
    passes("passes from the beginning of a shift", asking(onDuty(shift(9, afternoon)))),
    refuses("refuses from its end", "STEWARD_REQUIRED", asking(onDuty(shift(9, afternoon - hour, afternoon)))),
    passes("passes where there is no roster", asking({ ...always, stewardRequired: true })),
    refuses("binds at a door", "STEWARD_REQUIRED", asking({ ...door, stewardRequired: true, duty: [] })),
    silent("without the time, leaves a roster to R50", "deny CLOCK_UNTRUSTED", asking(onDuty(shift(9)), { clock: noClock })),
    [
      "without the time, passes where there is none",
      "pass",
      "grant GRANT_DEGRADED",
      asking({ ...always, stewardRequired: true }, { clock: noClock }),
    ],
    silent("says nothing to who mends", "grant GRANT_MAINTENANCE", asking(onDuty(), maintainer)),
    silent("says nothing to a job that runs by itself", "grant GRANT_EXTENSION", asking(onDuty(), { kind: "extend", live: job })),
    silent("says nothing to a stop", "deny IN_USE", asking(onDuty(), stopping)),
    silent("says nothing where none is needed", "grant GRANT", asking({ ...always, duty: [] })),
    passes("lets staff open from afar", asking(door, fromAfar)),
    passes("and a steward on duty", asking({ ...door, duty: [shift(7)] }, { kind: "remote_unlock", who: { roles: ["steward"] } })),
    refuses(
      "not a steward off duty",
      "STEWARD_REQUIRED",
      asking({ ...door, duty: [shift(9)] }, { kind: "remote_unlock", who: { roles: ["steward"] } }),
    ),
    refuses(
      "nor whoever has the shift without the role",
      "STEWARD_REQUIRED",
      asking({ ...door, duty: [shift(7)] }, { kind: "remote_unlock" }),
    ),
    refuses(
      "nor a steward on a roster without the time",
      "STEWARD_REQUIRED",
      asking({ ...door, duty: [shift(7)] }, { kind: "remote_unlock", who: { roles: ["steward"] }, clock: noClock }),
    ),
    [
      "nor nobody",
      "fail STEWARD_REQUIRED",
      "deny UNKNOWN_CREDENTIAL; also STEWARD_REQUIRED",
      asking(door, { kind: "remote_unlock", who: null }),
    ],
  ],
};

const full = (mode: "warn" | "deny"): ResourceFacts => ({ ...door, capacity: { people: 20, mode } });
const printer = { ...always, riskClass: "C", attendance: "unattended_ok" } satisfies ResourceFacts;
const has = (all: number, attendedA: number) => ({ memberSessions: { all, attendedA } });
const { memberSessions: _, ...live } = asking(laser).live;
const unknownSessions = { ...near, live };
const trainee = { competence: { level: "trainee" as const, untilMs: null } };
const withTrainer = { companions: [beside(4, { roles: ["trainer"] })] };
/** Three rules of R83: the zone, the member's machines, the supervisor's people. */
const limits: Table = {
  R83: [
    ["refuses at a full zone", "fail ZONE_FULL; skip; skip", "deny ZONE_FULL", asking(full("deny"), { live: { occupancy: 20 } })],
    ["passes the last one in", "pass; skip; skip", "grant GRANT", asking(full("deny"), { live: { occupancy: 19 } })],
    [
      "only warns where the policy says so",
      "warn ZONE_FULL; skip; skip",
      "grant GRANT; warns ZONE_FULL",
      asking(full("warn"), { live: { occupancy: 20 } }),
    ],
    ["not while there is room", "pass; skip; skip", "grant GRANT", asking(full("warn"), { live: { occupancy: 19 } })],
    ["nor where nobody knows", "pass; skip; skip", "grant GRANT", asking(full("warn"))],
    ["asks the hub how many are in", "ask ZONE_FULL; skip; skip", "ask ZONE_FULL", asking(full("deny"), { rest: near })],
    [
      "refuses without the hub: it must not fill the house",
      "fail ZONE_FULL; skip; skip",
      "deny ZONE_FULL",
      asking(full("deny"), { rest: alone }),
    ],
    [
      "says nothing to who is in already",
      "skip; skip; skip",
      "grant GRANT",
      asking(full("deny"), { live: { occupancy: 20, memberInside: true } }),
    ],
    [
      "says nothing to who opens from afar",
      "skip; skip; skip",
      "grant GRANT",
      asking(full("deny"), { ...fromAfar, live: { occupancy: 20 } }),
    ],
    ["says nothing where nobody counts", "skip; skip; skip", "grant GRANT", asking(door, { live: { occupancy: 99 } })],
    [
      "refuses one machine more than the policy allows",
      "skip; fail MEMBER_LIMIT; skip",
      "deny MEMBER_LIMIT",
      asking({ ...printer, memberLimit: 2 }, { live: has(2, 0) }),
    ],
    ["passes the last of them", "skip; pass; skip", "grant GRANT", asking({ ...printer, memberLimit: 2 }, { live: has(1, 1) })],
    [
      "asks the hub about the others",
      "skip; ask MEMBER_LIMIT; skip",
      "ask MEMBER_LIMIT",
      asking({ ...printer, memberLimit: 2 }, { rest: unknownSessions }),
    ],
    [
      "passes without the hub: the person stands here",
      "skip; pass; skip",
      "grant GRANT_DEGRADED",
      asking({ ...printer, memberLimit: 2 }, { rest: { ...unknownSessions, ...alone } }),
    ],
    [
      "refuses a second attended machine of class A",
      "skip; fail MEMBER_LIMIT; skip",
      "deny MEMBER_LIMIT",
      asking(always, { live: has(1, 1) }),
    ],
    ["passes it beside whatever runs by itself", "skip; pass; skip", "grant GRANT", asking(always, { live: has(5, 0) })],
    [
      "counts for a hand-over",
      "skip; fail MEMBER_LIMIT; skip",
      "deny MEMBER_LIMIT",
      asking(
        { ...always, sharing: "handover" },
        { kind: "handover", live: { ...has(1, 1), session: { member: 3, phase: "idle", idleForMs: 0 } }, rest: withOther },
      ),
    ],
    ["does not ask for class A alone", "skip; skip; skip", "grant GRANT", asking(always, { rest: unknownSessions })],
    [
      "says nothing of class A that runs by itself",
      "skip; skip; skip",
      "grant GRANT",
      asking({ ...always, attendance: "unattended_ok" }, { live: has(1, 1) }),
    ],
    ["says nothing of other classes", "skip; skip; skip", "grant GRANT", asking({ ...always, riskClass: "B" }, { live: has(9, 1) })],
    [
      "says nothing to an extension",
      "skip; skip; skip",
      "grant GRANT_EXTENSION",
      asking({ ...always, memberLimit: 1 }, { kind: "extend", live: has(3, 3) }),
    ],
    ["says nothing of nothing", "skip; skip; skip", "deny RESOURCE_UNKNOWN", asking(null, { live: has(1, 1) })],
    ...(
      [
        ["A", 1],
        ["B", 3],
        ["C", 6],
      ] as const
    ).flatMap(([riskClass, most]): Row[] => [
      [
        `refuses a supervisor of ${most} on class ${riskClass}`,
        `skip; ${riskClass === "A" ? "pass" : "skip"}; fail MEMBER_LIMIT`,
        "deny MEMBER_LIMIT",
        asking({ ...always, riskClass }, { who: trainee, live: { supervised: most }, rest: withTrainer }),
      ],
      [
        `passes a supervisor of ${most - 1}`,
        `skip; ${riskClass === "A" ? "pass" : "skip"}; pass`,
        "grant GRANT_SUPERVISED",
        asking({ ...always, riskClass }, { who: trainee, live: { supervised: most - 1 }, rest: withTrainer }),
      ],
    ]),
    [
      "counts as class C what has none",
      "skip; skip; fail MEMBER_LIMIT",
      "deny MEMBER_LIMIT",
      asking({ ...always, riskClass: null }, { who: trainee, live: { supervised: 6 }, rest: withTrainer }),
    ],
    [
      "lets the policy say how many",
      "skip; pass; pass",
      "grant GRANT_SUPERVISED",
      asking({ ...always, supervisorLimit: 2 }, { who: trainee, live: { supervised: 1 }, rest: withTrainer }),
    ],
    [
      "asks the hub about the others of the supervisor",
      "skip; skip; ask MEMBER_LIMIT",
      "ask MEMBER_LIMIT",
      asking({ ...always, riskClass: "B" }, { who: trainee, rest: { ...near, ...withTrainer } }),
    ],
    [
      "passes without the hub: the supervisor has just tapped",
      "skip; skip; pass",
      "grant GRANT_SUPERVISED",
      asking({ ...always, riskClass: "B" }, { who: trainee, rest: { ...alone, ...withTrainer } }),
    ],
    [
      "counts for a lesson",
      "skip; skip; fail MEMBER_LIMIT",
      "deny MEMBER_LIMIT",
      asking(always, { kind: "teach", live: { supervised: 1 }, rest: withTrainer }),
    ],
    [
      "does not end what is supervised",
      "skip; skip; skip",
      "grant GRANT_EXTENSION",
      asking(always, { kind: "extend", who: trainee, live: { supervised: 9 }, rest: withTrainer }),
    ],
  ],
  R84: [
    [
      "warns when somebody comes in twice",
      "warn ANTI_PASSBACK",
      "grant GRANT; warns ANTI_PASSBACK",
      asking({ ...door, antiPassback: true }, { live: { memberInside: true } }),
    ],
    passes("not the first time", asking({ ...door, antiPassback: true }, { live: { memberInside: false } })),
    passes("nor where nobody knows", asking({ ...door, antiPassback: true })),
    silent(
      "says nothing to who opens from afar",
      "grant GRANT",
      asking({ ...door, antiPassback: true }, { ...fromAfar, live: { memberInside: true } }),
    ),
    silent("says nothing where nobody minds", "grant GRANT", asking(door, { live: { memberInside: true } })),
  ],
};

const node = (ageMs: number, hubReachable = false) => ({ where: onNode(ageMs, hubReachable) });
const week = 7 * day;
const staffOnly = { ...door, offline: "staff" } satisfies ResourceFacts;
const offline: Table = {
  R90: [
    refuses(
      "refuses without a snapshot",
      "OFFLINE_NO_SNAPSHOT",
      asking(door, { rest: { where: { place: "node", snapshot: null, hubReachable: false } } }),
    ),
    ["passes a snapshot as old as the policy allows", "pass", "grant GRANT_DEGRADED", asking(door, { rest: node(week) })],
    refuses("refuses from an older one", "SNAPSHOT_STALE", asking(door, { rest: node(week + 1) })),
    [
      "asks the hub instead",
      "fail SNAPSHOT_STALE",
      "ask SNAPSHOT_STALE",
      asking(door, { who: { roles: ["staff"] }, rest: node(week + 1, true) }),
    ],
    ...(["staff", "steward", "maintainer"] as const).map(
      (role): Row => [
        `passes ${role} from one twice as old`,
        "pass",
        "grant GRANT_DEGRADED",
        asking(door, { who: { roles: [role] }, rest: node(2 * week) }),
      ],
    ),
    refuses(
      "nobody from an older one still",
      "SNAPSHOT_STALE",
      asking(door, { who: { roles: ["staff", "steward", "maintainer"] }, rest: node(2 * week + 1) }),
    ),
    refuses("no trainer from a stale one", "SNAPSHOT_STALE", asking(door, { who: { roles: ["trainer"] }, rest: node(week + 1) })),
    refuses("says honestly that the card is not known here", "OFFLINE_UNKNOWN", asking(door, { who: null, rest: node(0) })),
    ["leaves that to R30 while the hub can be asked", "pass", "ask UNKNOWN_CREDENTIAL", asking(door, { who: null, rest: node(0, true) })],
    ["judges no age where nothing is served", "pass", "deny RESOURCE_UNKNOWN", asking(null, { rest: node(100 * week) })],
    silent("says nothing at the hub", "grant GRANT", asking(door)),
  ],
  R91: [
    refuses("refuses where the policy wants the hub", "OFFLINE_NOT_ALLOWED", asking({ ...door, offline: "deny" }, { rest: node(0) })),
    refuses("staff as well", "OFFLINE_NOT_ALLOWED", asking({ ...door, offline: "deny" }, { who: { roles: ["staff"] }, rest: node(0) })),
    refuses("refuses members where only staff may", "OFFLINE_NOT_ALLOWED", asking(staffOnly, { rest: node(0) })),
    ...(["staff", "steward", "maintainer"] as const).map(
      (role): Row => [`passes ${role} there`, "pass", "grant GRANT_DEGRADED", asking(staffOnly, { who: { roles: [role] }, rest: node(0) })],
    ),
    silent("says nothing where the snapshot is enough", "grant GRANT_DEGRADED", asking(door, { rest: node(0) })),
    silent("says nothing with the hub in reach", "grant GRANT", asking({ ...door, offline: "deny" }, { rest: node(0, true) })),
    silent("says nothing at the hub", "grant GRANT", asking({ ...door, offline: "deny" })),
    silent("says nothing of nothing", "deny RESOURCE_UNKNOWN", asking(null, { rest: node(0) })),
  ],
};

describe("presence", () => play(presence));
describe("limits", () => play(limits));
describe("without the hub", () => play(offline));
