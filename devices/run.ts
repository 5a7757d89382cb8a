/** `koprade node run --config node.yaml`: runs whichever kind of node the file describes. */
import { existsSync } from "node:fs";
import { anewExitCode, fileAt, loadNewNode, loadNodeConfig } from "./kit/host.ts";
import { thisProcess } from "./kit/run-node.ts";

/** Resolves with the exit code: 0 after a signal, 75 when the watchdog wants to be started anew, 1 after a complaint. */
export async function runNode(configPath: string, complain: (sentence: string) => void): Promise<number> {
  const file = loadNewNode(configPath);
  if (!file.ok) {
    for (const sentence of file.problems) complain(sentence);
    return 1;
  }
  if (!existsSync(fileAt(configPath, file.value.keysFile))) {
    const { enrol } = await import("./kit/enrol.ts"); // once in a node's life
    const code = await enrol(file.value, configPath, { ...thisProcess, complain });
    if (code !== null) return code;
  }
  const config = loadNodeConfig(configPath);
  if (config.ok) {
    // Loaded here, not above: a door has no use for a machine's code, and a Pi has little memory.
    const isDoor = config.value.kind === "door";
    const run = isDoor ? (await import("./door/main.ts")).runDoorNode : (await import("./machine/main.ts")).runMachineNode;
    let code = await run(configPath);
    while (code === anewExitCode) code = await run(configPath);
    return code;
  }
  for (const sentence of config.problems) complain(sentence);
  return 1;
}
