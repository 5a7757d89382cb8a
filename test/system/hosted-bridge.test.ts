/**
 * A laser behind a Tasmota plug that stays at the space's own mosquitto: the host is a client there, with an account that may read what the
 * plug says and write what it hears. Whole sessions pass; nothing of Koprade's goes there, nothing comes back, and a broker that is away is shown.
 */
import { join } from "node:path";
import { connect, connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bridgeAccess } from "../../hub/host/bridge-access.ts";
import { readHostStatus } from "../../hub/host/status-file.ts";
import { plugTasmota, type TasmotaPlug } from "../../simulators/foreign/tasmota.ts";
import { koprade } from "../support/command-line.ts";
import { by, deviceRow, type HostedSpace, openHostedSpace, pause, until } from "../support/hosted-space.ts";
import { slowdown } from "../support/slowdown.ts";
import { type SpaceBroker, startSpaceBroker } from "../support/space-broker.ts";

const ada = "04A23B1C5D6E80";
const accounts = { watcher: "watcher-password", plug: "plug-password", bridge: "bridge-password" };
const row = deviceRow({
  account: "laser-plug",
  family: "tasmota",
  name: "laser-plug",
  parts: ["relay", "meter", "reader"],
  secretHash: null,
});
const ours = bridgeAccess("bridge", [row]);
const acl = `user plug\ntopic readwrite +/laser-plug/#\nuser watcher\ntopic read #\n${ours.join("\n")}\n`;
let url: string;
let broker: SpaceBroker;
let space: HostedSpace;
let plug: TasmotaPlug;
let watcher: MqttClient;
const seen: { topic: string; retain: boolean }[] = [];

const online = () => readHostStatus(join(space.dir, "hosted"))?.devices.find(({ account }) => account === "laser-plug")?.online;
const count = (kind: string) => space.kinds("laser-plug").filter((one) => one === kind).length;

beforeAll(async () => {
  broker = await startSpaceBroker(accounts, acl);
  url = broker.url;
  watcher = await connectAsync(url, { username: "watcher", password: accounts.watcher, reconnectPeriod: 200 });
  watcher.on("message", (topic, _payload, { retain }) => seen.push({ topic, retain }));
  await watcher.subscribeAsync("#");
  space = await openHostedSpace({
    bridge: { url, username: "bridge", password: accounts.bridge },
    async furnish({ change }) {
      await change.addPlan({ plan: "member", label: "Member", always: true }, by);
      await change.addNode({ node: "laser-plug", kind: "hosted", label: "Laser" }, by);
      const settings = { profile: "laser", onW: 180, offW: 95, minOffMs: 1000, busyHoldMs: 1000, startGuardMs: 0 };
      const machine = { machine: "laser-1", node: "laser-plug", ch: "machine", label: "Laser", riskClass: "B", cutHazard: false } as const;
      await change.addMachine({ ...machine, course: null, settings, graceMs: 500 }, by);
      const { member } = await change.addMember({ displayName: "Ada" }, by);
      await change.assignCard({ member, card: { number: `iso14443a:${ada}` }, label: "fob" }, by);
      await change.setMembership({ member, plan: "member", from: "2025-01-01", validThrough: null }, by);
    },
    files: [
      {
        ...{ node: "laser-plug", kind: "machine", ch: "machine", permit: "hold", deadManS: 20 },
        devices: [row],
      },
    ],
  });
  plug = plugTasmota({ url, topic: "laser-plug", username: "plug", password: accounts.plug, loadW: () => 10, periodMs: 300 });
  await until("the node to be there", () =>
    space
      .stack()
      .hub.live.nodes()
      .some(({ status }) => status === "online"),
  );
  await until("its settings", () => plug.setting("PowerOnState") === "0");
  await pause(1200); // a card on a reader that is only just starting counts as forgotten there
}, 120_000);

afterAll(async () => {
  await plug?.close();
  await watcher?.endAsync(true);
  await space?.close();
  await broker?.close();
});

async function session(): Promise<void> {
  const before = count("mach.session_closed");
  plug.card(ada);
  await until("the relay", () => plug.isOn());
  await until("the session", () => count("mach.session_started") > before);
  await pause(1500 * slowdown()); // the same card within a second is the same tap
  plug.card(ada);
  await until("the end of the session", () => count("mach.session_closed") === before + 1);
  await until("the relay to fall", () => !plug.isOn());
}

