/** The folder of one hosted node: what it hosts, its keys, its hub's certificate; written whole, before the host looks. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type HostedFile, hostedFileName } from "./hosted-file.ts";

export const hostFolder = (dataDir: string): string => join(dataDir, "hosted");

export function writeHosted(given: {
  readonly folder: string;
  readonly file: HostedFile;
  readonly keys: string;
  readonly caPem: string | null;
}): string {
  const { folder, file, keys, caPem } = given;
  const dir = join(folder, file.node);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, "node-keys.json"), keys, { mode: 0o600 });
  if (caPem !== null) writeFileSync(join(dir, "ca.crt"), caPem, { mode: 0o600 });
  const path = join(dir, hostedFileName);
  rmSync(parkedPath(folder, file.node), { force: true });
  writeFileSync(`${path}.new`, stringify(file), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return dir;
}

/**
 * New keys for what is hosted here already, in their place; a running host begins anew with them at its next look. One that is parked
 * stays parked. Gives the files.
 */
export function renewHosted(given: {
  readonly folder: string;
  readonly node: string;
  readonly keys: string;
  readonly caPem: string | null;
}) {
  const { folder, node, keys, caPem } = given;
  const files: [string, string][] = [["node-keys.json", keys], ...(caPem === null ? [] : [["ca.crt", caPem] as [string, string]])];
  const paths = files.map(([name, text]) => {
    const path = join(folder, node, name);
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return path;
  });
  // which is how a host sees that it is another one
  const now = new Date();
  if (hasHosted(folder, node)) utimesSync(join(folder, node, hostedFileName), now, now);
  return paths;
}

export const hasHosted = (folder: string, node: string): boolean => existsSync(join(folder, node, hostedFileName));
export const hostsAnything = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => existsSync(join(folder, name, hostedFileName)));
const parkedPath = (folder: string, node: string): string => join(folder, node, `${hostedFileName}.off`);

/**
 * A node that is cut off is hosted no more, and its devices' accounts end; `back` takes it up again where it was. True when that is another
 * state than before.
 */
export function parkHosted(folder: string, node: string, back: boolean): boolean {
  const [path, off] = [join(folder, node, hostedFileName), parkedPath(folder, node)];
  const [from, to] = back ? [off, path] : [path, off];
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false; // it is so already, or nothing is hosted
    throw error;
  }
}
/** Everything that is hosted or parked here. */
export const hostedNodes = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => hasHosted(folder, name) || existsSync(parkedPath(folder, name))) : [];
/** Its outbox goes too: whoever removes it has had it revoked or drained before. */
export const removeHosted = (folder: string, node: string): void => rmSync(join(folder, node), { recursive: true, force: true });
