/** One node program of the building, as its service would start it: `node-process.ts node.yaml`. */
import { runNode } from "../devices/run.ts";

process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
// Whoever started it may be gone before that line was reached.
if (!process.connected) process.exit();
process.exitCode = await runNode(process.argv[2] ?? "", (sentence) => process.stderr.write(`${sentence}\n`));
process.exit();
