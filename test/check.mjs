/** `npm run check`: format, lint, import rules, types and unit tests, side by side; prints what failed and how long it took. */
import { spawn } from "node:child_process";

const bin = (name) => `node_modules/${name}`;
const steps = [
  ["lint", [bin("@biomejs/biome/bin/biome"), "ci", "--error-on-warnings", "--max-diagnostics=40", "."]],
  ["types", [bin("typescript/bin/tsc"), "-p", "."]],
  ["unit tests", [bin("vitest/vitest.mjs"), "run", "--config", "test/vitest.unit.config.ts"]],
];

const started = performance.now();
const results = await Promise.all(
  steps.map(
    ([name, args]) =>
      new Promise((resolve) => {
        let output = "";
        const child = spawn(process.execPath, args);
        child.stdout.on("data", (text) => (output += text));
        child.stderr.on("data", (text) => (output += text));
        child.on("exit", (status) => resolve({ name, ok: status === 0, output, tookMs: performance.now() - started }));
      }),
  ),
);
for (const { name, ok, output, tookMs } of results) {
  process.stdout.write(`${ok ? "✓" : "✕"} ${name} (${(tookMs / 1000).toFixed(1)} s)\n`);
  if (!ok) process.stdout.write(`${output}\n`);
}
process.stdout.write(`check took ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
