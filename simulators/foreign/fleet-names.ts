/** The foreign devices of the simulated building: where they are and what they are called. The hub's side and theirs agree by these. */
export const fleetDoor = { id: "workshop-door", node: "esp-rfid-node", label: "Workshop door" } as const;
export const fleetMachines = [
  { id: "drill-1", node: "tasmota-node", label: "Drill press", kind: "saw" },
  { id: "ender-1", node: "octoprint-node", label: "Ender (OctoPrint)", kind: "printer" },
  { id: "voron-1", node: "moonraker-node", label: "Voron (Klipper)", kind: "printer" },
  { id: "prusa-1", node: "prusalink-node", label: "Prusa (PrusaLink)", kind: "printer" },
  { id: "bambu-1", node: "bambu-node", label: "Bambu Lab", kind: "printer" },
] as const;

export const fleetNames = {
  drill: { plug: "drill-plug", reader: "drill-reader" },
  ender: { plug: "ender-plug", reader: "ender-reader", printer: "octopi" },
  voron: { plug: "voron-plug", reader: "voron-reader", printer: "voron" },
  prusa: { plug: "prusa-plug", gateway: "sdm-gateway" },
  bambu: { plug: "zigbee2mqtt/bambu-plug", reader: "bambu-reader" },
  door: "workshop-door",
} as const;

export const espRfidIp = "192.168.1.50";
/** relays fall so long after the last word of the host; within what a Zigbee plug can count */
export const holdS = 3600;

/** Which path of the meter's gateway is what (hub/hosted/json-path-family.ts). */
export const gatewayMap = {
  paths: { power_w: "meter.P", energy_wh: "meter.E_kWh", voltage_v: "meter.U" },
  factors: { energy_wh: 1000 },
} as const;

/** The white card (ISO 14443-A, 7 bytes) of whoever has this EM4100 fob: foreign readers read no other. */
export const tagOf = (card: string): string => `04${card}80`;
