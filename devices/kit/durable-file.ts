/**
 * Files that survive a power cut: written whole beside their place, flushed, then renamed over it. Power cut at any point
 * leaves the old content or the new, never a mix.
 */
import { closeSync, fsyncSync, openSync, readFileSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Resolves when the content and its name are on the disk. Only the owner may read the file. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The file's bytes, or null when there is none. A half-written neighbour of an earlier life is removed. */
export function readIfThere(path: string): Uint8Array | null {
  rmSync(`${path}.new`, { force: true });
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Makes a new or removed name in this folder durable. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
