/** The hello of our firmware, which the rest of the board driver trusts for restarts and drops. */
import { describe, expect, it } from "vitest";
import { decodeHello } from "../../../devices/drivers/board-extension.ts";

describe("the hello of our firmware", () => {
  it("carries 16 bits of starts and 14 bits of watchdog in 7-bit bytes", () => {
    expect(decodeHello([1, 4, 0x7f, 0x7f, 0x03, 0x50, 0x0f, 3])).toEqual({
      version: 1,
      resetCause: "brown-out",
      boots: 65_535,
      watchdogMs: 2_000,
      drops: 3,
    });
  });

  it("is nothing when it is cut short", () => {
    const whole = [1, 1, 5, 0, 0, 0x50, 0x0f, 0];
    for (let length = 0; length < whole.length; length += 1) expect(decodeHello(whole.slice(0, length))).toBeUndefined();
  });
});
