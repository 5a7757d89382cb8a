/** A computer that becomes another node keeps what it knew as the first, and begins anew. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keepFor } from "../../../devices/kit/node-files.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "koprade-owner-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const laser = { site: "valmiera", node: "laser-node" };

it("sets aside what is another node's, each time under a name of its own, and nothing else", () => {
  const folder = join(dir, "node-data");
  const mark = () => writeFileSync(join(folder, "snapshot.mark"), "x");
  expect(keepFor(folder, laser)).toBeNull();
  mark();
  expect([keepFor(folder, laser), existsSync(join(folder, "snapshot.mark"))]).toEqual([null, true]);
  expect(keepFor(folder, { ...laser, node: "door-node" })).toBe(join(dir, "node-data-of-laser-node"));
  expect(existsSync(join(folder, "snapshot.mark"))).toBe(false);
  expect(existsSync(join(dir, "node-data-of-laser-node", "snapshot.mark"))).toBe(true);
  keepFor(folder, laser);
  expect(keepFor(folder, { ...laser, site: "riga" })).toBe(join(dir, "node-data-of-laser-node-2"));
  expect(JSON.parse(readFileSync(join(folder, "owner.json"), "utf8"))).toEqual({ ...laser, site: "riga" });
});

it("takes a folder from before, which does not say whose it is, for its own", () => {
  writeFileSync(join(dir, "snapshot.mark"), "x");
  expect([keepFor(dir, laser), existsSync(join(dir, "snapshot.mark"))]).toEqual([null, true]);
});
