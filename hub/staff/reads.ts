/** Everything the pages of staff read, on the space that the pages show at that moment. */
import type { Stack } from "../stack.ts";
import type { StaffReads } from "../views-staff.ts";
import { energyOf } from "./energy.ts";
import { logOf } from "./log.ts";
import { doorOf, machineOf, machinesOf } from "./machines.ts";
import { nodesOf } from "./nodes.ts";
import { lanesOf } from "./now.ts";
import { captureOf, choicesOf, peopleOf, personDetail } from "./people.ts";
import { trainingsOf } from "./trainings.ts";

export function staffReads(stackNow: () => Stack, nowMs: () => number): StaffReads {
  return {
    lanes: () => lanesOf(stackNow(), nowMs()),
    machines: () => machinesOf(stackNow()),
    machine: (id) => machineOf(stackNow(), id, nowMs()),
    door: (id) => doorOf(stackNow(), id),
    people: (query) => peopleOf(stackNow(), query, nowMs()),
    person: (member) => personDetail(stackNow(), member, nowMs()),
    choices: () => choicesOf(stackNow()),
    capture: (capture) => captureOf(stackNow(), capture, nowMs()),
    trainings: () => trainingsOf(stackNow(), nowMs()),
    log: (query) => logOf(stackNow().ledger.read, query),
    nodes: () => nodesOf(stackNow()),
    energy: (span) => energyOf(stackNow(), span, nowMs()),
  };
}
