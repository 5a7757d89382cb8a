/**
 * The interlock's constants for one machine, each layer over the one before: the register (core/defaults.ts), the kind of
 * machine and its risk class, the node's file, the hub's settings for this machine; then what is true of the hardware.
 * Without a snapshot the careful values hold: never cut while busy, always attended, and asked whether they are still there.
 */
import { type MachineSettings, settingsFrom } from "#contract";
import { ancillaryDefaults, type InterlockConfig, interlockDefaults, layered, machineKindDefaults, riskClassDefaults } from "#core";
import type { Node } from "../kit/node.ts";
import { readerConfigOf } from "../kit/reader-settings.ts";
import type { MachineNodeGiven } from "./machine-node.ts";
import { interlockSettings } from "./settings.ts";

/** a tap that becomes a hold must not have become a leave before (frames come every 65 ms) */
const holdSlackMs = 500;

export function configOf(given: MachineNodeGiven, node: Node | null): InterlockConfig {
  const { hardware, ch } = given;
  const facts = node?.snapshots.current()?.header.channels[ch];
  const settings = settingsOf(given, node);
  const policy = { cutHazard: facts?.cutHazard ?? true, attendance: facts?.attendance ?? "attended" } as const;
  const isWatched = policy.attendance === "attended";
  const chosen = layered<InterlockConfig>(
    { ...interlockDefaults, ...policy, ...(node === null ? {} : { askLocalMs: node.times().askSoftMs }) },
    settings.profile === undefined ? {} : machineKindDefaults[settings.profile],
    isWatched ? riskClassDefaults[facts?.riskClass ?? "A"] : {},
    interlockSettings(settings),
  );
  return {
    ...chosen,
    leaveMs: Math.max(chosen.leaveMs, readerConfigOf(settings).holdMs + holdSlackMs),
    permitKind: hardware.permit.kind,
    hasAux: hardware.aux !== null,
    hasMeter: hardware.meter !== null,
    hasController: hardware.controller !== null,
    accessories: Object.keys(hardware.accessories),
    insertReader: given.insertReader ?? false,
    ancillary: hardware.ancillary === null ? null : ancillaryOf(settings),
  };
}

/**
 * Why this machine must not have the permit it is wired with, or null (domain.md §4.2, latching variant a): a contactor that seals
 * itself in stays in when its node dies, which is right only where a cut does harm and nobody need watch.
 */
export function misfitOf({ hardware, ch }: MachineNodeGiven, node: Node): string | null {
  const facts = node.snapshots.current()?.header.channels[ch];
  if (hardware.permit.kind === "hold" || facts === undefined) return null;
  if (facts.cutHazard && facts.attendance === "unattended_ok") return null;
  return `${ch}: a latching permit (kind: pulse) is for machines with --cut-hazard yes and --attendance unattended_ok only; say so at the hub, or wire a relay (kind: hold). Until then nobody can start it.`;
}

/** The node's file, and over it what the hub configured for this machine. */
export function settingsOf({ settings, ch }: MachineNodeGiven, node: Node | null): MachineSettings {
  const channel = node?.config()?.channels.find((each) => each.ch === ch);
  return { ...settings, ...settingsFrom("machine", channel?.settings) };
}

/**
 * Extraction that several machines share is wired in parallel: each node closes its own contact, so it runs while any of them
 * asks for it, and one machine's run-on takes nothing from another.
 */
function ancillaryOf(settings: MachineSettings): NonNullable<InterlockConfig["ancillary"]> {
  const usual = ancillaryDefaults[settings.ancillary ?? (settings.profile === "saw" ? "saw" : "laser")];
  const { ancillaryReadyMs, ancillaryRunOnMs, keepInFire } = settings;
  return {
    required: usual.required,
    readyMs: ancillaryReadyMs ?? usual.readyMs,
    runOnMs: ancillaryRunOnMs ?? usual.runOnMs,
    keepInFire: keepInFire ?? usual.keepInFire,
  };
}
