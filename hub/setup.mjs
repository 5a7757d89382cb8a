/**
 * Prepares a fresh machine before `npm start`, `npm test` and `npm run check`: installs the locked packages when the lock
 * changed, builds the dashboards and the programs when their sources changed and, for tests, the servers from Debian. Runs on any Node of 20
 * or newer and needs no package itself.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isBundled } from "./bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inRoot = (...parts) => join(root, ...parts);

/** What the tests need beside npm, and the program that shows it is there. */
const debian = [
  ["influxdb", "influxd"],
  ["mosquitto", "mosquitto"],
  ["mosquitto-clients", "mosquitto_pub"],
  ["chromium", "chromium"],
  ["gcc-avr", "avr-gcc"],
  ["avr-libc", "/usr/lib/avr/include/avr/io.h"],
  ["arduino-core-avr", "/usr/share/arduino/hardware/arduino/avr/boards.txt"],
  ["avrdude", "avrdude"],
  ["socat", "socat"],
  ["gcc", "gcc"],
  ["poppler-utils", "pdftotext"],
  ["systemd", "systemd-analyze"],
];

function fail(sentence) {
  process.stderr.write(`koprade: ${sentence}\n`);
  process.exit(1);
}

function checkMachine() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) fail(`Node ${process.versions.node} is too old; install Node 20 or newer (apt-get install nodejs npm).`);
  if (process.platform !== "linux") fail(`runs on Linux (Debian, Raspberry Pi OS); this is ${process.platform}.`);
  if (process.arch !== "x64" && process.arch !== "arm64") {
    fail(`needs a 64-bit system; this one is ${process.arch}. On a Raspberry Pi, install the 64-bit Raspberry Pi OS.`);
  }
}

const digest = (files) => {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
};

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== "dist" && entry.name !== "node_modules")
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

const stampOf = (name) => inRoot("node_modules", `.koprade-${name}`);
const isStamped = (name, value) => existsSync(stampOf(name)) && readFileSync(stampOf(name), "utf8") === value;

function installPackages() {
  const lock = digest([inRoot("package-lock.json")]);
  if (isStamped("lock", lock)) return;
  process.stdout.write("koprade: installing the packages of package-lock.json (about a minute, once) …\n");
  const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const done = spawnSync("npm", args, { cwd: root, stdio: "inherit" });
  if (done.status !== 0) fail("npm ci failed; see above. Is the npm registry reachable, and is there 1 GB of free disk?");
  writeFileSync(stampOf("lock"), lock);
}

function buildDashboards() {
  const sources = digest([...filesBelow(inRoot("dashboards")), ...filesBelow(inRoot("hub", "contract")), inRoot("package-lock.json")]);
  if (isStamped("dashboards", sources) && existsSync(inRoot("dashboards", "dist", "index.html"))) return;
  process.stdout.write("koprade: building the dashboards (a few seconds) …\n");
  const vite = inRoot("node_modules", "vite", "bin", "vite.js");
  const runtime = inRoot("node_modules", ".bin", "node");
  const done = spawnSync(runtime, [vite, "build", "--config", "dashboards/vite.config.ts", "--logLevel", "warn"], {
    cwd: root,
    stdio: "inherit",
  });
  if (done.status !== 0) fail("the dashboards could not be built; see above.");
  writeFileSync(stampOf("dashboards"), sources);
}

/** Whoever runs before it is made, or after a source changed, runs from the sources. */
function bundlePrograms() {
  if (isBundled()) return;
  process.stdout.write("koprade: putting the programs together (a few seconds) …\n");
  const done = spawnSync(inRoot("node_modules", ".bin", "node"), [inRoot("hub", "bundle.mjs")], { cwd: root, stdio: "inherit" });
  if (done.status !== 0) process.stderr.write("koprade: that failed, see above; everything runs all the same, and starts slower.\n");
}

const isThere = (probe) => (probe.startsWith("/") ? existsSync(probe) : spawnSync("sh", ["-c", `command -v ${probe}`]).status === 0);

function installServers() {
  const missing = debian.filter(([, probe]) => !isThere(probe)).map(([name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  const isRoot = process.getuid?.() === 0;
  const maySudo = !isRoot && spawnSync("sudo", ["-n", "true"]).status === 0;
  if (!isRoot && !maySudo) fail(`the tests need ${missing.join(", ")} from Debian. Run: sudo apt-get update && sudo ${command}`);
  process.stdout.write(`koprade: installing ${missing.join(", ")} from Debian for the tests …\n`);
  const shell = `export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && ${command} -qq`;
  try {
    execFileSync(isRoot ? "sh" : "sudo", isRoot ? ["-c", shell] : ["sh", "-c", shell], { stdio: ["ignore", "ignore", "inherit"] });
  } catch {
    fail(`Debian's packages could not be installed. Run by hand: apt-get update && ${command}`);
  }
}

checkMachine();
installPackages();
mkdirSync(inRoot("node_modules"), { recursive: true });
buildDashboards();
bundlePrograms();
if (process.argv.includes("--for-tests")) installServers();
