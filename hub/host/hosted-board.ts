/** Foreign devices as the board of a node: whether they are there, for the list of nodes; and a relay that fell, as a board that lets go. */
import type { BoardWire } from "../../devices/kit/wires.ts";
import type { HostedDevice } from "./hosted-device.ts";

export type DevicesBoard = BoardWire & { fall(why: string): void };

export function boardOfDevices(devices: readonly HostedDevice[], also: () => string = () => ""): DevicesBoard {
  const listeners: ((state: "ready" | "lost", why: string) => void)[] = [];
  const away = () => devices.filter((device) => !device.isOnline());
  return {
    state: () => (away().length === 0 ? "ready" : devices.every((device) => device.report().online === null) ? "opening" : "lost"),
    care: () => ({ firmware: wordsOf(devices, also()), resetCause: null, boots: null, recentStarts: 0 }),
    onState: (listener) => void listeners.push(listener),
    fall(why) {
      for (const listen of listeners) listen("lost", why);
      for (const listen of listeners) listen("ready", "");
    },
  };
}

/** In 40 characters what is not as it should be, or what they are. */
function wordsOf(devices: readonly HostedDevice[], also: string): string {
  const reports = devices.map((device) => device.report());
  const unset = reports.filter((report) => report.online === true && Object.keys(report.unset).length > 0);
  if (also !== "") return also;
  if (unset.length > 0) return `hosted; settings not confirmed: ${Object.keys(unset[0]?.unset ?? {}).length}`;
  return `hosted ${reports.map(({ model, firmware }) => [model, firmware].filter((word) => word !== null).join(" ")).join(", ")}`.trim();
}
