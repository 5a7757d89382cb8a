/** The foreign families that are understood, by the protocol name of their recorded lines, and what each cannot do: said plainly before anybody buys. */
import { bambuCannot } from "./bambu.ts";
import { emonCannot } from "./emontx.ts";
import { espRfidCannot } from "./esp-rfid.ts";
import { espHomeCannot } from "./esphome.ts";
import { grblCannot } from "./grbl.ts";
import { homieCannot } from "./homie.ts";
import { jsonPathCannot } from "./json-path.ts";
import { moonrakerCannot } from "./moonraker.ts";
import { octoPrintCannot } from "./octoprint.ts";
import { prusaLinkCannot } from "./prusalink.ts";
import { ruidaCannot } from "./ruida.ts";
import { shellyGen1Cannot } from "./shelly-gen1.ts";
import { shellyGen2Cannot } from "./shelly-gen2.ts";
import { sparkplugCannot } from "./sparkplug.ts";
import { tasmotaCannot } from "./tasmota.ts";
import { zigbeeCannot } from "./zigbee2mqtt.ts";

export type Family = { readonly label: string; readonly cannot: readonly string[] };

export const families: Readonly<Record<string, Family>> = {
  tasmota: { label: "Tasmota plugs, relays and readers", cannot: tasmotaCannot },
  "shelly-gen1": { label: "Shelly, first generation", cannot: shellyGen1Cannot },
  "shelly-gen2": { label: "Shelly, second generation and later", cannot: shellyGen2Cannot },
  "esp-rfid": { label: "esp-rfid door controllers", cannot: espRfidCannot },
  zigbee2mqtt: { label: "Zigbee plugs through Zigbee2MQTT", cannot: zigbeeCannot },
  "esphome-mqtt": { label: "ESPHome over MQTT", cannot: espHomeCannot },
  homie5: { label: "Homie 5 devices", cannot: homieCannot },
  "sparkplug-b": { label: "Sparkplug B nodes", cannot: sparkplugCannot },
  "emontx-emonhub": { label: "emonTx and emonHub", cannot: emonCannot },
  "octoprint-mqtt": { label: "OctoPrint with its MQTT plugin", cannot: octoPrintCannot },
  moonraker: { label: "Klipper through Moonraker", cannot: moonrakerCannot },
  prusalink: { label: "Prusa printers with PrusaLink", cannot: prusaLinkCannot },
  "bambu-lan-mqtt": { label: "Bambu Lab printers in LAN mode", cannot: bambuCannot },
  "grbl-1.1": { label: "GRBL lasers and routers", cannot: grblCannot },
  "ruida-udp": { label: "Ruida lasers", cannot: ruidaCannot },
  "json-path": { label: "anything that sends JSON", cannot: jsonPathCannot },
};
