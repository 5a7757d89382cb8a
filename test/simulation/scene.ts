/**
 * The stage of the acceptance scenarios (domain.md §7): door D1, laser L with extraction X, saw W, printer P, in Berlin. The
 * hub and the nodes are the real programs; hands, electricity and time are played. Expectations stand in the scenarios.
 */
import { expect } from "vitest";
import { type Code, code, type EventBody, type ResourceFacts, type SubjectFacts } from "#contract";
import { explainCode, foldSessions, type SessionRecord } from "#core";
import type { LedgerEvent, Resource } from "../../hub/ports.ts";
import { createVirtualBuilding, type VirtualBuilding, type VirtualDoor } from "../../simulators/virtual-building.ts";
import { goodStanding, plainDoor, plainMachine, resourceRow } from "../../simulators/virtual-facts.ts";
import type { VirtualMachine } from "../../simulators/virtual-machine.ts";
import type { VirtualPerson, VirtualSpace } from "../../simulators/virtual-site.ts";

export const tz = "Europe/Berlin";
/** Berlin's wall clock as UTC ms. */
export const berlin = (local: string): number => Temporal.PlainDateTime.from(local).toZonedDateTime(tz).epochMilliseconds;
export const utc = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
export const second = 1000;
export const minute = 60_000;
export const hour = 3_600_000;
/** a Wednesday on which nothing special happens; no scene is before the hub was made, it would not believe its clock */
export const afternoon = berlin("2027-03-10T14:00");

export const doorFacts: ResourceFacts = { ...plainDoor, id: "door-1", tz, label: "Front door" };
const machineFacts = { ...plainMachine, tz };
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

export const untrained: SubjectFacts = { ...goodStanding, competence: { level: "none", untilMs: null } };
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
  return { member: members[name], name, cards: own, facts: { ...everywhere({ ...goodStanding, ...facts }), ...at } };
}
export const peopleOf = (cast: Cast): readonly VirtualPerson[] =>
  (Object.keys(members) as Name[]).map((name) => personOf(name, cast[name]));

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
  /** the refusal or the wait that was said there last, and what the member is told to do next (English) */
  advice(at: string): { readonly code: Code; readonly next: string };
  /** taps, waits for the permit, presses green and works until the node calls it busy */
  toWork(who: Name, at: string): Promise<void>;
  /** how sessions there were closed */
  closed(at: string): readonly EventBody[];
  /** sessions there as the log tells them */
  sessions(at: string): readonly SessionRecord[];
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
  /** where doors and machines stand */
  readonly zones?: Readonly<Record<string, Partial<Pick<Resource, "zone" | "fromZone">>>>;
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
      resources: facts.map((one) => ({ ...resourceRow(one, `${one.id}-node`), ...setting.zones?.[one.id] })),
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
  const tap: Scene["tap"] = (who, at) => readerAt(at).present(who === "stranger" ? stranger : cards[who], 300);
  const said = (at: string) => host.said.filter(({ node }) => node === `${at}-node`);
  return {
    ...building,
    tap,
    hold: (who, at, ms = 3500) => readerAt(at).present(cards[who], ms),
    told,
    decisions,
    verdict(at) {
      const last = decisions(at).at(-1);
      if (last === undefined) throw new Error(`nothing was decided at ${at}`);
      return last;
    },
    said: (at) => said(at).map(({ key }) => key),
    saidSince: (at, sinceMs) =>
      said(at)
        .filter(({ atMs }) => atMs >= sinceMs)
        .map(({ key }) => key),
    advice(at) {
      const last = said(at).findLast(({ key }) => code.safeParse(key).success);
      if (last === undefined) throw new Error(`nobody was refused at ${at}`);
      const refusal = code.parse(last.key);
      return { code: refusal, next: explainCode(refusal, "en").next };
    },
    async toWork(who, at) {
      tap(who, at);
      await building.pass(10 * second);
      expect(building.machine(at).pressStart(), `${at} has its permit`).toBe(true);
      await building.pass(2 * second);
      building.machine(at).work(true);
      const kind = () => building.machine(at).program().state().kind;
      for (let waitedS = 0; waitedS < 30 && kind() !== "busy"; waitedS += 5) await building.pass(5 * second);
      expect(kind()).toBe("busy");
    },
    closed: (at) => told(at, "mach.session_closed").map(({ body }) => body),
    sessions: (at) => [...foldSessions(site.events).sessions.values()].filter(({ node }) => node === `${at}-node`),
    recast: (cast) => site.change({ people: peopleOf({ ...setting.cast, ...cast }) }),
    place: ({ id, ...changes }) =>
      site.change({
        resources: site.space().resources.map((row) => (row.id === id ? { ...row, facts: { ...row.facts, ...changes } } : row)),
      }),
  };
}
