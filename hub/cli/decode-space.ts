/** What the open-or-closed sources of a space say, in the spelling of recorded lines. */
import { isFields, said } from "../hosted/json.ts";
import { type OpenReport, parseSpaceApi, transitions } from "../hosted/space-api.ts";
import { parseSpaceSwitch } from "../hosted/space-switch.ts";
import { type Decoded, type Decoder, refused } from "./decode-recorded.ts";

export const spaceDecoders: Readonly<Record<string, Decoder>> = {
  spaceapi: ({ payload, sequence }) => {
    if (sequence !== undefined) return reports(sequence);
    return payload === undefined ? refused("the line holds no message") : document(payload);
  },
  "space-status-serial": ({ payload }) => {
    const lines = parseSpaceSwitch(payload ?? "");
    const strange = lines.find((line) => line.kind === "unknown");
    if (strange !== undefined) return refused(`"${strange.text}" is neither OPEN nor CLOSED`);
    return lines.length === 0 ? refused("the switch said nothing") : { states: lines.map(({ kind }) => kind) };
  },
};

function document(payload: string): Decoded {
  const read = parseSpaceApi(payload);
  if (read === undefined) return { json_valid: false, ...refused("the document is no JSON object") };
  return said({
    json_valid: true,
    space: read.space,
    open: read.open,
    lastchange: read.lastChangeS,
    declared: { api: read.api, api_compatibility: read.compatibility },
    schema_valid: read.valid,
    events: read.events ?? undefined,
  });
}

function reports(sequence: readonly unknown[]): Decoded {
  const heard = sequence.flatMap((part): OpenReport[] =>
    isFields(part) && typeof part.open === "boolean" && typeof part.t === "number" ? [{ atS: part.t, open: part.open }] : [],
  );
  const real = transitions(heard);
  return {
    transitions: real.length,
    duplicate_close: heard.some((report, i) => !report.open && heard[i - 1]?.open === false),
    open: heard.at(-1)?.open ?? null,
    lastchange: real.at(-1)?.atS ?? null,
  };
}
