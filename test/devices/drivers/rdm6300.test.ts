/** The RDM6300 driver against recorded frames and its own rules. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createRdm6300Parser, type Rdm6300Frame, type Rdm6300Options } from "../../../devices/drivers/rdm6300.ts";
import { rdm6300Frame } from "../../../simulators/hardware/rdm6300.ts";
import { concat, fromHex } from "../../support/driver-suite.ts";

const frameMs = 65;
const frame = fromHex("02 30 30 30 34 31 34 43 44 37 45 41 33 03");
const otherFrame = fromHex("02 31 46 30 30 36 34 34 42 42 36 38 36 03");
const thrice = (bytes: Uint8Array): Uint8Array => concat(bytes, bytes, bytes);

interface Vector {
  readonly id: string;
  readonly hex: string;
  readonly expect: {
    readonly valid?: boolean;
    readonly accept?: boolean;
    readonly full_hex?: string;
    readonly tag_hex?: string;
    readonly frames?: number;
  };
}

const vectors: readonly Vector[] = readFileSync(new URL("../../fixtures/rdm6300.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

function hear(bytes: Uint8Array, options?: Rdm6300Options): readonly Rdm6300Frame[] {
  return createRdm6300Parser(options).feed(bytes, 0);
}

function numbersOf(frames: readonly Rdm6300Frame[]): string[] {
  return frames.flatMap((each) => (each.kind === "card" ? [each.number] : []));
}

describe("rdm6300 decodes recorded frames", () => {
  it.each(vectors)("$id", ({ hex, expect: expected }) => {
    const bytes = fromHex(hex);
    const trusting = numbersOf(hear(bytes, { confirmFrames: 1 }));
    expect(trusting).toHaveLength(expected.frames ?? (expected.valid === false ? 0 : 1));
    if (expected.full_hex !== undefined) expect(trusting).toEqual([`em4100:${expected.full_hex}`]);
    if (expected.tag_hex !== undefined) expect(trusting.every((number) => number.endsWith(expected.tag_hex ?? ""))).toBe(true);
    if (expected.accept === false) expect(numbersOf(hear(bytes))).toEqual([]);
    if (expected.valid === true) expect(new Set(numbersOf(hear(thrice(bytes)))).size).toBe(1);
  });

  it("counts every entry of the fixture", () => {
    console.log(`rdm6300: ${vectors.length} recorded entries decoded`);
    expect(vectors.length).toBeGreaterThanOrEqual(15);
  });
});

describe("rdm6300 trusts a number only when it is repeated", () => {
  it("accepts the third identical frame in a row, and every one that follows while the card stays", () => {
    const parser = createRdm6300Parser();
    const heard = [0, 1, 2, 3, 4].map((i) => numbersOf(parser.feed(frame, i * frameMs)).length);
    expect(heard).toEqual([0, 0, 1, 1, 1]);
  });

  it("begins to count anew when another frame comes between: two and one are not three", () => {
    const parser = createRdm6300Parser();
    const frames = [frame, frame, otherFrame, frame, frame, frame];
    expect(frames.map((each, i) => numbersOf(parser.feed(each, i * frameMs)).length)).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it("accepts no phantom that noise sent twice", () => {
    const parser = createRdm6300Parser();
    const phantom = rdm6300Frame("B59A99E5A9");
    expect([0, 1].flatMap((i) => numbersOf(parser.feed(phantom, i * frameMs)))).toEqual([]);
    expect(parser.feed(new Uint8Array(0), 500)).toMatchObject([{ kind: "rubbish", why: "unconfirmed", count: 28 }]);
  });

  it("accepts a card after as many frames as it is told, and one frame may get lost among five", () => {
    for (const confirmFrames of [1, 2, 3, 4, 5]) {
      const parser = createRdm6300Parser({ confirmFrames });
      const heard = [0, 1, 3, 4, 5].slice(0, confirmFrames).map((i) => numbersOf(parser.feed(frame, i * frameMs)).length);
      expect(heard, `${confirmFrames} frames`).toEqual([...new Array<number>(confirmFrames - 1).fill(0), 1]);
    }
  });

  it("starts again after a pause of more than 300 ms, and calls the lone frame unconfirmed", () => {
    const parser = createRdm6300Parser();
    expect(parser.feed(frame, 0)).toEqual([]);
    expect(parser.feed(frame, 301)).toMatchObject([{ kind: "rubbish", why: "unconfirmed", count: 14 }]);
    expect(numbersOf(parser.feed(frame, 451))).toEqual([]);
    expect(numbersOf(parser.feed(frame, 601))).toEqual(["em4100:000414CD7E"]);
  });

  it("accepts neither of two cards that alternate in the field", () => {
    const parser = createRdm6300Parser();
    const heard = [0, 1, 2, 3, 4, 5].flatMap((i) => numbersOf(parser.feed(i % 2 ? otherFrame : frame, i * frameMs)));
    expect(heard).toEqual([]);
  });

  it("wants its three frames within 300 ms", () => {
    const parser = createRdm6300Parser();
    expect([0, 200, 400, 460].map((atMs) => numbersOf(parser.feed(frame, atMs)).length)).toEqual([0, 0, 0, 1]);
  });

  it("does not confirm across a lost line or a clock that steps back", () => {
    const parser = createRdm6300Parser();
    parser.feed(frame, 1_000);
    parser.feed(frame, 1_050);
    parser.reset();
    expect(numbersOf(parser.feed(frame, 1_100))).toEqual([]);
    expect(numbersOf(parser.feed(frame, 1_150))).toEqual([]);
    expect(numbersOf(parser.feed(frame, 500))).toEqual([]);
  });

  it("refuses ids with at most one byte that is not zero, however often they come", () => {
    const zero = fromHex("02 30 30 30 30 30 30 30 30 30 30 30 30 03");
    const one = fromHex("02 30 30 30 30 30 30 30 30 30 37 30 37 03");
    for (const ghost of [zero, one]) {
      const heard = hear(concat(ghost, ghost, ghost));
      expect(numbersOf(heard)).toEqual([]);
      expect(heard).toMatchObject([{ why: "ghost" }, { why: "ghost" }, { why: "ghost" }]);
    }
  });
});

describe("rdm6300 knows its relatives", () => {
  it("reads the ID-20LA with CR LF before the end, and lower case digits", () => {
    const long = fromHex("02 30 30 30 34 31 34 43 44 37 45 41 33 0D 0A 03");
    const lower = fromHex("02 30 30 30 34 31 34 63 64 37 65 61 33 03");
    expect(numbersOf(hear(thrice(long)))).toEqual(["em4100:000414CD7E"]);
    expect(numbersOf(hear(concat(lower, frame, lower)))).toEqual(["em4100:000414CD7E"]);
  });

  it("reads the clone whose binary checksum looks like a start, an end or a line break", () => {
    for (const sum of [0x02, 0x03, 0x0d, 0x0a, 0x33]) {
      const id = (sum ^ 0x11 ^ 0x22).toString(16).padStart(2, "0").toUpperCase();
      const clone = concat(Uint8Array.of(0x02), Buffer.from(`00112200${id}`), Uint8Array.of(sum, 0x03));
      expect(numbersOf(hear(thrice(clone))), `checksum ${sum}`).toEqual([`em4100:00112200${id}`]);
    }
  });

  it("hands every thrown-away byte on as rubbish with its cause, bounded", () => {
    expect(hear(fromHex("FF 00 41"))).toMatchObject([{ kind: "rubbish", why: "noise", count: 3 }]);
    expect(hear(fromHex("02 30 30 30 34 31 34 43 44 37 45 41 34 03"))).toMatchObject([{ why: "checksum", count: 14 }]);
    const much = hear(new Uint8Array(5_000));
    expect(much).toMatchObject([{ why: "noise", count: 5_000 }]);
    expect(much[0]?.kind === "rubbish" && much[0].bytes.length).toBe(64);
  });
});
