/**
 * Runs the core's unit tests for Stryker in one process: vitest takes a second to start for every mutant, and there are
 * thousands. The tests are the very files; `describe` and `it` are collected here, `expect` is vitest's own.
 */
import { globSync, readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import fc from "fast-check";
import { expect } from "vitest";

type Test = { readonly id: string; readonly name: string; readonly fileName: string; readonly run: () => unknown; timeMs: number };
type Coverage = { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
/** What Stryker's instrumented sources look at (@stryker-mutator/api, InstrumenterContext). */
type Context = {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: Coverage | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
};
type MutantRun = {
  readonly activeMutant: { readonly id: string };
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
  readonly mutantActivation: "static" | "runtime";
  readonly reloadEnvironment: boolean;
};
type World = typeof globalThis & { __stryker__?: Context; kopradeTests?: unknown };

const world: World = globalThis;
const patterns = (process.env["MUTATION_TESTS"] ?? "").split(";");
/** every load of the sources is a generation of its own, so that what runs only once at load can be run again */
let generation = 0;
let tests: Test[] = [];
/** the mutant that was active while the sources were loaded */
let loadedWith: string | undefined;

const context = (): Context => {
  world.__stryker__ ??= {};
  return world.__stryker__;
};

/** file → its text without types, which takes longer to make than to run */
const plain = new Map<string, string>();
registerHooks({
  resolve(specifier, from, next) {
    if (specifier === "vitest" && from.parentURL?.includes("/test/hub/") === true)
      return { url: `${shim}//${encodeURIComponent(from.parentURL)}`, shortCircuit: true };
    const found = next(specifier, from);
    return isReloaded(found.url) ? { ...found, url: `${found.url}?generation=${generation}` } : found;
  },
  load(url, given, next) {
    if (!isReloaded(url)) return next(url, given);
    const [path = url] = url.split("?");
    const source = plain.get(path) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(path), "utf8"));
    plain.set(path, source);
    return { format: "module", source, shortCircuit: true };
  },
});
/** What can hold a mutant, and the tests of it; the contract is the same for all and takes long to build. */
const isReloaded = (url: string): boolean =>
  /\/(hub\/core|test\/hub\/core)\//.test(url) && url.startsWith(pathToFileURL(process.cwd()).href);
/** one for each importer and load: a module is evaluated once, and each file writes into its own list */
const shim = "data:text/javascript,export const { describe, it, test, expect } = globalThis.kopradeTests;";

/** A `describe`, `it` and `each` that only write down what there is to run. */
function collector(fileName: string, into: Test[]) {
  const path: string[] = [];
  const add = (name: string, ...rest: readonly unknown[]): void => {
    const run = rest.findLast((part) => typeof part === "function") as () => unknown;
    const full = [...path, name].join(" > ");
    into.push({ id: `${fileName}#${into.length} ${full}`, name: full, fileName, run, timeMs: 0 });
  };
  const group = (name: string, fill: () => void): void => {
    path.push(name);
    fill();
    path.pop();
  };
  const each =
    (make: (name: string, run: () => void) => void) =>
    (rows: readonly unknown[]) =>
    (name: string, ...rest: readonly unknown[]) => {
      const run = rest.findLast((part) => typeof part === "function") as (...row: readonly unknown[]) => void;
      for (const [i, row] of rows.entries()) make(`${name} (${i})`, () => run(...(Array.isArray(row) ? row : [row])));
    };
  const it = Object.assign(add, { each: each(add) });
  return { describe: Object.assign(group, { each: each(group) }), it, test: it, expect };
}

async function load(mutant: string | undefined): Promise<void> {
  fc.configureGlobal({ endOnFailure: true, seed: 1 }); // the same figures each time
  generation += 1;
  const times = new Map(tests.map(({ id, timeMs }) => [id, timeMs]));
  tests = [];
  loadedWith = mutant;
  context().activeMutant = mutant;
  context().currentTestId = undefined;
  for (const file of patterns.flatMap((pattern) => globSync(pattern)).sort()) {
    world.kopradeTests = collector(file, tests);
    await import(pathToFileURL(join(process.cwd(), file)).href);
  }
  for (const test of tests) test.timeMs = times.get(test.id) ?? 0;
}

export async function dryRun() {
  const coverage: Coverage = { static: {}, perTest: {} };
  context().mutantCoverage = coverage;
  await load(undefined);
  const done = [];
  for (const test of tests) {
    context().currentTestId = test.id;
    const from = performance.now();
    let failureMessage: string | null = null;
    try {
      await test.run();
    } catch (error) {
      failureMessage = String(error);
    }
    test.timeMs = performance.now() - from;
    const { id, name, fileName, timeMs } = test;
    const facts = { id, name, fileName, timeSpentMs: timeMs };
    done.push(failureMessage === null ? { ...facts, status: 0 } : { ...facts, status: 1, failureMessage });
  }
  context().currentTestId = undefined;
  context().mutantCoverage = undefined;
  return { status: "complete", tests: done, mutantCoverage: coverage };
}

export async function mutantRun(given: MutantRun) {
  const { id } = given.activeMutant;
  const isStatic = given.mutantActivation === "static" || given.reloadEnvironment;
  Object.assign(context(), { hitCount: given.hitLimit === undefined ? undefined : 0, hitLimit: given.hitLimit });
  try {
    if (isStatic) await load(id);
    else if (loadedWith !== undefined || tests.length === 0) await load(undefined);
  } catch (error) {
    return { status: "killed", killedBy: [tests[0]?.id ?? "load"], failureMessage: String(error), nrOfTests: 0 };
  }
  context().activeMutant = id;
  const wanted = given.testFilter === undefined ? tests : tests.filter((test) => given.testFilter?.includes(test.id));
  let nrOfTests = 0;
  for (const test of wanted.toSorted((a, b) => a.timeMs - b.timeMs)) {
    nrOfTests += 1;
    try {
      await test.run();
    } catch (error) {
      const { hitCount, hitLimit } = context();
      if (hitCount !== undefined && hitLimit !== undefined && hitCount > hitLimit) return { status: "timeout", reason: "it runs for ever" };
      return { status: "killed", killedBy: [test.id], failureMessage: String(error).slice(0, 300), nrOfTests };
    }
  }
  return { status: "survived", nrOfTests };
}

function createRunner() {
  return { capabilities: () => ({ reloadEnvironment: true }), dryRun, mutantRun };
}
createRunner.inject = [] as const;

export const strykerPlugins = [{ kind: "TestRunner", name: "koprade", factory: createRunner }];
