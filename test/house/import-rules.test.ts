/** Proves every import rule of the house by breaking it: each line is a deliberate violation that the linter must name, or a legal import that it must not. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const forbidden: readonly [file: string, source: string][] = [
  ["hub/contract/x.ts", 'import "node:fs";'],
  ["hub/contract/x.ts", 'import "#core";'],
  ["hub/contract/x.ts", 'import "../ports.ts";'],
  ["hub/contract/x.ts", "export const now = Date.now();"],
  ["hub/core/x.ts", 'import "node:fs";'],
  ["hub/core/x.ts", 'import "zod";'],
  ["hub/core/x.ts", 'import "../ledger/events.ts";'],
  ["hub/core/x.ts", 'import "../ports.ts";'],
  ["hub/core/access/x.ts", 'import "../../ledger/events.ts";'],
  ["hub/core/x.ts", "export const now = Date.now();"],
  ["hub/core/x.ts", "setTimeout(() => undefined, 1);"],
  ["hub/core/x.ts", "console.log(process.pid);"],
  ["hub/ledger/x.ts", 'import "../broker/acl.ts";'],
  ["hub/broker/x.ts", 'import "../ledger/events.ts";'],
  ["hub/series/x.ts", 'import "../http/server.ts";'],
  ["hub/http/x.ts", 'import "../ledger/events.ts";'],
  ["hub/neighbours/x.ts", 'import "../ledger/events.ts";'],
  ["hub/ways/x.ts", 'import "../ledger/events.ts";'],
  ["hub/reports/x.ts", 'import "../main.ts";'],
  ["hub/exchange/x.ts", 'import "../ledger/reads.ts";'],
  ["hub/exchange/x.ts", 'import "../reports/tables.ts";'],
  ["hub/hosted/x.ts", 'import "../app.ts";'],
  ["hub/hosted/x.ts", 'import "../../devices/kit/node.ts";'],
  ["hub/host/x.ts", 'import "../ledger/events.ts";'],
  ["hub/app.ts", 'import "../ledger/events.ts";'],
  ["hub/app.ts", 'import "node:fs";'],
  ["devices/drivers/x.ts", 'import "#contract";'],
  ["devices/drivers/x.ts", 'import "#core";'],
  ["devices/drivers/x.ts", 'import "../kit/link.ts";'],
  ["devices/kit/x.ts", 'import "../drivers/rdm6300.ts";'],
  ["devices/kit/x.ts", 'import "serialport";'],
  ["devices/kit/x.ts", 'import "../../hub/ledger/events.ts";'],
  ["devices/door/x.ts", 'import "../machine/main.ts";'],
  ["devices/machine/x.ts", 'import "../../hub/ports.ts";'],
  ["dashboards/app/x.ts", 'import "node:fs";'],
  ["dashboards/app/x.ts", 'import "../../hub/ports.ts";'],
  ["simulators/x.ts", 'import "../hub/main.ts";'],
  ["simulators/x.ts", 'import "../test/support/rig.ts";'],
];

const allowed: readonly [file: string, source: string][] = [
  ["hub/contract/x.ts", 'import * as z from "zod"; import "./ids.ts"; export const a = z;'],
  ["hub/core/x.ts", 'import "#contract"; import "./door.ts"; import "./access/decide.ts";'],
  ["hub/core/access/x.ts", 'import "../calendar.ts"; import "./rules.ts";'],
  [
    "hub/ledger/x.ts",
    'import "#contract"; import "#core"; import "../ports.ts"; import "../errors.ts"; import "node:sqlite"; import "kysely";',
  ],
  ["hub/app.ts", 'import "#contract"; import "#core"; import "../ports.ts"; import "../errors.ts";'],
  ["hub/host/x.ts", 'import "../hosted/family.ts"; import "../broker/quotas.ts"; import "../../devices/kit/node.ts";'],
  ["devices/drivers/x.ts", 'import "node:fs"; import "serialport";'],
  ["devices/kit/x.ts", 'import "#contract"; import "#core"; import "mqtt"; import "node:fs";'],
  ["devices/door/x.ts", 'import "../kit/link.ts"; import "../drivers/rdm6300.ts"; import "#core";'],
  ["dashboards/app/x.ts", 'import "#contract"; import "../shared/time.ts"; import "react";'],
  ["simulators/x.ts", 'import "#contract"; import "../hub/app.ts"; import "../devices/kit/runtime.ts";'],
];

/** One house of violations, linted in one run: the file's own folder number says which line it is. */
const house = mkdtempSync(join(tmpdir(), "koprade-rules-"));
const named = new Map<string, string>();
const fileOf = (file: string, index: number, kind: string) =>
  file === "hub/app.ts" ? `hub/app/${kind}${index}.ts` : file.replace(/x\.ts$/, `${kind}${index}.ts`);

beforeAll(() => {
  copyFileSync(".biome.json", join(house, "biome.json"));
  symlinkSync(resolve("node_modules"), join(house, "node_modules"));
  const write = (kind: string) => (line: readonly [string, string], index: number) => {
    const path = join(house, fileOf(line[0], index, kind));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${line[1].replaceAll("; import", ";\nimport")}\n`);
  };
  forbidden.forEach(write("bad"));
  allowed.forEach(write("good"));
  const lint = spawnSync(
    "node_modules/@biomejs/biome/bin/biome",
    ["lint", "--only=style/noRestrictedImports", "--only=style/noRestrictedGlobals", "--max-diagnostics=none", "--reporter=github", "."],
    { cwd: house, encoding: "utf8" },
  );
  for (const line of lint.stdout.split("\n")) {
    const file = /file=([^,]+),/.exec(line)?.[1];
    if (file !== undefined) named.set(file.slice(house.length + 1), line);
  }
  expect(named.size, lint.stderr).toBeGreaterThan(0);
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

describe("the linter keeps the rooms apart", () => {
  it.each(forbidden.map((line, index) => [...line, index] as const))("refuses in %s: %s", (file, _source, index) => {
    expect(named.get(fileOf(file, index, "bad")), "the linter said nothing").toBeDefined();
  });
  it.each(allowed.map((line, index) => [...line, index] as const))("allows in %s: %s", (file, _source, index) => {
    expect(named.get(fileOf(file, index, "good"))).toBeUndefined();
  });
});
