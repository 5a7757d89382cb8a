import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** System tests own ports, disks and both cores: one file at a time, each in its own process. */
export default defineConfig({
  test: {
    include: ["test/{system,browser,simulation}/**/*.test.ts", "test/hub/{ledger,series,http}/**/*.test.ts"],
    pool: "forks",
    // As the launcher sets it: the programs that tests start find their code compiled.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)) },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
