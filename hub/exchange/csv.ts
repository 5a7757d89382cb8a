/** CSV as spreadsheets write it (RFC 4180): quotes, line ends of any system, a byte order mark, comma, semicolon or tab. */

export type CsvRecord = {
  /** line of the file on which the record begins, from 1 */
  readonly line: number;
  readonly cells: readonly string[];
};
export type CsvOutcome = { readonly ok: true; readonly records: readonly CsvRecord[] } | { readonly ok: false; readonly sentence: string };

const separators = [",", ";", "\t"] as const;

/** Records without the empty lines. Never throws; a file that is not CSV is refused with its line and the remedy. */
export function readCsv(bytes: Uint8Array): CsvOutcome {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return refuse("The file is in UTF-16; save it as “CSV UTF-8”.");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return refuse("The file is not in UTF-8; save it as “CSV UTF-8”.");
    throw error;
  }
  return parse(text, separatorOf(text));
}

/** What stands most often in the first record, outside quotes. */
function separatorOf(text: string): string {
  const counts = new Map<string, number>();
  let quoted = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === "\n" || char === "\r")) break;
    else if (!quoted) counts.set(char, (counts.get(char) ?? 0) + 1);
  }
  return separators.reduce((best, each) => ((counts.get(each) ?? 0) > (counts.get(best) ?? 0) ? each : best), separators[0]);
}

function parse(text: string, separator: string): CsvOutcome {
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let line = 1;
  let begun = 1;
  let at = 0;
  const endRecord = (): void => {
    if (cells.some((cell) => cell.trim() !== "")) records.push({ line: begun, cells });
    cells = [];
  };
  while (at < text.length) {
    if (cells.length === 0) begun = line;
    let cell: string;
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end === -1)
        return refuse(`Line ${line}: a quotation mark is opened and never closed; close it, or double it where it belongs to the text.`);
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      line += lineEnds(text, at, end);
      at = end + 1;
      if (at < text.length && text[at] !== separator && text[at] !== "\r" && text[at] !== "\n") {
        return refuse(`Line ${line}: there is text after a closing quotation mark; double the marks that belong to the text.`);
      }
    } else {
      const start = at;
      while (at < text.length && text[at] !== separator && text[at] !== "\r" && text[at] !== "\n") at += 1;
      cell = text.slice(start, at);
    }
    cells.push(cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell);
    if (text[at] === separator) {
      at += 1;
      if (at === text.length) cells.push("");
      continue;
    }
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    if (at < text.length) line += 1;
    at += 1;
    endRecord();
  }
  endRecord();
  return { ok: true, records };
}

/** Index of the quote that ends a field, or -1; a doubled quote belongs to the text. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function lineEnds(text: string, from: number, to: number): number {
  return (text.slice(from, to).match(/\r\n|\r|\n/g) ?? []).length;
}

const refuse = (sentence: string): CsvOutcome => ({ ok: false, sentence });

/**
 * The same the other way round (RFC 4180): CRLF, quotes where needed. Text that a spreadsheet would run as a formula gets an apostrophe in
 * front (OWASP, "CSV injection"), which `readCsv` takes off again.
 */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("");
}

function cellOf(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const formula = /^'*[=+\-@\t\r]/;
