/** The systemd units are read by systemd itself: every line is known to it, and little is left open. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openDesk } from "../hub/cli/desk.ts";

const folder = mkdtempSync(join(tmpdir(), "koprade-service-"));
const desk = openDesk();
afterAll(() => {
  desk.remove();
  rmSync(folder, { recursive: true, force: true });
});
/** systemd's own scale: 10 is a service with no sandbox at all, 9.6 what a plain unit has. */
const exposureMax = 2.5;

/** What systemd says of the unit: its complaints, and how exposed the service is. */
function systemd(name: string, unit: string): { readonly complaints: string; readonly exposure: number } {
  const path = join(folder, name);
  writeFileSync(path, unit);
  const verified = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
  const judged = spawnSync("systemd-analyze", ["security", "--offline=true", "--no-pager", path], { encoding: "utf8" });
  const [, exposure] = /exposure level for \S+: ([\d.]+)/.exec(judged.stdout) ?? [];
  return { complaints: `${verified.status} ${verified.stdout}${verified.stderr}`, exposure: Number(exposure) };
}

it("the hub's unit is one that systemd takes, and shuts the rest of the computer away", async () => {
  const early = await desk.run("service", "hub");
  expect([early.code, early.err]).toEqual([1, expect.stringContaining("Start the hub once with `koprade start`")]);
  await desk.makeSite();
  const { code, out } = await desk.run("service", "hub");
  expect(code).toBe(0);
  expect(out).toContain(`"start" "--data" "${desk.dataDir}"`);
  expect(out).toContain("User=kim\n");
  const { complaints, exposure } = systemd("koprade-hub.service", out);
  expect(complaints).toBe("0 ");
  console.log(`service: exposure of the hub ${exposure} of 10`);
  expect(exposure).toBeLessThan(exposureMax);
});

it("a node's unit lets it have serial ports and its own folder, whatever that is called", async () => {
  const home = join(folder, 'a "b" 50% $HOME');
  mkdirSync(join(home, "node-data"), { recursive: true });
  writeFileSync(join(home, "node.yaml"), "node: laser-node\n");
  const { code, out } = await desk.run("service", "node", "--config", join(home, "node.yaml"));
  expect(code).toBe(0);
  expect(out).toContain("DeviceAllow=char-ttyUSB rw");
  expect(out).not.toContain("PrivateDevices");
  const { complaints, exposure } = systemd("koprade-node.service", out);
  expect(complaints).toBe("0 ");
  console.log(`service: exposure of a node ${exposure} of 10`);
  expect(exposure).toBeLessThan(exposureMax);
  expect(out).not.toContain("char-input");
  writeFileSync(join(home, "node.yaml"), "node: door-node\ndoor: { reader: { kind: wedge } }\n");
  const typing = await desk.run("service", "node", "--config", join(home, "node.yaml"));
  expect(typing.out).toContain("SupplementaryGroups=input\nDeviceAllow=char-input r\n");
  expect(systemd("koprade-node.service", typing.out).complaints).toBe("0 ");
  const missing = await desk.run("service", "node", "--config", join(folder, "no.yaml"));
  expect(missing.err).toContain("there is no such file; `koprade node add` writes one.");
  writeFileSync(join(folder, "bad.yaml"), "site: x\n");
  expect((await desk.run("service", "node", "--config", join(folder, "bad.yaml"))).err).toContain("it names no node");
});
