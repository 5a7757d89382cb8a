/**
 * A gateway that somebody wrote: reads an SDM or PZEM meter and publishes its registers as JSON, amperes in mA, nulls while the meter
 * does not answer. A stand-in for everything that Koprade reads by paths.
 */
import type { Scheduler } from "../scheduler.ts";
import type { Plug } from "./plug.ts";
import type { ForeignWire } from "./wire.ts";

export type GatewaySim = { readonly topic: string; meterAnswers(does: boolean): void; stop(): void };

export function simulateGateway(given: {
  readonly wire: ForeignWire;
  readonly plug: Plug;
  readonly scheduler: Scheduler;
  readonly topic?: string;
  readonly reportMs?: number;
}): GatewaySim {
  const { wire, plug, scheduler, topic = "gateway/sdm120", reportMs = 1000 } = given;
  let isAlive = true;
  let answers = true;
  const tick = () => {
    if (!isAlive) return;
    const powerW = plug.powerW();
    const registers = answers
      ? { P: Math.round(powerW * 10) / 10, U: 230.4, I_mA: Math.round((powerW / 230.4) * 1000), E_kWh: Math.round(plug.energyWh()) / 1000 }
      : { P: null, U: null, I_mA: null, E_kWh: null };
    wire.publish(topic, JSON.stringify({ meter: registers, relay: plug.isOn() ? 1 : 0 }));
    scheduler.after(reportMs, tick);
  };
  wire.subscribe(`${topic}/relay`, (_topic, payload) => {
    if (isAlive && (payload === "1" || payload === "0")) plug.set(payload === "1");
  });
  scheduler.after(0, tick);
  return {
    topic,
    meterAnswers: (does) => {
      answers = does;
    },
    stop: () => {
      isAlive = false;
    },
  };
}
