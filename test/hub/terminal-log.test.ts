/** What a person at a terminal reads of the log. */
import { expect, test } from "vitest";
import { terminalLog } from "../../hub/terminal-log.ts";

function logged(level: "debug" | "info" | "warn" | "error", facts: Record<string, unknown>): string[] {
  const lines: string[] = [];
  const log = terminalLog(
    level,
    () => new Date(2026, 10, 23, 9, 5, 7).getTime(),
    (line) => lines.push(line),
  );
  for (const say of [log.info, log.warn, log.error]) say(facts, "A node is there.");
  return lines;
}

test("a line is time, sentence and what it is about; what asks for attention has a sign", () => {
  expect(logged("info", { node: "laser-node", error: { code: 5, why: "no answer" }, ids: [], missing: null })).toEqual([
    "  09:05:07  A node is there. (laser-node; 5; no answer)\n",
    "! 09:05:07  A node is there. (laser-node; 5; no answer)\n",
    "! 09:05:07  A node is there. (laser-node; 5; no answer)\n",
  ]);
  expect(logged("error", {})).toEqual(["! 09:05:07  A node is there.\n"]);
});

test("nothing from outside moves the cursor, begins another line or fills the screen", () => {
  const [line = ""] = logged("error", { path: `a\u001b[2J\r\nb\u009b31m${"x".repeat(10_000)}` });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those must be gone
  expect(line.trimEnd()).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  expect(line.length).toBeLessThan(410);
});
