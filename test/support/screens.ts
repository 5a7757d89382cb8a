/**
 * Every page of the page table and every board of a wall, on a running hub with a real Chromium: in each language, in all colours, at
 * desk and phone width. Of each: what axe-core finds serious, whether it scrolls sideways, what the browser complains of, and what is
 * asked of any other computer than the hub.
 */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { pages } from "../../dashboards/app/pages.ts";
import type { RunningHub } from "../../hub/start.ts";
import { type Language, languages } from "../../hub/views.ts";
import { accessibilityFaults, shoot } from "./browser.ts";

const colours = ["light", "dark", "contrast"] as const;
const widths = [1280, 390] as const;
const heightPx = 860;
/** for what a page asks after its frame is there */
const settleMs = 250;

export type Screen = {
  readonly path: string;
  readonly language: Language;
  readonly colour: (typeof colours)[number];
  readonly width: (typeof widths)[number];
};
export type Sight = { readonly screen: Screen; readonly faults: readonly string[] };

/** A page's address with something that exists for each of its parts. */
function addressOf(path: string, examples: Readonly<Record<string, string>>): string {
  return path.replaceAll(/:(\w+)\??/g, (_whole, name: string) => {
    const area = path.split("/")[1] ?? "";
    const example = examples[`${area}:${name}`] ?? examples[name];
    if (example === undefined) throw new Error(`test/support/screens.ts has no example for :${name} of ${path}`);
    return example;
  });
}

/** All there are: pages, and one wall for each of `boards`. */
export function allScreens(examples: Readonly<Record<string, string>>, walls: readonly string[]): Screen[] {
  const paths = [...pages.map(({ path }) => addressOf(path, examples)), "/machines/new", "/login", ...walls];
  return paths.flatMap((path) =>
    languages.flatMap((language) => colours.flatMap((colour) => widths.map((width) => ({ path, language, colour, width })))),
  );
}

/** One for each page, with language, colours and width in turn: in a dozen rounds each page is seen in all of its twenty-four. */
export function someScreens(all: readonly Screen[], round: number): Screen[] {
  const paths = [...new Set(all.map(({ path }) => path))];
  return paths.map((path, i) => {
    const own = all.filter((screen) => screen.path === path);
    return own[(i * 7 + round) % own.length] as Screen;
  });
}

/** Looks at each; `cookie`: of an owner who is a member as well. Pictures are kept in `test-results/screens-…`. */
export async function lookAt(given: {
  readonly hub: RunningHub;
  readonly browser: Browser;
  readonly cookie: string;
  readonly screens: readonly Screen[];
}): Promise<Sight[]> {
  const sights: Sight[] = [];
  const groups = Map.groupBy(given.screens, ({ language, colour, width }) => `${language} ${colour} ${width}`);
  for (const screens of groups.values()) {
    const [first] = screens;
    if (first === undefined) continue;
    const context = await openContext(given, first);
    const page = await context.newPage();
    const heard: string[] = [];
    listen(page, given.hub.url, heard);
    for (const screen of screens) sights.push({ screen, faults: [...(await look(page, given.hub.url, screen)), ...heard.splice(0)] });
    await context.close();
  }
  return sights;
}

async function openContext({ browser, hub, cookie }: Parameters<typeof lookAt>[0], screen: Screen): Promise<BrowserContext> {
  const { language, colour, width } = screen;
  const context = await browser.newContext({
    viewport: { width, height: heightPx },
    colorScheme: colour === "dark" ? "dark" : "light",
    contrast: colour === "contrast" ? "more" : "no-preference",
    timezoneId: "Europe/Riga",
    reducedMotion: "reduce",
  });
  const [name = "", value = ""] = cookie.split(/=(.*)/);
  await context.addCookies([{ name, value, url: hub.url }]);
  await context.addInitScript(
    ([spoken, chosen]) => {
      localStorage.setItem("koprade.language", spoken);
      localStorage.setItem("koprade.contrast", chosen === "contrast" ? "more" : "usual");
      localStorage.setItem("mantine-color-scheme-value", chosen === "dark" ? "dark" : "light");
    },
    [language, colour] as const,
  );
  return context;
}

function listen(page: Page, hubUrl: string, heard: string[]): void {
  page.on("pageerror", (error) => heard.push(`script: ${String(error)}`));
  page.on("console", (message) => {
    if (message.type() === "error") heard.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(hubUrl) && !url.startsWith("data:") && !url.startsWith("blob:")) heard.push(`asked elsewhere: ${url}`);
  });
}

async function look(page: Page, hubUrl: string, screen: Screen): Promise<string[]> {
  const { path, language, colour, width } = screen;
  const isWall = path.startsWith("/wall/");
  // A wall speaks its own languages, by turns, and has colours of its own.
  const query = isWall ? "&every=0" : "";
  await page.goto(`${hubUrl}${path}${query}`);
  await page
    .locator(isWall ? "main, [role=main], body > *" : "main h1, h1")
    .first()
    .waitFor({ state: "attached" });
  if (!isWall) await page.locator(`html[lang=${language}]`).waitFor({ state: "attached" });
  // Nobody's page opens without a reason.
  const reasons = page.locator("form:has(input[name=reason])");
  if (/^\/people\/\d+$/.test(path)) await page.locator("main button").first().click();
  await reasons.waitFor({ state: "detached" });
  await page.waitForTimeout(settleMs);
  await shoot(page, `screens-${path.split("?")[0]?.slice(1).replaceAll("/", "-") || "start"}-${language}-${colour}-${width}`);
  const faults = await accessibilityFaults(page);
  const overPx = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return overPx > 0 ? [...faults, `scrolls sideways by ${overPx} px`] : faults;
}

/** In words, for a failed test and a campaign's last line. */
export const inWords = (sights: readonly Sight[]): string[] =>
  sights.flatMap(({ screen: { path, language, colour, width }, faults }) =>
    faults.map((fault) => `${path.split("?")[0]} ${language} ${colour} ${width}: ${fault}`),
  );
