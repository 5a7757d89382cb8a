/**
 * An evening of the building in virtual time: the very node programs and the very hub, in one process, with people, loads and
 * wires made of events. It passes in seconds, and the same seed gives the same trace, to the byte.
 */
import { createHash } from "node:crypto";
import type { ResourceFacts, SubjectFacts } from "#contract";
import type { Resource } from "../hub/ports.ts";
import type { MachineKind } from "./loads.ts";
import { cast, liveOn, type Person } from "./people.ts";
import { dice } from "./random.ts";
import { createVirtualBuilding, type VirtualBuilding } from "./virtual-building.ts";
import { goodStanding, plainDoor, plainMachine, resourceRow } from "./virtual-facts.ts";
import type { VirtualSite, VirtualSpace } from "./virtual-site.ts";

export type VirtualRun = {
  /** every event of the log and every act of a person, in order, one line each */
  readonly trace: readonly string[];
  readonly sha256: string;
  readonly events: number;
  readonly grants: number;
  readonly refusals: number;
  readonly sessions: number;
};

type Place = { readonly node: string; readonly id: string; readonly kind: "door" | MachineKind };

const startMs = Date.UTC(2026, 10, 2, 15, 0, 0);
const tz = "Europe/Riga";
/** after the last person has gone: what nobody uses any more has ended by itself */
const forgottenMs = 30 * 60_000;
const door = { node: "door-node", id: "front-door", kind: "door" } as const;
const machines = [
  { node: "laser-node", id: "laser-1", kind: "laser" },
  { node: "printer-node", id: "printer-1", kind: "printer" },
  { node: "saw-node", id: "saw-1", kind: "saw" },
] as const;

export async function runVirtual(given: { seed: number; hours: number; tempo?: number }): Promise<VirtualRun> {
  const { seed, hours, tempo = 4 } = given;
  const building = createVirtualBuilding({ seed, startMs, tz, space: castSpace(), doors: [door], machines });
  const { scheduler, site } = building;
  const trace: string[] = [];
  const note = (line: string): void => void trace.push(`${Math.round(scheduler.nowMs())} ${line}`);
  site.ledger.onChange((change) => {
    if (change.kind === "events")
      for (const { node, seq, evtMs, body } of change.events) note(`${node} ${seq} ${Math.round(evtMs - startMs)} ${JSON.stringify(body)}`);
  });
  const crowd = liveOn({
    place: { door: door.id, machines: machines.map(({ id, kind }) => ({ id, kind })) },
    hands: handsOf(building),
    scheduler,
    random: dice(seed, "people"),
    tempo,
    note,
  });
  await scheduler.advanceTo(hours * 3_600_000);
  crowd.stop();
  for (const { id } of machines) building.machine(id).work(false);
  await building.pass(forgottenMs);
  await building.stop();
  if (building.host.restarts.length > 0) throw new Error(`virtual: a node wanted a restart: ${building.host.restarts.join("; ")}`);
  return summary(trace, site);
}

function handsOf(building: VirtualBuilding): Parameters<typeof liveOn>[0]["hands"] {
  const { machine } = building;
  return {
    present: (reader, card, forMs) => (reader === door.id ? building.door(reader) : machine(reader)).reader.present(card, forMs),
    pull: (id) => building.door(id).pull(),
    close: (id) => building.door(id).close(),
    pressExit: (id) => building.door(id).pressExit(),
    pressStart: (id) => machine(id).pressStart(),
    pressStop: (id) => machine(id).pressStop(),
    work: (id, working) => machine(id).work(working),
    isPermitted: (id) => machine(id).isPermitted(),
    isBusy: (id) => machine(id).isWorking(),
  };
}

function summary(trace: readonly string[], site: VirtualSite): VirtualRun {
  const count = (fits: (body: VirtualSite["events"][number]["body"]) => boolean): number =>
    site.events.filter(({ body }) => fits(body)).length;
  return {
    trace,
    sha256: createHash("sha256").update(trace.join("\n")).digest("hex"),
    events: site.events.length,
    grants: count((body) => body.kind === "access.decided" && body.outcome === "grant"),
    refusals: count((body) => body.kind === "access.decided" && body.outcome === "deny"),
    sessions: count((body) => body.kind === "mach.session_started"),
  };
}

/** The cast's space: a door and three machines, everybody with the plan that never closes. */
function castSpace(): VirtualSpace {
  const places: readonly Place[] = [door, ...machines];
  return {
    epoch: 1,
    mode: "normal",
    resources: places.map(resourceOf),
    people: cast.flatMap((person, index) =>
      person.membership === "none"
        ? []
        : [
            {
              member: index + 1,
              name: person.name,
              cards: [person.card],
              facts: Object.fromEntries(places.map((place) => [place.id, subjectOf(person, place)])),
            },
          ],
    ),
    schedules: [],
    lockouts: [],
    revoked: [],
  };
}

function resourceOf(entry: Place): Resource {
  const { id, node, kind } = entry;
  if (kind === "door") return resourceRow({ ...plainDoor, id, tz }, node);
  const isPrinter = kind === "printer";
  const facts: ResourceFacts = {
    ...plainMachine,
    ...(isPrinter ? { riskClass: "C", cutHazard: true, attendance: "unattended_ok" } : {}),
    id,
    tz,
    lease: { leaseMs: 14_400_000, idleMs: 900_000, graceMs: 30_000, enableMs: 60_000 },
  };
  return resourceRow(facts, node, { profile: isPrinter ? "fdm" : kind });
}

function subjectOf(person: Person, { kind }: Place): SubjectFacts {
  const isTrained = kind !== "door" && person.trainedFor.includes(kind);
  const ended = { state: "held", fromMs: 0, untilMs: 1, graceUntilMs: 1 } as const;
  return {
    ...goodStanding,
    ...(person.membership === "expired" ? { membership: ended } : {}),
    competence: { level: isTrained ? "competent" : "none", untilMs: null },
  };
}
