/** Card numbers as people type them are the numbers that readers give. */
import { expect, it } from "vitest";
import { cardNumberOf } from "../../../hub/cli/values.ts";

it.each([
  ["em4100:0a1b2c3d4e", { number: "em4100:0A1B2C3D4E" }],
  ["04:A2:3B:1C:5D:6E:80", { number: "iso14443a:04A23B1C5D6E80" }],
  ["w26:49/4312", { number: "w26:049/04312" }],
  ["W26:049/04312", { number: "w26:049/04312" }],
  ["w34:046b2812", { number: "w34:046B2812" }],
  ["w26:256/1", { refused: expect.stringContaining("w26:255/65535 at most") }],
  ["w26:0/7", { refused: expect.stringContaining("empty reader") }],
  ["0123456789", { refused: expect.stringContaining("decimal or hexadecimal") }],
  ["08ABCDEF", { refused: expect.stringContaining("changes at every tap") }],
])("%s", (text, made) => expect(cardNumberOf(text)).toEqual(made));
