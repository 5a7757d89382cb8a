/** Swedish: what a machine is, in the same words on pages, walls and desks. */
import type { StatusWords } from "./shape-wall.ts";

export const status: StatusWords = {
  "machine.emergency": "Nödläge",
  "machine.fault": "Fel",
  "machine.tamper": "Manipulerad",
  "machine.locked_out": "Spärrad",
  "machine.out_of_order": "Trasig",
  "machine.unknown": "Okänt",
  "machine.busy": "Arbetar",
  "machine.idle": "På, arbetar inte",
  "machine.grace": "Stängs snart av",
  "machine.run_on": "Eftergång",
  "machine.needs_check": "Behöver kontroll",
  "machine.reserved": "Reserverad",
  "machine.free": "Ledig",
};
