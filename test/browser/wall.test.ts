/** Screens on walls, in a real Chromium over an invented building: what they say, in whose language, how fast, and what they never do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { accessibilityFaults, buildPages, openBrowser, openPage, shoot, staticDir } from "../support/browser.ts";
import { openRig, type Rig } from "../support/http.ts";
import { aWallMachine, aWallPicture, type FakeWall, fakeWall, wallToken } from "../support/wall.ts";

vi.setConfig({ testTimeout: 60_000 });
let browser: Browser;
let rig: Rig | undefined;
const looks = {
  light: { colorScheme: "light", contrast: "no-preference" },
  dark: { colorScheme: "dark", contrast: "no-preference" },
  contrast: { colorScheme: "light", contrast: "more" },
} as const;
const screens = [
  ["1080p", 1920, 1080],
  ["4K", 3840, 2160],
  ["upright", 1080, 1920],
] as const;
const languages = ["en", "lv", "sv", "nb"] as const;

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

async function openWall(
  wall: FakeWall,
  given: Parameters<typeof openPage>[1] = {},
): Promise<{ page: Page; errors: string[]; url: string }> {
  rig ??= await openRig({ staticDir, screens: wall.screens, withOwner: true });
  const url = await listening(rig);
  const watched = await openPage(browser, { width: 1920, height: 1080, ...given });
  await watched.page.goto(`${url}/wall/entrance?token=${wallToken}&every=2`);
  return { ...watched, url };
}
const urls = new WeakMap<Rig, string>();
async function listening(open: Rig): Promise<string> {
  const url = urls.get(open) ?? (await open.http.listen());
  urls.set(open, url);
  return url;
}
/** How far the wall does not fit into its screen; that it moves by three pixels each minute, so as not to burn in, is none of it. */
const overflow = (page: Page): Promise<number> =>
  page.locator(".wall").evaluate((wall) => {
    const screen = wall.getBoundingClientRect();
    return Math.max(wall.scrollWidth - innerWidth, wall.scrollHeight - innerHeight, screen.width - innerWidth, screen.height - innerHeight);
  });

test("weighs at most 90 kB, everything together", () => {
  const html = readFileSync(join(staticDir, "wall.html"), "utf8");
  const files = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path = ""]) => path);
  expect(files.length).toBeGreaterThanOrEqual(2);
  const scripts = files.map((path) => readFileSync(join(staticDir, path)));
  // Nothing comes later: a file that is not in the page would be fetched by one that is.
  for (const script of scripts) expect(script.toString()).not.toMatch(/import\("\.\//);
  const kB = [Buffer.from(html), ...scripts].reduce((sum, bytes) => sum + gzipSync(bytes).length, 0) / 1000;
  console.log(`wall: ${kB.toFixed(1)} kB gz`);
  expect(kB).toBeLessThanOrEqual(90);
});

test.for(languages)(
  "shows every board in %s, each in colours of its turn, on a big screen, a bigger one and an upright one",
  async (language) => {
    for (const [i, board] of (["machines", "today", "printers", "month"] as const).entries()) {
      const { page, errors } = await openWall(fakeWall({ boards: [board], languages: [language], machines: language === "lv" ? 40 : 9 }));
      await page.locator(`[data-board=${board}]`).waitFor();
      if (board === "month") await page.getByTestId("month").waitFor();
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
      const looked = Object.entries(looks);
      const [name, look] = looked[(i + languages.indexOf(language)) % looked.length] ?? ["", {}];
      await page.emulateMedia(look);
      expect(await accessibilityFaults(page), `${board} ${name}`).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark", contrast: "no-preference" });
      await shoot(page, `wall-${board}-${language}-1080`);
      for (const [name, width, height] of screens) {
        await page.setViewportSize({ width, height });
        expect(await overflow(page), `${board} ${name} scrolls`).toBeLessThanOrEqual(0);
      }
      expect(errors).toEqual([]);
      await page.context().close();
      await rig?.close();
      rig = undefined;
    }
  },
);

test("a door sign is black on white in 400 × 300", async () => {
  const { page } = await openWall(fakeWall({ boards: ["sign"], languages: ["sv"] }), { width: 400, height: 300, dark: true });
  await page.getByTestId("sign").getByText("Öppet").waitFor();
  await shoot(page, "wall-sign-400");
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await accessibilityFaults(page)).toEqual([]);
  const colours = await page.evaluate(() => [...document.querySelectorAll(".sign, .sign *")].map((one) => getComputedStyle(one).color));
  expect(new Set(colours)).toEqual(new Set(["rgb(0, 0, 0)"]));
});

