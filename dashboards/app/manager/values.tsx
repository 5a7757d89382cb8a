/** How months and numbers are written on the pages of managers. */
import type { MouseEvent, ReactNode } from "react";
import type { Words } from "../../shared/language.tsx";
import { go } from "../../shared/route.ts";

/** `October 2026` as the language writes it, with a capital. */
export function monthName(month: string, { language }: Pick<Words, "language">): string {
  const at = new Date(`${month}-15T12:00:00Z`);
  const name = new Intl.DateTimeFormat(language, { year: "numeric", month: "long", timeZone: "UTC" }).format(at);
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

type Cell = string | number | null | undefined;

/** Unknown is a dash, never a zero. */
export function cellText(cell: Cell, unit: string | null, { number }: Pick<Words, "number">): string {
  if (cell === null || cell === undefined) return "–";
  const text = typeof cell === "number" ? number(cell, 2) : cell;
  return unit === null || typeof cell === "string" ? text : `${text} ${unit}`;
}

/** `M01/laser-1` stands in one part of the address. */
export const numberPath = (month: string, name: string): string => `/months/${month}/${name.replace("/", "~")}`;

/** Opens the panel of a number over the page as it stands. */
export function NumberLink({ month, name, children }: { readonly month: string; readonly name: string; readonly children: ReactNode }) {
  const to = numberPath(month, name);
  const open = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} className="number" onClick={open}>
      {children}
    </a>
  );
}
