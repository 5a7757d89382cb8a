/** Words of the command line to typed arguments, strictly: what is unknown, missing or too much is named with what is allowed. */
import { type ArgsDef, type ParsedArgs, parseArgs } from "citty";
import { badUsage } from "./command.ts";

/** @param words  what follows the command's name; throws CliError (2) with one sentence */
export function parseWords<A extends ArgsDef>(definitions: A, words: readonly string[]): ParsedArgs<A> {
  checkFlags(definitions, words);
  // citty answers missing and wrong values with its own short texts; here each definition answers for itself, below.
  const relaxed = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      definition.type === "enum" ? { ...definition, type: "string", required: false } : { ...definition, required: false },
    ]),
  ) as ArgsDef;
  const given = parseArgs(mutable(words), relaxed);
  const values: Readonly<Record<string, unknown>> = given;
  const positional = Object.entries(definitions).filter(([, definition]) => definition.type === "positional");
  const tooMuch = given._[positional.length];
  if (tooMuch !== undefined) throw badUsage(`"${tooMuch}" is one word too many; put quotes around words that belong together.`);
  for (const [name, definition] of Object.entries(definitions)) checkValue(name, definition, values[name]);
  return given as ParsedArgs<A>;
}

const mutable = (words: readonly string[]) => [...words];

function checkValue(name: string, definition: ArgsDef[string], value: unknown): void {
  const spelled = definition.type === "positional" ? `<${name}>` : `--${name}`;
  const absent = value === undefined || value === "";
  const required = definition.required === true;
  const options = definition.type === "enum" ? (definition.options ?? []) : [];
  const hint = options.length > 0 ? `: give ${listed(options)}` : definition.description === undefined ? "" : `: ${definition.description}`;
  if (absent && required) throw badUsage(`${spelled} is missing${hint}.`);
  if (!absent && options.length > 0 && !options.includes(String(value))) {
    throw badUsage(`${spelled} cannot be "${String(value)}"; give ${listed(options)}.`);
  }
}

/** Every flag must be known, and a flag that takes a value must have one. */
function checkFlags(definitions: ArgsDef, words: readonly string[]): void {
  const byName = new Map<string, ArgsDef[string]>();
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition.type === "positional") continue;
    byName.set(`--${name}`, definition);
    for (const alias of "alias" in definition ? [definition.alias ?? []].flat() : []) byName.set(`-${alias}`, definition);
  }
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (word === "--") return;
    if (!word.startsWith("-") || word === "-") continue;
    const [flag = "", value] = word.split("=", 2);
    const definition = byName.get(flag);
    if (definition === undefined) throw badUsage(`${flag} is not an option here${suggestion(flag, [...byName.keys()])}`);
    if (definition.type === "boolean") {
      if (value !== undefined) throw badUsage(`${flag} takes no value; write ${flag} alone or leave it out.`);
      continue;
    }
    if (value !== undefined) continue;
    i += 1;
    const next = words[i];
    if (next === undefined || next.startsWith("--")) throw badUsage(`${flag} needs a value: ${definition.description ?? flag}.`);
  }
}

/** `; did you mean --label?` or what there is. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known.map((name) => ({ name, far: distance(word, name) })).sort((a, b) => a.far - b.far)[0];
  if (near !== undefined && near.far <= Math.max(1, Math.floor(word.length / 3))) return `; did you mean ${near.name}?`;
  return `; there is ${listed(known)}.`;
}

export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "nothing") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/** Levenshtein distance; words of a command line are short. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
