/** English: what a machine is, in the same words on pages, walls and desks. */
export const status = {
  "machine.emergency": "Emergency",
  "machine.fault": "Fault",
  "machine.tamper": "Tampered with",
  "machine.locked_out": "Locked out",
  "machine.out_of_order": "Out of order",
  "machine.unknown": "Unknown",
  "machine.busy": "Working",
  "machine.idle": "On, not working",
  "machine.grace": "Switching off soon",
  "machine.run_on": "Running on",
  "machine.needs_check": "Needs a check",
  "machine.reserved": "Reserved",
  "machine.free": "Free",
} as const;
