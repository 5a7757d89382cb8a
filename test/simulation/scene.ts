/**
 * The stage of the acceptance scenarios (domain.md §7): door D1, laser L with extraction X, saw W, printer P, in Berlin. The
 * hub and the nodes are the real programs; hands, electricity and time are played. Expectations stand in the scenarios.
 */
import type { EventBody, ResourceFacts, SubjectFacts } from "#contract";
import type { LedgerEvent, Resource } from "../../hub/ports.ts";
import { createVirtualBuilding, type VirtualBuilding, type VirtualDoor } from "../../simulators/virtual-building.ts";
import type { VirtualMachine } from "../../simulators/virtual-machine.ts";
import type { VirtualPerson, VirtualSpace } from "../../simulators/virtual-site.ts";

export const tz = "Europe/Berlin";
/** Berlin's wall clock as UTC ms. */
export const berlin = (local: string): number => Temporal.PlainDateTime.from(local).toZonedDateTime(tz).epochMilliseconds;
export const utc = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
export const second = 1000;
export const minute = 60_000;
export const hour = 3_600_000;

export const doorFacts: ResourceFacts = {
  id: "door-1",
  kind: "door",
  label: "Front door",
  tz,
  riskClass: null,
  cutHazard: false,
  sharing: "shared",
  attendance: "attended",
  requiresTraining: false,
  nextStep: {},
  openingHours: null,
  unknownClock: "floor",
  offline: "snapshot",
  offlineMaxAgeMs: 7 * 24 * hour,
  minUsefulMs: 0,
  asks: [],
  disabled: false,
  lease: { leaseMs: 0, idleMs: 0, graceMs: 0, enableMs: 1000 },
  door: { strikeMs: 5000, shuntMs: 30_000 },
};
const machineFacts: ResourceFacts = {
  ...doorFacts,
  kind: "machine",
  sharing: "exclusive",
  requiresTraining: true,
  unknownClock: "deny",
  minUsefulMs: 120_000,
  door: null,
};
export const laserFacts: ResourceFacts = {
  ...machineFacts,
  id: "laser",
  label: "Laser",
  riskClass: "A",
  offline: "deny",
  lease: { leaseMs: 15 * minute, idleMs: 20 * minute, graceMs: 90 * second, enableMs: 120 * second },
};
export const sawFacts: ResourceFacts = {
  ...machineFacts,
  id: "saw",
  label: "Table saw",
  riskClass: "B",
  lease: { leaseMs: 15 * minute, idleMs: 35 * minute, graceMs: 90 * second, enableMs: 30 * second },
};
export const printerFacts: ResourceFacts = {
  ...machineFacts,
  id: "printer",
  label: "Printer",
  riskClass: "C",
  cutHazard: true,
  attendance: "unattended_ok",
  lease: { leaseMs: 12 * hour, idleMs: 30 * minute, graceMs: 90 * second, enableMs: 120 * second },
};

