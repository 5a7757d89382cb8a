/**
 * `koprade start`: the real space, its pages on one port, the terminal's control socket, and one click away the simulated
 * building as a second space. While the building runs the pages show it; the real space goes on underneath, unseen.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandTable } from "./command-table.ts";
import type { Config } from "./config.ts";
import { HubError } from "./errors.ts";
import { type Foreign, hostForeign } from "./foreign.ts";
import { type Auth, openAuth } from "./http/auth.ts";
import { createHttp, type Http } from "./http/server.ts";
import { kiosksOf } from "./kiosk-view.ts";
import { by, commandsOn, liveView, recordsOf } from "./live-view.ts";
import { managerOrders, managerReads } from "./manager/reads.ts";
import { meView } from "./me-view.ts";
import { neighboursOf, tellHomeAssistant } from "./neighbours.ts";
import type { Clock, Ids, Log } from "./ports.ts";
import { openStack, type Stack } from "./stack.ts";
import { staffOrders } from "./staff/nodes.ts";
import { staffReads } from "./staff/reads.ts";
import type { Commands, LiveChange, LiveView, Records, Simulation, SimulationState } from "./views.ts";
import { screensOf } from "./wall-view.ts";

/** The simulated building, as whoever can build one offers it: simulators/demo.ts, bound in main.ts. */
export type Building = {
  readonly stack: Stack;
  cards(): SimulationState["cards"];
  readers(): SimulationState["readers"];
  tap: Simulation["tap"];
  addBench: Simulation["addBench"];
  stop(): Promise<void>;
};
export type BuildingGiven = {
  readonly dir: string;
  readonly config: Config;
  readonly ownerExists: boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
};
export type BuildingMaker = (given: BuildingGiven) => Promise<Building>;

export type HubOptions = {
  readonly dir: string;
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly makeBuilding: BuildingMaker;
  /** leaves a mark in a folder, so that `koprade demo remove` knows it for its own */
  readonly markSimulated: (dir: string) => void;
  /** of the program, for whoever watches it */
  readonly version: string;
  /** `real`: a space, with the building one click away. `building`: `koprade demo`, nothing but the building. */
  readonly space: "real" | "building";
};

export type RunningHub = {
  readonly url: string;
  /** printed in the terminal; null when an owner exists */
  readonly firstRunCode: string | null;
  /** the space this hub was started for */
  readonly stack: Stack;
  readonly auth: Auth;
  readonly http: Http;
  readonly simulation: Simulation;
  /** port for foreign devices, without encryption; null when there is none */
  foreignPort(): number | null;
  stop(): Promise<void>;
};

