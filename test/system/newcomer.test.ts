/**
 * The first minutes of somebody new, through the real program in a real terminal and a real browser: start, become the owner,
 * try the simulated building, see a badge and a refusal, end it, Ctrl+C. Every line that a person sees is compared.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHostStatus } from "../../hub/host/status-file.ts";
import { hostedFamilies } from "../../hub/hosted/hosted.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import { systemClock, systemLog } from "../../hub/system.ts";
import { fleetDoor, fleetMachines } from "../../simulators/foreign/fleet-names.ts";
import { openBrowser, openPage, shoot, staticDir } from "../support/browser.ts";
import { freePort } from "../support/hub-process.ts";
import { isAlive, openTerminal, type Process, type Terminal, until } from "../support/terminal.ts";

let home: string;
let browser: Browser;
const opened: Terminal[] = [];

beforeAll(async () => {
  if (!existsSync(join(staticDir, "index.html")))
    execFileSync(process.execPath, ["node_modules/vite/bin/vite.js", "build", "--config", "dashboards/vite.config.ts"]);
  home = await mkdtemp(join(tmpdir(), "koprade-newcomer-"));
  browser = await openBrowser();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  for (const terminal of opened) for (const { pid } of terminal.tree()) process.kill(pid, "SIGKILL");
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

async function koprade(...args: string[]): Promise<Terminal> {
  const ports = args[1] === "remove" ? [] : ["--http-port", "0", "--mqtt-port", String(await freePort())];
  const terminal = openTerminal(home, [...args, "--data", join(home, "space"), ...ports]);
  opened.push(terminal);
  return terminal;
}

const urlOf = (terminal: Terminal): string => /http:\/\/\S+/.exec(terminal.text())?.[0] ?? "";
const codeOf = (terminal: Terminal): string => /enter the code {2}(\S+)/.exec(terminal.text())?.[1] ?? "";
const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** The processes of the building among those of a hub; their command lines say what they are. */
const buildingOf = (terminal: Terminal): Process[] =>
  terminal.tree().filter(({ command }) => /building-process|node-process|host[-/]program/.test(command));

async function becomeOwner(page: Page, terminal: Terminal): Promise<void> {
  await page.goto(urlOf(terminal));
  await page.getByLabel("One-time code").fill(codeOf(terminal));
  await page.getByLabel("Name of your space").fill("Valmieras darbnīca");
  await page.getByLabel("Your name").fill("Ilze");
  await page.getByLabel("Your mail address").fill("ilze@example.org");
  await page.locator("input[name=password]").fill("a long enough password");
  await page.getByRole("button", { name: "Make it mine" }).click();
  await page.getByRole("heading", { name: /is ready/ }).waitFor();
}

async function gone(processes: readonly Process[], limitMs: number): Promise<number> {
  expect(processes.length).toBeGreaterThan(0);
  return await until(
    "every process to end",
    () => !processes.some(isAlive),
    limitMs,
    () =>
      processes
        .filter(isAlive)
        .map(({ pid, command }) => `${pid} ${command}`)
        .join("\n"),
  );
}

const clock = "\\d\\d:\\d\\d:\\d\\d";
const foreign = [fleetDoor, ...fleetMachines].map(({ node: name }) => name.replace("-node", ""));
const node = `  ${clock}  A node is there. \\((${["door", "laser", "printer", ...foreign].join("|")})-node\\)\n`;
/** nodes of its own and hosted ones */
const nodes = 3 + foreign.length;

async function tap(page: Page, card: string, reader: string): Promise<void> {
  await page.getByLabel("Card", { exact: true }).selectOption(card);
  await page.getByLabel("Reader", { exact: true }).selectOption({ label: reader });
  await page.getByRole("button", { name: "Tap", exact: true }).click();
}

const shows = (what: Locator, limitMs: number): Promise<boolean> =>
  what.waitFor({ timeout: limitMs }).then(
    () => true,
    () => false,
  );

/** A device of every family that is hosted was heard. */
async function oneOfEachFamily(limitMs: number, but: readonly string[] = []): Promise<number> {
  const silent = new Set(Object.values(hostedFamilies).map(({ label }) => label));
  for (const label of but) silent.delete(label);
  const look = (): boolean => {
    for (const { online, family } of readHostStatus(join(home, "space/demo/hosted"))?.devices ?? [])
      if (online === true) silent.delete(family);
    return silent.size === 0;
  };
  return await until("a device of each foreign family", look, limitMs, () => `silent: ${[...silent].join(", ")}`);
}

/** All that a newcomer's terminal shows, line for line. */
const wholeSession = new RegExp(
  `^
  Koprade runs.
  Pages:  http://localhost:\\d+
  First run: open the page on this computer and enter the code  [0-9A-Z]{4}-[0-9A-Z]{4}
             or open it with the code in it:  http://localhost:\\d+/#[0-9A-Z]{4}-[0-9A-Z]{4}
  Nothing to connect yet\\? The page can simulate a building.
  Stop with Ctrl\\+C. It is no safety function: E-stop, guards and exits are wired.

  ${clock}  Open to the network, now that there is an owner: the broker.
  ${clock}  Open to the network, now that there is an owner: the pages.
(${node}){${2 * nodes}}(\\^C)?
  Stopping …
  Stopped.
$`,
);

