/** Files that a command writes for a person. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { systemCode } from "../errors.ts";
import { failed } from "./command.ts";

/** Readable by its owner only: what leaves the space may hold names. @throws CliError (1) when it cannot be written */
export function writeNew(path: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: 0o600 });
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(`${path} cannot be written (${code}); choose another place with --out, or free some space.`);
  }
}
