/** `koprade reader`: gives an OSDP reader the key of its secure channel, on the computer it is wired to. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { systemCode } from "../errors.ts";
import { command, failed, type Noun } from "./command.ts";
import { needPort } from "./firmware.ts";
import { wholeNumber } from "./values.ts";

const openMs = 3_000;

const key = command({
  summary: "give a new OSDP reader its own key (install mode)",
  args: {
    port: { type: "string", required: true, valueHint: "device", description: "serial port of the RS-485 adapter (ls /dev/serial/by-id)" },
    baud: { type: "string", default: "9600", valueHint: "baud", description: "of the reader" },
    address: { type: "string", default: "0", valueHint: "number", description: "of the reader, 0 to 126" },
    file: { type: "string", default: "reader.key", valueHint: "file", description: "keyFile of node.yaml; made when it is not there" },
  },
  examples: ["koprade reader key --port /dev/ttyUSB0", "koprade reader key --port /dev/ttyUSB0 --address 1 --file inner-door.key"],
  async run(given, context) {
    needPort(given.port);
    const baudRate = wholeNumber("--baud", given.baud, 1200, 230_400);
    const address = wholeNumber("--address", given.address, 0, 126);
    const file = resolve(context.world.cwd, given.file);
    const value = await give({ port: given.port, baudRate, address, file });
    const did = value === "given" ? "has its key now" : "had this key already";
    return {
      lines: [`${given.port}: the reader at address ${address} ${did}; it is in ${file}.`, `In node.yaml: keyFile: ${given.file}`],
      json: { port: given.port, address, file, given: value === "given" },
    };
  },
});

export const reader: Noun = { summary: "a card reader on this computer", verbs: { key } };

type Wired = { readonly port: string; readonly baudRate: number; readonly address: number; readonly file: string };

/** @throws CliError with what to do about it */
async function give({ port, baudRate, address, file }: Wired): Promise<"given" | "had it"> {
  const [{ giveOsdpKey, makeOsdpKey, readOsdpKey }, { openSerialLine }, { osdpFailureWords }] = await Promise.all([
    import("../../devices/drivers/osdp-key.ts"),
    import("../../devices/drivers/serial-line.ts"),
    import("../../devices/drivers/osdp-reader.ts"),
  ]);
  const kept = existsSync(file) ? readOsdpKey(file) : { ok: true as const, key: made(() => makeOsdpKey(file), file) };
  if (!kept.ok) throw failed(kept.problem);
  const line = openSerialLine({ path: port, baudRate });
  try {
    await new Promise<void>((done, reject) => {
      const timer = setTimeout(() => reject(failed(`${port} cannot be opened: stop the node that uses it.`)), openMs);
      line.onState((state) => {
        clearTimeout(timer);
        if (state.kind === "open") done();
        else reject(failed(`${port} cannot be opened: ${state.why}.`));
      });
    });
    const outcome = await giveOsdpKey(line, { address, key: kept.key });
    if (outcome.kind === "done") return outcome.value;
    throw failed(`${port}, address ${address}: ${osdpFailureWords[outcome.why]}. The key in ${file} stays for another try.`);
  } finally {
    await line.close();
  }
}

function made(make: () => Uint8Array, file: string): Uint8Array {
  try {
    return make();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(`${file} cannot be written (${code}); name another with --file.`);
  }
}
