// The simulated RDM6300 sends what recorded readers sent (test/fixtures/rdm6300.jsonl).

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRdm6300, rdm6300Frame } from "../../simulators/hardware/rdm6300.ts";

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex: string;
  readonly expect: { readonly full_hex?: string };
}

const vectors = readFileSync(new URL("../fixtures/rdm6300.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line): Vector => JSON.parse(line));
// One recorded clone sends its checksum as a single binary byte: 13 bytes, another device.
const recorded = vectors.filter(
  (vector) => vector.kind.startsWith("recorded") && vector.expect.full_hex && vector.hex.length === 14 * 3 - 1,
);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("every recorded frame is sent byte for byte", () => {
  expect(recorded.length).toBeGreaterThanOrEqual(8);
  for (const vector of recorded) expect(hex(rdm6300Frame(vector.expect.full_hex ?? "")), vector.id).toBe(vector.hex);
});

test("a card sends a frame at once and every 65 ms until it is taken away", () => {
  const frames: string[] = [];
  const reader = createRdm6300({ sink: (bytes) => frames.push(hex(bytes)) });
  reader.present("000414CD7E");
  expect(frames).toHaveLength(1);
  vi.advanceTimersByTime(650);
  expect(frames).toHaveLength(11);
  reader.remove();
  vi.advanceTimersByTime(650);
  expect(frames).toHaveLength(11);
  expect(new Set(frames).size).toBe(1);
});

test("a second card replaces the first", () => {
  const frames: string[] = [];
  const reader = createRdm6300({ sink: (bytes) => frames.push(hex(bytes)) });
  reader.present("000414CD7E");
  reader.present("01C8F00800");
  vi.advanceTimersByTime(130);
  reader.close();
  expect(frames).toEqual([hex(rdm6300Frame("000414CD7E")), ...Array.from({ length: 3 }, () => hex(rdm6300Frame("01C8F00800")))]);
});

test("noise is rubbish, a phantom with a right checksum, or one wrong bit", () => {
  const sent: Uint8Array[] = [];
  const reader = createRdm6300({ sink: (bytes) => sent.push(bytes), random: () => 0.3 });
  reader.noise("flip");
  expect(sent).toHaveLength(0);
  reader.noise("garbage");
  expect(sent[0]).toHaveLength(7);
  reader.noise("phantom");
  expect(vectors.filter((vector) => vector.kind === "recorded-phantom").map((vector) => vector.hex)).toContain(hex(sent[1]));
  reader.present("000414CD7E");
  reader.noise("flip");
  reader.close();
  const bitsWrong = Array.from(sent[3] ?? [], (byte, at) => ((byte ^ (sent[2]?.[at] ?? 0)) === 0 ? 0 : 1)).filter(Boolean);
  expect(bitsWrong).toHaveLength(1);
});

test("a card that is not ten hex digits is refused with a sentence", () => {
  expect(() => rdm6300Frame("0414CD7E")).toThrow('an RDM6300 card is ten hex digits, not "0414CD7E"');
});

function hex(bytes: Uint8Array | undefined): string {
  return Array.from(bytes ?? [], (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}
