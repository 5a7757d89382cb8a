/**
 * `koprade decode`: recorded messages of readers, meters, plugs and printers in, one JSON line of decoded values each out. For
 * people who ask what a device said, and for the fixtures that every parser must pass.
 */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { systemCode } from "../errors.ts";
import { type Context, command, failed } from "./command.ts";
import { type Decoded, difference, refused } from "./decode-recorded.ts";

const lineBytesMax = 1024 * 1024;
const lineEnd = 0x0a;

export const decode = command({
  summary: "say what recorded messages of readers, meters, plugs and printers mean",
  args: {
    file: { type: "positional", required: false, description: "file of JSON lines (default: standard input)" },
    families: { type: "boolean", description: "list the protocols, and what their devices cannot do" },
    check: { type: "boolean", description: 'compare with the "expect" of each line; exit code 1 when one differs' },
  },
  examples: [
    "koprade decode recorded.jsonl",
    `echo '{"protocol":"tasmota","topic":"tele/plug/LWT","payload":"Online"}' | koprade decode`,
    "koprade decode --families",
    "koprade decode --check < test/fixtures/tasmota.jsonl > /dev/null",
  ],
  async run(given, context) {
    const { decodeLine, protocols } = await import("./decode-table.ts"); // its parsers are no other command's weight
    const { world } = context;
    if (given.families === true) return { lines: protocols().flatMap(described), json: protocols() };
    const seen = { lines: 0, same: 0, different: 0 };
    for await (const line of linesOf(inputOf(given.file, context))) {
      seen.lines += 1;
      const { decoded, given: recorded } =
        line === null
          ? { decoded: refused(`line ${seen.lines}: longer than ${lineBytesMax} bytes`), given: {} as Decoded }
          : decodeLine(line, seen.lines);
      world.stdout(`${harmless(JSON.stringify(decoded))}\n`);
      if (given.check !== true || recorded.expect === undefined) continue;
      const found = difference(recorded.expect, decoded);
      seen[found === undefined ? "same" : "different"] += 1;
      if (found !== undefined) world.stderr(`line ${seen.lines}${name(recorded.id)}: ${found}\n`);
    }
    if (given.check === true) {
      const without = seen.lines - seen.same - seen.different;
      world.stderr(`${seen.lines} lines: ${seen.same} as expected, ${seen.different} different, ${without} without "expect".\n`);
    }
    return { lines: [], json: undefined, exit: seen.different > 0 ? 1 : 0 };
  },
});

const described = ({ protocol, label, cannot }: { protocol: string; label: string | null; cannot: readonly string[] }) => [
  label === null ? protocol : `${protocol}: ${label}`,
  ...cannot.map((what) => `  cannot ${what}`),
];

/** JSON leaves some control characters as they are; on a terminal they could do things. */
const harmless = (json: string) => json.replace(/[\u007f-\u009f]/g, (found) => `\\u00${found.charCodeAt(0).toString(16)}`);

const name = (id: unknown) => (typeof id === "string" ? ` (${id})` : "");

function inputOf(file: string | undefined, { world }: Context): AsyncIterable<Uint8Array> {
  return file === undefined ? world.stdin() : bytesOfFile(resolve(world.cwd, file));
}

async function* bytesOfFile(path: string): AsyncIterable<Uint8Array> {
  try {
    for await (const bytes of createReadStream(path)) yield bytes;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(`${path} cannot be read (${code}); name a file of JSON lines, or pipe them in.`);
  }
}

/** The lines of a stream; null for one that is too long, whose bytes are not kept. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string | null> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const line = () => {
    const whole = length > lineBytesMax ? null : Buffer.concat(parts).toString("utf8");
    parts = [];
    length = 0;
    return whole;
  };
  const keep = (bytes: Uint8Array) => {
    length += bytes.length;
    if (length > lineBytesMax) parts = [];
    else parts.push(bytes);
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(lineEnd); at !== -1; at = chunk.indexOf(lineEnd, from)) {
      keep(chunk.subarray(from, at));
      yield line();
      from = at + 1;
    }
    keep(chunk.subarray(from));
  }
  if (length > 0) yield line();
}
