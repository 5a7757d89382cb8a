/**
 * What strangers, faulty devices and one bad device may cost at the port for foreign devices: wrong frames, floods, silence, half packets,
 * another's topics, wills, leftovers. Meanwhile a plug beside them has its session, hears nobody but the host, and loses nothing.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDiscovery, openDiscovery } from "../../hub/host/discovery.ts";
import { readHostStatus } from "../../hub/host/status-file.ts";
import { plugTasmota, type TasmotaPlug } from "../../simulators/foreign/tasmota.ts";
import { by, deviceRow, type HostedSpace, openHostedSpace, password, pause, until } from "../support/hosted-space.ts";
import { connectFrame, crashFrames, fuzz, publishFrame, subscribeFrame, talk } from "../support/mqtt-fuzz.ts";

const ada = "04A23B1C5D6E80";
const bad = { clientId: "bad", username: "bad-plug", password };
let space: HostedSpace;
let plug: TasmotaPlug;
let port: number;
let hostPid: number | undefined;
const sockets: Socket[] = [];

beforeAll(async () => {
  space = await openHostedSpace({
    async furnish({ change }) {
      await change.addPlan({ plan: "member", label: "Member", always: true }, by);
      await change.addNode({ node: "laser-plug", kind: "hosted", label: "Laser" }, by);
      const machine = { machine: "laser-1", node: "laser-plug", ch: "machine", label: "Laser", course: null } as const;
      await change.addMachine({ ...machine, riskClass: "C", cutHazard: false, settings: { profile: "laser" }, graceMs: 500 }, by);
      const { member } = await change.addMember({ displayName: "Ada" }, by);
      await change.assignCard({ member, card: { number: `iso14443a:${ada}` }, label: "fob" }, by);
      await change.setMembership({ member, plan: "member", from: "2025-01-01", validThrough: null }, by);
    },
    files: [
      {
        ...{ node: "laser-plug", kind: "machine", ch: "machine", permit: "hold", deadManS: 60 },
        devices: [
          deviceRow({ account: "laser-plug", family: "tasmota", name: "laser-plug", parts: ["relay", "meter", "reader"] }),
          deviceRow({ account: "bad-plug", family: "tasmota", name: "bad-plug", parts: ["reader"] }),
        ],
      },
    ],
  });
  port = Number(new URL(space.url).port);
  hostPid = space.host().pid();
  plug = plugTasmota({ url: space.url, topic: "laser-plug", username: "laser-plug", password, loadW: () => 10, periodMs: 300 });
  await until("the node to be there", () =>
    space
      .stack()
      .hub.live.nodes()
      .some(({ status }) => status === "online"),
  );
  await until("its settings", () => plug.setting("PowerOnState") === "0");
  await pause(1200); // a card on a reader that is only just starting counts as forgotten there
  plug.card(ada);
  await until("the relay", () => plug.isOn());
  await until("the session", () => open().length === 1);
}, 60_000);

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await plug?.close();
  await space?.close();
});

const open = () => space.ledger().read.sessions({ machine: "laser-1", limit: 10 });
const kinds = () => space.kinds("laser-plug").filter((kind) => !kind.startsWith("node.") && kind !== "mach.powered");
const badPlug = (more: object = {}): Promise<MqttClient> =>
  connectAsync(space.url, { username: "bad-plug", password, protocolVersion: 4, reconnectPeriod: 0, ...more });

/** After whatever happened: the same host, the plug's connection never ended, its session goes on, and nobody had a word in it. */
async function undisturbed(what: () => Promise<void>): Promise<void> {
  const before = kinds();
  let wasDown = false;
  const watch = setInterval(() => {
    wasDown ||= !plug.isUp();
  }, 20);
  await what();
  clearInterval(watch);
  expect([wasDown, plug.isOn(), space.host().pid()]).toEqual([false, true, hostPid]);
  expect(open().map(({ endedMs }) => endedMs)).toEqual([null]);
  expect(kinds()).toEqual(before);
}

function socketTo(): { readonly socket: Socket; readonly isClosed: () => boolean } {
  let isClosed = false;
  const socket = connectTcp({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isClosed = true;
  });
  socket.resume();
  sockets.push(socket);
  return { socket, isClosed: () => isClosed };
}

test(
  "3,000 seeded wrong frames, and those that ended a broker once, disturb nobody",
  () =>
    undisturbed(async () => {
      for (const { bytes } of crashFrames(bad, "tele/bad-plug/SENSOR")) await talk(port, [bytes], 10);
      const topics = [
        "tele/bad-plug/SENSOR",
        "stat/bad-plug/RESULT",
        "tele/laser-plug/LWT",
        "cmnd/laser-plug/POWER",
        "$SYS/x/new/clients",
        "",
      ];
      const done = await fuzz({ port, seed: 11, frames: 3000, accounts: [bad, { ...bad, username: "nobody" }], topics: () => topics });
      console.log(`${done.frames} frames in ${done.connections} connections, refused ${JSON.stringify(status()?.refused)}`);
    }),
  90_000,
);

const status = () => readHostStatus(join(space.dir, "hosted"));

