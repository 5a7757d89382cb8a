/**
 * The host of foreign devices beside a running hub: started when there is something to host or to discover, and moved when the hub opens to
 * the network. What the ledger says of a node holds here: one that is not let in is hosted no more, and its devices' accounts are closed,
 * whether terminal, page, another hub program or the hub itself has said so.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Config } from "./config.ts";
import { type HostProcess, startHostProcess } from "./host/host-process.ts";
import { hostedNodes, hostFolder, hostsAnything, parkHosted } from "./host/hosted-folder.ts";
import type { Ledger } from "./ledger/types.ts";
import type { Clock, Log } from "./ports.ts";

export type Foreign = { readonly port: () => number | null; setOwnerExists(exists: boolean): Promise<void>; stop(): Promise<void> };

/** Whoever adopts the first device does it beside a hub that hosts nothing yet. */
const firstLookMs = 1000;
/** a host that does not start is tried again, and not each second */
const againMs = 60_000;

type ForeignGiven = {
  readonly dir: string;
  readonly config: Config;
  readonly ownerExists: boolean;
  readonly ledger: Pick<Ledger, "read" | "onChange">;
  readonly clock: Clock;
  readonly log: Log;
};

/** Throws HubError when its port is taken. */
export async function hostForeign(given: ForeignGiven): Promise<Foreign> {
  const { dir, config, ledger, clock, log } = given;
  const { foreignPort, bridge } = config.mqtt;
  const folder = hostFolder(dir);
  let host: HostProcess | undefined;
  let { ownerExists } = given;
  let work: Promise<void> = Promise.resolve();
  let isBusy = false;
  let notBeforeMono = 0;
  const start = async (): Promise<void> => {
    if (foreignPort === null && bridge === null && !hostsAnything(folder)) return;
    host = await startHostProcess(hostStart(given, ownerExists), log);
  };
  const follow = (): void => {
    for (const node of hostedNodes(folder)) {
      const isLetIn = ledger.read.node(node)?.status === "active";
      if (!parkHosted(folder, node, isLetIn)) continue;
      log.info({ node, isLetIn }, isLetIn ? "A hosted node is taken up again." : "A hosted node ends; its devices' accounts are closed.");
      host?.look();
    }
  };
  follow();
  const unsubscribe = ledger.onChange(({ kind }) => {
    if (kind === "recorded") follow();
  });
  await start();
  const cancel = clock.every("first hosted node", firstLookMs, () => {
    if (host !== undefined || isBusy || clock.monoMs() < notBeforeMono || !hostsAnything(folder)) return;
    isBusy = true;
    notBeforeMono = clock.monoMs() + againMs;
    work = start()
      .catch((error: unknown) =>
        log.error({ cause: String(error) }, "The host of foreign devices did not start; it tries again in a minute."),
      )
      .finally(() => {
        isBusy = false;
      });
  });
  return {
    port: () => host?.port() ?? null,
    async setOwnerExists(exists) {
      ownerExists = exists;
      await work;
      isBusy = true;
      await host?.stop();
      await start().finally(() => {
        isBusy = false;
      });
    },
    async stop() {
      cancel();
      unsubscribe();
      await work;
      await host?.stop();
    },
  };
}

function hostStart({ dir, config: { mqtt, logLevel } }: ForeignGiven, ownerExists: boolean): Parameters<typeof startHostProcess>[0] {
  const { foreignPort, bridge } = mqtt;
  const { caFile, ...account } = bridge ?? {};
  const ca = caFile === undefined ? {} : { ca: readFileSync(resolve(dir, caFile), "utf8") };
  return {
    folder: hostFolder(dir),
    listen: foreignPort === null ? null : { port: foreignPort, host: ownerExists ? mqtt.host : "127.0.0.1" },
    bridge: bridge === null ? null : { ...account, url: bridge.url, ...ca },
    logLevel: logLevel === "debug" ? "info" : logLevel,
  };
}
