/** Numbers that come as bits or as keystrokes: what one lost pulse, one wrong setting or one typing person can do. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalEm4100Part, canonicalWiegand } from "../../../devices/drivers/card-number.ts";
import { wiegandPort } from "../../../devices/drivers/open-reader.ts";
import { createWedgeParser, readWedgeText, type WedgeSetting, wedgeCardNumber, wedgeSettings } from "../../../devices/drivers/wedge.ts";
import { decodeWiegand } from "../../../devices/drivers/wiegand.ts";

/** A word with right parities. */
function wordOf(value: bigint, bits: 26 | 34 | 37): string {
  const data = value.toString(2).padStart(bits - 2, "0");
  const half = bits === 26 ? 12 : bits === 34 ? 16 : 18;
  const ones = (text: string) => text.replaceAll("0", "").length;
  return `${ones(data.slice(0, half)) % 2}${data}${1 - (ones(data.slice(-half)) % 2)}`;
}

describe("a Wiegand word", () => {
  const words = fc
    .constantFrom<26 | 34 | 37>(26, 34, 37)
    .chain((bits) => fc.bigInt(1n, (1n << BigInt(bits - 2)) - 1n).map((value) => ({ bits, value })));
  it("gives back its value, and no word with one bit wrong or one pulse lost is a card", () => {
    fc.assert(
      fc.property(words, fc.nat(36), ({ bits, value }, at) => {
        const word = wordOf(value, bits);
        expect(decodeWiegand(word)).toEqual({ kind: "card", bits, value });
        const i = at % bits;
        expect(decodeWiegand(`${word.slice(0, i)}${word[i] === "0" ? "1" : "0"}${word.slice(i + 1)}`).kind).toBe("refused");
        expect(decodeWiegand(word.slice(0, i) + word.slice(i + 1)).kind).toBe("refused");
      }),
      { numRuns: 200 },
    );
  });
  it.each([
    ["0001", { kind: "key", key: "1" }],
    ["1011", { kind: "key", key: "#" }],
    ["11010010", { kind: "key", key: "2" }],
    ["11010011", { kind: "refused", why: "no key" }],
    ["1100", { kind: "refused", why: "no key" }],
    ["", { kind: "refused", why: "not bits" }],
    ["01x1", { kind: "refused", why: "not bits" }],
    ["0".repeat(25).concat("1"), { kind: "refused", why: "empty card", evenParityOk: true, oddParityOk: true }],
  ])("%s", (word, heard) => expect(decodeWiegand(word)).toEqual(heard));
});

describe("a Wiegand reader behind a board", () => {
  it("hands on cards and keys, and is away while its board is", () => {
    let say: (word: string) => void = () => undefined;
    let turn: Parameters<Parameters<typeof wiegandPort>[0]["onState"]>[0] = () => undefined;
    const reader = wiegandPort({
      wiegand: () => ({
        onWord(listener) {
          say = listener;
          return () => undefined;
        },
      }),
      onState(listener) {
        turn = listener;
      },
    });
    const heard: unknown[] = [];
    reader.onRead((read) => heard.push(read));
    reader.onState((state, why) => heard.push([state, why]));
    for (const word of [wordOf(3_215_576n, 26), wordOf(74_131_474n, 34), "0001", "", "1".repeat(26)]) say(word);
    turn({ kind: "lost", why: "unplugged" });
    turn({ kind: "starting" });
    turn({ kind: "ready" });
    expect(heard).toEqual([
      { kind: "card", number: "w26:049/04312", usable: true },
      { kind: "card", number: "w34:046B2812", usable: true },
      { kind: "key", key: "1" },
      { kind: "unreadable" },
      { kind: "unreadable" },
      ["lost", "unplugged"],
      ["ready", ""],
    ]);
  });
});

