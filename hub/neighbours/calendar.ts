/** Opening hours and classes as iCalendar (RFC 5545), for the calendars of members and of the town. Nobody is named. */
export type CalendarEntry = { readonly uid: string; readonly fromMs: number; readonly toMs: number; readonly summary: string };

export function calendarText(name: string, site: string, madeMs: number, entries: readonly CalendarEntry[]): string {
  const events = entries.flatMap(({ uid, fromMs, toMs, summary }) => [
    "BEGIN:VEVENT",
    `UID:${uid}@${site}.koprade`,
    `DTSTAMP:${utc(madeMs)}`,
    `DTSTART:${utc(fromMs)}`,
    `DTEND:${utc(toMs)}`,
    `SUMMARY:${escaped(summary)}`,
    "TRANSP:TRANSPARENT",
    "END:VEVENT",
  ]);
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Koprade//hub//EN",
    `X-WR-CALNAME:${escaped(name)}`,
    ...events,
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

/** RFC 5545 §3.3.5, form 2: an instant needs no zone. */
const utc = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(/[-:]|\.\d{3}/g, "");

/** RFC 5545 §3.3.11. */
const escaped = (text: string): string => text.replace(/[\\;,]/g, (letter) => `\\${letter}`).replace(/\r?\n/g, "\\n");

/** At most 75 octets a line, cut between letters (RFC 5545 §3.1). */
function folded(line: string): string {
  const lines: string[] = [];
  let piece = "";
  for (const letter of line) {
    if (Buffer.byteLength(piece + letter) > (lines.length === 0 ? 75 : 74)) {
      lines.push(piece);
      piece = "";
    }
    piece += letter;
  }
  return [...lines, piece].join("\r\n ");
}
