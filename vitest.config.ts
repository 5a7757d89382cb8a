import { defineConfig } from "vitest/config";

// Unit tests run in threads; system tests (test/system, test/simulation, test/browser) one file at a time, since they own ports, disks and both cores.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["node_modules"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
