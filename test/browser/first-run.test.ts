/** The first five minutes, as a newcomer has them: the hub's own program, the link in its terminal, twelve inputs, a machine at work. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessibilityFaults, buildPages, openBrowser, openPage, shoot } from "../support/browser.ts";
import { freePort, type HubProcess, startHubProcess } from "../support/hub-process.ts";
import { slowdown } from "../support/slowdown.ts";

const inputsMost = 12;
const limitMs = 5 * 60_000;
let dir: string;
let hub: HubProcess;
let browser: Browser;

beforeAll(async () => {
  buildPages();
  dir = await mkdtemp(join(tmpdir(), "koprade-first-"));
  hub = await startHubProcess({ dir, mqttPort: await freePort(), caPem: "" });
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await hub?.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Every field that is filled in, every choice, every press is one. */
function hands(page: Page) {
  let inputs = 0;
  return {
    inputs: () => inputs,
    async fill(name: string, text: string): Promise<void> {
      inputs += 1;
      await page.locator(`input[name=${name}]`).fill(text);
    },
    async choose(label: string): Promise<void> {
      inputs += 1;
      await page.getByRole("radio", { name: label }).check();
    },
    async press(name: string): Promise<void> {
      inputs += 1;
      await page.getByRole("button", { name, exact: true }).click();
    },
  };
}

test(`from the link in the terminal to a machine at work: at most ${inputsMost} inputs and five minutes`, {
  timeout: 2 * limitMs,
}, async () => {
  const { page, errors } = await openPage(browser);
  const from = performance.now();
  const { fill, choose, press, inputs } = hands(page);
  await page.goto(hub.firstRunLink ?? "");
  await fill("space", "Valmieras darbnīca");
  await fill("ownerName", "Ilze Liepa");
  await fill("mail", "ilze@example.org");
  await fill("password", "a long enough password");
  await press("Make it mine");
  await page.getByRole("heading", { name: "Valmieras darbnīca is ready." }).waitFor();
  await shoot(page, "first-run-choice");
  expect(await accessibilityFaults(page)).toEqual([]);
  await press("Try the simulated building");
  await page.getByRole("heading", { name: "Add a machine" }).waitFor();
  await page.getByText("Simulated", { exact: true }).waitFor();
  // Risk and cut hazard are nobody's guess: without an answer nothing is added.
  expect(await page.locator("input[type=radio]:checked").count()).toBe(0);
  expect(await accessibilityFaults(page)).toEqual([]);
  await shoot(page, "first-run-machine");
  await choose("B – it can injure");
  await choose("No");
  await press("Add it");
  await page.getByRole("heading", { name: "Try it: Laser cutter" }).waitFor();
  await press("Simulate a badge");
  await page.getByText("Denied: ").waitFor();
  await shoot(page, "first-run-denied");
  expect(await accessibilityFaults(page)).toEqual([]);
  await press("Make it mine");
  await page.getByText("The card is yours.").waitFor();
  await press("Simulate the badge again");
  await page.getByText("Allowed. The machine has power").waitFor();
  const tile = page.getByTestId("machine-laser-cutter");
  await tile.and(page.locator("[data-status=busy]")).waitFor();
  await tile.getByText("Ilze Liepa").waitFor();
  const tookMs = performance.now() - from;
  await shoot(page, "first-run-allowed");
  expect(await accessibilityFaults(page)).toEqual([]);
  console.log(`first run: ${inputs()} inputs, ${(tookMs / 1000).toFixed(1)} s`);
  expect(inputs()).toBeLessThanOrEqual(inputsMost);
  expect(tookMs).toBeLessThan(limitMs * slowdown());
  const over: string[] = [];
  for (const [language, width] of [
    ["lv", 390],
    ["en", 390],
    ["lv", 1280],
  ] as const) {
    await page.setViewportSize({ width, height: 844 });
    await page.evaluate((chosen) => localStorage.setItem("koprade.language", chosen), language);
    await page.goto(`${new URL(page.url()).origin}/machines/new`);
    await page.locator("input[type=radio]").first().waitFor();
    await shoot(page, `machine-new-${language}-${width}`);
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) over.push(`${language} ${width}`);
    over.push(...(await accessibilityFaults(page)));
  }
  expect(over).toEqual([]);
  expect(errors).toEqual([]);
  await page.context().close();
});
