/** `koprade report --machine|--zone|--of-project`: which machines and doors of a month a document is about. */
import type { Ledger } from "../ledger/types.ts";
import type { Only } from "../reports/only.ts";
import type { MonthFigures } from "../reports/types.ts";
import { badUsage, failed } from "./command.ts";
import { listed } from "./parse.ts";
import { list } from "./values.ts";

type Asked = { readonly machine: string | undefined; readonly zone: string | undefined; readonly project: string | undefined };
type Read = Pick<Ledger["read"], "zones" | "resources" | "projects">;
/** More machines than this are named by their number. */
const namedMost = 3;

/**
 * Machines are in the zone, and need the courses, that they are in and need today. Null: nothing was asked, all of them.
 * @throws CliError for what is not there, or for two of them at once
 */
export function onlyGiven(read: Read, figures: MonthFigures, asked: Asked): Only | null {
  const given = Object.values(asked).filter((value) => value !== undefined);
  if (given.length === 0) return null;
  if (given.length > 1) throw badUsage("Give one of --machine, --zone and --of-project.");
  const { machine, zone, project } = asked;
  if (zone !== undefined) return ofZone(read, zone);
  return machine === undefined ? ofProject(read, figures, project ?? "") : ofMachines(read, figures, list(machine));
}

function ofMachines(read: Read, figures: MonthFigures, machines: readonly string[], label?: string): Only {
  const known = figures.machines.map(({ id }) => id);
  const stranger = machines.find((id) => !known.includes(id));
  if (stranger !== undefined)
    throw badUsage(`--machine cannot be "${stranger}"; ${figures.month} has ${known.length === 0 ? "none" : listed(known)}.`);
  const labels = figures.machines.filter(({ id }) => machines.includes(id)).map((one) => one.label);
  const named = labels.length > namedMost ? `${labels.slice(0, namedMost).join(", ")} +${labels.length - namedMost}` : labels.join(", ");
  return { label: label ?? named, machines, doors: [], courses: coursesOf(read, machines) };
}

function ofProject(read: Read, figures: MonthFigures, name: string): Only {
  const project = read.projects().find((one) => one.project === name);
  if (project === undefined) throw failed(`There is no project "${name}"; see \`koprade project list\`.`);
  const bought = project.assets.filter(({ from }) => from.slice(0, 7) <= figures.month).map(({ machine }) => machine);
  const machines = figures.machines.map(({ id }) => id).filter((id) => bought.includes(id));
  if (machines.length === 0)
    throw failed(`${name} had bought no machine by ${figures.month}; name one with: koprade project fund ${name} MACHINE --from DATE`);
  return ofMachines(read, figures, machines, project.label);
}

function ofZone(read: Read, name: string): Only {
  const zones = read.zones();
  const found = zones.find(({ zone }) => zone === name);
  if (found === undefined) {
    const there = zones.map(({ zone }) => zone);
    throw badUsage(`--zone cannot be "${name}"; there is ${there.length === 0 ? "no zone: koprade zone add" : listed(there)}.`);
  }
  const inside = new Set([name]);
  // Each round goes one zone deeper; no tree is deeper than it has zones.
  for (const _ of zones) for (const { zone, parent } of zones) if (parent !== null && inside.has(parent)) inside.add(zone);
  const places = read.resources().filter(({ zone }) => zone !== null && inside.has(zone));
  if (places.length === 0)
    throw failed(`Nothing stands in ${name}; put a machine or door there with: koprade policy set NAME --zone ${name}`);
  const machines = places.filter(({ kind }) => kind === "machine").map(({ id }) => id);
  const doors = places.filter(({ kind }) => kind === "door").map(({ id }) => id);
  return { label: found.label, machines, doors, courses: coursesOf(read, machines) };
}

const coursesOf = (read: Read, machines: readonly string[]): string[] => [
  ...new Set(read.resources().flatMap(({ id, course }) => (course !== null && machines.includes(id) ? [course] : []))),
];
