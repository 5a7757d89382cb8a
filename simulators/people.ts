/**
 * The cast of the simulated building and what they do: arrive, tap, open, work, forget, get refused (domain.md §6.2). People
 * know only what a person sees: a green or a red light, a door that opens, a button under the hand.
 */
import type { JobPlan, MachineKind } from "./loads.ts";
import { planJob } from "./loads.ts";
import type { Dice } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

export type Person = {
  readonly name: string;
  /** EM4100 number as printed in the card's chip: 10 hexadecimal digits */
  readonly card: string;
  readonly membership: "good" | "expired" | "none";
  readonly trainedFor: readonly MachineKind[];
  readonly locale: "lv" | "sv" | "nb" | "en";
};

/** Ten people who between them meet every everyday answer of the door and the machines. */
export const cast: readonly Person[] = [
  { name: "Anna Bērziņa", card: "0F00184E31", membership: "good", trainedFor: ["laser", "printer", "saw"], locale: "lv" },
  { name: "Jānis Kalniņš", card: "0F001A2B07", membership: "good", trainedFor: ["printer"], locale: "lv" },
  { name: "Elsa Lindström", card: "0F0022C4D8", membership: "good", trainedFor: ["laser"], locale: "sv" },
  { name: "Oskar Åkesson", card: "0F00236E19", membership: "good", trainedFor: [], locale: "sv" },
  { name: "Ingrid Sørensen", card: "0F0031F0A2", membership: "good", trainedFor: ["saw", "laser"], locale: "nb" },
  { name: "Lars Østby", card: "0F00350B6C", membership: "expired", trainedFor: ["laser", "saw"], locale: "nb" },
  { name: "Maija Ozola", card: "0F0040DD15", membership: "good", trainedFor: ["printer", "laser"], locale: "lv" },
  { name: "Tom Baker", card: "0F0044A1F3", membership: "good", trainedFor: ["printer"], locale: "en" },
  { name: "Sven Nyström", card: "0F0051C2E4", membership: "good", trainedFor: ["saw"], locale: "sv" },
  { name: "A stranger", card: "0F00FFEE42", membership: "none", trainedFor: [], locale: "en" },
];

/** What a person can do to the building. Everything takes effect at once; what follows is the building's business. */
export type Hands = {
  /** holds a card to a reader for a while */
  present(reader: string, card: string, forMs: number): void;
  /** pulls the handle; true when the door gives way */
  pull(door: string): boolean;
  close(door: string): void;
  pressExit(door: string): void;
  /** presses the green button; true when the contactor pulls in */
  pressStart(machine: string): boolean;
  pressStop(machine: string): void;
  /** starts or ends the machine's own work; nothing happens when it has no power */
  work(machine: string, working: boolean): void;
  isPermitted(machine: string): boolean;
  isBusy(machine: string): boolean;
};

export type Place = {
  readonly door: string;
  /** a second way in, where there is one; who comes in there leaves by the first door like everybody */
  readonly sideDoor?: () => string | null;
  readonly machines: readonly { readonly id: string; readonly kind: MachineKind }[];
};

export type Crowd = { stop(): void };

/** Lets people come and go until stopped. `tempo` shortens the waiting between them: 1 is a real evening, 20 a lively demo. */
export function liveOn(given: {
  place: Place;
  hands: Hands;
  scheduler: Scheduler;
  random: Dice;
  tempo: number;
  note: (line: string) => void;
}): Crowd {
  const { place, hands, scheduler, random, tempo, note } = given;
  const inside = new Set<string>();
  let running = true;
  const later = (delayMs: number, run: () => void): void => {
    if (running) scheduler.after(delayMs, () => running && run());
  };

  const arrive = (): void => {
    later(random.exponential((6 * 60_000) / tempo) + 2000, arrive);
    const person = random.pick(cast.filter((someone) => !inside.has(someone.name)));
    if (inside.size < 6) enter(person);
  };

  const enter = (person: Person): void => {
    inside.add(person.name);
    const side = place.sideDoor?.() ?? null;
    const door = side !== null && random.chance(0.3) ? side : place.door;
    note(`${person.name} comes to the ${door}`);
    hands.present(door, person.card, dwell());
    later(random.lognormal(1600, 0.3), () => {
      if (!hands.pull(door)) {
        turnAway(person);
        return;
      }
      later(random.int(2000, 5000), () => hands.close(door));
      later(random.int(6000, 20_000) / Math.sqrt(tempo), () => approach(person));
    });
  };

  const turnAway = (person: Person): void => {
    note(`${person.name} is not let in and goes away`);
    later(60_000 / tempo, () => inside.delete(person.name));
  };

  const approach = (person: Person): void => {
    const free = place.machines.filter((machine) => !hands.isPermitted(machine.id));
    if (free.length === 0) {
      leave(person);
      return;
    }
    const liked = free.filter((machine) => person.trainedFor.includes(machine.kind));
    // One in four tries what they have not learnt yet: refusals are part of an evening.
    const machine = liked.length > 0 && !random.chance(0.25) ? random.pick(liked) : random.pick(free);
    hands.present(machine.id, person.card, dwell());
    later(random.int(1800, 3200), () => {
      if (!hands.isPermitted(machine.id)) {
        note(`${person.name} is refused at ${machine.id}`);
        later(random.int(5000, 12_000), () => leave(person));
        return;
      }
      if (!hands.pressStart(machine.id)) {
        leave(person);
        return;
      }
      note(`${person.name} starts ${machine.id}`);
      const job = planJob(machine.kind, random);
      later(random.int(3000, 8000), () => (machine.kind === "printer" ? printOn(person, machine, job) : toil(person, machine, job)));
    });
  };

  /** A print goes on while its owner goes home. */
  const printOn = (person: Person, machine: Place["machines"][number], job: JobPlan): void => {
    hands.work(machine.id, true);
    const lastsMs = job.reduce((sum, { workMs }) => sum + workMs, 0) / tempo + 60_000;
    later(lastsMs, () => hands.work(machine.id, false));
    // The meter needs a little while to show that it works; leaving before that would look like giving up.
    later(35_000, () => finish(person, machine));
  };

  const toil = (person: Person, machine: Place["machines"][number], plan: JobPlan): void => {
    const [next, ...rest] = plan;
    if (next === undefined) {
      finish(person, machine);
      return;
    }
    hands.work(machine.id, true);
    later(next.workMs / tempo + 8000, () => {
      hands.work(machine.id, false);
      later(next.pauseMs / tempo + 2000, () => toil(person, machine, rest));
    });
  };

  const finish = (person: Person, machine: Place["machines"][number]): void => {
    if (random.chance(0.15)) note(`${person.name} forgets to tap out of ${machine.id}`);
    else {
      hands.present(machine.id, person.card, dwell());
      note(`${person.name} taps out of ${machine.id}`);
    }
    later(random.int(4000, 20_000), () => leave(person));
  };

  const leave = (person: Person): void => {
    hands.pressExit(place.door);
    later(1500, () => {
      if (hands.pull(place.door)) later(random.int(2000, 5000), () => hands.close(place.door));
      note(`${person.name} leaves`);
      later(20_000 / tempo, () => inside.delete(person.name));
    });
  };

  const dwell = (): number => Math.min(2500, Math.max(250, random.lognormal(600, 0.5)));
  later(1500, arrive);
  return {
    stop() {
      running = false;
    },
  };
}
