/** What the open-or-closed sources of a space say, in the spelling of recorded lines. */
import { parseSpaceSwitch } from "../hosted/space-switch.ts";
import { type Decoder, refused } from "./decode-recorded.ts";

export const spaceDecoders: Readonly<Record<string, Decoder>> = {
  "space-status-serial": ({ payload }) => {
    const lines = parseSpaceSwitch(payload ?? "");
    const strange = lines.find((line) => line.kind === "unknown");
    if (strange !== undefined) return refused(`"${strange.text}" is neither OPEN nor CLOSED`);
    return lines.length === 0 ? refused("the switch said nothing") : { states: lines.map(({ kind }) => kind) };
  },
};
