/** `koprade zone`, `koprade circuit` and `koprade accessory`: where things stand, what feeds them, what is attached to them. */
import { changing, listing } from "./change.ts";
import type { Noun } from "./command.ts";
import { wholeNumber } from "./values.ts";

const label = { type: "string", valueHint: "text", description: "name on screens (default the short name)" } as const;
const zoneName = { type: "positional", required: true, description: "short name such as wood-shop" } as const;

export const zone: Noun = {
  summary: "rooms, and how many people they take",
  verbs: {
    add: changing({
      change: "addZone",
      summary: "add a zone, or replace one: what is not said is as for a new one",
      args: {
        zone: zoneName,
        label,
        within: { type: "string", valueHint: "zone", description: "the zone around it" },
        people: { type: "string", valueHint: "number", description: "how many people it takes" },
        full: { type: "enum", options: ["off", "warn", "deny"], default: "off", description: "what happens when it is full" },
        alone: { type: "enum", options: ["ok", "warn", "forbid"], default: "ok", description: "working there alone" },
      },
      examples: ["koprade zone add wood-shop --label 'Wood shop' --people 8 --full warn --alone forbid"],
      input: (given) => ({
        zone: given.zone,
        label: given.label ?? given.zone,
        parent: given.within ?? null,
        people: given.people === undefined ? null : wholeNumber("--people", given.people, 1, 100_000),
        capacity: given.full,
        loneWorking: given.alone,
      }),
      says: (input) => `Zone ${input.zone} is there. Put a machine or door into it with: koprade policy set NAME --zone ${input.zone}`,
    }),
    remove: changing({
      change: "removeZone",
      summary: "remove a zone that nothing stands in",
      args: { zone: zoneName },
      examples: ["koprade zone remove wood-shop"],
      input: (given) => ({ zone: given.zone }),
      says: (input) => `Zone ${input.zone} is removed.`,
    }),
    list: listing({
      summary: "list the zones",
      args: {},
      examples: ["koprade zone list"],
      header: ["ZONE", "LABEL", "WITHIN", "PEOPLE", "WHEN FULL", "ALONE"],
      none: "No zones. Add one with: koprade zone add",
      rows: (_given, { ledger }) => ledger.read.zones(),
      line: (row) => [
        row.zone,
        row.label,
        row.parent ?? "–",
        row.people === null ? "–" : String(row.people),
        row.capacity,
        row.loneWorking,
      ],
    }),
  },
};

const circuitName = { type: "positional", required: true, description: "short name such as feed-3" } as const;

export const circuit: Noun = {
  summary: "what several machines share of the mains",
  verbs: {
    add: changing({
      change: "addCircuit",
      summary: "add a circuit, or replace one",
      args: { circuit: circuitName, label, watts: { type: "string", required: true, valueHint: "watts", description: "what it carries" } },
      examples: ["koprade circuit add feed-3 --watts 3600"],
      input: (given) => ({
        circuit: given.circuit,
        label: given.label ?? given.circuit,
        budgetW: wholeNumber("--watts", given.watts, 1, 1_000_000),
      }),
      says: (input) => `Circuit ${input.circuit} carries ${input.budgetW} W.`,
    }),
    remove: changing({
      change: "removeCircuit",
      summary: "remove a circuit that nothing hangs on",
      args: { circuit: circuitName },
      examples: ["koprade circuit remove feed-3"],
      input: (given) => ({ circuit: given.circuit }),
      says: (input) => `Circuit ${input.circuit} is removed.`,
    }),
    list: listing({
      summary: "list the circuits",
      args: {},
      examples: ["koprade circuit list"],
      header: ["CIRCUIT", "LABEL", "WATTS"],
      none: "No circuits. Add one with: koprade circuit add",
      rows: (_given, { ledger }) => ledger.read.circuits(),
      line: (row) => [row.circuit, row.label, String(row.budgetW)],
    }),
  },
};

const accessoryName = { type: "positional", required: true, description: "short name such as rotary" } as const;
const at = { type: "string", required: true, valueHint: "machine", description: "short name of the machine" } as const;

export const accessory: Noun = {
  summary: "parts of a machine with a course of their own",
  verbs: {
    add: changing({
      change: "addAccessory",
      summary: "add an accessory to a machine, or replace one",
      args: {
        accessory: accessoryName,
        at,
        label,
        course: { type: "string", required: true, valueHint: "course", description: "course it needs, or none" },
      },
      examples: ["koprade accessory add rotary --at laser-1 --course laser-rotary --label 'Rotary axis'"],
      input: (given) => ({
        machine: given.at,
        accessory: given.accessory,
        label: given.label ?? given.accessory,
        course: given.course === "none" ? null : given.course,
      }),
      says: (input) => `${input.machine} has the accessory ${input.accessory}.`,
    }),
    remove: changing({
      change: "removeAccessory",
      summary: "take an accessory away",
      args: { accessory: accessoryName, at },
      examples: ["koprade accessory remove rotary --at laser-1"],
      input: (given) => ({ machine: given.at, accessory: given.accessory }),
      says: (input) => `${input.machine} no longer has the accessory ${input.accessory}.`,
    }),
    list: listing({
      summary: "list the accessories",
      args: {},
      examples: ["koprade accessory list"],
      header: ["MACHINE", "ACCESSORY", "LABEL", "COURSE"],
      none: "No accessories. Add one with: koprade accessory add",
      rows: (_given, { ledger }) => ledger.read.accessories(),
      line: (row) => [row.machine, row.accessory, row.label, row.course ?? "none"],
    }),
  },
};
