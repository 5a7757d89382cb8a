/** The program's version, which nodes report as their firmware. */
import { readFileSync } from "node:fs";
import * as z from "zod";

export function programVersion(): string {
  const file: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return z.object({ version: z.string().max(40) }).parse(file).version;
}
