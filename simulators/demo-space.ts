/** The space of the simulated building: its people, trainings, door and machines, written through the ledger's own commands. */
import { cycleProfiles } from "#core";
import type { Ledger } from "../hub/ledger/types.ts";
import { cast } from "./people.ts";

export const demoDoor = { id: "front-door", node: "door-node", label: "Front door" } as const;
export const demoMachines = [
  { id: "laser-1", node: "laser-node", label: "Laser", kind: "laser", board: "chip" },
  { id: "printer-1", node: "printer-node", label: "3D printer", kind: "printer", board: "simple" },
] as const;
export const simulatedWiring = "simulated, there is nothing to wire";
const by = "hub:demo";

/** Writes the space once; a folder that has it already stays as it is. */
export async function furnish(ledger: Ledger): Promise<void> {
  const { change, read } = ledger;
  if (read.courses().length > 0) return;
  await change.setSite({ name: "Simulated makerspace" }, by);
  await change.addPlan({ plan: "member", label: "Member", always: true }, by);
  await change.addCourse({ course: "laser", label: "Laser" }, by);
  await change.addCourse({ course: "printer", label: "3D printer" }, by);
  await change.addNode({ node: demoDoor.node, kind: "door", label: demoDoor.label }, by);
  await change.addDoor({ door: demoDoor.id, node: demoDoor.node, ch: "door", label: demoDoor.label, failMode: "secure" }, by);
  const { laser, fdm } = cycleProfiles;
  await change.addNode({ node: "laser-node", kind: "machine", label: "Laser" }, by);
  await change.addMachine(
    {
      machine: "laser-1",
      node: "laser-node",
      ch: "machine",
      label: "Laser",
      riskClass: "B",
      cutHazard: false,
      course: "laser",
      settings: { profile: "laser", onW: laser.onW, offW: laser.offW },
    },
    by,
  );
  await change.addNode({ node: "printer-node", kind: "machine", label: "3D printer" }, by);
  await change.addMachine(
    {
      machine: "printer-1",
      node: "printer-node",
      ch: "machine",
      label: "3D printer",
      riskClass: "C",
      cutHazard: true,
      attendance: "unattended_ok",
      course: "printer",
      settings: { profile: "fdm", onW: fdm.onW, offW: fdm.offW },
    },
    by,
  );
  for (const { id } of demoMachines) await change.takeOver({ resource: id, reason: simulatedWiring }, by);
  for (const { id } of demoMachines) await change.setNextStep({ resource: id, code: "TRAINING_MISSING", text: nextClass }, by);
  await settle(ledger);
}

export const nextClass = {
  en: "Next class: Wednesday 18:00, ask at the desk",
  lv: "Nākamā apmācība: trešdien 18.00, jautā pie galda",
  sv: "Nästa kurs: onsdag 18:00, fråga i disken",
  nb: "Neste kurs: onsdag 18:00, spør i skranken",
};

async function settle(ledger: Ledger): Promise<void> {
  const { change } = ledger;
  const trainer = await change.addMember({ displayName: "Ilze Liepa (trainer)", locale: "lv" }, by);
  await change.setRoles({ member: trainer.member, roles: ["trainer"] }, by);
  for (const person of cast) {
    if (person.membership === "none") continue;
    const { member } = await change.addMember({ displayName: person.name, locale: person.locale }, by);
    await change.assignCard({ member, card: { number: `em4100:${person.card}` }, label: "blue fob" }, by);
    await change.setMembership(
      { member, plan: "member", from: "2025-01-01", validThrough: person.membership === "expired" ? "2025-12-31" : null },
      by,
    );
    for (const course of person.trainedFor) {
      if (course !== "saw") await change.grantTraining({ member, course, signedOffBy: trainer.member }, by);
    }
  }
}
