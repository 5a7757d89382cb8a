/**
 * The interlock's constants for one machine: defaults, the node's file, the hub's settings, and what the snapshot says of
 * the machine. Without a snapshot the careful values hold: never cut while busy, always attended.
 */
import { type InterlockConfig, interlockDefaults } from "#core";
import type { Node } from "../kit/node.ts";
import type { MachineNodeGiven } from "./machine-node.ts";
import { interlockSettings, machineSettings } from "./settings.ts";

export function configOf(given: MachineNodeGiven, node: Node | null): InterlockConfig {
  const { hardware, ch } = given;
  const facts = node?.snapshots.current()?.header.channels[ch];
  const fromHub = machineSettings.safeParse(node?.config()?.channels.find((channel) => channel.ch === ch)?.settings ?? {});
  const settings = { ...given.settings, ...(fromHub.success ? fromHub.data : {}) };
  const ancillary = {
    required: true,
    readyMs: settings.ancillaryReadyMs ?? 60_000,
    runOnMs: settings.ancillaryRunOnMs ?? 60_000,
    keepInFire: settings.keepInFire ?? false,
  };
  return {
    ...interlockDefaults,
    cutHazard: facts?.cutHazard ?? true,
    attendance: facts?.attendance ?? "attended",
    ...interlockSettings(settings),
    permitKind: hardware.permit.kind,
    hasAux: hardware.aux !== null,
    hasMeter: hardware.meter !== null,
    insertReader: given.insertReader ?? false,
    ancillary: hardware.ancillary === null ? null : ancillary,
  };
}
