#!/usr/bin/env node
/**
 * `koprade` from any shell with Node 20 or newer: hands over to the pinned runtime, which runs the TypeScript as it is.
 * Signals and the exit code pass through; what ends with 75 is started anew.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { programOf } from "./bundle.mjs";

const hub = dirname(fileURLToPath(import.meta.url));
const runtime = join(hub, "..", "node_modules", `node-linux-${process.arch}`, "bin", "node");

if (process.platform !== "linux" || (process.arch !== "x64" && process.arch !== "arm64")) {
  process.stderr.write(
    `koprade: needs 64-bit Linux; this is ${process.platform} ${process.arch}. On a Raspberry Pi, install the 64-bit Raspberry Pi OS.\n`,
  );
  process.exit(1);
}
if (!existsSync(runtime)) {
  process.stderr.write("koprade: the packages are not installed yet. Run: npm start (or: node hub/setup.mjs)\n");
  process.exit(1);
}
// Compiled code is kept between starts: the hub is there sooner and smaller, on a Pi above all. Small young generations and
// few arenas keep another 45 MB away from it; measured by the bench.
const { flags, nodeFlags, environment } = JSON.parse(readFileSync(join(hub, "runtime.json"), "utf8"));
const env = { NODE_COMPILE_CACHE: join(hub, "..", "node_modules", ".cache", "compiled"), ...environment, ...process.env };
/** sysexits.h EX_TEMPFAIL: a node that has lost touch for good asks to be started anew; until then it answers nobody. */
const again = 75;
const againMs = 1000;
let child;
let ending = false;
const words = process.argv.slice(2);
// A node runs by a program of its own: without the commands of the terminal (10 MB) and the compilers for hot code (10 MB), since what a
// tap takes is the disk's time and not the processor's.
const isNode = words.length === 4 && words[0] === "node" && words[1] === "run" && words[2] === "--config";
const program = isNode ? [...nodeFlags, programOf("node"), words[3]] : [...flags, programOf("hub"), ...words];
function run() {
  child = spawn(runtime, program, { stdio: "inherit", env });
  child.on("exit", (status, signal) => {
    if (status === again && ending) process.exit(0); // its watchdog was faster than the hand that ends it
    if (status === again) return void setTimeout(() => (ending ? process.exit(0) : run()), againMs);
    if (signal === null) process.exit(status ?? 1);
    process.exit(signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 1);
  });
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    ending = true;
    child.kill(signal);
  });
}
run();
