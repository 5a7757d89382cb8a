/** `koprade` as a script runs it: a process of its own, its words and its exit code. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { stdioWithoutPtys } from "../../simulators/hardware/pty.ts";
import { hubProgram } from "./runtime.ts";

export async function koprade(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", hubProgram, ...args], {
    stdio: stdioWithoutPtys(["ignore", "pipe", "pipe"]),
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => (said += text.toString()));
  await once(child, "close");
  return { code: child.exitCode, said };
}
