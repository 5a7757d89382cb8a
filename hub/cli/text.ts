/** Lines for people: columns that line up, marks with and without colour. */

/** Rows under a header, each column as wide as its longest cell; the last one is free. */
export function columns(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ""))));
  return all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - width(cell))))
      .join("  ")
      .trimEnd(),
  );
}
/** A sentence over as many lines as it needs, each behind the indent; a word that is longer than a line stays whole, to be copied. */
export function wrapped(text: string, indent: string, widthMost = 96): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + 1 + width(word) <= widthMost) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${last === undefined ? "" : "  "}${word}`);
  }
  return lines;
}
const width = (text: string) => [...text].length;

export type Paint = { good(text: string): string; bad(text: string): string; dim(text: string): string };

/** Colours only on a terminal, and never when NO_COLOR is set (no-color.org). */
export function paint(world: { readonly isTty: boolean; readonly env: Readonly<Record<string, string | undefined>> }): Paint {
  const on = world.isTty && (world.env.NO_COLOR ?? "") === "" && world.env.TERM !== "dumb";
  const colour = (code: number) => (text: string) => (on ? `\u001b[${code}m${text}\u001b[39m` : text);
  return { good: colour(32), bad: colour(31), dim: colour(90) };
}

/** Without the colours of others, and without anything that could steer a terminal. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/\u001b\[[0-9;]*m/g, "").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
