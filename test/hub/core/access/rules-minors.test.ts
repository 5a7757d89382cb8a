/** R73 row by row: minors and guests are watched over. */
import { describe } from "vitest";
import type { ResourceFacts, SubjectFacts } from "#contract";
import { afternoon, asking, beside, door, laser, onNode } from "./builders.ts";
import type { Row, Table } from "./rows.ts";
import { play } from "./rows.ts";

const day = 86_400_000;
const hour = 3_600_000;
const noClock = { nowMs: null, quality: "unknown" } as const;
const floorMs = afternoon - day;
const near = { where: onNode(1000, true) };
const alone = { where: onNode(1000, false) };
const always = { ...laser, openingHours: null, offline: "snapshot" } satisfies ResourceFacts;
type Competence = SubjectFacts["competence"];
const level = (name: Competence["level"], untilMs: number | null = null, endsAs?: Competence["endsAs"]) => ({
  competence: { level: name, untilMs, ...(endsAs === undefined ? {} : { endsAs }) },
});
const stopping = { kind: "stop", live: { session: { member: 3, phase: "busy", idleForMs: 0 } } } as const;
const job = { session: { member: 7, phase: "unattended", idleForMs: 0 } } as const;
const lesson = [{ fromMs: afternoon, untilMs: afternoon + hour }];

