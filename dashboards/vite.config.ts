/**
 * Builds the dashboards to `dashboards/dist`, which the hub serves. `__NONCE__` becomes a fresh nonce in every answer; `pages.json` says at
 * which addresses.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Reads the page table as a program would: its pages are not loaded by that. */
const pageList = (): Plugin => ({
  name: "page-list",
  async generateBundle() {
    const table: typeof import("./app/pages.ts") = await import(pathToFileURL(join(import.meta.dirname, "app", "pages.ts")).href);
    const paths = [...table.framePaths, ...table.pages.map(({ path }) => path)];
    const source = JSON.stringify(Object.fromEntries(paths.map((path) => [path, "index.html"])));
    this.emitFile({ type: "asset", fileName: "pages.json", source });
  },
});

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), pageList()],
  html: { cspNonce: "__NONCE__" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    target: "es2023",
    // Browsers that know light-dark(); translated for older ones it would follow the system instead of the reader's choice.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
});
