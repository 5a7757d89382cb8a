/** What whoever sets a space up chooses from. */
import { templateNames, templateOf } from "../machine-templates.ts";
import { type Route, route } from "./route.ts";

export function setUpRoutes(): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/machine-templates",
      access: "manager",
      note: "What kinds of machines usually need: times and thresholds as addMachine takes them, never the risk.",
      handle: async () => templateNames.map((name) => ({ name, ...templateOf(name) })),
    }),
  ];
}
