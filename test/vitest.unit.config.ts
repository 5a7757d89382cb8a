import { defineConfig } from "vitest/config";

/** Unit tests: no servers, no processes, all at once. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["node_modules", "test/system/**", "test/browser/**", "test/simulation/**"],
    testTimeout: 20_000,
  },
});
