/** A door node as its service starts it: a process of its own, a reader and a board on serial lines, a hub behind TLS. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openPty, stdioWithoutPtys } from "../../../simulators/hardware/pty.ts";
import { createRdm6300 } from "../../../simulators/hardware/rdm6300.ts";
import { deviceProgram, runtime } from "../../support/runtime.ts";
import { createFirmataPeer } from "../drivers/firmata-peer.ts";
import { pause, type RealHub, startRealHub, until } from "./test-hub.ts";
import { cards, doorFacts } from "./world.ts";

const strikePin = 4;
const readyLimitMs = 20_000;

export type Building = Awaited<ReturnType<typeof startBuilding>>;

/** The program of a `node.yaml` against a hub's end; it comes and goes. */
export function nodeProgram(hub: RealHub, config: string) {
  let node: ChildProcess | undefined;
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<number | null> => {
    if (node === undefined || node.exitCode !== null || node.signalCode !== null) return null;
    const gone = once(node, "exit");
    node.kill(signal);
    await gone;
    return node.exitCode;
  };
  return {
    /** Starts the program; resolves when it is connected and its board answers. `env`: beside this process's own. */
    async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
      const before = hub.state.boot;
      const readies = () => hub.bodies().filter((body) => body.kind === "node.board" && body.state === "ready").length;
      const readiesBefore = readies();
      node = spawn(process.execPath, [...runtime.nodeFlags, deviceProgram, config], {
        stdio: stdioWithoutPtys(["ignore", "inherit", "inherit"]),
        env: { ...process.env, ...env },
      });
      await until("a connected node", () => hub.state.online && hub.state.boot !== before, readyLimitMs);
      await until("its board", () => readies() > readiesBefore, readyLimitMs);
      await pause(1100); // cards that lay there at the start are past
    },
    kill: () => end("SIGKILL"),
    /** SIGTERM; the exit code */
    stop: () => end("SIGTERM"),
  };
}

/** Hub, cables, reader and board of a door. */
export async function startBuilding() {
  const hub = await startRealHub({ node: "door-node", ch: "door", facts: doorFacts });
  const readerPty = openPty();
  const boardPty = openPty();
  const card = createRdm6300({ sink: (bytes) => readerPty.write(bytes) });
  const board = createFirmataPeer((bytes) => boardPty.write(bytes));
  boardPty.onData((bytes) => board.receive(bytes));
  const reader = { kind: "rdm6300", port: readerPty.path, confirmFrames: 1 };
  const door = { reader, strike: { pin: strikePin } };
  const node = nodeProgram(hub, hub.writeConfig(hub.port, { kind: "door", logLevel: "error", board: { port: boardPty.path }, door }));
  return {
    hub,
    card,
    ...node,
    isOpen: () => board.levels[strikePin] === 1,
    async close(): Promise<void> {
      await node.kill();
      card.close();
      readerPty.close();
      boardPty.close();
      await hub.close();
    },
  };
}

export type KillFigures = {
  readonly kills: number;
  /** the strike was seen released before the kill */
  readonly opened: number;
  readonly grantsOnRecord: number;
  /** openings of which the log knows nothing */
  readonly missing: number;
  /** the strike was seen released after a start and before any tap */
  readonly onAfterRestart: number;
  /** from the kill to a locked strike, the longest */
  readonly lockedAfterMs: number;
};

/** Kills the node with SIGKILL at seeded moments around a tap, starts it again, and compares what was seen with the log. */
export async function killNode(given: { readonly kills: number; readonly seed: number }): Promise<KillFigures> {
  const building = await startBuilding();
  const random = lcg(given.seed);
  let lockedAfterMs = 0;
  let onAfterRestart = 0;
  const opened: string[] = [];
  try {
    for (let i = 0; i < given.kills; i += 1) {
      await building.start();
      if (building.isOpen()) onAfterRestart += 1;
      building.card.present(cards.good.slice("em4100:".length));
      const killAtMs = performance.now() + Math.floor(random() * 120);
      let wasOpen = false;
      while (performance.now() < killAtMs) {
        wasOpen ||= building.isOpen();
        await pause(1);
      }
      await building.kill();
      wasOpen ||= building.isOpen();
      if (wasOpen) opened.push(building.hub.state.boot);
      building.card.remove();
      const killedMs = performance.now();
      await until("a locked strike after the kill", () => !building.isOpen(), 10_000);
      lockedAfterMs = Math.max(lockedAfterMs, performance.now() - killedMs);
    }
    await building.start();
    await until(
      "all events of earlier lives",
      () => building.hub.bodies().filter((body) => body.kind === "node.boot").length >= given.kills + 1,
      20_000,
    );
    await pause(500);
    if (building.isOpen()) onAfterRestart += 1;
    const granted = [...building.hub.events.values()].filter(
      (event) => event.body.kind === "access.decided" && event.body.outcome === "grant",
    );
    const boots = new Set(granted.map((event) => event.boot));
    const missing = opened.filter((boot) => !boots.has(boot)).length;
    return {
      kills: given.kills,
      opened: opened.length,
      grantsOnRecord: granted.length,
      missing,
      onAfterRestart,
      lockedAfterMs: Math.round(lockedAfterMs),
    };
  } finally {
    await building.close();
  }
}

/** Same seed, same moments (Numerical Recipes' constants). */
function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
