/** Starts the host as a process of its own, and again a second after it ended, as a service would, until it is told to stop. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import * as z from "zod";
import { HubError } from "../errors.ts";
import type { Log } from "../ports.ts";
import type { HostStart } from "./program.ts";

export type HostProcess = {
  port(): number | null;
  pid(): number | undefined;
  /** Lets it look at its folders now. */
  look(): void;
  stop(): Promise<void>;
};

const startLimitMs = 30_000;
const stopLimitMs = 5000;
const againMs = 1000;
const answer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready"), port: z.number().nullable() }),
  z.object({ kind: z.literal("failed"), why: z.string() }),
]);

/** Throws HubError when it does not start the first time: its port is taken, most often. */
export async function startHostProcess(how: Omit<HostStart, "kind">, log: Log): Promise<HostProcess> {
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  let port: number | null = null;
  let child: ChildProcess;
  const open = async (): Promise<void> => {
    child = fork(new URL("./program.ts", import.meta.url), [], {
      detached: true, // a terminal's Ctrl+C is for the hub, which tells it
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=1"],
    });
    const mine = child;
    // Devices know its port: a port that the system chose is asked for again.
    mine.send({ kind: "start", ...how, listen: how.listen && { ...how.listen, port: port ?? how.listen.port } });
    const said = await answerOf(mine);
    if (said.kind === "failed") throw new HubError("HOST_FAILED", said.why);
    port = said.port;
    mine.once("exit", (code) => {
      if (isStopping) return;
      log.error({ code }, "The host of foreign devices ended and is started anew; relays that it held fall by themselves.");
      timer = setTimeout(
        () => void open().catch((error: unknown) => log.error({ cause: String(error) }, "The host of foreign devices did not start.")),
        againMs,
      );
    });
  };
  await open();
  return {
    port: () => port,
    pid: () => child.pid,
    look() {
      if (child.connected) child.send({ kind: "look" });
    },
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      if (child.connected) child.send({ kind: "stop" });
      const limit = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
      await gone;
      clearTimeout(limit);
    },
  };
}

async function answerOf(child: ChildProcess): Promise<z.infer<typeof answer>> {
  const signal = AbortSignal.timeout(startLimitMs);
  const ended = once(child, "exit", { signal }).then(() => ({ kind: "failed", why: "it ended at once" }) as const);
  ended.catch(() => undefined);
  for (;;) {
    const heard = once(child, "message", { signal }).then(([message]) => answer.safeParse(message));
    const said = await Promise.race([heard.catch(() => undefined), ended]).catch(() => undefined);
    if (said === undefined) return { kind: "failed", why: "it did not answer in time" };
    if ("kind" in said) return said;
    if (said.success) return said.data;
  }
}
