// The pseudo-terminal is a clean serial cable: every byte value passes both ways, and nothing keeps the process alive.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { SerialPort } from "serialport";
import { expect, test } from "vitest";
import { openPty, stdioWithoutPtys } from "../../simulators/hardware/pty.ts";

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);

test("all 256 byte values pass in both directions unchanged", async () => {
  const pty = openPty();
  const port = await opened(pty.path);
  const [atSimulator, atProgram] = [collect((take) => pty.onData(take)), collect((take) => port.on("data", take))];
  port.write(everyByte);
  pty.write(everyByte);
  await expect.poll(() => [atSimulator().length, atProgram().length], { timeout: 2000 }).toEqual([256, 256]);
  expect([...atSimulator()]).toEqual([...everyByte]);
  expect([...atProgram()]).toEqual([...everyByte]);
  await closed(port);
  pty.close();
});

test("the line survives a program that closes and opens it again, and forgets what nobody read", async () => {
  const pty = openPty();
  await closed(await opened(pty.path));
  pty.write(everyByte);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const port = await opened(pty.path);
  const received = collect((take) => port.on("data", take));
  pty.write(Uint8Array.of(7));
  await expect.poll(() => [...received()], { timeout: 2000 }).toEqual([7]);
  await closed(port);
  pty.close();
});

test("pulling the plug ends the program's port, in another process too, and removes the path", async () => {
  const pty = openPty();
  const program = 'exec 3<>"$0"; echo ready >&3; cat <&3 >/dev/null; exit 7';
  const child = spawn("sh", ["-c", program, pty.path], { stdio: stdioWithoutPtys(["ignore", "inherit", "ignore"]), timeout: 8000 });
  const ended = once(child, "exit");
  const received = collect((take) => pty.onData(take));
  await expect.poll(() => received().length, { timeout: 4000 }).toBeGreaterThan(0);
  pty.unplug();
  expect((await ended)[0]).toBe(7);
  expect(existsSync(pty.path)).toBe(false);
  pty.close();
});

test("a process that closed its cable ends by itself", async () => {
  const script = `import { openPty } from ${JSON.stringify(new URL("../../simulators/hardware/pty.ts", import.meta.url).href)};
    const pty = openPty(); pty.onData(() => {}); pty.write(Uint8Array.of(1)); setTimeout(() => pty.close(), 50);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: "inherit", timeout: 5000 });
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});

async function opened(path: string): Promise<SerialPort> {
  const port = new SerialPort({ path, baudRate: 9600, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return port;
}

function closed(port: SerialPort): Promise<void> {
  return new Promise((resolve) => port.close(() => resolve()));
}

function collect(subscribe: (take: (bytes: Uint8Array) => void) => void): () => Uint8Array {
  const bytes: number[] = [];
  subscribe((chunk) => bytes.push(...chunk));
  return () => Uint8Array.from(bytes);
}
