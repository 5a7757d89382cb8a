/** R70–R72 row by row: has the person learnt it, or a trainer beside them. */
import { describe } from "vitest";
import type { ResourceFacts, SubjectFacts } from "#contract";
import { afternoon, asking, beside, door, laser } from "./builders.ts";
import type { Row, Table } from "./rows.ts";
import { passes, play, silent, waits } from "./rows.ts";

const day = 86_400_000;
const hour = 3_600_000;
const noClock = { nowMs: null, quality: "unknown" } as const;
const floorMs = afternoon - day;
const always = { ...laser, openingHours: null, offline: "snapshot" } satisfies ResourceFacts;
const trusting = { ...always, unknownClock: "floor" } satisfies ResourceFacts;
type Competence = SubjectFacts["competence"];
const level = (name: Competence["level"], untilMs: number | null = null, endsAs?: Competence["endsAs"]) => ({
  competence: { level: name, untilMs, ...(endsAs === undefined ? {} : { endsAs }) },
});
const trainer = beside(4, { roles: ["trainer"] });
const withTrainer = { companions: [trainer] };
const taught = { kind: "teach", rest: withTrainer } as const;
const stopping = { kind: "stop", live: { session: { member: 3, phase: "busy", idleForMs: 0 } } } as const;
const job = { session: { member: 7, phase: "unattended", idleForMs: 0 } } as const;
const lesson = [{ fromMs: afternoon, untilMs: afternoon + hour }];
const trainee = level("trainee");

