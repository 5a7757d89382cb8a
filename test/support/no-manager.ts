/** For tests of the pages alone, where no month is in question. */
import { HubError } from "../../hub/errors.ts";
import type { ManagerGiven } from "../../hub/http/manager-routes.ts";

const nothing = (): Promise<never> => Promise.reject(new HubError("NOT_FOUND", "no ledger here"));

/** A space without months. */
export const noManager: ManagerGiven = {
  reads: {
    months: () => ({ zone: "Europe/Riga", months: [] }),
    month: nothing,
    number: nothing,
    file: nothing,
    projects: () => [],
    project: async () => undefined,
    money: nothing,
    corrections: () => ({ zone: "Europe/Riga", rows: [] }),
    roles: () => ({ people: [], qualifications: [], courses: [], machines: [] }),
    retention: () => ({ zone: "Europe/Riga", kept: [], erasures: [] }),
  },
  orders: { draft: nothing, close: nothing, revise: nothing },
};
