/**
 * The shape of a command: typed arguments in, an outcome out. Commands print nothing; `runCli` writes their lines for people or
 * their value as JSON. A user's mistake is a CliError: one sentence with what, where and the way out.
 */
import type { ArgsDef, ParsedArgs } from "citty";
import type { World } from "./world.ts";

export type Context = {
  readonly world: World;
  /** absolute path of the data folder */
  readonly dataDir: string;
  readonly json: boolean;
  /** who acts, for the audit: `cli:` and the name of the system's user */
  readonly actor: string;
};

export type Outcome = {
  readonly lines: readonly string[];
  /** undefined: the command wrote JSON itself, line by line */
  readonly json: unknown;
  /** 0 unless something failed that the lines tell about */
  readonly exit?: number;
};

export type Command<A extends ArgsDef = ArgsDef> = {
  readonly summary: string;
  readonly args: A;
  readonly examples: readonly string[];
  run(given: ParsedArgs<A>, context: Context): Promise<Outcome>;
};
/** A command whose argument types only it knows. */
export type AnyCommand = {
  readonly summary: string;
  readonly args: ArgsDef;
  readonly examples: readonly string[];
  run(given: never, context: Context): Promise<Outcome>;
};
export type Noun = { readonly summary: string; readonly verbs: Readonly<Record<string, AnyCommand>>; readonly byDefault?: string };

/** Keeps the literal types of the arguments. */
export function command<const A extends ArgsDef>(given: Command<A>): Command<A> {
  return given;
}

export class CliError extends Error {
  override readonly name = "CliError";
  /** 1: it failed; 2: it was asked for in a wrong way */
  readonly exit: 1 | 2;

  constructor(exit: 1 | 2, sentence: string) {
    super(sentence);
    this.exit = exit;
  }
}
export const badUsage = (sentence: string) => new CliError(2, sentence);
export const failed = (sentence: string) => new CliError(1, sentence);

/** Arguments that every command takes. */
export const common = {
  data: { type: "string", valueHint: "dir", description: "data folder (default: KOPRADE_DATA or ./data)" },
  json: { type: "boolean", description: "print one JSON value instead of lines" },
  help: { type: "boolean", alias: "h", description: "show this help" },
} as const satisfies ArgsDef;
