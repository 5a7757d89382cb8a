/** The frame around the pages, and what a first visit downloads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { languages } from "../../hub/views.ts";
import { accessibilityFaults, buildPages, openBrowser, openPage, shoot, staticDir } from "../support/browser.ts";
import { openRig, owner, type Rig } from "../support/http.ts";

vi.setConfig({ testTimeout: 60_000 });
let browser: Browser;
let rig: Rig | undefined;

beforeAll(async () => {
  buildPages();
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await rig?.close();
  rig = undefined;
});

async function signedIn(page: Page): Promise<string> {
  rig = await openRig({ staticDir, withOwner: true });
  const url = await rig.http.listen();
  await page.goto(url);
  await page.locator("input[name=mail]").fill(owner.mail);
  await page.locator("input[name=password]").fill(owner.password);
  await page.keyboard.press("Enter");
  await page.getByTestId("machine-laser-1").waitFor();
  return url;
}

const firstLoadMostBytes = 250_000;
type Chunk = { readonly file: string; readonly css?: string[]; readonly imports?: string[] };

test("a first visit downloads at most 250 kB, whatever the language, and no page but its own", () => {
  const manifest = JSON.parse(readFileSync(join(staticDir, ".vite/manifest.json"), "utf8")) as Record<string, Chunk>;
  const filesOf = (key: string, seen = new Set<string>()): Set<string> => {
    const chunk = manifest[key];
    if (chunk === undefined) throw new Error(`the build has no ${key}`);
    if (seen.has(chunk.file)) return seen;
    seen.add(chunk.file);
    for (const css of chunk.css ?? []) seen.add(css);
    for (const next of chunk.imports ?? []) filesOf(next, seen);
    return seen;
  };
  const sizeOf = (files: Iterable<string>): number =>
    [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(staticDir, file))).length, 0);
  for (const language of languages) {
    const files = filesOf("index.html");
    filesOf(`locales/${language}.ts`, files);
    filesOf("app/now/NowPage.tsx", files);
    console.log(`pages: first load in ${language} with the page of staff ${(sizeOf(files) / 1000).toFixed(1)} kB gz`);
    expect(sizeOf(files), language).toBeLessThan(firstLoadMostBytes);
    expect([...files].filter((file) => file.includes("ReportPage"))).toEqual([]);
  }
});

test("the hub answers at the addresses of the page table and says 404 elsewhere", async () => {
  rig = await openRig({ staticDir, withOwner: true });
  for (const url of ["/", "/now", "/reports", "/reports/2026-11"]) expect((await rig.http.inject({ url })).statusCode, url).toBe(200);
  for (const url of ["/nothing", "/now/x", "/pages.json", "/.vite/manifest.json"])
    expect((await rig.http.inject({ url })).statusCode, url).toBe(404);
});

test("on a phone the main pages are one touch away and the rest two, also by keyboard", async () => {
  const { page, errors } = await openPage(browser, { width: 390, height: 800 });
  const url = await signedIn(page);
  const main = page.getByRole("navigation", { name: "Main pages" });
  expect(await main.getByRole("link", { name: "Now" }).getAttribute("aria-current")).toBe("page");
  await main.getByRole("button", { name: "Menu" }).focus();
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog", { name: "Menu" });
  await sheet.waitFor();
  await shoot(page, "menu-390");
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await main.getByRole("button", { name: "Menu" }).click();
  await sheet.getByRole("link", { name: "Month on paper" }).click();
  await page.locator("table").first().waitFor();
  expect(new URL(page.url()).pathname).toBe("/reports");
  expect(await sheet.count()).toBe(0);
  await page.goBack();
  await page.getByTestId("machine-laser-1").waitFor();
  await page.goto(`${url}/reports/2026-11`);
  await page.getByRole("heading", { name: "November 2026" }).waitFor();
  expect(errors.filter((line) => !line.includes("401"))).toEqual([]);
});

test("the colours with high contrast stay chosen and read well", async () => {
  const { page } = await openPage(browser);
  await signedIn(page);
  for (const dark of ["dark", "light"]) {
    await page.getByLabel("Colours").selectOption(dark);
    await page.getByLabel("Colours").selectOption("contrast");
    await page.locator("html[data-contrast]").waitFor({ state: "attached" });
    expect(await accessibilityFaults(page), dark).toEqual([]);
    await shoot(page, `now-contrast-${dark}-1280`);
  }
  await page.reload();
  await page.locator("html[data-contrast]").waitFor({ state: "attached" });
  await page.getByLabel("Language").selectOption("lv");
  await page.getByRole("heading", { name: "Iekārtas" }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("lv");
});
