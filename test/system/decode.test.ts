/** The real `koprade decode` as a process: lines through a pipe, answers in order, the exit code of a check. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { fixture } from "../support/decode-suite.ts";

async function decode(input: string, ...options: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "hub/main.ts", "decode", ...options]);
  const said = { out: "", err: "" };
  child.stdout.on("data", (text: Buffer) => (said.out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (said.err += text.toString()));
  child.stdin.end(input);
  await once(child, "close");
  return { code: child.exitCode, ...said };
}

test("every fixture's line is answered by one line of JSON, in order", async () => {
  const files = readdirSync("test/fixtures").filter((file) => file.endsWith(".jsonl"));
  const lines = files.flatMap((file) => fixture(file.slice(0, -".jsonl".length)));
  const { code, out, err } = await decode(`${lines.join("\n")}\n`);
  expect([code, err]).toEqual([0, ""]);
  const answers = out.trimEnd().split("\n");
  expect(answers.length).toBe(lines.length);
  expect(lines.length).toBeGreaterThan(40);
  for (const answer of answers) expect(JSON.parse(answer)).toBeTypeOf("object");
});

test("a check tells by its exit code whether everything was as expected", async () => {
  const [line = ""] = fixture("space_status_serial");
  expect(await decode(line, "--check")).toMatchObject({ code: 0, err: expect.stringContaining("1 as expected, 0 different") });
  expect((await decode(line.replace('["open"', '["closed"'), "--check")).code).toBe(1);
});
