/** Zigbee2MQTT, ESPHome and anything with JSON behind a machine: relay, power and energy as their simulators and recordings say them. */
import { describe, expect, it } from "vitest";
import { espHomeFamily } from "../../../hub/hosted/esphome-family.ts";
import type { DeviceAddress, HostedFamily, Request, Sense } from "../../../hub/hosted/family.ts";
import { recogniseDevice } from "../../../hub/hosted/hosted.ts";
import { jsonPathFamily } from "../../../hub/hosted/json-path-family.ts";
import { zigbeeFamily } from "../../../hub/hosted/zigbee-family.ts";
import { simulateEspHome } from "../../../simulators/foreign/esphome.ts";
import { simulateGateway } from "../../../simulators/foreign/json-gateway.ts";
import { createPlug } from "../../../simulators/foreign/plug.ts";
import { createForeignEars } from "../../../simulators/foreign/wire.ts";
import { simulateZigbeePlug } from "../../../simulators/foreign/zigbee2mqtt.ts";
import { createVirtualScheduler } from "../../../simulators/scheduler.ts";
import { testFamily } from "../../support/family-suite.ts";

const at = (name: string, options: Readonly<Record<string, string>> = {}): DeviceAddress => ({ name, channel: 0, options });
const gatewayMap = {
  paths: { power_w: "meter.P", energy_wh: "meter.E_kWh", voltage_v: "meter.U" },
  factors: { energy_wh: 1000 },
};

testFamily({
  family: zigbeeFamily,
  fixture: "zigbee2mqtt",
  addressOf: (topic) => (topic.startsWith("zigbee2mqtt") ? at(topic.split("/").slice(0, 2).join("/")) : null),
  address: at("zigbee2mqtt/plug"),
  knows: ["on", "off", "refresh", "ask"],
});

testFamily({
  family: espHomeFamily,
  fixture: "esphome_ha_discovery",
  addressOf: (topic) => (/^(esp-|0AFFD2\/)/.test(topic) ? at(topic.split("/")[0] ?? "", { power: "laser_power" }) : null),
  address: at("plug-1"),
  knows: ["on", "off", "refresh"],
});
// what others recorded, read by a map of a person's own
const plugMap = {
  paths: { power_w: "power", energy_wh: "energy", voltage_v: "voltage", online: "up", job_state: "st", job_percent: "pct" },
  factors: { energy_wh: 1000 },
};
testFamily({
  family: jsonPathFamily,
  fixture: "zigbee2mqtt",
  addressOf: (topic) => (topic.startsWith("zigbee2mqtt") ? at(topic, { map: JSON.stringify(plugMap) }) : null),
  address: at("zigbee2mqtt/plug", { map: JSON.stringify(plugMap) }),
  knows: [],
});

function playing(family: HostedFamily, address: DeviceAddress) {
  const scheduler = createVirtualScheduler();
  const wire = createForeignEars();
  let loadW = 600;
  const plug = createPlug({ scheduler, loadW: () => loadW });
  const device = family.open(address);
  const senses: Sense[] = [];
  let heard = 0;
  const take = () => {
    for (const { topic, payload } of wire.said.slice(heard))
      senses.push(...device.hear({ kind: "mqtt", topic, payload, retained: false }, scheduler.nowMs()));
    heard = wire.said.length;
  };
  return {
    scheduler,
    wire,
    plug,
    senses,
    load: (watts: number) => {
      loadW = watts;
    },
    order(requests: readonly Request[]) {
      for (const request of requests) if (request.kind === "mqtt") wire.say(request.topic, request.payload);
      take();
    },
    async wait(forMs: number) {
      const untilMs = scheduler.nowMs() + forMs;
      while (scheduler.nowMs() < untilMs) {
        await scheduler.advanceTo(Math.min(untilMs, scheduler.nowMs() + 1000));
        take();
      }
    },
  };
}
const powersIn = (senses: readonly Sense[]) =>
  senses.flatMap((sense) => (sense.kind === "power" && "powerW" in sense ? [sense.powerW] : []));
const energyIn = (senses: readonly Sense[]) =>
  senses.flatMap((sense) => (sense.kind === "power" && typeof sense.energyWh === "number" ? [sense.energyWh] : []));
const relaysIn = (senses: readonly Sense[]) => senses.flatMap((sense) => (sense.kind === "relay" ? [sense.on] : []));

