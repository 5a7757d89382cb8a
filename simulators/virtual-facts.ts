/** What the scenes of the virtual building begin from: a member whom nothing speaks against, a plain door, a plain machine. */
import type { ResourceFacts, SubjectFacts } from "#contract";
import type { Resource } from "../hub/ports.ts";

/** In good standing, around the clock, competent. */
export const goodStanding: SubjectFacts = {
  member: "active",
  credential: "active",
  credentialFromMs: null,
  credentialUntilMs: null,
  hold: false,
  restricted: false,
  membership: { state: "held", fromMs: 0, untilMs: null, graceUntilMs: null },
  inPlan: true,
  always: true,
  schedule: null,
  waiver: "ok",
  competence: { level: "competent", untilMs: null },
  roles: [],
};

/** Open at all hours, for everybody in good standing; decides alone for a week. */
export const plainDoor: Omit<ResourceFacts, "id" | "tz"> = {
  kind: "door",
  label: "Door",
  riskClass: null,
  cutHazard: false,
  sharing: "shared",
  attendance: "attended",
  requiresTraining: false,
  nextStep: {},
  openingHours: null,
  unknownClock: "floor",
  offline: "snapshot",
  offlineMaxAgeMs: 604_800_000,
  minUsefulMs: 0,
  asks: [],
  disabled: false,
  lease: { leaseMs: 0, idleMs: 0, graceMs: 0, enableMs: 1000 },
  door: { strikeMs: 5000, shuntMs: 30_000 },
};

/** One person at a time, trained; the rest as a door. The lease is the scene's own. */
export const plainMachine: Omit<ResourceFacts, "id" | "tz" | "lease"> = {
  ...plainDoor,
  kind: "machine",
  label: "Machine",
  riskClass: "B",
  sharing: "exclusive",
  requiresTraining: true,
  unknownClock: "deny",
  minUsefulMs: 120_000,
  door: null,
};

/** A door hangs on the channel `door` of its node, a machine on `machine`. */
export function resourceRow(facts: ResourceFacts, node: string, settings: Resource["settings"] = {}): Resource {
  const { id, kind, label } = facts;
  return { id, kind, label, node, ch: kind === "door" ? "door" : "machine", zone: null, fromZone: null, facts, settings };
}
