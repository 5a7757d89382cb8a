// Compiles the firmware with avr-gcc. `node devices/firmware/build.ts` renews koprade.hex; with a folder, it builds there.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface FirmwareBuild {
  readonly hexPath: string;
  /** Of the hex file, in hex digits. */
  readonly sha256: string;
  /** Program and initialised data, of 32,256 bytes beside the bootloader. */
  readonly flashBytes: number;
}

const run = promisify(execFile);
const firmwareFolder = import.meta.dirname;
const timeoutMs = 60_000;
const flags = ["-mmcu=atmega328p", "-DF_CPU=16000000UL", "-std=gnu11", "-Os", "-Wall", "-Wextra", "-Werror", "-flto", "-fshort-enums"];

/** Builds koprade.hex into `outDir`. The same sources and compiler give the same bytes: no dates, no paths inside. */
export async function buildFirmware(outDir: string): Promise<FirmwareBuild> {
  await mkdir(outDir, { recursive: true });
  const scratch = await mkdtemp(join(tmpdir(), "koprade-firmware-"));
  try {
    const sourceFolder = join(firmwareFolder, "koprade");
    const sources = (await readdir(sourceFolder)).filter((name) => name.endsWith(".c")).sort();
    const elf = join(scratch, "koprade.elf");
    await run("avr-gcc", [...flags, ...sources, "-o", elf], { cwd: sourceFolder, timeout: timeoutMs });
    const hexPath = join(outDir, "koprade.hex");
    await run("avr-objcopy", ["-O", "ihex", "-j", ".text", "-j", ".data", elf, hexPath], { timeout: timeoutMs });
    const hex = await readFile(hexPath);
    return { hexPath, sha256: createHash("sha256").update(hex).digest("hex"), flashBytes: await flashBytesOf(elf) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function flashBytesOf(elf: string): Promise<number> {
  const { stdout } = await run("avr-size", [elf], { timeout: timeoutMs });
  const [text = 0, data = 0] = (stdout.split("\n")[1] ?? "").trim().split(/\s+/).map(Number);
  return text + data;
}

if (import.meta.main) {
  const [outDir] = process.argv.slice(2);
  const scratch = await mkdtemp(join(tmpdir(), "koprade-hex-"));
  const built = await buildFirmware(outDir ?? scratch);
  if (!outDir) await copyFile(built.hexPath, join(firmwareFolder, "koprade.hex"));
  await rm(scratch, { recursive: true, force: true });
  console.log(`koprade.hex: ${built.flashBytes} bytes of flash, sha256 ${built.sha256}`);
}
