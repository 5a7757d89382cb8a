/**
 * Power cycles of nodes and of the hub on the assembled machines (R4): the node's very program with hands, wires and time played.
 * Nothing may start without a tap, whatever the power does; nothing may stop because the hub went away and came back.
 *
 *   held permit      off from the cut until a card is presented anew, also when it lies in the slot; session: device_reboot
 *   latching permit  as it was, and the session goes on; after a power cut of the whole room it is off and stays off
 */
import { type Dice, dice } from "../../simulators/random.ts";
import { afternoon, cards, laserFacts, minute, printerFacts, type Scene, sawFacts, scene, second } from "../simulation/scene.ts";

export const name = "power-cycles";
const perScene = 20;
const ids = ["laser", "saw", "printer"] as const;
type Id = (typeof ids)[number];
type Phase = "rest" | "asking" | "enabled" | "idle" | "busy" | "grace" | "unattended";
/** the whole day is played by one member */
const card = cards.ada;

export type PowerCycles = {
  readonly cycles: number;
  /** machines whose permit was on when the power went */
  readonly inUse: number;
  /** sessions of latching machines that went on */
  readonly resumed: number;
  /** permits given anew, each after a card was presented anew */
  readonly tappedAgain: number;
  readonly starts: number;
  readonly stops: number;
  readonly wrong: readonly string[];
};
type Tally = { cycles: number; inUse: number; resumed: number; tappedAgain: number; starts: number; stops: number; wrong: string[] };

export async function run(seed: number): Promise<{ figures: Record<string, number> }> {
  const node = await cycleNodes({ seed, cycles: 500 });
  const hub = await cycleHub({ seed, cycles: 500 });
  const wrong = [...node.wrong, ...hub.wrong];
  if (wrong.length > 0) throw new Error(wrong.slice(0, 5).join("\n"));
  return {
    figures: {
      nodeCycles: node.cycles,
      nodesInUse: node.inUse,
      latchingResumed: node.resumed,
      tappedAgain: node.tappedAgain,
      hubCycles: hub.cycles,
      machinesInUse: hub.inUse,
      startsWithoutTap: node.starts + hub.starts,
      stopsByTheHub: hub.stops,
    },
  };
}

/** One node after another loses its power in any phase of a session, for a moment or for a minute, alone or with its machine. */
export const cycleNodes = (given: { seed: number; cycles: number }) => inScenes({ ...given, stream: "node cycles", cycle: nodeCycle });
/** The hub is killed under three machines, with the broker or without it, and starts again. */
export const cycleHub = (given: { seed: number; cycles: number }) => inScenes({ ...given, stream: "hub cycles", cycle: hubCycle });

async function inScenes(given: {
  readonly seed: number;
  readonly cycles: number;
  readonly stream: string;
  readonly cycle: (s: Scene, random: Dice, tally: Tally) => Promise<void>;
}): Promise<PowerCycles> {
  const random = dice(given.seed, given.stream);
  const tally: Tally = { cycles: 0, inUse: 0, resumed: 0, tappedAgain: 0, starts: 0, stops: 0, wrong: [] };
  while (tally.cycles < given.cycles) {
    const s = await scene({
      from: afternoon,
      facts: [laserFacts, sawFacts, printerFacts],
      machines: { laser: { fan: "x" }, saw: { insertReader: true }, printer: { permit: "pulse" } },
    });
    for (let n = 0; n < perScene && tally.cycles < given.cycles; n += 1) {
      tally.cycles += 1;
      await given.cycle(s, random, tally);
    }
    await s.stop();
  }
  return tally;
}

