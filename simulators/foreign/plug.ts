/** The plug behind every plug dialect: a relay, the watts of what hangs on it, and a counter that never lies to itself. */
import type { Scheduler } from "../scheduler.ts";

export type Plug = {
  isOn(): boolean;
  set(on: boolean): void;
  powerW(): number;
  /** truth since the simulation began; what the dialect shows may have been reset */
  energyWh(): number;
  onChange(listener: (on: boolean) => void): void;
};

/** `stepMs`: how often it measures. `loadW`: what the device draws at an instant while it has power. `onSwitch`: it got power, or lost it. */
export function createPlug(given: {
  readonly scheduler: Scheduler;
  readonly loadW: () => number;
  readonly onSwitch?: (on: boolean) => void;
  readonly stepMs?: number;
}): Plug {
  const { scheduler, loadW, stepMs = 500 } = given;
  const listeners: ((on: boolean) => void)[] = [];
  let isOn = false;
  let energyWh = 0;
  let lastMs = scheduler.nowMs();
  let lastW = 0;
  const powerW = (): number => (isOn ? Math.max(0, loadW()) : 0);
  const measure = (): void => {
    const now = scheduler.nowMs();
    const nowW = powerW();
    energyWh += (((lastW + nowW) / 2) * (now - lastMs)) / 3_600_000;
    lastMs = now;
    lastW = nowW;
  };
  const tick = (): void => {
    measure();
    scheduler.after(stepMs, tick);
  };
  scheduler.after(stepMs, tick);
  return {
    isOn: () => isOn,
    set(on) {
      if (on === isOn) return;
      measure();
      isOn = on;
      lastW = powerW();
      given.onSwitch?.(on);
      for (const listen of listeners) listen(on);
    },
    powerW,
    energyWh() {
      measure();
      return energyWh;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