test("start, own it, simulate, see a badge and a refusal, end it, Ctrl+C", async () => {
  const terminal = await koprade("start");
  const startMs = await terminal.shows(/Stop with Ctrl\+C/, 90_000);
  const { page, errors } = await openPage(browser);
  await becomeOwner(page, terminal);
  const from = performance.now();
  await page.getByRole("button", { name: "Try the simulated building" }).click();
  await page.getByRole("heading", { level: 1, name: "Add a machine" }).waitFor({ timeout: 60_000 });
  await page.getByRole("link", { name: "Now", exact: true }).click();
  await page.locator(".feed-line").first().waitFor({ timeout: 60_000 });
  const badgeMs = performance.now() - from;
  console.log(`newcomer: started in ${seconds(startMs)} s; click → first simulated badge on the page in ${seconds(badgeMs)} s`);
  expect(badgeMs).toBeLessThan(60_000);
  expect(await page.locator("header .tag").textContent()).toBe("Simulated");

  const advice = page.locator(".feed-next", { hasText: "Next class: Wednesday 18:00, ask at the desk" }).first();
  let tapMs = 0;
  // Where somebody is at work nobody is told of a class.
  for (const machine of ["Laser", "3D printer", "Drill press", "Voron (Klipper)"]) {
    tapMs = performance.now();
    await tap(page, "Oskar Åkesson", machine);
    if (await shows(advice, 10_000)) break;
  }
  await advice.waitFor({ timeout: 20_000 });
  console.log(`newcomer: "Tap" → refusal with its next step on the page in ${seconds(performance.now() - tapMs)} s`);
  await shoot(page, "newcomer-now");

  const printer = fleetMachines[3];
  await oneOfEachFamily(60_000, ["Prusa printers with PrusaLink"]); // that one has no power yet
  await tap(page, "Tom Baker", printer.label);
  await page.getByRole("row", { name: printer.label }).first().waitFor({ timeout: 60_000 });
  const aliveMs = await oneOfEachFamily(60_000);
  console.log(`newcomer: a session on a hosted printer; ${seconds(aliveMs)} s later every foreign family had been heard`);

  const first = buildingOf(terminal);
  expect(first.length, "hardware, a door, two machines and the host of the foreign devices").toBe(5);
  await page.getByRole("button", { name: "End the simulation" }).click();
  await page.getByText("No machines yet.").waitFor();
  await shoot(page, "newcomer-ended");
  for (const left of ["header .tag", ".feed-line"]) await page.locator(left).first().waitFor({ state: "detached" });
  await gone(first, 60_000);
  await page.getByRole("link", { name: "Month on paper" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  const month = await page.locator("main").innerText();
  for (const word of ["Laser", "Front door", "Anna", "Oskar"]) expect(month).not.toContain(word);
  expect(errors.filter((line) => !line.includes("401"))).toEqual([]);

  await page.getByRole("link", { name: "Now" }).click();
  await page.getByRole("button", { name: "Start the simulation" }).click();
  await terminal.shows(new RegExp(`(${node}){${2 * nodes}}`), 90_000);
  const all = terminal.tree();
  terminal.press("ctrl-c");
  const stopFrom = performance.now();
  expect(await terminal.ended(60_000)).toBe(0);
  await gone(all, 10_000 - (performance.now() - stopFrom));
  console.log(`newcomer: Ctrl+C → ${all.length} processes gone in ${seconds(performance.now() - stopFrom)} s, exit code 0`);
  expect(terminal.text()).toMatch(wholeSession);

  const ledger = await openLedger(
    { dir: join(home, "space"), site: "my-space", tz: "Europe/Riga", demo: false },
    { clock: systemClock, log: systemLog("error") },
  );
  expect(ledger.read.events({ limit: 10 })).toEqual([]);
  expect(ledger.read.members({ limit: 10 })).toEqual([]);
  expect(ledger.read.site()).toMatchObject({ name: "Valmieras darbnīca", demo: false });
  await ledger.close();
  const simulated = await openLedger(
    { dir: join(home, "space/demo"), site: "demo", tz: "Europe/Riga", demo: true },
    { clock: systemClock, log: systemLog("error") },
  );
  expect(simulated.read.sessions({ machine: printer.id, limit: 10 }).length).toBeGreaterThan(0);
  await simulated.close();
}, 240_000);

test("`koprade demo` survives no death of its hub, and `koprade demo remove` leaves nothing", async () => {
  const terminal = await koprade("demo");
  await terminal.shows(new RegExp(`(${node}){${nodes}}`), 90_000);
  expect(terminal.text()).toMatch(
    /^\n {2}Koprade runs a simulated building\.\n {2}Pages: {2}http:\S+\n {2}First run: .*\n {13}or open it with .*\n {2}Stop with Ctrl\+C\. .*\n\n/,
  );
  const building = buildingOf(terminal);
  const hub = terminal.tree().find(({ command }) => command.includes("hub.mjs"));
  if (hub === undefined) throw new Error("no hub");
  const refused = await koprade("demo", "remove");
  expect(await refused.ended(60_000)).not.toBe(0);
  process.kill(hub.pid, "SIGKILL");
  const goneMs = await gone([hub, ...building], 60_000);
  console.log(`demo: kill -9 of the hub → ${building.length} processes of the building gone in ${seconds(goneMs)} s`);
  expect(await terminal.ended(60_000)).not.toBe(0);
  expect(existsSync(join(home, "space/demo"))).toBe(true);
  const removing = await koprade("demo", "remove");
  expect(await removing.ended(60_000)).toBe(0);
  expect(removing.text()).toBe(`Removed ${join(home, "space/demo")}.\n`);
  expect(existsSync(join(home, "space/demo"))).toBe(false);
  console.log(`while it ran, \`demo remove\` said: ${refused.text().trim()}`);
}, 180_000);
