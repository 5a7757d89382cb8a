/**
 * The simulated building, ready to look at: its own space (ledger, broker, keys) in its own folder, the building's hardware in
 * one process, every node program in another, and the host of its foreign devices in a third. Nothing in hub or devices knows that it
 * is simulated.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { HubError } from "../hub/errors.ts";
import { type HostProcess, startHostProcess } from "../hub/host/host-process.ts";
import { newDevicePassword } from "../hub/host/hosted-file.ts";
import { hostFolder } from "../hub/host/hosted-folder.ts";
import type { Log } from "../hub/ports.ts";
import { openStack, type Stack } from "../hub/stack.ts";
import type { Building, BuildingGiven } from "../hub/start.ts";
import { newSimulatedCard } from "../hub/views.ts";
import type { Lines } from "./building.ts";
import { type Benches, type BenchLines, benchChannel, benchMessage, createBenches } from "./demo-bench.ts";
import { adoptFleet, furnishHosted } from "./demo-hosted.ts";
import { demoDoor, demoMachines, furnish, simulatedWiring } from "./demo-space.ts";
import { fleetDoor, fleetMachines } from "./foreign/fleet-names.ts";
import { writeNode } from "./node-folder.ts";
import { cast } from "./people.ts";
import { doorPins, machinePins } from "./wiring.ts";

const startLimitMs = 20_000;
const stopLimitMs = 5000;
const restartMs = 1000;
const readerSettleMs = 3000;
const takeOverMs = 1000;

const linesMessage = z.object({
  kind: z.literal("lines"),
  lines: z.record(z.string(), z.object({ reader: z.string(), board: z.string(), meter: z.string().exactOptional() })),
});
const reachMessage = z.object({
  kind: z.literal("reach"),
  reach: z.object({
    prusaLink: z.object({ url: z.string(), password: z.string() }),
    bambu: z.object({ port: z.number(), serial: z.string(), accessCode: z.string(), fingerprint: z.string() }),
  }),
});

/** @param seed   another number, other people  @param tempo  how much livelier than a real evening */
export async function startBuilding(given: BuildingGiven & { readonly seed: number; readonly tempo: number }): Promise<Building> {
  const stack = await openStack({ ...given, demo: true });
  const children: Supervised[] = [];
  const stop = async (): Promise<void> => {
    // The hub first: that its nodes go is no news to it then.
    await stack.close().finally(() => Promise.all(children.map((child) => child.stop())));
  };
  try {
    await furnish(stack.ledger);
    await furnishHosted(stack.ledger);
    const building = fork(new URL("./building-process.ts", import.meta.url), [String(given.seed), String(given.tempo)], forkOptions);
    children.push(supervised(building));
    const { lines } = await heardOf(building, linesMessage);
    children.push(...(await startNodes({ stack, lines, log: given.log })));
    const benches = createBenches({
      stack,
      building,
      lines: (id, load) => benchLines(building, id, load),
      start: async (node, at) => void children.push(await startNode(given.log, stack, { node, file: machineFile(stack, node, at) })),
    });
    await benches.resume();
    children.push(keepTakenOver(stack, given.clock, benches));
    children.push(startFleet({ stack, building, log: given.log, after: openWhenReady(stack, building) }));
    return {
      stack,
      cards: () => cast.map(({ name }) => ({ card: name, label: name })),
      readers: () => [
        ...[demoDoor, ...demoMachines, fleetDoor, ...fleetMachines].map(({ id, label }) => ({ reader: id, label })),
        ...benches.readers(),
      ],
      addBench: ({ like }) => benches.add(like),
      async tap({ card, reader }) {
        const number = cast.find(({ name }) => name === card)?.card;
        if (number === undefined && card !== newSimulatedCard) return { status: "rejected", sentence: "Nobody here has that card." };
        const atBench = benches.tap(reader, number);
        if (atBench !== undefined) return atBench;
        if (number === undefined) return { status: "rejected", sentence: "That card is for machines you added." };
        building.send({ kind: "tap", reader, card: number });
        return { status: "applied" };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** People come when the nodes are there: a card on a reader that is only just starting counts as forgotten there. */
async function openWhenReady(stack: Stack, building: ChildProcess): Promise<void> {
  const deadline = performance.now() + startLimitMs;
  const wired: ReadonlySet<string> = new Set([demoDoor, ...demoMachines].map(({ node }) => node));
  const isReady = (): boolean =>
    stack.hub.live.nodes().every(({ id, status }) => !wired.has(id) || status === "online" || status === "syncing");
  while (!isReady() && performance.now() < deadline) await pause(200);
  await pause(readerSettleMs);
  if (building.connected) building.send({ kind: "open" });
}

/** Detached: a terminal's Ctrl+C is for the hub alone; when that ends, by whatever, the line to it breaks and they end too. */
const forkOptions = {
  detached: true,
  stdio: ["ignore", "ignore", "inherit", "ipc"] as ("ignore" | "inherit" | "ipc")[],
  execArgv: ["--disable-warning=ExperimentalWarning"],
};

async function heardOf<T>(building: ChildProcess, words: z.ZodType<T>, ending?: AbortSignal): Promise<T> {
  const signal = AbortSignal.any([AbortSignal.timeout(startLimitMs), ...(ending === undefined ? [] : [ending])]);
  try {
    for (;;) {
      const [message] = (await once(building, "message", { signal })) as [unknown];
      const parsed = words.safeParse(message);
      if (parsed.success) return parsed.data;
    }
  } catch (error) {
    throw new HubError("SIMULATION_FAILED", "its hardware did not start", error);
  }
}

/** At each start the lines and ports of the building are others, which ends a test of wiring; here there is nothing to wire. */
function keepTakenOver({ ledger }: Stack, clock: BuildingGiven["clock"], benches: Benches): Supervised {
  const cancel = clock.every("simulated wiring", takeOverMs, () => {
    const valid = new Set(ledger.read.commissionings().flatMap(({ resource, isValid }) => (isValid ? [resource] : [])));
    for (const id of [...[...demoMachines, ...fleetMachines].map((one) => one.id), ...benches.machines()])
      if (!valid.has(id)) ledger.change.takeOver({ resource: id, reason: simulatedWiring }, "hub:demo").catch(() => undefined); // again in a second
  });
  return { stop: async () => cancel() };
}

/** The host of the foreign devices, as a real hub has it, and the word to the devices where it is: when the first people are on their way. */
function startFleet(given: {
  readonly stack: Stack;
  readonly building: ChildProcess;
  readonly after: Promise<void>;
  readonly log: Log;
}): Supervised {
  const { stack, building, log } = given;
  const ending = new AbortController();
  let host: Promise<HostProcess | undefined> | undefined;
  const start = async (): Promise<HostProcess> => {
    building.send({ kind: "fleet" });
    const { reach } = await heardOf(building, reachMessage, ending.signal);
    const password = newDevicePassword();
    await adoptFleet(stack, reach, password);
    // Errors alone: that its port is open without encryption is no news about devices that do not exist.
    const how = { folder: hostFolder(stack.dir), listen: { port: 0, host: "127.0.0.1" }, bridge: null, logLevel: "error" } as const;
    const started = await startHostProcess(how, log);
    if (building.connected) building.send({ kind: "join", url: `mqtt://127.0.0.1:${started.port() ?? 0}`, password });
    return started;
  };
  void given.after.then(() => {
    if (ending.signal.aborted || !building.connected) return;
    host = start().catch((error: unknown) => {
      if (!ending.signal.aborted) log.warn({ cause: String(error) }, "The foreign devices of the simulated building are not there.");
      return undefined;
    });
  });
  return {
    async stop() {
      ending.abort();
      await (await host)?.stop();
    },
  };
}

/** Gives every node fresh keys and starts its program on the lines of the building. */
export async function startNodes(given: {
  readonly stack: Stack;
  readonly lines: Readonly<Record<string, Lines>>;
  readonly log: Log;
}): Promise<Supervised[]> {
  const { stack, lines, log } = given;
  const started: Supervised[] = [];
  for (const file of nodeFiles(stack, lines)) started.push(await startNode(log, stack, file));
  return started;
}

async function startNode(log: Log, stack: Stack, { node, file }: NodeFile): Promise<Supervised> {
  const config = await writeNode({ ledger: stack.ledger, caPem: stack.tls?.caPem ?? "" }, join(stack.dir, "nodes"), node, file);
  const start = (): ChildProcess => fork(new URL("./node-process.ts", import.meta.url), [config], forkOptions);
  return restarting(start, (code) => log.warn({ node, code }, "A simulated node ended and is started anew."));
}

/** The building answers with the lines of one bench at a time. */
async function benchLines(building: ChildProcess, id: string, load: string): Promise<BenchLines> {
  const answer = heardOf(building, benchMessage);
  building.send({ kind: "bench", id, load });
  return (await answer).lines;
}

type NodeFile = { readonly node: string; readonly file: Record<string, unknown> };

/** `node.yaml` of every node, wired to the lines of the building. */
function nodeFiles(stack: Stack, lines: Readonly<Record<string, Lines>>): NodeFile[] {
  const linesAt = (id: string): Lines => {
    const found = lines[id];
    if (found === undefined) throw new HubError("SIMULATION_FAILED", `no serial lines for ${id}`);
    return found;
  };
  const door = {
    ...commonOf(stack, demoDoor.node, linesAt(demoDoor.id).board),
    kind: "door",
    door: {
      ch: "door",
      reader: readerAt(linesAt(demoDoor.id).reader),
      strike: { pin: doorPins.strikePin },
      contact: { pin: doorPins.contactPin },
      exitButton: { pin: doorPins.exitPin },
    },
  };
  const machines = demoMachines.map(({ id, node }) => ({ node, file: machineFile(stack, node, linesAt(id)) }));
  return [{ node: demoDoor.node, file: door }, ...machines];
}

const commonOf = (stack: Stack, node: string, board: string) => ({
  site: stack.config.site,
  node,
  hub: { url: `mqtts://127.0.0.1:${stack.broker?.ports.tls ?? 0}`, caFile: "ca.pem" },
  trustSystemClock: true,
  logLevel: "error",
  board: { port: board },
});
const readerAt = (port: string) => ({ kind: "rdm6300", port });

function machineFile(stack: Stack, node: string, at: Lines): Record<string, unknown> {
  return {
    ...commonOf(stack, node, at.board),
    kind: "machine",
    machine: {
      ch: benchChannel,
      reader: readerAt(at.reader),
      permit: { kind: "hold", pin: machinePins.relayPin },
      aux: { pin: machinePins.auxPin },
      meter: { kind: "pzem", port: at.meter },
    },
  };
}

export type Supervised = { stop(): Promise<void> };

function supervised(child: ChildProcess): Supervised {
  return {
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      if (child.connected) child.disconnect();
      const limit = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
      await gone;
      clearTimeout(limit);
    },
  };
}

/** A program that is started again a second after it ended, as its service would, until it is told to stop. */
function restarting(start: () => ChildProcess, onEnd: (code: number | null) => void): Supervised {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let child = start();
  const watch = (): void => {
    child.once("exit", (code) => {
      if (stopping) return;
      onEnd(code);
      timer = setTimeout(() => {
        child = start();
        watch();
      }, restartMs);
    });
  };
  watch();
  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await supervised(child).stop();
    },
  };
}