/** In good standing, around the clock, competent. */
export const good: SubjectFacts = {
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
export const untrained: SubjectFacts = { ...good, competence: { level: "none", untilMs: null } };
export const ends = (untilMs: number, graceUntilMs: number | null = null): Partial<SubjectFacts> => ({
  membership: { state: "held", fromMs: 0, untilMs, graceUntilMs },
});

export const cards = {
  ada: "0F0000000A",
  bob: "0F0000000B",
  cem: "0F0000000C",
  tia: "0F00000D1A",
  sam: "0F00000D2A",
  adaSpare: "0F000000AA",
} as const;
export const members = { ada: 1, bob: 2, cem: 3, tia: 4, sam: 5 } as const;
type Name = keyof typeof members;
const stranger = "0F00BADBAD";
const everywhere = (facts: SubjectFacts) => ({ "door-1": facts, laser: facts, saw: facts, printer: facts });

export type Cast = Partial<Record<Name, Partial<SubjectFacts> & { readonly at?: Readonly<Record<string, SubjectFacts>> }>>;

function personOf(name: Name, changes: Cast[Name] = {}): VirtualPerson {
  const { at = {}, ...facts } = changes;
  const own = name === "ada" ? [cards.ada, cards.adaSpare] : [cards[name]];
  return { member: members[name], name, cards: own, facts: { ...everywhere({ ...good, ...facts }), ...at } };
}
export const peopleOf = (cast: Cast): readonly VirtualPerson[] =>
  (Object.keys(members) as Name[]).map((name) => personOf(name, cast[name]));

export const resourceOf = (facts: ResourceFacts): Resource => ({
  id: facts.id,
  kind: facts.kind,
  label: facts.label,
  node: `${facts.id}-node`,
  ch: facts.kind === "door" ? "door" : "machine",
  facts,
  zone: null,
  fromZone: null,
  settings: {},
});

type Told = { readonly atMs: number; readonly body: EventBody; readonly event: LedgerEvent };
export type Scene = VirtualBuilding & {
  tap(who: Name | "adaSpare" | "stranger", at: string): void;
  hold(who: Name, at: string, ms?: number): void;
  /** events of a door or machine in order of the log, of the named kinds (all when none is named) */
  told(at: string, ...kinds: readonly EventBody["kind"][]): readonly Told[];
  /** the last decision there */
  verdict(at: string): Extract<EventBody, { kind: "access.decided" }>;
  decisions(at: string): readonly Extract<EventBody, { kind: "access.decided" }>[];
  said(at: string): readonly string[];
  saidSince(at: string, sinceMs: number): readonly string[];
  /** a fact changes at the desk */
  recast(cast: Cast): void;
  place(changes: Partial<ResourceFacts> & { readonly id: string }): void;
};

export type Setting = {
  /** the scene begins here, with everything started and idle */
  readonly from: number;
  readonly cast?: Cast;
  readonly facts?: readonly ResourceFacts[];
  readonly schedules?: VirtualSpace["schedules"];
  readonly doors?: Readonly<Record<string, VirtualDoor["settings"]>>;
  readonly machines?: Readonly<Record<string, Omit<VirtualMachine, "node" | "id" | "kind">>>;
  readonly withoutClock?: readonly string[];
};
const warmUpMs = 8000;
const kinds = { laser: "laser", saw: "saw", printer: "printer" } as const;

export async function scene(setting: Setting): Promise<Scene> {
  const facts = setting.facts ?? [doorFacts, laserFacts, sawFacts, printerFacts];
  const machines = facts.flatMap((one): VirtualMachine[] => {
    const kind = kinds[one.id as keyof typeof kinds];
    return kind === undefined ? [] : [{ node: `${one.id}-node`, id: one.id, kind, ...setting.machines?.[one.id] }];
  });
  const building = createVirtualBuilding({
    seed: 7,
    startMs: setting.from - warmUpMs,
    tz,
    space: {
      epoch: 1,
      mode: "normal",
      resources: facts.map(resourceOf),
      people: peopleOf(setting.cast ?? {}),
      schedules: setting.schedules ?? [],
      lockouts: [],
      revoked: [],
    },
    doors: facts
      .filter(({ kind }) => kind === "door")
      .map(({ id }) => ({ node: `${id}-node`, id, settings: { rex: "shunts" as const, ...setting.doors?.[id] } })),
    machines,
    ...(setting.withoutClock === undefined ? {} : { withoutClock: setting.withoutClock }),
  });
  await building.pass(warmUpMs);
  const { site, host } = building;
  const isDoor = (at: string): boolean => facts.some(({ id, kind }) => id === at && kind === "door");
  const readerAt = (at: string) => (isDoor(at) ? building.door(at) : building.machine(at)).reader;
  const told: Scene["told"] = (at, ...wanted) =>
    site.events
      .filter(({ node, body }) => node === `${at}-node` && (wanted.length === 0 || wanted.includes(body.kind)))
      .map((event) => ({ atMs: event.evtMs, body: event.body, event }));
  const decisions: Scene["decisions"] = (at) =>
    told(at, "access.decided").flatMap(({ body }) => (body.kind === "access.decided" ? [body] : []));
  return {
    ...building,
    tap: (who, at) => readerAt(at).present(who === "stranger" ? stranger : cards[who], 300),
    hold: (who, at, ms = 3500) => readerAt(at).present(cards[who], ms),
    told,
    decisions,
    verdict(at) {
      const last = decisions(at).at(-1);
      if (last === undefined) throw new Error(`nothing was decided at ${at}`);
      return last;
    },
    said: (at) => host.said.filter(({ node }) => node === `${at}-node`).map(({ key }) => key),
    saidSince: (at, sinceMs) => host.said.filter(({ node, atMs }) => node === `${at}-node` && atMs >= sinceMs).map(({ key }) => key),
    recast: (cast) => site.change({ people: peopleOf({ ...setting.cast, ...cast }) }),
    place: ({ id, ...changes }) =>
      site.change({
        resources: site.space().resources.map((row) => (row.id === id ? { ...row, facts: { ...row.facts, ...changes } } : row)),
      }),
  };
}
