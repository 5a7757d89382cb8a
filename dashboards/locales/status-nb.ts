/** Norwegian: what a machine is, in the same words on pages, walls and desks. */
import type { StatusWords } from "./shape-wall.ts";

export const status: StatusWords = {
  "machine.emergency": "Nødsituasjon",
  "machine.fault": "Feil",
  "machine.tamper": "Tuklet med",
  "machine.locked_out": "Sperret",
  "machine.out_of_order": "I ustand",
  "machine.unknown": "Ukjent",
  "machine.busy": "Arbeider",
  "machine.idle": "På, arbeider ikke",
  "machine.grace": "Slås snart av",
  "machine.run_on": "Etterløp",
  "machine.needs_check": "Må kontrolleres",
  "machine.reserved": "Reservert",
  "machine.free": "Ledig",
};
