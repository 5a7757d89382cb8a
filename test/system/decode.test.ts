/** The real `koprade decode` as a process: lines through a pipe, answers in order, the exit code of a check. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeLine, protocols } from "../../hub/cli/decode-table.ts";
import { jsonFamilies, otherFamilies } from "../support/decode-families.ts";
import { fixture, testHonesty, testMutations } from "../support/decode-suite.ts";
import { hubProgram } from "../support/runtime.ts";

async function decode(input: string, ...options: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", hubProgram, "decode", ...options]);
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
  const [line = ""] = fixture("homie");
  expect(await decode(line, "--check")).toMatchObject({ code: 0, err: expect.stringContaining("1 as expected, 0 different") });
  expect((await decode(line.replace("init", "ready"), "--check")).code).toBe(1);
});

for (const { file } of [...jsonFamilies, ...otherFamilies]) testMutations(file, 1500);
for (const { file, places } of jsonFamilies) testHonesty(file, places, 800);

test.each([
  ["a sequence of fifty thousand parts", { sequence: Array.from({ length: 50_000 }, () => ({ payload: "{}" })) }],
  ["a document of a hundred thousand mistakes", { payload: JSON.stringify({ cam: Array.from({ length: 100_000 }, () => 1) }) }],
  ["a payload nested a hundred thousand deep", { payload: "[".repeat(100_000) + "]".repeat(100_000) }],
])("%s is answered by every decoder", (_what, content) => {
  for (const { protocol } of protocols()) {
    const { decoded } = decodeLine(JSON.stringify({ protocol, topic: "tele/x/SENSOR", ...content }), 1);
    expect(String(decoded.why ?? ""), protocol).not.toContain("mistake in koprade");
  }
});
