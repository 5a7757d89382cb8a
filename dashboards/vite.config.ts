/**
 * Builds the dashboards to `dashboards/dist`, which the hub serves: the app, and after it the light pages (screens on walls, the tablet at
 * the desk). Those are put together by themselves: what one shares with another would bring all that either needs of it. `__NONCE__` becomes a fresh nonce in every answer; `pages.json` says at
 * which addresses.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import react from "@vitejs/plugin-react";
import { build, defineConfig, type InlineConfig, type Plugin } from "vite";

const root = import.meta.dirname;
/** By address. */
const light = { "/wall/:name": "wall.html", "/kiosk/:name": "kiosk.html" } as const;

/** Reads the page table as a program would: its pages are not loaded by that. */
const pageList = (): Plugin => ({
  name: "page-list",
  async generateBundle() {
    const table: typeof import("./app/pages.ts") = await import(pathToFileURL(join(import.meta.dirname, "app", "pages.ts")).href);
    const paths = [...table.framePaths, ...table.pages.map(({ path }) => path)];
    const source = JSON.stringify({ ...Object.fromEntries(paths.map((path) => [path, "index.html"])), ...light });
    this.emitFile({ type: "asset", fileName: "pages.json", source });
  },
});

const shared = { root, html: { cspNonce: "__NONCE__" } } satisfies InlineConfig;
const output = {
  outDir: "dist",
  target: "es2023",
  // Browsers that know light-dark(); translated for older ones it would follow the system instead of the reader's choice.
  cssTarget: ["chrome123", "firefox120", "safari17.5"],
  assetsInlineLimit: 0,
  chunkSizeWarningLimit: 800,
} satisfies InlineConfig["build"];

const lightPages = (): Plugin => ({
  name: "light-pages",
  apply: "build",
  async closeBundle() {
    for (const file of Object.values(light)) {
      const rolldownOptions = { input: join(root, file) };
      await build({ ...shared, configFile: false, plugins: [react()], build: { ...output, emptyOutDir: false, rolldownOptions } });
    }
  },
});

export default defineConfig({
  ...shared,
  plugins: [react(), pageList(), lightPages()],
  build: { ...output, emptyOutDir: true, manifest: true },
});
