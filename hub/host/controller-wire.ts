/** The controller of a machine behind a foreign device: its job in the words of the core, and what its silence and its tool mean. */
import type { Clock } from "../../devices/kit/ports.ts";
import type { MachineHardware, Sense as Wire } from "../../devices/machine/hardware.ts";
import { isInUse, type JobState, machineJob, nothingTold } from "../hosted/job.ts";
import type { DeviceEvents } from "./hosted-device.ts";

export type JobSource = { listen(events: Partial<DeviceEvents>): void };

/** a degree more or less is no news … */
const newsC = 1;
/** … but it is told again so often: a machine that has just begun to cool down asks nobody, and waits for the next word */
const againMs = 5000;

/**
 * A device that is silent or gone says nothing of its job: from then on the meter may, and a job that was open stays open until somebody
 * knows. So a printer that stopped by M112 or a pulled cable ends as unknown, and one whose Wi-Fi is away is not cut.
 */
export function controllerOf(device: JobSource, clock: Clock): NonNullable<MachineHardware["controller"]> {
  return {
    onReport(listener) {
      let told = nothingTold;
      let lastC: number | null = null;
      let toldMono = Number.NEGATIVE_INFINITY;
      const say = (state: JobState, tempC: number | null): void => {
        const next = machineJob(told, state);
        const isSame = next.word === told.word && (tempC === null) === (lastC === null) && Math.abs((tempC ?? 0) - (lastC ?? 0)) < newsC;
        told = next;
        if (isSame && clock.monoMs() - toldMono < againMs) return;
        toldMono = clock.monoMs();
        lastC = tempC;
        listener(next.word, tempC);
      };
      device.listen({
        onJob: ({ state, tempC }) => say(state, tempC ?? null),
        onOnline: (isOnline) => {
          if (!isOnline) say("offline", null);
        },
      });
    },
  };
}

/**
 * Open while another tool is fitted than this machine's people were trained for: a laser on a printer is another machine. Nothing is
 * taken away in the middle of a job; what was never said of its tool stops nobody.
 */
export function toolGuard(device: JobSource, expected: string): Wire {
  let fitted: string | null = null;
  let isBusy = false;
  let isOpen = false;
  const listeners: ((on: boolean | null) => void)[] = [];
  const look = (): void => {
    const next = fitted !== null && fitted !== expected;
    if (next === isOpen || (next && isBusy)) return;
    isOpen = next;
    for (const listen of listeners) listen(next);
  };
  device.listen({
    onTool: (tool) => {
      fitted = tool;
      look();
    },
    onJob: ({ state }) => {
      isBusy = isInUse(state);
      look();
    },
  });
  return { read: () => isOpen, onChange: (listener) => void listeners.push(listener) };
}
