/** Latvian: what a machine is, in the same words on pages, walls and desks. */
import type { StatusWords } from "./shape-wall.ts";

export const status: StatusWords = {
  "machine.emergency": "Avārija",
  "machine.fault": "Kļūme",
  "machine.tamper": "Aiztikta",
  "machine.locked_out": "Bloķēta",
  "machine.out_of_order": "Nedarbojas",
  "machine.unknown": "Nezināms",
  "machine.busy": "Strādā",
  "machine.idle": "Ieslēgta, nestrādā",
  "machine.grace": "Drīz izslēgsies",
  "machine.run_on": "Pēcdarbība",
  "machine.needs_check": "Jāpārbauda",
  "machine.reserved": "Rezervēta",
  "machine.free": "Brīva",
};
