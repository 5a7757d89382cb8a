/** What a command may touch, brought by main.ts and by tests: no command reads process, and none writes to a terminal by itself. */
import type { Config } from "../config.ts";
import type { Clock } from "../ports.ts";

export type StartOptions = {
  /** absolute; holds everything the hub keeps */
  readonly dataDir: string;
  readonly config: Config;
};
export type DemoOptions = StartOptions & {
  readonly seed: number;
  /** how many times faster than real time the building lives */
  readonly speed: number;
};

export type World = {
  stdout(text: string): void;
  stderr(text: string): void;
  /** standard input, read once and only by the command that wants it */
  stdin(): AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** standard output is a terminal */
  readonly isTty: boolean;
  readonly clock: Clock;
  /** Each runs until it is told to stop and resolves with the exit code. */
  startHub(options: StartOptions): Promise<number>;
  startDemo(options: DemoOptions): Promise<number>;
  runNode(configPath: string): Promise<number>;
};
