/** How `koprade` starts its own runtime: a program whose memory or speed is measured is started the same way. */
import { readFileSync } from "node:fs";

export const runtime = JSON.parse(readFileSync(new URL("../../hub/runtime.json", import.meta.url), "utf8")) as {
  readonly flags: string[];
  readonly nodeFlags: string[];
  readonly environment: Record<string, string>;
};

const { programOf } = (await import(String(new URL("../../hub/bundle.mjs", import.meta.url)))) as {
  programOf: (name: "hub" | "node") => string;
};
/** What the launcher hands to the runtime for `koprade …`. */
export const hubProgram = programOf("hub");
/** … and for `koprade node run --config node.yaml`, before the file's path. */
export const deviceProgram = programOf("node");
