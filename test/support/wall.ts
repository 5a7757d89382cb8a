/** An invented wall: machines, classes and electricity, moved by the test's own hand. No ledger, no people. */
import type { Language, MachineStatus } from "../../hub/views.ts";
import type { Screens, WallBoard, WallChange, WallMachine, WallPicture } from "../../hub/views-wall.ts";

export const wallToken = "a-token-of-twenty-four-letters";
const hourMs = 3_600_000;

export type FakeWall = { readonly screens: Screens; change(change: WallChange): void; end(): void };

export function aWallMachine(given: Partial<WallMachine> & { readonly id: string }): WallMachine {
  return { label: given.id, node: "node-1", status: "free", sinceMs: Date.now() - hourMs, job: null, ...given };
}

const statuses: readonly MachineStatus[] = [
  "free",
  "busy",
  "idle",
  "free",
  "locked_out",
  "reserved",
  "free",
  "out_of_order",
  "needs_check",
];
const names = ["Lāzers 1", "3D printeris", "Virpa", "Lentzāģis", "CNC-fräs", "Søylebormaskin", "Šujmašīna", "Lödstation"];

export function aWallPicture(machines: number): WallPicture {
  const now = Date.now();
  return {
    site: { name: "Koprades darbnīca", zone: "Europe/Riga", mode: "normal", simulated: false, deafSinceMs: null },
    machines: Array.from({ length: machines }, (_, i) =>
      aWallMachine({
        id: `m-${i}`,
        label: `${names[i % names.length]}${i < names.length ? "" : ` ${Math.floor(i / names.length) + 1}`}`,
        node: i === 7 ? "node-2" : "node-1",
        status: statuses[i % statuses.length] ?? "free",
        job: i % 8 === 1 ? { state: i === 1 ? "running" : i === 9 ? "complete" : "failed", sinceMs: now - 42 * 60_000 } : null,
      }),
    ),
    nodes: [
      { id: "node-1", status: "online", seenMs: now },
      { id: "node-2", status: "offline", seenMs: now - 400_000 },
    ],
    today: {
      isOpen: true,
      changesMs: now + 3 * hourMs,
      classes: [
        { label: "Lāzera apmācība", fromMs: now + hourMs, untilMs: now + 3 * hourMs, places: ["Lāzers 1"], freeSeats: 3 },
        { label: "Repair café", fromMs: now + 5 * hourMs, untilMs: now + 7 * hourMs, places: [], freeSeats: 0 },
      ],
      bookings: [{ machine: "m-0", label: "Lāzers 1", fromMs: now + hourMs, untilMs: now + 2 * hourMs }],
    },
  };
}

export function fakeWall(
  given: { readonly boards?: readonly WallBoard[]; readonly languages?: readonly Language[]; readonly machines?: number } = {},
): FakeWall {
  const { boards = ["machines"], languages = ["en"], machines = 40 } = given;
  let picture = aWallPicture(machines);
  let isGood = true;
  const listeners = new Set<(change: WallChange) => void>();
  const doubters = new Set<() => void>();
  const view = {
    snapshot: () => picture,
    subscribe(listen: (change: WallChange) => void) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
    month: () => ({
      month: "2026-11",
      busyHours: 412.5,
      people: "few" as const,
      events: 12,
      volunteerHours: 36,
      machines: names.map((label, i) => ({ label, hours: 90 - 11 * i })),
    }),
  };
  return {
    screens: {
      wall: (name, token) => (isGood && name === "entrance" && token === wallToken ? { name, boards, languages, view } : undefined),
      onDoubt(listen) {
        doubters.add(listen);
        return () => doubters.delete(listen);
      },
    },
    change(change) {
      picture = applied(picture, change);
      for (const listen of listeners) listen(change);
    },
    end() {
      isGood = false;
      for (const listen of doubters) listen();
    },
  };
}

function applied(picture: WallPicture, change: WallChange): WallPicture {
  switch (change.kind) {
    case "site":
      return { ...picture, site: change.site };
    case "machine":
      return { ...picture, machines: picture.machines.map((old) => (old.id === change.machine.id ? change.machine : old)) };
    case "node":
      return { ...picture, nodes: picture.nodes.map((old) => (old.id === change.node.id ? change.node : old)) };
    case "today":
      return { ...picture, today: change.today };
    case "all":
      return change.picture;
  }
}
