/** `koprade decode`: one line out for each line in, whatever it is. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytesOf, difference } from "../../../hub/cli/decode-recorded.ts";
import { type Desk, openDesk } from "./desk.ts";

const good = '{"id":"a","protocol":"space-status-serial","payload":"OPEN\\nCLOSED\\n","expect":{"states":["open","closed"]}}';
const wrong = good.replace('"closed"]', '"open"]');

let desk: Desk;
beforeEach(() => {
  desk = openDesk();
});
afterEach(() => desk.remove());

describe("a line", () => {
  it("is answered by one line, its id first, in the same order", async () => {
    const { code, out, err } = await desk.pipe(`${good}\n\nnonsense\n[1]\n{"id":4}\n${good}`, "decode");
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      '{"id":"a","states":["open","closed"]}',
      '{"accept":false,"why":"line 2: no JSON; write one JSON object a line"}',
      '{"accept":false,"why":"line 3: no JSON; write one JSON object a line"}',
      expect.stringContaining('{"accept":false,"why":"line 4: a line is one JSON object'),
      expect.stringContaining('{"id":4,"accept":false,"why":"line 5: \\"protocol\\" is missing'),
      '{"id":"a","states":["open","closed"]}',
      "",
    ]);
  });
  it.each([
    ['{"protocol":"foo"}', 'line 1: unknown protocol "foo"; known: '],
    ['{"protocol":"__proto__"}', 'line 1: unknown protocol "__proto__"; known: '],
    ['{"protocol":"space-status-serial","hex":"0"}', 'line 1: "hex" is no text of byte pairs'],
    ['{"protocol":"space-status-serial","chunks":["00",1]}', 'line 1: "chunks" is no list of byte pairs'],
    ['{"protocol":"space-status-serial","sequence":{}}', 'line 1: "sequence" is no list of messages'],
    ['{"protocol":"space-status-serial","payload":"AJAR"}', '"AJAR" is neither OPEN nor CLOSED'],
  ])("%s is refused with its reason", async (line, why) => {
    const { code, out } = await desk.pipe(line, "decode", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ accept: false, why: expect.stringContaining(why) });
  });
  it("longer than a megabyte is refused without being kept, and the next is read", async () => {
    const { out } = await desk.pipe(`{"x":"${"y".repeat(1_100_000)}"}\n${good}\n`, "decode");
    expect(out).toBe('{"accept":false,"why":"line 1: longer than 1048576 bytes"}\n{"id":"a","states":["open","closed"]}\n');
  });
  it("comes from a file as well, which must be there", async () => {
    writeFileSync(join(desk.folder, "x.jsonl"), `${good}\n`);
    expect((await desk.run("decode", "x.jsonl")).out).toBe('{"id":"a","states":["open","closed"]}\n');
    expect(await desk.run("decode", "y.jsonl")).toMatchObject({
      code: 1,
      err: expect.stringMatching(/y\.jsonl cannot be read \(ENOENT\)/),
    });
  });
});

describe("--check", () => {
  it("is silent about what is as expected, counts it, and ends with 0", async () => {
    const { code, err } = await desk.pipe(`${good}\n{"protocol":"foo"}\n`, "decode", "--check");
    expect([code, err]).toEqual([0, '2 lines: 1 as expected, 0 different, 1 without "expect".\n']);
  });
  it("names what differs, and ends with 1", async () => {
    const { code, err } = await desk.pipe(`${good}\n${wrong}\n`, "decode", "--check");
    expect(code).toBe(1);
    expect(err).toBe('line 2 (a): states[1] is "closed", expected "open"\n2 lines: 1 as expected, 1 different, 0 without "expect".\n');
  });
  it.each([
    [{ a: 1 }, { a: 1, b: 2 }, undefined],
    [{ a: 12.1 }, { a: 12.100000381 }, undefined],
    [{ a: 1e9 }, { a: 1e9 + 0.5 }, undefined],
    [{ a: 3 }, { a: 3.01 }, "a is 3.01, expected 3"],
    [{ a: null }, {}, "a is missing, expected null"],
    [{ a: "3" }, { a: 3 }, 'a is 3, expected "3"'],
    [{ a: [1, 2] }, { a: [1] }, "a is [1], expected [1,2]"],
    [{ a: { b: [true] } }, { a: { b: [false] } }, "a.b[0] is false, expected true"],
  ])("compares %j with %j", (expected, got, said) => expect(difference(expected, got)).toBe(said));
});

it.each([
  ["0A ff", [10, 255]],
  ["", []],
  ["0", null],
  ["0G", null],
  [7, null],
])("reads %j as bytes", (text, bytes) => expect(bytesOf(text)).toEqual(bytes === null ? null : Uint8Array.from(bytes)));
