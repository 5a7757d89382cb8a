import { defineConfig } from "vitest/config";

/** System tests own ports, disks and both cores: one file at a time, each in its own process. */
export default defineConfig({
  test: {
    include: ["test/{system,browser,simulation}/**/*.test.ts", "test/hub/{ledger,series,http}/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
