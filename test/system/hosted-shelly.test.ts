/** Shelly plugs behind machines, their cards at a Tasmota reader beside them: two devices, one machine. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { plugShellyGen1, plugShellyGen2, type ShellyPlug } from "../../simulators/foreign/shelly.ts";
import { plugTasmota, type TasmotaPlug } from "../../simulators/foreign/tasmota.ts";
import { by, deviceRow, type HostedSpace, openHostedSpace, password, pause, until } from "../support/hosted-space.ts";

const ada = "04A23B1C5D6E80";
const deadManS = 5;
const machines = ["gen1", "gen2"] as const;
let space: HostedSpace;
const plugs = new Map<string, ShellyPlug>();
const readers = new Map<string, TasmotaPlug>();

beforeAll(async () => {
  space = await openHostedSpace({
    async furnish({ change }) {
      await change.addPlan({ plan: "member", label: "Member", always: true }, by);
      for (const id of machines) {
        await change.addNode({ node: `node-${id}`, kind: "hosted" }, by);
        const what = {
          label: id,
          riskClass: "C",
          cutHazard: false,
          course: null,
          graceMs: 500,
          settings: { minOffMs: 1000, busyHoldMs: 1000 },
        } as const;
        await change.addMachine({ machine: `machine-${id}`, node: `node-${id}`, ch: "machine", ...what }, by);
      }
      const { member } = await change.addMember({ displayName: "Ada" }, by);
      await change.assignCard({ member, card: { number: `iso14443a:${ada}` }, label: "fob" }, by);
      await change.setMembership({ member, plan: "member", from: "2025-01-01", validThrough: null }, by);
    },
    files: machines.map((id) => ({
      ...{ node: `node-${id}`, kind: "machine", ch: "machine", permit: "hold", deadManS },
      devices: [
        deviceRow({
          ...{ account: `plug-${id}`, family: `shelly-${id}`, name: `plug-${id}`, parts: ["relay", "meter"] },
          options: { maxW: "40000" }, // three phases, which no socket carries
        }),
        deviceRow({ account: `reader-${id}`, family: "tasmota", name: `reader-${id}`, parts: ["reader"] }),
      ],
    })),
  });
  for (const id of machines) {
    const given = { url: space.url, name: `plug-${id}`, username: `plug-${id}`, password, loadW: () => 36_000, periodMs: 500 };
    plugs.set(id, id === "gen1" ? plugShellyGen1({ ...given, autoOffS: deadManS }) : plugShellyGen2(given));
    readers.set(
      id,
      plugTasmota({ url: space.url, topic: `reader-${id}`, username: `reader-${id}`, password, loadW: () => 0, periodMs: 1000 }),
    );
  }
  await until(
    "the nodes",
    () =>
      space
        .stack()
        .hub.live.nodes()
        .filter(({ status }) => status === "online").length === 2,
  );
  await pause(2000);
}, 60_000);

afterAll(async () => {
  for (const each of [...plugs.values(), ...readers.values()]) await each.close();
  await space?.close();
});

test.each(machines)(
  "a session at a %s: kept on past its dead-man, its energy the plug's own, and off for good when the power was away",
  async (id) => {
    const [plug, reader] = [plugs.get(id), readers.get(id)];
    if (plug === undefined || reader === undefined) throw new Error("no plug");
    const sessions = () => space.ledger().read.sessions({ machine: `machine-${id}`, limit: 10 });
    const open = () => sessions().filter(({ endedMs }) => endedMs === null);
    expect(plug.isOn()).toBe(false);
    reader.card(ada);
    await until("the relay", () => plug.isOn());
    await pause(deadManS * 1000 + 1500);
    expect(plug.isOn()).toBe(true);
    expect(open()).toHaveLength(1);
    plug.cutPower(500);
    await until("the end", () => open().length === 0);
    const [session] = sessions();
    expect(session?.reason).toBe("power_lost");
    expect(session?.energyWh).toBeGreaterThan(plug.truthWh() * 0.6);
    expect(session?.energyWh).toBeLessThan(plug.truthWh() * 1.05);
    await pause(1000);
    expect(plug.isOn()).toBe(false);
  },
  60_000,
);
