/**
 * The live picture: what every door, machine, session and node is doing now, kept from reported facts and durable events.
 * Nothing here decides; it can be thrown away and fills again from the nodes' own reports.
 */
import type { Birth as BirthSaid, Reported, Telemetry } from "#contract";
import { hubDefaults } from "#core";
import type { LedgerEvent, Resource } from "../ports.ts";
import type { DoorLive, FeedItem, LiveChange, MachineLive, NodeLive, SessionLive } from "../views.ts";
import { createFeed } from "./feed.ts";
import type { Report } from "./live-facts.ts";
import { applySession, type Birth, createKnown, type Health, type PowerSample, placeOf } from "./live-known.ts";
import { doorPicture, machinePicture, nodePicture, type Sight, sessionPicture } from "./live-pictures.ts";

export type { PowerSample } from "./live-known.ts";

const roundMs = 250;
const samplesMs = 300_000;
const samplesMax = 600;

export type Live = {
  /** Gives the machine when it is in another state than it last reported. */
  reported(node: string, ch: string, body: Reported): Pick<MachineLive, "id" | "status"> | undefined;
  /** `startMs`: when the first sample was taken, by the hub's clock */
  telemetry(node: string, ch: string, body: Telemetry, startMs: number): Resource | undefined;
  health(node: string, health: Health): void;
  born(node: string, birth: Birth): void;
  /** What only whoever looks after nodes wants to know; null and undefined until the node has said so since this start. */
  careOf(node: string): {
    readonly firmware: string | null;
    readonly health: Health | undefined;
    readonly birth: BirthSaid | undefined;
    readonly uncertainPct: number | null;
  };
  events(events: readonly LedgerEvent[]): void;
  nodeChanged(node: string): void;
  /** Names, lockouts or channels may have changed. */
  permissionsChanged(): void;
  note(item: FeedItem): void;
  /** what a channel has last reported of itself */
  reportOf(node: string, ch: string): Report | undefined;
  /** last measured power, W */
  powerOf(node: string, ch: string): number | null;
  /** of the last five minutes, oldest first */
  samplesOf(node: string, ch: string): readonly PowerSample[];
  doors(): DoorLive[];
  machines(): MachineLive[];
  sessions(): SessionLive[];
  nodes(): NodeLive[];
  feed(): readonly FeedItem[];
  subscribe(listen: (change: LiveChange) => void): () => void;
  /** Tells nobody any more: what it would tell of may be closed next. */
  stop(): void;
};

type Listeners = Set<(change: LiveChange) => void>;

