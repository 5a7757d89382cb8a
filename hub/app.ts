/**
 * The hub: wires the pure core to its ports. Messages come in from the bus; events go to the ledger, samples to the series,
 * facts to the live picture; decisions, permissions and commands go out. Tests and simulators start here.
 */
import type { SiteMode } from "#contract";
import { captureMs } from "#core";
import { createAnswers } from "./app/answers.ts";
import { createCommandDesk, type Outcome } from "./app/commands.ts";
import { createEnrolment, type Newcomer } from "./app/enrolment.ts";
import { createHubTime } from "./app/hub-time.ts";
import { createIngest } from "./app/ingest.ts";
import { openIntake } from "./app/intake.ts";
import { createJudge } from "./app/judge.ts";
import { createLinks } from "./app/links.ts";
import { createLive, type Live } from "./app/live.ts";
import { createLiveFacts } from "./app/live-facts.ts";
import { createPushes } from "./app/pushes.ts";
import { createThresholds } from "./app/thresholds.ts";
import { createWire } from "./app/wire.ts";
import { createWiringDesk, type WiringDesk } from "./app/wiring-desk.ts";
import type { Bus, Clock, Ids, Ledger, LedgerChange, Log, Series } from "./ports.ts";

export type HubPorts = {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly series: Series;
  /** whether the operating system says that something keeps its clock right */
  readonly isSynchronised: () => boolean;
};
/** `boot` names this process start; `tz` is the site's zone. */
export type HubConfig = { readonly site: string; readonly tz: string; readonly boot: string };

export type DoorOrder = "acknowledge" | "relock" | "reset";

export type Hub = {
  readonly live: Live;
  /** trying a place out, and looking at it meanwhile */
  readonly wiring: WiringDesk;
  mode(): SiteMode;
  /** Opens a door for one strike time, in two steps. Resolves within 6 s. */
  unlockDoor(door: string, actor: string): Promise<Outcome>;
  /** Makes the reader of one place (null: of all) wait for a new card. Resolves within 3 s with the places whose reader does. */
  capture(resource: string | null, actor: string): Promise<readonly string[]>;
  /**
   * What makes nothing permissive acts at once: silence an alarm, lock now (which ends passage, and the release after an
   * evacuation), leave a jam. Resolves within 3 s.
   */
  orderDoor(door: string, order: DoorOrder, actor: string): Promise<Outcome>;
  /** new nodes that wait to be adopted, or for their keys */
  newcomers(): Newcomer[];
  /** to which key a node that is there gets new ones; undefined when it is not, or is too old for it */
  boxKeyOf(node: string): string | undefined;
  /** the configuration that this start of the hub has sent a node last, and since when it is that one */
  sentConfig(node: string): { readonly version: number; readonly sinceMs: number } | null;
  /** Lets a node beep, so that a person finds it. */
  identify(node: string, actor: string): Promise<Outcome>;
  /** Publishes again whatever should be retained: for a broker that has forgotten it. */
  announce(): void;
  /** How many are known to be in the space now; best effort. */
  peopleIn(): number;
  /** The messages that could not be read, since start. */
  refused(): number;
  stop(): Promise<void>;
};

const beaconMs = 5000;
const tickMs = 1000;
const energyAgeMs = 30_000;

export function createHub(ports: HubPorts, config: HubConfig): Hub {
  const { bus, clock, ledger } = ports;
  const { registry } = ledger;
  const parts = createParts(ports, config);
  const { time, wire, links, live, desk } = parts;
  const refused = openIntake({ ...ports, ...parts, site: config.site });
  const sayMode = (): void => {
    const { mode, modeVersion } = registry.site();
    wire.send("siteMode", [], { mode, version: modeVersion });
  };
  const tellThresholds = createThresholds({ registry, series: ports.series });
  tellThresholds();
  const unsubscribe = ledger.onChange((change) => {
    passOn(parts, change, sayMode);
    if (change.kind === "recorded") tellThresholds();
  });
  const announce = (): void => {
    wire.send("hubState", [], { state: "online", epoch: registry.site().epoch });
    sayMode();
    for (const { node } of registry.nodes()) parts.pushes.everything(node);
  };
  announce();
  const cancels = [
    clock.every("hub time beacon", beaconMs, () => {
      const { nowMs, quality } = time.read();
      wire.send("hubTime", [], { hubMs: nowMs, quality });
    }),
    clock.every("node lateness", tickMs, () => {
      links.tick();
      parts.enrolment.tick();
    }),
  ];

  return {
    live,
    wiring: createWiringDesk({ registry, desk, links, live, clock }),
    mode: () => registry.site().mode,
    announce,
    refused,
    peopleIn: () => parts.liveFacts.peopleIn(),
    newcomers: parts.enrolment.newcomers,
    boxKeyOf: (node) => (links.linkOf(node) === undefined ? undefined : parts.pushes.boxKeyOf(node)),
    sentConfig: parts.pushes.sentConfig,
    ...createOrders(ports, parts),
    async stop() {
      unsubscribe();
      for (const cancel of cancels) cancel();
      live.stop();
      await wire.send("hubState", [], { state: "offline", epoch: registry.site().epoch });
      await bus.close();
    },
  };
}