describe("numbers that are a part of another", () => {
  it.each([
    [canonicalWiegand(26, 3_215_576n), { kind: "number", number: "w26:049/04312" }],
    [canonicalWiegand(34, 74_131_474n), { kind: "number", number: "w34:046B2812" }],
    [canonicalWiegand(37, 74_131_474n), { kind: "refused", why: "length" }],
    [canonicalWiegand(26, 0x12n), { kind: "refused", why: "ghost" }],
    [canonicalEm4100Part("026f6c3a"), { kind: "number", number: "em32:026F6C3A" }],
    [canonicalEm4100Part("6F6C3A"), { kind: "number", number: "em24:6F6C3A" }],
    [canonicalEm4100Part("00006C"), { kind: "refused", why: "ghost" }],
    [canonicalEm4100Part("6F6C3"), { kind: "refused", why: "length" }],
  ])("%j", (made, outcome) => expect(made).toEqual(outcome));
});

describe("one card typed in six formats", () => {
  it.each<[WedgeSetting, string, string]>([
    ["10H12D", "004335823930", "em4100:01026F6C3A"],
    ["10H", "01026F6C3A", "em4100:01026F6C3A"],
    ["8H10D", "0040856634", "em32:026F6C3A"],
    ["8H10D", "40856634", "em32:026F6C3A"],
    ["4H4H", "00623,27706", "em32:026F6C3A"],
    ["6H8D", "07302202", "em24:6F6C3A"],
    ["2H4H", "111,27706", "em24:6F6C3A"],
    ["uid-msb", "1386022627", "iso14443a:529D06E3"],
    ["uid-lsb", "3808861522", "iso14443a:529D06E3"],
  ])("%s %s is %s", (setting, text, number) => expect(wedgeCardNumber(text, setting)).toEqual({ kind: "number", number }));

  it("is refused under every setting of another shape, and beyond its bits", () => {
    const texts = { "10H12D": "004335823930", "4H4H": "00623,27706", "2H4H": "111,27706" } as const;
    for (const [shape, text] of Object.entries(texts))
      for (const setting of wedgeSettings)
        if (setting !== shape) expect(wedgeCardNumber(text, setting).kind, `${text} as ${setting}`).toBe("refused");
    for (const text of ["256,00001", "001,65536", "65536,00001", "4294967296", "1099511627776", "16777216,1", "99999999"])
      expect(readWedgeText(text)?.format ?? null, text).toBeNull();
  });
});

describe("keystrokes", () => {
  const type = (text: string, gapMs: number, startMs = 0) => {
    const parser = createWedgeParser();
    const heard = [...text].flatMap((character, i) => parser.key(character, startMs + i * gapMs));
    return { parser, heard };
  };
  it("of a reader end with Enter, Tab or silence", () => {
    expect(type("0014916441\n", 10).heard).toEqual([{ kind: "line", text: "0014916441" }]);
    expect(type("0014916441\t", 20).heard).toEqual([{ kind: "line", text: "0014916441" }]);
    const { parser, heard } = type("0014916441", 10);
    expect(heard).toEqual([]);
    expect(parser.pass(190)).toEqual([]);
    expect(parser.pass(191)).toEqual([{ kind: "line", text: "0014916441" }]);
  });
  it("of a person are no number: too slow, other characters, too many", () => {
    expect(type("0014916441\n", 60).heard).toEqual([{ kind: "typing", characters: 10 }]);
    expect(type("00149hello\n", 10).heard).toEqual([{ kind: "typing", characters: 10 }]);
    const { parser, heard } = type("1".repeat(500), 10);
    expect(heard).toEqual([]);
    expect(parser.bufferedCharacters()).toBeLessThanOrEqual(24);
    expect(parser.key("\n", 5_010)).toEqual([{ kind: "typing", characters: 500 }]);
  });
  it("before and after a pause are not joined", () => {
    const parser = createWedgeParser();
    [..."00149"].map((character, i) => parser.key(character, i * 10));
    const [cut] = parser.key("1", 500);
    expect(cut).toEqual({ kind: "line", text: "00149" });
  });
});