test("a machine says in word and letter what it is, since when, until when and how old that is; one without its node is unknown", async () => {
  const wall = fakeWall();
  const { page } = await openWall(wall);
  const free = page.getByTestId("wall-m-0");
  await free.getByText("Free", { exact: true }).waitFor();
  expect(await free.textContent()).toMatch(/Lāzers 1F.*free until \d\d:\d\d.*seen 0 s ago/);
  expect(await page.locator(".tile").count()).toBe(40);
  const lost = page.getByTestId("wall-m-7");
  expect(await lost.getAttribute("data-status")).toBe("out_of_order");
  const from = performance.now();
  wall.change({ kind: "node", node: { id: "node-1", status: "offline", seenMs: Date.now() - 1000 } });
  await page.locator('[data-testid="wall-m-0"][data-status="unknown"]').waitFor();
  expect(performance.now() - from).toBeLessThan(1000);
  expect(await page.locator('.tile[data-status="free"]').count()).toBe(0);
  // What the desk has locked out is so without any node.
  expect(await page.getByTestId("wall-m-4").getAttribute("data-status")).toBe("locked_out");
});

test("everybody leaves: an evacuation covers the wall at once, in the wall's languages", async () => {
  const wall = fakeWall({ boards: ["month"], languages: ["lv", "en"] });
  const { page } = await openWall(wall);
  await page.getByTestId("month").waitFor();
  const from = performance.now();
  wall.change({ kind: "site", site: { ...aWallPicture(0).site, mode: "evacuate" } });
  await page.getByTestId("evacuate").getByText("Atstājiet ēku").waitFor();
  expect(performance.now() - from).toBeLessThan(1000);
  expect(await accessibilityFaults(page)).toEqual([]);
  await shoot(page, "wall-evacuate");
  await page.getByTestId("evacuate").getByText("Leave the building").waitFor({ timeout: 20_000 });
});

test("boards and languages take turns, until somebody holds them with the keyboard", async () => {
  const { page } = await openWall(fakeWall({ boards: ["machines", "today"], languages: ["sv"] }));
  await page.locator("[data-board=machines]").waitFor();
  await page.locator("[data-board=today]").waitFor({ timeout: 20_000 });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Fortsätt växla" }).waitFor();
  await page.waitForTimeout(5000);
  expect(await page.locator("[data-board=today]").count()).toBe(1);
});

test("a link that ends darkens the wall at once; a wrong one shows nothing, and what to do", async () => {
  const wall = fakeWall();
  const { page, url } = await openWall(wall);
  await page.getByTestId("wall-m-0").waitFor();
  wall.end();
  await page.getByTestId("stale").getByText("This link has ended.", { exact: false }).waitFor({ timeout: 5000 });
  expect(await page.locator('.tile[data-status="free"]').count()).toBe(0);
  await page.goto(`${url}/wall/entrance?token=${"x".repeat(24)}`);
  await page.getByRole("heading", { name: "This link has ended." }).waitFor();
  expect(await page.textContent("body")).toContain("koprade screen renew entrance");
  for (const path of ["", "/month", "/stream"])
    expect((await fetch(`${url}/api/wall/entrance${path}?token=${"x".repeat(24)}`)).status, path).toBe(403);
});

test("keeps no cookie, sends none, and asks nobody but the hub", async () => {
  const wall = fakeWall({ boards: ["month"] });
  const { page, url, errors } = await openWall(wall);
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) foreign.push(request.url());
  });
  await page.context().addCookies([{ name: "koprade.session", value: "x", url }]);
  const cookies: string[] = [];
  page.on("request", async (request) => {
    const { cookie } = await request.allHeaders();
    if (cookie !== undefined && request.url().includes("/api/")) cookies.push(request.url());
  });
  await page.reload();
  await page.getByTestId("month").waitFor();
  expect(foreign).toEqual([]);
  expect(cookies.filter((one) => !one.includes("/stream"))).toEqual([]);
  const answer = await fetch(`${url}/api/wall/entrance?token=${wallToken}`);
  expect(answer.headers.get("set-cookie")).toBeNull();
  expect(errors).toEqual([]);
});

test("what people called their things is text and nothing else", async () => {
  const wall = fakeWall({ machines: 2 });
  const { page, errors } = await openWall(wall);
  const label = '<img src=x onerror="document.title=1">\u202Eabc';
  wall.change({ kind: "machine", machine: aWallMachine({ id: "m-0", label }) });
  await page.getByTestId("wall-m-0").getByText("<img", { exact: false }).waitFor();
  expect(await page.title()).toBe("Koprade");
  expect(await page.getByTestId("wall-m-0").textContent()).not.toContain("\u202E");
  expect(errors).toEqual([]);
});
