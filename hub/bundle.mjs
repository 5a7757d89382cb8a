/**
 * Puts each program of Koprade and its packages into a few files: some 900 modules take a Pi seconds to find, strip and link, and
 * memory to keep apart. Made by setup.mjs on the pinned runtime. Whoever changed a source runs from the sources, as ever: a bundle
 * that is not of these sources is never run.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "node_modules", ".cache", "koprade");
const manifest = join(folder, "sources.json");
const sources = { hub: "hub/main.ts", node: "devices/program.ts" };

/** These look for files of their own beside them. */
const apart = [/^node:/, /^serialport/, /^@serialport\//, /^johnny-five/, /^firmata/, /^@lydell\//, /^pdfmake/, /^rolldown/, /^vite/];

/** Threads and processes that a module starts from a file beside it. */
const ownThread = /new URL\("(\.\/[\w-]+\.ts)", import\.meta\.url\)/g;

const markOf = (file) => {
  const { mtimeMs, size } = statSync(join(root, file));
  return `${mtimeMs} ${size}`;
};

/** Is there a bundle of just these sources? One of other sources is none. */
export function isBundled() {
  try {
    return Object.entries(JSON.parse(readFileSync(manifest, "utf8"))).every(([file, mark]) => markOf(file) === mark);
  } catch {
    return false;
  }
}

/** The file to run for `hub` or `node`. */
export const programOf = (name) => (isBundled() ? join(folder, `${name}.mjs`) : join(root, sources[name]));

/** Makes the bundle; throws when a source cannot be read or linked. */
async function bundle() {
  const { rolldown } = await import("rolldown");
  const read = new Set();
  /** Modules go on to find their files from where they are in the tree. */
  const ownPlace = {
    name: "own-place",
    transform(code, id) {
      if (id.startsWith(root) && !id.includes("\0") && !relative(root, id).startsWith("node_modules")) read.add(relative(root, id));
      if (!code.includes("import.meta.")) return null;
      return code
        .replaceAll(ownThread, (_, file) => {
          const thread = join(dirname(id), file);
          const fileName = relative(root, thread).replaceAll(sep, "-").replace(/\.ts$/, ".mjs");
          this.emitFile({ type: "chunk", id: thread, fileName });
          return `new URL(${JSON.stringify(pathToFileURL(join(folder, fileName)).href)})`;
        })
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href))
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(id)));
    },
  };
  const made = `${folder}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  const input = Object.fromEntries(Object.entries(sources).map(([name, file]) => [name, join(root, file)]));
  const build = await rolldown({ input, platform: "node", external: apart, plugins: [ownPlace], logLevel: "silent" });
  await build.write({ dir: made, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" });
  await build.close();
  for (const file of ["package.json", "package-lock.json", "hub/bundle.mjs"]) read.add(file);
  writeFileSync(join(made, "sources.json"), JSON.stringify(Object.fromEntries([...read].sort().map((file) => [file, markOf(file)]))));
  rmSync(folder, { recursive: true, force: true });
  renameSync(made, folder);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
