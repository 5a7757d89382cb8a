/** A real Chromium for the page tests: opened once per file, one fresh context per test, screenshots kept outside the repository. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type AddressInfo, connect as connectTo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const root = join(import.meta.dirname, "../..");
const shots = join(root, "test-results");
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const staticDir = join(root, "dashboards/dist");

/** Builds the pages where set-up has not. */
export function buildPages(): void {
  if (existsSync(join(staticDir, "pages.json"))) return;
  execFileSync(process.execPath, ["node_modules/vite/bin/vite.js", "build", "--config", "dashboards/vite.config.ts"], { cwd: root });
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args });
}

export type Watched = { readonly page: Page; readonly errors: string[] };

/** A page of its own, with everything the browser complains about: script errors, refused styles, failed files. */
export async function openPage(
  browser: Browser,
  given: { readonly width?: number; readonly height?: number; readonly dark?: boolean; readonly locale?: string } = {},
): Promise<Watched> {
  const { width = 1280, height = 900, dark = false, locale = "en-GB" } = given;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    locale,
    timezoneId: "Europe/Riga",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return { page, errors };
}

/** Saves a screenshot to `test-results/`, which ignores itself. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true });
  writeFileSync(join(shots, ".gitignore"), "*\n");
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Serious and critical findings of axe-core on the page as it is now, one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Evaluated, not injected as an element: the page's policy forbids foreign scripts, and shall.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 200)}`));
  });
}

export type Line = { readonly url: string; goSilent(): void; close(): Promise<void> };

/** A line to a local port that can go silent without breaking, as a network does when a cable is pulled further away. */
export async function openLine(port: number): Promise<Line> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connectTo(port, "127.0.0.1");
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on("error", () => socket.destroy());
    sockets.push(near, far);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `http://localhost:${address.port}`,
    goSilent() {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
