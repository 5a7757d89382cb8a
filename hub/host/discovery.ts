/**
 * Foreign devices that nobody has adopted yet, while somebody looks for them: by a file `discover.json` in the folder of the host, which
 * says until when. What is heard is kept as what it is (family, name, model), never as what it said.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../../devices/kit/ports.ts";
import { isDeviceName } from "../hosted/family.ts";
import { recogniseDevice } from "../hosted/hosted.ts";

const windowName = "discover.json";
const heardName = "heard.json";
export const discoverMsMax = 600_000;
const devicesMax = 100;

const window = z.object({ untilMs: z.number() });
const heard = z.array(
  z.object({ family: z.string(), name: z.string(), model: z.string().nullable(), address: z.string(), lastMs: z.number() }),
);
export type HeardDevices = z.infer<typeof heard>;

export type Discovery = { isOpen(): boolean; hear(topic: string, payload: string, address: string): void; save(): void };

export function createDiscovery(folder: string, clock: Clock): Discovery {
  const found = new Map<string, HeardDevices[number]>();
  let untilMs = 0;
  let isChanged = false;
  const open = () => clock.nowMs() < untilMs && untilMs - clock.nowMs() <= discoverMsMax;
  return {
    isOpen: open,
    hear(topic, payload, address) {
      const device = recogniseDevice(topic, payload);
      if (device === null || !isDeviceName(device.name)) return;
      const key = `${device.family}:${device.name}`;
      if (!found.has(key) && found.size >= devicesMax) return;
      found.set(key, {
        family: device.family,
        name: device.name,
        model: device.model?.replaceAll(/[^ -~]/g, "").slice(0, 60) ?? found.get(key)?.model ?? null,
        address,
        lastMs: clock.nowMs(),
      });
      isChanged = true;
    },
    save() {
      untilMs = readWindow(folder);
      if (!isChanged) return;
      isChanged = false;
      replace(join(folder, heardName), JSON.stringify([...found.values()]));
    },
  };
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch {
    return null;
  }
}

function readWindow(folder: string): number {
  const parsed = window.safeParse(readJson(join(folder, windowName)));
  return parsed.success ? parsed.data.untilMs : 0;
}

export function openDiscovery(folder: string, untilMs: number): void {
  replace(join(folder, windowName), JSON.stringify({ untilMs }));
}
export function closeDiscovery(folder: string): void {
  rmSync(join(folder, windowName), { force: true });
}
/** Those heard since then; who was there last week may be elsewhere, or adopted. */
export function heardDevices(folder: string, sinceMs: number): HeardDevices {
  const parsed = heard.safeParse(readJson(join(folder, heardName)));
  return parsed.success ? parsed.data.filter(({ lastMs }) => lastMs >= sinceMs) : [];
}
