/** What a node says of its boards, in words for `koprade node list` and the page. */
import type { Heartbeat } from "#contract";

type Board = Heartbeat["boards"][number];

/** as many starts within ten minutes are no accident: a supply that breaks down, a firmware that hangs, a loose cable */
const stormStarts = 5;

/** Such as "main ready, brown-out, start 17". */
export function boardInWords({ board, state, resetCause, boots, firmware }: Board): string {
  return [
    `${board} ${state}`,
    ...(resetCause === undefined ? [] : [resetCause]),
    ...(boots === undefined ? [] : [`start ${boots}`]),
    ...(isHosted(firmware) ? [firmware] : []),
  ].join(", ");
}

/** Foreign devices in the place of a board say in its firmware what they are, or what they have not confirmed (hub/host/hosted-board.ts). */
const isHosted = (firmware: string | undefined): firmware is string => firmware?.startsWith("hosted") === true;

const hints: Readonly<Record<NonNullable<Board["resetCause"]>, string>> = {
  "power-on": "Its power comes and goes: look at plug, cable and supply.",
  "brown-out": "Its voltage breaks down: give relays and lamps a supply of their own.",
  watchdog: "Its firmware hangs: flash it anew, and tell the project if it goes on.",
  external: "Something resets it: look at the reset button and at the USB cable.",
  unknown: "Look at its cable and supply.",
};

/** One sentence about what is wrong with a node's boards, or null. */
export function boardTrouble(boards: readonly Board[]): string | null {
  const lost = boards.filter(({ state }) => state === "lost").map(({ board }) => board);
  const storms = boards
    .filter(({ recentStarts = 0 }) => recentStarts >= stormStarts)
    .map(({ board, recentStarts, resetCause = "unknown" }) => `${board} started ${recentStarts} times in 10 minutes. ${hints[resetCause]}`);
  const unsure = boards.flatMap(({ firmware }) => (isHosted(firmware) && /not confirmed/i.test(firmware) ? [`${firmware}.`] : []));
  const sentences = [...(lost.length === 0 ? [] : [`No answer from ${lost.join(", ")}.`]), ...storms, ...unsure];
  return sentences.length === 0 ? null : sentences.join(" ").slice(0, 400);
}
