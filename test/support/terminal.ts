/** `koprade` as a person starts it: in a terminal of its own, from an environment with nothing in it, stopped with Ctrl+C. */
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { spawn } from "@lydell/node-pty";

const launcher = join(import.meta.dirname, "../../hub/koprade.mjs");

export type Terminal = {
  /** everything it showed, without the terminal's own codes */
  text(): string;
  /** Resolves when the text matches, with the milliseconds since the start. */
  shows(pattern: RegExp, limitMs: number): Promise<number>;
  press(keys: "ctrl-c"): void;
  /** Resolves with the exit code. */
  ended(limitMs: number): Promise<number>;
  /** every process it started, itself included, as they are now */
  tree(): Process[];
};

/** @param home  where the person is: folder of the command, and all the environment there is but PATH and TERM */
export function openTerminal(home: string, args: readonly string[]): Terminal {
  const from = performance.now();
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: home,
    cols: 200,
    env: { PATH: [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter), HOME: home, TERM: "xterm", TZ: "Europe/Riga" },
  });
  let shown = "";
  let code: number | undefined;
  child.onData((data) => {
    shown += data;
  });
  child.onExit(({ exitCode, signal }) => {
    code = signal === undefined || signal === 0 ? exitCode : 128 + signal;
  });
  const text = (): string => shown.replaceAll("\r\n", "\n");
  return {
    text,
    async shows(pattern, limitMs) {
      await until(`the terminal to show ${pattern}`, () => pattern.test(text()) || code !== undefined, limitMs, text);
      if (!pattern.test(text())) throw new Error(`it ended with ${code}; it said:\n${text()}`);
      return performance.now() - from;
    },
    press: () => child.write("\x03"),
    async ended(limitMs) {
      await until("the program to end", () => code !== undefined, limitMs, text);
      return code ?? -1;
    },
    tree: () => treeOf(child.pid),
  };
}

/** A process that is known again: a number alone could be given to another. */
export type Process = { readonly pid: number; readonly parent: number; readonly sinceTicks: string; readonly command: string };

export function isAlive({ pid, sinceTicks }: Process): boolean {
  const now = processOf(pid);
  return now !== undefined && now.sinceTicks === sinceTicks;
}

function treeOf(root: number): Process[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (processOf(Number(name)) ?? []) : []));
  const found = all.filter(({ pid }) => pid === root);
  for (const parent of found) found.push(...all.filter((child) => child.parent === parent.pid));
  return found;
}

/** proc(5): pid (comm) state ppid … starttime is field 22. A zombie is gone: only its parent's list knows it. */
function processOf(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { pid, parent: Number(fields[1]), sinceTicks: fields[19] ?? "", command };
  } catch {
    return undefined; // it ended while we looked
  }
}

export async function until(what: string, isTrue: () => boolean, limitMs: number, said: () => string = () => ""): Promise<number> {
  const from = performance.now();
  while (!isTrue()) {
    if (performance.now() - from > limitMs) throw new Error(`waited ${limitMs} ms for ${what}\n${said()}`);
    await pause(5);
  }
  return performance.now() - from;
}
