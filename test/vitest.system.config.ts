import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** These judge how long something takes, or load the computer on purpose: nothing else may run beside them. */
const alone = [
  "bench",
  "boards",
  "broker-edge",
  "broker-fuzz",
  "cards",
  "chain",
  "display",
  "drivers",
  "firmware",
  "http-edge",
  "hub-dead",
  "influx",
  "influx-hub",
  "ledger-figures",
].map((name) => `test/system/${name}.test.ts`);
// An emulated chip that gets half a processor misses what its own clock promises.
alone.push("test/simulation/board.test.ts");

const shared = {
  pool: "forks" as const,
  // As the launcher sets it: the programs that tests start find their code compiled.
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)) },
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

/**
 * System tests open ports, disks and processes, each file in a process of its own. Most of them wait for real parts most of the
 * time and run two at once; the rest run after them, one by one.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "together",
          include: ["test/{system,browser,simulation}/**/*.test.ts", "test/hub/{ledger,series,http}/**/*.test.ts"],
          exclude: ["node_modules", ...alone],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...shared, name: "alone", include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
