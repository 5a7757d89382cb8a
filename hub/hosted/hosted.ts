/** The families behind which a door or machine can be hosted, by the names that `koprade node adopt --family` takes. */
import { bambuFamily } from "./bambu-family.ts";
import { espRfidFamily } from "./esp-rfid-family.ts";
import { espHomeFamily } from "./esphome-family.ts";
import type { HostedFamily } from "./family.ts";
import { jsonPathFamily } from "./json-path-family.ts";
import { moonrakerFamily } from "./moonraker-family.ts";
import { octoPrintFamily } from "./octoprint-family.ts";
import { prusaLinkFamily } from "./prusalink-family.ts";
import { shellyGen1Family } from "./shelly-gen1-family.ts";
import { shellyGen2Family } from "./shelly-gen2-family.ts";
import { tasmotaFamily } from "./tasmota-family.ts";
import { zigbeeFamily } from "./zigbee-family.ts";

export const hostedFamilies = {
  tasmota: tasmotaFamily,
  "shelly-gen1": shellyGen1Family,
  "shelly-gen2": shellyGen2Family,
  "esp-rfid": espRfidFamily,
  zigbee2mqtt: zigbeeFamily,
  esphome: espHomeFamily,
  octoprint: octoPrintFamily,
  moonraker: moonrakerFamily,
  prusalink: prusaLinkFamily,
  bambu: bambuFamily,
  "json-path": jsonPathFamily,
} as const satisfies Readonly<Record<string, HostedFamily>>;

export type HostedFamilyName = keyof typeof hostedFamilies;
export const hostedFamilyNames = Object.keys(hostedFamilies) as readonly HostedFamilyName[];

export const hostedFamily = (name: string): HostedFamily | undefined =>
  Object.hasOwn(hostedFamilies, name) ? (hostedFamilies as Readonly<Record<string, HostedFamily>>)[name] : undefined;

/** The device that a message is of, and its family: what discovery shows. */
export function recogniseDevice(
  topic: string,
  payload: string,
): { readonly family: string; readonly name: string; readonly model?: string } | null {
  for (const [family, { recognise }] of Object.entries<HostedFamily>(hostedFamilies)) {
    const found = recognise(topic, payload);
    if (found !== null) return { family, ...found };
  }
  return null;
}
