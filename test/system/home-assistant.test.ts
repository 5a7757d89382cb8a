/** The real hub and a real mosquitto where Home Assistant's broker would be. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { freePort, furnishedFolder, type HubFolder, type HubProcess, site, startHubProcess } from "../support/hub-process.ts";
import { until } from "../support/terminal.ts";

const ours = (kind: string) => `homeassistant/device/koprade_${site}_${kind}/config`;
let dir: string;
let folder: HubFolder;
let port = 0;
let broker: ChildProcess;
let ha: MqttClient;
let hub: HubProcess;
/** what Home Assistant has heard, the last of each topic; an empty one means that it is gone */
const heard = new Map<string, { readonly text: string; readonly live: boolean; readonly times: number }>();
const textOf = (topic: string): string => heard.get(topic)?.text ?? "";

async function startBroker(): Promise<void> {
  broker = spawn("mosquitto", ["-c", join(dir, "mosquitto.conf")], { stdio: ["ignore", "ignore", "pipe"] });
  await until("mosquitto runs", () => broker.exitCode === null, 5000);
  ha = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, reconnectPeriod: 200 });
  ha.on("message", (topic, bytes, packet) => {
    const before = heard.get(topic);
    heard.set(topic, { text: bytes.toString(), live: !packet.retain, times: (before?.times ?? 0) + 1 });
  });
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-ha-"));
  port = await freePort();
  await writeFile(join(dir, "mosquitto.conf"), `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  folder = await furnishedFolder(join(dir, "data"), async ({ change }) => {
    await change.addNode({ node: "node-1", kind: "mixed" }, "cli:test");
    await change.addDoor({ door: "front", node: "node-1", ch: "door", label: "Front", failMode: "secure" }, "cli:test");
    const machine = {
      machine: "laser-1",
      node: "node-1",
      ch: "laser",
      label: "Lāzers",
      riskClass: "B" as const,
      cutHazard: false,
      course: null,
    };
    await change.addMachine(machine, "cli:test");
  });
  await writeFile(join(folder.dir, "koprade.yaml"), stringify({ neighbours: { homeAssistant: { url: `mqtt://127.0.0.1:${port}` } } }));
}, 60_000);
afterAll(async () => {
  await hub.stop();
  await ha.endAsync(true);
  broker.kill();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

test("a hub whose neighbour is away starts and answers; later the neighbour is told everything", async () => {
  hub = await startHubProcess(folder);
  expect((await fetch(`${hub.url}/api/health`, { signal: AbortSignal.timeout(5000) })).ok).toBe(true);
  await startBroker();
  await ha.publishAsync(ours("machine_gone"), JSON.stringify({ device: {} }), { retain: true, qos: 1 });
  await ha.publishAsync("homeassistant/device/somebody-elses/config", "{}", { retain: true, qos: 1 });
  await ha.subscribeAsync(["homeassistant/#", "koprade-status/#"], { qos: 1 });
  await until("the laser is told of", () => textOf(`koprade-status/${site}/machine/laser-1`) !== "", 30_000);
  expect(JSON.parse(textOf(ours("machine_laser-1")))).toMatchObject({ device: { name: "Lāzers", via_device: `koprade_${site}_hub` } });
  expect(JSON.parse(textOf(`koprade-status/${site}/machine/laser-1`))).toMatchObject({ state: "unknown", power_w: null });
  expect([textOf(`koprade-status/${site}/hub`), textOf(ours("door_front")) !== ""]).toEqual(["online", true]);
  await until("what is gone is taken back", () => textOf(ours("machine_gone")) === "", 15_000);
  expect(textOf("homeassistant/device/somebody-elses/config")).toBe("{}");
});

test("Home Assistant is told again when it has started, and hears it when the hub vanishes", async () => {
  const before = heard.get(ours("machine_laser-1"))?.times ?? 0;
  await ha.publishAsync("homeassistant/status", "online", { qos: 1 });
  await until("the laser is told of again", () => (heard.get(ours("machine_laser-1"))?.times ?? 0) > before, 15_000);
  await hub.kill();
  await until("the hub is said to be gone", () => textOf(`koprade-status/${site}/hub`) === "offline", 30_000);
});
