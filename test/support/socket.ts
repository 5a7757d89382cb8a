/** A device path that stays while simulated cables come and go, as `/dev/serial/by-id/…` does. */
import { mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPty, type Pty } from "../../simulators/hardware/pty.ts";

export type Socket = {
  readonly path: string;
  plugIn(): Pty;
  /** Pulls what was plugged in last; the path goes with it, for the number behind it is soon another cable's. */
  pull(): void;
  close(): void;
};

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
    pull() {
      rmSync(path, { force: true });
      cables.at(-1)?.unplug();
    },
    close() {
      for (const cable of cables) cable.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
