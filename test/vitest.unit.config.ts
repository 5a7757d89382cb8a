import { defineConfig } from "vitest/config";

/** Unit tests: no servers, no processes, all at once. Those of ledger and series write real files and run with the system tests. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["node_modules", "test/system/**", "test/browser/**", "test/simulation/**", "test/hub/ledger/**", "test/hub/series/**"],
    testTimeout: 20_000,
  },
});
