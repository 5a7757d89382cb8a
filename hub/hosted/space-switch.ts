/**
 * A switch by the door that says over a serial line whether the space is open: one word a line.
 * Source: the door switch of Hackerspace Nijmegen.
 */

export type SpaceSwitchLine = { readonly kind: "open" } | { readonly kind: "closed" } | { readonly kind: "unknown"; readonly text: string };

/** Lines of the switch in order; blank ones say nothing. */
export function parseSpaceSwitch(text: string): SpaceSwitchLine[] {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const word = line.toUpperCase();
      if (word === "OPEN") return { kind: "open" };
      return word === "CLOSED" ? { kind: "closed" } : { kind: "unknown", text: line };
    });
}
