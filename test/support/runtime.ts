/** How `koprade` starts its own runtime: a program whose memory or speed is measured is started the same way. */
import { readFileSync } from "node:fs";

export const runtime = JSON.parse(readFileSync(new URL("../../hub/runtime.json", import.meta.url), "utf8")) as {
  readonly flags: string[];
  readonly environment: Record<string, string>;
};
