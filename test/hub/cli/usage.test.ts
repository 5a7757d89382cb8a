/** What the command line says to those who mistype it: one sentence, exit code 2, never a stack; and the help. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { intervalsOf } from "../../../hub/cli/hours.ts";
import { type Desk, openDesk } from "./desk.ts";

let desk: Desk;
beforeEach(() => {
  desk = openDesk();
});
afterEach(() => desk.remove());

describe("a mistake on the command line", () => {
  it.each([
    ["memer list", 'koprade: "memer" is not a command; did you mean member?'],
    [
      "member",
      'koprade: Say what to do with "koprade member": add, list, set, role, share, ask-erasure, keep, erasures, erase, import, export.',
    ],
    ["member ad", 'koprade: "ad" is nothing that "koprade member" does; did you mean add?'],
    ["member add", "koprade member add: <name> is missing: the name to show, in quotes."],
    ["member add Ada Ozola", 'koprade member add: "Ozola" is one word too many; put quotes around words that belong together.'],
    ["member add Ada --locale fi", 'koprade member add: --locale cannot be "fi"; give en, lv, sv or nb.'],
    [
      "member add Ada --from 2026-01-01",
      "koprade member add: --plan is missing: --from, --through and --grace-days belong to a membership.",
    ],
    ["member add Ada --plan full --from 2026-02-30", 'koprade member add: --from cannot be "2026-02-30"; give a date such as 2026-12-31.'],
    [
      "member add Ada --roles boss",
      'koprade member add: --roles cannot be "boss"; give some of staff, steward, trainer, maintainer, responder.',
    ],
    ["member add Ada --crad 1", "koprade member add: --crad is not an option here; did you mean --card?"],
    [
      "member add Ada --card",
      "koprade member add: --card needs a value: card number such as em4100:0A1B2C3D4E; only its keyed hash is kept.",
    ],
    ["member add Ada --card --json", "--card needs a value"],
    ["member list --limit ten", 'koprade member list: --limit cannot be "ten"; give a whole number from 1 to 20000.'],
    ["member import x.csv --partial=yes", "koprade member import: --partial takes no value; write --partial alone or leave it out."],
    ["card block em4100:0A1B2C3D4E", "koprade card block: --reason is missing: why, for the record."],
    ["machine add laser-1 --node n --course none --cut-hazard no", "koprade machine add: --risk is missing: give A, B or C."],
    ["machine add laser-1 --node n --course none --risk B", "koprade machine add: --cut-hazard is missing: give yes or no."],
    ["machine add laser-1 --node n --course none --risk D --cut-hazard no", 'koprade machine add: --risk cannot be "D"; give A, B or C.'],
    [
      "machine add laser-1 --node n --course none --risk B --cut-hazard no --set onW",
      'koprade machine add: --set cannot be "onW"; give name=value pairs such as onW=180,offW=95.',
    ],
    ["door add front-door --node n", "koprade door add: --fail-mode is missing: give safe or secure."],
    ["report November", 'koprade report: <month> cannot be "November"; give a month such as 2026-11.'],
    ["report 2026-11 --format doc", 'koprade report: --format cannot be "doc"; give some of csv, json, html, pdf or xlsx, with commas.'],
    ["demo --speed 0", 'koprade demo start: --speed cannot be "0"; give a whole number from 1 to 600.'],
    ["node add n1 --kind toaster", 'koprade node add: --kind cannot be "toaster"; give door, machine, mixed or hosted.'],
  ])("`koprade %s` is answered in one sentence", async (line, sentence) => {
    const { code, out, err } = await desk.run(...line.split(" "));
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(sentence);
    expect(err).not.toMatch(/ {4}at |Error:/);
  });
  it("is one JSON object on standard error with --json", async () => {
    const { code, err } = await desk.run("machine", "add", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(err)).toEqual({
      error: { code: "BAD_USAGE", sentence: "<machine> is missing: short name such as laser-1.", command: "koprade machine add" },
    });
  });
  it("repeats no card number", async () => {
    const { err } = await desk.run("card", "assign", "08DEADBEE", "--member", "1");
    expect(err).toContain("the card number has 9 digits");
    expect(err).not.toContain("DEADBEE");
  });
});

describe("opening hours", () => {
  it("are written as people write them", () => {
    expect(intervalsOf("Tue-Thu 12:00-20:00; sun 10-14.30")).toEqual([
      ...[2, 3, 4].map((weekday) => ({ weekday, startMin: 720, endMin: 1200 })),
      { weekday: 7, startMin: 600, endMin: 870 },
    ]);
    expect(intervalsOf("Fri, Sat 18:00-02:00").map(({ weekday, endMin }) => [weekday, endMin])).toEqual([
      [5, 120],
      [6, 120],
    ]);
    expect(intervalsOf("Sat-Mon 0:00-24:00").map(({ weekday }) => weekday)).toEqual([6, 7, 1]);
  });
  it.each(["12:00-20:00", "Tue 12-25", "Tue 12:60-13:00", "Tüe 12-13", "Tue-Wed-Thu 1-2", "Tue 24:00-2:00", "Tue noon"])(
    "%j is no opening hours",
    (text) => {
      expect(() => intervalsOf(text)).toThrow(/cannot hold .*write such as/);
    },
  );
});

describe("help", () => {
  it("comes with examples for everything, for a noun and for a command, and changes nothing", async () => {
    for (const words of [
      [],
      ["--help"],
      ["help"],
      ["member", "--help"],
      ["help", "machine", "add"],
      ["machine", "add", "--help"],
      ["why", "-h"],
    ]) {
      const { code, out, err } = await desk.run(...words);
      expect([code, err], words.join(" ")).toEqual([0, ""]);
      expect(out).toMatch(/EXAMPLES\n\n {2}koprade /);
    }
  });
  it("holds no colours where nobody sees them", async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: looks for the start of a colour
    expect((await desk.run("machine", "add", "--help")).out).not.toMatch(/\u001b/);
  });
});

describe("without a site", () => {
  it("a command says how to start one", async () => {
    const { code, err } = await desk.run("member", "list");
    expect(code).toBe(1);
    expect(err).toBe(
      `koprade member list: There is no site in ${desk.dataDir} yet. Start one with \`koprade start\`, or name its folder with --data.\n`,
    );
  });
  it("the doctor says so", async () => {
    const { code, out } = await desk.run("doctor", "--data", "nowhere");
    expect(code).toBe(1);
    expect(out).toContain("✕ data folder:");
  });
});

describe("starting", () => {
  it("makes the folder for its owner, with the configuration and the ports of the command line", async () => {
    expect((await desk.run("start", "--http-port", "0", "--data", "space")).code).toBe(0);
    expect(desk.asked.hub[0]).toMatchObject({
      dataDir: join(desk.folder, "space"),
      config: { http: { port: 0 }, mqtt: { tlsPort: 8883 } },
    });
  });
  it("takes the data folder from the environment", async () => {
    const other = openDesk({ KOPRADE_DATA: "elsewhere" });
    await other.run("start");
    expect(other.asked.hub[0]?.dataDir).toBe(join(other.folder, "elsewhere"));
    other.remove();
  });
  it.each([
    ["site: My Space\n", "koprade.yaml: site: 3–32 characters"],
    ["http:\n  port: 80800\n", "koprade.yaml: http.port: "],
    ["sight: valmiera\n", 'unknown field "sight"'],
    ["site: [1\n", "koprade.yaml:2:1: "],
    ["tz: Europe/Rigga\n", '"Europe/Rigga" is no time zone'],
  ])("refuses the configuration %j in a sentence with its place", async (text, sentence) => {
    mkdirSync(desk.dataDir);
    writeFileSync(join(desk.dataDir, "koprade.yaml"), text);
    const { code, err } = await desk.run("start");
    expect(code).toBe(1);
    expect(err).toContain(sentence);
    expect(desk.asked.hub).toEqual([]);
  });
});

describe("the demo", () => {
  it("lives in a folder of its own, which one command removes", async () => {
    expect((await desk.run("demo", "--seed", "7", "--speed", "60")).code).toBe(0);
    const dir = join(desk.dataDir, "demo");
    expect(desk.asked.demo[0]).toMatchObject({ dataDir: dir, seed: 7, speed: 60 });
    expect((await desk.run("start", "--data", dir)).err).toContain("holds simulated data");
    expect((await desk.run("demo", "remove")).out).toBe(`Removed ${dir}.\n`);
    expect((await desk.run("demo", "remove")).out).toBe("There is no demo to remove.\n");
  });
  it("touches no folder that it did not make", async () => {
    const dir = join(desk.dataDir, "demo");
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "ledger.sqlite"), "real");
    expect(await desk.run("demo")).toMatchObject({ code: 1, err: expect.stringContaining("was not made by the demo") });
    expect(await desk.run("demo", "remove")).toMatchObject({ code: 1, err: expect.stringContaining("left alone") });
  });
});

describe("a node", () => {
  it("is run with its file, and a missing file is named", async () => {
    writeFileSync(join(desk.folder, "node.yaml"), "");
    expect((await desk.run("node", "run", "--config", "node.yaml")).code).toBe(0);
    expect(desk.asked.node).toEqual([join(desk.folder, "node.yaml")]);
    expect((await desk.run("node", "run", "--config", "nope.yaml")).err).toContain("there is no such file");
  });
});
