/** `koprade muster`: who may be in the building, for the assembly point. */
import { musterOf } from "../muster.ts";
import { siteOf } from "./change.ts";
import { command } from "./command.ts";
import { withLedger } from "./data.ts";
import { columns } from "./text.ts";

export const muster = command({
  summary: "who may be in the building; frozen while the space is evacuated",
  args: {},
  examples: ["koprade muster", "koprade muster --json"],
  async run(_given, context) {
    return withLedger(context, async (ledger) => {
      const site = siteOf(ledger, context);
      const list = musterOf({ ledger }, site.nowMs);
      const missing = list.people.filter(({ outMs }) => outMs === null).length;
      const rows = list.people.map(({ name, member, zone, sinceMs, outMs }) => [
        outMs === null ? "IN" : "out",
        `${name} (${member})`,
        zone ?? "–",
        site.wall(sinceMs),
        outMs === null ? "–" : site.wall(outMs),
      ]);
      return {
        lines: [
          `${list.isFrozen ? "Frozen at the evacuation, " : ""}${site.wall(list.asOfMs)}: ${list.people.length} may be in, ${missing} not known to be out.`,
          "Best effort: who came in behind somebody is missing here, who left by a handle is still listed. Search as if it were wrong.",
          ...(rows.length === 0 ? [] : ["", ...columns(["NOW", "WHO", "ZONE", "LAST SIGN", "OUT"], rows)]),
        ],
        json: list,
      };
    });
  },
});
