/** `koprade firmware`: puts our sketch on an Arduino with avrdude, lets avrdude read it back, and asks the board who it is. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { command, failed, type Noun } from "./command.ts";
import { wholeNumber } from "./values.ts";

const run = promisify(execFile);
const image = fileURLToPath(new URL("../../devices/firmware/koprade.hex", import.meta.url));
/** Writing and reading back 6 KB takes 3 s; a bootloader that does not answer is given up by avrdude after 10. */
const flashMs = 60_000;
const serialFolder = "/dev/serial/by-id";

const port = {
  type: "string",
  required: true,
  valueHint: "device",
  description: "serial port of the Arduino (ls /dev/serial/by-id)",
} as const;

const flash = command({
  summary: "put the firmware on an Arduino Uno and check it",
  args: { port, baud: { type: "string", default: "115200", valueHint: "baud", description: "of its bootloader; old Nanos want 57600" } },
  examples: ["koprade firmware flash --port /dev/ttyACM0", "koprade firmware flash --port /dev/ttyUSB0 --baud 57600"],
  async run(given) {
    needPort(given.port);
    const baud = wholeNumber("--baud", given.baud, 1200, 1_000_000);
    await avrdude(given.port, baud);
    const { firmware, version } = await boardAt(given.port);
    return {
      lines: [`${given.port}: the firmware is on the board and was read back; it answers as ${firmware}, extension ${version}.`],
      json: { port: given.port, firmware, extensionVersion: version },
    };
  },
});

const show = command({
  summary: "ask a board which firmware it runs",
  args: { port },
  examples: ["koprade firmware show --port /dev/ttyACM0"],
  async run(given) {
    needPort(given.port);
    const { firmware, version, pinCount } = await boardAt(given.port);
    const ours = version === null ? "not ours: outputs stay on when this computer dies" : `extension ${version}`;
    return {
      lines: [`${given.port}: ${firmware} (${ours}), ${pinCount} pins.`],
      json: { port: given.port, firmware, extensionVersion: version, pinCount },
    };
  },
});

export const firmware: Noun = { summary: "the sketch on the Arduino", verbs: { flash, show } };

/** @throws CliError when there is no such device, naming those that are there */
export function needPort(path: string, option = "--port"): void {
  if (existsSync(path)) return;
  const there = existsSync(serialFolder) ? readdirSync(serialFolder).map((name) => `${serialFolder}/${name}`) : [];
  const offer = there.length === 0 ? "No serial device is plugged in." : `Plugged in: ${there.slice(0, 8).join(", ")}.`;
  throw failed(`${option}: there is no ${path}. ${offer}`);
}

/** Writes the image and lets avrdude verify it. @throws CliError with the cause that people can mend */
async function avrdude(path: string, baud: number): Promise<void> {
  const args = ["-p", "m328p", "-c", "arduino", "-P", realpathSync(path), "-b", String(baud), "-D", "-U", `flash:w:${image}:i`];
  try {
    await run("avrdude", args, { timeout: flashMs, killSignal: "SIGKILL" });
  } catch (error) {
    throw failed(whyNot(path, error));
  }
}

function whyNot(path: string, error: unknown): string {
  const { code, killed, stderr } = error as { code?: unknown; killed?: boolean; stderr?: string };
  if (code === "ENOENT") return "avrdude is not installed. Install it with `sudo apt-get install avrdude`.";
  if (killed === true)
    return `${path}: avrdude was not done after ${flashMs / 1000} s and was stopped. Unplug the board, plug it in, and try again.`;
  const said = (stderr ?? "").split("\n").map((line) => line.trim());
  if (said.some((line) => /permission denied|resource busy|can't open device/i.test(line)))
    return `${path} cannot be opened. Stop the node that uses it, and let this user use serial ports (\`sudo usermod -aG dialout $USER\`).`;
  if (said.some((line) => /not in sync|not responding|programmer is out of sync/i.test(line)))
    return `${path}: no bootloader answers. Stop the node that uses the board, check the port, and for an old Nano add --baud 57600.`;
  if (said.some((line) => /verification error|mismatch/i.test(line)))
    return `${path}: what was read back differs from what was written. Try again with another cable; if it stays so, replace the board.`;
  const last = said.findLast((line) => /error|failed/i.test(line)) ?? said.findLast((line) => line !== "") ?? "no reason given";
  return `${path}: avrdude failed (${last.slice(0, 160)}).`;
}

/** Opens the board as a node would. @throws CliError when no Firmata answers */
async function boardAt(path: string): Promise<{ firmware: string; version: number | null; pinCount: number }> {
  const [{ openBoard }, { openSerialLine }] = await Promise.all([
    import("../../devices/drivers/board.ts"),
    import("../../devices/drivers/serial-line.ts"),
  ]);
  const line = openSerialLine({ path, baudRate: 57_600 });
  const board = await new Promise<ReturnType<typeof openBoard>>((resolve, reject) => {
    line.onState((state) => {
      if (state.kind === "open") resolve(openBoard(line));
      else if (state.kind === "lost") reject(failed(`${path} cannot be opened: ${state.why}.`));
    });
  }).catch(async (error: unknown) => {
    await line.close();
    throw error;
  });
  try {
    const ready = await board.ready;
    if (ready.kind === "lost") throw failed(`${path}: ${ready.why}. Put the firmware on it with \`koprade firmware flash\`.`);
    return { firmware: ready.firmware, version: ready.hello?.version ?? null, pinCount: ready.pinCount };
  } finally {
    await board.close();
  }
}
