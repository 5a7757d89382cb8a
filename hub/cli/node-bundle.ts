/**
 * What a new node needs to join, as a folder to copy onto it: `node.yaml` to be completed with the wiring, the keys that only the
 * node may read, and the certificate by which it knows its hub. Secrets exist here once; the ledger keeps a hash.
 */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../errors.ts";
import { failed } from "./command.ts";

export type NodeBundle = {
  /** text of `node.yaml`; null where another program than ours will use the keys */
  readonly yaml: string | null;
  /** null with an external broker that brings its own */
  readonly caPem: string | null;
  /** text of `node-keys.json` */
  readonly keys: string;
};

export const bundleFiles = ["node.yaml", "node-keys.json", "ca.crt"] as const;

/** Refuses before anything is made when the folder holds a node already: its keys would be lost. */
export function checkBundleFolder(folder: string): void {
  const there = bundleFiles.find((name) => existsSync(join(folder, name)));
  if (there !== undefined) throw failed(`${join(folder, there)} exists already; choose another folder with --out.`);
}

/** Writes the files, mode 600 in a folder of mode 700, and gives their paths. */
export function writeBundle(folder: string, bundle: NodeBundle): string[] {
  const files: [string, string][] = [
    ...(bundle.yaml === null ? [] : [["node.yaml", bundle.yaml] as [string, string]]),
    ["node-keys.json", bundle.keys],
    ...(bundle.caPem === null ? [] : [["ca.crt", bundle.caPem] as [string, string]]),
  ];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return files.map(([name, text]) => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600, flag: "wx" });
      chmodSync(path, 0o600);
      return path;
    });
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(
      `${folder} cannot be written (${code}); choose another folder with --out. The node is there; give it new keys with \`koprade node renew\`.`,
    );
  }
}
