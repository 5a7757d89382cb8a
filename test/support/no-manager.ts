/** For tests of the pages alone, where no month is in question. */
import { HubError } from "../../hub/errors.ts";
import type { ManagerGiven } from "../../hub/http/manager-routes.ts";

const nothing = (): Promise<never> => Promise.reject(new HubError("NOT_FOUND", "no ledger here"));

/** A space without months. */
export const noManager: ManagerGiven = {
  reads: { months: () => ({ zone: "Europe/Riga", months: [] }), month: nothing, number: nothing, file: nothing },
  orders: { draft: nothing, close: nothing, revise: nothing },
};