type Parts = ReturnType<typeof createParts>;

/** Everything of which the hub is made, each knowing the others it needs. */
function createParts(ports: HubPorts, config: HubConfig) {
  const { bus, clock, ids, log, ledger } = ports;
  const { registry } = ledger;
  const time = createHubTime({ clock, log, newestEventMs: registry.recentEvents(1)[0]?.evtMs ?? 0, isSynchronised: ports.isSynchronised });
  const wire = createWire({ bus, clock, time, ids, log, boot: config.boot, macOf: (node) => ledger.macOf(node) });
  const enrolment = createEnrolment({ adoption: ledger.adoption, bus, wire, clock, log, site: config.site });
  const pushes = createPushes({ ledger, wire, clock, log });
  const ingest = createIngest({
    ...{ ledger, wire, clock, time, log },
    onOffence: (node, what) => links.step(node, { kind: "offence", what }),
  });
  const settings = () => registry.site().settings;
  const desk = createCommandDesk({ wire, clock, ids, settings });
  const energyToday = cachedEnergy(ports, config.tz);
  const links = createLinks({
    registry,
    ledger,
    bus,
    clock,
    log,
    onChange: (node) => live.nodeChanged(node),
    onCame: (node) => log.info({ node }, "A node is there."),
  });
  const live = createLive({ registry, clock, links, energyToday, endsConnections: bus.endsConnections });
  const liveFacts = createLiveFacts({
    registry,
    clock,
    isOnline: (node) => links.linkOf(node) !== undefined,
    reportOf: live.reportOf,
    powerOf: live.powerOf,
  });
  const judge = createJudge({ ledger, clock, time, liveFacts: liveFacts.factsOf, mode: () => registry.site().mode });
  const answers = createAnswers({ ledger, wire, clock, time, ids, log, boot: config.boot, judge, settings });
  return { time, wire, enrolment, pushes, ingest, desk, links, live, liveFacts, answers };
}

/** What the ledger has written, to whom it concerns. */
function passOn({ time, live, liveFacts, pushes, enrolment }: Parts, change: LedgerChange, sayMode: () => void): void {
  if (change.kind === "events") {
    for (const event of change.events) if (event.tqHub !== "unknown") time.noteEvent(event.evtMs);
    liveFacts.events(change.events);
    live.events(change.events);
  }
  if (change.kind === "recorded") {
    enrolment.look();
    pushes.look();
    live.permissionsChanged();
  }
  if (change.kind === "permissions") {
    for (const node of change.nodes) pushes.everything(node);
    live.permissionsChanged();
  }
  if (change.kind === "mode") {
    sayMode();
    live.permissionsChanged();
  }
}

/** What people ask of doors and readers, carried to the nodes. */
function createOrders(
  { ledger: { registry }, clock }: HubPorts,
  { desk, links, liveFacts }: Parts,
): Pick<Hub, "unlockDoor" | "orderDoor" | "capture" | "identify"> {
  const atDoor = (door: string, order: Omit<Parameters<typeof desk.order>[2], "ch">): Promise<Outcome> => {
    const resource = registry.resources().find((entry) => entry.id === door && entry.kind === "door");
    if (resource === undefined) return Promise.resolve({ status: "missing" });
    return desk.order(resource.node, links.linkOf(resource.node), { ...order, ch: resource.ch });
  };

  return {
    unlockDoor: (door, actor) => atDoor(door, { op: "prepare", permissive: "door.unlock", actor }),
    orderDoor: (door, order, actor) => atDoor(door, { op: order, actor }),
    async capture(resource, actor) {
      const places = registry.resources().filter(({ id }) => resource === null || id === resource);
      const waiting = places.map(async ({ id, node, ch }) => {
        const { status } = await desk.order(node, links.linkOf(node), { op: "capture", ch, actor });
        if (status !== "applied") return [];
        liveFacts.capture(node, ch, clock.monoMs() + captureMs);
        return [id];
      });
      return (await Promise.all(waiting)).flat();
    },
    identify(node, actor) {
      const resource = registry.resources().find((entry) => entry.node === node);
      if (resource === undefined) return Promise.resolve({ status: "missing" });
      return desk.order(node, links.linkOf(node), { op: "identify", ch: resource.ch, actor });
    },
  };
}

/** Energy since local midnight, asked of the series at most every 30 s per machine: a tile is no reason to work. */
function cachedEnergy(ports: HubPorts, tz: string): (machine: string) => number | null {
  const known = new Map<string, { readonly atMs: number; readonly energyWh: number | null }>();
  return (machine) => {
    const nowMs = ports.clock.nowMs();
    const last = known.get(machine);
    if (last !== undefined && nowMs - last.atMs < energyAgeMs) return last.energyWh;
    const midnight = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(tz).startOfDay().epochMilliseconds;
    const energyWh = ports.series.energySince(machine, midnight);
    known.set(machine, { atMs: nowMs, energyWh });
    return energyWh;
  };
}
