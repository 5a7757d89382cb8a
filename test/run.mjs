/**
 * `npm test`: everything. Lint, types, unit tests, then the system tests on real parts, one after the other. Closes with the
 * line `N passed, N failed`. A test that was skipped counts as failed: nothing passes in silence.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const only = process.argv.slice(2);
const reports = mkdtempSync(join(tmpdir(), "koprade-test-"));
const tally = { passed: 0, failed: 0 };
const failures = [];

function step(name, args) {
  process.stdout.write(`\n── ${name}\n`);
  const ok = spawnSync(process.execPath, args, { stdio: "inherit" }).status === 0;
  if (ok) tally.passed += 1;
  else {
    tally.failed += 1;
    failures.push(name);
  }
}

function suite(name, config) {
  process.stdout.write(`\n── ${name}\n`);
  const report = join(reports, `${name.replaceAll(" ", "-")}.json`);
  const args = [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--config",
    config,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...only,
  ];
  const status = spawnSync(process.execPath, args, { stdio: "inherit" }).status;
  let result;
  try {
    result = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    tally.failed += 1;
    failures.push(`${name}: the runner died without a report`);
    return;
  }
  tally.passed += result.numPassedTests;
  const notRun = result.numTotalTests - result.numPassedTests - result.numFailedTests;
  const broken = result.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  tally.failed += result.numFailedTests + notRun + broken;
  if (notRun > 0) failures.push(`${name}: ${notRun} tests did not run`);
  for (const file of result.testResults) {
    for (const test of file.assertionResults) if (test.status !== "passed") failures.push(`${test.status}: ${test.fullName}`);
    if (file.assertionResults.length === 0) failures.push(`${file.name}: ${file.message}`);
  }
  if (status !== 0 && result.numFailedTests + notRun + broken === 0) {
    tally.failed += 1;
    failures.push(`${name}: the runner ended with ${status} (an error outside a test)`);
  }
}

const started = performance.now();
if (only.length === 0) {
  step("format, lint and import rules", ["node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings", "."]);
  step("types", ["node_modules/typescript/bin/tsc", "-p", "."]);
}
suite("unit tests", "test/vitest.unit.config.ts");
suite("system tests", "test/vitest.system.config.ts");

if (failures.length > 0) process.stdout.write(`\nnot passed:\n${failures.map((name) => `  ${name}`).join("\n")}\n`);
process.stdout.write(`\ntook ${Math.round((performance.now() - started) / 1000)} s\n`);
process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`);
process.exit(tally.failed === 0 ? 0 : 1);
