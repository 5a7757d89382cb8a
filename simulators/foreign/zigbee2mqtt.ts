/**
 * A Zigbee plug behind Zigbee2MQTT (protocols.md C4): the first report knows neither relay nor energy, now and then an isolated 0 W
 * in a running load (issue 16709), 33 W that stay after it was switched off (issue 17600), power and current not of one instant.
 */
import { type Dice, dice } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Plug } from "./plug.ts";
import type { ForeignWire } from "./wire.ts";

export type ZigbeeSim = { readonly topic: string; join(): void; leave(): void; stop(): void };

export function simulateZigbeePlug(given: {
  readonly wire: ForeignWire;
  readonly plug: Plug;
  readonly scheduler: Scheduler;
  readonly seed: number;
  /** base and name are the user's */
  readonly topic?: string;
  readonly reportMs?: number;
  /** one report in so many is a false zero */
  readonly falseZeroIn?: number;
  /** output: attribute instead of one JSON object */
  readonly attributes?: boolean;
}): ZigbeeSim {
  const { wire, plug, scheduler, topic = "zigbee2mqtt/plug", reportMs = 10_000, falseZeroIn = 15, attributes = false } = given;
  const random: Dice = dice(given.seed, topic);
  let isAlive = true;
  let isFirst = true;
  let lastA = 0;
  let wasFalse = false;
  let cancelOff = (): void => undefined;
  const report = (over: Readonly<Record<string, unknown>> = {}) => {
    const powerW = Math.round(plug.powerW());
    wasFalse = powerW > 0 && !wasFalse && random.chance(1 / falseZeroIn); // isolated: never two in a row
    const said = {
      current: lastA,
      energy: isFirst ? null : Math.round(plug.energyWh() / 10) / 100,
      linkquality: 40 + random.int(0, 130),
      power: wasFalse ? 0 : powerW,
      power_outage_memory: "off",
      state: isFirst ? null : plug.isOn() ? "ON" : "OFF",
      voltage: 228 + random.int(0, 8),
      ...over,
    };
    lastA = Math.round((powerW / 230) * 100) / 100; // the next report has this one's current
    isFirst = false;
    if (!attributes) return wire.publish(topic, JSON.stringify(said));
    for (const [name, value] of Object.entries(said)) wire.publish(`${topic}/${name}`, value === null ? "" : String(value));
  };
  const tick = () => {
    if (!isAlive) return;
    if (plug.isOn() || isFirst) report();
    scheduler.after(reportMs, tick);
  };
  const availability = (state: "online" | "offline") => wire.publish(`${topic}/availability`, JSON.stringify({ state }), true);
  wire.subscribe(`${topic}/set`, (_topic, payload) => {
    const state = /"ON"/.test(payload) ? true : /"OFF"/.test(payload) ? false : null;
    if (state === null || !isAlive) return;
    const onTimeS = Number(/"on_time":(\d+)/.exec(payload)?.[1] ?? 0);
    cancelOff();
    if (state && onTimeS > 0) cancelOff = scheduler.after(onTimeS * 1000, () => switchTo(false));
    switchTo(state);
  });
  wire.subscribe(`${topic}/get`, () => isAlive && report());
  const switchTo = (state: boolean) => {
    const stuckW = Math.round(plug.powerW());
    plug.set(state);
    report(state ? {} : { power: Math.min(stuckW, 33) }); // it keeps the last value; nothing follows
  };
  availability("online");
  scheduler.after(0, tick);
  return {
    topic,
    join() {
      isFirst = true;
      availability("online");
      report();
    },
    leave: () => availability("offline"),
    stop() {
      isAlive = false;
      availability("offline");
    },
  };
}