export function createLive(given: Omit<Sight, "known">): Live {
  const { registry, clock } = given;
  const known = createKnown(registry);
  const sight: Sight = { ...given, known };
  const listeners: Listeners = new Set();
  const feed = createFeed(registry, known);
  const teller = createTeller(sight, listeners);
  const note = (item: FeedItem): void => {
    feed.add(item);
    teller.tell({ kind: "feed", item });
  };

  return {
    reported(node, ch, body) {
      const before = keepReport(sight, placeOf(node, ch), body);
      const resource = known.resourceAt(node, ch);
      if (resource === undefined) return undefined;
      if (body.powerW !== undefined) known.powers.set(placeOf(node, ch), { powerW: body.powerW, atMs: clock.nowMs() });
      teller.resource(resource);
      const session = known.sessionAt(node, ch);
      if (session !== undefined) teller.tell({ kind: "session", session: sessionPicture(sight, session) });
      const isNews = resource.kind === "machine" && (before?.body.st !== body.st || before.body.busy !== body.busy);
      return isNews ? machinePicture(sight, resource) : undefined;
    },
    telemetry(node, ch, body, startMs) {
      const resource = known.resourceAt(node, ch);
      if (resource === undefined) return undefined;
      known.powers.set(placeOf(node, ch), { powerW: body.powerW.at(-1) ?? null, atMs: clock.nowMs() });
      keepSamples(sight, placeOf(node, ch), body, startMs);
      known.estimates.set(node, body.uncertainPct ?? null);
      teller.resource(resource);
      return resource;
    },
    health(node, health) {
      known.healths.set(node, health);
      teller.node(node);
    },
    born(node, birth) {
      known.births.set(node, birth);
      teller.node(node);
    },
    careOf(node) {
      const birth = known.births.get(node);
      const uncertainPct = known.estimates.get(node) ?? null;
      return { firmware: birth?.firmware ?? null, health: known.healths.get(node), birth: birth?.said, uncertainPct };
    },
    events(events) {
      for (const event of events) {
        const news = sessionNews(sight, event);
        if (news !== null) teller.tell(news);
        const item = feed.itemOf(event);
        if (item !== undefined) note(item);
      }
      // Only what comes late can be one, so that nobody looks for them at every tap.
      if (events.some(({ evtMs, recvMs }) => recvMs - evtMs > hubDefaults.reachMs)) for (const item of feed.newExceptions()) note(item);
    },
    nodeChanged(node) {
      teller.node(node);
      for (const resource of known.resources()) if (resource.node === node) teller.resource(resource);
    },
    permissionsChanged() {
      known.renew();
      for (const resource of known.resources()) teller.resource(resource);
      for (const { node } of registry.nodes()) teller.node(node);
    },
    note,
    reportOf: (node, ch) => known.reports.get(placeOf(node, ch)),
    powerOf: (node, ch) => known.powers.get(placeOf(node, ch))?.powerW ?? null,
    samplesOf: (node, ch) => samplesOf(sight, placeOf(node, ch)),
    ...picturesOf(sight),
    feed: feed.items,
    subscribe(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
    stop() {
      teller.stop();
      listeners.clear();
    },
  };
}

/** In place, and cut only now and then: each message of each meter comes here. */
function keepSamples({ known }: Sight, place: string, { powerW, stepMs }: Telemetry, startMs: number): void {
  const kept = known.samples.get(place) ?? [];
  for (const [i, value] of powerW.entries()) kept.push({ atMs: startMs + i * stepMs, powerW: value });
  if (kept.length > 2 * samplesMax) kept.splice(0, kept.length - samplesMax);
  known.samples.set(place, kept);
}

function samplesOf({ known, clock }: Sight, place: string): readonly PowerSample[] {
  const fromMs = clock.nowMs() - samplesMs;
  return (known.samples.get(place) ?? []).slice(-samplesMax).filter(({ atMs }) => atMs >= fromMs);
}

/** Gives what the place had reported before. */
function keepReport({ known, clock }: Sight, place: string, body: Reported): Report | undefined {
  const before = known.reports.get(place);
  const nowMs = clock.nowMs();
  known.reports.set(place, { body, sinceMs: before?.body.st === body.st ? before.sinceMs : nowMs });
  return before;
}

function sessionNews(sight: Sight, event: LedgerEvent): LiveChange | null {
  const news = applySession(sight.known, event);
  if (news === null) return null;
  return "opened" in news ? { kind: "session", session: sessionPicture(sight, news.opened) } : { kind: "session_ended", id: news.ended };
}

/** The whole picture, for whoever comes. */
function picturesOf(sight: Sight): Pick<Live, "doors" | "machines" | "sessions" | "nodes"> {
  const { known, registry } = sight;
  const of = (kind: Resource["kind"]): Resource[] => known.resources().filter((entry) => entry.kind === kind);
  return {
    doors: () => of("door").map((resource) => doorPicture(sight, resource)),
    machines: () => of("machine").map((resource) => machinePicture(sight, resource)),
    sessions: () => [...known.sessions.values()].map((session) => sessionPicture(sight, session)),
    nodes: () => registry.nodes().map((row) => nodePicture(sight, row)),
  };
}

type Teller = {
  tell(change: LiveChange): void;
  /** In the next round: a machine that reports ten times a second is told of four times. */
  resource(resource: Resource): void;
  node(node: string): void;
  stop(): void;
};

/** Without anybody to tell there is nothing to work out; whoever comes later asks for the whole picture. */
function createTeller(sight: Sight, listeners: Listeners): Teller {
  const { known, registry, clock } = sight;
  /** places that changed since the last round */
  const dirty = new Set<string>();
  const tell = (change: LiveChange): void => {
    for (const listen of listeners) listen(change);
  };
  const tellNow = (resource: Resource): void =>
    tell(
      resource.kind === "door"
        ? { kind: "door", door: doorPicture(sight, resource) }
        : { kind: "machine", machine: machinePicture(sight, resource) },
    );
  const cancel = clock.every("live picture", roundMs, () => {
    if (listeners.size > 0) for (const resource of known.resources()) if (dirty.has(placeOf(resource.node, resource.ch))) tellNow(resource);
    dirty.clear();
  });
  return {
    tell,
    resource: ({ node, ch }) => void dirty.add(placeOf(node, ch)),
    node(node) {
      if (listeners.size === 0) return;
      const row = registry.nodes().find((entry) => entry.node === node);
      if (row !== undefined) tell({ kind: "node", node: nodePicture(sight, row) });
    },
    stop: cancel,
  };
}
