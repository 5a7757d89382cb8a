/**
 * The host's process. Whoever starts it says over IPC what it is to do, and when to end in order; when that one is gone without a word,
 * it ends at once, and held relays fall by their dead-man as if the computer had died.
 */
import * as z from "zod";
import { jsonLog } from "../../devices/kit/host.ts";
import { HubError } from "../errors.ts";
import { type RunningHost, startHost } from "./host.ts";

const start = z.object({
  kind: z.literal("start"),
  folder: z.string(),
  listen: z.object({ port: z.int(), host: z.string() }).nullable(),
  bridge: z
    .object({ url: z.string(), username: z.string().optional(), password: z.string().optional(), ca: z.string().optional() })
    .nullable(),
  logLevel: z.enum(["info", "warn", "error"]),
  times: z.record(z.string(), z.number()).default({}),
});
export type HostStart = z.input<typeof start>;

const isKind = (message: unknown, kind: string): boolean =>
  typeof message === "object" && message !== null && "kind" in message && message.kind === kind;

let host: Promise<RunningHost> | undefined;

process.on("message", (message: unknown) => {
  const asked = start.safeParse(message);
  if (asked.success && host === undefined) {
    const { folder, listen, bridge, logLevel, times } = asked.data;
    const log = jsonLog("host", logLevel, (line) => void process.stderr.write(line));
    host = startHost({ folder, listen, bridge, log, times, rssBytes: () => process.memoryUsage().rss });
    host.then(
      ({ port }) => process.send?.({ kind: "ready", port }),
      (error: unknown) => {
        const why = error instanceof HubError ? `${error.message} ${error.fix}` : String(error);
        process.send?.({ kind: "failed", why });
        process.exit(1);
      },
    );
  } else if (isKind(message, "look")) {
    void host?.then((running) => running.look());
  } else if (isKind(message, "stop")) {
    void (host?.then((running) => running.stop()) ?? Promise.resolve()).finally(() => process.exit(0));
  }
});
process.on("disconnect", () => process.exit(0));
if (!process.connected) process.exit(0);