async function nodeCycle(s: Scene, random: Dice, tally: Tally): Promise<void> {
  const id = random.pick(ids);
  const machine = s.machine(id);
  const phase = random.pick(phasesOf(id));
  await bring(s, id, phase);
  await s.pass(random.int(0, 3000));
  const found = { ...levels(s, id), session: machine.program().state().session?.session ?? null };
  if (found.permitted) tally.inUse += 1;
  const fromEvent = s.site.events.length;
  const cutMs = s.nowMs();
  const complain = (what: string): void => void tally.wrong.push(`cycle ${tally.cycles}, ${id} ${phase}: ${what}`);
  machine.powerCut();
  const roomIsDark = random.chance(0.3);
  if (roomIsDark) machine.mains(false);
  const isLatching = id === "printer";
  const stays = isLatching && found.powered && !roomIsDark;
  const watch = async (ms: number): Promise<void> => {
    let fault: ReturnType<typeof faultOf> = null;
    for (let left = ms; left > 0 && fault === null; left -= 100) {
      await s.pass(Math.min(100, left));
      fault = faultOf(levels(s, id), isLatching, stays);
    }
    if (fault === null) return;
    tally[fault.counts] += 1;
    complain(fault.what);
  };
  await watch(random.pick([random.int(50, 500), random.int(500, 60_000)]));
  machine.start({ restart: "power" });
  await watch(random.int(8000, 40_000));
  if (!isLatching && machine.pressStart()) complain("starts by its green button without a permit");
  const told = s.site.events.slice(fromEvent).filter(({ node, boot }) => node === `${id}-node` && boot === machine.program().node.boot);
  // a session that goes on has its lease renewed
  if (!stays && told.some(({ body }) => body.kind === "access.decided")) complain("decided about a card that lay there at the start");
  judgeSession(s, id, { session: found.session, stays, cutMs }, tally, complain);
  if (isLatching || random.chance(0.5)) await finish(s, id);
  else await again(s, id, tally, complain);
}

/** What may not be seen between the cut and the next tap. */
function faultOf(now: ReturnType<typeof levels>, isLatching: boolean, stays: boolean) {
  if (now.powered && !stays) return { counts: "starts", what: "has power that nobody asked for" } as const;
  if (!isLatching && now.permitted) return { counts: "starts", what: "has its permit without a tap" } as const;
  return !now.powered && stays ? ({ counts: "stops", what: "lost its power with its node" } as const) : null;
}

/** What became of the session that was open when the power went. */
function judgeSession(
  s: Scene,
  id: Id,
  was: { readonly session: string | null; readonly stays: boolean; readonly cutMs: number },
  tally: Tally,
  complain: (what: string) => void,
): void {
  if (was.session === null) return;
  const record = s.sessions(id).find(({ session }) => session === was.session);
  const open = s.machine(id).program().state().session?.session ?? null;
  if (was.stays) {
    if (open !== was.session || record?.endMs !== null) complain("its session did not go on");
    else tally.resumed += 1;
    return;
  }
  if (open !== null) complain("has a session after its power was cut");
  // a session whose record was still on its way when the power went has never been
  if (record === undefined) return;
  const isByReboot = record.endReason === "device_reboot" || (id === "printer" && record.endReason === "power_lost");
  if (!isByReboot || record.endMs === null || record.endMs > was.cutMs + second) complain(`its session ended ${JSON.stringify(record)}`);
}

/** A card presented anew gives the permit anew. */
async function again(s: Scene, id: Id, tally: Tally, complain: (what: string) => void): Promise<void> {
  const { reader } = s.machine(id);
  reader.remove();
  await s.pass(5 * second);
  if (id === "saw") reader.insert(card);
  else s.tap("ada", id);
  await s.pass(15 * second);
  if (s.machine(id).isPermitted()) tally.tappedAgain += 1;
  else complain("gets no permit by a tap");
  await finish(s, id);
}

