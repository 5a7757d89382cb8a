/** What the space or a machine has set in place of a constant, where the ledger itself goes by it. */
import { settingsFrom } from "#contract";
import { dialogueTimes, registerWith } from "#core";
import type { Database } from "./database.ts";
import { storedSettings } from "./meta.ts";

/** How long a sign-off can be taken back, at this machine or (null) anywhere: people err at once or not at all. */
export function undoMsAt(db: Database, machine: string | null): number {
  const row = machine === null ? undefined : db.one<{ settings: string }>("SELECT settings FROM resources WHERE id = ?", machine);
  const given = { ...storedSettings(db), ...JSON.parse(row?.settings ?? "{}") };
  return registerWith(dialogueTimes, settingsFrom("machine", given)).undoMs;
}