const training: Table = {
  R70: [
    ...(
      [
        ["none", "TRAINING_MISSING"],
        ["expired", "TRAINING_EXPIRED"],
        ["lapsed", "TRAINING_LAPSED"],
        ["suspended", "TRAINING_SUSPENDED"],
        ["superseded", "TRAINING_SUPERSEDED"],
      ] as const
    ).map(
      ([name, code]): Row => [
        `refuses a training that is ${name}`,
        `fail ${code}; skip`,
        `deny ${code}`,
        asking(laser, { who: level(name) }),
      ],
    ),
    [
      "passes until the training ends, and says that this is near",
      "pass; warn TRAINING_ENDS",
      "grant GRANT_EXTENSION; warns TRAINING_ENDS",
      asking(laser, { kind: "extend", who: level("competent", afternoon + 1) }),
    ],
    ["refuses from its end", "fail TRAINING_EXPIRED; skip", "deny TRAINING_EXPIRED", asking(laser, { who: level("competent", afternoon) })],
    [
      "names how it ended",
      "fail TRAINING_LAPSED; skip",
      "deny TRAINING_LAPSED",
      asking(laser, { who: level("competent", afternoon, "lapsed") }),
    ],
    [
      "of a trainee as well",
      "fail TRAINING_EXPIRED; skip",
      "deny TRAINING_EXPIRED",
      asking(laser, { who: level("trainee", afternoon, "expired"), rest: withTrainer }),
    ],
    [
      "says so a fortnight before",
      "pass; warn TRAINING_ENDS",
      "grant GRANT; warns TRAINING_ENDS",
      asking(laser, { who: level("competent", afternoon + 14 * day) }),
    ],
    ["not earlier", "pass; skip", "grant GRANT", asking(laser, { who: level("competent", afternoon + 14 * day + 1) })],
    [
      "without the time, refuses what ended by the floor",
      "fail TRAINING_EXPIRED; skip",
      "deny TRAINING_EXPIRED",
      asking(trusting, { who: level("competent", floorMs), clock: noClock }),
    ],
    [
      "without the time, passes what ends later",
      "pass; skip",
      "grant GRANT_DEGRADED",
      asking(trusting, { who: level("competent", floorMs + 1), clock: noClock }),
    ],
    [
      "passes who is in a class, with a trainer",
      "pass; skip",
      "grant GRANT_EVENT",
      asking(laser, { who: { ...level("none"), events: lesson }, rest: withTrainer }),
    ],
    [
      "passes a student whom a trainer teaches",
      "pass GRANT_TEACH; skip",
      "grant GRANT_TEACH",
      asking(laser, { ...taught, who: level("none") }),
    ],
    [
      "passes the lesson that goes on",
      "pass; skip",
      "grant GRANT_EXTENSION",
      asking(laser, { kind: "extend", who: level("none"), rest: withTrainer }),
    ],
    [
      "ends it when the trainer has gone",
      "fail TRAINING_MISSING; skip",
      "deny TRAINING_MISSING",
      asking(laser, { kind: "extend", who: level("none") }),
    ],
    [
      "refuses to teach without a trainer",
      "fail TRAINING_MISSING; skip",
      "deny TRAINING_MISSING",
      asking(laser, { kind: "teach", rest: { companions: [beside(4)] } }),
    ],
    [
      "waits for the student of a trainer",
      "pending AWAIT_SECOND_PERSON; skip",
      "pending AWAIT_SECOND_PERSON",
      asking(laser, { kind: "teach", who: { roles: ["trainer"] } }),
    ],
    [
      "who is not the trainer again",
      "fail SECOND_PERSON_SAME; skip",
      "deny SECOND_PERSON_SAME",
      asking(laser, { kind: "teach", who: { roles: ["trainer"] }, rest: { companions: [beside(7, { roles: ["trainer"] })] } }),
    ],
    [
      "not even when somebody else stands there too",
      "fail SECOND_PERSON_SAME; skip",
      "deny SECOND_PERSON_SAME",
      asking(laser, { kind: "teach", who: { roles: ["trainer"] }, rest: { companions: [beside(4), beside(7)] } }),
    ],
    [
      "nor somebody who cannot teach",
      "pending AWAIT_SECOND_PERSON; skip",
      "pending AWAIT_SECOND_PERSON",
      asking(laser, { kind: "teach", who: { roles: ["trainer"] }, rest: { companions: [beside(4)] } }),
    ],
    [
      "takes no trainer whose card is not in force",
      "fail TRAINING_MISSING; skip",
      "deny TRAINING_MISSING",
      asking(laser, { ...taught, rest: { companions: [beside(4, { roles: ["trainer"], credential: "lost" })] } }),
    ],
    [
      "passes a maintainer who mends, trained or not",
      "pass GRANT_MAINTENANCE; skip",
      "grant GRANT_MAINTENANCE",
      asking(laser, { kind: "maintain", who: { ...level("none"), roles: ["maintainer"] } }),
    ],
    [
      "refuses to mend without that role",
      "fail TRAINING_MISSING; warn TRAINING_ENDS",
      "deny TRAINING_MISSING",
      asking(laser, { kind: "maintain", who: level("competent", afternoon + day) }),
    ],
    [
      "passes where no training is needed, and says nothing of its end",
      "pass; skip",
      "grant GRANT",
      asking({ ...laser, requiresTraining: false }, { who: level("none", afternoon + day) }),
    ],
    [
      "says nothing to who opens from afar",
      "skip; skip",
      "grant GRANT",
      asking(door, { kind: "remote_unlock", who: { ...level("none"), roles: ["staff"] } }),
    ],
    ["says nothing to a stop", "skip; skip", "deny IN_USE", asking(laser, { ...stopping, who: level("none") })],
    ["says nothing of nobody", "skip; skip", "deny UNKNOWN_CREDENTIAL", asking(laser, { who: null })],
    ["says nothing of nothing", "skip; skip", "deny RESOURCE_UNKNOWN", asking(null, { who: level("none") })],
  ],
  R71: [
    waits("waits for a trainer beside a trainee", "AWAIT_SUPERVISOR", asking(laser, { who: trainee })),
    ["starts with one", "pass GRANT_SUPERVISED", "grant GRANT_SUPERVISED", asking(laser, { who: trainee, rest: withTrainer })],
    [
      "goes on with one",
      "pass GRANT_SUPERVISED",
      "grant GRANT_EXTENSION",
      asking(laser, { kind: "extend", who: trainee, rest: withTrainer }),
    ],
    waits("not without", "AWAIT_SUPERVISOR", asking(laser, { kind: "extend", who: trainee })),
    [
      "takes a machine over with one",
      "pass GRANT_SUPERVISED",
      "grant GRANT_HANDOVER",
      asking(
        { ...laser, sharing: "handover" },
        {
          kind: "handover",
          who: trainee,
          live: { session: { member: 3, phase: "idle", idleForMs: 0 } },
          rest: { companions: [beside(3), trainer] },
        },
      ),
    ],
    waits(
      "but not from the very trainer, who leaves",
      "AWAIT_SUPERVISOR",
      asking(
        { ...laser, sharing: "handover" },
        { kind: "handover", who: trainee, live: { session: { member: 4, phase: "idle", idleForMs: 0 } }, rest: withTrainer },
      ),
    ),
    [
      "lets into a room that needs the training",
      "pass GRANT_SUPERVISED",
      "grant GRANT_SUPERVISED",
      asking({ ...door, requiresTraining: true }, { who: trainee, rest: withTrainer }),
    ],
    waits(
      "is not their own trainer",
      "AWAIT_SUPERVISOR",
      asking(laser, { who: { ...trainee, roles: ["trainer"] }, rest: { companions: [beside(7, { roles: ["trainer"] })] } }),
    ),
    waits(
      "takes nobody who is under a hold",
      "AWAIT_SUPERVISOR",
      asking(laser, { who: trainee, rest: { companions: [beside(4, { roles: ["trainer"], hold: true })] } }),
    ),
    waits(
      "nor restricted here",
      "AWAIT_SUPERVISOR",
      asking(laser, { who: trainee, rest: { companions: [beside(4, { roles: ["trainer"], restricted: true })] } }),
    ),
    waits(
      "nor suspended",
      "AWAIT_SUPERVISOR",
      asking(laser, { who: trainee, rest: { companions: [beside(4, { roles: ["trainer"], member: "suspended" })] } }),
    ),
    waits(
      "nor before their card begins",
      "AWAIT_SUPERVISOR",
      asking(laser, { who: trainee, rest: { companions: [beside(4, { roles: ["trainer"], credentialFromMs: afternoon + 1 })] } }),
    ),
    [
      "but from then",
      "pass GRANT_SUPERVISED",
      "grant GRANT_SUPERVISED",
      asking(laser, { who: trainee, rest: { companions: [beside(4, { roles: ["trainer"], credentialFromMs: afternoon })] } }),
    ],
    waits(
      "nor from its end",
      "AWAIT_SUPERVISOR",
      asking(laser, { who: trainee, rest: { companions: [beside(4, { roles: ["trainer"], credentialUntilMs: afternoon })] } }),
    ),
    [
      "but until then",
      "pass GRANT_SUPERVISED",
      "grant GRANT_SUPERVISED",
      asking(laser, { who: trainee, rest: { companions: [beside(4, { roles: ["trainer"], credentialUntilMs: afternoon + 1 })] } }),
    ],
    [
      "without the time, takes who may have begun",
      "pass GRANT_SUPERVISED",
      "grant GRANT_SUPERVISED",
      asking(always, {
        who: trainee,
        clock: noClock,
        rest: { companions: [beside(4, { roles: ["trainer"], credentialFromMs: afternoon })] },
      }),
    ],
    waits(
      "wants a trainer beside the untrained of a class on what can kill",
      "AWAIT_SUPERVISOR",
      asking(laser, { who: { ...level("none"), events: lesson } }),
    ),
    silent("not beside those who have learnt it", "grant GRANT_EVENT", asking(laser, { who: { ...level("competent"), events: lesson } })),
    silent("nor where it cannot", "grant GRANT_EVENT", asking({ ...laser, riskClass: "B" }, { who: { ...level("none"), events: lesson } })),
    silent("says nothing to who is competent", "grant GRANT", asking(laser)),
    silent("says nothing in a lesson", "grant GRANT_TEACH", asking(laser, { ...taught, who: trainee })),
    silent(
      "says nothing to a job that runs by itself",
      "grant GRANT_EXTENSION",
      asking(laser, { kind: "extend", who: trainee, live: job }),
    ),
    silent("says nothing where no training is needed", "grant GRANT", asking({ ...laser, requiresTraining: false }, { who: trainee })),
    silent(
      "says nothing to who opens from afar",
      "grant GRANT",
      asking({ ...door, requiresTraining: true }, { kind: "remote_unlock", who: { ...trainee, roles: ["staff"] } }),
    ),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(laser, { who: null })),
  ],
};

