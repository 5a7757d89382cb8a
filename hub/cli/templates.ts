/** What a kind of machine usually needs, in words. */
import { minute, second } from "#contract";
import type { MachineTemplate } from "../machine-templates.ts";

/** The proposal in words, to be agreed with or overridden. */
export function templateLines(template: MachineTemplate): string[] {
  const { onW, offW, minOnMs, minOffMs } = template.settings;
  return [
    `Proposed: works above ${onW} W for ${Number(minOnMs) / 1000} s, rests below ${offW} W for ${Number(minOffMs) / 1000} s,`,
    `switches off after ${template.idleMs / minute} min idle, ${template.enableMs / second} s to start, ${template.graceMs / second} s of grace, ${template.attendance}.`,
  ];
}
