/**
 * Pictures as data: boxes, paths and texts in points, made once and drawn alike as SVG and into PDF. Patterns are lines of the
 * path itself, so that no renderer needs fills of its own, and black-and-white paper shows them.
 */

export type Shape =
  | {
      readonly kind: "path";
      /** moves and lines of SVG: `M x y L x y Z` */
      readonly d: string;
      readonly fill: string | null;
      readonly stroke: string | null;
      readonly width: number;
    }
  | {
      readonly kind: "text";
      readonly x: number;
      /** of the baseline */
      readonly y: number;
      readonly text: string;
      readonly size: number;
      readonly anchor: "start" | "middle" | "end";
      readonly bold: boolean;
      readonly colour: string;
    };
export type Scene = { readonly width: number; readonly height: number; readonly shapes: readonly Shape[] };
export type Box = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
export type Pattern = "solid" | "dots" | "cross" | "diagonal" | "stripes" | "hollow" | "blank";

/** What is read, what stands back, and rules between: all but the last at least 4.5 : 1 on white. */
export const ink = { text: "#1f2933", quiet: "#52606d", rule: "#c9d1d9", pale: "#eef1f4", accent: "#0b5c94" } as const;

/** Two decimals are a 3,600th of an inch; more would only be bytes. */
const at = (n: number): string => String(Math.round(n * 100) / 100);

export const boxPath = ({ x, y, w, h }: Box): string =>
  `M${at(x)} ${at(y)}L${at(x + w)} ${at(y)}L${at(x + w)} ${at(y + h)}L${at(x)} ${at(y + h)}Z`;
export const linePath = (x1: number, y1: number, x2: number, y2: number): string => `M${at(x1)} ${at(y1)}L${at(x2)} ${at(y2)}`;

export const filled = (d: string, fill: string): Shape => ({ kind: "path", d, fill, stroke: null, width: 0 });
export const stroked = (d: string, stroke: string, width = 0.75): Shape => ({ kind: "path", d, fill: null, stroke, width });

type Given = Partial<Pick<Extract<Shape, { kind: "text" }>, "anchor" | "bold" | "colour" | "size">>;
export const label = (x: number, y: number, text: string, given: Given = {}): Shape => ({
  kind: "text",
  x: Math.round(x * 100) / 100,
  y: Math.round(y * 100) / 100,
  text,
  size: 7.5,
  anchor: "start",
  bold: false,
  colour: ink.text,
  ...given,
});

/** Boxes of one look: a ground and the lines of the pattern over it. Nothing for no boxes. */
export function patterned(boxes: readonly Box[], pattern: Pattern, colour: string): Shape[] {
  if (boxes.length === 0) return [];
  const all = boxes.map(boxPath).join("");
  const lines = (of: (box: Box) => string): string => boxes.map(of).join("");
  switch (pattern) {
    case "blank":
      return [];
    case "solid":
      return [filled(all, colour)];
    case "hollow":
      return [stroked(boxes.map((box) => boxPath(inset(box))).join(""), colour, 0.8)];
    case "dots":
      return [filled(lines(dots), colour)];
    case "stripes":
      return [filled(lines(stripes), colour)];
    case "diagonal":
      return stroke(
        lines((box) => diagonals(box, 1)),
        colour,
      );
    case "cross":
      return stroke(
        lines((box) => diagonals(box, 1) + diagonals(box, -1)),
        colour,
      );
  }
}

const stroke = (d: string, colour: string): Shape[] => (d === "" ? [] : [stroked(d, colour, 0.7)]);
const inset = ({ x, y, w, h }: Box): Box => ({ x: x + 0.4, y: y + 0.4, w: Math.max(0.1, w - 0.8), h: Math.max(0.1, h - 0.8) });
const step = 3;

/** Points on a grid of the whole picture, so that neighbouring boxes go on in each other. */
function* grid(fromValue: number, toValue: number, every: number): Generator<number> {
  for (let n = Math.ceil(fromValue / every); n * every < toValue; n += 1) yield n * every;
}

function dots({ x, y, w, h }: Box): string {
  const size = 0.9;
  return [...grid(x, x + w - size / 2, step)]
    .flatMap((left) => [...grid(y, y + h - size / 2, step)].map((top) => boxPath({ x: left, y: top, w: size, h: size })))
    .join("");
}

/** Upright bars, never less than one: a short job stays visible. */
function stripes({ x, y, w, h }: Box): string {
  const lefts = [...grid(x, x + w, step)];
  const bar = 1.4;
  return (lefts.length === 0 ? [x] : lefts)
    .map((left) => boxPath({ x: left, y, w: Math.min(bar, Math.max(0.2, x + w - left)), h }))
    .join("");
}

/** Lines y = slope · x + c, cut to the box. */
function diagonals({ x, y, w, h }: Box, slope: 1 | -1): string {
  const corners = [y - slope * x, y - slope * (x + w), y + h - slope * x, y + h - slope * (x + w)];
  let d = "";
  for (const c of grid(Math.min(...corners), Math.max(...corners), step)) {
    const [first, last] = slope === 1 ? [y - c, y + h - c] : [c - y - h, c - y];
    const [left, right] = [Math.max(x, first), Math.min(x + w, last)];
    if (right > left) d += linePath(left, slope * left + c, right, slope * right + c);
  }
  return d;
}

/** About how wide a text is in Roboto: enough to decide whether a label has room. */
export const widthAbout = (text: string, size: number): number => text.length * size * 0.54;

/** A text cut to a width, with an ellipsis; the table beside the picture has it whole. */
export function fitted(text: string, size: number, most: number): string {
  const letters = Math.floor(most / (size * 0.54));
  return text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1)).trimEnd()}…`;
}