const rotary = { ...laser, accessories: [{ accessory: "rotary", label: "Rotary axis" }] } satisfies ResourceFacts;
const rotaryAs = (name: Competence["level"], untilMs: number | null = null) => ({ accessories: { rotary: { level: name, untilMs } } });
const accessories: Table = {
  R72: [
    ["withholds an accessory that was not learnt", "withhold TRAINING_MISSING", "grant GRANT", asking(rotary, { who: rotaryAs("none") })],
    ["of a trainee", "withhold TRAINING_MISSING", "grant GRANT", asking(rotary, { who: rotaryAs("trainee") })],
    ["from the end of the training", "withhold TRAINING_MISSING", "grant GRANT", asking(rotary, { who: rotaryAs("competent", afternoon) })],
    passes("gives it until then", asking(rotary, { who: rotaryAs("competent", afternoon + 1) })),
    [
      "without the time, until the floor has passed the end",
      "pass",
      "grant GRANT_DEGRADED",
      asking({ ...rotary, openingHours: null }, { who: rotaryAs("competent", floorMs + 1), clock: noClock }),
    ],
    passes("gives it where it has no course", asking(rotary)),
    [
      "withholds it beside another that was learnt",
      "withhold TRAINING_MISSING",
      "grant GRANT",
      asking(
        { ...rotary, accessories: [...rotary.accessories, { accessory: "camera", label: "Camera" }] },
        { who: { accessories: { ...rotaryAs("none").accessories, camera: { level: "competent", untilMs: null } } } },
      ),
    ],
    [
      "gives it in a lesson by somebody who has learnt it",
      "pass",
      "grant GRANT_TEACH",
      asking(rotary, { ...taught, who: rotaryAs("none") }),
    ],
    [
      "not in one by somebody who has not",
      "withhold TRAINING_MISSING",
      "grant GRANT_TEACH",
      asking(rotary, {
        kind: "teach",
        who: rotaryAs("none"),
        rest: { companions: [beside(4, { roles: ["trainer"], ...rotaryAs("none") })] },
      }),
    ],
    [
      "not from who merely stands beside",
      "withhold TRAINING_MISSING",
      "grant GRANT",
      asking(rotary, { who: rotaryAs("none"), rest: withTrainer }),
    ],
    silent("says nothing where there are none", "grant GRANT", asking(laser, { who: rotaryAs("none") })),
    silent("says nothing at a door", "grant GRANT", asking({ ...door, accessories: rotary.accessories }, { who: rotaryAs("none") })),
    silent("says nothing to a stop", "deny IN_USE", asking(rotary, { ...stopping, who: rotaryAs("none") })),
    silent("says nothing of nobody", "deny UNKNOWN_CREDENTIAL", asking(rotary, { who: null })),
  ],
};

describe("training", () => play(training));
describe("accessories", () => play(accessories));
