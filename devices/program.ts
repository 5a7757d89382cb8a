/**
 * A node's process, as the launcher starts it for `koprade node run --config node.yaml`: without the terminal's other commands, because
 * it may have to live beside others on a small Pi.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { runNode } from "./run.ts";

const path = resolve(process.argv[2] ?? "");
const complain = (sentence: string) => process.stderr.write(`${sentence}\n`);
if (!existsSync(path)) {
  complain(`koprade: ${path}: there is no such file; \`koprade node add\` writes one.`);
  process.exit(1);
}
process.exit(await runNode(path, complain));
