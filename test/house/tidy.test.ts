/** Rules of style that no linter has, over the source tree: each with its reason, each proven on a made-up line. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx", "*.mjs"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(file));

const rules: readonly { match: RegExp; why: string; except: RegExp; example: string }[] = [
  {
    match: /Math\.random\(/,
    why: "dice come through Ids or a seed",
    except: /^(test\/house\/|dashboards\/)/,
    example: "const x = Math.random();",
  },
  {
    match: /["'`]koprade\/1\//,
    why: "a topic is spelled in hub/contract only",
    except: /^(hub\/contract\/|test\/)/,
    example: 'publish("koprade/1/x/n/y/cmd")',
  },
  { match: /\b(TODO|FIXME|XXX)\b/, why: "unfinished work is an issue, not a comment", except: /^test\/house\//, example: "// TODO later" },
  { match: /\bvi\.mock\(/, why: "no mocks: pass a fake port", except: /^test\/house\//, example: 'vi.mock("../hub/app.ts")' },
  {
    match: /\b(it|test|describe)\.(skip|only|todo)\(/,
    why: "nothing passes in silence",
    except: /^test\/house\//,
    example: 'it.skip("x")',
  },
  {
    match: /import \{ z \} from "zod"/,
    why: "93 kB in the browser; import * as z",
    except: /^test\/house\//,
    example: 'import { z } from "zod";',
  },
];

describe("the source tree", () => {
  it.each(rules)("holds no $match: $why", ({ match, except, example }) => {
    expect(example).toMatch(match);
    const found = files
      .filter((file) => !except.test(file))
      .flatMap((file) =>
        readFileSync(file, "utf8")
          .split("\n")
          .flatMap((line, i) => (match.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
      );
    expect(found).toEqual([]);
  });

  it("has no file over 400 lines", () => {
    const long = files.map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length })).filter(({ lines }) => lines > 401);
    expect(long).toEqual([]);
  });

  it("is never deeper than three folders below the top, tests one more", () => {
    expect(files.filter((file) => file.split("/").length > (file.startsWith("test/") ? 5 : 4))).toEqual([]);
  });

  it("has nothing at the top but the house and its five folders", () => {
    const top = new Set(
      execFileSync("git", ["ls-files"], { encoding: "utf8" })
        .split("\n")
        .filter(Boolean)
        .map((file) => file.split("/")[0]),
    );
    const expected = [
      ".ci",
      ".gitignore",
      "LICENSE",
      "README.md",
      ".biome.json",
      "dashboards",
      "devices",
      "hub",
      "package-lock.json",
      "package.json",
      "simulators",
      "test",
      "tsconfig.json",
    ];
    expect([...top].filter((name) => !expected.includes(name ?? "")).sort()).toEqual([]);
  });
});
