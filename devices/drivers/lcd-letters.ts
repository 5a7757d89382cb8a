/**
 * The letters of Latvian, Swedish and Norwegian on an HD44780. Its ROM has ASCII and, by make, Japanese or Western letters; nothing tells
 * which. So only ASCII is taken from it, and the rest is drawn: eight letters at a time have room (CGRAM, datasheet p. 19). A text with
 * more different ones shows what is left over without its marks, which every reader of these languages understands.
 */

/** Eight rows of five dots, the top one first. */
export type Glyph = readonly number[];

const rowsOf = (text: string): number[] => text.split(" ").map((row) => Number.parseInt(row, 2));

/** five rows under a mark; six for capitals that would look like the small letter */
const bodies = {
  a: rowsOf("01110 00001 01111 10001 01111"),
  c: rowsOf("01110 10000 10000 10001 01110"),
  e: rowsOf("01110 10001 11111 10000 01110"),
  i: rowsOf("01100 00100 00100 00100 01110"),
  n: rowsOf("10110 11001 10001 10001 10001"),
  o: rowsOf("01110 10001 10001 10001 01110"),
  s: rowsOf("01111 10000 01110 00001 11110"),
  u: rowsOf("10001 10001 10001 10011 01101"),
  z: rowsOf("11111 00010 00100 01000 11111"),
  A: rowsOf("01110 10001 11111 10001 10001"),
  C: rowsOf("01110 10001 10000 10001 01110"),
  E: rowsOf("11111 10000 11110 10000 11111"),
  I: rowsOf("01110 00100 00100 00100 01110"),
  O: rowsOf("01110 10001 10001 10001 10001 01110"),
  S: rowsOf("01111 10000 01110 00001 00001 11110"),
  U: rowsOf("10001 10001 10001 10001 01110"),
  Z: rowsOf("11111 00001 00010 00100 01000 11111"),
} as const;
/** seven rows, over a comma */
const talls = {
  k: rowsOf("10000 10000 10010 10100 11000 10100 10010"),
  l: rowsOf("01100 00100 00100 00100 00100 00100 01110"),
  n: rowsOf("00000 00000 10110 11001 10001 10001 10001"),
  G: rowsOf("01110 10001 10000 10111 10001 10001 01110"),
  K: rowsOf("10001 10010 10100 11000 10100 10010 10001"),
  L: rowsOf("10000 10000 10000 10000 10000 10000 11111"),
  N: rowsOf("10001 11001 10101 10011 10001 10001 10001"),
} as const;
const marks = {
  macron: rowsOf("01110 00000"),
  caron: rowsOf("01010 00100"),
  ring: rowsOf("00100 01010"),
  dots: rowsOf("01010 00000"),
  acute: rowsOf("00010 00100"),
} as const;

const under = (mark: keyof typeof marks, letter: keyof typeof bodies): Glyph => [...marks[mark], ...bodies[letter], 0].slice(0, 8);
const over = (letter: keyof typeof talls): Glyph => [...talls[letter], 0b00100];

/** Each letter as it is drawn, and as it is written where there is no room for it. */
const letters: Readonly<Record<string, readonly [glyph: Glyph, plain: string]>> = {
  ā: [under("macron", "a"), "a"],
  č: [under("caron", "c"), "c"],
  ē: [under("macron", "e"), "e"],
  ģ: [rowsOf("00010 00100 01111 10001 10001 01111 00001 01110"), "g"],
  ī: [under("macron", "i"), "i"],
  ķ: [over("k"), "k"],
  ļ: [over("l"), "l"],
  ņ: [over("n"), "n"],
  š: [under("caron", "s"), "s"],
  ū: [under("macron", "u"), "u"],
  ž: [under("caron", "z"), "z"],
  Ā: [under("macron", "A"), "A"],
  Č: [under("caron", "C"), "C"],
  Ē: [under("macron", "E"), "E"],
  Ģ: [over("G"), "G"],
  Ī: [under("macron", "I"), "I"],
  Ķ: [over("K"), "K"],
  Ļ: [over("L"), "L"],
  Ņ: [over("N"), "N"],
  Š: [under("caron", "S"), "S"],
  Ū: [under("macron", "U"), "U"],
  Ž: [under("caron", "Z"), "Z"],
  å: [under("ring", "a"), "a"],
  ä: [under("dots", "a"), "a"],
  ö: [under("dots", "o"), "o"],
  é: [under("acute", "e"), "e"],
  ø: [rowsOf("00000 00000 01110 10011 10101 11001 01110 00000"), "o"],
  æ: [rowsOf("00000 00000 11010 00101 01111 10100 01011 00000"), "e"],
  Å: [under("ring", "A"), "A"],
  Ä: [under("dots", "A"), "A"],
  Ö: [under("dots", "O"), "O"],
  É: [under("acute", "E"), "E"],
  Ø: [rowsOf("01110 10011 10011 10101 11001 11001 01110 00000"), "O"],
  Æ: [rowsOf("01111 10100 10100 10111 11100 10100 10111 00000"), "E"],
};

/** Punctuation of our texts that no ROM has. */
const punctuation: Readonly<Record<string, string>> = {
  "–": "-",
  "—": "-",
  "…": ".",
  "“": '"',
  "”": '"',
  "„": '"',
  "’": "'",
  "\\": "/",
  "~": "-",
};

/** How a letter is drawn; undefined for one that the ROM has, or that nobody drew. */
export const glyphOf = (letter: string): Glyph | undefined => letters[letter]?.[0];

/** One character of ASCII in its place. */
export function plainOf(letter: string): string {
  const plain = letters[letter]?.[1] ?? punctuation[letter] ?? letter.normalize("NFD").charAt(0);
  return plain >= " " && plain <= "}" && plain !== "\\" ? plain : "?";
}

/** The letter that is drawn like this, for whoever reads a display. */
export function letterOf(glyph: Glyph): string {
  return Object.entries(letters).find(([, [drawn]]) => drawn.every((row, i) => row === glyph[i]))?.[0] ?? "?";
}