const minor = (changes: Partial<NonNullable<SubjectFacts["minor"]>> = {}) => ({
  minor: { ofAgeMs: null, adultMs: afternoon + day, consent: true, ...changes },
});
const watched = { ...laser, minorsNeedSupervisor: true } satisfies ResourceFacts;
const guest = { guest: { host: 4, untilMs: afternoon + day, visitsLeft: null } };
const hosting = { ...laser, guests: "with_host" } satisfies ResourceFacts;
/** Four rules: old enough; consent; an adult beside a minor; a guest's host. */
const protects: Table = {
  R73: [
    [
      "refuses who is too young",
      "fail MINOR_NOT_ALLOWED; pass; skip; skip",
      "deny MINOR_NOT_ALLOWED",
      asking(laser, { who: minor({ ofAgeMs: afternoon + 1 }) }),
    ],
    ["passes from the birthday", "pass; pass; skip; skip", "grant GRANT", asking(laser, { who: minor({ ofAgeMs: afternoon }) })],
    [
      "refuses at a door that has a least age",
      "fail MINOR_NOT_ALLOWED; pass; skip; skip",
      "deny MINOR_NOT_ALLOWED",
      asking(door, { who: minor({ ofAgeMs: afternoon + 1 }) }),
    ],
    [
      "without the time, refuses until the floor has passed the birthday",
      "fail MINOR_NOT_ALLOWED; pass; skip; skip",
      "deny MINOR_NOT_ALLOWED",
      asking(always, { who: minor({ ofAgeMs: floorMs + 1 }), clock: noClock }),
    ],
    [
      "without the time, passes whose birthday it has passed",
      "pass; pass; skip; skip",
      "grant GRANT_DEGRADED",
      asking(always, { who: minor({ ofAgeMs: floorMs, adultMs: floorMs + 1 }), clock: noClock }),
    ],
    [
      "refuses without a guardian's consent",
      "pass; fail CONSENT_MISSING; skip; skip",
      "deny CONSENT_MISSING",
      asking(laser, { who: minor({ consent: false }) }),
    ],
    [
      "until they are of full age",
      "pass; skip; skip; skip",
      "grant GRANT",
      asking(laser, { who: minor({ consent: false, adultMs: afternoon }) }),
    ],
    [
      "without the time, until the floor has passed that birthday",
      "pass; fail CONSENT_MISSING; skip; skip",
      "deny CONSENT_MISSING",
      asking(always, { who: minor({ consent: false, adultMs: floorMs + 1 }), clock: noClock }),
    ],
    [
      "waits for an adult beside a minor",
      "pass; pass; pending AWAIT_SUPERVISOR; skip",
      "pending AWAIT_SUPERVISOR",
      asking(watched, { who: minor() }),
    ],
    [
      "is content with who may use it alone",
      "pass; pass; pass GRANT_SUPERVISED; skip",
      "grant GRANT_SUPERVISED",
      asking(watched, { who: minor(), rest: { companions: [beside(3)] } }),
    ],
    [
      "not with who may not",
      "pass; pass; pending AWAIT_SUPERVISOR; skip",
      "pending AWAIT_SUPERVISOR",
      asking(watched, { who: minor(), rest: { companions: [beside(3, level("none"))] } }),
    ],
    [
      "nor whose training has ended",
      "pass; pass; pending AWAIT_SUPERVISOR; skip",
      "pending AWAIT_SUPERVISOR",
      asking(watched, { who: minor(), rest: { companions: [beside(3, level("competent", afternoon))] } }),
    ],
    [
      "nor with anybody where there is nothing to learn",
      "pass; pass; pending AWAIT_SUPERVISOR; skip",
      "pending AWAIT_SUPERVISOR",
      asking({ ...watched, requiresTraining: false }, { who: minor(), rest: { companions: [beside(3)] } }),
    ],
    ...(["trainer", "steward", "staff"] as const).map(
      (role): Row => [
        `but with ${role}`,
        "pass; pass; pass GRANT_SUPERVISED; skip",
        "grant GRANT_SUPERVISED",
        asking({ ...watched, requiresTraining: false }, { who: minor(), rest: { companions: [beside(3, { roles: [role] })] } }),
      ],
    ),
    [
      "not with a maintainer or responder",
      "pass; pass; pending AWAIT_SUPERVISOR; skip",
      "pending AWAIT_SUPERVISOR",
      asking(
        { ...watched, requiresTraining: false },
        { who: minor(), rest: { companions: [beside(3, { roles: ["maintainer", "responder"] })] } },
      ),
    ],
    [
      "nor with another minor",
      "pass; pass; pending AWAIT_SUPERVISOR; skip",
      "pending AWAIT_SUPERVISOR",
      asking(watched, { who: minor(), rest: { companions: [beside(3, { roles: ["staff"], ...minor() })] } }),
    ],
    [
      "lets a minor in at a watched door with an adult",
      "pass; pass; pass GRANT_SUPERVISED; skip",
      "grant GRANT_SUPERVISED",
      asking({ ...door, minorsNeedSupervisor: true }, { who: minor(), rest: { companions: [beside(3, { roles: ["staff"] })] } }),
    ],
    [
      "lets a job of a minor run on",
      "pass; pass; skip; skip",
      "grant GRANT_EXTENSION",
      asking(watched, { kind: "extend", who: minor(), live: job }),
    ],
    [
      "does not watch over who opens from afar",
      "pass; pass; skip; skip",
      "grant GRANT",
      asking({ ...door, minorsNeedSupervisor: true }, { kind: "remote_unlock", who: { ...minor(), roles: ["staff"] } }),
    ],
    [
      "waits for a guest's host",
      "skip; skip; skip; pending AWAIT_SUPERVISOR",
      "pending AWAIT_SUPERVISOR",
      asking(hosting, { who: guest, live: { hostPresent: false } }),
    ],
    ["who is in", "skip; skip; skip; pass", "grant GRANT", asking(hosting, { who: guest, live: { hostPresent: true } })],
    [
      "or taps",
      "skip; skip; skip; pass",
      "grant GRANT",
      asking(hosting, { who: guest, live: { hostPresent: false }, rest: { companions: [beside(4)] } }),
    ],
    [
      "which nobody else does for them",
      "skip; skip; skip; pending AWAIT_SUPERVISOR",
      "pending AWAIT_SUPERVISOR",
      asking(hosting, { who: guest, live: { hostPresent: false }, rest: { companions: [beside(3)] } }),
    ],
    [
      "asks the hub whether the host is in",
      "skip; skip; skip; ask AWAIT_SUPERVISOR",
      "ask AWAIT_SUPERVISOR",
      asking({ ...hosting, offline: "snapshot" }, { who: guest, rest: near }),
    ],
    [
      "waits at once where the node knows that the host is out",
      "skip; skip; skip; pending AWAIT_SUPERVISOR",
      "pending AWAIT_SUPERVISOR",
      asking({ ...hosting, offline: "snapshot" }, { who: guest, live: { hostPresent: false }, rest: near }),
    ],
    [
      "waits for them without the hub",
      "skip; skip; skip; pending AWAIT_SUPERVISOR",
      "pending AWAIT_SUPERVISOR",
      asking({ ...hosting, offline: "snapshot" }, { who: guest, rest: alone }),
    ],
    [
      "does not end what a guest has begun",
      "skip; skip; skip; skip",
      "grant GRANT_EXTENSION",
      asking(hosting, { kind: "extend", who: guest, live: { hostPresent: false } }),
    ],
    [
      "leaves a class to who holds it",
      "skip; skip; skip; skip",
      "grant GRANT_EVENT",
      asking(laser, { who: { ...guest, events: lesson }, live: { hostPresent: false } }),
    ],
    [
      "says nothing to a stop",
      "skip; skip; skip; skip",
      "deny IN_USE",
      asking({ ...watched, ...hosting }, { ...stopping, who: { ...guest, ...minor({ ofAgeMs: afternoon + 1, consent: false }) } }),
    ],
    ["says nothing of members of full age", "skip; skip; skip; skip", "grant GRANT", asking({ ...watched, ...hosting })],
    ["says nothing of nobody", "skip; skip; skip; skip", "deny UNKNOWN_CREDENTIAL", asking(watched, { who: null })],
  ],
};

describe("minors and guests", () => play(protects));
