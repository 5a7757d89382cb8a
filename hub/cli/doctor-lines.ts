/** What hangs on a node's serial ports: is it there, may this user open it, who has it, and does it answer. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { openBoard } from "../../devices/drivers/board.ts";
import type { ClampBoard } from "../../devices/drivers/clamp-meter.ts";
import { openMeter } from "../../devices/drivers/open-meter.ts";
import { readerSecretOf } from "../../devices/drivers/open-reader.ts";
import { createPn532 } from "../../devices/drivers/pn532.ts";
import { openSerialLine } from "../../devices/drivers/serial-line.ts";
import type { NodeConfigFile } from "../../devices/kit/node-config.ts";
import { systemCode } from "../errors.ts";
import { accessFinding, accessOf } from "./doctor-facts.ts";
import { bad, type Finding, good, note } from "./findings.ts";

const serialFolder = "/dev/serial/by-id";
const openMs = 4000;
const meterTries = 3;

/** @param runner  process of the node at work: what it holds is where it belongs, and is not disturbed */
export async function examineLines(file: NodeConfigFile, configPath: string, runner: number | null): Promise<Finding[]> {
  const { reader } = file.kind === "door" ? file.door : file.machine;
  const meter = file.kind === "machine" ? file.machine.meter : undefined;
  const at = async (name: string, port: string, ask: () => Promise<Finding>): Promise<Finding> =>
    portFinding(name, port, runner) ?? (await ask());
  return [
    await at("board", file.board.port, () => askBoard(file.board.port, file.board.baudRate)),
    "port" in reader
      ? await at("reader", reader.port, () => askReader(reader, configPath))
      : note("reader", "hangs on the board; tap a card to see that it reads."),
    ...(meter === undefined ? [] : [await meterFinding(meter, at)]),
  ];
}

/** What keeps the port from being opened, or that the node has it; null: it is free. */
function portFinding(name: string, port: string, runner: number | null): Finding | null {
  if (!existsSync(port)) {
    const there = existsSync(serialFolder) ? readdirSync(serialFolder).map((entry) => `${serialFolder}/${entry}`) : [];
    const offer = there.length === 0 ? "No serial device is plugged in." : `Plugged in: ${there.slice(0, 8).join(", ")}.`;
    return bad(name, `there is no ${port}.`, `Plug it in, or correct its port in node.yaml. ${offer}`);
  }
  if (!statSync(port).isCharacterDevice()) return bad(name, `${port} is no serial device.`, "Correct its port in node.yaml.");
  const closed = accessFinding(name, accessOf(port, mayOpen(port), userInfo().username));
  if (closed !== null) return closed;
  const holder = holderOf(port);
  if (holder === null) return null;
  if (runner !== null && (holder.pid === runner || holder.parent === runner))
    return good(name, `${port} is in use by the node, as it should be.`);
  return bad(name, `${port} is held by process ${holder.pid} (${holder.command}).`, `Stop that program: kill ${holder.pid}`);
}

/** A keyboard is only listened to. */
function mayOpen(port: string): boolean {
  try {
    accessSync(port, port.startsWith("/dev/input/") ? constants.R_OK : constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

/** The process that has a file or device open, as far as this user may see (proc(5)); null: none. */
export function holderOf(path: string): { readonly pid: number; readonly parent: number; readonly command: string } | null {
  const real = realpathSync(path);
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if (!readdirSync(`/proc/${name}/fd`).some((descriptor) => readlinkOf(`/proc/${name}/fd/${descriptor}`) === real)) continue;
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").slice(0, 3).join(" ").slice(0, 80);
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      return { pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]), command };
    } catch (error) {
      if (systemCode(error) === undefined) throw error; // another user's, or gone meanwhile
    }
  }
  return null;
}

function readlinkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return null;
  }
}

