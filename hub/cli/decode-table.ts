/** Which decoder reads which protocol; the names are those that recorded lines carry. */
import { families } from "../hosted/families.ts";
import { isFields } from "../hosted/json.ts";
import { describedDecoders } from "./decode-described.ts";
import { machineDecoders } from "./decode-machines.ts";
import { mqttDecoders } from "./decode-mqtt.ts";
import { printerDecoders } from "./decode-printers.ts";
import { readerDecoders } from "./decode-readers.ts";
import type { Decoded, Decoder } from "./decode-recorded.ts";
import { readRecorded, refused } from "./decode-recorded.ts";
import { shellyDecoders } from "./decode-shelly.ts";
import { spaceDecoders } from "./decode-space.ts";
import { tasmotaDecoders } from "./decode-tasmota.ts";

/** In the order in which an unknown name is answered. */
export const decoders: Readonly<Record<string, Decoder>> = {
  ...readerDecoders,
  ...tasmotaDecoders,
  ...shellyDecoders,
  ...mqttDecoders,
  ...describedDecoders,
  ...printerDecoders,
  ...machineDecoders,
  ...spaceDecoders,
};

/** Every protocol, with its family's name and limits where devices of others are meant. */
export function protocols(): { readonly protocol: string; readonly label: string | null; readonly cannot: readonly string[] }[] {
  return Object.keys(decoders).map((protocol) => {
    const family = Object.hasOwn(families, protocol) ? families[protocol] : undefined;
    return { protocol, label: family?.label ?? null, cannot: family?.cannot ?? [] };
  });
}

/**
 * Decodes one line: its `id` first, then the values, in the spelling of `expect`. Never throws. `line` is the number that a
 * refusal of the line itself names; `given` is what the line held.
 */
export function decodeLine(text: string, line: number): { readonly decoded: Decoded; readonly given: Readonly<Record<string, unknown>> } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { decoded: refused(`line ${line}: no JSON; write one JSON object a line`), given: {} };
  }
  const given = isFields(value) ? value : {};
  const id = given.id === undefined ? {} : { id: given.id };
  return { decoded: { ...id, ...decodeValue(value, line) }, given };
}

function decodeValue(value: unknown, line: number): Decoded {
  const message = readRecorded(value);
  if ("why" in message) return refused(`line ${line}: ${message.why}`);
  const { protocol } = message;
  const decoder = Object.hasOwn(decoders, protocol) ? decoders[protocol] : undefined;
  if (decoder === undefined) {
    return refused(`line ${line}: unknown protocol "${protocol}"; known: ${Object.keys(decoders).join(", ")}`);
  }
  try {
    return decoder(message);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return refused(`line ${line}: a mistake in koprade itself, in its decoder of ${protocol} (${detail}); please report this line`);
  }
}