test("a session passes over the space's own broker, and nothing but orders to the plug goes there", async () => {
  await until("the plug to be heard", () => online() === true);
  await session();
  expect(seen.filter(({ topic }) => !/^(tele|stat|cmnd)\/laser-plug\//.test(topic))).toEqual([]);
  expect(seen.filter(({ topic, retain }) => topic.startsWith("cmnd/") && retain)).toEqual([]);
  expect(seen.some(({ topic }) => topic.startsWith("cmnd/"))).toBe(true);
});

test("`koprade mosquitto --bridge` prints what the plug says and hears for its access list, and nothing of ours", async () => {
  expect(await koprade("mosquitto", "--bridge", "bridge", "--data", space.dir)).toEqual({ code: 0, said: `${ours.join("\n")}\n` });
  expect(ours.slice(1).filter((line) => !/^topic (read|write) (tele|stat|cmnd)\/laser-plug\/[\w#]+$/.test(line))).toEqual([]);
  expect((await koprade("mosquitto", "--bridge", "two words", "--data", space.dir)).said).toContain("such as koprade");
  expect((await koprade("mosquitto", "--bridge", "bridge", "--data", join(space.dir, "nothing"))).said).toContain("koprade node adopt");
});

test("nothing goes round: orders are not heard as words of the plug, and the same plug has no second way in", async () => {
  const before = count("access.decided");
  const plugsOwn = await connectAsync(url, { username: "plug", password: accounts.plug, reconnectPeriod: 0 });
  // what a careless bridge would bring back: an order, and a card in a topic that is not the plug's word
  plugsOwn.publish("cmnd/laser-plug/POWER", "OFF");
  plugsOwn.publish("cmnd/laser-plug/SENSOR", JSON.stringify({ PN532: { UID: ada } }));
  const at = seen.length;
  await pause(1500);
  const orders = seen.slice(at).filter(({ topic }) => topic.startsWith("cmnd/"));
  expect(orders.length).toBeLessThan(10);
  expect([count("access.decided"), plug.isOn()]).toEqual([before, false]);
  const direct = connect(space.url, { username: "laser-plug", password: accounts.plug, reconnectPeriod: 0 });
  const refusal = await new Promise<string>((resolve) => direct.once("error", ({ message }) => resolve(message)));
  direct.end(true);
  expect(refusal).toMatch(/refused|not authorized|bad user/i);
  await plugsOwn.endAsync(true);
});

test("what the broker had kept means nothing: no card, no relay, no energy, no setting of it counts", async () => {
  const told = ["access.decided", "mach.manual_bypass", "mach.meter_doubt", "mach.session_started"];
  const before = told.map(count);
  const energy = () => readHostStatus(join(space.dir, "hosted"))?.devices[0]?.energy?.totalWh ?? 0;
  const beforeWh = energy();
  await broker.stop();
  await until("the bridge to be shown as down", () => online() === false, 15_000);
  await broker.start();
  const plugsOwn = await connectAsync(url, { username: "plug", password: accounts.plug, reconnectPeriod: 0 });
  const kept = {
    "tele/laser-plug/SENSOR": { PN532: { UID: ada }, ENERGY: { Total: 999_999, Power: 3000 } },
    "tele/laser-plug/STATE": { POWER: "ON", UptimeSec: 1 },
    "stat/laser-plug/RESULT": { POWER: "ON", PowerOnState: 3 },
    "tele/laser-plug/INFO3": { Info3: { RestartReason: "Power On" } },
  };
  for (const [topic, body] of Object.entries(kept)) await plugsOwn.publishAsync(topic, JSON.stringify(body), { retain: true });
  await plugsOwn.publishAsync("stat/laser-plug/POWER", "ON", { retain: true });
  await until("the plug to be heard again", () => online() === true, 30_000);
  await pause(700);
  await pause(10_500); // how its energy stands is written down now and then
  expect([...told.map(count), plug.isOn()]).toEqual([...before, false]);
  expect(energy()).toBeLessThan(beforeWh + 100);
  for (const topic of [...Object.keys(kept), "stat/laser-plug/POWER"]) await plugsOwn.publishAsync(topic, "", { retain: true });
  await plugsOwn.endAsync(true);
  await session();
}, 90_000);