type Line = ReturnType<typeof openSerialLine>;
/** An open line, or why it does not open. */
async function opened(path: string, baudRate: number): Promise<{ line: Line; why: string | null }> {
  const line = openSerialLine({ path, baudRate });
  const why = await new Promise<string | null>((resolve) => {
    const limit = setTimeout(() => resolve("opening takes too long"), openMs);
    const settle = (found: string | null): void => {
      clearTimeout(limit);
      resolve(found);
    };
    line.onState((state) => {
      if (state.kind === "open") settle(null);
      else if (state.kind === "lost") settle(state.why);
    });
    if (line.state().kind === "open") settle(null);
  });
  return { line, why };
}

async function askBoard(port: string, baudRate: number): Promise<Finding> {
  const flash = `Put the firmware on it: koprade firmware flash --port ${port}`;
  const { line, why } = await opened(port, baudRate);
  if (why !== null) {
    await line.close();
    return bad("board", `${port} cannot be opened: ${why}.`, "Unplug the board and plug it in again.");
  }
  const board = openBoard(line);
  try {
    const ready = await board.ready;
    if (ready.kind === "lost") return bad("board", `nothing on ${port} answers as a board (${ready.why}).`, flash);
    if (ready.hello === undefined) return bad("board", `${ready.firmware} is not ours: outputs stay on when this computer dies.`, flash);
    return good("board", `${ready.firmware}, extension ${ready.hello.version}.`);
  } finally {
    await board.close();
  }
}

type SerialReader = Extract<Parameters<typeof readerSecretOf>[0], { readonly port: string }>;
async function askReader(reader: SerialReader, configPath: string): Promise<Finding> {
  const once = "Tap a card once the node runs.";
  const key = readerSecretOf(reader, configPath);
  if (!key.ok) return bad("reader", key.problem, "Make the key anew: koprade reader key.");
  if (reader.kind === "wedge") return note("reader", `${reader.port} is there; a keyboard says nothing until a card comes.`, once);
  const baudRate = { rdm6300: 9600, pn532: 115_200, osdp: reader.kind === "osdp" ? reader.baudRate : 9600 }[reader.kind];
  const { line, why } = await opened(reader.port, baudRate);
  try {
    if (why !== null) return bad("reader", `${reader.port} cannot be opened: ${why}.`, "Unplug the reader and plug it in again.");
    if (reader.kind !== "pn532")
      return note("reader", `${reader.port} can be opened; whether the ${reader.kind} reads, a card shows.`, once);
    const woken = await createPn532(line).wake();
    return woken.kind === "done"
      ? good("reader", `a PN532, firmware ${woken.value}.`)
      : bad("reader", `no PN532 answers on ${reader.port} (${woken.why}).`, "Set its switches to HSU, swap TX and RX, and check its 5 V.");
  } finally {
    await line.close();
  }
}

/** Clamps are looked at on the board alone, which a doctor leaves as it is. */
const noClamps: ClampBoard = {
  clamp() {
    throw new Error("a doctor asks no clamp");
  },
  onState: () => undefined,
};
type Meter = Parameters<typeof openMeter>[0];
async function meterFinding(
  meter: Meter,
  at: (name: string, port: string, ask: () => Promise<Finding>) => Promise<Finding>,
): Promise<Finding> {
  if (meter.kind === "clamp") return note("meter", "clamps hang on the board.", "See what they measure once the node runs.");
  return at("meter", meter.port, () => askMeter(meter));
}

async function askMeter(wiring: Exclude<Meter, { readonly kind: "clamp" }>): Promise<Finding> {
  const meter = openMeter(wiring, noClamps, () => undefined);
  try {
    for (let i = 0; i < meterTries; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      const reading = await meter.read();
      if (reading !== null)
        return good("meter", `${wiring.kind}: ${reading.powerW} W, ${reading.voltageV ?? "–"} V, ${reading.energyWh ?? "–"} Wh.`);
    }
    return bad(
      "meter",
      `no ${wiring.kind} answers on ${wiring.port}.`,
      "Switch its mains on (a PZEM is powered by what it measures), swap TX and RX or A and B, and check its address.",
    );
  } finally {
    await meter.close();
  }
}
