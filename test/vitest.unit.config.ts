import { defineConfig } from "vitest/config";

/**
 * Unit tests: no servers, no processes, all at once, modules loaded once per worker. Those of ledger, series and http open real
 * files and ports and run with the system tests.
 */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["node_modules", "test/{system,browser,simulation}/**", "test/hub/{ledger,series,http}/**"],
    isolate: false,
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
