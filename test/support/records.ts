/** What the pages do beside commands, kept in memory for tests of the pages alone. */
import type { LookUpSeen, Records } from "../../hub/views.ts";
import { startMs } from "./views.ts";

/** An audit in memory. */
export function fakeRecords(): Records & { readonly acts: string[] } {
  const acts: string[] = [];
  const seen: LookUpSeen[] = [];
  return {
    acts,
    async act({ actor, action, target }) {
      acts.push(`${actor === null ? "nobody" : `${actor.role}:${actor.id}`} ${action} ${target}`);
    },
    async lookUp({ actor, what, reason }) {
      seen.unshift({ n: seen.length + 1, atMs: startMs, actor: `${actor.role}:${actor.id}`, what, reason });
    },
    lookUps: (_member, { before = Number.MAX_SAFE_INTEGER, limit }) => seen.filter(({ n }) => n < before).slice(0, limit),
    versionOf: () => 0,
  };
}
