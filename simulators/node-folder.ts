/** The folder of one node: its `node.yaml`, its keys and the site's CA, as whoever adopts a node would put them there. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { nodeKeysText } from "../hub/ledger/keys.ts";
import type { Ledger } from "../hub/ledger/types.ts";

/** Gives a node fresh credentials and writes what it needs into a folder of its own; the path of its `node.yaml`. */
export async function writeNode(
  given: { readonly ledger: Ledger; readonly caPem: string },
  folder: string,
  node: string,
  file: Record<string, unknown>,
): Promise<string> {
  const { ledger, caPem } = given;
  const dir = join(folder, node);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { secret } = await ledger.change.renewNodeSecret({ node }, "hub:demo");
  await writeFile(
    join(dir, "node-keys.json"),
    nodeKeysText(ledger.keys, ledger.read.node(node) ?? { node, macSerial: 0 }, secret, ledger.read.site().cardGeneration),
    { mode: 0o600 },
  );
  await writeFile(join(dir, "ca.pem"), caPem);
  const path = join(dir, "node.yaml");
  await writeFile(path, stringify(file));
  return path;
}
