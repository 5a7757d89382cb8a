/** The log as a person at a terminal reads it: time, sentence, and what it is about, one line each. Services get JSON (system.ts). */
import type { Log } from "./ports.ts";

const ranks = { debug: 0, info: 1, warn: 2, error: 3 } as const;
const signs = { info: " ", warn: "!", error: "!" } as const;
const lineCharsMax = 400;

/** @param write  gets whole lines */
export function terminalLog(level: keyof typeof ranks, nowMs: () => number, write: (line: string) => void): Log {
  const at =
    (of: keyof typeof signs): Log["info"] =>
    (facts, sentence) => {
      if (ranks[of] >= ranks[level]) write(lineOf(signs[of], nowMs(), sentence, facts));
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

function lineOf(sign: string, ms: number, sentence: string, facts: Readonly<Record<string, unknown>>): string {
  const line = `${sign} ${timeOf(ms)}  ${sentence}${aboutOf(facts)}`;
  return `${line.length > lineCharsMax ? `${line.slice(0, lineCharsMax)} …` : line}\n`;
}

const timeOf = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);

/** ` (laser-node; disk full)`: the values alone, because the sentence says what they are; control characters never reach a terminal. */
function aboutOf(facts: Readonly<Record<string, unknown>>): string {
  const values = Object.values(facts).flatMap(wordsOf);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are taken out
  return values.length === 0 ? "" : ` (${values.join("; ").replaceAll(/[\x00-\x1f\x7f-\x9f]+/g, " ")})`;
}

function wordsOf(value: unknown): string[] {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  if (typeof value === "object") return Object.values(value).flatMap(wordsOf);
  return [String(value)];
}
