/**
 * ESPHome starts again every 15 minutes where nobody uses its own API (design notes C5): its relay is off then and its counter at zero.
 * What the host makes of six hours of that, in virtual time.
 */
import { expect, it } from "vitest";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import type { Clock } from "../../../devices/kit/ports.ts";
import { HostedDevice } from "../../../hub/host/hosted-device.ts";
import { countEnergy } from "../../../hub/host/hosted-energy.ts";
import { socketTraits } from "../../../hub/hosted/energy-reader.ts";
import { espHomeFamily } from "../../../hub/hosted/esphome-family.ts";
import { countsOf } from "../../../hub/hosted/family.ts";
import { simulateEspHome } from "../../../simulators/foreign/esphome.ts";
import { createPlug } from "../../../simulators/foreign/plug.ts";
import { createForeignPatch } from "../../../simulators/foreign/wire.ts";
import { createVirtualScheduler } from "../../../simulators/scheduler.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const address = { name: "plug-1", channel: 0, options: {} };
const minute = 60_000;

function world(rebootMs: number | null) {
  const scheduler = createVirtualScheduler();
  const clock: Clock = {
    nowMs: scheduler.nowMs,
    monoMs: scheduler.nowMs,
    after: (_name, delayMs, run) => scheduler.after(delayMs, run),
    every(_name, periodMs, run) {
      let cancel = (): void => undefined;
      const again = (): void => {
        cancel = scheduler.after(periodMs, () => {
          run();
          again();
        });
      };
      again();
      return () => cancel();
    },
  };
  const switched: boolean[] = [];
  const plug = createPlug({ scheduler, loadW: () => 900, onSwitch: (on) => switched.push(on) });
  const wire = createForeignPatch((topic, payload) => device.hear({ kind: "mqtt", topic, payload, retained: false }));
  const device: HostedDevice = new HostedDevice({
    ...{ account: "plug-1", family: espHomeFamily, address, deadManS: 300, clock, log: quiet, isRelay: true },
    send: (request) => request.kind === "mqtt" && wire.say(request.topic, request.payload),
  });
  const traits = countsOf(espHomeFamily, address) ?? socketTraits;
  const counter = countEnergy({ device: "plug-1", traits, files: createMemoryFiles(), clock, log: quiet, onDoubt: () => undefined });
  const fallen: string[] = [];
  device.listen({ onEnergy: counter.hear, onFallen: (why) => fallen.push(why) });
  const sim = simulateEspHome({ wire, plug, scheduler, rebootMs });
  clock.every("meter", 1000, () => counter.totalWh(device.isOnline())); // as its machine asks
  clock.every("dead-man", 75_000, () => device.refresh());
  return { scheduler, device, plug, counter, sim, fallen, switched };
}
const on = (device: HostedDevice) => device.on(() => undefined);

it("each restart ends what was on, and nothing but a person's tap puts it on again; of each four seconds of energy are missing at most", async () => {
  const { scheduler, device, plug, counter, fallen, switched } = world(15 * minute);
  await scheduler.advanceTo(minute);
  let taps = 0;
  for (let at = 5; at < 360; at += 15) {
    await scheduler.advanceTo(at * minute);
    expect(plug.isOn()).toBe(false);
    on(device);
    taps += 1;
    await scheduler.advanceTo((at + 1) * minute);
    expect(plug.isOn()).toBe(true);
  }
  await scheduler.advanceTo(370 * minute);
  expect([fallen.length, switched.filter((is) => is).length]).toEqual([taps, taps]);
  const [saidWh, truthWh] = [Number(counter.totalWh(false)), plug.energyWh()];
  console.log(`six hours with ${taps} restarts: ${saidWh.toFixed(0)} of ${truthWh.toFixed(0)} Wh`);
  expect(truthWh).toBeGreaterThan(3000);
  expect(Math.abs(saidWh - truthWh)).toBeLessThan((taps * (4 * 900)) / 3600);
  expect(Number(counter.report()?.uncertainWh)).toBeLessThan(truthWh * 0.05);
});

it("a connection that is lost and comes back ends nothing, and where it is told not to restart it is on for as long as it is wanted", async () => {
  const { scheduler, device, plug, sim, fallen, counter } = world(null);
  await scheduler.advanceTo(minute);
  on(device);
  for (let at = 2; at < 240; at += 10) {
    await scheduler.advanceTo(at * minute);
    sim.reconnect();
  }
  expect([plug.isOn(), fallen]).toEqual([true, []]);
  await scheduler.advanceTo(241 * minute);
  expect(Math.abs(Number(counter.totalWh(false)) - plug.energyWh())).toBeLessThan(3);
});
