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
import type { Log } from "./ports.ts";

export type Foreign = { readonly port: () => number | null; setOwnerExists(exists: boolean): Promise<void>; stop(): Promise<void> };

/** Throws HubError when its port is taken. */
export async function hostForeign(given: {
  readonly dir: string;
  readonly config: Config;
  readonly ownerExists: boolean;
  readonly ledger: Pick<Ledger, "read" | "onChange">;
  readonly log: Log;
}): Promise<Foreign> {
  const { dir, config, ledger, log } = given;
  const { foreignPort, bridge } = config.mqtt;
  const folder = hostFolder(dir);
  let host: HostProcess | undefined;
  const start = async (exists: boolean): Promise<void> => {
    if (foreignPort === null && bridge === null && !hostsAnything(folder)) return;
    const { caFile, ...account } = bridge ?? {};
    host = await startHostProcess(
      {
        folder,
        listen: foreignPort === null ? null : { port: foreignPort, host: exists ? config.mqtt.host : "127.0.0.1" },
        bridge:
          bridge === null
            ? null
            : { ...account, url: bridge.url, ...(caFile === undefined ? {} : { ca: readFileSync(resolve(dir, caFile), "utf8") }) },
        logLevel: config.logLevel === "debug" ? "info" : config.logLevel,
      },
      log,
    );
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
  await start(given.ownerExists);
  return {
    port: () => host?.port() ?? null,
    async setOwnerExists(exists) {
      await host?.stop();
      await start(exists);
    },
    async stop() {
      unsubscribe();
      await host?.stop();
    },
  };
}
