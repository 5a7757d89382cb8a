/** A picture as SVG 1.1: no script, no style sheet, nothing from elsewhere. The same picture gives the same text. */
import type { Scene, Shape } from "./scene.ts";

/** @param alt  what it shows, for whoever does not see it */
export function sceneSvg({ width, height, shapes }: Scene, alt: string): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(alt)}" font-family="Roboto,system-ui,sans-serif">`,
    ...shapes.map(element),
    "</svg>",
  ].join("");
}

function element(shape: Shape): string {
  if (shape.kind === "path") {
    const line = shape.stroke === null ? "" : ` stroke="${shape.stroke}" stroke-width="${shape.width}"`;
    return `<path d="${shape.d}" fill="${shape.fill ?? "none"}"${line}/>`;
  }
  const anchor = shape.anchor === "start" ? "" : ` text-anchor="${shape.anchor}"`;
  const weight = shape.bold ? ' font-weight="600"' : "";
  return `<text x="${shape.x}" y="${shape.y}" font-size="${shape.size}" fill="${shape.colour}"${anchor}${weight}>${escaped(shape.text)}</text>`;
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}
