/**
 * A building whose network and hub come and go under people, loads, stale commands and recorded messages, by dice (domain.md §6.5).
 * While a node is away from its hub, nothing there opens or is permitted but by the node's own decision; and whatever went on,
 * each session is closed once.
 */
import { expect, it } from "vitest";
import type { EventBody } from "#contract";
import { type Dice, dice } from "../../simulators/random.ts";
import { afternoon, doorFacts, laserFacts, minute, printerFacts, type Scene, sawFacts, scene, second, untrained } from "./scene.ts";

const places = ["door-1", "laser", "saw", "printer"] as const;
const machines = ["laser", "saw", "printer"] as const;
type Place = (typeof places)[number];
/** an output that came on, and since when its node had been cut off */
type Change = { readonly at: Place; readonly atMs: number; readonly awaySinceMs: number | null };
/** a message that was on its way when the cable was cut does not arrive: there is no slack for it; the poll's own length is */
const lookMs = 20;

const isOn = (s: Scene, at: Place): boolean => (at === "door-1" ? s.door(at).isUnlocked() : s.machine(at).isPermitted());

/** Watches the wires of one scene while it is played. */
function watch(s: Scene) {
  const changes: Change[] = [];
  const away = new Map<Place, number>();
  let isHubDead = false;
  const before = new Map<Place, boolean>();
  return {
    changes,
    away,
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= lookMs) {
        await s.pass(lookMs);
        for (const at of places) {
          const now = isOn(s, at);
          if (now && before.get(at) === false) changes.push({ at, atMs: s.nowMs(), awaySinceMs: away.get(at) ?? null });
          before.set(at, now);
        }
      }
    },
    sever(at: Place, noticedMs: number) {
      s.bus.sever(`${at}-node`, noticedMs);
      if (!away.has(at)) away.set(at, s.nowMs());
    },
    heal(at: Place) {
      s.bus.heal(`${at}-node`);
      away.delete(at);
    },
    hub(alive: boolean) {
      if (alive === !isHubDead) return;
      if (alive) s.startHub();
      else s.killHub();
      isHubDead = !alive;
    },
  };
}
type Watch = ReturnType<typeof watch>;

function something(s: Scene, w: Watch, random: Dice): void {
  const at = random.pick(places);
  const machine = s.machine(random.pick(machines));
  const what = random.int(0, 11);
  if (what <= 3) s.tap(random.pick(["ada", "bob", "sam", "stranger"]), at);
  if (what === 4) w.sever(at, random.pick([0, 15 * second]));
  if (what === 5) w.heal(at);
  if (what === 6) w.hub(random.chance(0.6));
  if (what === 7) void s.hub().unlockDoor("door-1", "admin");
  if (what === 8) for (const message of s.bus.recorded.slice(-40)) s.bus.replay(message);
  if (what === 9) machine.pressStart();
  if (what === 10) machine.work(random.chance(0.5));
  if (what === 11) machine.pressStop();
}

async function play(seed: number, steps: number) {
  const s = await scene({
    from: afternoon,
    cast: { sam: untrained },
    // only the hub knows how many are in and how many machines somebody has: it is asked where it can be
    facts: [
      { ...doorFacts, asks: ["occupancy"] },
      { ...laserFacts, asks: ["member_limit"] },
      { ...sawFacts, asks: ["member_limit"], sharing: "takeover_when_idle" },
      { ...printerFacts, lease: { ...printerFacts.lease, leaseMs: 20 * minute } },
    ],
  });
  const w = watch(s);
  const random = dice(seed, "away");
  for (let step = 0; step < steps; step += 1) {
    something(s, w, random);
    await w.pass(random.pick([40, 300, 2000, 5000]));
  }
  for (const at of places) w.heal(at);
  w.hub(true);
  for (const id of machines) s.machine(id).work(false);
  await s.pass(90 * minute);
  await s.stop();
  return { s, changes: w.changes };
}

/** The decision behind an output that came on, as the log has it. */
function basisOf(s: Scene, { at, atMs }: Change): Extract<EventBody, { kind: "access.decided" }> | undefined {
  const acts = s.told(at, "door.granted", "mach.session_started", "mach.resumed").filter((told) => Math.abs(told.atMs - atMs) <= second);
  const decisions = acts.flatMap(({ body }) => ("decision" in body ? [body.decision] : []));
  return s.decisions(at).findLast(({ decision }) => decisions.includes(decision));
}

it("opens and permits nothing while it is away but by its own decision, and closes each session once", async () => {
  const tally = { on: 0, away: 0, byHub: 0, sessions: 0 };
  for (let seed = 1; seed <= 4; seed += 1) {
    const { s, changes } = await play(seed, 250);
    for (const change of changes) {
      const basis = basisOf(s, change);
      tally.on += 1;
      if (basis?.where === "hub") tally.byHub += 1;
      if (change.awaySinceMs === null) continue;
      tally.away += 1;
      expect(basis, `seed ${seed}: ${JSON.stringify(change)}`).toMatchObject({ outcome: "grant", where: "node" });
    }
    const bodies = s.site.events.map(({ body }) => body);
    const ids = (kind: "mach.session_started" | "mach.session_closed") =>
      bodies.flatMap((body) => (body.kind === kind ? [body.session] : [])).toSorted();
    expect(ids("mach.session_closed")).toEqual([...new Set(ids("mach.session_started"))]);
    expect(machines.flatMap((id) => s.sessions(id)).filter(({ endMs }) => endMs === null)).toEqual([]);
    tally.sessions += ids("mach.session_started").length;
  }
  console.log(
    `${tally.on} outputs came on, ${tally.byHub} by the hub's decision; ${tally.away} while their node was away, all by its own; ` +
      `${tally.sessions} sessions, each closed once`,
  );
  expect(Math.min(tally.away, tally.byHub, tally.sessions)).toBeGreaterThan(10);
}, 240_000);
