/** Where backups go unless told otherwise. */
import { join } from "node:path";

export const backupFolder = (dataDir: string): string => join(dataDir, "backups");
