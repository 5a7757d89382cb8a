/** Facts of an ordinary afternoon at a Berlin makerspace; each test changes only what it is about. */
import type { ResourceFacts, Schedule, SubjectFacts } from "#contract";
import type { DecisionInput, Subject } from "#core";

export const tz = "Europe/Berlin";
/** Local wall time in Berlin as UTC ms. */
export const berlin = (local: string): number => Temporal.PlainDateTime.from(local).toZonedDateTime(tz).epochMilliseconds;
export const afternoon = berlin("2026-03-11T14:00");

export const daily = (startMin: number, endMin: number): Schedule => ({
  intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin, endMin })),
  special: [],
});

export function facts(changes: Partial<SubjectFacts> = {}): SubjectFacts {
  return {
    member: "active",
    credential: "active",
    credentialFromMs: null,
    credentialUntilMs: null,
    hold: false,
    restricted: false,
    membership: { state: "held", fromMs: null, untilMs: null, graceUntilMs: null },
    inPlan: true,
    always: false,
    schedule: null,
    waiver: "ok",
    competence: { level: "competent", untilMs: null },
    roles: [],
    ...changes,
  };
}

export const laser: ResourceFacts = {
  id: "laser-1",
  kind: "machine",
  label: "Laser",
  tz,
  riskClass: "A",
  cutHazard: false,
  sharing: "exclusive",
  attendance: "attended",
  requiresTraining: true,
  nextStep: {},
  openingHours: daily(8 * 60, 23 * 60),
  unknownClock: "deny",
  offline: "deny",
  offlineMaxAgeMs: 2 * 86_400_000,
  minUsefulMs: 120_000,
  asks: [],
  disabled: false,
  lease: { leaseMs: 900_000, idleMs: 1_200_000, graceMs: 90_000, enableMs: 120_000 },
  door: null,
};

export const door: ResourceFacts = {
  ...laser,
  id: "front-door",
  kind: "door",
  riskClass: null,
  requiresTraining: false,
  openingHours: null,
  offline: "snapshot",
  offlineMaxAgeMs: 7 * 86_400_000,
  minUsefulMs: 0,
  lease: { leaseMs: 0, idleMs: 0, graceMs: 0, enableMs: 0 },
  door: { strikeMs: 5000, shuntMs: 30_000 },
};

/** Somebody who taps beside the member who asks (member 7). */
export const beside = (member: number, changes: Partial<SubjectFacts> = {}): Subject => ({ member, facts: facts(changes) });

export const onNode = (ageMs: number, hubReachable: boolean): DecisionInput["where"] => ({
  place: "node",
  snapshot: { epoch: 1, version: 7, ageMs },
  hubReachable,
});

type Changes = {
  readonly kind?: DecisionInput["question"]["kind"];
  readonly question?: Partial<DecisionInput["question"]>;
  readonly who?: Partial<SubjectFacts> | null;
  readonly at?: number;
  readonly clock?: Partial<DecisionInput["clock"]>;
  readonly live?: Partial<DecisionInput["live"]>;
  readonly rest?: Partial<DecisionInput>;
};

/** A question about the laser (or, with `resource`, about something else). */
export function asking(resource: ResourceFacts | null, changes: Changes = {}): DecisionInput {
  const kind = changes.kind ?? (resource?.kind === "door" ? "enter" : "start");
  return {
    question: { kind, ageMs: 20, usable: true, ...changes.question },
    clock: { nowMs: changes.at ?? afternoon, floorMs: afternoon - 86_400_000, quality: "synced", ...changes.clock },
    subject: changes.who === null ? null : { member: 7, facts: facts(changes.who) },
    resource,
    schedules: [],
    live: {
      lockouts: [],
      online: true,
      session: null,
      ancillariesReady: true,
      memberSessions: { all: 0, attendedA: 0 },
      readerPenaltyUntilMono: null,
      nowMono: 1_000_000,
      revoked: false,
      ...changes.live,
    },
    mode: "normal",
    nodeAuthorised: true,
    where: { place: "hub" },
    ...changes.rest,
  };
}
