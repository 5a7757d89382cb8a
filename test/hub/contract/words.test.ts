/** Words that people compare, and what they may look like when a person types them. */
import { expect, it } from "vitest";
import { readWords, wordsOf } from "#contract";

it("says 88 bits in eight words, each of its own eleven", () => {
  expect(wordsOf(new Uint8Array(11))).toBe("abandon abandon abandon abandon abandon abandon abandon abandon");
  expect(wordsOf(new Uint8Array(32).fill(255))).toBe("zoo zoo zoo zoo zoo zoo zoo zoo");
  // BIP-39's own vector for 128 bits of 7f begins with these (github.com/trezor/python-mnemonic, vectors.json)
  expect(wordsOf(new Uint8Array(11).fill(0x7f))).toBe("legal winner thank year wave sausage worth useful");
  expect(() => wordsOf(new Uint8Array(10))).toThrow(RangeError);
  const seen = new Set(
    Array.from({ length: 88 }, (_, bit) => wordsOf(Uint8Array.from({ length: 11 }, (_, i) => (i === bit >> 3 ? 1 << (bit & 7) : 0)))),
  );
  expect(seen.size).toBe(88);
});

it("reads them as people write them, and nothing else", () => {
  const words = "legal winner thank year wave sausage worth useful";
  for (const written of [words, words.toUpperCase(), ` ${words.replaceAll(" ", " - ")}\n`, "lega winn than year wave saus wort usef"])
    expect(readWords(written)).toBe(words);
  for (const wrong of ["", "legal", `${words} zoo`, words.replace("legal", "lgl"), words.replace("legal", "legally"), "0123456789abcdef"])
    expect(readWords(wrong)).toBeUndefined();
});
