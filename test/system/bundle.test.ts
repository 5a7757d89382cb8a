import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { deviceProgram, hubProgram } from "../support/runtime.ts";

const root = join(import.meta.dirname, "../..");
const tree = mkdtempSync(join(tmpdir(), "koprade-bundle-"));
afterAll(() => rmSync(tree, { recursive: true, force: true }));

const file = (path: string, text: string): void => {
  mkdirSync(join(tree, path, ".."), { recursive: true });
  writeFileSync(join(tree, path), text);
};
const node = (...args: string[]): string => execFileSync(process.execPath, args, { cwd: tree, encoding: "utf8" }).trim();
const chosen = (): string =>
  node("--input-type=module", "-e", 'import { programOf } from "./hub/bundle.mjs"; console.log(programOf("hub"))').slice(tree.length + 1);

test("the programs under test are the bundled ones, as `npm start` leaves them", () => {
  expect([hubProgram, deviceProgram]).toEqual(["hub", "node"].map((name) => join(root, `node_modules/.cache/koprade/${name}.mjs`)));
});

test("a bundle finds its files, starts its threads, and is left aside as soon as one source is another", () => {
  mkdirSync(join(tree, "node_modules"));
  symlinkSync(join(root, "node_modules/rolldown"), join(tree, "node_modules/rolldown"));
  mkdirSync(join(tree, "hub"));
  cpSync(join(root, "hub/bundle.mjs"), join(tree, "hub/bundle.mjs"));
  for (const name of ["package.json", "package-lock.json"]) file(name, '{"type":"module"}');
  file("devices/program.ts", "export {};\n");
  file("hub/word.ts", 'export const word: string = "first";\n');
  file(
    "hub/main.ts",
    `import { Worker } from "node:worker_threads";
     import { word } from "./word.ts";
     new Worker(new URL("./deep-thread.ts", import.meta.url)).on("message", (said: string) => console.log(said, word, import.meta.dirname));\n`,
  );
  file(
    "hub/deep-thread.ts",
    'import { parentPort } from "node:worker_threads";\nparentPort?.postMessage(import.meta.url.split("/").at(-1));\n',
  );
  expect(chosen()).toBe("hub/main.ts");

  node("hub/bundle.mjs");
  expect(chosen()).toBe("node_modules/.cache/koprade/hub.mjs");
  expect(node(chosen())).toBe(`deep-thread.ts first ${join(tree, "hub")}`);

  file("hub/word.ts", 'export const word: string = "another";\n');
  expect(chosen()).toBe("hub/main.ts");
  expect(node(chosen())).toBe(`deep-thread.ts another ${join(tree, "hub")}`);

  node("hub/bundle.mjs");
  expect(node(chosen())).toBe(`deep-thread.ts another ${join(tree, "hub")}`);
  rmSync(join(tree, "hub/deep-thread.ts"));
  expect(chosen()).toBe("hub/main.ts");
});