async function hubCycle(s: Scene, random: Dice, tally: Tally): Promise<void> {
  const phases = ids.map(
    (id) => [id, random.pick(["rest", "idle", "busy", "busy", id === "printer" ? "unattended" : "idle"] as const)] as const,
  );
  for (const [id, phase] of phases) await bring(s, id, phase);
  const found = phases.map(([id]) => ({ id, ...levels(s, id), session: s.machine(id).program().state().session?.session ?? null }));
  tally.inUse += found.filter(({ permitted }) => permitted).length;
  const complain = (id: Id, what: string): void =>
    void tally.wrong.push(`hub cycle ${tally.cycles}, ${phases.map(([one, phase]) => `${one} ${phase}`).join(", ")}: ${id} ${what}`);
  const watch = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 100) {
      await s.pass(Math.min(100, left));
      for (const was of found) {
        const now = levels(s, was.id);
        const starts = (now.permitted && !was.permitted) || (now.powered && !was.powered);
        const stops = (was.permitted && !now.permitted) || (was.powered && !now.powered);
        if (starts) tally.starts += 1;
        if (stops) tally.stops += 1;
        if (starts || stops) return complain(was.id, starts ? "started" : "stopped");
      }
    }
  };
  const fromEvent = s.site.events.length;
  const brokerToo = random.chance(0.5);
  s.killHub();
  if (brokerToo) for (const id of ids) s.bus.sever(`${id}-node`);
  if (random.chance(0.3)) s.tap("stranger", random.pick(ids));
  await watch(random.pick([random.int(100, 2000), random.int(2000, 90_000)]));
  s.startHub();
  if (brokerToo) for (const id of ids) s.bus.heal(`${id}-node`);
  await watch(30 * second);
  for (const { id, session } of found) {
    if ((s.machine(id).program().state().session?.session ?? null) !== session) complain(id, "has another session than before");
    const record = s.sessions(id).find((one) => one.session === session);
    if (session !== null && record?.endMs !== null) complain(id, "is in use, and the log says it is not");
  }
  const told = s.site.events.slice(fromEvent);
  if (told.some(({ body }) => body.kind === "mach.session_closed" || body.kind === "mach.session_started"))
    complain("saw", "or another told of a change");
  for (const id of ids) await finish(s, id);
}

/** A latching machine is permitted as long as its contactor is in. */
function levels(s: Scene, id: Id): { readonly permitted: boolean; readonly powered: boolean } {
  const machine = s.machine(id);
  return { permitted: id === "printer" ? machine.isPowered() : machine.isPermitted(), powered: machine.isPowered() };
}

const phasesOf = (id: Id): readonly Phase[] =>
  id === "printer" ? ["rest", "asking", "idle", "busy", "unattended", "grace"] : ["rest", "asking", "enabled", "idle", "busy", "grace"];

/** From rest into a phase of a session. `asking`: the power goes somewhere around the decision. */
async function bring(s: Scene, id: Id, phase: Phase): Promise<void> {
  const machine = s.machine(id);
  if (phase === "rest") return;
  const present = (): void => (id === "saw" ? machine.reader.insert(card) : s.tap("ada", id));
  present();
  if (phase === "asking") return;
  await s.pass(15 * second);
  if (phase === "enabled") return;
  machine.pressStart();
  await s.pass(2 * second);
  if (phase === "busy" || phase === "unattended") {
    machine.work(true);
    await s.pass(25 * second);
  }
  if (phase === "grace" && id === "saw") machine.reader.remove();
  else if (phase === "grace" || phase === "unattended") {
    await s.pass(id === "printer" ? 3 * minute + 5 * second : 2 * second);
    present();
  }
  await s.pass(3 * second);
}

/** To rest, whatever there was: the card away, the red button, and time for what runs out. */
async function finish(s: Scene, id: Id): Promise<void> {
  const machine = s.machine(id);
  machine.work(false);
  machine.reader.remove();
  machine.pressStop();
  for (let waited = 0; machine.program().state().kind !== "off"; waited += 5) {
    if (waited > 600) throw new Error(`${id} does not come to rest: ${JSON.stringify(machine.program().state())}`);
    await s.pass(5 * second);
  }
  await s.pass(6 * second);
}
