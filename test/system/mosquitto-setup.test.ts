import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Desk, openDesk } from "../hub/cli/desk.ts";

let desk: Desk | undefined;
afterEach(() => desk?.remove());

const external =
  "site: valmiera\nmqtt:\n  external:\n    url: mqtts://broker.local:8883\n    username: koprade-hub\n    password: a password of the hub\n";

it("says what is missing when koprade.yaml names no external broker", async () => {
  desk = openDesk();
  await desk.makeSite();
  const said = await desk.run("mosquitto");
  expect(said.code).toBe(1);
  expect(said.err).toContain("koprade.yaml names no external broker. Add mqtt: external:");
});

it("writes an access list and accounts, keeps those it wrote before, and names nodes without a password", async () => {
  desk = openDesk();
  await desk.makeSite();
  writeFileSync(join(desk.dataDir, "koprade.yaml"), external);
  expect((await desk.run("node", "add", "door-node", "--kind", "door")).code).toBe(0);
  const file = (name: string): string => readFileSync(join(desk?.folder ?? "", "mosquitto", name), "utf8");
  expect(await desk.json("mosquitto")).toMatchObject({ accounts: ["door-node", "koprade-hub"], missing: [] });
  expect(file("koprade.conf")).toContain("allow_anonymous false");
  expect(file("koprade.acl")).toMatch(/user door-node\n.*n\/door-node\//s);
  expect(statSync(join(desk.folder, "mosquitto", "koprade.passwords")).mode & 0o077).toBe(0);
  const doorLine = file("koprade.passwords")
    .split("\n")
    .find((line) => line.startsWith("door-node:"));
  expect(doorLine).toMatch(/^door-node:\$7\$/);
  // The folder goes to the node; another node comes whose folder never was here.
  rmSync(join(desk.folder, "node-door-node"), { recursive: true });
  await desk.run("node", "add", "laser-node", "--kind", "machine", "--out", join(desk.folder, "elsewhere"));
  expect(await desk.json("mosquitto")).toMatchObject({ accounts: ["door-node", "koprade-hub"], missing: ["laser-node"] });
  expect(file("koprade.passwords").split("\n")).toContain(doorLine);
});