test(
  "silence, half packets and lies about length are ended in time",
  () =>
    undisturbed(async () => {
      const whole = connectFrame(bad);
      const slow = Array.from({ length: 30 }, () => socketTo());
      const timer = setInterval(() => {
        for (const [i, { socket, isClosed }] of slow.entries()) if (i % 2 === 1 && !isClosed()) socket.write(whole.subarray(0, 1));
      }, 1000);
      const liars = Array.from({ length: 10 }, () => socketTo());
      for (const { socket } of liars) socket.write(Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(60_000)]));
      await until("the liars are out", () => liars.every(({ isClosed }) => isClosed()), 3000);
      await until("the silent are out", () => slow.every(({ isClosed }) => isClosed()), 12_000);
      clearInterval(timer);
    }),
  60_000,
);

test(
  "a device that floods, or sends more than any device has to say, is out at once",
  () =>
    undisturbed(async () => {
      const flood = socketTo();
      const word = publishFrame("tele/bad-plug/SENSOR", Buffer.from("{}"));
      flood.socket.write(connectFrame(bad));
      const from = performance.now();
      for (let i = 0; i < 100 && !flood.isClosed(); i += 1) {
        flood.socket.write(Buffer.concat(Array.from({ length: 50 }, () => word)));
        await pause(10);
      }
      await until("the flood is out", flood.isClosed, 3000);
      console.log(`a flood was out after ${Math.round(performance.now() - from)} ms`);
      const before = status()?.refused["not-yours"] ?? 0;
      for (const bytes of [33_000, 70_000]) {
        const big = await badPlug();
        big.on("error", () => undefined);
        big.publish("tele/bad-plug/SENSOR", Buffer.alloc(bytes, 0x20));
        await until(`${bytes} bytes are refused`, () => !big.connected, 3000);
        big.end(true);
      }
      expect(status()?.refused["not-yours"] ?? 0).toBe(before);
    }),
  60_000,
);

test(
  "nobody says anything in the name of another or of the hub: not as a device, not as a stranger, not with a will",
  () =>
    undisturbed(async () => {
      const orders = [
        ["cmnd/laser-plug/POWER1", "OFF"],
        ["tele/laser-plug/LWT", "Offline"],
        ["stat/laser-plug/POWER", "OFF"],
        ["cmnd/tasmotas/POWER1", "OFF"],
      ] as const;
      for (const [topic, payload] of orders) {
        const device = await badPlug();
        device.on("error", () => undefined);
        device.publish(topic, payload);
        await until(`${topic} is refused`, () => !device.connected, 3000);
        device.end(true);
        const dying = await badPlug({ will: { topic, payload: Buffer.from(payload), qos: 0, retain: true } });
        dying.on("error", () => undefined);
        dying.stream.destroy();
      }
      openDiscovery(join(space.dir, "hosted"), Date.now() + 60_000);
      let isOpen = false;
      for (let i = 0; i < 100 && !isOpen; i += 1) {
        await pause(100);
        const first = await connectAsync(space.url, { username: "any", password: "any", reconnectPeriod: 0 }).catch(() => null);
        isOpen = first !== null;
        first?.end(true);
      }
      expect(isOpen).toBe(true);
      for (const [topic, payload] of orders) {
        const will = { topic, payload: Buffer.from(payload), qos: 0, retain: true } as const;
        const stranger = await connectAsync(space.url, { username: "any", password: "any", protocolVersion: 4, reconnectPeriod: 0, will });
        stranger.on("error", () => undefined);
        const heard: string[] = [];
        stranger.on("message", (at) => heard.push(at));
        await stranger.subscribeAsync("#").catch(() => undefined);
        stranger.publish(topic, payload, { retain: true });
        await pause(400);
        expect(heard).toEqual([]);
        stranger.stream.destroy();
      }
      closeDiscovery(join(space.dir, "hosted"));
      await pause(500);
    }),
  60_000,
);

test(
  "nothing is kept for whoever comes later, and nobody may listen to more than its own",
  () =>
    undisturbed(async () => {
      const first = await badPlug();
      await first.publishAsync("tele/bad-plug/LWT", "Online", { retain: true, qos: 1 });
      await first.endAsync();
      const [later] = [socketTo()];
      const got: Buffer[] = [];
      later.socket.on("data", (bytes: Buffer) => got.push(bytes));
      later.socket.write(Buffer.concat([connectFrame(bad), subscribeFrame(1, ["#", "tele/bad-plug/#", "cmnd/laser-plug/#"])]));
      await pause(2500);
      const text = Buffer.concat(got).toString("latin1");
      expect(text).not.toContain("Online");
      expect(text).not.toContain("laser-plug");
      for (let i = 0; i < 30; i += 1) later.socket.write(subscribeFrame(i + 2, [`a/${i}`]));
      await until("more filters than a device has to be refused", () => (status()?.refused.subscriptions ?? 0) > 0, 5000);
      later.socket.destroy();
    }),
  60_000,
);

test("after all of it the card that began the session ends it", async () => {
  plug.card(ada);
  await until("the relay to fall", () => !plug.isOn());
  await until("the end of the session", () => open().every(({ endedMs }) => endedMs !== null));
});
