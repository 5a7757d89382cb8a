/** Cables for system tests: a device path that stays while simulated cables come and go, and everything undone after each test. */
import { mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import type { ByteLine } from "../../../devices/drivers/byte-line.ts";
import { openSerialLine } from "../../../devices/drivers/serial-line.ts";
import { openPty, type Pty } from "../../../simulators/hardware/pty.ts";

/** Run in reverse order after each test. */
export const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A device path that stays while cables come and go, as `/dev/serial/by-id/…` does. */
export function aSocket() {
  const folder = mkdtempSync(join(tmpdir(), "koprade-drivers-"));
  const path = join(folder, "port");
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path,
    plugIn(): Pty {
      const pty = openPty();
      cleanups.push(() => pty.close());
      symlinkSync(pty.path, `${path}.new`);
      renameSync(`${path}.new`, path);
      return pty;
    },
  };
}

export function openLine(path: string, baudRate: number): ByteLine {
  const line = openSerialLine({ path, baudRate, reopenMs: 50, reopenMsMax: 200 });
  cleanups.push(() => line.close());
  return line;
}

export async function untilOpen(line: ByteLine): Promise<void> {
  await expect.poll(() => line.state().kind, { timeout: 5_000 }).toBe("open");
}