describe("a Zigbee plug", () => {
  const address = at("zigbee2mqtt/plug");
  it("has no false zero while it works, and nothing while it is off, though it says 33 W", async () => {
    const it = playing(zigbeeFamily, address);
    simulateZigbeePlug({ ...it, seed: 5, falseZeroIn: 4 });
    it.order(zigbeeFamily.orders({ kind: "on", forS: 900 }, address));
    await it.wait(300_000);
    expect(it.wire.said.filter(({ payload }) => payload.includes('"power":0,"')).length).toBeGreaterThan(3);
    const fromWork = powersIn(it.senses).slice(powersIn(it.senses).indexOf(600));
    expect(fromWork.filter((watts) => watts === 0)).toEqual([]);
    expect(fromWork.length).toBeGreaterThan(15);
    expect(it.plug.isOn()).toBe(true);
    it.order(zigbeeFamily.orders({ kind: "off" }, address));
    expect(it.senses.slice(-3, -1)).toMatchObject([
      { kind: "relay", on: false },
      { kind: "power", powerW: null },
    ]);
    expect(energyIn(it.senses).at(-1)).toBeCloseTo(it.plug.energyWh(), -1);
  });
  it("falls by itself when nobody says on again", async () => {
    const it = playing(zigbeeFamily, address);
    simulateZigbeePlug({ ...it, seed: 5 });
    it.order(zigbeeFamily.orders({ kind: "on", forS: 120 }, address));
    await it.wait(100_000);
    it.order(zigbeeFamily.orders({ kind: "refresh", forS: 120 }, address));
    await it.wait(100_000);
    expect(it.plug.isOn()).toBe(true);
    await it.wait(30_000);
    expect(it.plug.isOn()).toBe(false);
    expect(relaysIn(it.senses).at(-1)).toBe(false);
  });
  it("knows neither relay nor energy at first, and says the same one value a topic", async () => {
    const it = playing(zigbeeFamily, address);
    simulateZigbeePlug({ ...it, seed: 5, attributes: true });
    await it.wait(1000);
    expect(relaysIn(it.senses)).toEqual([]);
    expect(energyIn(it.senses)).toEqual([]);
    it.order(zigbeeFamily.orders({ kind: "on", forS: 600 }, address));
    await it.wait(60_000);
    expect(relaysIn(it.senses).at(-1)).toBe(true);
    expect(powersIn(it.senses).at(-1)).toBe(600);
  });
  it("is recognised by what only Zigbee2MQTT says", () => {
    expect(recogniseDevice("zigbee2mqtt/mill", '{"linkquality":40,"power":3,"state":"ON"}')).toEqual({
      family: "zigbee2mqtt",
      name: "zigbee2mqtt/mill",
    });
    expect(recogniseDevice("zigbee2mqtt/mill/set", '{"state":"ON"}')).toBeNull();
  });
});

describe("an ESPHome plug", () => {
  const address = at("plug-1");
  it("is held by its lease, lets go without it, and knows nothing right after a start", async () => {
    const it = playing(espHomeFamily, address);
    const sim = simulateEspHome({ ...it });
    await it.wait(1000);
    expect(powersIn(it.senses)).toEqual([null]);
    it.order(espHomeFamily.orders({ kind: "on", forS: 60 }, address));
    await it.wait(50_000);
    expect([it.plug.isOn(), powersIn(it.senses).at(-1)]).toEqual([true, 600]);
    it.order(espHomeFamily.orders({ kind: "refresh", forS: 60 }, address));
    await it.wait(50_000);
    expect(it.plug.isOn()).toBe(true);
    const before = energyIn(it.senses).at(-1) ?? 0;
    expect(before).toBeCloseTo(it.plug.energyWh(), -1);
    sim.reboot();
    await it.wait(20_000);
    expect(it.plug.isOn()).toBe(false);
    expect(energyIn(it.senses).at(-1)).toBeLessThan(before); // its counter began again; the core takes that for a fall
    it.order(espHomeFamily.orders({ kind: "on", forS: 60 }, address));
    await it.wait(61_000);
    expect(relaysIn(it.senses).at(-1)).toBe(false);
  });
  it("uses the object names it was given, and the unit", () => {
    const device = espHomeFamily.open(at("p", { power: "cse_power", energy: "total", energyUnit: "Wh" }));
    const hear = (topic: string, payload: string) => device.hear({ kind: "mqtt", topic, payload, retained: false }, 0);
    expect(hear("p/sensor/cse_power/state", "12.5")).toEqual([{ kind: "power", powerW: 12.5 }]);
    expect(hear("p/sensor/total/state", "345")).toEqual([{ kind: "power", energyWh: 345 }]);
    expect(hear("p/sensor/power/state", "1")).toEqual([]);
    expect(recogniseDevice("workshop/p/sensor/power/state", "1")).toEqual({ family: "esphome", name: "workshop/p" });
  });
});

describe("anything that sends JSON", () => {
  const address = at("gateway/sdm120", { map: JSON.stringify(gatewayMap) });
  it("is an SDM behind a gateway, in watt-hours, and nothing while the meter is silent", async () => {
    const it = playing(jsonPathFamily, address);
    const gateway = simulateGateway({ ...it });
    it.plug.set(true);
    await it.wait(600_000);
    expect(it.senses.at(-1)).toMatchObject({ kind: "power", powerW: 600, voltageV: 230.4 });
    expect(energyIn(it.senses).at(-1)).toBeCloseTo(100, 0);
    gateway.meterAnswers(false);
    await it.wait(1000);
    expect(it.senses.at(-1)).toEqual({ kind: "power", powerW: null, energyWh: null, voltageV: null });
  });
  it("tells a job by its words, and nothing by words it does not know", () => {
    const map = { paths: { job_state: "st", job: "file", job_percent: "pct", online: "up" } };
    const device = jsonPathFamily.open(at("cnc", { map: JSON.stringify(map) }));
    const hear = (payload: object) => device.hear({ kind: "mqtt", topic: "cnc", payload: JSON.stringify(payload), retained: false }, 0);
    expect(hear({ st: "Printing", file: "a.nc", pct: 12, up: true })).toEqual([
      { kind: "availability", online: true },
      { kind: "job", state: "printing", job: "a.nc", percent: 12, remainingS: null, tempC: null },
    ]);
    expect(hear({ st: "dancing" })).toEqual([]);
  });
  it.each(["", "{}", "[]", "nonsense", '{"paths":{"power_w":7}}'])("is deaf with the map %j, and does not throw", (map) => {
    const device = jsonPathFamily.open(at("x", { map }));
    expect(device.hear({ kind: "mqtt", topic: "x", payload: '{"a":1}', retained: false }, 0)).toEqual([]);
  });
});
