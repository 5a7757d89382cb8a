/**
 * The building in a process of its own, so that chips, devices and people take nothing from the hub they are to test. Talks over IPC: it
 * says where its lines are; asked for its foreign devices it says how they are reached, and those that come to the hub do so when they
 * are told where it is.
 */
import * as z from "zod";
import { createBuilding } from "./building.ts";
import { demoDoor, demoMachines } from "./demo-space.ts";
import type { Fleet } from "./foreign/fleet.ts";
import { fleetDoor, fleetMachines } from "./foreign/fleet-names.ts";

const [seed = 1, tempo = 1] = process.argv.slice(2).map(Number);
let fleet: Fleet | undefined;
/** Whoever hears it may be going just now: that is no fault. */
const say = (message: object): void => void (process.connected && process.send?.(message, undefined, {}, () => undefined));
const building = createBuilding({
  seed,
  tempo,
  door: { id: demoDoor.id, board: "chip" },
  machines: demoMachines.map(({ id, kind, board }) => ({ id, kind, board })),
  also: { door: fleetDoor.id, machines: fleetMachines, hands: () => fleet?.hands, has: (id) => fleet?.has(id) === true },
  note: (line) => say({ kind: "note", line }),
});

const order = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("open") }),
  z.object({ kind: z.literal("fleet") }),
  z.object({ kind: z.literal("join"), url: z.string(), password: z.string() }),
  z.object({ kind: z.literal("tap"), reader: z.string(), card: z.string() }),
  z.object({ kind: z.literal("bench"), id: z.string(), load: z.enum(["laser", "printer", "saw"]) }),
]);

/** A hand that taps also tries the door or the green button, so that something is to be seen. */
function tap(reader: string, card: string): void {
  const { hands } = building;
  hands.present(reader, card, 600);
  setTimeout(() => {
    if (benches.has(reader)) workAt(reader);
    else if (reader !== demoDoor.id && reader !== fleetDoor.id) hands.pressStart(reader);
    else if (hands.pull(reader)) setTimeout(() => hands.close(reader), 3000);
  }, 1500);
}

/** Nobody else works at a bench: whoever taps there also begins a job. */
const benches = new Set<string>();
const benchWorkMs = 90_000;
function workAt(bench: string): void {
  const { hands } = building;
  if (!hands.pressStart(bench)) return;
  hands.work(bench, true);
  setTimeout(() => hands.work(bench, false), benchWorkMs).unref();
}

/** Loaded when it is asked for: the first people need none of it. */
async function unpack(): Promise<void> {
  const { openFleet } = await import("./foreign/fleet.ts");
  fleet = await openFleet({ seed, tempo });
  say({ kind: "reach", reach: fleet.reach });
}

const isWithout = (error: unknown): void => say({ kind: "without", why: String(error) });
process.on("message", (message: unknown) => {
  const { data } = order.safeParse(message);
  if (data?.kind === "open") building.open();
  if (data?.kind === "fleet") unpack().catch(isWithout);
  if (data?.kind === "join") fleet?.join(data).catch(isWithout);
  if (data?.kind === "tap") tap(data.reader, data.card);
  if (data?.kind === "bench") {
    benches.add(data.id);
    say({ kind: "bench", id: data.id, lines: building.addMachine(data.id, data.load) });
  }
});
process.on("disconnect", () => {
  building.close();
  process.exit(0);
});
// Whoever started it may be gone already.
if (!process.connected) process.exit();
say({ kind: "lines", lines: building.lines });
