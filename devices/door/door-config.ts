/**
 * The door's constants for one door, each layer over the one before: the register (core/defaults.ts), the node's file, the hub's
 * settings for this door and for the whole space; then what is true of the hardware, and the times of the snapshot's policy.
 */
import { type DoorSettings, settingsFrom } from "#contract";
import { type DoorConfig, doorDefaults } from "#core";
import type { Node } from "../kit/node.ts";
import type { DoorNodeGiven } from "./door-node.ts";

type Given = Pick<DoorNodeGiven, "hardware" | "settings" | "ch">;

export function configOf(given: Given, node: Node | null): DoorConfig {
  const { hardware, ch } = given;
  const settings = settingsOf(given, node);
  const policy = node?.snapshots.current()?.header.channels[ch]?.door;
  return {
    ...doorDefaults,
    ...settings,
    rex: settings.rex ?? (hardware.exitButton === null ? "none" : doorDefaults.rex),
    hasContact: hardware.contact !== null,
    strikeMs: policy?.strikeMs ?? doorDefaults.strikeMs,
    shuntMs: policy?.shuntMs ?? doorDefaults.shuntMs,
  };
}

/** The node's file, and over it what the hub configured for this door. */
export function settingsOf({ settings, ch }: Given, node: Node | null): DoorSettings {
  const channel = node?.config()?.channels.find((each) => each.ch === ch);
  return { ...settings, ...settingsFrom("door", channel?.settings) };
}
