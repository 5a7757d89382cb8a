/**
 * Machines and doors as devices of Home Assistant (home-assistant.io/integrations/mqtt, device discovery): states, power, energy. One way
 * only: no command topic is ever named, so that nothing there can open a door or enable a machine. No names of people.
 */
import { doorStatuses, machineStatuses } from "../views.ts";
import type { Picture } from "./picture.ts";

export type HaMessage = { readonly topic: string; readonly payload: string };
/** What Home Assistant should know of a space: `configs` rarely change, `states` do. All are retained. */
export type HaPicture = { readonly configs: readonly HaMessage[]; readonly states: readonly HaMessage[] };
type Component = Readonly<Record<string, unknown>> & { readonly platform: "sensor" | "binary_sensor" };

export const haStatusTopic = "homeassistant/status";
export const haConfigFilter = "homeassistant/device/+/config";
/** `online` or `offline`, the latter also as the hub's last will */
export const haHubTopic = (site: string): string => `koprade-status/${site}/hub`;
const base = (site: string, kind: string, id: string): string => `koprade-status/${site}/${kind}/${id}`;
const configTopic = (device: string): string => `homeassistant/device/${device}/config`;

/** Whether a retained configuration is one of ours, of whatever time. */
export function isOurConfig(site: string, topic: string): boolean {
  return topic.startsWith(`homeassistant/device/koprade_${site}_`) && topic.endsWith("/config");
}

export function haPicture(site: string, version: string, { name, machines, doors, people, isOpen }: Picture): HaPicture {
  const hubDevice = `koprade_${site}_hub`;
  const device = (kind: string, id: string, label: string, model: string, components: Readonly<Record<string, Component>>): HaMessage => {
    const device = `koprade_${site}_${kind === "hub" ? "hub" : `${kind}_${id}`}`;
    const named = Object.entries(components).map(([key, one]) => [key, { ...one, unique_id: `${device}_${key}` }] as const);
    const via = kind === "hub" ? {} : { via_device: hubDevice };
    return {
      topic: configTopic(device),
      payload: JSON.stringify({
        device: { identifiers: [device], name: label, manufacturer: "Koprade", model, ...via },
        origin: { name: "Koprade", sw_version: version },
        state_topic: base(site, kind, id),
        availability_topic: haHubTopic(site),
        components: Object.fromEntries(named),
        qos: 1,
      }),
    };
  };
  const state = (kind: string, id: string, value: object): HaMessage => ({ topic: base(site, kind, id), payload: JSON.stringify(value) });
  return {
    configs: [
      device("hub", "space", name, "space", spaceParts),
      ...machines.map(({ id, label }) => device("machine", id, label, "machine", machineParts)),
      ...doors.map(({ id, label }) => device("door", id, label, "door", doorParts)),
    ],
    states: [
      state("hub", "space", { people, open: isOpen }),
      ...machines.map(({ id, status, powerW, energyTodayWh }) =>
        state("machine", id, {
          state: status,
          use: status === "busy" ? "ON" : status === "unknown" ? null : "OFF",
          problem: problems.has(status) ? "ON" : "OFF",
          power_w: powerW === null ? null : Math.round(powerW),
          energy_kwh: energyTodayWh === null ? null : Math.round(energyTodayWh) / 1000,
        }),
      ),
      ...doors.map(({ id, status }) => state("door", id, { state: status })),
    ],
  };
}

const problems: ReadonlySet<string> = new Set(["fault", "tamper", "locked_out", "out_of_order"]);
const value = (field: string): string => `{{ value_json.${field} }}`;
const spaceParts: Readonly<Record<string, Component>> = {
  people: { platform: "sensor", name: "People", state_class: "measurement", icon: "mdi:account-group", value_template: value("people") },
  open: {
    platform: "binary_sensor",
    name: "Open",
    value_template: "{{ 'None' if value_json.open is none else ('ON' if value_json.open else 'OFF') }}",
  },
};
const machineParts: Readonly<Record<string, Component>> = {
  state: { platform: "sensor", name: "State", device_class: "enum", options: machineStatuses, value_template: value("state") },
  use: { platform: "binary_sensor", name: "In use", device_class: "running", value_template: value("use") },
  problem: { platform: "binary_sensor", name: "Problem", device_class: "problem", value_template: value("problem") },
  power: {
    ...{ platform: "sensor", name: "Power", device_class: "power", state_class: "measurement" },
    ...{ unit_of_measurement: "W", value_template: value("power_w") },
  },
  energy: {
    ...{ platform: "sensor", name: "Energy today", device_class: "energy", state_class: "total_increasing" },
    ...{ unit_of_measurement: "kWh", value_template: value("energy_kwh") },
  },
};
const doorParts: Readonly<Record<string, Component>> = {
  state: { platform: "sensor", name: "State", device_class: "enum", options: doorStatuses, value_template: value("state") },
};
