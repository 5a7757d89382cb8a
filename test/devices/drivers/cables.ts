/** Cables for system tests: a device path that stays while simulated cables come and go, and everything undone after each test. */
import { afterEach, expect } from "vitest";
import type { ByteLine } from "../../../devices/drivers/byte-line.ts";
import { openSerialLine } from "../../../devices/drivers/serial-line.ts";
import { openSocket, type Socket } from "../../support/socket.ts";

/** Run in reverse order after each test. */
export const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A device path that stays while cables come and go. */
export function aSocket(): Pick<Socket, "path" | "plugIn"> {
  const socket = openSocket();
  cleanups.push(() => socket.close());
  return socket;
}

export function openLine(path: string, baudRate: number): ByteLine {
  const line = openSerialLine({ path, baudRate, reopenMs: 50, reopenMsMax: 200 });
  cleanups.push(() => line.close());
  return line;
}

export async function untilOpen(line: ByteLine): Promise<void> {
  await expect.poll(() => line.state().kind, { timeout: 5_000 }).toBe("open");
}
