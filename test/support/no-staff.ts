/** For tests of the pages alone, where the ledger is not in question. */
import type { StaffGiven } from "../../hub/http/staff-routes.ts";
import type { Kiosks } from "../../hub/views-kiosk.ts";

/** A space of which staff read nothing beside the live picture. */
export const noStaff: StaffGiven = {
  reads: {
    lanes: () => ({ needs: [], soon: [], shifts: [], roster: false }),
    machines: () => [],
    machine: () => undefined,
    door: () => undefined,
    people: () => ({ rows: [], next: null }),
    person: () => undefined,
    choices: () => ({ plans: [], courses: [], readers: [] }),
    capture: () => undefined,
    trainings: () => ({ courses: [], queue: [], expiring: [], classes: [] }),
    log: () => ({ rows: [], next: null }),
    nodes: () => ({ nodes: [], windowUntilMs: null, hubWords: "", newcomers: [] }),
    energy: () => ({ fromMs: 0, toMs: 0, rows: [], bars: [] }),
  },
  orders: {
    orderDoor: async () => ({ status: "missing" }),
    identify: async () => ({ status: "missing" }),
    adopt: async () => ({ status: "missing" }),
  },
};

/** A space without a tablet at its desk. */
export const noKiosks: Kiosks = { kiosk: () => undefined };
