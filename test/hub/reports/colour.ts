/** Colours as eyes see them: contrast by WCAG, and how far apart two stand for people whose eyes lack one kind of cone, or on grey paper. */

type Rgb = readonly [r: number, g: number, b: number];

/** sRGB as `#rrggbb` to linear light, 0 … 1 each (IEC 61966-2-1). */
function linear(colour: string): Rgb {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((i) => Number.parseInt(colour.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return [r, g, b];
}

const luminanceOf = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** WCAG 2.2, relative luminance and contrast ratio: 1 … 21. */
export function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [a, b].map((colour) => luminanceOf(linear(colour))).sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

type Matrix = readonly [Rgb, Rgb, Rgb];
const times = ([x, y, z]: Matrix, [r, g, b]: Rgb): Rgb => {
  const [i, j, k] = [x, y, z].map(([p, q, s]) => Math.min(1, Math.max(0, p * r + q * g + s * b)));
  return [i ?? 0, j ?? 0, k ?? 0];
};

/** Viénot, Brettel and Mollon 1999, for linear sRGB. */
const protan: Matrix = [
  [0.11238, 0.88762, 0],
  [0.11238, 0.88762, 0],
  [0.00401, -0.00401, 1],
];
const deutan: Matrix = [
  [0.29275, 0.70725, 0],
  [0.29275, 0.70725, 0],
  [-0.02234, 0.02234, 1],
];
/** Brettel, Viénot and Mollon 1997: two half planes, for linear sRGB. */
const tritan: readonly [Matrix, Matrix] = [
  [
    [1.01277, 0.13548, -0.14826],
    [-0.01243, 0.86812, 0.14431],
    [0.07589, 0.805, 0.11911],
  ],
  [
    [0.93678, 0.18979, -0.12657],
    [0.06154, 0.81526, 0.1232],
    [-0.37562, 1.12767, 0.24796],
  ],
];

const seen = {
  all: (rgb: Rgb): Rgb => rgb,
  protanopia: (rgb: Rgb): Rgb => times(protan, rgb),
  deuteranopia: (rgb: Rgb): Rgb => times(deutan, rgb),
  tritanopia: (rgb: Rgb): Rgb => {
    const [r, g, b] = rgb;
    return times(tritan[0.03901 * r - 0.02788 * g - 0.01113 * b > 0 ? 0 : 1], rgb);
  },
  grey: (rgb: Rgb): Rgb => {
    const y = luminanceOf(rgb);
    return [y, y, y];
  },
} as const;
export type Eyes = keyof typeof seen;
export const eyes = Object.keys(seen) as Eyes[]; // the keys of a literal are exactly those

/** Ottosson's Oklab: steps of equal size look equally large; black to white is 1. */
function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** How far apart two colours look: 0.02 is just seen side by side. */
export function distance(a: string, b: string, by: Eyes): number {
  const [x, y] = [oklab(seen[by](linear(a))), oklab(seen[by](linear(b)))];
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}
export const lightness = (colour: string): number => oklab(linear(colour))[0];
