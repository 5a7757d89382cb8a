/**
 * One hub per data folder. The lock is SQLite's own on an empty file: the kernel lets go of it when the process ends, however
 * it ends, so that nothing stale can stand in the way of the next start.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HubError, sqliteCode, sqliteCodes } from "./errors.ts";

/** A hub that is just ending may need a moment. */
const waitMs = 1000;

/** Takes the folder; the returned function gives it back. Throws HubError FOLDER_IN_USE or DATA_FOLDER. */
export function lockFolder(dir: string): () => void {
  const path = join(dir, "hub.lock");
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(path, { timeout: waitMs });
    file.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    file?.close();
    if (sqliteCode(cause) === sqliteCodes.busy) throw new HubError("FOLDER_IN_USE", dir, cause);
    throw new HubError("DATA_FOLDER", path, cause);
  }
  return () => file.close();
}