/** Starts everything in order; what is open is closed again when a later step fails. Throws HubError. */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { dir, config, clock, ids, log } = options;
  const opened: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const auth = await openAuth({ path: join(dir, "accounts.sqlite"), secure: false, provider: config.oidc });
    opened.push(() => auth.close());
    const given: BuildingGiven = { dir, config, ownerExists: auth.hasOwner(), clock, ids, log };
    const lone = options.space === "building" ? await options.makeBuilding(given) : undefined;
    const stack = lone?.stack ?? (await openStack(given));
    opened.push(() => (lone === undefined ? stack.close() : lone.stop()));
    const foreign = lone === undefined ? await hostForeign({ ...given, ledger: stack.ledger }) : null;
    opened.push(() => foreign?.stop());
    const stage = createStage(stack, () => clock.nowMs());
    const simulation = lone === undefined ? besideReal(options, stage) : alone(lone);
    if (lone === undefined) opened.push(() => simulation.stop());
    const commandsHere = () => commandsOn(stage.stack(), () => clock.nowMs());
    const commands: Commands = {
      unlockDoor: (asked) => commandsHere().unlockDoor(asked),
      lockMachine: (asked) => commandsHere().lockMachine(asked),
      unlockMachine: (asked) => commandsHere().unlockMachine(asked),
      table: commandTable,
      // A number of a member is one of the real space, also while the pages show the simulated one.
      give: (asked) =>
        (asked.isOwn === true || asked.actor.role === "member" ? commandsOn(stack, () => clock.nowMs()) : commandsHere()).give(asked),
      async createOwner({ space, zone, language }) {
        await stack.ledger.change.setSite({ name: space, tz: zone, locale: language }, "hub:first-run");
        // The answer to this very request must still get out; the ports open to the network right after it.
        clock.after("open to the network", 1000, () => void openToNetwork({ stack, foreign, http }, config, log));
      },
      simulation,
    };
    // Accounts belong to this hub whatever the pages show; members to the space that is shown.
    const shown = () => recordsOf(stage.stack());
    const records: Records = {
      act: (act) => recordsOf(stack).act(act),
      lookUp: (lookUp) => shown().lookUp(lookUp),
      lookUps: (member, query) => recordsOf(stack).lookUps(member, query),
      versionOf: (command, target) => shown().versionOf(command, target),
    };
    const staticDir = fileURLToPath(new URL("../dashboards/dist", import.meta.url));
    const host = auth.hasOwner() ? config.http.host : "127.0.0.1";
    // Of the space this hub was started for, whatever the pages show.
    opened.push(tellHomeAssistant(stack, { clock, log }, options.version));
    const neighbours = neighboursOf(stack, () => clock.nowMs(), options.version);
    const staff = { reads: staffReads(stage.stack, () => clock.nowMs()), orders: staffOrders(stage.stack, by) };
    const manager = { reads: managerReads(stage.stack, () => clock.nowMs()), orders: managerOrders(stage.stack, () => clock.nowMs(), by) };
    const me = meView(
      () => stack,
      () => clock.nowMs(),
    );
    const spaces = () => [...new Set([stack, stage.stack()])];
    const screens = screensOf(spaces, () => clock.nowMs());
    const kiosks = kiosksOf(spaces, () => clock.nowMs());
    const http = await createHttp({
      port: config.http.port,
      host,
      views: stage.views,
      commands,
      records,
      neighbours,
      staff,
      manager,
      screens,
      kiosks,
      me,
      auth,
      log,
      staticDir,
    });
    opened.push(() => http.close());
    await http.listen();
    const foreignPort = () => foreign?.port() ?? null;
    return { url: http.url(), firstRunCode: auth.firstRun?.code ?? null, stack, auth, http, simulation, foreignPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Never rejects: whoever became owner a second ago must learn what is wrong, not lose the hub. */
async function openToNetwork(
  { stack, foreign, http }: { readonly stack: Stack; readonly foreign: Foreign | null; readonly http: Http },
  config: Config,
  log: Log,
): Promise<void> {
  const parts = {
    broker: () => stack.broker?.setOwnerExists(true),
    pages: () => http.moveTo(config.http.host),
    ...(foreign === null || foreign.port() === null ? {} : { "port for foreign devices": () => foreign.setOwnerExists(true) }),
  };
  for (const [part, open] of Object.entries(parts)) {
    try {
      await open();
      log.info({}, `Open to the network, now that there is an owner: the ${part}.`);
    } catch (error) {
      const { message, fix } = error instanceof HubError ? error : { message: String(error), fix: "" };
      log.error({}, `Not open to the network yet: the ${part}. ${message} ${fix} Then start the hub again.`);
    }
  }
}

type Stage = { readonly views: LiveView; stack(): Stack; show(stack: Stack): void };

/** What the pages look at: one view that can be turned from one space to another under open pages. */
function createStage(first: Stack, nowMs: () => number): Stage {
  let current = first;
  let view = liveView(first, nowMs);
  const listeners = new Set<(change: LiveChange) => void>();
  const replaced = new Set<() => void>();
  const pass = (change: LiveChange): void => {
    for (const listen of listeners) listen(change);
  };
  let unsubscribe = view.subscribe(pass);
  return {
    stack: () => current,
    show(next) {
      unsubscribe();
      current = next;
      view = liveView(next, nowMs);
      unsubscribe = view.subscribe(pass);
      for (const listen of replaced) listen();
    },
    views: {
      snapshot: () => view.snapshot(),
      subscribe(listen) {
        listeners.add(listen);
        return () => listeners.delete(listen);
      },
      onReplaced(listen) {
        replaced.add(listen);
        return () => replaced.delete(listen);
      },
      powerTrace: (machine, fromMs, toMs) => view.powerTrace(machine, fromMs, toMs),
      why: (question) => view.why(question),
      muster: () => view.muster(),
      monthReport: (month, language) => view.monthReport(month, language),
      monthFile: (month, language, format) => view.monthFile(month, language, format),
      troubles: () => view.troubles(),
    },
  };
}

/** `koprade demo`: the building is all there is, so it neither starts nor stops from the pages. */
function alone(building: Building): Simulation {
  return {
    state: () => ({ running: true, cards: building.cards(), readers: building.readers() }),
    start: () => Promise.resolve(),
    stop: () =>
      Promise.reject(new HubError("CONFLICT", "this hub runs nothing but the simulated building; stop it in its terminal with Ctrl+C")),
    tap: (given) => building.tap(given),
    addBench: (given) => building.addBench(given),
  };
}

const notRunning = "The simulated building is not running.";

/** Starts and stops the building beside the real space; two clicks at once make one building. */
function besideReal(options: HubOptions, stage: Stage): Simulation {
  const real = stage.stack();
  const ports = { ...options.config.mqtt, tlsPort: 0, plainPort: null, foreignPort: null, bridge: null, host: "127.0.0.1", external: null };
  const config: Config = { ...options.config, site: "demo", influx: null, mqtt: ports };
  let building: Building | undefined;
  let work: Promise<void> = Promise.resolve();
  const next = (step: () => Promise<void>): Promise<void> => {
    work = work.then(step, step);
    return work;
  };
  return {
    state: () => ({ running: building !== undefined, cards: building?.cards() ?? [], readers: building?.readers() ?? [] }),
    start: () =>
      next(async () => {
        if (building !== undefined) return;
        const { clock, ids, log } = options;
        const dir = join(options.dir, "demo");
        await mkdir(dir, { recursive: true, mode: 0o700 });
        options.markSimulated(dir);
        building = await options.makeBuilding({ dir, config, ownerExists: false, clock, ids, log });
        stage.show(building.stack);
      }),
    stop: () =>
      next(async () => {
        const ending = building;
        if (ending === undefined) return;
        building = undefined;
        stage.show(real);
        await ending.stop();
      }),
    tap: (given) => building?.tap(given) ?? Promise.resolve({ status: "rejected", sentence: notRunning }),
    addBench: (given) => building?.addBench(given) ?? Promise.reject(new HubError("CONFLICT", notRunning)),
  };
}
