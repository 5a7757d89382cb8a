/** An instant of this account, in the reader's own time: `30 Nov 2026, 18:04`. */
import type { Words } from "../../shared/language.tsx";

export const whenOf = (atMs: number, { language }: Words): string =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" }).format(atMs);
