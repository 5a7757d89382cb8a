/** A device path that stays while simulated cables come and go, as `/dev/serial/by-id/…` does. */
import { mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPty, type Pty } from "../../simulators/hardware/pty.ts";

export type Socket = { readonly path: string; plugIn(): Pty; close(): void };

export function openSocket(): Socket {
  const folder = mkdtempSync(join(tmpdir(), "koprade-drivers-"));
  const path = join(folder, "port");
  const cables: Pty[] = [];
  return {
    path,
    plugIn() {
      const pty = openPty();
      cables.push(pty);
      symlinkSync(pty.path, `${path}.new`);
      renameSync(`${path}.new`, path);
      return pty;
    },
    close() {
      for (const cable of cables) cable.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
