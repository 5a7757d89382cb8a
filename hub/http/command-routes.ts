/** What staff can make happen: doors, machines, and the simulated building. Every one needs an Idempotency-Key. */

import * as z from "zod";
import { slug } from "#contract";
import { templateNames } from "../machine-templates.ts";
import type { Log } from "../ports.ts";
import type { CommandOutcome, Commands, Simulation, SimulationState } from "../views.ts";
import { notFound, Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";

/** What has not been answered by then, such as a door whose node is slow, the page hears as "not confirmed". */
const answerMostMs = 4000;
const id = z.object({ id: slug });
const nothing = z.strictObject({});
const word = z.string().min(1).max(60);

/** A building that takes longer to start shows itself on the live page when it is there. */
const startMostMs = 6000;

export function commandRoutes(commands: Commands, log: Log): readonly Route[] {
  return [...placeRoutes(commands), ...demoRoutes(commands, log)];
}

function placeRoutes(commands: Commands): readonly Route[] {
  return [
    route({
      method: "POST",
      url: "/api/doors/:id/unlock",
      access: "staff",
      once: true,
      note: "Opens a door once, for its usual time.",
      params: id,
      body: nothing,
      handle: async ({ params }, { actor }) => outcome(`door ${params.id}`, commands.unlockDoor({ door: params.id, actor })),
    }),
    route({
      method: "POST",
      url: "/api/machines/:id/lock",
      access: "staff",
      once: true,
      note: "Locks a machine out, with the reason everybody will read.",
      params: id,
      body: z.strictObject({
        reason: z.string().trim().min(3, "has fewer than 3 characters").max(160, "has more than 160 characters"),
        mode: z.enum(["when_idle", "immediate"]).default("when_idle"),
      }),
      handle: async ({ params, body }, { actor }) =>
        outcome(`machine ${params.id}`, commands.lockMachine({ machine: params.id, reason: body.reason, mode: body.mode, actor })),
    }),
    route({
      method: "POST",
      url: "/api/machines/:id/unlock",
      access: "staff",
      once: true,
      note: "Takes the lockout away. Gives nobody power: that takes a card.",
      params: id,
      body: nothing,
      handle: async ({ params }, { actor }) => outcome(`machine ${params.id}`, commands.unlockMachine({ machine: params.id, actor })),
    }),
  ];
}

function demoRoutes(commands: Commands, log: Log): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/demo",
      access: "staff",
      note: "The simulated building: does it run, who could tap where?",
      handle: async () =>
        commands.simulation === undefined ? { available: false, running: false, cards: [], readers: [] } : stateOf(commands.simulation),
    }),
    route({
      method: "POST",
      url: "/api/demo/start",
      access: "owner",
      once: true,
      note: "Starts the simulated building.",
      body: nothing,
      handle: async () => {
        const simulation = simulationOf(commands);
        await soon(simulation.start(), log);
        return stateOf(simulation);
      },
    }),
    route({
      method: "POST",
      url: "/api/demo/stop",
      access: "owner",
      once: true,
      note: "Stops the simulated building.",
      body: nothing,
      handle: async () => {
        const simulation = simulationOf(commands);
        await soon(simulation.stop(), log);
        return stateOf(simulation);
      },
    }),
    route({
      method: "POST",
      url: "/api/demo/bench",
      access: "owner",
      once: true,
      note: "A place in the simulated building for one more machine: a node with nothing on its channel yet.",
      body: z.strictObject({ like: z.enum(templateNames) }),
      handle: async ({ body }) => {
        const bench = await simulationOf(commands).addBench(body);
        if (bench !== undefined) return bench;
        throw new Problem(409, "no_bench", {
          detail: "The simulated building has no room for another machine.",
          fix: "Remove it and start a fresh one: koprade demo remove",
        });
      },
    }),
    route({
      method: "POST",
      url: "/api/demo/tap",
      access: "staff",
      once: true,
      note: "Holds a simulated card to a simulated reader.",
      body: z.strictObject({ card: word, reader: word }),
      handle: async ({ body }) => outcome(`card ${body.card} or reader ${body.reader}`, simulationOf(commands).tap(body)),
    }),
  ];
}

function stateOf(simulation: Simulation): SimulationState & { readonly available: true } {
  return { available: true, ...simulation.state() };
}

function simulationOf(commands: Commands): Simulation {
  if (commands.simulation !== undefined) return commands.simulation;
  throw new Problem(503, "no_simulation", {
    detail: "This hub runs with real hardware, so nothing is simulated here.",
    fix: "Start another one with: koprade demo",
  });
}

async function outcome(what: string, asked: Promise<CommandOutcome>): Promise<CommandOutcome> {
  const found = (await first(asked, answerMostMs)) ?? { status: "unconfirmed" };
  if (found.status === "missing") throw notFound(what);
  return found;
}

/** Waits a while for work that may take longer. It goes on by itself then, and only the log hears should it fail late. */
async function soon(work: Promise<void>, log: Log): Promise<void> {
  let answered = false;
  work.catch((error: unknown) => {
    if (answered)
      log.error({ error: error instanceof Error ? error.message : String(error) }, "The simulated building could not be turned.");
  });
  await first(work, startMostMs);
  answered = true;
}

/** The value, or undefined when it takes longer than `mostMs`. */
async function first<T>(asked: Promise<T>, mostMs: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, mostMs);
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
